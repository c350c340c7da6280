# Cases of rules/nix/artifacts.nix.
let
  inherit (import ../example.nix) pkgs;
  artifacts = import ../../../rules/nix/artifacts.nix { inherit (pkgs) fetchurl; };
  digest = builtins.hashString "sha256" "";
in
{
  exports = map (name: "artifacts.${name}") (builtins.attrNames artifacts);

  "artifacts.storeName: an epoch" = {
    expr = artifacts.storeName "demo-1!2.0.tar.gz";
    expected = "demo-1-2.0.tar.gz";
  };
  "artifacts.artifactFiles: fetched from wherever it is" = {
    expr =
      (artifacts.artifactFiles ./. {
        ${digest} = {
          filename = "demo-1!2.0.tar.gz";
          url = "https://a.example/demo";
          also = [ "https://b.example/demo" ];
        };
      }).${digest}.fetched;
    expected = {
      name = "demo-1-2.0.tar.gz";
      sha256 = digest;
      urls = [
        "https://a.example/demo"
        "https://b.example/demo"
      ];
    };
  };
  "artifacts.artifactFiles: a digest that is cut short" = {
    expr = artifacts.artifactFiles ./. {
      ${builtins.substring 0 63 digest} = {
        filename = "demo-1.0.tar.gz";
        url = "https://a.example/demo";
      };
    };
    refused = "cannot fetch 'demo-1.0.tar.gz': the plan says that its SHA-256 is 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85', and one has 64 digits; make the plan anew with `crosswheel plan`, or undo the edit";
  };
  "artifacts.artifactFiles: a file beside the plan, under its name" = {
    expr =
      let
        digest = builtins.hashFile "sha256" ./plan.nix;
        files = artifacts.artifactFiles ../. {
          ${digest} = {
            filename = "demo-1!2.0.whl";
            path = "functions/plan.nix";
          };
        };
      in
      [
        (builtins.match "/nix/store/[^/]*-demo-1-2.0.whl" files.${digest} != null)
        (builtins.hashFile "sha256" files.${digest} == digest)
      ];
    expected = [
      true
      true
    ];
  };
  "artifacts.artifactFiles: a file beside the plan, of another content" = {
    expr = artifacts.artifactFiles ./. {
      ${builtins.hashString "sha256" ""} = {
        filename = "plan.nix";
        path = "plan.nix";
      };
    };
    refused = "cannot use 'plan.nix': it is not the file that was planned with; plan anew with `crosswheel plan`, or bring that file back";
  };
  "artifacts.fileBeside: one that is not there" = {
    expr = artifacts.fileBeside ./. "gone.tar" {
      path = "headers/gone.tar";
      sha256 = builtins.hashString "sha256" "";
    };
    refused = "cannot find 'headers/gone.tar': the plan says that it lies beside it, and it does not; put it there, and in a repository `git add` it, for flakes see no other files";
  };
  "artifacts.fileBeside: under another name" = {
    expr =
      builtins.match "/nix/store/[^/]*-a-b" (
        artifacts.fileBeside ./. "a~b" {
          path = "plan.nix";
          sha256 = builtins.hashFile "sha256" ./plan.nix;
        }
      ) != null;
    expected = true;
  };
}
