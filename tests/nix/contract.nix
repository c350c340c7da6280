# Every attribute of nixpkgs that rules/nix uses, and what it has to be. Applied to a package set, the names of those
# that are missing or something else.
pkgs:
let
  inherit (builtins)
    attrNames
    elem
    filter
    foldl'
    isAttrs
    isBool
    isFunction
    isString
    map
    split
    ;

  isDerivation = value: isAttrs value && value.type or "" == "derivation" && isString value.drvPath;
  isCallable = value: isFunction value || isAttrs value && value ? __functor;

  # What is for a platform, by its triple: nixpkgs' has a vendor in it, and may call the processor by its kind.
  isFor =
    kind: config:
    isString config
    && elem config (
      map (
        cpu:
        let
          after = builtins.elemAt (builtins.match "[^-]*-(.*)" kind.gnu) 0;
        in
        "${cpu}-unknown-${after}"
      ) [
        kind.arch
        (builtins.head (builtins.match "([^-]*)-.*" kind.gnu))
      ]
    );
  inherit (import ../../rules/nix/target-ids.nix) kinds;
  inherit (import ../../rules/nix/libraries.nix { pkgs = null; }) crossNames;
  crossed = builtins.listToAttrs (
    map (kind: {
      name = "pkgsCross.${crossNames.${kind}}.stdenv.hostPlatform.config";
      value = isFor kinds.${kind};
    }) (attrNames crossNames)
  );

  used = crossed // {
    "bubblewrap" = isDerivation;
    "expat" = isDerivation;
    "fetchurl" = isCallable;
    "gnum4" = isDerivation;
    "mkShell" = isCallable;
    "nixfmt-tree" = isDerivation;
    "perl" = isDerivation;
    "python3" = isDerivation;
    "runCommand" = isCallable;
    "stdenv.cc.cc.lib" = isDerivation;
    "stdenv.hostPlatform.isMusl" = isBool;
    "stdenv.hostPlatform.system" = isString;
    "uv" = isDerivation;
    "which" = isDerivation;
    "zip" = isDerivation;
    "zlib" = isDerivation;
  };

  value =
    path:
    foldl' (set: name: if set == null || !(set ? ${name}) then null else set.${name}) pkgs (
      filter isString (split "\\." path)
    );
in
{
  names = attrNames used;
  broken = filter (
    path:
    let
      found = value path;
    in
    found == null || !(used.${path} found)
  ) (attrNames used);
}
