# Cases of rules/nix/option-kind.nix.
let
  optionKind = import ../../../rules/nix/option-kind.nix "image";
  derivation.outPath = "/derivation";
in
{
  exports = [ "option-kind" ];

  "option-kind: what each kind takes" = {
    expr = [
      (optionKind "app" "file" (throw "looked at"))
      (optionKind "user" "text" null)
      (map (optionKind "user" "text") [ "me" 1000 derivation ])
      (map (optionKind "max-layers" "number") [ 1 "1" "-1" ])
      (map (optionKind "bytecode" "switch") [ true false ])
      (map (optionKind "port" "list") [ 80 "80/udp" [ 80 "80/udp" ] [ ] ])
      (map (optionKind "cmd" "words") [ "a b" [ "a" 1 derivation "" ] [ ] ])
      (map (optionKind "env" "pairs") [ "A=1" { A = 1; B = derivation; } [ "A=1" { B = ""; } ] ])
      (optionKind "sbom" [ "file" "none" ] "none")
    ];
    expected = [
      true
      true
      [ true true true ]
      [ true true true ]
      [ true true ]
      [ true true true true ]
      [ true true true ]
      [ true true true ]
      true
    ];
  };
  "option-kind: a text that is a path" = {
    expr = optionKind "workdir" "text" /app;
    refused = "cannot use `image.workdir`: it is a path, and not a string; write `workdir = \"...\";`";
  };
  "option-kind: a command that is none" = {
    expr = optionKind "entrypoint" "words" true;
    refused = "cannot use `image.entrypoint`: it is a bool, and not a string; write `entrypoint = \"python -m greet\";`";
  };
  "option-kind: a word of a command that is none" = {
    expr = optionKind "entrypoint" "words" [ "python" null ];
    refused = "cannot use `image.entrypoint`: it holds a null, which has no one form as text; write `entrypoint = [ \"python\" \"-m\" \"greet\" ];`";
  };
  "option-kind: a number that is none" = {
    expr = optionKind "max-layers" "number" [ 1 ];
    refused = "cannot use `image.max-layers`: it is a list, and not a number; write `max-layers = 1;`";
  };
  "option-kind: a text for a number" = {
    expr = optionKind "limit" "number" "250 MB";
    refused = "cannot use `image.limit`: it is '250 MB', and not a whole number; write `limit = 1;`";
  };
  "option-kind: an empty text" = {
    expr = optionKind "tag" "text" "";
    refused = "cannot use `image.tag`: it is empty, where it could be left out; write `tag = \"...\";`";
  };
  "option-kind: an empty text in a list" = {
    expr = optionKind "port" "list" [ 80 "" ];
    refused = "cannot use `image.port`: it is empty, where it could be left out; write `port = [ \"...\" ];`";
  };
  "option-kind: an empty command" = {
    expr = optionKind "cmd" "words" "";
    refused = "cannot use `image.cmd`: it is empty, where it could be left out; write `cmd = \"python -m greet\";`";
  };
  "option-kind: an empty pair" = {
    expr = optionKind "env" "pairs" [ "" ];
    refused = "cannot use `image.env`: it is empty, where it could be left out; write `env = { NAME = \"...\"; };`";
  };
  "option-kind: a switch by a word" = {
    expr = optionKind "bytecode" "switch" "yes";
    refused = "cannot use `image.bytecode`: it is a string, and not a bool; write `bytecode = true;`";
  };
  "option-kind: a set for a list" = {
    expr = optionKind "port" "list" { http = 80; };
    refused = "cannot use `image.port`: it is a set, and not a list; write `port = [ \"...\" ];`";
  };
  "option-kind: a list in a list" = {
    expr = optionKind "port" "list" [ [ 80 ] ];
    refused = "cannot use `image.port`: it holds a list, which has no one form as text; write `port = [ \"...\" ];`";
  };
  "option-kind: a function for a set" = {
    expr = optionKind "env" "pairs" (one: one);
    refused = "cannot use `image.env`: it is a lambda, and not a set; write `env = { NAME = \"...\"; };`";
  };
  "option-kind: a variable that is a truth value" = {
    expr = optionKind "env" "pairs" [ { DEBUG = true; } ];
    refused = "cannot use `image.env.DEBUG`: it is a bool, which has no one form as text; write `env = { DEBUG = \"1\"; };`";
  };
  "option-kind: a word that is none of those it takes" = {
    expr = optionKind "sbom" [ "file" "none" ] "no";
    refused = "cannot use `image.sbom`: it is 'no'; write `sbom = \"file\";` or `sbom = \"none\";`";
  };
  "option-kind: a truth value for a word" = {
    expr = optionKind "sbom" [ "file" "none" ] false;
    refused = "cannot use `image.sbom`: it is a bool; write `sbom = \"file\";`";
  };
}
