# Whether a path is itself a symbolic link. Nix takes such a path into its store as the link alone, which leads nowhere there.
path:
let
  inherit (builtins) baseNameOf dirOf readDir;
in
(readDir (dirOf path)).${baseNameOf path} or null == "symlink"
