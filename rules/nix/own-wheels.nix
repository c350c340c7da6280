# Options of layers whose wheels of the user's own have their names again: a wheel goes by its file's name, and the store puts a hash
# before that of whatever lies in it. So each is given in a folder.
{ pkgs }:
let
  inherit (builtins)
    baseNameOf
    elemAt
    isList
    isPath
    map
    match
    path
    storeDir
    ;

  storeName = import ./store-name.nix;

  # The name of a wheel, of the project's folder or as a text or a derivation in the store; null for all else.
  nameOf =
    value:
    let
      name = match (if isPath value then ".*/([^/]*[.]whl)" else "${storeDir}/[0-9a-z]*-([^/]*[.]whl)") (
        toString value
      );
    in
    if name == null then null else elemAt name 0;

  given =
    value:
    let
      name = nameOf value;
      file =
        if isPath value then
          path {
            name = storeName name;
            path = value;
          }
        else
          "${value}";
    in
    if name == null then value else "${folderOf name file}/${name}";
  folderOf =
    name: file:
    pkgs.runCommand "own-wheel" { } ''
      mkdir $out
      cp ${file} $out/${shellWord name}
    '';
  shellWord = import ./shell-word.nix;
in
options:
options
// (
  if options.own-wheel or null == null then
    { }
  else
    { own-wheel = if isList options.own-wheel then map given options.own-wheel else given options.own-wheel; }
)
