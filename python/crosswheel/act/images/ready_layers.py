"""Layers of an image that are written already, beside those that are to be written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias

from crosswheel.act.images.bases import OwnLayer
from crosswheel.act.images.layered_paths import LayeredPaths, PathEntry
from crosswheel.act.images.program_heads import ProgramHead
from crosswheel.act.images.stacked_layers import replaced_paths
from crosswheel.values.errors import InputError
from crosswheel.values.oci_descriptors import LayerDescriptor
from crosswheel.values.platforms import Glibc

__all__ = ["ImageLayer", "ReadyLayer", "opened_blob"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyLayer:
    """A layer that is written already.

    Attributes:
        name: a word for it.
        comment: what it holds, for the history.
        descriptor: what it is.
        path: the file of its blob, which is compared with its digest when it is taken over.
        entries: what it holds, or what is known of that.
        kept: contents of those of its files that matter.
        stored: by its files that name paths of the stores of Nix and Guix, these.
        programs: its programs and libraries; ``None`` where they are not known.
        glibcs: versions of the glibcs among them.
    """

    name: str
    comment: str
    descriptor: LayerDescriptor
    path: Path
    entries: tuple[PathEntry, ...] = ()
    kept: Mapping[str, bytes | None] = field(default_factory=dict)
    stored: Mapping[str, Collection[str]] = field(default_factory=dict)
    programs: Mapping[str, ProgramHead] | None = None
    glibcs: Mapping[str, Glibc] = field(default_factory=dict)

    def refuse_replaced_links(self, below: LayeredPaths) -> None:
        """Refuse the layer where what stands below it has a link in place of one of its folders.

        Docker's overlay2 puts the folder there, and all that the link led to is lost; other programs write to where the
        link leads. Layers made here are written there to begin with, see `crosswheel.act.images.entries_on_base`.

        Raises:
            InputError: there is such a link.
        """
        for one in replaced_paths(self.entries, below):
            raise InputError(
                "put on top of other layers",
                self.path.name,
                why=f"it has the folder {one.path}, where the layers below have {one.stood}",
                fix="make it with the paths that links lead to",
            )


ImageLayer: TypeAlias = OwnLayer | ReadyLayer


def opened_blob(path: Path, *, fix: str = "give the file of a layer") -> IO[bytes]:
    """Open the file of a layer's blob.

    Args:
        path: the file.
        fix: what the user can do if it cannot be read.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(
            "read layer",
            str(path),
            why="there is no such file" if not path.exists() else (error.strerror or str(error)).lower(),
            fix=fix,
        ) from None
