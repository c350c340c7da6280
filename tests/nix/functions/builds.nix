# Cases of rules/nix/builds.nix.
let
  inherit (import ../example.nix)
    amd
    arguments
    arm
    command
    has
    package
    pkgs
    plan
    steps
    ;
  plans = import ../../../rules/nix/plan.nix;
  ids = import ../../../rules/nix/target-ids.nix;

  buildsOf =
    given:
    import ../../../rules/nix/builds.nix (
      {
        inherit plan plans steps;
        base = ./..;
        inherit (import ../../../rules/nix/artifacts.nix { inherit (pkgs) fetchurl; }) fileBeside;
        files = builtins.mapAttrs (digest: _: "/files/${digest}") plan.artifacts;
        machines = ids.machinesOf "linux_x86_64_glibc";
        buildPython = target: "/python-of-${target}";
        sandbox = "bubblewrap";
        overrides = { };
        libraries = import ../../../rules/nix/libraries.nix { inherit pkgs; };
        runtime = null;
      }
      // given
    );
  fast = "fast-1.0-${arm}";
  # A plan whose build of `fast` says more.
  saying = more: plan // { builds = plan.builds // { ${fast} = plan.builds.${fast} // more; }; };
  # One with so many builds of `fast`.
  many =
    number:
    plan
    // {
      builds = builtins.listToAttrs (
        builtins.genList (one: {
          name = "fast${toString one}-1.0-${arm}";
          value = plan.builds.${fast} // { environments.${amd} = { requirements = [ ]; toolchain = "d"; }; };
        }) number
      );
    };
  runtimesOf = made: builtins.map (build: has "--runtime" build.script) (builtins.attrValues made);
in
{
  exports = [ "builds" ];

  "builds: what a build is given" = {
    expr = arguments (buildsOf { }).${fast};
    expected = [
      "--build"
      fast
      "--file"
      "/files/a"
      "--file"
      "/files/b"
      "--file"
      "/files/d"
      "--wheel"
      "/made/tool-1.0-${amd}"
      "--sandbox"
      "bubblewrap"
      "--build-python"
      "/python-of-${arm}/bin/python3"
    ];
  };
  "builds: one that needs no other and no compiler" = {
    expr = arguments (buildsOf { })."tool-1.0-${amd}";
    expected = [
      "--build"
      "tool-1.0-${amd}"
      "--file"
      "/files/e"
      "--sandbox"
      "bubblewrap"
      "--build-python"
      "/python-of-${amd}/bin/python3"
    ];
  };
  "builds: what is pinned of the target" = {
    expr =
      has "--file\n/files/c\n"
        (buildsOf { plan = plan // { targets = [ { id = arm; headers = "c"; } ]; }; }).${fast}.script;
    expected = true;
  };
  "builds: the step, its part of the plan, and that nothing of the store leaves" = {
    expr =
      let
        build = (buildsOf { }).${fast};
      in
      [
        build.name
        (command build)
        build.attributes.allowedReferences
        (has "cp ${steps.planFile "build" (plans.partForBuild plan fast)} build.plan.json\n" build.script)
      ];
    expected = [
      fast
      "/core/bin/crosswheel step build --verbose --progress lines build.plan.json @arguments -o $out"
      [ ]
      true
    ];
  };
  "builds: without a sandbox" = {
    expr =
      let
        build = (buildsOf { sandbox = "none"; }).${fast};
      in
      [
        (has "--sandbox\nnone\n" build.script)
        (builtins.elem "/bubblewrap" build.attributes.nativeBuildInputs)
      ];
    expected = [
      true
      false
    ];
  };
  "builds: patches lie where the plan says" = {
    expr =
      let
        build =
          (buildsOf {
            plan = saying {
              patches = [
                {
                  path = "standin/unpack.sh";
                  sha256 = builtins.hashFile "sha256" ../standin/unpack.sh;
                }
              ];
            };
          }).${fast};
      in
      builtins.match ".*\nmkdir -p 'standin'\ncp /nix/store/[^/]*-unpack.sh 'standin/unpack.sh'\n.*" build.script != null;
    expected = true;
  };
  "builds: a patch in a folder above the plan's lies in the build's folder, too" = {
    expr =
      let
        build =
          (buildsOf {
            plan = saying {
              patches = [
                {
                  path = "../nix/standin/unpack.sh";
                  sha256 = builtins.hashFile "sha256" ../standin/unpack.sh;
                }
              ];
            };
          }).${fast};
      in
      [
        (has "\nmkdir -p 'below/../nix/standin'\n" build.script)
        (has "-unpack.sh 'below/../nix/standin/unpack.sh'\n" build.script)
        (has "\nmkdir -p ./below/\n" build.script)
        (has "-build.plan.json below/build.plan.json\n" build.script)
        (has " step build --verbose --progress lines below/build.plan.json " build.script)
      ];
    expected = [ true true true true true ];
  };
  "builds: a patch of another content" = {
    expr =
      (buildsOf {
        plan = saying {
          patches = [
            {
              path = "standin/unpack.sh";
              sha256 = builtins.hashString "sha256" "";
            }
          ];
        };
      }).${fast}.script;
    refused = "cannot use 'standin/unpack.sh': it is not the file that was planned with";
  };
  "builds: one of a version with an epoch" = {
    expr = (buildsOf { plan = saying { version = "1!2.0"; }; }).${fast}.name;
    expected = "fast-1-2.0-${arm}";
  };
  "builds: attributes of an override, for one project" = {
    expr =
      let
        made = buildsOf { overrides.fast.requiredSystemFeatures = [ "big-parallel" ]; };
      in
      [
        made.${fast}.attributes.requiredSystemFeatures
        (made."tool-1.0-${amd}".attributes ? requiredSystemFeatures)
      ];
    expected = [
      [ "big-parallel" ]
      false
    ];
  };
  "builds: libraries of an override, in place of the plan's" = {
    expr =
      let
        with' =
          libraries:
          (buildsOf {
            plan = saying { sysroot = [ "c" ]; };
            overrides.fast = { inherit libraries; };
          }).${fast};
        ofPlan = "--file\n/files/c\n";
      in
      [
        (builtins.filter (line: builtins.match "--library=.*" line != null) (
          arguments (with' (target: [ (package target.arch { }) ]))
        ))
        (has ofPlan (with' (_: [ (package "z" { }) ])).script)
        (has ofPlan (with' (_: [ ])).script)
        ((with' (_: [ ])).attributes ? libraries)
      ];
    expected = [
      [
        "--library=aarch64/usr=/aarch64"
        "--library=aarch64/usr=/aarch64-dev"
      ]
      false
      true
      false
    ];
  };
  "builds: libraries that are no list" = {
    expr = (buildsOf { overrides.fast.libraries = _: package "z" { }; }).${fast}.script;
    refused = "cannot use the override of 'fast': its `libraries` gives a set for '${arm}', and not a list; write `[ ... ]`";
  };
  "builds: a library by its name" = {
    expr = (buildsOf { overrides.fast.libraries = _: [ (package "z" { }) "yaml" ]; }).${fast}.script;
    refused = "cannot use the override of 'fast': one of its `libraries` for '${arm}' is none: 'yaml' is a text, and no path; give packages of `target.pkgs`, or paths of folders";
  };
  "builds: a library that is nothing" = {
    expr = (buildsOf { overrides.fast.libraries = _: [ null ]; }).${fast}.script;
    refused = "one of its `libraries` for '${arm}' is none: it is a null, and not a path;";
  };
  "builds: a library by the text of a path outside the store" = {
    expr = (buildsOf { overrides.fast.libraries = _: [ "/tmp" ]; }).${fast}.script;
    refused = "is none: '/tmp' is the text of a path outside the store, of which a build sees nothing; give packages";
  };
  "builds: a library that is a set" = {
    expr = (buildsOf { overrides.fast.libraries = _: [ { outPath = "/own"; } ]; }).${fast}.script;
    refused = "is none: it is a set, and no package; give packages";
  };
  "builds: a library in a folder that is not there" = {
    expr = (buildsOf { overrides.fast.libraries = _: [ ./nothere ]; }).${fast}.script;
    refused = "/functions/nothere' is not there, and in a repository `git add` it, for flakes see no other files; give packages";
  };
  "builds: libraries that cannot be told" = {
    expr = (buildsOf { overrides.fast.libraries = target: [ target.gone ]; }).${fast}.script;
    refused = "while asking overrides.fast.libraries for '${arm}'";
  };
  "builds: runtime libraries are made once for more than four of a target" = {
    expr = builtins.map (number: runtimesOf (buildsOf { plan = many number; })) [
      4
      5
    ];
    expected = [
      [
        false
        false
        false
        false
      ]
      [
        true
        true
        true
        true
        true
      ]
    ];
  };
  "builds: runtime libraries where they are asked for, of a target that is compiled for" = {
    expr = runtimesOf (buildsOf { runtime = true; });
    expected = [
      true
      false
    ];
  };
  "builds: no runtime libraries where they are not wanted" = {
    expr = runtimesOf (buildsOf { plan = many 5; runtime = false; });
    expected = builtins.genList (_: false) 5;
  };
  "builds: a plan for other machines" = {
    expr = (buildsOf { machines = ids.machinesOf "linux_aarch64_glibc"; }).${fast}.script;
    refused = "cannot build '${fast}': the plan holds build requirements for ${amd}, and none for this machine; plan again with --build-platform";
  };
  "builds: a toolchain of the user's own" = {
    expr =
      (buildsOf {
        plan = plan // { targets = [ { id = arm; toolchain.family = "gcc"; } ]; };
      }).${fast};
    refused = "cannot build for '${arm}': the plan compiles with a toolchain of your own";
  };
}
