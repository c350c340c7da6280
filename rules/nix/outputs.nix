# The outputs of the flake.
{
  nixpkgs,
  # A folder whose plan and base lock are made by the commands of its README, and not kept.
  example ? ../../docs/examples/ten-packages,
}:
let
  inherit (builtins)
    listToAttrs
    map
    pathExists
    removeAttrs
    ;

  # Machines that build, and those that are evaluated only: crosswheel has no sandbox for builds on macOS.
  systems = [
    "aarch64-darwin"
    "aarch64-linux"
    "x86_64-linux"
  ];
  forSystems =
    value:
    listToAttrs (
      map (system: {
        name = system;
        value =
          let
            pkgs = nixpkgs.legacyPackages.${system};
          in
          value pkgs (crosswheelFor pkgs);
      }) systems
    );
  crosswheelFor = pkgs: import ./. { inherit pkgs; };

  plan = example + "/wheels.plan.json";
  base = example + "/base.lock.json";
  exampleOf =
    crosswheel:
    let
      wheels = crosswheel.mkWheels {
        inherit plan;
        image = {
          inherit base;
          app = example + "/src";
          entrypoint = "python -m greet";
        };
      };
      buildable = pathExists plan && crosswheel.canBuild plan;
    in
    (if buildable then { inherit wheels; } else { })
    // (if buildable && pathExists base then { inherit (wheels) image; } else { });
in
{
  lib = {
    mkWheels = { pkgs, ... }@arguments: (crosswheelFor pkgs).mkWheels (removeAttrs arguments [ "pkgs" ]);
    # Platforms by the part of their id that holds no version, with their names elsewhere.
    targets = (import ./target-ids.nix).kinds;
  };

  overlays.default = final: _: { crosswheel = crosswheelFor final; };

  packages = forSystems (_: crosswheel: { default = crosswheel; } // exampleOf crosswheel);

  checks = forSystems (
    pkgs: crosswheel:
    {
      functions = import ../../tests/nix/check.nix { inherit pkgs; };
    }
    // exampleOf crosswheel
  );

  devShells = forSystems (
    pkgs: crosswheel: {
      default = pkgs.mkShell {
        packages = [
          crosswheel
          pkgs.uv
        ];
      };
    }
  );

  formatter = forSystems (pkgs: _: pkgs.nixfmt-tree);

  templates.default = {
    path = ./template;
    description = "Wheels for other platforms, from a plan";
  };
}
