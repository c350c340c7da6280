# The builds of a plan, one derivation each, and the runtime libraries of the targets that something is compiled for.
{
  plans,
  steps,
  plan,
  base,
  files,
  fileBeside,
  machines,
  buildPython,
  sandbox,
  overrides,
  libraries,
  runtime,
}:
let
  inherit (builtins)
    addErrorContext
    attrNames
    attrValues
    concatMap
    concatStringsSep
    filter
    foldl'
    head
    intersectAttrs
    isAttrs
    isList
    length
    listToAttrs
    map
    mapAttrs
    removeAttrs
    seq
    split
    typeOf
    ;

  notInBuild = import ./not-in-build.nix;
  shellWord = import ./shell-word.nix;
  storeName = import ./store-name.nix;

  filesNamed = value: attrValues (intersectAttrs (plans.artifactsNamed plan value) files);

  environmentsOf =
    id: build:
    let
      fitting = machines (attrNames build.environments);
    in
    if fitting == [ ] then
      throw "cannot build '${id}': the plan holds build requirements for ${concatStringsSep ", " (attrNames build.environments)}, and none for this machine; plan again with --build-platform"
    else
      fitting;

  # Its files would have to be derivations' inputs, with the programs' own loader and libraries.
  refuseOwnToolchain =
    target: value:
    if plans.pinsOf plan target ? toolchain then
      throw "cannot build for '${target}': the plan compiles with a toolchain of your own, and Nix has no way to be given it; plan without --toolchain for this target, or use `crosswheel build`"
    else
      value;

  compiles = build: map (name: build.environments.${name}) (machines (attrNames build.environments));

  runtimes = listToAttrs (
    map (target: {
      name = target;
      value =
        let
          part = plans.partForRuntime plan target;
          built = filter (build: build.target == target) (attrValues plan.builds);
          # They are for C and C++; few builds, of C mostly, are faster without.
          wanted = if runtime == null then length built > 4 else runtime;
        in
        if part == null || !wanted then
          [ ]
        else
          [
            (steps.runBuildStep {
              name = "runtime-${target}.tar";
              step = "runtime";
              plan = steps.planFile "runtime" part;
              arguments = [
                "--target"
                target
              ]
              ++ steps.flags "--file" (
                filesNamed (map (one: one.toolchain or [ ]) (concatMap compiles built))
              );
              buildPython = null;
              inherit sandbox;
            })
          ];
    }) (attrNames (listToAttrs (map (build: { name = build.target; value = null; }) (attrValues plan.builds))))
  );

  # What the user's function says is linked in place of the plan's libraries.
  librariesOf =
    { name, target, ... }:
    let
      asked = overrides.${name}.libraries (libraries.told target);
      found = addErrorContext "while asking overrides.${name}.libraries for '${target}'" (
        if isList asked then foldl' (all: one: seq one all) asked asked else asked
      );
      faults = filter (fault: fault != null) (map faultOfLibrary found);
    in
    if !(overrides ? ${name} && overrides.${name} ? libraries) then
      [ ]
    else if isList found then
      if faults == [ ] then
        found
      else
        throw "cannot use the override of '${name}': one of its `libraries` for '${target}' is none: ${head faults}; give packages of `target.pkgs`, or paths of folders"
    else
      throw "cannot use the override of '${name}': its `libraries` gives a ${typeOf found} for '${target}', and not a list; write `[ ... ]`";

  # Why something is no library, a clause; null if it is one.
  faultOfLibrary =
    one:
    if !isAttrs one then
      notInBuild one
    else if one ? pname || one ? name then
      null
    else
      "it is a set, and no package";

  # Patches lie beside the plan of the step, where the plan says.
  patches =
    build:
    concatStringsSep "" (
      map (patch: ''
        mkdir -p ${shellWord (folderOf build + dirOf patch.path)}
        cp ${
          fileBeside base (baseNameOf patch.path) { inherit (patch) path sha256; }
        } ${shellWord (folderOf build + patch.path)}
      '') (build.patches or [ ])
    );
  # Where the plan of the step lies: so deep that the folders above it, which paths of patches name, are the build's, too.
  folderOf =
    build:
    concatStringsSep "" (
      map (_: "below/") (
        filter (part: part == "..") (concatMap (patch: split "/" patch.path) (build.patches or [ ]))
      )
    );

  buildOne =
    id: build:
    let
      environments = environmentsOf id build;
      override = overrides.${build.name} or { };
      linked = librariesOf build;
      inputs = [
        (removeAttrs build ([ "environments" ] ++ (if linked == [ ] then [ ] else [ "sysroot" ])))
        (map (name: build.environments.${name}) environments)
        (plans.pinsOf plan build.target)
      ];
    in
    refuseOwnToolchain build.target (steps.runBuildStep {
      name = storeName "${build.name}-${build.version}-${build.target}";
      step = "build";
      plan = "${folderOf build}build.plan.json";
      before = ''
        mkdir -p ./${folderOf build}
        cp ${steps.planFile "build" (plans.partForBuild plan id)} ${folderOf build}build.plan.json
        ${patches build}
        ${libraries.addPropagated linked}
      '';
      arguments = [
        "--build"
        id
      ]
      ++ steps.flags "--file" (filesNamed inputs)
      ++ steps.flags "--wheel" (map (needed: built.${needed}) (plans.buildsNeeded build environments))
      ++ steps.flags "--runtime" runtimes.${build.target}
      ++ libraries.flags linked;
      buildPython = buildPython build.target;
      attributes = steps.portable // removeAttrs override [ "libraries" ];
      inherit sandbox;
    });

  built = mapAttrs buildOne plan.builds;
in
built
