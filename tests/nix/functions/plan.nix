# Cases of rules/nix/plan.nix.
let
  inherit (import ../example.nix) amd arm plan planFile;
  plans = import ../../../rules/nix/plan.nix;
  fast = plan.builds."fast-1.0-${arm}";
in
{
  exports = map (name: "plan.${name}") (builtins.attrNames plans);

  "plan.artifactsNamed: what a piece of a plan names, however deep, and nothing else" = {
    expr = plans.artifactsNamed plan [
      { x.y = [ "a" ]; }
      "no digest"
      1
    ];
    expected.a = {
      filename = "fast-1.0.tar.gz";
      url = "https://files.invalid/fast-1.0.tar.gz";
    };
  };
  "plan.buildsNeeded: those of the build platform, and those laid over" = {
    expr = plans.buildsNeeded (fast // { overlays = [ { build = "other"; } ]; }) [ amd ];
    expected = [
      "other"
      "tool-1.0-${amd}"
    ];
  };
  "plan.buildsNeeded: of no platform" = {
    expr = plans.buildsNeeded fast [ ];
    expected = [ ];
  };
  "plan.pinsOf: of a target, and of a build platform" = {
    expr = map (plans.pinsOf plan) [
      arm
      amd
    ];
    expected = [
      { id = arm; }
      { id = amd; }
    ];
  };
  "plan.pinsOf: of no target" = {
    expr = plans.pinsOf plan "cp39-x";
    refused = "cannot read plan 'cp39-x': nothing is pinned for this target";
  };
  "plan.readPlan: a file that is not there" = {
    expr = plans.readPlan ../project/other.plan.json;
    refused = "/project/other.plan.json': there is no such file; make it with `crosswheel plan`, and in a repository `git add` it, for flakes see no other files";
  };
  "plan.readPlan: what is no JSON" = {
    expr = plans.readPlan ../check.nix;
    refused = "/check.nix': it does not begin as a JSON document does; give what `crosswheel plan` made";
  };
  "plan.readPlan: one with a byte order mark" = {
    expr = plans.readPlan (
      builtins.toFile "x.json" (builtins.fromJSON "\"\\ufeff\"" + builtins.readFile planFile)
    );
    refused = "-x.json': it begins with a byte order mark, which JSON has none of; save it without, or make it anew with `crosswheel plan`";
  };
  "plan.readPlan: one in UTF-16" = {
    expr = plans.readPlan ../project/utf-16.plan.json;
    refused = "/utf-16.plan.json', which is no text in UTF-8 if it holds null bytes";
  };
  "plan.readPlan: JSON that is damaged" = {
    expr = plans.readPlan (builtins.toFile "x.json" "{ \"schema\": ");
    refused = "-x.json', a JSON document that `crosswheel plan` makes";
  };
  "plan.readPlan: one that was edited" = {
    expr = plans.readPlan (
      builtins.toFile "x.json" ''{"schema": 1, "artifacts": {}, "builds": {"a": {}}, "targets": [], "source_date_epoch": 0}''
    );
    refused = "-x.json': `builds.a` has no `environments` that is a set; make it anew with `crosswheel plan`, or undo the edit";
  };
  "plan.readPlan: what is no plan" = {
    expr = plans.readPlan (builtins.toFile "x.json" "{}");
    refused = "it is not a plan; make one with `crosswheel plan`";
  };
  "plan.readPlan: one of another schema" = {
    expr = plans.readPlan (builtins.toFile "x.json" "{\"schema\": 2}");
    refused = "it has schema 2, and this crosswheel reads schema 1";
  };
  "plan.readPlan: one that was read already" = {
    expr = plans.readPlan plan;
    refused = "cannot read plan: it is a set, and not a path; write `plan = ./wheels.plan.json;`";
  };
  "plan.readPlan: one that lacks a part" = {
    expr = plans.readPlan (builtins.toFile "x.json" (builtins.toJSON (removeAttrs plan [ "targets" ])));
    refused = "-x.json': it has no `targets`; make it anew with `crosswheel plan`";
  };
  "plan.readPlan: a plan" = {
    expr = plans.readPlan planFile == plan;
    expected = true;
  };
  "plan.partForBuild: the build, those it needs, and what these name" = {
    expr =
      let
        part = plans.partForBuild plan "fast-1.0-${arm}";
      in
      {
        artifacts = builtins.attrNames part.artifacts;
        builds = builtins.attrNames part.builds;
        platforms = map (one: one.id) part.build_platforms;
        inherit (part) inputs targets;
        accepts = part ? accept;
      };
    expected = {
      artifacts = [
        "a"
        "b"
        "d"
        "e"
      ];
      builds = [
        "fast-1.0-${arm}"
        "tool-1.0-${amd}"
      ];
      platforms = [
        arm
        amd
      ];
      inputs = { };
      targets = [ ];
      accepts = false;
    };
  };
  "plan.partForBuild: a build that is not there" = {
    expr = plans.partForBuild plan "gone-1.0-${arm}";
    refused = "cannot read plan 'gone-1.0-${arm}': this build is named and not held; make the plan anew";
  };
  "plan.partForWheels: one wheel, and what is accepted of it" = {
    expr =
      let
        part = plans.partForWheels plan (builtins.head plan.targets) [ "demo" ];
      in
      {
        inherit (part) accept builds;
        wheels = map (wheel: wheel.name) (builtins.head part.targets).wheels;
        artifacts = builtins.attrNames part.artifacts;
      };
    expected = {
      accept.demo = [ "stray-file" ];
      builds = { };
      wheels = [ "demo" ];
      artifacts = [ "c" ];
    };
  };
  "plan.partForRuntime: the compiler, and no more of what is built with than Meson" = {
    expr =
      (plans.partForRuntime (
        plan
        // {
          artifacts = plan.artifacts // {
            m.filename = "meson-1.0-py3-none-any.whl";
            n.filename = "mesonic-1.0-py3-none-any.whl";
            o.filename = "meson_python-1.0-py3-none-any.whl";
          };
          builds = plan.builds // {
            "fast-1.0-${arm}" = plan.builds."fast-1.0-${arm}" // {
              environments.${amd} = {
                requirements = [
                  "b"
                  "m"
                  "n"
                  "o"
                ];
                toolchain = "d";
              };
            };
          };
        }
      ) arm).builds;
    expected."runtime-0-${arm}" = {
      backend = "none";
      environments.${amd} = {
        requirements = [
          "m"
          "o"
        ];
        toolchain = "d";
      };
      inputs = "d";
      name = "runtime";
      sdist = "d";
      target = arm;
      version = "0";
    };
  };
  "plan.partForRuntime: nothing is compiled" = {
    expr = plans.partForRuntime plan amd;
    expected = null;
  };
}
