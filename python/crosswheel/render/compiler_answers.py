"""What a compiler launcher answers itself when it is asked about the compiler; copied beside the launchers.

zig answers many such questions with an error or with folders of the build machine; other compilers know best, but for
names that must lead to a launcher or that crosswheel has decided.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .compiler_families import Family

__all__ = ["answer_about"]

#: What zig has no sound answer to; nobody needs a true one.
_ZIGS = {
    "print-sysroot": "",
    "print-multi-lib": ".;",
    "print-multi-directory": ".",
    "print-multi-os-directory": ".",
    "print-libgcc-file-name": "libgcc.a",
    "print-search-dirs": "install: /\nprograms: =\nlibraries: =",
}


def answer_about(
    argument: str, platform: Mapping[str, Any], toolchain: Mapping[str, Any], family: type[Family]
) -> str | None:
    """Return the answer to a question like ``-dumpmachine``; ``None`` if `argument` is none or the compiler knows better."""
    question = argument.lstrip("-")
    if argument[:1] != "-" or question[:4] not in {"dump", "prin"}:
        return None
    if question == "dumpmachine":
        return str(platform["gnu_triple"])
    if question == "print-multiarch":
        return str(platform["multiarch"])
    head, _, value = question.partition("=")
    if head == "print-prog-name" and (family.own_driver or value in _LAUNCHED):
        return f"{toolchain['bin']}/{value}"
    if not family.own_driver:
        return None
    return value if head == "print-file-name" else _ZIGS.get(question)


#: Programs that stand behind a launcher of the same name, and must not be called without.
_LAUNCHED = frozenset({"ar", "ld", "nm", "objcopy", "objdump", "ranlib", "readelf", "strip"})
