"""Which Debian package has the headers and the library that a build asks for."""

from __future__ import annotations

import re

__all__ = ["debian_package_of"]

#: Development package; what it is asked for by: headers (a folder ends in ``/``), libraries, names of pkg-config and CMake,
#: programs that tell flags. Headers as https://packages.debian.org lists the files.
_PACKAGES: tuple[tuple[str, str], ...] = (
    ("freetds-dev", "sqlfront.h sybdb.h sybfront.h sybdb"),
    ("libacl1-dev", "acl/ sys/acl.h acl libacl"),
    ("libasound2-dev", "alsa/ asound alsa"),
    ("libattr1-dev", "attr/ attr libattr"),
    ("libbluetooth-dev", "bluetooth/ bluetooth bluez"),
    ("libboost-dev", "boost/ boost"),
    ("libbz2-dev", "bzlib.h bz2 bzip2 libbz2 libbzip2"),
    ("libcairo2-dev", "cairo.h cairo/ cairo"),
    ("libcap-dev", "sys/capability.h cap libcap"),
    ("libcrypt-dev", "crypt.h crypt libcrypt libxcrypt"),
    ("libcups2-dev", "cups/ cups cups-config"),
    ("libcurl4-openssl-dev", "curl/ curl libcurl curl-config"),
    ("libdb-dev", "db.h berkeley-db"),
    ("libdbus-1-dev", "dbus/ dbus-1"),
    ("libeigen3-dev", "eigen/ eigen3"),
    ("libdeflate-dev", "libdeflate.h deflate libdeflate"),
    ("libev-dev", "ev.h ev"),
    ("libevent-dev", "event.h event2/ event libevent"),
    ("libffi-dev", "ffi.h ffi libffi"),
    ("libfreetype-dev", "freetype/ ft2build.h freetype freetype2 freetype-config"),
    ("libfuse-dev", "fuse.h fuse/ fuse"),
    ("libfuse3-dev", "fuse3/ fuse3"),
    ("libgdal-dev", "gdal.h gdal/ gdal gdal-config"),
    ("libgeos-dev", "geos_c.h geos_c geos geos-config"),
    ("libglib2.0-dev", "glib.h glib-2.0 gobject-2.0 gio-2.0"),
    ("libgmp-dev", "gmp.h gmp"),
    ("libgraphviz-dev", "graphviz/ cgraph libcgraph"),
    ("libhdf5-dev", "hdf5.h h5public.h h5pubconf.h hdf5"),
    ("libicu-dev", "unicode/ icuuc icui18n icuio icudata icu-uc icu-i18n icu-io icu icu-config"),
    ("libjpeg-dev", "jpeglib.h jpeg libjpeg"),
    ("libkrb5-dev", "gssapi.h gssapi/ krb5.h krb5/ gssapi_krb5 krb5 krb5-gssapi krb5-config"),
    ("libldap-dev", "ldap.h lber.h ldap lber"),
    ("libleveldb-dev", "leveldb/ leveldb"),
    ("liblz4-dev", "lz4.h lz4frame.h lz4 liblz4"),
    ("liblzma-dev", "lzma.h lzma liblzma"),
    ("libmagic-dev", "magic.h magic libmagic"),
    ("libmariadb-dev", "mysql.h mysql/ mysqlclient mariadb libmariadb mysql_config mariadb_config"),
    ("libmpc-dev", "mpc.h mpc"),
    ("libmpfr-dev", "mpfr.h mpfr"),
    ("libncurses-dev", "curses.h ncurses.h ncurses ncursesw tinfo"),
    ("libnetcdf-dev", "netcdf.h netcdf nc-config"),
    ("libomp-dev", "omp.h omp gomp iomp5 kmpc openmp openmp_c openmp_cxx"),
    ("libpcap-dev", "pcap.h pcap/ pcap libpcap pcap-config"),
    ("libpcre2-dev", "pcre2.h pcre2-8 libpcre2-8 pcre2-config"),
    ("libpcsclite-dev", "winscard.h wintypes.h pcsc/ pcsclite libpcsclite"),
    ("libpng-dev", "png.h png libpng libpng-config"),
    ("libpq-dev", "libpq-fe.h libpq/ pq libpq postgresql pg_config"),
    ("libprimesieve-dev", "primesieve.h primesieve.hpp primesieve"),
    ("libproj-dev", "proj.h proj_api.h proj"),
    ("librdkafka-dev", "librdkafka/ rdkafka"),
    ("libreadline-dev", "readline/ readline"),
    ("librrd-dev", "rrd.h rrd librrd"),
    ("libsasl2-dev", "sasl/ sasl2 libsasl2"),
    ("libsdl2-dev", "sdl.h sdl2/ sdl2 sdl2-config"),
    ("libseccomp-dev", "seccomp.h seccomp libseccomp"),
    ("libsnappy-dev", "snappy.h snappy-c.h snappy"),
    ("libsndfile1-dev", "sndfile.h sndfile"),
    ("libsodium-dev", "sodium.h sodium/ sodium libsodium"),
    ("libsqlite3-dev", "sqlite3.h sqlite3"),
    ("libssl-dev", "openssl/ ssl crypto libssl libcrypto openssl"),
    ("libsystemd-dev", "systemd/ systemd libsystemd"),
    ("libtiff-dev", "tiff.h tiffio.h tiff libtiff-4"),
    ("libudev-dev", "libudev.h udev libudev"),
    ("libusb-1.0-0-dev", "libusb.h libusb-1.0/ usb-1.0 libusb-1.0 libusb"),
    ("libuv1-dev", "uv.h uv libuv"),
    ("libwebp-dev", "webp/ webp libwebp"),
    ("libx11-dev", "x11/ x11 libx11"),
    ("libxml2-dev", "libxml/ xml2 libxml-2.0 libxml2 xml2-config"),
    ("libxmlsec1-dev", "xmlsec/ xmlsec1 xmlsec1-config"),
    ("libxslt1-dev", "libxslt/ libexslt/ xslt exslt libxslt xslt-config"),
    ("libyaml-dev", "yaml.h yaml yaml-0.1"),
    ("libzmq3-dev", "zmq.h zmq libzmq zeromq"),
    ("libzstd-dev", "zstd.h zstd libzstd"),
    ("llvm-dev", "llvm-c/ llvm/ llvm llvm-config"),
    ("portaudio19-dev", "portaudio.h portaudio portaudio-2.0"),
    ("unixodbc-dev", "sql.h sqlext.h odbcinst.h odbc odbc_config"),
    ("x11proto-dev", "xproto kbproto xextproto"),
    ("zlib1g-dev", "zlib.h z zlib"),
)
#: The file of a library, as it is asked for by its whole name.
_FILE = re.compile(r"lib(.+?)\.(?:so(?:\.\d+)*|a)")
_PACKAGE_OF = {name: package for package, names in _PACKAGES for name in names.split()}


def debian_package_of(name: str) -> str:
    """Return the Debian package that has a header, library, pkg-config module, CMake package or configuration program.

    >>> debian_package_of("openssl/evp.h"), debian_package_of("OpenSSL"), debian_package_of("mine.h")
    ('libssl-dev', 'libssl-dev', '')
    >>> debian_package_of("libudev.so.1")
    'libudev-dev'
    """
    asked = name.lower().removeprefix("-l").removeprefix(":").replace(" ", "-")
    asked = file[1] if (file := _FILE.fullmatch(asked)) is not None else asked
    folder, slash, _ = asked.partition("/")
    return _PACKAGE_OF.get(asked) or _PACKAGE_OF.get(f"{folder}{slash}" if slash else asked) or ""
