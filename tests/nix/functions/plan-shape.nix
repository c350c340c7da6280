# Cases of rules/nix/plan-shape.nix.
let
  planShape = import ../../../rules/nix/plan-shape.nix;
  digest = "0000000000000000000000000000000000000000000000000000000000000000";
  whole = {
    artifacts.${digest} = {
      filename = "a";
      path = "a";
    };
    builds.b = {
      environments = { };
      name = "b";
      target = "t";
      version = "1";
    };
    targets = [
      {
        id = "t";
        wheels = [ ];
      }
    ];
  };
in
{
  exports = [ "plan-shape" ];

  "plan-shape: a plan" = {
    expr = planShape whole;
    expected = [ ];
  };
  "plan-shape: a target twice, as after a merge" = {
    expr = planShape (whole // { targets = whole.targets ++ whole.targets; });
    expected = [ "`targets` has 't' more than once" ];
  };
  "plan-shape: a wheel by the build of another target, and twice" = {
    expr = planShape (
      whole
      // {
        targets = [
          {
            id = "u";
            wheels = [
              {
                build = "b";
                name = "b";
                version = "1";
              }
              {
                artifact = digest;
                name = "b";
                version = "1";
              }
              {
                build = "c";
                name = "c";
                version = "1";
              }
            ];
          }
          {
            id = "t";
            wheels = [
              {
                build = "b";
                name = "b";
                version = "1";
              }
            ];
          }
        ];
      }
    );
    expected = [
      "`targets[0].wheels[0]` names the build 'b', which is another package's or target's"
      "`targets[0].wheels[2]` names the build 'c', and `builds` has none of that name"
      "`targets[0].wheels` has 'b' more than once"
    ];
  };
  "plan-shape: digests that are cut short" = {
    expr = planShape (
      whole
      // {
        builds.b = whole.builds.b // {
          crates = [
            digest
            "00"
          ];
          environments.t = {
            requirements = [ "01" ];
            toolchain = digest;
          };
          sdist = "02";
        };
        targets = [
          {
            id = "t";
            wheels = [
              {
                name = "a";
                version = "1";
                artifact = "03";
              }
            ];
          }
        ];
      }
    );
    expected = [
      "`targets[0].wheels[0]` names the artifact '03', and `artifacts` has none of that digest"
      "`builds.b.crates` names the artifact '00', and `artifacts` has none of that digest"
      "`builds.b.sdist` names the artifact '02', and `artifacts` has none of that digest"
      "`builds.b.environments` names the artifact '01', and `artifacts` has none of that digest"
    ];
  };
  "plan-shape: wheels of both kinds, of none, and of other types" = {
    expr = planShape (
      whole
      // {
        targets = [
          {
            id = "t";
            wheels = [
              {
                name = "a";
                version = "1";
                artifact = digest;
                build = "b";
              }
              {
                name = "a";
                version = "1";
              }
              "a"
              { name = "a"; }
              {
                name = "b";
                version = "1";
                build = "b";
              }
            ];
          }
        ];
      }
    );
    expected = [
      "`targets[0].wheels[0]` has an `artifact` and a `build`, of which a wheel has one"
      "`targets[0].wheels[1]` has no `artifact` and no `build`"
      "`targets[0].wheels[2]` is a string, and not a set"
      "`targets[0].wheels[3]` has no `version` that is a string"
      "`targets[0].wheels` has 'a' more than once"
    ];
  };
  "plan-shape: values of other types" = {
    expr = planShape {
      artifacts = null;
      builds = [ ];
      targets = { };
    };
    expected = [
      "`artifacts` is a null, and not a set"
      "`builds` is a list, and not a set"
      "`targets` is a set, and not a list"
    ];
  };
  "plan-shape: entries of other types" = {
    expr = planShape {
      artifacts.${digest} = "a";
      builds.b = null;
      targets = [ "t" ];
    };
    expected = [
      "`artifacts.${digest}` is a string, and not a set"
      "`builds.b` is a null, and not a set"
      "`targets[0]` is a string, and not a set"
    ];
  };
  "plan-shape: entries that lack something" = {
    expr = planShape {
      artifacts = {
        ${digest}.url = "https://a.invalid/a";
        abc.filename = "a";
      };
      builds.b = {
        name = "b";
        target = null;
      };
      targets = [
        (builtins.head whole.targets)
        { wheels = "w"; }
      ];
    };
    expected = [
      "`artifacts.${digest}` has no `filename` that is a string"
      "`builds.b` has no `environments` that is a set"
      "`builds.b` has no `target` that is a string"
      "`builds.b` has no `version` that is a string"
      "`targets[1]` has no `id` that is a string"
      "`targets[1]` has no `wheels` that is a list"
    ];
  };
}
