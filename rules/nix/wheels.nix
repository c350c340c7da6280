# From a plan to derivations: the wheels of each target, and what is made from them.
{
  pkgs,
  core,
  kind,
}:
{
  /**
    Path of the plan. What it names by a path of its own (headers, patches, wheels of yours) lies beside it.
  */
  plan,
  /**
    Which targets the whole holds, by any of their names, in this order; all of the plan's otherwise.
  */
  targets ? null,
  /**
    What Nix is told of a project's builds, by its name, e.g. `{ numpy.requiredSystemFeatures = [ "big-parallel" ]; }`, or tools
    in `nativeBuildInputs`. `libraries` is a function from a target to what is linked for it in place of the plan's libraries.
  */
  overrides ? { },
  /**
    Interpreters that builds run with, by X.Y, where nixpkgs has none (any more) or another is wanted.
  */
  pythons ? { },
  /**
    Options of the image, under the names of `crosswheel image`: `base` (a base lock, or a layout), `app`, `entrypoint` ...
  */
  image ? null,
  /**
    Options of layers for other tools, under the names of `crosswheel layer`, e.g. `{ max-layers = 1; compression = "none"; }`;
    `environment` and `own-wheel` are of `step layer` alone, and make layers that the command does not.
  */
  layer ? { },
  /**
    Options of Lambda layers, under the names of `crosswheel lambda`.
  */
  lambda ? { },
  /**
    What builds run in, inside Nix' own sandbox: with `"bubblewrap"` they stand at the same paths on every machine, and so
    packages that write their paths into the wheel do not differ. `"none"` is for machines where that cannot be.
  */
  sandbox ? "bubblewrap",
  /**
    Whether the compiler's runtime libraries are made first, for all builds of a target; otherwise for more than four builds.
  */
  runtime ? null,
}:
let
  inherit (builtins)
    attrNames
    attrValues
    concatMap
    concatStringsSep
    deepSeq
    foldl'
    groupBy
    length
    listToAttrs
    map
    mapAttrs
    replaceStrings
    seq
    toString
    ;

  plans = import ./plan.nix;
  ids = import ./target-ids.nix;
  steps = import ./steps.nix { inherit pkgs core; };
  flags = import ./flags.nix;
  imageFiles = import ./image-files.nix;
  inherit (import ./artifacts.nix { inherit (pkgs) fetchurl; }) artifactFiles fileBeside storeName;
  images = import ./images.nix { inherit artifactFiles pkgs steps; };
  pythonFolder = import ./python-folder.nix;
  ownWheels = import ./own-wheels.nix { inherit pkgs; };

  planPath = plan;
  base = dirOf planPath;
  document = plans.readPlan planPath;
  files = artifactFiles base document.artifacts;

  buildPython =
    target:
    let
      version = (ids.parse target).python;
      attribute = "python" + replaceStrings [ "." "t" ] [ "" "FreeThreading" ] version;
    in
    if pythons ? ${version} then
      pythonFolder "pythons.\"${version}\"" pythons.${version}
    else
      pkgs.${attribute}
        or (throw "cannot build for '${target}': it needs a build Python ${version}, and nixpkgs has no ${attribute}; give one as pythons.\"${version}\"");

  builds = import ./builds.nix {
    plan = document;
    machines = ids.machinesOf kind;
    overrides = checkedOverrides;
    libraries = import ./libraries.nix { inherit pkgs; };
    inherit
      base
      buildPython
      fileBeside
      files
      plans
      runtime
      sandbox
      steps
      ;
  };

  # Whether all arguments can be meant; otherwise an error that says which.
  checkedArguments =
    import ./arguments.nix
      {
        versions = attrNames (
          groupBy (id: (ids.parse id).python) (
            map (target: target.id) document.targets
            ++ attrNames (groupBy (build: build.target) (attrValues document.builds))
          )
        );
      }
      {
        inherit
          image
          lambda
          layer
          overrides
          pythons
          runtime
          sandbox
          targets
          ;
      };

  # Every one is looked at before anything is made.
  checkedOverrides =
    let
      checked = import ./overrides.nix {
        built = namesOf (attrValues document.builds);
        planned = namesOf (concatMap (target: target.wheels) document.targets);
        targets = attrNames names;
      } overrides;
    in
    foldl' (all: name: seq checked.${name} all) checked (attrNames checked);
  namesOf = projects: attrNames (groupBy (project: project.name) projects);

  fileOf = wheel: if wheel ? build then builds.${wheel.build} else files.${wheel.artifact};

  /**
    The wheel repository of one target, by any of its names: what `crosswheel build` writes for it.
  */
  ofTarget =
    target:
    let
      wheelFiles = steps.flags "--wheel" (map fileOf target.wheels);
      whole = plans.partForWheels document target (map (wheel: wheel.name) target.wheels);
      step =
        attributes:
        steps.runStep (
          {
            plan = steps.planFile "wheels" whole;
            arguments = [
              "--target"
              target.id
            ]
            ++ wheelFiles;
            attributes = steps.portable;
          }
          // attributes
        );
      python = buildPython target.id;
      stepWith =
        name: options:
        step {
          before = if options.bytecode or false then steps.findPython python else "";
          name = "${name}-${target.id}";
          step = name;
          arguments = [
            "--target"
            target.id
          ]
          ++ wheelFiles
          ++ flags (
            ownWheels options
            // (
              if options.bytecode or false then { build-python = "${python}/bin/python3"; } else { }
            )
          );
        };
      repository = step {
        name = "wheels-${target.id}";
        step = "repository";
        # Its manifest names the digest of the whole plan.
        plan = builtins.path {
          path = planPath;
          name = "wheels.plan.json";
        };
      };
    in
    repository
    // {
      /**
        What the target is: `id`, `python`, `os`, `arch`, `libc` and their like.
      */
      target = ids.parse target.id // {
        inherit (target) id;
      };
      /**
        The folder of each wheel, built or checked, by the project's name.
      */
      packages = listToAttrs (
        map (wheel: {
          inherit (wheel) name;
          value = packageOf target wheel;
        }) target.wheels
      );
      /**
        The repository's `manifest.json`: which wheels there are, by digest, and where they are from.
      */
      manifest = pkgs.runCommand "manifest-${target.id}.json" steps.portable ''
        cp ${repository}/manifest.json $out
      '';
      /**
        The wheels, installed: what `crosswheel install` writes.
      */
      site = step {
        name = "site-${target.id}";
        step = "tree";
      };
      /**
        Layers for other tools: what `crosswheel layer` writes.
      */
      layer = seq (imageFiles "layer" layer) stepWith "layer" layer;
      /**
        The Lambda layer, a zip file: what `crosswheel lambda` writes.
      */
      lambda = stepWith "lambda" lambda;
      /**
        The image of this target, an OCI layout: what `crosswheel image` writes for one.
      */
      image = images.imageOf {
        inherit target;
        layers = stepWith "layer" (images.layerOptions imageOptions);
      } imageOptions;
    };

  imageOptions =
    if image == null then
      throw "cannot make an image: nothing is said of it; give `image`, with a `base` at least"
    else if !(image ? base) then
      throw "cannot make an image: `image` does not say what it stands on; give it a `base`: what `crosswheel image lock` made, a layout, or \"scratch\""
    else
      image;

  # The folder of one wheel; it was checked.
  packageOf =
    target: wheel:
    if wheel ? build then
      fileOf wheel
    else
      let
        artifact = document.artifacts.${wheel.artifact};
      in
      steps.runStep {
        name = storeName "${wheel.name}-${wheel.version}-${target.id}";
        step = "check";
        plan = steps.planFile "wheel" (plans.partForWheels document target [ wheel.name ]);
        arguments = [
          "--target"
          target.id
        ]
        ++ steps.flags "--wheel" [ (fileOf wheel) ];
        before = "mkdir $out";
        output = "$out/check.json";
        after = "cp ${fileOf wheel} $out/${artifact.filename}";
        attributes = steps.portable;
      };

  byId = listToAttrs (
    map (target: {
      name = target.id;
      value = ofTarget target;
    }) document.targets
  );
  names = ids.byName (attrNames byId) (id: byId.${id});
  chosen =
    name:
    names.${name}
      or (throw "cannot choose target '${name}': the plan has ${concatStringsSep ", " (attrNames byId)}");
  once =
    id: wanted:
    if length wanted == 1 then
      null
    else
      throw "cannot choose targets: `targets` names '${id}' ${toString (length wanted)} times; name it once, by one of its names";
  # In the order in which they were asked for: readers of an image try its platforms in this order.
  wanted =
    if targets == null then
      map (target: byId.${target.id}) document.targets
    else
      deepSeq (mapAttrs once (groupBy (one: one.target.id) (map chosen targets))) (map chosen targets);
in
seq (checkedArguments && checkedOverrides != null) (pkgs.runCommand "wheels" steps.portable ''
  mkdir $out
  for repository in ${toString wanted}; do
    cp -r $repository $out/''${repository#*-wheels-}
  done
'')
// names
// {
  /**
    The image of all targets that are wanted, an OCI layout.
  */
  image = images.indexOf "image" imageOptions (map (one: one.image) wanted);
}
