# Cases of rules/nix/not-in-build.nix. (That a link is told is seen where a flake has one: tests/e2e/test_nix_mistakes.py.)
let
  notInBuild = import ../../../rules/nix/not-in-build.nix;
  inherit (builtins) storeDir;
in
{
  exports = [ "not-in-build" ];

  "not-in-build: what a build sees" = {
    expr = map notInBuild [
      ../standin
      "${../standin}/unpack.sh"
      { outPath = "/made"; }
    ];
    expected = [
      null
      null
      null
    ];
  };
  "not-in-build: what it does not" = {
    expr = map notInBuild [
      null
      { }
      "./web"
      "/home/me/web"
      "${storeDir}/x-source/src"
    ];
    expected = [
      "it is a null, and not a path"
      "it is a set, and not a path"
      "'./web' is a text, and no path"
      "'/home/me/web' is the text of a path outside the store, of which a build sees nothing"
      "'${storeDir}/x-source/src' is the text of a path, which brings nothing into the build"
    ];
  };
  "not-in-build: what is not there" = {
    expr = builtins.match ".*/functions/missing' is not there, and in a repository `git add` it, .*" (
      notInBuild ./missing
    );
    expected = [ ];
  };
}
