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
    /**
      From a plan to derivations, for `pkgs`, the nixpkgs of the machine that builds, with `python`, if it is not to be
      `pkgs.python3` that the core runs with; its other arguments, and what it gives, are below.
    */
    mkWheels =
      {
        pkgs,
        python ? pkgs.python3,
        ...
      }@arguments:
      (import ./. { inherit pkgs python; }).mkWheels (
        removeAttrs arguments [
          "pkgs"
          "python"
        ]
      );
    /**
      Platforms by the part of their id that holds no version, with their names elsewhere.
    */
    targets = (import ./target-ids.nix).kinds;
  };

  /**
    Adds `pkgs.crosswheel`: the command, with `mkWheels` and `canBuild`.
  */
  overlays.default = final: _: { crosswheel = crosswheelFor final; };

  /**
    The command, as `default`, with the uv that it is tested with; and what is made of the example, if it was locked and planned.
  */
  packages = forSystems (_: crosswheel: { default = crosswheel; } // exampleOf crosswheel);

  /**
    The cases of every function of the flake, and the example.
  */
  checks = forSystems (
    pkgs: crosswheel:
    {
      functions = import ../../tests/nix/check.nix { inherit pkgs; };
    }
    // exampleOf crosswheel
  );

  /**
    A shell with the command and with uv.
  */
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

  /**
    What formats Nix files.
  */
  formatter = forSystems (pkgs: _: pkgs.nixfmt-tree);

  /**
    A flake of a project with a plan: `nix flake init -t`.
  */
  templates.default = {
    path = ./template;
    description = "Wheels for other platforms, from a plan";
  };
}
