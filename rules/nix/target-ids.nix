# What a target's id means to Nix. Ids are crosswheel's own, `cp311-linux_aarch64_glibc_2_28` (docs/reference/targets.md);
# no other spelling is read here.
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    elemAt
    filter
    groupBy
    length
    listToAttrs
    map
    mapAttrs
    match
    ;

  # Architectures as ids name them, and as Nix systems do.
  systemArchitectures = {
    aarch64 = "aarch64";
    armv7l = "armv7l";
    i686 = "i686";
    ppc64le = "powerpc64le";
    riscv64 = "riscv64";
    s390x = "s390x";
    x86_64 = "x86_64";
  };

  # Operating systems of ids, and of Nix systems.
  systemKernels = {
    linux = "linux";
    macos = "darwin";
    windows = "windows";
  };

  architectures = concatStringsSep "|" (attrNames systemArchitectures);

  # A target's id taken apart: `abi` (cp311), `python` (3.11), `os`, `arch`, `libc` (glibc, musl, or "" elsewhere), and
  # `system`, Nix' name of the machines that its wheels run on.
  parse =
    id:
    let
      found = match "cp([0-9])([0-9]+)(t?)-(linux|macos|windows)_(${architectures})(_(glibc|musl))?(_.*)?" id;
      field = index: elemAt found index;
    in
    if found == null then
      throw "cannot use target '${id}': Nix' systems are known for ${concatStringsSep ", " (attrNames systemKernels)} on ${concatStringsSep ", " (attrNames systemArchitectures)}; leave it out of the plan"
    else
      {
        abi = "cp${field 0}${field 1}${field 2}";
        python = "${field 0}.${field 1}${field 2}";
        os = field 3;
        arch = field 4;
        libc = if field 6 == null then "" else field 6;
        system = "${systemArchitectures.${field 4}}-${systemKernels.${field 3}}";
      };

  # The names a target goes by, the whole id first. The shorter ones may be another's, too.
  namesOf =
    id:
    let
      target = parse id;
      platform = "${target.os}_${target.arch}";
    in
    [
      id
      (elemAt (match "[^-]*-(.*)" id) 0)
      platform
      target.arch
    ]
    ++ (if target.libc == "" then [ ] else [ "${platform}_${target.libc}" ]);

  kindOf =
    target: "${target.os}_${target.arch}" + (if target.libc == "" then "" else "_${target.libc}");
in
{
  inherit namesOf parse;

  # The kind of machine that a Nix system with the C library `libc` is: `linux_x86_64_glibc`, `macos_aarch64`.
  machineKind =
    system: libc:
    let
      kinds = concatMap (
        os:
        map (arch: {
          name = "${systemArchitectures.${arch}}-${systemKernels.${os}}";
          value = "${os}_${arch}" + (if os == "linux" then "_${libc}" else "");
        }) (attrNames systemArchitectures)
      ) (attrNames systemKernels);
    in
    (listToAttrs kinds).${system}
      or (throw "cannot build on '${system}': no machine of this kind is known; use one of ${concatStringsSep ", " (map (one: one.name) kinds)}");

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
  machinesOf = kind: filter (id: kindOf (parse id) == kind);
}
