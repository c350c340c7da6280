# crosswheel for Nix: the command, and derivations from a plan. The guide is docs/guides/nix.md.
{
  /**
    The nixpkgs of the machine that builds.
  */
  pkgs,
  /**
    The Python that the core runs with, 3.11 or newer; from 3.14 on it reads layers that are compressed with zstd.
  */
  python ? pkgs.python3,
}:
let
  kind = (import ./target-ids.nix).machineKind pkgs.stdenv.hostPlatform.system (
    if pkgs.stdenv.hostPlatform.isMusl then "musl" else "glibc"
  );
  running = {
    inherit kind pkgs;
    python = import ./python-folder.nix "python" python;
  };
  core = import ./core.nix running;
  command = import ./command.nix (running // { inherit core; });
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
