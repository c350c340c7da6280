"""What is to be told of the application's machine code though it does not refuse it: no program of the target, damaged, or a helper's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crosswheel.act.check.binary_kinds import BinaryKind, kind_of
from crosswheel.act.check.findings import Severity
from crosswheel.act.check.machine_faults import HEAD, head_fault
from crosswheel.act.images.image_findings import IMAGE_CODES, ImageFinding
from crosswheel.act.layers.layer_entries import FileContent, LayerEntry
from crosswheel.values.platforms import Arch

__all__ = ["own_findings"]


def own_findings(entries: Iterable[LayerEntry], arch: Arch) -> Iterator[ImageFinding]:
    """Yield a finding for each file of machine code that a check of the image would tell of, short of an error.

    Args:
        entries: of the application, none of which is refused.
        arch: what the image runs on.
    """
    for entry in entries:
        if not isinstance(entry.content, FileContent):
            continue
        with entry.content.path.open("rb") as stream:
            head = stream.read(HEAD)
        kind = kind_of(head)
        if kind is None or kind is BinaryKind.ARCHIVE:
            continue
        fault = head_fault(entry.path, head, kind, arch)
        if fault is not None and IMAGE_CODES[fault.code].severity is not Severity.ERROR:
            yield ImageFinding(
                code=fault.code, place="the application", file=entry.path, message=fault.message
            )
