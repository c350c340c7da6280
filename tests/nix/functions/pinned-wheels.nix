# Cases of rules/nix/pinned-wheels.nix.
let
  inherit (import ../example.nix) pkgs;
  pinned = import ../../../rules/nix/pinned-wheels.nix {
    inherit pkgs;
    kind = "linux_x86_64_glibc";
  };
in
{
  exports = map (name: "pinned-wheels.${name}") (builtins.attrNames pinned);

  "pinned-wheels.ofMachine: the machine's" = {
    expr = pinned.ofMachine "there is none" {
      linux_x86_64_glibc = 1;
      macos_aarch64 = 2;
    };
    expected = 1;
  };
  "pinned-wheels.ofMachine: a machine that has none" = {
    expr = pinned.ofMachine "there is none" { macos_aarch64 = 2; };
    refused = "cannot run crosswheel on 'linux_x86_64_glibc': there is none; use one of macos_aarch64";
  };
  "pinned-wheels.fetched: by name, address and hash" = {
    expr = map (file: file.fetched) (
      pinned.fetched [
        {
          filename = "demo-1-py3-none-any.whl";
          sha256 = "d";
          url = "https://a.example/demo";
        }
      ]
    );
    expected = [
      {
        name = "demo-1-py3-none-any.whl";
        sha256 = "d";
        url = "https://a.example/demo";
      }
    ];
  };
}
