# Libraries of a target that its builds link in place of those that the plan names: packages of nixpkgs, which are cross
# compiled for it, or folders of the user's.
{ pkgs }:
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    elem
    filter
    genericClosure
    head
    isAttrs
    isPath
    map
    match
    parseDrvName
    toString
    ;

  ids = import ./target-ids.nix;
  storePath = import ./store-path.nix;

  # What nixpkgs' `pkgsCross` calls the platforms, by the part of a target's id that holds no version.
  crossNames = {
    linux_aarch64_glibc = "aarch64-multiplatform";
    linux_aarch64_musl = "aarch64-multiplatform-musl";
    linux_armv7l_glibc = "armv7l-hf-multiplatform";
    linux_i686_glibc = "gnu32";
    linux_i686_musl = "musl32";
    linux_ppc64le_glibc = "powernv";
    linux_ppc64le_musl = "musl-power";
    linux_riscv64_glibc = "riscv64";
    linux_riscv64_musl = "riscv64-musl";
    linux_s390x_glibc = "s390x";
    linux_x86_64_glibc = "gnu64";
    linux_x86_64_musl = "musl64";
  };

  packagesOf =
    target:
    let
      name =
        crossNames.${target.kind}
          or (throw "cannot take packages of nixpkgs for '${target.id}': its pkgsCross has them for ${concatStringsSep ", " (attrNames crossNames)}; name folders of yours instead");
    in
    pkgs.pkgsCross.${name}
      or (throw "cannot take packages of nixpkgs for '${target.id}': this nixpkgs has no pkgsCross.${name}; name folders of yours instead");

  # Outputs of a package that hold headers and libraries, and what tells of them.
  outputsOf =
    package:
    map (output: package.${output}) (
      filter (output: elem output (package.outputs or [ "out" ])) [
        "out"
        "lib"
        "dev"
        "static"
      ]
    );

  # Packages, each once, and what they propagate: their headers and `.pc` files refer to it.
  withPropagated =
    packages:
    genericClosure {
      startSet = map (keyed true) packages;
      operator = one: map (keyed false) (filter isAttrs (one.package.propagatedBuildInputs or [ ]));
    };
  keyed = named: package: {
    key = nameOf package;
    inherit named package;
  };

  nameOf =
    library:
    if isAttrs library then library.pname or (parseDrvName library.name).name else withoutHash (baseNameOf library);
  # A name goes into the wheel, whose bytes do not depend on the store.
  withoutHash =
    name:
    let
      named = match "[0-9a-z]{32}-(.*)" name;
    in
    if named == null then name else head named;
in
{
  inherit crossNames;

  # What a function of the user's is told of a target: what its id means, and the packages that nixpkgs has for it.
  told =
    id:
    let
      target = ids.parse id // {
        inherit id;
      };
    in
    target // { pkgs = packagesOf target; };

  # Options of `step build` for the packages and folders that are named. A folder is a prefix, or a root with `usr` in it: the step
  # looks, for a folder of a derivation is there only when that is built.
  flags = concatMap (
    library:
    map (folder: "--library=${nameOf library}/usr=${folder}") (
      if isAttrs library then
        outputsOf library
      else if isPath library then
        [ (storePath library) ]
      else
        [ library ]
    )
  );

  # Commands that add options for what the packages propagate, as far as it is a library: it may be a hook of nixpkgs' stdenv.
  # What a package holds is known when it is there, and not when this is evaluated.
  addPropagated =
    libraries:
    let
      propagated = filter (one: !one.named) (withPropagated (filter isAttrs libraries));
    in
    if propagated == [ ] then
      ""
    else
      ''
        add_library() {
          name=$1; shift
          for folder; do for file in "$folder"/include "$folder"/lib/lib*; do [ -e "$file" ] && break 2; done; done
          [ -e "$file" ] || return 0
          for folder; do echo "--library=$name/usr=$folder" >> arguments; done
        }
      ''
      + concatStringsSep "" (
        map (one: "add_library ${one.key} ${concatStringsSep " " (map toString (outputsOf one.package))}\n") propagated
      );
}
