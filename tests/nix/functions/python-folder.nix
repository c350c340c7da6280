# Cases of rules/nix/python-folder.nix.
let
  pythonFolder = import ../../../rules/nix/python-folder.nix ''pythons."3.11"'';
in
{
  exports = [ "python-folder" ];

  "python-folder: a package, and the text of one" = {
    expr = map (python: "${pythonFolder python}/bin/python3") [
      { outPath = "/own"; }
      "${../standin}"
    ];
    expected = [
      "/own/bin/python3"
      "${../standin}/bin/python3"
    ];
  };
  "python-folder: nothing" = {
    expr = pythonFolder null;
    refused = "cannot use `pythons.\"3.11\"`: it is a null, and no package of a Python; give a package of a Python, such as nixpkgs', or the path of a folder with bin/python3";
  };
  "python-folder: a set that is no package" = {
    expr = pythonFolder { };
    refused = "cannot use `pythons.\"3.11\"`: it is a set, and no package of a Python;";
  };
  "python-folder: the text of a path outside the store" = {
    expr = pythonFolder "/root/.pyenv/versions/3.11.7";
    refused = "cannot use `pythons.\"3.11\"`: '/root/.pyenv/versions/3.11.7' is the text of a path outside the store, of which a build sees nothing; give a package";
  };
  "python-folder: an interpreter" = {
    expr = pythonFolder "${../standin}/bin/python3.11";
    refused = "-standin/bin/python3.11' is the interpreter, and not the folder that has it in bin; give a package";
  };
  "python-folder: a folder without an interpreter" = {
    expr = pythonFolder ../standin;
    refused = "/standin' has no bin/python3; give a package";
  };
}
