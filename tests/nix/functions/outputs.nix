# Cases of rules/nix/outputs.nix.
let
  inherit (import ../example.nix) pkgs planFile telling;
  inherit (builtins)
    attrNames
    map
    mapAttrs
    ;
  systems = [
    "aarch64-darwin"
    "aarch64-linux"
    "x86_64-linux"
  ];
  pkgsFor =
    system:
    pkgs
    // {
      stdenv = pkgs.stdenv // {
        hostPlatform = {
          inherit system;
          isMusl = false;
        };
      };
    };
  outputsWith =
    example:
    import ../../../rules/nix/outputs.nix {
      nixpkgs.legacyPackages = builtins.listToAttrs (
        map (name: {
          inherit name;
          value = pkgsFor name;
        }) systems
      );
      inherit example;
    };
  # With the example planned and its base chosen, and as it is in a fresh checkout.
  outputs = outputsWith ../project;
  fresh = outputsWith ../standin;
  withoutBase = outputsWith (
    builtins.path {
      path = ../project;
      filter = name: _: baseNameOf name != "base.lock.json";
    }
  );
in
{
  exports = map (name: "outputs.${name}") (
    attrNames (removeAttrs outputs [ "lib" ]) ++ map (name: "lib.${name}") (attrNames outputs.lib)
  );

  "outputs.lib.mkWheels: the function of the package set" = {
    expr =
      let
        pkgs = pkgsFor "x86_64-linux";
        ofSet = (import ../../../rules/nix { inherit pkgs; }).mkWheels { plan = planFile; };
        ofFlake = outputs.lib.mkWheels {
          inherit pkgs;
          plan = planFile;
        };
      in
      ofFlake.linux_arm64.script == ofSet.linux_arm64.script;
    expected = true;
  };
  "outputs.lib.mkWheels: with the Python that the core runs with" = {
    expr =
      (outputs.lib.mkWheels {
        pkgs = pkgsFor "x86_64-linux" // {
          inherit (telling) runCommand;
        };
        plan = planFile;
        python = "/usr";
      }).linux_arm64.script;
    refused = "cannot use `python`: '/usr' is the text of a path outside the store,";
  };
  "outputs.lib.targets: a platform's names elsewhere" = {
    expr = {
      inherit (outputs.lib.targets.linux_aarch64_glibc) system ociPlatform;
    };
    expected = {
      system = "aarch64-linux";
      ociPlatform = "linux/arm64";
    };
  };
  "outputs.overlays: crosswheel among the packages, by the packages" = {
    expr =
      let
        overlaid = outputs.overlays.default (pkgsFor "x86_64-linux") { };
      in
      [
        (attrNames overlaid)
        (overlaid.crosswheel.name == outputs.packages.x86_64-linux.default.name)
        (overlaid.crosswheel ? mkWheels)
      ];
    expected = [
      [ "crosswheel" ]
      true
      true
    ];
  };
  "outputs.packages: the example is there where it is planned for the machine" = {
    expr = mapAttrs (_: attrNames) outputs.packages;
    expected = {
      aarch64-darwin = [ "default" ];
      aarch64-linux = [ "default" ];
      x86_64-linux = [
        "default"
        "image"
        "wheels"
      ];
    };
  };
  "outputs.packages: without a plan there is the command" = {
    expr = mapAttrs (_: attrNames) fresh.packages;
    expected = builtins.listToAttrs (
      map (name: {
        inherit name;
        value = [ "default" ];
      }) systems
    );
  };
  "outputs.packages: without a base there is no image" = {
    expr = attrNames withoutBase.packages.x86_64-linux;
    expected = [
      "default"
      "wheels"
    ];
  };
  "outputs.packages: platforms are attributes of the wheels" = {
    expr = outputs.packages.x86_64-linux.wheels.linux_arm64.name;
    expected = "wheels-cp311-linux_aarch64_glibc_2_28";
  };
  "outputs.checks: the functions, and all packages of the example" = {
    expr = map (system: attrNames outputs.checks.${system}) systems;
    expected = [
      [ "functions" ]
      [ "functions" ]
      [
        "functions"
        "image"
        "wheels"
      ]
    ];
  };
  "outputs.devShells: the command and what locks" = {
    expr = map (package: package.name or package) outputs.devShells.x86_64-linux.default.shell.packages == [
      outputs.packages.x86_64-linux.default.name
      "/uv"
    ];
    expected = true;
  };
  "outputs.formatter: of every system" = {
    expr = outputs.formatter;
    expected = builtins.listToAttrs (
      map (name: {
        inherit name;
        value = "/nixfmt";
      }) systems
    );
  };
  "outputs.templates: a flake" = {
    expr = builtins.pathExists (outputs.templates.default.path + "/flake.nix");
    expected = true;
  };
}
