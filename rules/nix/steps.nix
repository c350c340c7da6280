# Derivations of steps: each runs one command of docs/reference/steps.md, and nothing else.
{
  pkgs,
  core,
}:
let
  inherit (builtins)
    concatMap
    concatStringsSep
    map
    match
    replaceStrings
    toFile
    toJSON
    ;

  shellWord = import ./shell-word.nix;

  # An argument in a file of them, where the core reads words as a shell does. No line of it is the line that ends the file.
  quoted =
    argument:
    if match "[A-Za-z0-9_@%+=:,./-]+" argument != null then
      argument
    else
      replaceStrings [ "\n" ] [ "\n''" ] (shellWord argument);

  # Tools that packages' build scripts call and runCommand does not bring.
  tools = [
    pkgs.gnum4
    pkgs.perl
    pkgs.which
    pkgs.zip
  ];

  # Libraries that wheels of build requirements may link without bringing them (PEP 600), where no /usr/lib is.
  libraries = [
    pkgs.expat
    pkgs.stdenv.cc.cc.lib
    pkgs.zlib
  ];
in
rec {
  # A flag for each of several values.
  flags =
    flag:
    concatMap (value: [
      flag
      "${value}"
    ]);

  # A piece of a plan in a file of its own.
  planFile = name: plan: toFile "${name}.plan.json" (toJSON plan);

  # One step. Nix gives it a terminal, which nobody looks at: a line that is written over stands in the log as often as it was written.
  # Its arguments stand in a file, for they may be many, in their order, which decides where an option is repeated.
  #
  # name: of the derivation.
  # step: which of the steps.
  # plan: path of the plan, if the step has one.
  # arguments: all others.
  # output: what -o names; below $out, or $out itself.
  # words: how much it says.
  # before, after: commands around it.
  # attributes: of the derivation.
  runStep =
    {
      name,
      step,
      plan ? "",
      arguments,
      output ? "$out",
      words ? "--only-warnings",
      before ? "",
      after ? "",
      attributes ? { },
    }:
    pkgs.runCommand name attributes ''
      cat > arguments <<'END_OF_ARGUMENTS'
      ${concatStringsSep "" (map (argument: "${quoted argument}\n") arguments)}END_OF_ARGUMENTS
      ${before}
      ${core}/bin/crosswheel step ${step} ${words} --progress lines ${plan} @arguments -o ${output}
      ${after}
    '';

  # A command that fails where a Python has no bin/python3: of a derivation that is known when it is built.
  findPython = python: ''
    [ -x ${python}/bin/python3 ] || {
      echo "error: cannot use build Python '${python}': it has no bin/python3; give \`pythons\` a package of a Python, or a folder with bin/python3" >&2
      exit 1
    }
  '';

  # One step that compiles: in the core's own sandbox, inside Nix', with the tools and libraries that it shows a build.
  runBuildStep =
    {
      sandbox,
      buildPython,
      arguments,
      attributes ? { },
      ...
    }@step:
    runStep (
      removeAttrs step [
        "buildPython"
        "sandbox"
      ]
      // {
        before = (if buildPython == null then "" else findPython buildPython) + step.before or "";
        # What `nix log` has of a build is all that is left of it.
        words = "--verbose";
        arguments =
          arguments
          ++ [
            "--sandbox"
            sandbox
          ]
          ++ (if buildPython == null then [ ] else flags "--build-python" [ "${buildPython}/bin/python3" ]);
        attributes = attributes // {
          LD_LIBRARY_PATH = concatStringsSep ":" (map (library: "${library}/lib") libraries);
          nativeBuildInputs =
            (if sandbox == "bubblewrap" then [ pkgs.bubblewrap ] else [ ])
            ++ tools
            ++ attributes.nativeBuildInputs or [ ];
        };
      }
    );

  # Plain files that hold no path of the store: what leaves Nix. The core looks inside archives, where Nix does not.
  portable = {
    allowedReferences = [ ];
  };
}
