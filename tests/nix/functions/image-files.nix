# Cases of rules/nix/image-files.nix.
let
  imageFiles = import ../../../rules/nix/image-files.nix "image";
  lock = derivation {
    name = "x.json";
    builder = "/bin/sh";
    system = "x86_64-linux";
  };
in
{
  exports = [ "image-files" ];

  "image-files: what can be meant" = {
    expr = map imageFiles [
      { }
      { base = "scratch"; }
      {
        app = "${../standin}:/srv";
        app-file."/etc/a" = ../standin/unpack.sh;
        app-program = [
          "/app/run=${../standin}/unpack.sh"
          { "/app/other".outPath = "/other"; }
        ];
        base = ../project/base.lock.json;
        layer = [
          ../standin
          { outPath = "/layer"; }
        ];
        own-wheel = null;
      }
      {
        app = ../standin;
        base = "${../project}/base.lock.json";
      }
      {
        app.outPath = "/app";
        base.outPath = "/layout";
      }
      { base = "${../standin}:tag"; }
    ];
    expected = [
      true
      true
      true
      true
      true
      true
    ];
  };
  "image-files: bases in a list" = {
    expr = imageFiles { base = [ ../project/base.lock.json ]; };
    refused = "cannot use `image.base`: it is a list, and all targets have one base, of which a base lock holds a part for each (call mkWheels once more, with other `targets`, for another); write `base = ./base.lock.json;`";
  };
  "image-files: bases in a set" = {
    expr = imageFiles { base."linux/arm64" = ../project/base.lock.json; };
    refused = "cannot use `image.base`: it is a set, and all targets have one base,";
  };
  "image-files: a base for a target" = {
    expr = imageFiles { base = "linux/amd64=/base.lock.json"; };
    refused = "cannot use `image.base`: 'linux/amd64=/base.lock.json' is for one target, and all targets have one base,";
  };
  "image-files: a derivation of a base lock" = {
    expr = imageFiles { base = lock; };
    refused = "cannot use `image.base`: it is a derivation, and a base lock is read before anything is built; write `base = ./base.lock.json;`";
  };
  "image-files: the text of a derivation of a base lock" = {
    expr = imageFiles { base = "${lock}"; };
    refused = "cannot use `image.base`: it is the text of a derivation, and a base lock is read before anything is built;";
  };
  "image-files: no base" = {
    expr = imageFiles { base = null; };
    refused = "cannot use `image.base`: it is a null, and not a path; write `base = ./base.lock.json;`";
  };
  "image-files: a layout by a text" = {
    expr = imageFiles { base = "./layout"; };
    refused = "cannot use `image.base`: './layout' is a text, and no path; write `base = ./layout;`";
  };
  "image-files: a layout and its tag by a text" = {
    expr = imageFiles { base = "./layout:slim"; };
    refused = "cannot use `image.base`: './layout:slim' is a text, and no path; write `base = \"\${./layout}:slim\";`";
  };
  "image-files: an application by a text" = {
    expr = imageFiles { app = "./web"; };
    refused = "cannot use `image.app`: './web' is a text, and no path; write `app = ./src;`";
  };
  "image-files: an application in a set" = {
    expr = imageFiles { app."/srv" = ../standin; };
    refused = "cannot use `image.app`: it is a set, and an application is one folder, with where it goes after a colon; write `app = \"\${./src}:/srv\";`";
  };
  "image-files: applications in a list" = {
    expr = imageFiles { app = [ ../standin ../project ]; };
    refused = "cannot use `image.app`: it is 2 folders, and an application is one; `layer` takes more, as archives; write `app = ./src;`";
  };
  "image-files: an application by the text of a path" = {
    expr = imageFiles { app = "${builtins.storeDir}/x-source/src"; };
    refused = "cannot use `image.app`: '${builtins.storeDir}/x-source/src' is the text of a path, which brings nothing into the build; write `app = ./src;`";
  };
  "image-files: an application by the text of a path, with its place" = {
    expr = imageFiles { app = "${builtins.storeDir}/x-source/src:/srv"; };
    refused = "which brings nothing into the build; write `app = \"\${./src}:/srv\";`";
  };
  "image-files: an application by the text of a path outside the store" = {
    expr = imageFiles { app = "/home/me/web"; };
    refused = "cannot use `image.app`: '/home/me/web' is the text of a path outside the store, of which a build sees nothing; write `app = ./src;`";
  };
  "image-files: a layout by the text of a path outside the store, with its tag" = {
    expr = imageFiles { base = "/home/me/layout:slim"; };
    refused = "of which a build sees nothing; write `base = \"\${./layout}:slim\";`";
  };
  "image-files: an application that is not there" = {
    expr = imageFiles { app = ./nowhere; };
    refused = "/functions/nowhere' is not there, and in a repository `git add` it, for flakes see no other files; write `app = ./src;`";
  };
  "image-files: a file outside the store" = {
    expr = imageFiles { app-file = [ "/etc/a=/home/me/a" ]; };
    refused = "cannot use `image.app-file`: '/home/me/a' is the text of a path outside the store, of which a build sees nothing; write `app-file = { \"/etc/app.toml\" = ./app.toml; };`";
  };
  "image-files: an application whose place has no slash" = {
    expr = imageFiles { app = "${../standin}:srv"; };
    refused = "cannot use `image.app`: 'srv', where it goes, does not begin with a slash; write `app = \"\${./src}:/srv\";`";
  };
  "image-files: a file by a text" = {
    expr = imageFiles { app-file."/etc/a" = "a.toml"; };
    refused = "cannot use `image.app-file`: 'a.toml' is a text, and no path; write `app-file = { \"/etc/app.toml\" = ./app.toml; };`";
  };
  "image-files: a program by a text in a text" = {
    expr = imageFiles { app-program = [ "/app/run=run.sh" ]; };
    refused = "cannot use `image.app-program`: 'run.sh' is a text, and no path;";
  };
  "image-files: a file that goes nowhere" = {
    expr = imageFiles { app-file = ../standin/unpack.sh; };
    refused = "cannot use `image.app-file`: it does not say where a file goes; write `app-file = { \"/etc/app.toml\"";
  };
  "image-files: a layer by a text" = {
    expr = imageFiles { layer = [ "layer.tar" ]; };
    refused = "cannot use `image.layer`: 'layer.tar' is a text, and no path; write `layer = ./layer.tar;`";
  };
  "image-files: a wheel by a text" = {
    expr = imageFiles { own-wheel = "own.whl"; };
    refused = "cannot use `image.own-wheel`: 'own.whl' is a text, and no path;";
  };
}
