"""What the user puts on top of the wheels of each target of an image: the application's files, and finished layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crosswheel.act.images.application import application_entries
from crosswheel.act.images.finished_layers import finished_layers
from crosswheel.act.images.image_findings import ImageFinding, judged
from crosswheel.act.images.image_request import ImageRequest
from crosswheel.act.images.own_findings import own_findings
from crosswheel.act.images.placed_files import placed_entries
from crosswheel.act.images.ready_layers import ReadyLayer
from crosswheel.act.layers.layer_entries import Folder, LayerEntry
from crosswheel.act.reporter import Reporter
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, raise_faults

__all__ = ["OwnPart", "own_parts"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnPart:
    """What the user puts on top of the wheels of one target.

    Attributes:
        entries: the application's.
        finished: layers that another tool made, lowest first.
        of_entries: what was found in the entries.
        of_finished: what was found in the layers.
    """

    entries: Sequence[LayerEntry]
    finished: Sequence[ReadyLayer]
    of_entries: tuple[ImageFinding, ...]
    of_finished: tuple[ImageFinding, ...]

    @property
    def findings(self) -> tuple[ImageFinding, ...]:
        """All that was found."""
        return (*self.of_entries, *self.of_finished)


def own_parts(
    request: ImageRequest, reporter: Reporter, *, before: Sequence[OwnPart] = ()
) -> tuple[OwnPart, ...]:
    """Return the user's part for each target, judged before anything is written.

    Args:
        request: what the image is made of.
        reporter: is told once of an application without files.
        before: the parts as they were some time ago. Their layers are taken over, which are compared with their digests
            when they are written; the application's files are judged again.

    Raises:
        CrosswheelError: a file is for another machine, or an input cannot be used; all are collected.
    """
    found: list[OwnPart] = []
    faults: list[CrosswheelError] = []
    for place, wheels in enumerate(request.wheels):
        try:
            entries = _entries(request, wheels.target, None if before or found else reporter)
            earlier = before[place] if before else None
            if earlier is None:
                layers, told = finished_layers(request.finished, wheels.target, accept=request.accept)
            else:
                layers, told = list(earlier.finished), earlier.of_finished
            own = own_findings(entries, wheels.target.platform.arch)
            found.append(
                OwnPart(
                    entries=entries,
                    finished=layers,
                    of_entries=judged(own, request.accept, all_used=False),
                    of_finished=told,
                )
            )
        except CrosswheelError as fault:
            faults.append(fault)
    raise_faults(faults)
    return tuple(found)


def _entries(request: ImageRequest, target: Target, reporter: Reporter | None) -> list[LayerEntry]:
    entries: list[LayerEntry] = []
    if request.application is not None:
        entries += application_entries(request.application, target)
        if reporter is not None and all(isinstance(one.content, Folder) for one in entries):
            source = request.application.source
            reporter.warned(
                f"nothing of the application is in the image: '{source}' has no file that is not left out"
            )
    return [*entries, *placed_entries(request.files, target)]
