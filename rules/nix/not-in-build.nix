# Why a build sees nothing of what is given as a file or a folder, a clause; null where it does see it. A text brings into a build what
# it was made of, a path or a derivation, and nothing by what it says.
let
  inherit (builtins)
    hasContext
    isAttrs
    isPath
    isString
    match
    pathExists
    storeDir
    toString
    typeOf
    ;

  isLink = import ./is-link.nix;
in
value:
if isPath value then
  if !pathExists value then
    "'${toString value}' is not there, and in a repository `git add` it, for flakes see no other files"
  else if isLink value then
    "'${toString value}' is a symbolic link, of which Nix takes the link alone: name what it leads to"
  else
    null
else if isAttrs value && value ? outPath then
  null
else if !isString value then
  "it is a ${typeOf value}, and not a path"
else if match "/.*" value == null then
  "'${value}' is a text, and no path"
else if match "${storeDir}/.*" value == null then
  "'${value}' is the text of a path outside the store, of which a build sees nothing"
else if hasContext value then
  null
else
  "'${value}' is the text of a path, which brings nothing into the build"
