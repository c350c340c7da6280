# What is wrong with the form of a plan; what its values mean the core judges in the steps.
#
# Returns clauses, none if all is well.
plan:
let
  inherit (builtins)
    attrNames
    concatLists
    elemAt
    filter
    genList
    groupBy
    length
    map
    toString
    ;

  # What is there more than once, as after a merge.
  twice =
    place: names:
    let
      counted = groupBy (name: name) names;
    in
    map (name: "`${place}` has '${name}' more than once") (
      filter (name: length counted.${name} > 1) (attrNames counted)
    );
  # An edit of the plan must not put a wheel of another target in the place of one.
  ofWheel =
    place: target: wheel:
    let
      made = one: [
        one.name
        one.version
        one.target
      ];
    in
    if !(wheel ? build) || made plan.builds.${wheel.build} == made (wheel // { inherit target; }) then
      [ ]
    else
      [ "`${place}` names the build '${wheel.build}', which is another package's or target's" ];
  ofTarget =
    index:
    let
      inherit (elemAt plan.targets index) id wheels;
      place = "targets[${toString index}].wheels";
    in
    concatLists (
      genList (at: ofWheel "${place}[${toString at}]" id (elemAt wheels at)) (length wheels)
    )
    ++ twice place (map (wheel: wheel.name) wheels);

  faults = import ./shape.nix {
    form = import ./plan-form.nix;
    held = {
      artifact = plan.artifacts or null;
      build = plan.builds or null;
    };
  } plan;
in
if faults == [ ] then
  twice "targets" (map (one: one.id) plan.targets)
  ++ concatLists (genList ofTarget (length plan.targets))
else
  faults
