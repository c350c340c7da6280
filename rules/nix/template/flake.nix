{
  inputs.crosswheel.url = "flake:crosswheel"; # where you have crosswheel from
  inputs.nixpkgs.follows = "crosswheel/nixpkgs";

  outputs =
    { crosswheel, nixpkgs, ... }:
    {
      packages.x86_64-linux.wheels = crosswheel.lib.mkWheels {
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
        plan = ./wheels.plan.json;
      };
    };
}
