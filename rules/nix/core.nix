# The core and the libraries that its steps import, as one package: its bin/crosswheel runs steps. The libraries are wheels pinned
# by hash, the same as everywhere: deflate compresses wheels, and so decides their bytes.
{
  pkgs,
  kind,
  python ? pkgs.python3,
}:
let
  inherit (builtins)
    attrValues
    baseNameOf
    elem
    fromJSON
    fromTOML
    path
    readFile
    toString
    ;

  pins = fromJSON (readFile ../toolchains/core_wheels.json);
  pinned = import ./pinned-wheels.nix { inherit pkgs kind; };
  deflate = pinned.ofMachine "a library has no wheel for it" pins.deflate;
  libraries = pinned.fetched (attrValues pins.any ++ attrValues pins.image ++ [ deflate ]);

  inherit ((fromTOML (readFile ../../pyproject.toml)).project) version;
  source = path {
    name = "crosswheel-source";
    path = ../../python/crosswheel;
    # `toolchains` is a link to what is copied below.
    filter = name: _: !elem (baseNameOf name) [ "__pycache__" "toolchains" ];
  };
  toolchains = path {
    name = "crosswheel-toolchains";
    path = ../../toolchains;
  };
in
pkgs.runCommand "crosswheel-core-${version}"
  {
    inherit version;
    pname = "crosswheel-core";
  }
  ''
    mkdir -p $out/bin $out/lib/crosswheel
    cd $out/lib/crosswheel
    cp -r ${source} crosswheel
    chmod -R u+w crosswheel
    cp -r ${toolchains} crosswheel/toolchains
    for wheel in ${toString libraries}; do
      ${python}/bin/python3 -I -m zipfile -e $wheel .
    done
    ${python}/bin/python3 -I -m compileall -q --invalidation-mode unchecked-hash -s $out/lib/crosswheel .
    cat > $out/bin/crosswheel <<END
    #!${python}/bin/python3 -I
    import sys

    sys.path.insert(0, "$out/lib/crosswheel")

    from crosswheel.command_line.main import main

    sys.exit(main())
    END
    chmod 755 $out/bin/crosswheel
  ''
