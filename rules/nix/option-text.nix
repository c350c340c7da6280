# The text of an option's value: a string, a whole number or a derivation. Other values have several, or none.
#
# name: the option.
name: value:
let
  inherit (builtins)
    elem
    isAttrs
    toString
    typeOf
    ;
in
if
  elem (typeOf value) [
    "int"
    "string"
  ]
  || isAttrs value && value ? outPath
then
  toString value
else
  throw "cannot use option '${name}': a ${typeOf value} has no one form as text; write it as a string, e.g. \"1\""
