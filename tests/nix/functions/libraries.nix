# Cases of rules/nix/libraries.nix.
let
  inherit (import ../example.nix) amd arm package pkgs;
  ids = import ../../../rules/nix/target-ids.nix;
  libraries = import ../../../rules/nix/libraries.nix { inherit pkgs; };
in
{
  exports = map (name: "libraries.${name}") (builtins.attrNames libraries);

  "libraries.crossNames: platforms of Linux" = {
    expr = builtins.filter (kind: ids.kinds.${kind}.os != "linux") (builtins.attrNames libraries.crossNames);
    expected = [ ];
  };
  "libraries.told: what a target is, and its packages" = {
    expr =
      let
        target = libraries.told arm;
      in
      [
        target.id
        target.libc
        target.pkgs
      ];
    expected = [
      arm
      "glibc"
      "cross compiled"
    ];
  };
  "libraries.told: nixpkgs has none of the platform's name" = {
    expr = (libraries.told "cp311-macos_aarch64_11_0").pkgs;
    refused = "cannot take packages of nixpkgs for 'cp311-macos_aarch64_11_0': its pkgsCross has them for linux_aarch64_glibc,";
  };
  "libraries.told: this nixpkgs has none" = {
    expr = (libraries.told amd).pkgs;
    refused = "cannot take packages of nixpkgs for '${amd}': this nixpkgs has no pkgsCross.gnu64";
  };
  "libraries.addPropagated: each once, and none that is named" = {
    expr =
      let
        y = package "y" { propagatedBuildInputs = [ x ]; };
        x = package "x" { propagatedBuildInputs = [ (package "z" { }) ]; };
        commands = libraries.addPropagated [
          (package "xml2" { propagatedBuildInputs = [ x y ]; })
          (package "z" { })
        ];
      in
      builtins.filter (line: builtins.match "add_library [^(]*" line != null) (
        builtins.filter builtins.isString (builtins.split "\n" commands)
      );
    expected = [
      "add_library x /x /x-dev"
      "add_library y /y /y-dev"
    ];
  };
  "libraries.addPropagated: nothing is" = {
    expr = libraries.addPropagated [ (package "z" { propagatedBuildInputs = [ null ]; }) ../standin ];
    expected = "";
  };
  "libraries.flags: outputs with headers and libraries" = {
    expr =
      libraries.flags [
        (package "z" { propagatedBuildInputs = [ (package "y" { }) ]; })
        {
          name = "plain-1.0";
          out = "/plain";
        }
      ];
    expected = [
      "--library=z/usr=/z"
      "--library=z/usr=/z-dev"
      "--library=plain/usr=/plain"
    ];
  };
  "libraries.flags: a folder in a derivation, which is not built to be looked into" = {
    expr =
      let
        made = derivation {
          name = "made";
          system = "none";
          builder = "/none";
        };
      in
      map (builtins.match "--library=(arm)/usr=/nix/store/[^/]*-made/arm") (libraries.flags [ "${made}/arm" ]);
    expected = [ [ "arm" ] ];
  };
  "libraries.flags: folders" = {
    expr = map (builtins.match "--library=(standin)/usr=/nix/store/[^/]*-standin") (
      libraries.flags [
        ../standin
        "${../standin}"
      ]
    );
    expected = [
      [ "standin" ]
      [ "standin" ]
    ];
  };
}
