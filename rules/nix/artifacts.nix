# The files a plan names: each is fetched by its digest, or lies beside the plan.
{ fetchurl }:
let
  inherit (builtins)
    hashFile
    mapAttrs
    match
    pathExists
    ;

  storeName = import ./store-name.nix;
in
rec {
  inherit storeName;

  # A file that a plan names by `path`, which starts from the folder `base`, and by its digest.
  fileBeside =
    base: name:
    { path, sha256 }:
    let
      file = base + "/${path}";
    in
    if !pathExists file then
      throw "cannot find '${path}': the plan says that it lies beside it, and it does not; put it there, and in a repository `git add` it, for flakes see no other files"
    else if hashFile "sha256" file != sha256 then
      throw "cannot use '${path}': it is not the file that was planned with; plan anew with `crosswheel plan`, or bring that file back"
    else
      builtins.path {
        path = file;
        name = storeName name;
        recursive = false;
        inherit sha256;
      };

  # Store paths by digest. `base` is the folder that the plan's relative paths start from.
  artifactFiles =
    base: artifacts:
    mapAttrs (
      sha256: artifact:
      if artifact ? path then
        fileBeside base artifact.filename {
          inherit (artifact) path;
          inherit sha256;
        }
      else
        fetchurl {
          name = storeName artifact.filename;
          urls = [ artifact.url ] ++ artifact.also or [ ];
          sha256 =
            if match "[0-9a-f]{64}" sha256 == null then
              throw "cannot fetch '${artifact.filename}': the plan says that its SHA-256 is '${sha256}', and one has 64 digits; make the plan anew with `crosswheel plan`, or undo the edit"
            else
              sha256;
        }
    ) artifacts;
}
