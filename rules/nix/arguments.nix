# What `mkWheels` is given beside the plan, as far as it can be meant: what meets nothing is a mistake, and what Nix says of a value
# of another kind does not name the argument.
{
  # X.Y of the Pythons that the plan's builds run with.
  versions,
}:
{
  image,
  lambda,
  layer,
  overrides,
  pythons,
  runtime,
  sandbox,
  targets,
}:
let
  inherit (builtins)
    all
    attrNames
    concatStringsSep
    elem
    filter
    fromJSON
    head
    isAttrs
    isBool
    isList
    isString
    match
    readFile
    replaceStrings
    typeOf
    ;

  # The options that a step takes of the user; a test compares them with the command line's.
  options = fromJSON (readFile ./options.json);
  optionKind = import ./option-kind.nix;

  refuse = name: why: throw "cannot use `${name}`: ${why}";
  be = kind: name: value: usage: refuse name "it is a ${typeOf value}, and not a ${kind}; write `${usage}`";

  isSet =
    name: value: usage:
    isAttrs value || be "set" name value "${name} = ${usage};";

  # Whether the step takes all that is said of it.
  areOptions =
    name: kinds: given:
    let
      known = attrNames kinds;
      unknown = filter (one: !elem one known) (attrNames given);
      one = head unknown;
    in
    if unknown == [ ] then
      isCompressed name given && all (one: optionKind name one kinds.${one} given.${one}) (attrNames given)
    else
      refuse "${name}.${one}" "there is no such option; ${meantBy known one}it takes ${concatStringsSep ", " known}";
  # What is meant by a name that is none: of the command line, of Nix, or nearly the right one.
  meantBy =
    known: name:
    let
      dashed = replaceStrings [ "_" ] [ "-" ] name;
      singular = match "(.*)s" dashed;
      near = filter (one: elem one known) (
        [
          dashed
          "${dashed}s"
        ]
        ++ (if singular == null then [ ] else singular)
        ++ (if elem "own-wheel" known && match "wheels?" name != null then [ "own-wheel" ] else [ ])
        ++ (if name == "prefix" then [ "environment" ] else [ ])
      );
    in
    if near != [ ] then
      "write `${head near}`; "
    else if name == "build-python" then
      "the interpreter of builds and of bytecode is `pythons.\"X.Y\"` of mkWheels; "
    else if elem dashed [ "sandbox" "target" "targets" ] then
      "`${if dashed == "sandbox" then dashed else "targets"}` is an argument of mkWheels; "
    else
      "";
  # The core's steps run without the package zstandard, whose wheels are another for every Python.
  isCompressed =
    name: options:
    (options.compression or null) != "zstd"
    || refuse "${name}.compression" "'zstd' is not to be had with Nix; use \"gzip\" or \"none\", or make it with `crosswheel ${name}`";

  unknownPythons = filter (version: !elem version versions) (attrNames pythons);
  pythonFolder = import ./python-folder.nix;
  strange = filter (name: !isString name) targets;
in
all (one: one) [
  (isSet "overrides" overrides "{ numpy = { ... }; }")
  (isSet "pythons" pythons "{ \"3.11\" = ...; }")
  (
    unknownPythons == [ ]
    || refuse "pythons.${head unknownPythons}" "the builds of the plan run with Python ${concatStringsSep ", " versions}; name it by X.Y, as `pythons.\"3.11\"`, or remove it"
  )
  (all (version: pythonFolder "pythons.\"${version}\"" pythons.${version} != null) (attrNames pythons))
  (
    isSet "layer" layer "{ max-layers = 1; }"
    && areOptions "layer" options.layer layer
  )
  (isSet "lambda" lambda "{ ... }" && areOptions "lambda" options.lambda lambda)
  (
    image == null
    || isSet "image" image "{ base = ...; }"
    && areOptions "image" (options.image // options.layersOfImage) image
  )
  (runtime == null || isBool runtime || be "bool" "runtime" runtime "runtime = true;")
  (
    elem sandbox [
      "bubblewrap"
      "none"
    ]
    || refuse "sandbox" "it is ${
      if isString sandbox then "'${sandbox}'" else "a ${typeOf sandbox}"
    }; write \"bubblewrap\" or \"none\""
  )
  (
    if targets == null then
      true
    else if !isList targets then
      throw "cannot choose targets: `targets` is a ${typeOf targets}, and not a list; write `targets = [ \"aarch64\" ];`"
    else if targets == [ ] then
      throw "cannot choose targets: `targets` is empty; name one at least, or leave it out for all of the plan's"
    else
      strange == [ ]
      || throw "cannot choose targets: one of `targets` is a ${typeOf (head strange)}, and not a string; write `targets = [ \"aarch64\" ];`"
  )
]
