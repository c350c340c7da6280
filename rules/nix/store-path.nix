# A path of the user's in the store, under its own name as far as the store takes that.
let
  inherit (builtins) baseNameOf path;

  storeName = import ./store-name.nix;
in
value:
let
  name = baseNameOf value;
in
if storeName name == name then
  "${value}"
else
  path {
    name = storeName name;
    path = value;
  }
