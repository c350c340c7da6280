# Cases of rules/nix/flags.nix.
let
  flags = import ../../../rules/nix/flags.nix;
in
{
  exports = [ "flags" ];

  "flags: every kind of value" = {
    expr = flags {
      app = "/src";
      bytecode = true;
      env = {
        A = "b c";
        D = 1;
      };
      max-layers = 1;
      port = [
        80
        443
      ];
      sbom = null;
      compression = [ ];
      tag = false;
    };
    expected = [
      "--app"
      "/src"
      "--bytecode"
      "--env"
      "A=b c"
      "--env"
      "D=1"
      "--max-layers"
      "1"
      "--port"
      "80"
      "--port"
      "443"
    ];
  };
}
