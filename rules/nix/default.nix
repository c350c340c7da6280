# crosswheel for Nix: the command, and derivations from a plan. The guide is docs/guides/nix.md.
{
  /**
    The nixpkgs of the machine that builds.
  */
  pkgs,
  /**
    The Python that the core runs with, 3.11 or newer.
  */
  python ? pkgs.python3,
}:
let
  kind = (import ./target-ids.nix).machineKind pkgs.stdenv.hostPlatform.system (
    if pkgs.stdenv.hostPlatform.isMusl then "musl" else "glibc"
  );
  core = import ./core.nix { inherit kind pkgs python; };
  command = import ./command.nix {
    inherit
      core
      kind
      pkgs
      python
      ;
  };
  plans = import ./plan.nix;
in
command
// {
  /**
    Whether this system can make what a plan, a path, builds: some plans are for other machines to build on.
  */
  canBuild =
    plan:
    builtins.all (
      build: (import ./target-ids.nix).machinesOf kind (builtins.attrNames build.environments) != [ ]
    ) (builtins.attrValues (plans.readPlan plan).builds);

  /**
    From a plan to derivations; its arguments, and what it gives, are below.
  */
  mkWheels = import ./wheels.nix { inherit core kind pkgs; };
}
