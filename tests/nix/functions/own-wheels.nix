# Cases of rules/nix/own-wheels.nix.
let
  inherit (import ../example.nix) pkgs telling;
  ownWheels = import ../../../rules/nix/own-wheels.nix { inherit pkgs; };
  wheel = builtins.toFile "demo-1.0-py3-none-any.whl" "";
in
{
  exports = [ "own-wheels" ];

  "own-wheels: paths, texts and derivations of the store have their names again" = {
    expr = map (own-wheel: ownWheels { inherit own-wheel; }) [
      (../project + "/demo-1.0-py3-none-any.whl")
      wheel
      { outPath = wheel; }
      [
        wheel
        (../project + "/it's-1!2-py3-none-any.whl")
      ]
    ];
    expected = [
      { own-wheel = "/made/own-wheel/demo-1.0-py3-none-any.whl"; }
      { own-wheel = "/made/own-wheel/demo-1.0-py3-none-any.whl"; }
      { own-wheel = "/made/own-wheel/demo-1.0-py3-none-any.whl"; }
      {
        own-wheel = [
          "/made/own-wheel/demo-1.0-py3-none-any.whl"
          "/made/own-wheel/it's-1!2-py3-none-any.whl"
        ];
      }
    ];
  };
  "own-wheels: how" = {
    expr = (import ../../../rules/nix/own-wheels.nix { pkgs = telling; } { own-wheel = wheel; }).own-wheel;
    expected = "mkdir $out\ncp ${wheel} $out/'demo-1.0-py3-none-any.whl'\n/demo-1.0-py3-none-any.whl";
  };
  "own-wheels: a wheel in a folder of the store, what is none, and other options stay" = {
    expr = map ownWheels [
      { own-wheel = "${../project}/demo-1.0-py3-none-any.whl"; }
      { own-wheel = ../project; }
      { own-wheel = null; }
      { max-layers = 1; }
    ];
    expected = [
      { own-wheel = "${../project}/demo-1.0-py3-none-any.whl"; }
      { own-wheel = ../project; }
      { own-wheel = null; }
      { max-layers = 1; }
    ];
  };
}
