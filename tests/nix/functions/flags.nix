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
      "--app=/src"
      "--bytecode"
      "--env=A=b c"
      "--env=D=1"
      "--max-layers=1"
      "--port=80"
      "--port=443"
    ];
  };
  "flags: a path whose name the store does not take, and a derivation" = {
    expr = map (builtins.match "--x=/nix/store/[a-z0-9]*-(.*)") (flags {
      x = [
        (./.. + "/standin/unpack.sh")
        (builtins.path {
          name = "src";
          path = ../standin;
        })
      ];
    });
    expected = [
      [ "unpack.sh" ]
      [ "src" ]
    ];
  };
  "flags: a truth value of a variable" = {
    expr = flags { env.DEBUG = true; };
    refused = "cannot use option 'env.DEBUG': a bool has no one form as text; write it as a string, e.g. \"1\"";
  };
  "flags: nothing as a variable's value" = {
    expr = flags { env.PORT = null; };
    refused = "cannot use option 'env.PORT': a null has no one form as text; write it as a string";
  };
  "flags: a fraction" = {
    expr = flags { label = [ 1.5 ]; };
    refused = "cannot use option 'label': a float has no one form as text";
  };
}
