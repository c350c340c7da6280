# Options of a command from an attribute set, under the command's own names: `{ max-layers = 1; port = [ 80 443 ]; }`. A set
# stands for NAME=VALUE: `{ env = { HOME = "/tmp"; }; }`. Each is one word, for a value may begin with a dash or an at sign.
let
  inherit (builtins)
    attrNames
    concatMap
    isAttrs
    isBool
    isList
    isPath
    ;

  optionText = import ./option-text.nix;
  storePath = import ./store-path.nix;

  # A path goes into the store; everything else is written as it is.
  word = name: value: if isPath value then storePath value else optionText name value;

  option =
    name: value:
    if isBool value then
      (if value then [ "--${name}" ] else [ ])
    else if value == null then
      [ ]
    else if isList value then
      concatMap (option name) value
    else if isAttrs value && !(value ? outPath) then
      concatMap (key: option name "${key}=${word "${name}.${key}" value.${key}}") (attrNames value)
    else
      [ "--${name}=${word name value}" ];
in
options: concatMap (name: option name options.${name}) (attrNames options)
