# Cases of rules/nix/file-path.nix.
let
  filePath = import ../../../rules/nix/file-path.nix {
    thing = "plan";
    usage = "plan = ./wheels.plan.json;";
    maker = "crosswheel plan";
  };
in
{
  exports = [ "file-path" ];

  "file-path: paths, and texts of what is there" = {
    expr = map (path: filePath path == path) [
      ../project/base.lock.json
      "${../project}/base.lock.json"
    ];
    expected = [
      true
      true
    ];
  };
  "file-path: a path of nothing" = {
    expr = filePath ../project/other.json;
    refused = "/project/other.json': there is no such file; make it with `crosswheel plan`, and in a repository `git add` it, for flakes see no other files\n";
  };
  "file-path: a text of nothing that is seen" = {
    expr = filePath "/nowhere/wheels.plan.json";
    refused = "cannot read plan '/nowhere/wheels.plan.json': there is no such file; make it with `crosswheel plan`, and in a repository `git add` it, for flakes see no other files, and none that is named by a text: write `plan = ./wheels.plan.json;`";
  };
  "file-path: a text that is no path" = {
    expr = filePath "wheels.plan.json";
    refused = "cannot read plan 'wheels.plan.json': it is a text, and no path; write `plan = ./wheels.plan.json;`";
  };
  "file-path: the text of the whole file" = {
    expr = filePath (builtins.readFile ../project/wheels.plan.json);
    refused = "cannot read plan '{   \"schema\": 1,   \"source_date_epoch\": 315532800,   \"inputs...': it is a text, and no path; write `plan = ./wheels.plan.json;`";
  };
  "file-path: a folder" = {
    expr = filePath ../project;
    refused = "/tests/nix/project': it is a folder, and not a file; write `plan = ./wheels.plan.json;`";
  };
  "file-path: what was read already" = {
    expr = filePath { schema = 1; };
    refused = "cannot read plan: it is a set, and not a path; write `plan = ./wheels.plan.json;`";
  };
}
