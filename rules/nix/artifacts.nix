# The files a plan names: each is fetched by its digest, or lies beside the plan.
{ fetchurl }:
let
  inherit (builtins) mapAttrs path replaceStrings;

  # A name that the store takes. An epoch ("1!2.0") is the only thing that index file names hold and it does not.
  storeName = replaceStrings [ "!" "%" "~" ] [ "-" "-" "-" ];
in
{
  inherit storeName;

  # Store paths by digest. `base` is the folder that the plan's relative paths start from.
  artifactFiles =
    base: artifacts:
    mapAttrs (
      sha256: artifact:
      if artifact ? path then
        path {
          path = base + "/${artifact.path}";
          name = storeName artifact.filename;
          recursive = false;
          inherit sha256;
        }
      else
        fetchurl {
          name = storeName artifact.filename;
          urls = [ artifact.url ] ++ artifact.also or [ ];
          inherit sha256;
        }
    ) artifacts;
}
