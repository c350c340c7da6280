# The attributes of nixpkgs that rules/nix uses, made of Debian's packages, really built and sandboxed. The packages
# (pins.json) and the first program (seed/bin/busybox) lie here when tests/e2e/nix_standin.py has put them here.
#
# Other systems than x86_64-linux can be evaluated and not built.
{ system }:
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    fromJSON
    functionArgs
    intersectAttrs
    map
    mapAttrs
    match
    path
    readFile
    removeAttrs
    toString
    ;

  pins = fromJSON (readFile ./pins.json);
  seed = path {
    name = "busybox";
    path = ./seed;
  };

  # As nixpkgs' own, as far as it goes: by Nix' built-in downloader, which is never started for a file that is there.
  fetchurl =
    {
      name ? baseNameOf (toString url),
      url ? builtins.head urls,
      urls ? [ url ],
      sha256,
    }:
    derivation {
      inherit name system;
      builder = "builtin:fetchurl";
      url = builtins.head urls;
      urls = [ (builtins.head urls) ];
      executable = false;
      unpack = false;
      outputHashMode = "flat";
      outputHashAlgo = "sha256";
      outputHash = sha256;
      preferLocalBuild = true;
    };

  # Debian's packages unpacked beside each other, with their loader and libraries named where they are.
  debian = derivation {
    name = "debian";
    inherit system;
    builder = "${seed}/bin/busybox";
    args = [
      "sh"
      ./unpack.sh
    ];
    busybox = "${seed}/bin/busybox";
    packages = map fetchurl pins.packages;
  };

  # Some of its programs (and libraries) as a package of their own.
  takes =
    name: files:
    runCommand name { } (
      concatStringsSep "\n" (
        map (
          file:
          let
            parts = match "(.*/)?([^/:]*)(:(.*))?" file;
            folder = builtins.elemAt parts 0;
            source = builtins.elemAt parts 1;
            renamed = builtins.elemAt parts 3;
          in
          ''
            mkdir -p $out/${folder}
            ln -s ${debian}/usr/${if folder == "lib/" then "lib/x86_64-linux-gnu/" else folder}${source} $out/${folder}${if renamed == null then source else renamed}
          ''
        ) files
      )
    );

  # What every runCommand has: as nixpkgs' stdenv, and no more.
  base = derivation {
    name = "base";
    inherit system;
    builder = "${debian}/usr/bin/bash";
    args = [
      "-euc"
      ''
        export PATH=${debian}/usr/bin
        mkdir -p $out/bin
        for program in ${debian}/usr/bin/*; do
          case $(basename $program) in
            bwrap | m4 | patchelf | perl* | python* | which* | zip* | unzip*) ;;
            *) ln -s $program $out/bin/ ;;
          esac
        done
        ln -sf bash $out/bin/sh
      ''
    ];
  };

  runCommand =
    name: attributes: buildCommand:
    derivation (
      {
        inherit name system buildCommand;
        passAsFile = [ "buildCommand" ];
        builder = "${debian}/usr/bin/bash";
        args = [
          "-euc"
          ''
            export PATH=
            for input in ''${nativeBuildInputs:-} ${base}; do PATH=$PATH''${PATH:+:}$input/bin; done
            export HOME=/homeless-shelter SOURCE_DATE_EPOCH=315532800
            source $buildCommandPath
          ''
        ];
      }
      // removeAttrs attributes [
        "meta"
        "passthru"
      ]
    )
    // attributes.passthru or { }
    // intersectAttrs { meta = null; } attributes;

  # Package sets of other platforms, by nixpkgs' names for them, and what each is for.
  pkgsCross =
    mapAttrs
      (name: config: {
        stdenv.hostPlatform = { inherit config; };
        ${if pins.libraries ? ${name} then "libyaml" else null} = libyamlFor config pins.libraries.${name};
      })
      {
        aarch64-multiplatform = "aarch64-unknown-linux-gnu";
        aarch64-multiplatform-musl = "aarch64-unknown-linux-musl";
        armv7l-hf-multiplatform = "armv7l-unknown-linux-gnueabihf";
        gnu32 = "i686-unknown-linux-gnu";
        gnu64 = "x86_64-unknown-linux-gnu";
        musl-power = "powerpc64le-unknown-linux-musl";
        musl32 = "i686-unknown-linux-musl";
        musl64 = "x86_64-unknown-linux-musl";
        powernv = "powerpc64le-unknown-linux-gnu";
        riscv64 = "riscv64-unknown-linux-gnu";
        riscv64-musl = "riscv64-unknown-linux-musl";
        s390x = "s390x-unknown-linux-gnu";
      };

  # A library as nixpkgs has them: headers apart from object code, in folders of the store that its texts and run paths name.
  libyamlFor =
    config: archives:
    derivation {
      name = "libyaml-${config}-0.2.5";
      pname = "libyaml";
      inherit system;
      outputs = [
        "out"
        "dev"
      ];
      packages = map fetchurl archives;
      # As many of nixpkgs' libraries do, it propagates a hook, which is no library.
      propagatedBuildInputs = [ (runCommand "hook" { } "mkdir -p $out/nix-support") ];
      builder = "${debian}/usr/bin/bash";
      args = [
        "-euc"
        ''
          export PATH=${base}/bin:${debian}/usr/bin
          mkdir -p $out $dev/lib
          for package in $packages; do ${seed}/bin/busybox dpkg-deb -x $package unpacked; done
          cp -a unpacked/usr/include $dev/include
          cp -a unpacked/usr/lib/*-linux-gnu $out/lib
          mv $out/lib/pkgconfig $dev/lib/pkgconfig
          sed -i -e "s,^prefix=.*,prefix=$out," -e "s,^includedir=.*,includedir=$dev/include," \
            -e "s,^libdir=.*,libdir=$out/lib," $dev/lib/pkgconfig/*.pc
          for library in $out/lib/*.so; do patchelf --set-rpath $out/lib $(readlink -f $library); done
        ''
      ];
    };

  python311 = takes "python3-3.11" [
    "bin/python3.11"
    "bin/python3.11:python3"
  ];

  packages = self: {
    inherit fetchurl pkgsCross python311 runCommand system;
    python3 = python311;
    bubblewrap = takes "bubblewrap" [ "bin/bwrap" ];
    expat = takes "expat" [ "lib/libexpat.so.1" ];
    mkShell = { packages }: runCommand "shell" { inherit packages; } "touch $out";
    nixfmt-tree = runCommand "nixfmt-tree" { } "touch $out"; # there is none of Debian's
    uv = runCommand "uv" { } "touch $out";
    gnum4 = takes "gnum4" [ "bin/m4" ];
    perl = takes "perl" [ "bin/perl" ];
    which = takes "which" [ "bin/which.debianutils:which" ];
    zip = takes "zip" [ "bin/zip" ];
    zlib = takes "zlib" [ "lib/libz.so.1" ];
    stdenv = {
      cc.cc.lib = takes "gcc-lib" [
        "lib/libgcc_s.so.1"
        "lib/libstdc++.so.6"
      ];
      hostPlatform = {
        inherit system;
        isMusl = false;
      };
    };
    callPackage = function: arguments: function (intersectAttrs (functionArgs function) self // arguments);
    extend = overlay: fix (self: packages self // overlay self (packages self));
  };

  fix =
    function:
    let
      result = function result;
    in
    result;
in
fix packages
