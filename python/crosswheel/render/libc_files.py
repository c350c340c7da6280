"""The files by which a C library is found: those of its libraries, and zig's folders with its headers.

zig has both as sources among those of all targets, where nobody looks for them. CMake's `find_library` and `find_path` go by
files, so a toolchain holds, below `BuildPaths.libc`, files with the names that the target's C library has. They say nothing: the
launchers take the path of one for ``-l`` and its name, and pass the folders over (`crosswheel.render.sysroot_libraries`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from crosswheel.render.python_config import EMPTY_ARCHIVE
from crosswheel.target.architectures import ARCH_NAMES
from crosswheel.values.platforms import Arch, Glibc, Linux, MacOs, Musl, Platform, Windows

__all__ = [
    "GLIBC_SONAMES",
    "MACOS_LIBRARIES",
    "libc_library_files",
    "windows_definitions",
    "zig_header_folders",
]

#: What a glibc's libraries are loaded by, the same on all architectures that there are targets of (``shlib-versions`` of glibc).
GLIBC_SONAMES: Mapping[str, str] = MappingProxyType(
    {
        "c": "libc.so.6",
        "dl": "libdl.so.2",
        "m": "libm.so.6",
        "pthread": "libpthread.so.0",
        "resolv": "libresolv.so.2",
        "rt": "librt.so.1",
        "util": "libutil.so.1",
    }
)
#: Libraries of each other C library that zig links for it (``isLibCLibName`` of zig 0.17's ``lib/std/zig/target.zig``).
_MUSL = ("crypt", "dl", "m", "pthread", "resolv", "rt", "util", "xnet")
MACOS_LIBRARIES = ("System", "c", "dbm", "dl", "info", "m", "poll", "proc", "pthread", "rpcsvc")
_MINGW = ("m", "mingw32", "mingwex", "msvcrt", "pthread", "ucrt", "uuid", "winpthread")

#: What zig calls the architecture of headers, where not as in its targets (``glibcArchNameHeaders``, ``muslArchNameHeaders``).
_GLIBC_ARCHES: Mapping[Arch, str] = MappingProxyType(
    {Arch.X86_64: "x86", Arch.PPC64LE: "powerpc", Arch.RISCV64: "riscv"}
)
_MUSL_ARCHES: Mapping[Arch, str] = MappingProxyType({Arch.PPC64LE: "powerpc64"})
#: Folders with the definitions of Windows' libraries that zig makes import libraries of, beside the common one.
_DEFINITIONS: Mapping[Arch, str] = MappingProxyType({Arch.X86_64: "lib64", Arch.I686: "lib32"})

_EMPTY_ARCHIVE = EMPTY_ARCHIVE.decode()


def libc_library_files(platform: Platform, definitions: Iterable[str] = ()) -> Mapping[str, str]:
    r"""Return name and text of each file that a library of the C library is found by.

    They have the names that a compiler's linker takes on the target: musl has all in one library, and empty archives.

    Args:
        platform: the target's platform.
        definitions: names of files in the folders `windows_definitions`.

    >>> platform = Platform(os=Linux(libc=Glibc(major=2, minor=28)), arch=Arch.AARCH64)
    >>> libc_library_files(platform)["libm.so"]
    'INPUT ( -lm )\n'
    """
    match platform.os:
        case Linux(libc=Musl()):
            return {"libc.so": _script("c"), **{f"lib{name}.a": _EMPTY_ARCHIVE for name in _MUSL}}
        case Linux():
            return {f"lib{name}.so": _script(name) for name in GLIBC_SONAMES}
        case MacOs():
            return {f"lib{name}.tbd": _script(name) for name in MACOS_LIBRARIES}
        case Windows():
            of_system = {
                name.removesuffix(".in").removesuffix(".def") for name in definitions if ".def" in name
            }
            return {f"lib{name}.a": _EMPTY_ARCHIVE for name in sorted(of_system.union(_MINGW))}
        case _:
            return {}


def _script(name: str) -> str:
    return f"INPUT ( -l{name} )\n"


def windows_definitions(platform: Platform) -> tuple[str, ...]:
    """Return zig's folders, below its ``lib``, with a file for each library of Windows; none for other systems."""
    if not isinstance(platform.os, Windows):
        return ()
    own = _DEFINITIONS.get(platform.arch)
    folders = ("lib-common",) if own is None else ("lib-common", own)
    return tuple(f"libc/mingw/{folder}" for folder in folders)


def zig_header_folders(platform: Platform) -> tuple[str, ...]:
    """Return zig's folders, below its ``lib``, with the headers of the target's C library and system, in its order.

    >>> zig_header_folders(Platform(os=Windows(), arch=Arch.X86_64))
    ('libc/include/any-windows-any',)
    """
    zig = ARCH_NAMES[platform.arch].zig
    match platform.os:
        case Linux(libc=libc):
            kernel = _GLIBC_ARCHES.get(platform.arch, zig)
            if isinstance(libc, Glibc):
                names = [f"{kernel}-linux-gnu", "generic-glibc"]
            else:
                names = [f"{_MUSL_ARCHES.get(platform.arch, zig)}-linux-musl", "generic-musl"]
            names += [f"{kernel}-linux-any", "any-linux-any"]
        case MacOs():
            names = ["any-darwin-any"]
        case Windows():
            names = ["any-windows-any"]
        case _:
            names = []
    return tuple(f"libc/include/{name}" for name in names)
