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
    typeOf
    ;

  refuse = place: why: usage: throw "cannot use `${of}.${place}`: ${why}; write `${usage}`";
  be = kind: usage: refuse option "it is a ${typeOf value}, and not a ${kind}" "${option} = ${usage};";

  isText = value: isString value || isInt value || isAttrs value && value ? outPath;
  isSet = value: isAttrs value && !(value ? outPath);
  # Of a list, whose values have no names.
  areTexts =
    usage:
    all (one: isText one || refuse option "it holds a ${typeOf one}, which has no one form as text" usage);

  kinds = {
    text = isText value || be "string" ''"..."'';
    number = isInt value || isString value || be "number" "1";
    switch = value == true || value == false || be "bool" "true";
    list =
      if isList value then
        areTexts ''${option} = [ "..." ];'' value
      else
        isText value || be "list" ''[ "..." ]'';
    words =
      if isList value then
        areTexts ''${option} = [ "python" "-m" "greet" ];'' value
      else
        isText value || be "string" ''"python -m greet"'';
    pairs = arePairs value;
  };
  arePairs =
    value:
    if isList value then
      all arePairs value
    else if isSet value then
      all (key: isOfName key value.${key}) (attrNames value)
    else
      isText value || be "set" ''{ NAME = "..."; }'';
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
