{
  description = "Stands in for nixpkgs in crosswheel's tests: the attributes that rules/nix uses, from Debian's packages";

  outputs =
    { self }:
    {
      legacyPackages = builtins.listToAttrs (
        map (system: {
          name = system;
          value = import ./. { inherit system; };
        }) [
          "aarch64-darwin"
          "aarch64-linux"
          "x86_64-darwin"
          "x86_64-linux"
        ]
      );
    };
}
