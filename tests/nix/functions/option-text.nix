# Cases of rules/nix/option-text.nix.
let
  optionText = import ../../../rules/nix/option-text.nix "cmd";
in
{
  exports = [ "option-text" ];

  "option-text: what has one text" = {
    expr = map optionText [
      ""
      "a b"
      80
      { outPath = "/derivation"; }
    ];
    expected = [
      ""
      "a b"
      "80"
      "/derivation"
    ];
  };
  "option-text: a truth value" = {
    expr = optionText true;
    refused = "cannot use option 'cmd': a bool has no one form as text; write it as a string, e.g. \"1\"";
  };
}
