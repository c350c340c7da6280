"""Judges the machine code of files that are about to enter a layer."""

from __future__ import annotations

from collections.abc import Iterator

from crosswheel.act.check.binary_kinds import BinaryKind, archive_members, kind_of
from crosswheel.act.check.file_bytes import FileBytes
from crosswheel.act.check.findings import Severity
from crosswheel.act.check.machine_faults import HEAD, head_fault
from crosswheel.act.images.image_findings import IMAGE_CODES
from crosswheel.values.errors import CheckError
from crosswheel.values.platforms import Arch

__all__ = ["judge_file"]


def judge_file(path: str, data: FileBytes, arch: Arch, *, owner: str) -> Iterator[CheckError]:
    """Yield an error if a file of an image for Linux holds code for another machine than `arch`.

    Args:
        path: where it will be.
        data: its content.
        arch: what the image runs on.
        owner: who brings it, for the message.
    """
    kind = kind_of(data[:HEAD])
    if kind is None:
        return
    heads = [(data[:HEAD], kind)]
    if kind is BinaryKind.ARCHIVE:
        heads = [(body[:HEAD], BinaryKind.ELF) for _, body in archive_members(data) if body[:4] == b"\x7fELF"]
    for head, form in heads:
        fault = head_fault(path, head, form, arch)
        if fault is not None and IMAGE_CODES[fault.code].severity is Severity.ERROR:
            yield CheckError(
                "put into an image",
                path,
                why=f"{fault.message} [{fault.code}]",
                fix=f"use a file of {owner} that is made for {arch.value}, or leave it out",
            )
            return
