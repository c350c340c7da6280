# Cases of rules/nix/core.nix.
let
  inherit (import ../example.nix) has made pkgs;
  pins = builtins.fromJSON (builtins.readFile ../../../rules/toolchains/core_wheels.json);
  coreOf =
    given:
    import ../../../rules/nix/core.nix (
      {
        inherit pkgs;
        kind = "linux_x86_64_glibc";
      }
      // given
    );
in
{
  exports = [ "core" ];

  "core: its name" = {
    expr =
      let
        core = coreOf { };
      in
      core.name == "crosswheel-core-${core.version}";
    expected = true;
  };
  "core: libraries are the pinned wheels, of deflate the machine's" = {
    expr = has "\nfor wheel in ${
      builtins.concatStringsSep " " (
        builtins.map (wheel: "/fetched/${wheel.filename}") (
          builtins.attrValues pins.any ++ builtins.attrValues pins.image ++ [ pins.deflate.macos_aarch64 ]
        )
      )
    }; do\n" (coreOf { kind = "macos_aarch64"; }).script;
    expected = true;
  };
  "core: runs with nixpkgs' Python, or the user's" = {
    expr = builtins.map (core: builtins.match ".*\n#!([^\n]*)\n.*" core.script) [
      (coreOf { })
      (coreOf { python = "/own"; })
    ];
    expected = [
      [ "/python3/bin/python3 -I" ]
      [ "/own/bin/python3 -I" ]
    ];
  };
  "core: a machine that a library has no wheel for" = {
    expr = made (coreOf { kind = "linux_s390x_musl"; });
    refused = "cannot run crosswheel on 'linux_s390x_musl': a library has no wheel for it; use one of linux_aarch64_glibc, ";
  };
}
