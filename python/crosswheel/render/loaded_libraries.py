"""What `ctypes.util.find_library` answers on a target about its C library, as far as that is the same on every machine."""

from __future__ import annotations

from collections.abc import Mapping

from crosswheel.render.libc_files import GLIBC_SONAMES, MACOS_LIBRARIES
from crosswheel.render.musl_libc import musl_soname
from crosswheel.values.platforms import Linux, MacOs, Musl, Platform, Windows

__all__ = ["loaded_libraries"]

#: What every macOS has in its cache of libraries under names of its C library; ``util`` zig cannot link.
_MACOS = (*MACOS_LIBRARIES, "util")


def loaded_libraries(platform: Platform) -> Mapping[str, str | None]:
    """Return name and answer of those libraries whose answer is known; ``None`` where the target has none.

    musl has all in one library. On Windows Python finds no C library since it is linked with the universal one
    (https://docs.python.org/3/library/ctypes.html#ctypes.util.find_msvcrt).
    """
    match platform.os:
        case Linux(libc=Musl()):
            return {"c": musl_soname(platform.arch)}
        case Linux():
            return GLIBC_SONAMES
        case MacOs():
            return {**{name: f"/usr/lib/lib{name}.dylib" for name in _MACOS}, "rt": None}
        case Windows():
            return {"c": None, "m": None}
        case _:
            return {}
