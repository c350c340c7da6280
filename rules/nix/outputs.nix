# The outputs of the flake.
{ nixpkgs }:
let
  inherit (builtins) listToAttrs map pathExists;

  # Machines that build, and those that are evaluated only: there is no sandbox for builds on macOS.
  systems = [
    "aarch64-darwin"
    "aarch64-linux"
    "x86_64-darwin"
    "x86_64-linux"
  ];
  forSystems =
    value:
    listToAttrs (
      map (system: {
        name = system;
        value = value (crosswheelFor nixpkgs.legacyPackages.${system});
      }) systems
    );
  crosswheelFor = pkgs: import ./. { inherit pkgs; };

  # Made from what lies there by the commands of its README, and not kept.
  example = ../../docs/examples/ten-packages/wheels.plan.json;
in
{
  lib.mkWheels = { pkgs, ... }@arguments: (crosswheelFor pkgs).mkWheels (removeAttrs arguments [ "pkgs" ]);

  overlays.default = final: _: { crosswheel = crosswheelFor final; };

  packages = forSystems (
    crosswheel:
    {
      default = crosswheel;
    }
    // (
      if pathExists example && crosswheel.canBuild example then
        { wheels = crosswheel.mkWheels { plan = example; }; }
      else
        { }
    )
  );
}
