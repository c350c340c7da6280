# What is wrong with the form of a plan, as far as Nix reads it; the core judges the rest in the steps.
#
# Returns clauses, none if all is well.
plan:
let
  inherit (builtins)
    attrNames
    attrValues
    concatLists
    concatMap
    elemAt
    filter
    genList
    groupBy
    isAttrs
    isList
    isString
    length
    map
    typeOf
    ;

  # The keys of each entry, and the types of their values.
  keys = {
    artifacts.filename = "string";
    builds = {
      environments = "set";
      name = "string";
      target = "string";
      version = "string";
    };
    targets = {
      id = "string";
      wheels = "list";
    };
    wheels = {
      name = "string";
      version = "string";
    };
  };
  kinds = {
    artifacts = "set";
    builds = "set";
    targets = "list";
  };

  lacking =
    place: wanted: value:
    if !isAttrs value then
      [ "`${place}` is a ${typeOf value}, and not a set" ]
    else
      map (key: "`${place}` has no `${key}` that is a ${wanted.${key}}") (
        filter (key: typeOf (value.${key} or null) != wanted.${key}) (attrNames wanted)
      );

  ofSet =
    kind: entries:
    concatMap (name: lacking "${kind}.${name}" keys.${kind} entries.${name}) (attrNames entries);
  ofList =
    kind: entries:
    concatMap (index: lacking "${kind}[${toString index}]" keys.${kind} (elemAt entries index)) (
      genList (index: index) (length entries)
    );

  twice =
    let
      ids = map (one: one.id) plan.targets;
      counted = groupBy (id: id) ids;
    in
    map (id: "`targets` has '${id}' more than once") (
      filter (id: length counted.${id} > 1) (attrNames counted)
    );

  # Digests that a build or a wheel names, by where, and are none of `artifacts`: what is cut short is no other file's.
  unheld =
    place: names:
    map (name: "`${place}` names the artifact '${name}', and `artifacts` has none of that digest") (
      filter (name: isString name && !(plan.artifacts ? ${name})) names
    );
  listOf = value: if isList value then value else [ value ];
  ofBuild =
    id:
    let
      build = plan.builds.${id};
      named = value: concatMap (key: listOf (value.${key} or [ ]));
    in
    concatMap (key: unheld "builds.${id}.${key}" (listOf (build.${key} or [ ]))) [
      "crates"
      "oracle"
      "sdist"
    ]
    ++ concatMap (
      environment:
      unheld "builds.${id}.environments" (
        named environment [
          "requirements"
          "rust"
          "toolchain"
        ]
      )
    ) (filter isAttrs (attrValues build.environments));
  ofWheel =
    place: target: wheel:
    let
      faults = lacking place keys.wheels wheel;
    in
    if faults != [ ] then
      faults
    else if wheel ? artifact && wheel ? build then
      [ "`${place}` has an `artifact` and a `build`, of which a wheel has one" ]
    else if !(wheel ? artifact || wheel ? build) then
      [ "`${place}` has no `artifact` and no `build`" ]
    else
      unheld place (listOf (wheel.artifact or [ ]))
      ++ (if wheel ? build then built place target wheel else [ ]);
  # An edit of the plan must not put a wheel of another target in the place of one.
  built =
    place: target: wheel:
    let
      build = plan.builds.${wheel.build};
      made = one: [
        (one.name or null)
        (one.version or null)
        (one.target or null)
      ];
    in
    if !(plan.builds ? ${wheel.build}) then
      [ "`${place}` names the build '${wheel.build}', and `builds` has none of that name" ]
    else if made build == made (wheel // { inherit target; }) then
      [ ]
    else
      [ "`${place}` names the build '${wheel.build}', which is another package's or target's" ];
  ofTarget =
    index:
    let
      inherit (elemAt plan.targets index) id wheels;
      place = "targets[${toString index}].wheels";
      counted = groupBy (wheel: wheel.name) (filter (wheel: isString (wheel.name or null)) wheels);
    in
    concatLists (
      genList (at: ofWheel "${place}[${toString at}]" id (elemAt wheels at)) (length wheels)
    )
    ++ map (name: "`${place}` has '${name}' more than once") (
      filter (name: length counted.${name} > 1) (attrNames counted)
    );
  inner =
    concatMap ofTarget (genList (index: index) (length plan.targets))
    ++ concatMap ofBuild (attrNames plan.builds);

  of =
    kind:
    let
      entries = plan.${kind};
    in
    if typeOf entries != kinds.${kind} then
      [ "`${kind}` is a ${typeOf entries}, and not a ${kinds.${kind}}" ]
    else
      (if kinds.${kind} == "list" then ofList else ofSet) kind entries;
  faults = concatMap of (attrNames kinds);
in
if faults == [ ] then twice ++ inner else faults
