# What has bin/python3 in it, of a Python that was given, or an error that says what is wanted: a package, or a folder.
#
# name: of the argument.
name: value:
let
  inherit (builtins)
    isAttrs
    isPath
    isString
    match
    pathExists
    toString
    typeOf
    ;

  notInBuild = import ./not-in-build.nix;
  storePath = import ./store-path.nix;

  refuse =
    why:
    throw "cannot use `${name}`: ${why}; give a package of a Python, such as nixpkgs', or the path of a folder with bin/python3";
  missing = notInBuild value;
  isInterpreter = !isAttrs value && match ".*/bin/python[0-9.t]*" (toString value) != null;
in
if !isAttrs value && !isPath value && !isString value || isAttrs value && !(value ? outPath) then
  refuse "it is a ${typeOf value}, and no package of a Python"
else if missing != null then
  refuse missing
else if isInterpreter then
  refuse "'${toString value}' is the interpreter, and not the folder that has it in bin"
# (Of a derivation that is known when it is built.)
else if isPath value && !pathExists (value + "/bin/python3") then
  refuse "'${toString value}' has no bin/python3"
else if isPath value then
  storePath value
else
  value
