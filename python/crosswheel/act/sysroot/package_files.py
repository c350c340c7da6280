"""What a Debian package or a packed folder brings to a sysroot: headers, libraries, and what tells of them.

A ``.deb`` is an ar archive around a tar archive (deb(5)); it is read here, nothing of it is run.
"""

from __future__ import annotations

import lzma
import posixpath
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crosswheel.act.sysroot.ar_archives import ArchiveFormatError
from crosswheel.act.sysroot.debian_archives import open_data_of
from crosswheel.values.errors import InputError

__all__ = ["GNU_CXX", "SysrootFile", "is_wanted", "place_pattern", "read_package", "tells_of_places"]

_LIBRARY = re.compile(r"usr/lib/(?:[\w.+-]+/)*[^/]+\.(?:a|so(?:\.[\w.+-]+)?)")
#: Headers that are of one architecture, as those of D-Bus and GLib.
_OWN_HEADER = re.compile(r"usr/lib/(?:[\w.+-]+/)+include/.+")
_TOLD = re.compile(
    r"usr/(?:lib|share)/(?:[\w.+-]+/)*pkgconfig/[^/]+\.pc|usr/(?:lib|share)/(?:.+/)?[^/]+\.cmake|usr/lib/(?:.+/)?\w+Conf\.sh"
)
_PROGRAM = re.compile(r"usr/bin/[\w.+-]*[-_]config(?:[-.][\w.+-]+)?")
#: Text in which a package says where its files are.
_TELLS = re.compile(r".*(?:\.pc|\.cmake|Conf\.sh)|usr/bin/[^/]+")
#: Packages of one source may share a folder by a link.
_LICENCE = re.compile(r"usr/share/doc/[^/]+(?:/copyright)?")
#: Where the archive of GNU's C++ library stands in a sysroot; projects that ask for ``stdc++`` get zig's own.
GNU_CXX = "usr/lib/crosswheel/libgnu-stdc++.a"
#: LLVM's headers of OpenMP stand among those of its compiler, which nobody else looks at.
_OPENMP = re.compile(r"usr/lib/llvm-\d+/(?:lib/clang/[^/]+/include|include/openmp)/(?P<name>omp[\w-]*\.h)")
_GNU_CXX = re.compile(r"usr/lib/gcc/[^/]+/\d+/libstdc\+\+\.a")
#: Folders below ``/usr/lib`` whose libraries are plug-ins or other languages' modules: nothing is linked to them.
_PLUGINS = re.compile(r"usr/lib/(?:[\w-]+/)?(?:python|perl|ruby|gcc|debug|ocaml|jvm|cmake/.*\.a)")


@dataclass(frozen=True, kw_only=True, slots=True)
class SysrootFile:
    """One file of a sysroot.

    Attributes:
        path: relative, with ``/lib`` moved below ``/usr``; e.g. ``usr/include/zlib.h``.
        data: its content; ``None`` for a symbolic link.
        link: where a link leads, relative to the top, or ``""`` for a file.
        executable: whether it is a program.
    """

    path: str
    data: bytes | None
    link: str = ""
    executable: bool = False


def is_wanted(path: str) -> bool:
    """Tell whether a file has a place in a sysroot.

    >>> is_wanted("usr/include/yaml.h"), is_wanted("usr/bin/xml2-config"), is_wanted("usr/bin/xmllint")
    (True, True, False)
    >>> is_wanted("usr/lib/aarch64-linux-gnu/dbus-1.0/include/dbus/dbus-arch-deps.h")
    True
    >>> is_wanted("usr/lib/gcc/aarch64-linux-gnu/14/include/stddef.h")
    False
    """
    if path.startswith("usr/include/") or path == GNU_CXX:
        return True
    if _LIBRARY.fullmatch(path) or _OWN_HEADER.fullmatch(path):
        return not _PLUGINS.match(path)
    return any(pattern.fullmatch(path) for pattern in (_TOLD, _PROGRAM, _LICENCE))


def tells_of_places(path: str) -> bool:
    """Tell whether a file may hold text that says where the package's files are.

    >>> tells_of_places("usr/lib/pkgconfig/yaml-0.1.pc"), tells_of_places("usr/include/yaml.h")
    (True, False)
    """
    return _TELLS.fullmatch(path) is not None


def place_pattern(places: str) -> re.Pattern[bytes]:
    """Return a pattern that finds absolute paths in such text, alone or behind an option of the compiler.

    The first group is the option, the second one the place.

    Args:
        places: a regular expression for where the paths begin.
    """
    return re.compile(
        rf"(?<![\w./}}\-])(-[IL]|-isystem ?)?({places})(?=[/\s\"';:)]|$)".encode(), re.MULTILINE
    )


def read_package(path: Path) -> Iterator[SysrootFile]:
    """Yield the wanted files of a ``.deb`` or a packed folder, links after what they lead to is known.

    Args:
        path: the file; one that ends in ``.deb`` is a Debian package.

    Raises:
        InputError: it is damaged, is compressed in a way this Python cannot read, or holds what could lead out of
            the sysroot.
    """
    try:
        stream: IO[bytes] = open_data_of(path) if path.name.endswith(".deb") else path.open("rb")
        with stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            yield from _files(archive, path)
    except (ArchiveFormatError, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError) as error:
        raise _refusal(path, f"it is damaged ({' '.join(str(error).split())})") from None


def _files(archive: tarfile.TarFile, path: Path) -> Iterator[SysrootFile]:
    for info in archive:
        name = _merged(_safe(info.name, path))
        if info.isdir() or not is_wanted(name):
            continue
        if info.issym():
            target = info.linkname
            landed = posixpath.normpath(
                posixpath.join("/", posixpath.dirname(_safe(info.name, path)), target)
            )
            yield SysrootFile(path=name, data=None, link=_merged(landed.lstrip("/")))
        elif info.islnk():
            yield SysrootFile(path=name, data=None, link=_merged(_safe(info.linkname, path)))
        elif info.isfile():
            content = archive.extractfile(info)
            data = b"" if content is None else content.read()
            yield SysrootFile(path=name, data=data, executable=bool(info.mode & 0o111))
        else:
            raise _refusal(path, f"its member '{info.name}' is a device, a pipe or another special file")


def _safe(name: str, path: Path) -> str:
    parts = name.split("/")
    if ".." in parts or "\0" in name:
        raise _refusal(path, f"its member '{name}' leads out of the sysroot")
    return posixpath.normpath("/" + name).lstrip("/")


def _merged(name: str) -> str:
    """Return where a file stands in a sysroot: ``/lib`` is below ``/usr``, as on every Debian since 12, ``/usr/local`` is ``/usr``."""
    if _GNU_CXX.fullmatch(name):
        return GNU_CXX
    if openmp := _OPENMP.fullmatch(name):
        return f"usr/include/{openmp['name']}"
    if name.startswith("usr/local/"):
        return f"usr/{name.removeprefix('usr/local/')}"
    return f"usr/{name}" if name.startswith(("lib/", "bin/")) else name


def _refusal(path: Path, why: str) -> InputError:
    return InputError("unpack libraries", path.name, why=why, fix="plan again with a sound file")
