# Cases of rules/nix/plan-form.nix; a test compares it with the schema of plans.
let
  form = import ../../../rules/nix/plan-form.nix;
in
{
  exports = [ "plan-form" ];

  "plan-form: all keys of a plan" = {
    expr = builtins.attrNames form.keys;
    expected = [
      "accept"
      "artifacts"
      "build_platforms"
      "builds"
      "inputs"
      "schema"
      "source_date_epoch"
      "targets"
    ];
  };
}
