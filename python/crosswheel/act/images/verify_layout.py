"""Checks an OCI layout: every document, every blob, every layer, and every file of machine code in them.

Reads all of it once, in little memory, and writes nothing. What is looked at: docs/reference/image-findings.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.check.findings import Severity
from crosswheel.act.images.image_findings import ImageFinding, ImageReport, judged
from crosswheel.act.images.image_paths import path_and_tag
from crosswheel.act.images.kept_files import KeptFiles
from crosswheel.act.images.layer_checks import LayerCheck
from crosswheel.act.images.layer_pass import LayerDigests, pass_over_layer
from crosswheel.act.images.layered_paths import LayeredPaths, PathEntry
from crosswheel.act.images.layout_documents import DEEPEST_INDEX
from crosswheel.act.images.layouts import LONGEST_DOCUMENT, Layout
from crosswheel.act.images.open_layout import open_layout
from crosswheel.act.images.stacked_layers import stacked_findings
from crosswheel.act.images.tar_stream import TarEntry, TarStream
from crosswheel.decide.documents.json_fields import Faults, Fields
from crosswheel.decide.images.image_config import ImageConfig, read_config
from crosswheel.decide.images.image_words import doubtful_name, doubtful_settings
from crosswheel.decide.images.oci_documents import (
    BASE_DIGEST,
    LAYER_COMPRESSIONS,
    DocumentKind,
    ImageManifest,
    IndexEntry,
    is_oci_digest,
    kind_of_document,
    read_index,
    read_manifest,
)
from crosswheel.decide.images.oci_json import document_fields
from crosswheel.target.oci_platforms import arch_of_oci, is_oci_architecture
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import InputError
from crosswheel.values.oci_descriptors import Descriptor, OciPlatform
from crosswheel.values.platforms import Arch

__all__ = ["verify_layout"]

_PIECE = 1 << 20


def verify_layout(path: Path, *, accept: Sequence[str] = ()) -> ImageReport:
    """Check a layout.

    Args:
        path: a folder, a tar archive of one, or what ``docker save`` writes.
        accept: findings the caller accepts, ``code`` or ``code:glob of the file``.

    Returns:
        The report; `ImageReport.refused` tells whether the layout must not be used.

    Raises:
        InputError: there is nothing to check, or an accept is wrong.
    """
    _refuse_tag(path)
    with open_layout(path) as layout:
        checking = _Checking(layout)
        checking.check()
        return ImageReport(
            layout=str(path),
            images=tuple(checking.images),
            findings=judged(checking.findings, accept),
            layers=len(checking.layers),
            inflated=checking.inflated,
            binaries=checking.binaries,
        )


def _refuse_tag(path: Path) -> None:
    layout, tag = path_and_tag(str(path))
    if tag is not None and layout.exists():
        raise InputError(
            "read image",
            str(path),
            why="a layout is checked whole, not one image of it",
            fix=f"give {layout} without a tag",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layer:
    """What is known of a layer, whatever it lies on."""

    digests: LayerDigests
    entries: tuple[PathEntry, ...]
    kept: Mapping[str, bytes | None]


@dataclass(slots=True)
class _Checking:
    """One check of one layout, and what it has found so far."""

    layout: Layout
    findings: list[ImageFinding] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    #: Kinds of what is no image.
    others: set[str] = field(default_factory=set)
    inflated: int = 0
    binaries: int = 0
    #: What is known of each layer, read as its media type says, for each architecture its binaries were judged for.
    layers: dict[tuple[Digest, str, Arch | None], _Layer] = field(default_factory=dict)
    used: set[Digest] = field(default_factory=set)
    #: What has been looked into, under which tag and for which platform, lest indexes multiply it.
    seen: set[tuple[Digest, str, str]] = field(default_factory=set)

    def found(self, code: str, place: str, message: str, file: str = "") -> None:
        self.findings.append(ImageFinding(code=code, place=place, message=message, file=file))

    def check(self) -> None:
        self._check_marker()
        if self.layout.index is None:
            self.found("layout-invalid", "index.json", "there is no such file")
            return
        if len(self.layout.index) > LONGEST_DOCUMENT:
            self.found("document-invalid", "index.json", f"it is longer than {LONGEST_DOCUMENT} bytes")
            return
        self._check_index(self.layout.index, "index.json", "", depth=0)
        if not self.images and not any(one.severity is Severity.ERROR for one in self.findings):
            self.found("image-missing", "index.json", _without_image(self.others))
        for digest in sorted(self.layout.blobs.digests() - self.used):
            self.found("blob-unused", "blobs", f"nothing leads to {digest.oci}")

    def _check_marker(self) -> None:
        try:
            version = json.loads(self.layout.marker or b"null")["imageLayoutVersion"]
        except (ValueError, TypeError, KeyError, RecursionError):
            self.found("layout-invalid", "oci-layout", "the file is missing or names no imageLayoutVersion")
            return
        if version != "1.0.0":
            self.found("layout-invalid", "oci-layout", f"the only version is 1.0.0, not {version}")

    def _fields(self, data: bytes, place: str) -> tuple[Fields | None, Faults]:
        faults = Faults("read image", place)
        return document_fields(data, faults), faults

    def _tell(self, faults: Faults, place: str) -> None:
        for fault in faults.found:
            where = "/".join(fault.context[1:])
            value = f" '{fault.value}'" if fault.value is not None else ""
            self.found("document-invalid", place, f"{where}{value}: {fault.why}".lstrip(": "))

    def _check_index(self, data: bytes, place: str, name: str, *, depth: int) -> None:
        fields, faults = self._fields(data, place)
        index = None if fields is None else read_index(fields)
        self._tell(faults, place)
        if index is None:
            return
        seen: dict[tuple[str, str], Digest] = {}
        for entry in index.entries:
            self._check_unique(entry, seen, place, top=depth == 0)
            tag = (entry.name or "") if depth == 0 else name
            if depth == 0 and (doubtful := doubtful_name(tag)) is not None:
                self.found("setting-doubtful", place, f"the name '{doubtful[0]}': {doubtful[1]}")
            self._check_entry(entry, tag, place, depth=depth)

    def _check_unique(
        self, entry: IndexEntry, seen: dict[tuple[str, str], Digest], place: str, *, top: bool
    ) -> None:
        """Readers take the first image of a name and platform, so that a second one is never seen."""
        is_named = entry.name is not None if top else entry.platform is not None
        if entry.is_attestation or not is_named:
            return
        key = (entry.name or "" if top else "", str(entry.platform.normalized if entry.platform else ""))
        if seen.setdefault(key, entry.descriptor.digest) != entry.descriptor.digest:
            self.found("name-ambiguous", place, f"two images are called {' '.join(filter(None, key))}")

    def _check_entry(self, entry: IndexEntry, name: str, place: str, *, depth: int) -> None:
        key = (entry.descriptor.digest, name, str(entry.platform or ""))
        if key in self.seen:
            self._check_size(entry.descriptor, place)
            return
        self.seen.add(key)
        kind = kind_of_document(entry.descriptor.media_type)
        if kind is None:
            self.others.add(entry.descriptor.media_type)
            message = f"{entry.descriptor.media_type} is no media type of an image"
            self.found("media-type-unknown", f"{place}, {entry.descriptor.digest.oci}", message)
            self._check_blob(entry.descriptor, place)
            return
        data = self._document(entry.descriptor, place)
        if data is None:
            return
        if kind is DocumentKind.INDEX:
            if depth == DEEPEST_INDEX:
                self.found("layout-invalid", place, f"its indexes are nested more than {DEEPEST_INDEX} deep")
            else:
                self._check_index(data, f"index {_named(name, entry)}", name, depth=depth + 1)
        else:
            self._check_manifest(data, entry, name)

    def _document(self, descriptor: Descriptor, place: str) -> bytes | None:
        """Return a document whose bytes are what its descriptor says, or none after telling what is wrong."""
        if not self._check_size(descriptor, place):
            return None
        data = self.layout.document(descriptor.digest)
        if data is None:
            self.found(
                "blob-mismatch", place, f"{descriptor.digest.oci} is longer than {LONGEST_DOCUMENT} bytes"
            )
        elif digest_of(data) != descriptor.digest:
            self.found(
                "blob-mismatch",
                place,
                f"the blob {descriptor.digest.oci} has the digest {digest_of(data).oci}",
            )
        else:
            return data
        return None

    def _check_size(self, descriptor: Descriptor, place: str) -> bool:
        self.used.add(descriptor.digest)
        size = self.layout.blobs.size(descriptor.digest)
        if size is None:
            self.found("blob-missing", place, f"there is no blob {descriptor.digest.oci}")
        elif size != descriptor.size:
            message = f"{descriptor.digest.oci} has {size} bytes, its descriptor says {descriptor.size}"
            self.found("blob-mismatch", place, message)
        return size == descriptor.size

    def _check_blob(self, descriptor: Descriptor, place: str) -> None:
        """Check the bytes of a blob that is not looked into."""
        if not self._check_size(descriptor, place):
            return
        hashed = hashlib.sha256()
        with self.layout.blobs.open(descriptor.digest) as stream:
            while data := stream.read(_PIECE):
                hashed.update(data)
        if hashed.hexdigest() != descriptor.digest.hex:
            message = f"the blob {descriptor.digest.oci} has the digest sha256:{hashed.hexdigest()}"
            self.found("blob-mismatch", place, message)

    def _check_manifest(self, data: bytes, entry: IndexEntry, name: str) -> None:
        place = _named(name, entry)
        fields, faults = self._fields(data, place)
        manifest = None if fields is None else read_manifest(fields)
        self._tell(faults, place)
        if manifest is None or faults.found:
            return
        if manifest.media_type not in {None, entry.descriptor.media_type}:
            message = f"it calls itself {manifest.media_type}, the index {entry.descriptor.media_type}"
            self.found("media-type-mismatch", place, message)
        base = manifest.annotations.get(BASE_DIGEST)
        if base is not None and not is_oci_digest(base):
            self.found("setting-doubtful", place, f"its annotation {BASE_DIGEST} is no digest: '{base}'")
        if not manifest.is_image:
            self.others.add(manifest.kind)
            for blob in (manifest.config, *manifest.layers):
                self._check_blob(blob, place)
            return
        config = self._config(manifest.config, place)
        platform = entry.platform if config is None else config.platform
        place = " ".join(filter(None, (name, str(platform or ""))))
        self.images.append(place)
        if config is not None:
            self._check_config(config, manifest, entry, place)
        self._check_layers(manifest, config, platform, place)

    def _config(self, descriptor: Descriptor, place: str) -> ImageConfig | None:
        data = self._document(descriptor, f"{place}, configuration")
        if data is None:
            return None
        fields, faults = self._fields(data, place)
        config = None if fields is None else read_config(fields)
        self._tell(faults, f"{place}, configuration")
        if fields is None or config is None or faults.found:
            return None
        for value, why in doubtful_settings(config.settings, fields.inner("config").texts("Env")):
            self.found("setting-doubtful", f"{place}, configuration", f"'{value}': {why}")
        return config

    def _check_config(
        self, config: ImageConfig, manifest: ImageManifest, entry: IndexEntry, place: str
    ) -> None:
        stated = entry.platform
        if stated is not None and stated.normalized != config.platform.normalized:
            message = f"the index says {stated}, the configuration {config.platform}"
            self.found("platform-mismatch", place, message)
        if not is_oci_architecture(config.platform.architecture):
            message = f"{config.platform.architecture} is no architecture of Go, which names those of images"
            self.found("platform-unknown", place, message)
        layers = len(manifest.layers)
        if len(config.diff_ids) != layers:
            message = f"the manifest has {layers} layers, the configuration {len(config.diff_ids)} diff_ids"
            self.found("layer-count", place, message)
        told = sum(not one.empty_layer for one in config.history)
        if config.history and told != layers:
            self.found("history-mismatch", place, f"the history tells of {told} layers, there are {layers}")

    def _check_layers(
        self, manifest: ImageManifest, config: ImageConfig | None, platform: OciPlatform | None, place: str
    ) -> None:
        arch = None if platform is None else arch_of_oci(platform)
        if arch is None and platform is not None:
            self.found(
                "machine-not-judged", place, f"what binaries of {platform} look like is not known here"
            )
        diff_ids: Iterator[Digest | None] = iter(() if config is None else config.diff_ids)
        below, kept, are_known = LayeredPaths(), KeptFiles(), True
        for number, layer in enumerate(manifest.layers, 1):
            where = f"{place}, layer {number} of {len(manifest.layers)} ({layer.digest.oci[:19]})"
            wanted = next(diff_ids, None)
            if layer.media_type not in LAYER_COMPRESSIONS:
                self.found("media-type-unknown", where, f"{layer.media_type} is no media type of a layer")
                self._check_blob(layer, where)
            elif self._check_size(layer, where):
                known = self._known_layer(layer, arch, where)
                self._check_digests(known.digests, layer, wanted, where)
                self.findings += stacked_findings(known.entries, below, where)
                below.add_layer(known.entries)
                kept.add(known.kept)
                are_known = are_known and not known.digests.damage
                continue
            are_known = False
        if config is not None and are_known:
            self._check_accounts(config, below, kept, place)

    def _check_accounts(self, config: ImageConfig, paths: LayeredPaths, kept: KeptFiles, place: str) -> None:
        for name, why in kept.unknown_accounts(config.settings.user, paths):
            self.found("setting-doubtful", f"{place}, configuration", f"'{name}': {why}")

    def _known_layer(self, layer: Descriptor, arch: Arch | None, place: str) -> _Layer:
        key = (layer.digest, layer.media_type, arch)
        known = self.layers.get(key)
        if known is None:
            known = self.layers[key] = self._read_layer(layer, arch, place)
        return known

    def _check_digests(
        self, known: LayerDigests, layer: Descriptor, wanted: Digest | None, place: str
    ) -> None:
        if known.damage:
            self.found("layer-damaged", place, f"it cannot be read to its end: {known.damage}")
        if known.digest != layer.digest:
            self.found("blob-mismatch", place, f"the blob has the digest {known.digest.oci}")
        elif known.diff_id is not None and wanted is not None and known.diff_id != wanted:
            message = f"inflated it has the digest {known.diff_id.oci}, its diff_id is {wanted.oci}"
            self.found("diff-id-mismatch", place, message)

    def _read_layer(self, layer: Descriptor, arch: Arch | None, place: str) -> _Layer:
        check = LayerCheck(arch, lambda code, file, message: self.found(code, place, message, file))
        kept = KeptFiles()

        def show(entry: TarEntry, tar: TarStream) -> None:
            kept.show(entry, tar)
            check.show(entry, tar)

        with self.layout.blobs.open(layer.digest) as stream:
            digests = pass_over_layer(stream, LAYER_COMPRESSIONS[layer.media_type], show, name=place)
        check.end(digests)
        self.inflated += check.inflated
        self.binaries += check.binaries
        return _Layer(digests=digests, entries=tuple(check.entries), kept=kept.contents)


def _named(name: str, entry: IndexEntry) -> str:
    words = (name, str(entry.platform or ""))
    return " ".join(filter(None, words)) or entry.descriptor.digest.oci[:19]


def _without_image(others: Iterable[str]) -> str:
    kinds = ", ".join(sorted(filter(None, others)))
    return f"no image is in it, only {kinds}" if kinds else "no image is in it: nothing is named there"
