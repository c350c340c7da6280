# Cases of rules/nix/images.nix.
let
  inherit (import ../example.nix)
    amd
    arguments
    arm
    command
    musl
    pkgs
    steps
    ;
  images = import ../../../rules/nix/images.nix {
    inherit pkgs steps;
    artifactFiles =
      base: builtins.mapAttrs (_: artifact: "${baseNameOf base}/${artifact.filename}");
  };
  imageOf =
    id: options:
    images.imageOf {
      target = { inherit id; };
      layers = "/layers";
    } options;
  lock = ../project/base.lock.json;
  # Arguments, with what lies in the store by its name.
  named =
    image:
    builtins.map (
      word:
      let
        found = builtins.match "(--[a-z]*=)/nix/store/[a-z0-9]*-(.*)" word;
      in
      if found == null then word else builtins.concatStringsSep "" found
    ) (arguments image);
in
{
  exports = builtins.map (name: "images.${name}") (builtins.attrNames images);

  "images.imageOf: a base lock, and those of its files that the target's base consists of" = {
    expr = named (imageOf arm { base = lock; });
    expected = [
      "--base=base.lock.json"
      "--file=project/libc6_1_arm64.deb"
      "--file=project/python3.11_1_arm64.deb"
      "--layers=/layers"
    ];
  };
  "images.imageOf: a base without packages of Python" = {
    expr = named (imageOf amd { base = lock; });
    expected = [
      "--base=base.lock.json"
      "--file=project/libc6_1_amd64.deb"
      "--layers=/layers"
    ];
  };
  "images.imageOf: a base with a standalone Python" = {
    expr = named (imageOf (builtins.replaceStrings [ "cp311" ] [ "cp313" ] arm) { base = lock; });
    expected = [
      "--base=base.lock.json"
      "--file=project/cpython-3.11-musl.tar.gz"
      "--layers=/layers"
    ];
  };
  "images.imageOf: a base lock by its path as text" = {
    expr = map (word: builtins.elemAt (builtins.match "--[a-z]*=(.*/)?([^/]*)" word) 1) (
      named (imageOf arm { base = "${../project}/base.lock.json"; })
    );
    expected = [
      "base.lock.json"
      "libc6_1_arm64.deb"
      "python3.11_1_arm64.deb"
      "layers"
    ];
  };
  "images.imageOf: a base lock that is not there" = {
    expr = (imageOf arm { base = ../project/other.lock.json; }).script;
    refused = "/project/other.lock.json': there is no such file; make it with `crosswheel image lock`, and in a repository `git add` it, for flakes see no other files";
  };
  "images.imageOf: a base lock by a text that is no path" = {
    expr = (imageOf arm { base = "base.lock.json"; }).script;
    refused = "cannot read base lock 'base.lock.json': it is a text, and no path; write `base = ./base.lock.json;`";
  };
  "images.imageOf: bases in a list" = {
    expr = (imageOf arm { base = [ lock ]; }).script;
    refused = "cannot use `image.base`: it is a list, and all targets have one base,";
  };
  "images.imageOf: a plan in place of a base lock" = {
    expr = (imageOf arm { base = ../project/wheels.plan.json; }).script;
    refused = "/project/wheels.plan.json': it is none; give what `crosswheel image lock` made, or a layout";
  };
  "images.imageOf: a base lock that was edited" = {
    expr =
      (imageOf arm {
        base = builtins.toFile "base.lock.json" (builtins.toJSON {
          artifacts = { };
          bases = [ { platform = "linux/arm64"; system = null; } ];
        });
      }).script;
    refused = "base.lock.json': `bases[0]` has no `python` that is a string; make it anew with `crosswheel image lock`, or undo the edit";
  };
  "images.imageOf: a base lock without the target's base" = {
    expr = (imageOf (builtins.replaceStrings [ "cp311" ] [ "cp312" ] arm) { base = lock; }).script;
    refused = "/project/base.lock.json': it has no base for cp312 on linux/arm64, only for cp311 on linux/amd64, cp311 on linux/arm64, cp313 on linux/arm64; lock one more with `crosswheel image lock`";
  };
  "images.imageOf: a target that no container runs on" = {
    expr = (imageOf "cp313-android_aarch64_24" { base = lock; }).script;
    refused = "cannot make an image: android_aarch64 is no platform of containers; leave this target out of `targets`";
  };
  "images.imageOf: no base" = {
    expr = arguments (imageOf arm { base = "scratch"; });
    expected = [
      "--base=scratch"
      "--layers=/layers"
    ];
  };
  "images.imageOf: a layout as base" = {
    expr = named (imageOf arm { base = ../standin; });
    expected = [
      "--base=standin"
      "--layers=/layers"
    ];
  };
  "images.imageOf: a derivation as base, and options but those of layers" = {
    expr = named (
      imageOf arm {
        base.outPath = "/base";
        compression = "zstd";
        entrypoint = "python -m greet";
        environment = "/app";
        max-layers = 4;
        port = [ 80 ];
      }
    );
    expected = [
      "--base=/base"
      "--compression=zstd"
      "--entrypoint=python -m greet"
      "--layers=/layers"
      "--port=80"
    ];
  };
  "images.imageOf: commands as lists of words" = {
    expr = arguments (
      imageOf arm {
        base = "scratch";
        cmd = [
          "--port"
          80
        ];
        entrypoint = [
          "python"
          "it's"
        ];
      }
    );
    expected = [
      "--base=scratch"
      "--cmd='--port' '80'"
      "--entrypoint='python' 'it'\\''s'"
      "--layers=/layers"
    ];
  };
  "images.imageOf: commands of no words" = {
    expr = arguments (imageOf arm {
      base = "scratch";
      cmd = [ ];
      entrypoint = [ ];
    });
    expected = [
      "--base=scratch"
      "--cmd=[]"
      "--entrypoint=[]"
      "--layers=/layers"
    ];
  };
  "images.imageOf: a command with a word that is no text" = {
    expr = imageOf arm {
      base = "scratch";
      entrypoint = [
        "python"
        true
      ];
    };
    refused = "cannot use option 'entrypoint': a bool has no one form as text; write it as a string";
  };
  "images.imageOf: the step, and that nothing of the store leaves" = {
    expr =
      let
        image = imageOf arm { base = lock; };
      in
      [
        image.name
        (command image)
        image.attributes
      ];
    expected = [
      "image-${arm}"
      "/core/bin/crosswheel step image --only-warnings --progress lines  @arguments -o $out"
      { allowedReferences = [ ]; }
    ];
  };

  "images.layerOptions: those of layers, and of both" = {
    expr = images.layerOptions {
      base = lock;
      bytecode = true;
      compression = "zstd";
      max-layers = 4;
      port = [ 80 ];
    };
    expected = {
      bytecode = true;
      compression = "zstd";
      environment = "/opt/venv";
      max-layers = 4;
    };
  };
  "images.layerOptions: another place for what is installed" = {
    expr = images.layerOptions { environment = "/app"; };
    expected.environment = "/app";
  };

  "images.indexOf: images in their order, and annotations" = {
    expr =
      let
        index = images.indexOf "image" {
          annotation.a = "b";
          base = lock;
          port = [ 80 ];
        } [ "/second" "/first" ];
      in
      [
        index.name
        (command index)
        (arguments index)
        index.attributes
      ];
    expected = [
      "image"
      "/core/bin/crosswheel step index --only-warnings --progress lines  @arguments -o $out"
      [
        "/second"
        "/first"
        "--annotation=a=b"
      ]
      { allowedReferences = [ ]; }
    ];
  };
}
