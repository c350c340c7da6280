# The path of a file that is read at evaluation, or an error that says how it is written: what Nix says of a value of another
# kind, or of a text, does not name the argument.
{
  # What the file is.
  thing,
  # How it is written.
  usage,
  # The command that makes it.
  maker,
}:
let
  inherit (builtins)
    isPath
    isString
    match
    pathExists
    replaceStrings
    storeDir
    stringLength
    substring
    toString
    typeOf
    ;

  # A text may be that of the whole file.
  shown =
    text:
    let
      line = replaceStrings [ "\n" ] [ " " ] text;
    in
    if stringLength line > 60 then "${substring 0 60 line}..." else line;
  # (Older Nix cannot tell, and says itself that it cannot read a folder.)
  isFolder = path: builtins ? readFileType && builtins.readFileType path == "directory";
in
path:
if !isPath path && !isString path then
  throw "cannot read ${thing}: it is a ${typeOf path}, and not a path; write `${usage}`"
else if isString path && match "/.*" path == null then
  throw "cannot read ${thing} '${shown path}': it is a text, and no path; write `${usage}`"
else if !pathExists path then
  throw "cannot read ${thing} '${toString path}': there is no such file; make it with `${maker}`, and in a repository `git add` it, for flakes see no other files${
    if isString path && match "${storeDir}/.*" path == null then
      ", and none that is named by a text: write `${usage}`"
    else
      ""
  }"
else if isFolder path then
  throw "cannot read ${thing} '${toString path}': it is a folder, and not a file; write `${usage}`"
else
  path
