"""What of a base the application takes the place of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crosswheel.act.images.image_findings import ImageFinding
from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.layers.layer_entries import Folder, LayerEntry
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["replaced_files"]


def replaced_files(entries: Sequence[LayerEntry], base: LayeredPaths) -> Iterator[ImageFinding]:
    """Yield a finding for each file of the base that will not be seen any more, which may well be meant.

    Args:
        entries: of the application, where links of the base lead.
        base: the paths below.

    Raises:
        InputError: a file would stand in the place of a folder, and hide all that is in it; all are collected.
    """
    faults: list[CrosswheelError] = []
    for entry in entries:
        if isinstance(entry.content, Folder):
            continue
        if base.has_file(entry.path) or base.link_at(entry.path) is not None:
            message = "the application brings it in place of the base's"
            yield ImageFinding(
                code="file-replaced", place="the application", file=entry.path, message=message
            )
        elif base.real(entry.path) is not None:
            why = "it is a folder of the base, and all in it would be lost"
            faults.append(
                InputError("put into an image", f"/{entry.path}", why=why, fix="give another place")
            )
    raise_faults(faults)
