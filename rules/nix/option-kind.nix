# Whether a value is of the kind that an option takes; what Nix, or the step, says of another names no argument.
#
# of: the argument of mkWheels that has the option.
# kind: that of options.json: "text", "number", "switch", "list" (of texts, or one), "words" (a text, or a list of words), "pairs"
#   (NAME=VALUE: texts, or sets), "file", which image-files.nix judges, or a list of the words that it takes.
of: option: kind: value:
let
  inherit (builtins)
    all
    attrNames
    concatStringsSep
    elem
    isAttrs
    isInt
    isList
    isString
    map
    match
    typeOf
    ;

  refuse = place: why: usage: throw "cannot use `${of}.${place}`: ${why}; write `${usage}`";
  be = kind: usage: refuse option "it is a ${typeOf value}, and not a ${kind}" "${option} = ${usage};";

  isText = value: isString value || isInt value || isAttrs value && value ? outPath;
  # An option without a value is none for the step.
  isSaid =
    usage: value:
    isText value && (value != "" || refuse option "it is empty, where it could be left out" "${option} = ${usage};");
  isSet = value: isAttrs value && !(value ? outPath);
  # Of a list, whose values have no names.
  areTexts =
    isOne: usage:
    all (
      one: isOne one || refuse option "it holds a ${typeOf one}, which has no one form as text" "${option} = ${usage};"
    );

  kinds = {
    text = isSaid ''"..."'' value || be "string" ''"..."'';
    number =
      if isString value then
        match "-?[0-9]+" value != null
        || refuse option "it is '${value}', and not a whole number" "${option} = 1;"
      else
        isInt value || be "number" "1";
    switch = value == true || value == false || be "bool" "true";
    list =
      if isList value then
        areTexts (isSaid ''[ "..." ]'') ''[ "..." ]'' value
      else
        isSaid ''[ "..." ]'' value || be "list" ''[ "..." ]'';
    words =
      if isList value then
        areTexts isText ''[ "python" "-m" "greet" ]'' value
      else
        isSaid ''"python -m greet"'' value || be "string" ''"python -m greet"'';
    pairs = arePairs value;
  };
  arePairs =
    value:
    if isList value then
      all arePairs value
    else if isSet value then
      all (key: isOfName key value.${key}) (attrNames value)
    else
      isSaid ''{ NAME = "..."; }'' value || be "set" ''{ NAME = "..."; }'';
  isOfName =
    name: value:
    isText value
    || refuse "${option}.${name}" "it is a ${typeOf value}, which has no one form as text" ''${option} = { ${name} = "1"; };'';
in
if kind == "file" || value == null then
  true
else if isList kind then
  elem value kind
  || refuse option "it is ${if isString value then "'${value}'" else "a ${typeOf value}"}" (
    concatStringsSep "` or `" (map (one: "${option} = \"${one}\";") kind)
  )
else
  kinds.${kind}
