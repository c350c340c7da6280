# The command for people: the core, and what a step of a plan does without, for planning resolves, fetches and keeps a cache.
# Libraries and uv are wheels pinned by hash here, too: what uv resolves a plan holds.
{
  pkgs,
  core,
  kind,
  python ? pkgs.python3,
}:
let
  inherit (builtins)
    attrValues
    fromJSON
    match
    readFile
    toString
    ;

  pins = fromJSON (readFile ../toolchains/command_wheels.json);
  pinned = import ./pinned-wheels.nix { inherit pkgs kind; };
  # Of Linux the one that is linked statically, and so runs wherever Nix does.
  uv = pinned.ofMachine "there is no uv for it" pins.uv;
  libraries = pinned.fetched (attrValues pins.any ++ [ uv ]);

  # What it finds if nothing on PATH is it. Builds, which planning begins with some of, run in it.
  sandbox = if match "linux_.*" kind != null then "${pkgs.bubblewrap}/bin" else "";
in
pkgs.runCommand "crosswheel-${core.version}"
  {
    inherit (core) version;
    pname = "crosswheel";
    meta = {
      description = "Hermetic Python wheel repositories for every target platform";
      mainProgram = "crosswheel";
    };
  }
  ''
    mkdir -p $out/bin $out/lib/crosswheel/bin
    cd $out/lib/crosswheel
    for wheel in ${toString libraries}; do
      ${python}/bin/python3 -I -m zipfile -e $wheel .
    done
    # Where the module looks for it.
    mv uv-*.data/scripts/uv bin/uv
    chmod 755 bin/uv
    rm -r uv-*.data
    ${python}/bin/python3 -I -m compileall -q --invalidation-mode unchecked-hash -s $out/lib/crosswheel .
    cat > $out/bin/crosswheel <<END
    #!${python}/bin/python3 -I
    import os, sys

    os.environ["PATH"] = ":".join(filter(None, [os.environ.get("PATH"), "${sandbox}"]))
    sys.path[:0] = ["${core}/lib/crosswheel", "$out/lib/crosswheel"]

    from crosswheel.command_line.main import main

    sys.exit(main())
    END
    chmod 755 $out/bin/crosswheel
  ''
