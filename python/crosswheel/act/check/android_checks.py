"""Whether one ELF file fits an Android target: API level and libraries (PEP 738)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crosswheel.target.targets import Target

from .elf import Elf
from .findings import Finding
from .system_libraries import is_android_system_library

__all__ = ["check_android"]


def check_android(
    path: str, elf: Elf, names: Sequence[str], target: Target, *, built: bool
) -> Iterator[Finding]:
    """Yield what is wrong with a file of the right machine.

    Args:
        path: the member.
        elf: what it says of itself.
        names: the file names and SONAMEs of all ELF files of the wheel.
        target: an Android target.
        built: we built the wheel.
    """
    python = f"libpython{target.python.version}{target.python.flags}.so"
    for library in elf.needed:
        if library in names or library in (python, "libpython3.so") or is_android_system_library(library):
            continue
        if library.startswith("libpython"):
            message = f"it needs {library}, the target {target.python} has {python}"
            yield Finding.of("wrong-python-library", path, message, built=built, library=library)
            continue
        message = f"it needs {library}, which is neither in the wheel nor promised by Android's NDK; bundle it, or link it statically"
        yield Finding.of("library-not-allowed", path, message, built=built, library=library)
