# Cases of every function of rules/nix: what it is asked, and what it is to answer or a part of what it says when it refuses.
# They stand in functions/, a file for each of rules/nix, which names what that file makes for others (`exports`). A case is
# named by what it is about, before a colon. tests/e2e/test_nix_functions.py evaluates them.
let
  inherit (builtins)
    attrNames
    attrValues
    concatMap
    elem
    filter
    foldl'
    head
    listToAttrs
    map
    match
    pathExists
    readDir
    removeAttrs
    ;

  files = map (name: head (match "(.*)\\.nix" name)) (
    filter (name: match ".*\\.nix" name != null) (attrNames (readDir ../../rules/nix))
  );
  tables = listToAttrs (
    map (name: {
      inherit name;
      value =
        if pathExists (./functions + "/${name}.nix") then import (./functions + "/${name}.nix") else { exports = [ ]; };
    }) files
  );
  exported = concatMap (
    file: if tables.${file}.exports == [ ] then [ file ] else tables.${file}.exports
  ) files;
in
rec {
  cases = foldl' (all: table: all // removeAttrs table [ "exports" ]) { } (attrValues tables);

  # Those with another answer. (No expression tells of a refusal what it says.)
  wrong = filter (name: cases.${name} ? expected && cases.${name}.expr != cases.${name}.expected) (
    attrNames cases
  );

  # What a case is about.
  subject = name: head (match "([^:]*)(:.*)?" name);

  # What is exported and none of these cases is about.
  forgotten =
    cases:
    let
      tried = map subject (attrNames cases);
    in
    filter (name: !elem name tried) exported;
}
