# Cases of rules/nix/is-link.nix. (That a link is told is seen where a flake has one: tests/e2e/test_nix_mistakes.py.)
let
  isLink = import ../../../rules/nix/is-link.nix;
in
{
  exports = [ "is-link" ];

  "is-link: a folder, a file, and what is not there" = {
    expr = map isLink [
      ../standin
      ./is-link.nix
      ./missing
    ];
    expected = [
      false
      false
      false
    ];
  };
}
