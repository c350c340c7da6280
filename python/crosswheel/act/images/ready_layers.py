"""Layers of an image that are written already, beside those that are to be written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

from crosswheel.act.images.bases import OwnLayer
from crosswheel.values.errors import InputError
from crosswheel.values.oci_descriptors import LayerDescriptor

__all__ = ["ImageLayer", "ReadyLayer", "opened_blob"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyLayer:
    """A layer that is written already.

    Attributes:
        name: a word for it.
        comment: what it holds, for the history.
        descriptor: what it is.
        path: the file of its blob, which is compared with its digest when it is taken over.
    """

    name: str
    comment: str
    descriptor: LayerDescriptor
    path: Path


ImageLayer: TypeAlias = OwnLayer | ReadyLayer


def opened_blob(path: Path) -> IO[bytes]:
    """Open the file of a layer's blob.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(
            "read layer",
            str(path),
            why=(error.strerror or str(error)).lower(),
            fix="give a layer that can be read; a folder of layers must be whole",
        ) from None
