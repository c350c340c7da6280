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
      "`targets[0].wheels` has 'b' more than once"
    ];
  };
  "plan-shape: digests that are cut short, and builds that there are not" = {
    expr = planShape (
      whole
      // {
        builds.b = whole.builds.b // {
          crates = [
            digest
            "00"
          ];
          environments.t = {
            builds = [ "c" ];
            requirements = [ "01" ];
            toolchain = digest;
          };
          overlays = [ { artifact = "04"; } ];
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
              {
                name = "c";
                version = "1";
                build = "c";
              }
            ];
          }
        ];
      }
    );
    expected = [
      "`builds.b.crates[1]` names the artifact '00', and `artifacts` has none of that digest"
      "`builds.b.environments.t.builds[0]` names the build 'c', and `builds` has none of that name"
      "`builds.b.environments.t.requirements[0]` names the artifact '01', and `artifacts` has none of that digest"
      "`builds.b.overlays[0].artifact` names the artifact '04', and `artifacts` has none of that digest"
      "`builds.b.sdist` names the artifact '02', and `artifacts` has none of that digest"
      "`targets[0].wheels[0].artifact` names the artifact '03', and `artifacts` has none of that digest"
      "`targets[0].wheels[1].build` names the build 'c', and `builds` has none of that name"
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
      "`targets[0].wheels[0]` has `artifact` and `build`, of which it may have one"
      "`targets[0].wheels[1]` has neither `artifact` nor `build`"
      "`targets[0].wheels[2]` is a string, and not a set"
      "`targets[0].wheels[3]` has no `version` that is a string"
      "`targets[0].wheels[3]` has neither `artifact` nor `build`"
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
        both = {
          filename = "a";
          path = "a";
          url = "https://a.invalid/a";
        };
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
      "`artifacts.abc` has neither `path` nor `url`"
      "`artifacts.both` has `path` and `url`, of which it may have one"
      "`builds.b` has no `environments` that is a set"
      "`builds.b` has no `version` that is a string"
      "`builds.b.target` is a null, and not a string"
      "`targets[1]` has no `id` that is a string"
      "`targets[1].wheels` is a string, and not a list"
    ];
  };
  "plan-shape: what may be absent, and is of another type" = {
    expr = planShape (
      whole
      // {
        accept.demo = "symbol-too-new";
        artifacts.${digest} = {
          also = "https://b.invalid/a";
          filename = "a";
          url = null;
        };
        build_platforms = null;
        builds.b = whole.builds.b // {
          accept_build_facts = "yes";
          config_settings = {
            one = "1";
            several = [ 2 ];
            whole = 3;
          };
          environment.CFLAGS = [ "-O2" ];
          environments.t = {
            requirements = null;
            rust = { };
            toolchain = null;
          };
          overlays = null;
          patches = [ { path = "fix.patch"; } ];
          sysroot.packages = digest;
        };
        source_date_epoch = "0";
        targets = [
          {
            headers = digest;
            id = "t";
            toolchain.options = "-O2";
            wheels = null;
          }
        ];
      }
    );
    expected = [
      "`accept.demo` is a string, and not a list"
      "`artifacts.${digest}.also` is a string, and not a list"
      "`artifacts.${digest}.url` is a null, and not a string"
      "`build_platforms` is a null, and not a list"
      "`builds.b.accept_build_facts` is a string, and not a bool"
      "`builds.b.config_settings.several[0]` is a int, and not a string"
      "`builds.b.config_settings.whole` is a int, and not a string or a list"
      "`builds.b.environment.CFLAGS` is a list, and not a string"
      "`builds.b.environments.t.requirements` is a null, and not a list"
      "`builds.b.environments.t.rust` is a set, and not a list"
      "`builds.b.environments.t.toolchain` is a null, and not a string"
      "`builds.b.overlays` is a null, and not a list"
      "`builds.b.patches[0]` has no `sha256` that is a string"
      "`builds.b.sysroot.packages` is a string, and not a list"
      "`source_date_epoch` is a string, and not a int"
      "`targets[0].headers` is a string, and not a set"
      "`targets[0].toolchain.options` is a string, and not a list"
      "`targets[0].wheels` is a null, and not a list"
    ];
  };
}
