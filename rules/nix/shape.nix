# What is wrong with the form of a JSON document, so that what Nix says of values of other types is never said.
#
# form: of all of it: the name of a type, "artifact" or "build", which are names of what is `held`; or a set with `type` and, of a list,
#   `items`, of a set with any keys `values`, of one with known keys `keys`, with `needs`, those that it must have, and `one`, those of
#   which it has exactly one; or `either`, several. Keys that it does not know are the core's to judge.
# held: `artifact` and `build`, sets with all there are.
#
# Returns clauses, none if all is well.
{ form, held }:
let
  inherit (builtins)
    attrNames
    concatLists
    concatMap
    concatStringsSep
    elemAt
    filter
    genList
    isString
    length
    map
    toString
    typeOf
    ;

  # The name that Nix has for values of a form.
  typeNamed =
    form:
    if !isString form then
      form.type
    else if named ? ${form} then
      "string"
    else
      form;
  # What is named by a string must be there: what is cut short is nothing else's name.
  named = {
    artifact = digest: "names the artifact '${digest}', and `artifacts` has none of that digest";
    build = name: "names the build '${name}', and `builds` has none of that name";
  };

  under = place: key: if place == "" then key else "${place}.${key}";

  faultsOf =
    place: form: value:
    if form ? either then
      ofEither place form.either value
    else if typeOf value != typeNamed form then
      [ "`${place}` is a ${typeOf value}, and not a ${typeNamed form}" ]
    else if isString form then
      if named ? ${form} && !(held.${form} ? ${value}) then
        [ "`${place}` ${named.${form} value}" ]
      else
        [ ]
    else if form ? items then
      concatLists (
        genList (index: faultsOf "${place}[${toString index}]" form.items (elemAt value index)) (length value)
      )
    else if form ? values then
      concatMap (key: faultsOf (under place key) form.values value.${key}) (attrNames value)
    else
      ofKeyed place form value;
  ofEither =
    place: forms: value:
    let
      fitting = filter (form: typeOf value == typeNamed form) forms;
    in
    if fitting == [ ] then
      [ "`${place}` is a ${typeOf value}, and not a ${concatStringsSep " or a " (map typeNamed forms)}" ]
    else
      faultsOf place (elemAt fitting 0) value;
  ofKeyed =
    place: form: value:
    let
      one = form.one or [ ];
      has = filter (key: value ? ${key}) one;
    in
    map (key: "${if place == "" then "it" else "`${place}`"} has no `${key}` that is a ${typeNamed form.keys.${key}}") (
      filter (key: !(value ? ${key})) (form.needs or [ ])
    )
    ++ (
      if one == [ ] || length has == 1 then
        [ ]
      else if has == [ ] then
        [ "`${place}` has neither `${concatStringsSep "` nor `" one}`" ]
      else
        [ "`${place}` has `${concatStringsSep "` and `" has}`, of which it may have one" ]
    )
    ++ concatMap (key: if form.keys ? ${key} then faultsOf (under place key) form.keys.${key} value.${key} else [ ]) (
      attrNames value
    );
in
faultsOf "" form
