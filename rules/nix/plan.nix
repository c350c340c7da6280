# What a plan says, and parts of it: a plan that holds one build, or wheels of one target, and what these name. A
# derivation that is given no more than its part is not built again when the rest of the plan changes.
#
# Nothing is decided here: the format is docs/reference/plan.md, and the core reads it again.
let
  inherit (builtins)
    addErrorContext
    attrNames
    attrValues
    concatMap
    elem
    elemAt
    filter
    foldl'
    fromJSON
    genericClosure
    genList
    head
    intersectAttrs
    isAttrs
    isList
    isString
    length
    listToAttrs
    map
    match
    readFile
    removeAttrs
    substring
    toJSON
    ;

  schema = 1;

  # What some editors write before UTF-8.
  byteOrderMark = fromJSON "\"\\ufeff\"";

  planShape = import ./plan-shape.nix;
  filePath = import ./file-path.nix {
    thing = "plan";
    usage = "plan = ./wheels.plan.json;";
    maker = "crosswheel plan";
  };

  # The keys of an attribute set that hold, as a set again: what `intersectAttrs` takes.
  setOf =
    names:
    listToAttrs (
      map (name: {
        inherit name;
        value = true;
      }) names
    );

  # Every string of a piece of JSON.
  stringsIn =
    value:
    if isString value then
      [ value ]
    else if isAttrs value then
      concatMap stringsIn (attrValues value)
    else if isList value then
      concatMap stringsIn value
    else
      [ ];

  buildOf =
    plan: id:
    plan.builds.${id}
      or (throw "cannot read plan '${id}': this build is named and not held; make the plan anew");

  withNeeded =
    plan: ids:
    listToAttrs (
      map
        (one: {
          name = one.key;
          value = one.build;
        })
        (genericClosure {
          startSet = map (key: {
            inherit key;
            build = buildOf plan key;
          }) ids;
          operator =
            one:
            map (key: {
              inherit key;
              build = buildOf plan key;
            }) (buildsNeeded one.build (attrNames one.build.environments));
        })
    );

  part =
    plan: builds: targets: accept:
    let
      held = map (one: one.id) targets;
      pinned = setOf (filter (id: !elem id held) (map (build: build.target) (attrValues builds)));
      build_platforms = map (pinsOf plan) (attrNames pinned);
    in
    {
      inherit (plan) schema source_date_epoch;
      inherit build_platforms builds targets;
      artifacts = artifactsNamed plan [
        builds
        targets
        build_platforms
      ];
      inputs = { };
    }
    // (if accept == { } then { } else { inherit accept; });

  # The artifacts that a piece of a plan names, by digest.
  artifactsNamed = plan: value: intersectAttrs (setOf (stringsIn value)) plan.artifacts;

  # The ids of the builds that must be finished before a build can start on one of the build platforms `machines`.
  buildsNeeded =
    build: machines:
    attrNames (
      setOf (
        map (one: one.build) (filter (one: one ? build) (build.overlays or [ ]))
        ++ concatMap (machine: build.environments.${machine}.builds or [ ]) machines
      )
    );

  # What a plan pins of a target, whether wheels are planned for it or only build requirements.
  pinsOf =
    plan: id:
    let
      found = filter (one: one.id == id) (plan.targets ++ plan.build_platforms or [ ]);
    in
    if found == [ ] then
      throw "cannot read plan '${id}': nothing is pinned for this target; make the plan anew"
    else
      removeAttrs (head found) [ "wheels" ];
in
{
  inherit artifactsNamed buildsNeeded pinsOf;

  # The plan in a file.
  readPlan =
    given:
    let
      path = filePath given;
      plan = addErrorContext "while reading plan '${toString path}', a JSON document that `crosswheel plan` makes" (
        fromJSON text
      );
      text = addErrorContext "while reading plan '${toString path}', which is no text in UTF-8 if it holds null bytes" (
        readFile path
      );
      faults = planShape plan;
      lacking = filter (key: !(plan ? ${key})) [
        "artifacts"
        "builds"
        "source_date_epoch"
        "targets"
      ];
    in
    if substring 0 3 text == byteOrderMark then
      throw "cannot read plan '${toString path}': it begins with a byte order mark, which JSON has none of; save it without, or make it anew with `crosswheel plan`"
    else if match "[ \n\r\t]*[{].*" (substring 0 64 text) == null then
      throw "cannot read plan '${toString path}': it does not begin as a JSON document does; give what `crosswheel plan` made"
    else if !(plan ? schema) then
      throw "cannot read plan '${toString path}': it is not a plan; make one with `crosswheel plan`"
    else if plan.schema != schema then
      throw "cannot read plan '${toString path}': it has schema ${toJSON plan.schema}, and this crosswheel reads schema ${toString schema}; use the crosswheel that it was made with, or make it anew with `crosswheel plan`"
    else if lacking != [ ] then
      throw "cannot read plan '${toString path}': it has no `${head lacking}`; make it anew with `crosswheel plan`"
    else if faults != [ ] then
      throw "cannot read plan '${toString path}': ${head faults}; make it anew with `crosswheel plan`, or undo the edit"
    else
      plan;

  # A plan with one build and those it needs, and no wheels.
  partForBuild = plan: id: part plan (withNeeded plan [ id ]) [ ] { };

  # A plan with the wheels `projects` of one target.
  partForWheels =
    plan: target: projects:
    let
      wheels = filter (one: elem one.name projects) target.wheels;
      builds = withNeeded plan (map (one: one.build) (filter (one: one ? build) wheels));
      accept = intersectAttrs (setOf projects) (plan.accept or { });
    in
    part plan builds [ (target // { inherit wheels; }) ] accept;

  # A plan that holds what the runtime libraries of one target depend on: the compiler, and whether Meson, which tries
  # the build machine's compilers in any case, or Rust uses it. It has a build for each compiler that stands for all of
  # them, so that it stays the same when packages change. Null if nothing is compiled for the target.
  partForRuntime =
    plan: id:
    let
      compiled = concatMap (
        build:
        map (machine: {
          inherit machine;
          environment = build.environments.${machine};
        }) (filter (machine: build.environments.${machine} ? toolchain) (attrNames build.environments))
      ) (filter (build: build.target == id) (attrValues plan.builds));
      toolchains = attrNames (setOf (map (one: one.environment.toolchain) compiled));
      merged =
        found: one:
        let
          known = found.${one.machine} or { requirements = [ ]; };
          read = {
            requirements = filter (
              digest: match "meson(_python)?-.*" plan.artifacts.${digest}.filename != null
            ) one.environment.requirements or [ ];
            rust = one.environment.rust or [ ];
          };
          both = key: attrNames (setOf (known.${key} or [ ] ++ read.${key}));
        in
        found
        // {
          ${one.machine} = {
            inherit (one.environment) toolchain;
            requirements = both "requirements";
          }
          // (if both "rust" == [ ] then { } else { rust = both "rust"; });
        };
      standIn =
        index:
        let
          toolchain = elemAt toolchains index;
        in
        {
          name = "runtime-${toString index}-${id}";
          value = {
            backend = "none";
            environments = foldl' merged { } (filter (one: one.environment.toolchain == toolchain) compiled);
            inputs = toolchain;
            name = "runtime";
            sdist = toolchain;
            target = id;
            version = toString index;
          };
        };
    in
    if compiled == [ ] then
      null
    else
      part plan (listToAttrs (genList standIn (length toolchains))) [ (removeAttrs (pinsOf plan id) [ "headers" ] // { wheels = [ ]; }) ] { };
}
