# Cases of rules/nix/command.nix.
let
  inherit (import ../example.nix) has pkgs;
  pins = builtins.fromJSON (builtins.readFile ../../../rules/toolchains/command_wheels.json);
  commandOf =
    given:
    import ../../../rules/nix/command.nix (
      {
        inherit pkgs;
        core = {
          outPath = "/core";
          version = "1.0";
        };
        kind = "linux_x86_64_glibc";
      }
      // given
    );
in
{
  exports = [ "command" ];

  "command: its name, and the program to run" = {
    expr =
      let
        command = commandOf { };
      in
      [
        command.name
        command.attributes.pname
        command.attributes.meta.mainProgram
      ];
    expected = [
      "crosswheel-1.0"
      "crosswheel"
      "crosswheel"
    ];
  };
  "command: libraries are the pinned wheels, and uv the machine's" = {
    expr = has "\nfor wheel in ${
      builtins.concatStringsSep " " (
        builtins.map (wheel: "/fetched/${wheel.filename}") (
          builtins.attrValues pins.any ++ [ pins.uv.macos_aarch64 ]
        )
      )
    }; do\n" (commandOf { kind = "macos_aarch64"; }).script;
    expected = true;
  };
  "command: the core goes before the libraries, with nixpkgs' Python or the user's" = {
    expr = builtins.map (command: builtins.match ".*\n#!([^\n]*)\n.*sys.path\\[:0] = ([^\n]*)\n.*" command.script) [
      (commandOf { })
      (commandOf { python = "/own"; })
    ];
    expected = [
      [
        "/python3/bin/python3 -I"
        "[\"/core/lib/crosswheel\", \"$out/lib/crosswheel\"]"
      ]
      [
        "/own/bin/python3 -I"
        "[\"/core/lib/crosswheel\", \"$out/lib/crosswheel\"]"
      ]
    ];
  };
  "command: a sandbox where there is one" = {
    expr = builtins.map (kind: has "\"/bubblewrap/bin\"]" (commandOf { inherit kind; }).script) [
      "linux_aarch64_musl"
      "macos_aarch64"
    ];
    expected = [
      true
      false
    ];
  };
  "command: a machine that there is no uv for" = {
    expr = (commandOf { kind = "linux_s390x_musl"; }).script;
    refused = "cannot run crosswheel on 'linux_s390x_musl': there is no uv for it; use one of linux_aarch64_glibc, ";
  };
}
