"""What a file's name promises to Python's import and to the loader, and what is no such thing."""

from __future__ import annotations

import re

from crosswheel.target.targets import Target
from crosswheel.values.platforms import Ios, MacOs, Windows

from .elf import Elf, ElfType
from .file_bytes import FileBytes
from .modules import Suffix, parse_module_path, suffix_fault

__all__ = ["MODULE", "no_binary", "promise_of", "unloadable"]

#: What the name of an extension module for the target's Python promises.
MODULE = "an extension module"

_LIBRARY = re.compile(r".+\.so(?:\.\d+)*")
# What GNU ld takes in a library's place: https://sourceware.org/binutils/docs/ld/File-Commands.html
_LINKER_SCRIPT = re.compile(
    rb"(?:\s|/\*.*?\*/)*(?:INPUT|GROUP|OUTPUT_FORMAT|OUTPUT_ARCH|TARGET|SEARCH_DIR|STARTUP|INCLUDE|VERSION)\b",
    re.DOTALL,
)
_SCRIPT_LIMIT = 1 << 16


def promise_of(path: str, target: Target) -> str | None:
    """Return what a member's name makes the target's Python or loader expect; ``None`` if nothing.

    A module whose suffix is another Python's or another platform's promises nothing to this one.

    >>> from crosswheel.target.targets import parse_target_id
    >>> target = parse_target_id("cp311-linux_aarch64_glibc_2_17")
    >>> promise_of("a/_b.abi3.so", target), promise_of("a.libs/libz.so.1", target)
    ('an extension module', 'a shared library')
    >>> promise_of("a/_b.cpython-312-aarch64-linux-gnu.so", target) is None
    True
    """
    module = parse_module_path(path)
    if module is not None and module.kind is not Suffix.BARE:
        return MODULE if suffix_fault(module, target) is None else None
    name = path.rpartition("/")[2]
    match target.platform.os:
        case Windows():
            fits = name.lower().endswith((".pyd", ".dll"))
        case MacOs() | Ios():
            fits = name.endswith((".so", ".dylib"))
        case _:
            fits = _LIBRARY.fullmatch(name) is not None
    return "a shared library" if fits else None


def no_binary(data: FileBytes, promise: str) -> str | None:
    """Say what is in place of machine code; ``None`` where a linker script stands in for a library.

    Args:
        data: what is no machine code.
        promise: what `promise_of` says of the file's name.
    """
    if not data[:_SCRIPT_LIMIT].strip():
        return "empty"
    if _LINKER_SCRIPT.match(data[:_SCRIPT_LIMIT]):
        # Linkers read one in a library's place, Python's import does not.
        return "a linker script" if promise == MODULE else None
    return "no machine code of any system"


def unloadable(elf: Elf) -> str | None:
    """Say why no loader takes an ELF file as a module or library; ``None`` if it may."""
    if elf.type == ElfType.RELOCATABLE:
        return "it is an object file that was never linked"
    if elf.type != ElfType.SHARED:
        return "it is no shared object"
    return None if elf.dynamic else "it has no dynamic section"
