# Cases of rules/nix/store-path.nix. (Names that the store does not take are in tests/e2e/test_nix_flakes.py.)
let
  storePath = import ../../../rules/nix/store-path.nix;
in
{
  exports = [ "store-path" ];

  "store-path: under its own name" = {
    expr = storePath ../standin == "${../standin}";
    expected = true;
  };
}
