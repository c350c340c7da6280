# What is wrong with the form of a plan, as far as Nix reads it; the core judges the rest in the steps.
#
# Returns clauses, none if all is well.
plan:
let
  inherit (builtins)
    attrNames
    concatMap
    elemAt
    filter
    genList
    groupBy
    isAttrs
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
if faults == [ ] then twice else faults
