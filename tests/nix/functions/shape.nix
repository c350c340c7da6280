# Cases of rules/nix/shape.nix.
let
  shape =
    form:
    import ../../../rules/nix/shape.nix {
      inherit form;
      held = {
        artifact.a = { };
        build = null;
      };
    };
  keyed = {
    type = "set";
    keys.name = "string";
    needs = [ "name" ];
    one = [ ];
  };
in
{
  exports = [ "shape" ];

  "shape: what has the form" = {
    expr = [
      (shape "string" "a")
      (shape "artifact" "a")
      (shape keyed { name = "a"; other = null; })
      (shape { either = [ "string" "int" ]; } 1)
    ];
    expected = [ [ ] [ ] [ ] [ ] ];
  };
  "shape: what has not, by its place" = {
    expr =
      shape
        {
          type = "set";
          values = {
            type = "list";
            items = keyed;
          };
        }
        {
          a = [
            { name = "a"; }
            { }
            { name = 1; }
            null
          ];
          b = { };
        };
    expected = [
      "`a[1]` has no `name` that is a string"
      "`a[2].name` is a int, and not a string"
      "`a[3]` is a null, and not a set"
      "`b` is a set, and not a list"
    ];
  };
  "shape: the name of what is not held" = {
    expr = map (form: shape { type = "set"; values = form; } { x = "b"; }) [ "artifact" "build" ];
    expected = [
      [ "`x` names the artifact 'b', and `artifacts` has none of that digest" ]
      [ "`x` names the build 'b', and `builds` has none of that name" ]
    ];
  };
}
