# What a target's id means to Nix. Ids are crosswheel's own, `cp311-linux_aarch64_glibc_2_28` (docs/reference/targets.md);
# no other spelling is read here.
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    elemAt
    filter
    fromJSON
    groupBy
    head
    length
    listToAttrs
    map
    mapAttrs
    match
    readFile
    stringLength
    substring
    ;

  # By the part of an id that holds no version: `linux_aarch64_glibc`. Made from the core by tools/make_nix_targets.py.
  kinds = fromJSON (readFile ./targets.json);

  # A target's id taken apart: `abi` (cp311), `python` (3.11), `kind`, and all that the table says of the kind: `system`, Nix'
  # name of the machines that its wheels run on, `ociPlatform`, that of images, both null where there is none, `os`, `arch`,
  # `libc` ...
  parse =
    id:
    let
      found = match "cp([0-9])([0-9]+)(t?)-(.*)" id;
      rest = elemAt found 3;
      fitting = filter (kind: rest == kind || substring 0 (stringLength kind + 1) rest == "${kind}_") (
        attrNames kinds
      );
    in
    if found == null || fitting == [ ] then
      throw "cannot use target '${id}': Nix knows ${concatStringsSep ", " (attrNames kinds)}; leave it out of the plan"
    else
      kinds.${head fitting}
      // {
        abi = "cp${elemAt found 0}${elemAt found 1}${elemAt found 2}";
        python = "${elemAt found 0}.${elemAt found 1}${elemAt found 2}";
        kind = head fitting;
      };

  # The names a target goes by, the whole id first. The shorter ones may be another's, too.
  namesOf =
    id:
    let
      target = parse id;
    in
    [
      id
      (elemAt (match "[^-]*-(.*)" id) 0)
      target.kind
      target.name
      "${target.os}_${target.arch}"
      target.arch
    ];
in
{
  inherit kinds namesOf parse;

  # The kind of machine that a Nix system with the C library `libc` is: `linux_x86_64_glibc`, `macos_aarch64`.
  machineKind =
    system: libc:
    let
      fitting = filter (
        kind: kinds.${kind}.system == system && (kinds.${kind}.libc == "" || kinds.${kind}.libc == libc)
      ) (attrNames kinds);
    in
    if fitting == [ ] then
      throw "cannot build on '${system}': no machine of this kind is known; Nix knows ${
        concatStringsSep ", " (filter (kind: kinds.${kind}.system != null) (attrNames kinds))
      }"
    else
      head fitting;

  # The ids that each name stands for; a name that stands for several is refused when it is used.
  byName =
    ids: value:
    let
      pairs = concatMap (id: map (name: { inherit id name; }) (namesOf id)) ids;
      chosen =
        name: found:
        let
          meant = attrNames (listToAttrs (map (one: { name = one.id; value = null; }) found));
        in
        if length meant == 1 then
          value (elemAt meant 0)
        else
          throw "cannot choose target '${name}': it is several of the plan's; name one of ${concatStringsSep ", " meant}";
    in
    mapAttrs chosen (groupBy (one: one.name) pairs);

  # Those of the build platforms `ids` that are of a kind of machine.
  machinesOf = kind: filter (id: (parse id).kind == kind);
}
