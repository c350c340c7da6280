"""Writes a layer: a tar archive, and in the same pass its digests, with every content checked.

By default the layer is a gzip file put together from the wheels' own compressed bytes: docs/concepts/layers.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crosswheel.act.layers.layer_blobs import Compression, LayerBlob, layer_blob
from crosswheel.act.layers.layer_entries import Folder, LayerEntry, MemberContent, Symlink, merged_entries
from crosswheel.act.layers.splices import size_of, splices
from crosswheel.act.layers.tar_headers import (
    END_OF_ARCHIVE,
    FOLDER,
    REGULAR,
    SYMLINK,
    padding,
    tar_header,
)
from crosswheel.act.wheels.file_time import FILE_TIME
from crosswheel.values.errors import CrosswheelError, raise_faults
from crosswheel.values.oci_descriptors import LayerDescriptor

__all__ = ["Compression", "write_layer"]


def write_layer(
    entries: Iterable[LayerEntry], path: Path, *, compression: Compression = Compression.GZIP
) -> LayerDescriptor:
    """Write a layer to the new file `path`; the same entries make the same bytes, in whatever order they come.

    All of them are dated `FILE_TIME`.

    Args:
        entries: what it holds. Folders are written as they are named here: those in between that nobody names are
            a matter of the layers below, or of who unpacks it.
        path: the file; what is there after an error is to be thrown away.
        compression: how the blob holds the archive.

    Returns:
        The descriptor of the layer, without annotations.

    Raises:
        CheckError: the content of a wheel is not what its RECORD or its CRC-32 says; all such faults are collected.
        InputError: a path cannot stand in a layer, or a file cannot be read.
        OutputError: two entries are different things with one path.
        OSError: `path` cannot be written, or is there already.
    """
    merged = merged_entries(entries)
    faults: list[CrosswheelError] = []
    with path.open("xb") as stream:
        blob = layer_blob(stream, compression)
        for entry in merged:
            try:
                _write_entry(blob, entry, packed=compression is Compression.GZIP)
            except CrosswheelError as error:
                faults.append(error)
        blob.write(END_OF_ARCHIVE)
        blob.finish()
    for archive in {one.content.archive for one in merged if isinstance(one.content, MemberContent)}:
        archive.forget_all()
    raise_faults(faults)
    return LayerDescriptor(
        media_type=compression.media_type, digest=blob.digest, size=blob.size, diff_id=blob.diff_id
    )


def _write_entry(blob: LayerBlob, entry: LayerEntry, *, packed: bool) -> None:
    size = size_of(entry.content)
    header = tar_header(
        entry.path,
        {Folder: FOLDER, Symlink: SYMLINK}.get(type(entry.content), REGULAR),
        mode=entry.mode,
        uid=entry.uid,
        gid=entry.gid,
        size=size,
        time=FILE_TIME,
        link=entry.content.target if isinstance(entry.content, Symlink) else "",
    )
    blob.write(header)
    for piece in splices(entry.content, size, packed=packed):
        blob.splice(piece)
    blob.write(padding(size))
