# A name that the store takes, from any. Of the names on indexes those with an epoch ("1!2.0") change; a file of the user's may
# have any letter in its name.
let
  inherit (builtins)
    concatStringsSep
    isString
    map
    match
    split
    ;
  taken = "a-zA-Z0-9+._?=-";
in
name:
let
  mended = concatStringsSep "" (
    map (part: if isString part then part else "-") (split "[^${taken}]" name)
  );
in
# Older Nix takes no name that begins with a dot.
if match "[.].*" name != null then
  "-${mended}"
else
  mended
