# Every function of rules/nix that decides something, with what is expected of it, or with a part of what it says when it
# refuses. tests/e2e/test_nix_functions.py evaluates them, and looks that none is forgotten.
let
  plans = import ../../rules/nix/plan.nix;
  ids = import ../../rules/nix/target-ids.nix;
  flags = import ../../rules/nix/flags.nix;
  artifacts = import ../../rules/nix/artifacts.nix { fetchurl = fetched: { inherit fetched; }; };
  libraries = import ../../rules/nix/libraries.nix { pkgs.pkgsCross.aarch64-multiplatform = "cross compiled"; };
  # A package of two outputs.
  package =
    pname: attributes:
    {
      inherit pname;
      outputs = [
        "bin"
        "dev"
        "out"
      ];
      bin = "/${pname}-bin";
      dev = "/${pname}-dev";
      out = "/${pname}";
    }
    // attributes;
  steps = import ../../rules/nix/steps.nix {
    core = "/core";
    pkgs = {
      runCommand = name: attributes: script: { inherit attributes name script; };
      bubblewrap = "/bubblewrap";
      expat = "/expat";
      gnum4 = "/gnum4";
      perl = "/perl";
      stdenv.cc.cc.lib = "/gcc";
      which = "/which";
      zip = "/zip";
      zlib = "/zlib";
    };
  };

  arm = "cp311-linux_aarch64_glibc_2_28";
  musl = "cp311-linux_aarch64_musl_1_2";
  amd = "cp311-linux_x86_64_glibc_2_28";

  plan = {
    schema = 1;
    source_date_epoch = 315532800;
    inputs.lock = "not of a part";
    artifacts = {
      a.filename = "fast-1.0.tar.gz";
      b.filename = "hatchling-1.0-py3-none-any.whl";
      c.filename = "demo-1.0-py3-none-any.whl";
      d.filename = "ziglang-1.0-py3-none-any.whl";
      e.filename = "tool-1.0.tar.gz";
    };
    accept.demo = [ "stray-file" ];
    builds = {
      "fast-1.0-${arm}" = {
        name = "fast";
        version = "1.0";
        target = arm;
        sdist = "a";
        environments.${amd} = {
          requirements = [ "b" ];
          toolchain = "d";
          builds = [ "tool-1.0-${amd}" ];
        };
      };
      "tool-1.0-${amd}" = {
        name = "tool";
        version = "1.0";
        target = amd;
        sdist = "e";
        environments.${amd}.requirements = [ ];
      };
    };
    build_platforms = [ { id = amd; } ];
    targets = [
      {
        id = arm;
        wheels = [
          {
            name = "demo";
            version = "1.0";
            artifact = "c";
          }
          {
            name = "fast";
            version = "1.0";
            build = "fast-1.0-${arm}";
          }
        ];
      }
    ];
  };
  fast = plan.builds."fast-1.0-${arm}";
in
{
  "plan.artifactsNamed: what a piece of a plan names, however deep, and nothing else" = {
    expr = plans.artifactsNamed plan [
      { x.y = [ "a" ]; }
      "no digest"
      1
    ];
    expected.a.filename = "fast-1.0.tar.gz";
  };
  "plan.buildsNeeded: those of the build platform, and those laid over" = {
    expr = plans.buildsNeeded (fast // { overlays = [ { build = "other"; } ]; }) [ amd ];
    expected = [
      "other"
      "tool-1.0-${amd}"
    ];
  };
  "plan.buildsNeeded: of no platform" = {
    expr = plans.buildsNeeded fast [ ];
    expected = [ ];
  };
  "plan.pinsOf: of a target, and of a build platform" = {
    expr = map (plans.pinsOf plan) [
      arm
      amd
    ];
    expected = [
      { id = arm; }
      { id = amd; }
    ];
  };
  "plan.pinsOf: of no target" = {
    expr = plans.pinsOf plan "cp39-x";
    refused = "cannot read plan 'cp39-x': nothing is pinned for this target";
  };
  "plan.readPlan: what is no plan" = {
    expr = plans.readPlan (builtins.toFile "x.json" "{}");
    refused = "it is not a plan; make one with `crosswheel plan`";
  };
  "plan.readPlan: one of another schema" = {
    expr = plans.readPlan (builtins.toFile "x.json" "{\"schema\": 2}");
    refused = "it has schema 2, and this crosswheel reads schema 1";
  };
  "plan.readPlan: a plan" = {
    expr = plans.readPlan (builtins.toFile "x.json" (builtins.toJSON plan)) == plan;
    expected = true;
  };
  "plan.partForBuild: the build, those it needs, and what these name" = {
    expr =
      let
        part = plans.partForBuild plan "fast-1.0-${arm}";
      in
      {
        artifacts = builtins.attrNames part.artifacts;
        builds = builtins.attrNames part.builds;
        platforms = map (one: one.id) part.build_platforms;
        inherit (part) inputs targets;
        accepts = part ? accept;
      };
    expected = {
      artifacts = [
        "a"
        "b"
        "d"
        "e"
      ];
      builds = [
        "fast-1.0-${arm}"
        "tool-1.0-${amd}"
      ];
      platforms = [
        arm
        amd
      ];
      inputs = { };
      targets = [ ];
      accepts = false;
    };
  };
  "plan.partForWheels: one wheel, and what is accepted of it" = {
    expr =
      let
        part = plans.partForWheels plan (builtins.head plan.targets) [ "demo" ];
      in
      {
        inherit (part) accept builds;
        wheels = map (wheel: wheel.name) (builtins.head part.targets).wheels;
        artifacts = builtins.attrNames part.artifacts;
      };
    expected = {
      accept.demo = [ "stray-file" ];
      builds = { };
      wheels = [ "demo" ];
      artifacts = [ "c" ];
    };
  };
  "plan.partForRuntime: the compiler, and no more of what is built with than Meson" = {
    expr =
      (plans.partForRuntime (
        plan
        // {
          artifacts = plan.artifacts // {
            m.filename = "meson-1.0-py3-none-any.whl";
            n.filename = "mesonic-1.0-py3-none-any.whl";
            o.filename = "meson_python-1.0-py3-none-any.whl";
          };
          builds = plan.builds // {
            "fast-1.0-${arm}" = plan.builds."fast-1.0-${arm}" // {
              environments.${amd} = {
                requirements = [
                  "b"
                  "m"
                  "n"
                  "o"
                ];
                toolchain = "d";
              };
            };
          };
        }
      ) arm).builds;
    expected."runtime-0-${arm}" = {
      backend = "none";
      environments.${amd} = {
        requirements = [
          "m"
          "o"
        ];
        toolchain = "d";
      };
      inputs = "d";
      name = "runtime";
      sdist = "d";
      target = arm;
      version = "0";
    };
  };
  "plan.partForRuntime: nothing is compiled" = {
    expr = plans.partForRuntime plan amd;
    expected = null;
  };

  "target-ids.parse: Linux" = {
    expr = ids.parse "cp313t-linux_armv7l_musl_1_2";
    expected = {
      abi = "cp313t";
      python = "3.13t";
      kind = "linux_armv7l_musl";
      os = "linux";
      arch = "armv7l";
      libc = "musl";
      gnu = "arm-linux-musleabihf";
      name = "linux_arm_v7_musl";
      ociPlatform = "linux/arm/v7";
      platform = "linux_armv7l_musl_1_2";
      support = "select, cross build";
      system = "armv7l-linux";
    };
  };
  "target-ids.parse: macOS, Windows" = {
    expr = map (id: (ids.parse id).system) [
      "cp311-macos_aarch64_11_0"
      "cp311-windows_x86_64"
    ];
    expected = [
      "aarch64-darwin"
      "x86_64-windows"
    ];
  };
  "target-ids.parse: what Nix has no system for" = {
    expr = ids.parse "cp313-android_aarch64_24";
    refused = "cannot use target 'cp313-android_aarch64_24'";
  };
  "target-ids.namesOf" = {
    expr = ids.namesOf arm;
    expected = [
      arm
      "linux_aarch64_glibc_2_28"
      "linux_aarch64_glibc"
      "linux_arm64"
      "linux_aarch64"
      "aarch64"
    ];
  };
  "target-ids.byName: a name of one target" = {
    expr = (ids.byName [ arm amd ] (id: id)).x86_64;
    expected = amd;
  };
  "target-ids.byName: a name of several" = {
    expr = (ids.byName [ arm musl ] (id: id)).aarch64;
    refused = "cannot choose target 'aarch64': it is several of the plan's; name one of ${arm}, ${musl}";
  };
  "target-ids.kinds: no name is a part of another one with a version" = {
    expr = builtins.filter (kind: (ids.parse "cp311-${kind}_1_2").kind != kind) (builtins.attrNames ids.kinds);
    expected = [ ];
  };
  "target-ids.machineKind" = {
    expr = [
      (ids.machineKind "x86_64-linux" "glibc")
      (ids.machineKind "aarch64-darwin" "glibc")
    ];
    expected = [
      "linux_x86_64_glibc"
      "macos_aarch64"
    ];
  };
  "target-ids.machineKind: an unknown system" = {
    expr = ids.machineKind "riscv32-none" "glibc";
    refused = "cannot build on 'riscv32-none'";
  };
  "target-ids.machinesOf" = {
    expr = ids.machinesOf "linux_x86_64_glibc" [
      amd
      arm
      "cp311-linux_x86_64_musl_1_2"
    ];
    expected = [ amd ];
  };

  "flags: every kind of value" = {
    expr = flags {
      app = "/src";
      bytecode = true;
      env = {
        A = "b c";
        D = 1;
      };
      max-layers = 1;
      port = [
        80
        443
      ];
      sbom = null;
      compression = [ ];
      tag = false;
    };
    expected = [
      "--app"
      "/src"
      "--bytecode"
      "--env"
      "A=b c"
      "--env"
      "D=1"
      "--max-layers"
      "1"
      "--port"
      "80"
      "--port"
      "443"
    ];
  };

  "artifacts.storeName: an epoch" = {
    expr = artifacts.storeName "demo-1!2.0.tar.gz";
    expected = "demo-1-2.0.tar.gz";
  };
  "artifacts.artifactFiles: fetched from wherever it is" = {
    expr = artifacts.artifactFiles ./. {
      d = {
        filename = "demo-1!2.0.tar.gz";
        url = "https://a.example/demo";
        also = [ "https://b.example/demo" ];
      };
    };
    expected.d.fetched = {
      name = "demo-1-2.0.tar.gz";
      sha256 = "d";
      urls = [
        "https://a.example/demo"
        "https://b.example/demo"
      ];
    };
  };
  "artifacts.artifactFiles: a file beside the plan, of another content" = {
    expr = artifacts.artifactFiles ./. {
      ${builtins.hashString "sha256" ""} = {
        filename = "functions.nix";
        path = "functions.nix";
      };
    };
    refused = "mismatch in";
  };

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
    expr = libraries.addPropagated [ (package "z" { propagatedBuildInputs = [ null ]; }) ./standin ];
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
  "libraries.flags: folders" = {
    expr = map (builtins.match "--library=(standin)/usr=/nix/store/[^/]*-standin") (
      libraries.flags [ ./standin ]
    );
    expected = [ [ "standin" ] ];
  };

  "steps.flags: one for each" = {
    expr = steps.flags "--wheel" [
      "a"
      "b"
    ];
    expected = [
      "--wheel"
      "a"
      "--wheel"
      "b"
    ];
  };
  "steps.planFile" = {
    expr = builtins.fromJSON (builtins.readFile (steps.planFile "x" plan)) == plan;
    expected = true;
  };
  "steps.runStep: arguments stand in a file" = {
    expr = steps.runStep {
      name = "x";
      step = "check";
      plan = "p.json";
      arguments = [
        "--target"
        "it's"
      ];
      attributes = steps.portable;
    };
    expected = {
      attributes.allowedReferences = [ ];
      name = "x";
      script = ''
        cat > arguments <<'END_OF_ARGUMENTS'
        --target
        it's
        END_OF_ARGUMENTS

        /core/bin/crosswheel step check --quiet p.json @arguments -o $out

      '';
    };
  };
  "steps.runBuildStep: tools, libraries, sandbox and Python of a build" = {
    expr =
      let
        step = steps.runBuildStep {
          name = "x";
          step = "build";
          arguments = [ ];
          sandbox = "bubblewrap";
          buildPython = "/python";
          attributes.nativeBuildInputs = [ "/more" ];
        };
      in
      step.attributes // { words = builtins.match ".*--sandbox\nbubblewrap\n--build-python\n/python/bin/python3\n.*" step.script != null; };
    expected = {
      LD_LIBRARY_PATH = "/expat/lib:/gcc/lib:/zlib/lib";
      nativeBuildInputs = [
        "/bubblewrap"
        "/gnum4"
        "/perl"
        "/which"
        "/zip"
        "/more"
      ];
      words = true;
    };
  };
}
