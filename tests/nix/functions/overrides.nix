# Cases of rules/nix/overrides.nix.
let
  checked = import ../../../rules/nix/overrides.nix {
    built = [
      "fast"
      "flask-login"
    ];
    planned = [
      "demo"
      "fast"
      "flask-login"
    ];
    targets = [ "aarch64" ];
  };
  libraries = target: [ ];
in
{
  exports = [ "overrides" ];

  "overrides: what can be meant stays as it is" = {
    expr =
      let
        overrides = checked {
          fast = {
            inherit libraries;
            requiredSystemFeatures = [ "big-parallel" ];
          };
        };
      in
      [
        (builtins.attrNames overrides)
        (overrides.fast.libraries { })
        overrides.fast.requiredSystemFeatures
      ];
    expected = [
      [ "fast" ]
      [ ]
      [ "big-parallel" ]
    ];
  };
  "overrides: none" = {
    expr = checked { };
    expected = { };
  };
  "overrides: what the plan has not" = {
    expr = checked { numpy = { }; };
    refused = "cannot use the override of 'numpy': the plan builds fast, flask-login; remove the override, or mend its name";
  };
  "overrides: of a plan that builds nothing" = {
    expr =
      import ../../../rules/nix/overrides.nix {
        built = [ ];
        planned = [ ];
        targets = [ ];
      } { numpy = { }; };
    refused = "cannot use the override of 'numpy': the plan builds nothing; remove the override, or mend its name";
  };
  "overrides: another spelling" = {
    expr = checked { Flask_Login = { }; };
    refused = "cannot use the override of 'Flask_Login': the plan spells it 'flask-login'; mend its name";
  };
  "overrides: what is not built" = {
    expr = checked { Demo = { }; };
    refused = "cannot use the override of 'Demo': the plan takes its wheel as it is, and builds fast, flask-login; remove the override, or plan with `prefer = \"sdist\"` for it";
  };
  "overrides: a target" = {
    expr = checked { aarch64 = { }; };
    refused = "cannot use the override of 'aarch64': that is a target, and an override goes by a project's name; the plan builds fast, flask-login";
  };
  "overrides: a function of what was there" = {
    expr = checked { fast = old: { }; };
    refused = "cannot use the override of 'fast': it is a function, and not a set; write `fast = { ... };`";
  };
  "overrides: a function that no derivation takes" = {
    expr = checked { fast = { librares = libraries; }; };
    refused = "cannot use the override of 'fast': `librares` is a function, which no derivation takes; only `libraries` is one";
  };
  "overrides: patches" = {
    expr = checked { fast.patches = "x"; };
    refused = "cannot use the override of 'fast': no build reads `patches`; name `patches` in the configuration, [tool.crosswheel.packages], and plan anew";
  };
  "overrides: a phase of patches" = {
    expr = checked { fast.postPatch = "x"; };
    refused = "cannot use the override of 'fast': no build reads `postPatch`; name `patches` in";
  };
  "overrides: flags of the compiler" = {
    expr = checked { fast.CFLAGS = "x"; };
    refused = "cannot use the override of 'fast': no build reads `CFLAGS`; set variables by `environment` in";
  };
  "overrides: flags of Nix' compiler" = {
    expr = checked { fast.NIX_CFLAGS_COMPILE = "x"; };
    refused = "cannot use the override of 'fast': no build reads `NIX_CFLAGS_COMPILE`; set variables by `environment` in";
  };
  "overrides: a set of variables" = {
    expr = checked { fast.env = "x"; };
    refused = "cannot use the override of 'fast': no build reads `env`; set variables by `environment` in";
  };
  "overrides: libraries in nixpkgs' way" = {
    expr = checked { fast.buildInputs = "x"; };
    refused = "cannot use the override of 'fast': no build reads `buildInputs`; give libraries by `libraries = target: [ ... ];` here, or by `sysroot` in";
  };
  "overrides: build requirements" = {
    expr = checked { fast.build-system = "x"; };
    refused = "cannot use the override of 'fast': no build reads `build-system`; give build requirements by `build-requires` in";
  };
  "overrides: options of CMake" = {
    expr = checked { fast.cmakeFlags = "x"; };
    refused = "cannot use the override of 'fast': no build reads `cmakeFlags`; give options of the build backend by `config-settings` in";
  };
  "overrides: a source" = {
    expr = checked { fast.src = "x"; };
    refused = "cannot use the override of 'fast': no build reads `src`; the lock says what is built; lock and plan anew";
  };
  "overrides: a phase" = {
    expr = checked { fast.buildPhase = "x"; };
    refused = "cannot use the override of 'fast': no build reads `buildPhase`; there are no phases,";
  };
  "overrides: what goes before a phase" = {
    expr = checked { fast.preBuild = "x"; };
    refused = "cannot use the override of 'fast': no build reads `preBuild`; there are no phases,";
  };
  "overrides: what is switched off" = {
    expr = checked { fast.dontStrip = "x"; };
    refused = "cannot use the override of 'fast': no build reads `dontStrip`; there are no phases,";
  };
  "overrides: what nothing is by" = {
    expr = checked { fast.requiredSystemFeature = "x"; };
    refused = "cannot use the override of 'fast': no build reads `requiredSystemFeature`; it takes allowSubstitutes, libraries, ";
  };
  "overrides: what Nix reads of any derivation" = {
    expr =
      builtins.attrNames
        (checked {
          fast = {
            __noChroot = false;
            disallowedReferences = [ ];
            nativeBuildInputs = [ ];
            preferLocalBuild = true;
          };
        }).fast;
    expected = [
      "__noChroot"
      "disallowedReferences"
      "nativeBuildInputs"
      "preferLocalBuild"
    ];
  };
  "overrides: what takes the variables of a step" = {
    expr = checked { fast.__structuredAttrs = true; };
    refused = "cannot use the override of 'fast': steps are given their files by variables, which `__structuredAttrs` takes from them; remove it";
  };
  "overrides: one tool, and no list" = {
    expr = checked { fast.nativeBuildInputs = { }; };
    refused = "cannot use the override of 'fast': its `nativeBuildInputs` is a set, and not a list; write `nativeBuildInputs = [ ... ];`";
  };
  "overrides: libraries for any target" = {
    expr = checked { fast.libraries = [ "/z" ]; };
    refused = "cannot use the override of 'fast': its `libraries` is a list, and not a function; write `libraries = target: [ ... ];`";
  };
  "overrides: a truth value by a word" = {
    expr = checked { fast.preferLocalBuild = "yes"; };
    refused = "cannot use the override of 'fast': its `preferLocalBuild` is a string, and not a bool; write `preferLocalBuild = true;`";
  };
  "overrides: what a machine has to have, by a word" = {
    expr = checked { fast.requiredSystemFeatures = "big-parallel"; };
    refused = "cannot use the override of 'fast': its `requiredSystemFeatures` is a string, and not a list; write `requiredSystemFeatures = [ \"big-parallel\" ];`";
  };
  "overrides: a program that is none" = {
    expr = checked { fast.nativeBuildInputs = [ ../standin true ]; };
    refused = "cannot use the override of 'fast': its `nativeBuildInputs` holds a bool; write `nativeBuildInputs = [ ... ];`";
  };
  "overrides: what is told of a package, as a list" = {
    expr = checked { fast.meta = [ ]; };
    refused = "cannot use the override of 'fast': its `meta` is a list, and not a set; write `meta = { ... };`";
  };
}
