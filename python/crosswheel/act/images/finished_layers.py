"""Layers that another tool made, such as the archives of a build system's rules: read, judged, taken over as they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from crosswheel.act.images.glibc_files import GlibcFiles
from crosswheel.act.images.image_findings import ImageFinding, image_errors, judged
from crosswheel.act.images.kept_files import KeptFiles
from crosswheel.act.images.layer_checks import LayerCheck
from crosswheel.act.images.layer_pass import pass_over_layer
from crosswheel.act.images.layered_paths import PathEntry
from crosswheel.act.images.program_heads import ProgramHeads
from crosswheel.act.images.ready_layers import ReadyLayer, opened_blob
from crosswheel.act.images.store_paths import StoreNames
from crosswheel.act.images.tar_stream import TarEntry, TarStream
from crosswheel.decide.images.oci_documents import compression_of, media_type_of_layer, other_compression
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.oci_descriptors import LayerDescriptor

__all__ = ["finished_layers"]

#: What stands beside the list of layers in what `docker save` writes, now and by older releases.
_OF_SAVED_IMAGES = re.compile(
    r"repositories|blobs/\w+/[0-9a-f]+|[0-9a-f]{64}(?:\.json|\.tar|/(?:VERSION|json|layer\.tar))"
)


def finished_layers(
    paths: Sequence[Path], target: Target, *, accept: Sequence[str] = ()
) -> tuple[list[ReadyLayer], tuple[ImageFinding, ...]]:
    """Return layers, lowest first, and what was found in them that does not refuse them.

    Args:
        paths: tar archives, as they are or compressed with gzip or zstd.
        target: what the image is for.
        accept: findings that are accepted.

    Raises:
        CheckError: a file in one is for another machine, or an entry cannot be unpacked; all are collected.
        InputError: one cannot be read.
    """
    layers: list[ReadyLayer] = []
    findings: list[ImageFinding] = []
    faults: list[CrosswheelError] = []
    for path in paths:
        try:
            layers.append(_read(path, target, findings))
        except InputError as fault:
            faults.append(fault)
    known = judged(findings, accept, all_used=False)
    faults += image_errors(
        known,
        doing="use file of the layer",
        fix="use a layer made for the target, or --accept the finding once you know why it is harmless",
    )
    raise_faults(faults)
    return layers, known


def _read(path: Path, target: Target, findings: list[ImageFinding]) -> ReadyLayer:
    def found(code: str, file: str, message: str) -> None:
        findings.append(ImageFinding(code=code, place=str(path), message=message, file=file))

    check, kept, stored = LayerCheck(target.platform.arch, found), KeptFiles(), StoreNames()
    programs, glibcs = ProgramHeads(), GlibcFiles()

    def show(entry: TarEntry, tar: TarStream) -> None:
        stored.show(entry, tar)
        kept.show(entry, tar)
        programs.show(entry, tar)
        check.show(entry, tar)
        glibcs.show(entry, tar)

    with opened_blob(path) as stream:
        beginning = stream.read(6)
        compression = compression_of(beginning)
        stream.seek(0)
        digests = pass_over_layer(stream, compression, show, name=str(path))
    check.end(digests)
    stored.end()
    if digests.diff_id is None or not digests.size:
        other = other_compression(beginning)
        damage = f"it is no tar archive, or damaged: {digests.damage or 'the file is empty'}"
        raise InputError(
            "read layer",
            str(path),
            why=damage if other is None else f"it is compressed with {other}, which layers are not",
            fix="give a tar archive, as it is or compressed with gzip or zstd",
        )
    if _is_image(check.entries):
        raise InputError(
            "read layer",
            str(path),
            why="it is a whole image, as docker save or skopeo writes it into an archive",
            fix="give it as --base, or unpack one of its layers",
        )
    return ReadyLayer(
        name="layer",
        comment="a layer that was given",
        descriptor=LayerDescriptor(
            media_type=media_type_of_layer(compression),
            digest=digests.digest,
            size=digests.size,
            diff_id=digests.diff_id,
        ),
        path=path,
        entries=tuple(check.entries),
        kept=kept.contents,
        stored=stored.found,
        programs=programs.found,
        glibcs=glibcs.found,
    )


def _is_image(entries: Collection[PathEntry]) -> bool:
    """Tell whether an archive holds what lists the layers of an image, and not by the way in something larger."""
    paths = {entry.path for entry in entries if not entry.is_folder}
    if {"index.json", "oci-layout"} <= paths:
        return True
    return "manifest.json" in paths and all(map(_OF_SAVED_IMAGES.fullmatch, paths - {"manifest.json"}))
