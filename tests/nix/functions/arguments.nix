# Cases of rules/nix/arguments.nix.
let
  canBeMeant =
    given:
    import ../../../rules/nix/arguments.nix { versions = [ "3.11" ]; } (
      {
        image = null;
        lambda = { };
        layer = { };
        overrides = { };
        pythons = { };
        runtime = null;
        sandbox = "bubblewrap";
        targets = null;
      }
      // given
    );
in
{
  exports = [ "arguments" ];

  "arguments: what can be meant" = {
    expr = map canBeMeant [
      { }
      {
        image = {
          base = "scratch";
          compression = "none";
        };
        layer.compression = "gzip";
        overrides.numpy = { };
        pythons."3.11".outPath = "/own";
        runtime = false;
        sandbox = "none";
        targets = [ "aarch64" ];
      }
    ];
    expected = [
      true
      true
    ];
  };
  "arguments: overrides that are no set" = {
    expr = canBeMeant { overrides = [ ]; };
    refused = "cannot use `overrides`: it is a list, and not a set; write `overrides = { numpy = { ... }; };`";
  };
  "arguments: pythons that are no set" = {
    expr = canBeMeant { pythons = [ ]; };
    refused = "cannot use `pythons`: it is a list, and not a set; write `pythons = { \"3.11\" = ...; };`";
  };
  "arguments: a Python by nixpkgs' name" = {
    expr = canBeMeant { pythons.python311 = "/own"; };
    refused = "cannot use `pythons.python311`: the builds of the plan run with Python 3.11; name it by X.Y, as `pythons.\"3.11\"`, or remove it";
  };
  "arguments: a Python of no target" = {
    expr = canBeMeant { pythons."3.12" = "/own"; };
    refused = "cannot use `pythons.3.12`: the builds of the plan run with Python 3.11;";
  };
  "arguments: a Python that is nothing" = {
    expr = canBeMeant { pythons."3.11" = null; };
    refused = "cannot use `pythons.\"3.11\"`: it is a null, and no package of a Python; give a package of a Python,";
  };
  "arguments: a layer that is no set" = {
    expr = canBeMeant { layer = true; };
    refused = "cannot use `layer`: it is a bool, and not a set; write `layer = { max-layers = 1; };`";
  };
  "arguments: layers compressed with zstd" = {
    expr = canBeMeant { layer.compression = "zstd"; };
    refused = "cannot use `layer.compression`: 'zstd' is not to be had with Nix; use \"gzip\" or \"none\", or make it with `crosswheel layer`";
  };
  "arguments: a layer of Lambda that is no set" = {
    expr = canBeMeant { lambda = 1; };
    refused = "cannot use `lambda`: it is a int, and not a set;";
  };
  "arguments: what the image is made of by mkWheels itself" = {
    expr = canBeMeant {
      image = {
        base = "scratch";
        layers = [ ./nothere.tar ];
      };
    };
    refused = "cannot use `image.layers`: there is no such option; write `layer`; it takes accept, annotation, app, app-file,";
  };
  "arguments: files of the base, which the base lock names" = {
    expr = canBeMeant { image.file = ./nothere; };
    refused = "cannot use `image.file`: there is no such option; it takes accept, annotation,";
  };
  "arguments: an option as an attribute's name" = {
    expr = canBeMeant { image.max_layers = 2; };
    refused = "cannot use `image.max_layers`: there is no such option; write `max-layers`; it takes";
  };
  "arguments: a wheel by the command line's name" = {
    expr = canBeMeant { image.wheel = ./demo.whl; };
    refused = "cannot use `image.wheel`: there is no such option; write `own-wheel`; it takes";
  };
  "arguments: a wheel in a layer" = {
    expr = canBeMeant { layer.wheel = ./demo.whl; };
    refused = "cannot use `layer.wheel`: there is no such option; write `own-wheel`; it takes bytecode, changes-often,";
  };
  "arguments: a wheel in a layer of Lambda" = {
    expr = canBeMeant { lambda.wheel = ./demo.whl; };
    refused = "cannot use `lambda.wheel`: there is no such option; it takes interpreter, limit";
  };
  "arguments: where an image's wheels are by the command line's name" = {
    expr = canBeMeant { image.prefix = "/app"; };
    refused = "cannot use `image.prefix`: there is no such option; write `environment`; it takes";
  };
  "arguments: the Python of bytecode" = {
    expr = canBeMeant { layer.build-python = "/own"; };
    refused = "cannot use `layer.build-python`: there is no such option; the interpreter of builds and of bytecode is `pythons.\"X.Y\"` of mkWheels; it takes";
  };
  "arguments: the target of an image" = {
    expr = canBeMeant { image.target = "aarch64"; };
    refused = "cannot use `image.target`: there is no such option; `targets` is an argument of mkWheels; it takes";
  };
  "arguments: bytecode by a word" = {
    expr = canBeMeant { layer.bytecode = "yes"; };
    refused = "cannot use `layer.bytecode`: it is a string, and not a bool; write `bytecode = true;`";
  };
  "arguments: an image that is no set" = {
    expr = canBeMeant { image = ./.; };
    refused = "cannot use `image`: it is a path, and not a set; write `image = { base = ...; };`";
  };
  "arguments: a command of an image that is none" = {
    expr = canBeMeant { image.entrypoint = true; };
    refused = "cannot use `image.entrypoint`: it is a bool, and not a string; write `entrypoint = \"python -m greet\";`";
  };
  "arguments: layers by a word" = {
    expr = canBeMeant { image.max-layers = { }; };
    refused = "cannot use `image.max-layers`: it is a set, and not a number;";
  };
  "arguments: what is allowed of a layer of Lambda" = {
    expr = canBeMeant { lambda.limit = true; };
    refused = "cannot use `lambda.limit`: it is a bool, and not a number; write `limit = 1;`";
  };
  "arguments: an image compressed with zstd" = {
    expr = canBeMeant { image.compression = "zstd"; };
    refused = "cannot use `image.compression`: 'zstd' is not to be had with Nix;";
  };
  "arguments: runtime by a word" = {
    expr = canBeMeant { runtime = "yes"; };
    refused = "cannot use `runtime`: it is a string, and not a bool; write `runtime = true;`";
  };
  "arguments: another sandbox" = {
    expr = canBeMeant { sandbox = "docker"; };
    refused = "cannot use `sandbox`: it is 'docker'; write \"bubblewrap\" or \"none\"";
  };
  "arguments: a sandbox that is nothing" = {
    expr = canBeMeant { sandbox = null; };
    refused = "cannot use `sandbox`: it is a null; write \"bubblewrap\" or \"none\"";
  };
  "arguments: targets that are no list" = {
    expr = canBeMeant { targets = "aarch64"; };
    refused = "cannot choose targets: `targets` is a string, and not a list; write `targets = [ \"aarch64\" ];`";
  };
  "arguments: no target" = {
    expr = canBeMeant { targets = [ ]; };
    refused = "cannot choose targets: `targets` is empty; name one at least, or leave it out for all of the plan's";
  };
  "arguments: a target that is no name" = {
    expr = canBeMeant { targets = [ "aarch64" 5 ]; };
    refused = "cannot choose targets: one of `targets` is a int, and not a string; write `targets = [ \"aarch64\" ];`";
  };
}
