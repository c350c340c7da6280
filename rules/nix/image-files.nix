# Whether the options of an image or of layers that name files and folders can be meant: a text that is no path is looked for where
# the step runs, and there is nothing. What is given for `base` is one for all targets.
#
# name: the argument of mkWheels that has the options.
name: options:
let
  inherit (builtins)
    all
    attrNames
    attrValues
    elemAt
    filter
    getContext
    isAttrs
    isList
    isPath
    isString
    length
    match
    pathExists
    storeDir
    substring
    toString
    typeOf
    ;

  refuse =
    option: why: usage:
    throw "cannot use `${name}.${option}`: ${why}; write `${option} = ${usage};`";

  isFile =
    option: usage: value:
    let
      missing = notInBuild value;
    in
    missing == null || refuse option missing (if isString value then withPlace usage value else usage);
  notInBuild = import ./not-in-build.nix;
  # What stands behind a colon, a tag or a place, is no part of the path.
  withPlace =
    usage: text:
    let
      ofPath = match "([.][.]?/[^:]*)(:.+)" text;
      ofText = match "/[^:]*(:.*)" text;
    in
    if ofPath != null then
      "\"\${${elemAt ofPath 0}}${elemAt ofPath 1}\""
    else if ofText != null then
      "\"\${${usage}}${elemAt ofText 0}\""
    else
      usage;
  areFiles = usage: option: value: all (isFile option usage) (listOf value);
  listOf = value: if isList value then value else [ value ];

  isApplication =
    option: value:
    if isAttrs value && !(value ? outPath) then
      refuse option "it is a set, and an application is one folder, with where it goes after a colon" ''"''${./src}:/srv"''
    else if isList value && length value > 1 then
      refuse option "it is ${toString (length value)} folders, and an application is one; `layer` takes more, as archives" "./src"
    else if isString value && match "${storeDir}/[^/:]*:[^/].*" value != null then
      refuse option "'${elemAt (match "[^:]*:(.*)" value) 0}', where it goes, does not begin with a slash" ''"''${./src}:/srv"''
    else
      areFiles "./src" option value;

  # Files under the paths where they go, in a set or as texts.
  arePlaced =
    option: value:
    if isList value then
      all (arePlaced option) value
    else if isAttrs value && !(value ? outPath) then
      all (isFile option usageOfPlaced) (attrValues value)
    else if isString value && match "[^=]*=.*" value != null then
      # What match gives has lost what the text hangs on.
      isFile option usageOfPlaced (substring 0 0 value + elemAt (match "[^=]*=(.*)" value) 0)
    else
      refuse option "it does not say where a file goes" usageOfPlaced;
  usageOfPlaced = ''{ "/etc/app.toml" = ./app.toml; }'';

  lock = "./base.lock.json";
  isLock = text: match ".*[.]json" text != null;
  isBuilt = text: filter (one: one ? outputs) (attrValues (getContext text)) != [ ];
  one = "and all targets have one base, of which a base lock holds a part for each (call mkWheels once more, with other `targets`, for another)";
  read = "and a base lock is read before anything is built";
  isBase =
    option: value:
    if isList value || isAttrs value && !(value ? outPath) then
      refuse option "it is a ${typeOf value}, ${one}" lock
    else if isAttrs value then
      !(isLock (value.name or "${value}")) || refuse option "it is a derivation, ${read}" lock
    else if isString value && isLock value && isBuilt value then
      refuse option "it is the text of a derivation, ${read}" lock
    else if isString value && match "[a-z][^=]*=.*" value != null then
      refuse option "'${value}' is for one target, ${one}" lock
    else
      # (What is said of the text of a base lock is said where it is read.)
      value == "scratch"
      || (isString value || isPath value) && isLock (toString value)
      || isFile option (if isString value then "./layout" else lock) value;

  known = {
    app = isApplication;
    app-file = arePlaced;
    app-program = arePlaced;
    base = isBase;
    layer = areFiles "./layer.tar";
    # (Its link is followed where it gets its name.)
    own-wheel =
      option: value:
      all (one: isPath one && pathExists one || isFile option "./own-1.0-py3-none-any.whl" one) (listOf value);
  };
in
all (
  option: !(options ? ${option}) || options.${option} == null && option != "base" || known.${option} option options.${option}
) (attrNames known)
