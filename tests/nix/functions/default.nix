# Cases of rules/nix/default.nix.
let
  inherit (import ../example.nix)
    amd
    has
    pkgs
    planFile
    telling
    ;
  crosswheelFor = crosswheelWith pkgs;
  crosswheelWith =
    pkgs: system: isMusl:
    import ../../../rules/nix {
      pkgs = pkgs // {
        stdenv = pkgs.stdenv // {
          hostPlatform = { inherit isMusl system; };
        };
      };
    };
  crosswheel = crosswheelFor "x86_64-linux" false;
in
{
  # Besides what any derivation has.
  exports = builtins.map (name: "default.${name}") (
    builtins.filter (name: !pkgs.runCommand "" { version = ""; } "" ? ${name}) (builtins.attrNames crosswheel)
  );

  "default: the command" = {
    expr = builtins.match "crosswheel-[0-9.]*" crosswheel.name != null;
    expected = true;
  };
  "default: with the libraries of the machine" = {
    expr = builtins.map (system: has "-macosx_11_0_arm64.whl" (crosswheelFor system false).script) [
      "aarch64-darwin"
      "aarch64-linux"
    ];
    expected = [
      true
      false
    ];
  };
  "default: with the core's libraries of the machine, by its C library" = {
    expr = builtins.map (isMusl: has "-abi3-musllinux_" (crosswheelWith telling "x86_64-linux" isMusl).script) [
      true
      false
    ];
    expected = [
      true
      false
    ];
  };
  "default: the core runs with the Python that is given" = {
    expr =
      map
        (
          given:
          map (python: has "#!${python}/bin/python3 -I" (import ../../../rules/nix (given // { pkgs = telling; })).script) [
            "/python3"
            "/own"
          ]
        )
        [
          { }
          { python.outPath = "/own"; }
        ];
    expected = [
      [
        true
        false
      ]
      [
        false
        true
      ]
    ];
  };
  "default: a Python outside the store" = {
    expr = (import ../../../rules/nix { inherit pkgs; python = "/usr"; }).script;
    refused = "cannot use `python`: '/usr' is the text of a path outside the store, of which a build sees nothing; give a package";
  };
  "default: on a machine that is not known" = {
    expr = (crosswheelFor "riscv32-none" false).script;
    refused = "cannot build on 'riscv32-none'";
  };
  "default.canBuild: on the machines that it was planned for" = {
    expr = [
      (crosswheel.canBuild planFile)
      ((crosswheelFor "x86_64-linux" true).canBuild planFile)
      ((crosswheelFor "aarch64-linux" false).canBuild planFile)
    ];
    expected = [
      true
      false
      false
    ];
  };
  "default.mkWheels: with this command and for this machine" = {
    expr =
      let
        build = (crosswheel.mkWheels { plan = planFile; }).linux_arm64.packages.fast;
      in
      [
        (has "/made/crosswheel-core-${crosswheel.version}/bin/crosswheel step build" build.script)
        (has "tool-1.0-${amd}" build.script)
      ];
    expected = [
      true
      true
    ];
  };
}
