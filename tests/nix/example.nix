# What the cases in functions/ are about: a small plan, and a package set whose derivations say only what they were made of.
let
  inherit (builtins)
    elemAt
    filter
    fromJSON
    isString
    listToAttrs
    map
    match
    readFile
    removeAttrs
    replaceStrings
    split
    ;

  named = names: listToAttrs (map (name: { inherit name; value = "/${name}"; }) names);
in
rec {
  arm = "cp311-linux_aarch64_glibc_2_28";
  musl = "cp311-linux_aarch64_musl_1_2";
  amd = "cp311-linux_x86_64_glibc_2_28";

  planFile = ./project/wheels.plan.json;
  plan = fromJSON (readFile planFile);

  pkgs =
    named [
      "bubblewrap"
      "expat"
      "gnum4"
      "perl"
      "python311"
      "uv"
      "which"
      "zip"
      "zlib"
    ]
    // {
      fetchurl = fetched: {
        inherit fetched;
        outPath = "/fetched/${fetched.name}";
      };
      mkShell = attributes: { shell = attributes; };
      nixfmt-tree = "/nixfmt";
      python3.outPath = "/python3";
      pkgsCross.aarch64-multiplatform = "cross compiled";
      runCommand =
        name: attributes: script:
        {
          inherit attributes name script;
          outPath = "/made/${name}";
        }
        // (if attributes ? version then { inherit (attributes) version; } else { });
      stdenv = {
        cc.cc.lib = "/gcc";
        hostPlatform = {
          system = "x86_64-linux";
          isMusl = false;
        };
      };
    };

  # The same, and a derivation goes by all it was made of, as real ones do.
  telling = pkgs // {
    runCommand =
      name: attributes: script:
      pkgs.runCommand name attributes script // { outPath = script; };
  };

  steps = import ../../rules/nix/steps.nix {
    inherit pkgs;
    core = "/core";
  };

  # A package of two outputs.
  package =
    pname: attributes:
    {
      inherit pname;
      outputs = [
        "bin"
        "dev"
        "out"
      ];
      bin = "/${pname}-bin";
      dev = "/${pname}-dev";
      out = "/${pname}";
    }
    // attributes;

  # What a derivation is made of, without its path, which alone would be shown and compared.
  made = derivation: removeAttrs derivation [ "outPath" ];

  # The command of a step, and its arguments, a line each.
  command = step: elemAt (match ".*\n(/core/bin/crosswheel step [^\n]*)\n.*" step.script) 0;
  arguments =
    step:
    let
      lines = filter isString (
        split "\n" (elemAt (match ".*<<'END_OF_ARGUMENTS'\n(.*)\nEND_OF_ARGUMENTS\n.*" step.script) 0)
      );
      word =
        line:
        let
          inner = match "'(.*)'" line;
        in
        if inner == null then line else replaceStrings [ "'\\''" ] [ "'" ] (elemAt inner 0);
    in
    map word lines;

  # Whether a script has a piece of text.
  has = text: script: replaceStrings [ text ] [ "" ] script != script;
}
