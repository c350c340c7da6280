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
    head
    isAttrs
    isBool
    isList
    isString
    typeOf
    ;

  refuse = name: why: throw "cannot use `${name}`: ${why}";
  be = kind: name: value: usage: refuse name "it is a ${typeOf value}, and not a ${kind}; write `${usage}`";

  isSet =
    name: value: usage:
    isAttrs value || be "set" name value "${name} = ${usage};";

  # The core's steps run without the package zstandard, whose wheels are another for every Python.
  isCompressed =
    name: options:
    (options.compression or null) != "zstd"
    || refuse "${name}.compression" "'zstd' is not to be had with Nix; use \"gzip\" or \"none\", or make it with `crosswheel ${name}`";

  unknownPythons = filter (version: !elem version versions) (attrNames pythons);
  strange = filter (name: !isString name) targets;
in
all (one: one) [
  (isSet "overrides" overrides "{ numpy = { ... }; }")
  (isSet "pythons" pythons "{ \"3.11\" = ...; }")
  (
    unknownPythons == [ ]
    || refuse "pythons.${head unknownPythons}" "the builds of the plan run with Python ${concatStringsSep ", " versions}; name it by X.Y, as `pythons.\"3.11\"`, or remove it"
  )
  (isSet "layer" layer "{ max-layers = 1; }" && isCompressed "layer" layer)
  (isSet "lambda" lambda "{ ... }")
  (image == null || isSet "image" image "{ base = ...; }" && isCompressed "image" image)
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
