# Cases of rules/nix/shell-word.nix.
let
  shellWord = import ../../../rules/nix/shell-word.nix;
in
{
  exports = [ "shell-word" ];

  "shell-word: whatever is in it" = {
    expr = map shellWord [
      "it's $HOME"
      ""
      "a\nb"
    ];
    expected = [
      "'it'\\''s $HOME'"
      "''"
      "'a\nb'"
    ];
  };
}
