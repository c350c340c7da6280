"""Judges the machine code of the user's own files before they enter an image: it has to load on the target."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from crosswheel.act.check.binary_kinds import BinaryKind, kind_of
from crosswheel.act.check.byte_reader import DamagedBinaryError
from crosswheel.act.check.elf import parse_elf
from crosswheel.act.check.elf_checks import BinaryFile, Bundle, check_elf
from crosswheel.act.check.file_bytes import looked_through, map_file
from crosswheel.act.check.findings import Severity
from crosswheel.act.images.stream_checks import judge_file
from crosswheel.target.targets import Target
from crosswheel.values.errors import CheckError

__all__ = ["binary_faults"]

#: What of the check of a wheel's binaries holds for any binary: it does not load there.
_NOT_LOADED = frozenset({"wrong-libc", "symbol-too-new"})


def binary_faults(path: str, file: Path, target: Target) -> Iterator[CheckError]:
    """Yield why a file would not load on the target.

    Args:
        path: where it will be, below the image's root.
        file: the file.
        target: what the image is for.
    """
    with file.open("rb") as stream:
        head = stream.read(4096)
    kind = kind_of(head)
    if kind is None:
        return
    data = map_file(file)
    faults = list(judge_file(path, data, target.platform.arch, owner="the application"))
    yield from faults
    if faults or kind is not BinaryKind.ELF:
        return
    try:
        with looked_through(data):
            binary = BinaryFile(path, parse_elf(data, compact=True))
    except DamagedBinaryError:
        return  # test data, perhaps: its machine is right
    bundle = Bundle.of(target, (binary,), built=True)
    for finding in check_elf(binary, bundle):
        if finding.code in _NOT_LOADED and finding.severity is Severity.ERROR:
            yield CheckError(
                "put into an image",
                path,
                why=f"{finding.message} [{finding.code}]",
                fix=f"compile it for {target.id}",
            )
