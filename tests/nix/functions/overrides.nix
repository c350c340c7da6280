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
  "overrides: libraries for any target" = {
    expr = checked { fast.libraries = [ "/z" ]; };
    refused = "cannot use the override of 'fast': its `libraries` is a list, and not a function; write `libraries = target: [ ... ];`";
  };
}
