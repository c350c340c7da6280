# Cases of rules/nix/wheels.nix.
let
  inherit (import ../example.nix)
    amd
    arguments
    arm
    command
    has
    musl
    pkgs
    plan
    planFile
    steps
    telling
    ;
  inherit (builtins)
    attrNames
    concatMap
    head
    map
    match
    removeAttrs
    ;
  plans = import ../../../rules/nix/plan.nix;
  wheelsWith =
    pkgs: given:
    import ../../../rules/nix/wheels.nix {
      inherit pkgs;
      core = "/core";
      kind = "linux_x86_64_glibc";
    } ({ plan = planFile; } // given);
  wheelsOf = wheelsWith pkgs;
  wheels = wheelsOf { };
  ofArm = wheels.${arm};
  image = {
    annotation.a = "b";
    base = ../project/base.lock.json;
    max-layers = 4;
    port = [ 80 ];
  };
  withImage = wheelsOf { inherit image; };
  whole = builtins.head plan.targets;
  planOf = name: projects: steps.planFile name (plans.partForWheels plan whole projects);
  # The plan that a step is given.
  givenPlan = step: head (match "[^ ]* step [^ ]* --only-warnings --progress lines ([^ ]*) .*" (command step));
  ofTarget = [
    "--target"
    arm
    "--wheel"
    "/fetched/demo-1.0-py3-none-any.whl"
    "--wheel"
    "/made/fast-1.0-${arm}"
  ];
in
{
  # What a target has besides what any derivation has, and what all of them have.
  exports = map (name: "wheels.TARGET.${name}") (attrNames (removeAttrs ofArm (attrNames (pkgs.runCommand "" { } "")))) ++ [
    "wheels"
    "wheels.image"
  ];

  "wheels: all targets of the plan, a folder each" = {
    expr = [
      wheels.name
      (has "for repository in /made/wheels-${arm} /made/wheels-${musl}; do\n" wheels.script)
      wheels.attributes
    ];
    expected = [
      "wheels"
      true
      { allowedReferences = [ ]; }
    ];
  };
  "wheels: in the order of the plan" = {
    expr =
      let
        of = wheelsOf { plan = ../project/turned.plan.json; };
      in
      has "for repository in /made/wheels-${musl} /made/wheels-${arm}; do\n" of.script;
    expected = true;
  };
  "wheels: those that are asked for, in that order" = {
    expr =
      map
        (targets: match ".*for repository in ([^;]*);.*" (wheelsOf { inherit targets; }).script)
        [
          [ "linux_arm64_musl" ]
          [
            "linux_arm64_musl"
            "linux_aarch64_glibc"
          ]
        ];
    expected = [
      [ "/made/wheels-${musl}" ]
      [ "/made/wheels-${musl} /made/wheels-${arm}" ]
    ];
  };
  "wheels: a target that the plan has not" = {
    expr = (wheelsOf { targets = [ "riscv64" ]; }).script;
    refused = "cannot choose target 'riscv64': the plan has ${arm}, ${musl}";
  };
  "wheels: a target twice" = {
    expr = (wheelsOf { targets = [ "linux_arm64" arm ]; }).script;
    refused = "cannot choose targets: `targets` names '${arm}' 2 times; name it once, by one of its names";
  };
  "wheels: an argument that cannot be meant, whatever is asked for" = {
    expr = (wheelsOf { pythons.python311 = "/own"; }).${musl}.script;
    refused = "cannot use `pythons.python311`: the builds of the plan run with Python 3.11;";
  };
  "wheels: an override of nothing" = {
    expr = (wheelsOf { overrides.numpy = { }; }).script;
    refused = "cannot use the override of 'numpy': the plan builds fast, tool; remove the override, or mend its name";
  };
  "wheels: an override by the name of a target" = {
    expr = (wheelsOf { overrides.linux_arm64_musl = { }; }).script;
    refused = "cannot use the override of 'linux_arm64_musl': that is a target, and an override goes by a project's name; the plan builds fast, tool";
  };
  "wheels: an override of what is not built" = {
    expr = (wheelsOf { overrides.demo = { }; }).script;
    refused = "cannot use the override of 'demo': the plan takes its wheel as it is, and builds fast, tool;";
  };
  "wheels: targets that are no list" = {
    expr = (wheelsOf { targets = "aarch64"; }).script;
    refused = "cannot choose targets: `targets` is a string, and not a list; write `targets = [ \"aarch64\" ];`";
  };
  "wheels: a plan that does not hold what it names" = {
    expr =
      (wheelsOf {
        plan = builtins.toFile "wheels.plan.json" (
          builtins.toJSON (plan // { artifacts = removeAttrs plan.artifacts [ "c" ]; })
        );
      }).${musl}.script;
    refused = "wheels.plan.json': `targets[0].wheels[0].artifact` names the artifact 'c', and `artifacts` has none of that digest; make it anew";
  };
  "wheels: a plan that does not hold a build that it names" = {
    expr =
      (wheelsOf {
        plan = builtins.toFile "wheels.plan.json" (builtins.toJSON (plan // { builds = { }; }));
      }).${arm}.script;
    refused = ", and `builds` has none of that name";
  };
  "wheels: an override is refused whatever is asked for" = {
    expr = (wheelsOf { overrides.numpy = { }; }).${musl}.script;
    refused = "cannot use the override of 'numpy'";
  };
  "wheels: a target of them, the repository, by the whole plan" = {
    expr = [
      ofArm.name
      (has "step repository " (command ofArm))
      (arguments ofArm)
      ofArm.attributes
      (givenPlan ofArm == builtins.path { path = planFile; name = "wheels.plan.json"; })
    ];
    expected = [
      "wheels-${arm}"
      true
      ofTarget
      { allowedReferences = [ ]; }
      true
    ];
  };
  "wheels: names of a target" = {
    expr = map (name: wheels.${name}.name) [
      arm
      "linux_aarch64_glibc_2_28"
      "linux_aarch64_glibc"
      "linux_arm64"
    ];
    expected = map (_: "wheels-${arm}") [ 1 2 3 4 ];
  };
  "wheels: a name of two" = {
    expr = wheels.aarch64.name;
    refused = "cannot choose target 'aarch64': it is several of the plan's; name one of ${arm}, ${musl}";
  };
  "wheels: the build Python is nixpkgs', or the user's" = {
    expr =
      map
        (pythons: match ".*\n--build-python\n([^\n]*)\n.*" (wheelsOf { inherit pythons; }).${arm}.packages.fast.script)
        [
          { }
          { "3.11".outPath = "/own"; }
        ];
    expected = [
      [ "/python311/bin/python3" ]
      [ "/own/bin/python3" ]
    ];
  };

  "wheels.TARGET.target: what its id means" = {
    expr = {
      inherit (ofArm.target) id ociPlatform python;
    };
    expected = {
      id = arm;
      ociPlatform = "linux/arm64";
      python = "3.11";
    };
  };
  "wheels.TARGET.packages: by the names of the plan" = {
    expr = [
      (attrNames ofArm.packages)
      (attrNames wheels.${musl}.packages)
    ];
    expected = [
      [
        "demo"
        "fast"
      ]
      [ "demo" ]
    ];
  };
  "wheels.TARGET.packages: one that is built is its build" = {
    expr = ofArm.packages.fast.name;
    expected = "fast-1.0-${arm}";
  };
  "wheels.TARGET.packages: one that is not is checked, by its part of the plan" = {
    expr =
      let
        demo = ofArm.packages.demo;
      in
      [
        demo.name
        (match "(/core/bin/crosswheel step check --only-warnings --progress lines) [^ ]* (.*)" (command demo))
        (arguments demo)
        (givenPlan demo == planOf "wheel" [ "demo" ])
        (has "cp /fetched/demo-1.0-py3-none-any.whl $out/demo-1.0-py3-none-any.whl\n" demo.script)
        demo.attributes
      ];
    expected = [
      "demo-1.0-${arm}"
      [
        "/core/bin/crosswheel step check --only-warnings --progress lines"
        "@arguments -o $out/check.json"
      ]
      [
        "--target"
        arm
        "--wheel"
        "/fetched/demo-1.0-py3-none-any.whl"
      ]
      true
      true
      { allowedReferences = [ ]; }
    ];
  };
  "wheels.TARGET.manifest: that of the repository" = {
    expr = [
      ofArm.manifest.name
      ofArm.manifest.script
    ];
    expected = [
      "manifest-${arm}.json"
      "cp /made/wheels-${arm}/manifest.json $out\n"
    ];
  };
  "wheels.TARGET.site: a tree, by the wheels' part of the plan" = {
    expr = [
      ofArm.site.name
      (has "step tree " (command ofArm.site))
      (arguments ofArm.site)
      (givenPlan ofArm.site == planOf "wheels" [ "demo" "fast" ])
      ofArm.site.attributes
    ];
    expected = [
      "site-${arm}"
      true
      ofTarget
      true
      { allowedReferences = [ ]; }
    ];
  };
  "wheels.TARGET.layer: with options, and the Python that compiles bytecode" = {
    expr =
      concatMap
        (
          layer:
          let
            made = (wheelsOf { inherit layer; }).${arm}.layer;
          in
          [
            made.name
            (arguments made == ofTarget)
            (has "--build-python=/python311/bin/python3\n--bytecode\n--max-layers=4\n" made.script)
          ]
        )
        [
          { }
          { bytecode = true; max-layers = 4; }
        ];
    expected = [
      "layer-${arm}"
      true
      false
      "layer-${arm}"
      false
      true
    ];
  };
  "wheels.TARGET.lambda: with options of its own" = {
    expr =
      let
        made = (wheelsOf { lambda.limit = 1000; layer.max-layers = 4; }).${arm}.lambda;
      in
      [
        made.name
        (has "step lambda " (command made))
        (arguments made)
      ];
    expected = [
      "lambda-${arm}"
      true
      (
        ofTarget
        ++ [ "--limit=1000" ]
      )
    ];
  };
  "wheels.TARGET.layer: a wheel by a text that is no path" = {
    expr = (wheelsOf { layer.own-wheel = "own.whl"; }).${arm}.layer.script;
    refused = "cannot use `layer.own-wheel`: 'own.whl' is a text, and no path;";
  };
  "wheels.TARGET.image: on the layers that it says" = {
    expr =
      let
        image = withImage.${arm}.image;
      in
      [
        image.name
        (has "--layers=/made/layer-${arm}\n--port=80\n" image.script)
        (has "--max-layers" image.script)
      ];
    expected = [
      "image-${arm}"
      true
      false
    ];
  };
  "wheels.TARGET.image: its layers are made with what it says of them" = {
    expr =
      let
        made = wheelsWith telling {
          inherit image;
          layer.max-layers = 8;
        };
      in
      # A line of a derivation in a line of another's.
      has "--environment=/opt/venv\n''--max-layers=4\n" made.${arm}.image.script;
    expected = true;
  };
  "wheels.TARGET.image: nothing is said of it" = {
    expr = ofArm.image.script;
    refused = "cannot make an image: nothing is said of it; give `image`, with a `base` at least";
  };

  "wheels.image: of all targets, or of those that are asked for" = {
    expr = [
      withImage.image.name
      (arguments withImage.image)
      (arguments
        (wheelsOf {
          image.base = ../project/base.lock.json;
          targets = [ "linux_arm64_musl" ];
        }).image
      )
    ];
    expected = [
      "image"
      [
        "/made/image-${arm}"
        "/made/image-${musl}"
        "--annotation=a=b"
      ]
      [ "/made/image-${musl}" ]
    ];
  };
  "wheels.image: what it stands on is not said" = {
    expr = (wheelsOf { image.port = [ 80 ]; }).image.script;
    refused = "cannot make an image: `image` does not say what it stands on; give it a `base`: what `crosswheel image lock` made, a layout, or \"scratch\"";
  };
  "wheels.image: nothing is said of it" = {
    expr = wheels.image.script;
    refused = "cannot make an image: nothing is said of it";
  };
  "wheels: a Python that there is not" = {
    expr =
      let
        text = builtins.replaceStrings [ "cp311" ] [ "cp399" ] (builtins.readFile planFile);
        id = builtins.replaceStrings [ "cp311" ] [ "cp399" ] arm;
      in
      (wheelsOf { plan = builtins.toFile "wheels.plan.json" text; }).${id}.packages.fast.script;
    refused = "it needs a build Python 3.99, and nixpkgs has no python399; give one as pythons.\"3.99\"";
  };
}
