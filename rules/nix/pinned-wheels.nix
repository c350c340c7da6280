# Wheels pinned by hash, which the core and the command unpack: those of libraries, and uv.
{ pkgs, kind }:
let
  inherit (builtins) attrNames concatStringsSep map;
in
{
  # Of wheels by kind of machine the one for this machine; `lacks` says what there is not where there is none.
  ofMachine =
    lacks: wheels:
    wheels.${kind}
      or (throw "cannot run crosswheel on '${kind}': ${lacks}; use one of ${concatStringsSep ", " (attrNames wheels)}");

  fetched = map (
    wheel:
    pkgs.fetchurl {
      name = wheel.filename;
      inherit (wheel) sha256 url;
    }
  );
}
