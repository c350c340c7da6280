# Cases of rules/nix/steps.nix.
let
  inherit (import ../example.nix) has made plan steps;
in
{
  exports = map (name: "steps.${name}") (builtins.attrNames steps);

  "steps.flags: one for each" = {
    expr = steps.flags "--wheel" [
      "a"
      "b"
    ];
    expected = [
      "--wheel"
      "a"
      "--wheel"
      "b"
    ];
  };
  "steps.planFile" = {
    expr = steps.planFile "x" plan;
    expected = builtins.toFile "x.plan.json" (builtins.toJSON plan);
  };
  "steps.runStep: arguments stand in a file" = {
    expr = made (
      steps.runStep {
        name = "x";
        step = "check";
        plan = "p.json";
        arguments = [
          "--target"
          "it's"
        ];
        attributes = steps.portable;
      }
    );
    expected = {
      attributes.allowedReferences = [ ];
      name = "x";
      script = ''
        cat > arguments <<'END_OF_ARGUMENTS'
        --target
        'it'\'''s'
        END_OF_ARGUMENTS

        /core/bin/crosswheel step check --only-warnings --progress lines p.json @arguments -o $out

      '';
    };
  };
  "steps.runStep: arguments keep their order, and none ends the file, whatever they hold" = {
    expr =
      (steps.runStep {
        name = "x";
        step = "check";
        arguments = [
          "--env=A=b c"
          "--label=d=it's\nEND_OF_ARGUMENTS\n"
          "--env=C=-d"
          ""
          "--env=D=ü"
        ];
      }).script;
    expected = builtins.concatStringsSep "\n" [
      "cat > arguments <<'END_OF_ARGUMENTS'"
      "'--env=A=b c'"
      "'--label=d=it'\\''s"
      "''END_OF_ARGUMENTS"
      "'''"
      "--env=C=-d"
      "''"
      "'--env=D=ü'"
      "END_OF_ARGUMENTS"
      ""
      "/core/bin/crosswheel step check --only-warnings --progress lines  @arguments -o $out"
      ""
      ""
    ];
  };
  "steps.runStep: commands before and after, and a file below the output" = {
    expr =
      (steps.runStep {
        name = "x";
        step = "check";
        arguments = [ ];
        output = "$out/check.json";
        before = "mkdir $out";
        after = "cp wheel $out";
      }).script;
    expected = ''
      cat > arguments <<'END_OF_ARGUMENTS'
      END_OF_ARGUMENTS
      mkdir $out
      /core/bin/crosswheel step check --only-warnings --progress lines  @arguments -o $out/check.json
      cp wheel $out
    '';
  };
  "steps.findPython: what there is not is told" = {
    expr = has "echo \"error: cannot use build Python '/python': it has no bin/python3; give \\`pythons\\` a package" (
      steps.findPython "/python"
    );
    expected = true;
  };
  "steps.runBuildStep: tools, libraries, sandbox and Python of a build" = {
    expr =
      let
        step = steps.runBuildStep {
          name = "x";
          step = "build";
          arguments = [ ];
          sandbox = "bubblewrap";
          buildPython = "/python";
          attributes.nativeBuildInputs = [ "/more" ];
        };
      in
      step.attributes
      // {
        words = has "--sandbox\nbubblewrap\n--build-python\n/python/bin/python3\n" step.script;
        looks = has (steps.findPython "/python") step.script;
      };
    expected = {
      LD_LIBRARY_PATH = "/expat/lib:/gcc/lib:/zlib/lib";
      nativeBuildInputs = [
        "/bubblewrap"
        "/gnum4"
        "/perl"
        "/which"
        "/zip"
        "/more"
      ];
      looks = true;
      words = true;
    };
  };
  "steps.runBuildStep: without a sandbox and a Python" = {
    expr =
      let
        step = steps.runBuildStep {
          name = "x";
          step = "runtime";
          arguments = [ ];
          sandbox = "none";
          buildPython = null;
        };
      in
      {
        tools = step.attributes.nativeBuildInputs;
        python = has "--build-python" step.script;
        words = has "--sandbox\nnone\n" step.script;
      };
    expected = {
      tools = [
        "/gnum4"
        "/perl"
        "/which"
        "/zip"
      ];
      python = false;
      words = true;
    };
  };
  "steps.portable: no path of the store" = {
    expr = steps.portable;
    expected.allowedReferences = [ ];
  };
}
