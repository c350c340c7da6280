# What a user says of builds, `overrides`, as far as it can be meant: an override that meets nothing is a mistake.
{
  # Names of the projects that the plan builds, and of all whose wheels it has.
  built,
  planned,
  # Names that targets go by.
  targets,
}:
let
  inherit (builtins)
    attrNames
    concatStringsSep
    elem
    filter
    head
    intersectAttrs
    isAttrs
    isFunction
    isPath
    isString
    mapAttrs
    match
    replaceStrings
    split
    typeOf
    ;

  letters = split "" "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  small = split "" "abcdefghijklmnopqrstuvwxyz";
  words = filter (one: one != "" && one != [ ]);
  # A name as plans have it, whose spelling is that of indexes: `Flask_Login` is `flask-login`.
  normal = replaceStrings (words letters ++ [ "_" "." ]) (words small ++ [ "-" "-" ]);

  # What a build, or Nix of a derivation, reads.
  read = [
    /**
      Whether Nix may fetch the build from a cache.
    */
    "allowSubstitutes"
    /**
      A function from a target to packages of nixpkgs, and folders, that are linked in place of the plan's libraries.
    */
    "libraries"
    /**
      What nixpkgs tells of a package: `description`, `license` ...
    */
    "meta"
    /**
      Programs of the machine that builds, on the `PATH` of the build.
    */
    "nativeBuildInputs"
    /**
      Attributes of the result that no build reads.
    */
    "passthru"
    /**
      Whether Nix builds it on this machine though there are remote builders.
    */
    "preferLocalBuild"
    /**
      What a machine has to have to build it, e.g. `[ "big-parallel" ]`.
    */
    "requiredSystemFeatures"
  ];
  # What Nix or nixpkgs says of a value of another type names no override.
  types =
    let
      truth = {
        name = "bool";
        usage = "true";
      };
      set = {
        name = "set";
        usage = "{ ... }";
      };
    in
    {
      allowSubstitutes = truth;
      libraries = {
        name = "function";
        type = "lambda";
        usage = "target: [ ... ]";
      };
      meta = set;
      nativeBuildInputs = {
        name = "list";
        usage = "[ ... ]";
        # nixpkgs takes `null` for what is not there.
        holds = one: isAttrs one || isString one || isPath one || one == null;
      };
      passthru = set;
      preferLocalBuild = truth;
      requiredSystemFeatures = {
        name = "list";
        usage = "[ \"big-parallel\" ]";
        holds = isString;
      };
    };
  isRead = key: elem key read || match "__.*|(dis)?allowed(References|Requisites)" key != null;

  # Where that is said which nixpkgs' builders are told by such attributes, for those that know them.
  configured = "in the configuration, [tool.crosswheel.packages], and plan anew";
  places = [
    {
      keys = "patch(es|Flags|Phase)|(pre|post)Patch";
      place = "name `patches` ${configured}";
    }
    {
      keys = "env|[A-Z][A-Za-z0-9]*(_.*)?";
      place = "set variables by `environment` ${configured}";
    }
    {
      keys = "(propagatedB|b)uildInputs|(nativeC|c)heckInputs|deps[A-Z].*";
      place = "give libraries by `libraries = target: [ ... ];` here, or by `sysroot` ${configured}";
    }
    {
      keys = "build-system|(optional-)?dependencies|propagatedNativeBuildInputs";
      place = "give build requirements by `build-requires` ${configured}";
    }
    {
      keys = ".*Flags(Array)?";
      place = "give options of the build backend by `config-settings` ${configured}";
    }
    {
      keys = "src|srcs|sourceRoot|version|pname|name|hash|sha256";
      place = "the lock says what is built; lock and plan anew";
    }
    {
      keys = "(pre|post)[A-Z].*|.*Phases?|phases|dont[A-Z].*|do[A-Z].*";
      place = "there are no phases, for the project's own build backend builds; give `patches`, `environment` or `config-settings` ${configured}";
    }
    {
      keys = ".*";
      place = "it takes ${concatStringsSep ", " read}";
    }
  ];
  placeOf = key: (head (filter (one: match one.keys key != null) places)).place;

  builds = if built == [ ] then "builds nothing" else "builds ${concatStringsSep ", " built}";
  refuse = name: why: throw "cannot use the override of '${name}': ${why}";

  checked =
    name: override:
    let
      unread = filter (key: !isRead key) (attrNames override);
      functions = filter (key: isFunction override.${key} && key != "libraries") (attrNames override);
      typed = attrNames (intersectAttrs override types);
      mistyped = filter (key: typeOf override.${key} != types.${key}.type or types.${key}.name) typed;
      strangers = key: filter (one: !types.${key}.holds one) override.${key};
      strange = filter (key: types.${key} ? holds && strangers key != [ ]) typed;
    in
    if elem name built then
      if isFunction override then
        refuse name "it is a function, and not a set; write `${name} = { ... };`"
      else if !isAttrs override then
        refuse name "it is a ${typeOf override}, and not a set; write `${name} = { ... };`"
      else if functions != [ ] then
        refuse name "`${head functions}` is a function, which no derivation takes; only `libraries` is one"
      else if unread != [ ] then
        refuse name "no build reads `${head unread}`; ${placeOf (head unread)}"
      else if override.__structuredAttrs or false != false then
        refuse name "steps are given their files by variables, which `__structuredAttrs` takes from them; remove it"
      else if mistyped != [ ] then
        refuse name "its `${head mistyped}` is a ${typeOf override.${head mistyped}}, and not a ${types.${head mistyped}.name}; write `${head mistyped} = ${types.${head mistyped}.usage};`"
      else if strange != [ ] then
        refuse name "its `${head strange}` holds a ${typeOf (head (strangers (head strange)))}; write `${head strange} = ${types.${head strange}.usage};`"
      else
        override
    else if elem (normal name) built then
      refuse name "the plan spells it '${normal name}'; mend its name"
    else if elem (normal name) planned then
      refuse name "the plan takes its wheel as it is, and ${builds}; remove the override, or plan with `prefer = \"sdist\"` for it"
    else if elem name targets then
      refuse name "that is a target, and an override goes by a project's name; the plan ${builds}"
    else
      refuse name "the plan ${builds}; remove the override, or mend its name";
in
mapAttrs checked
