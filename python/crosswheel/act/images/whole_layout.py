"""All that a layout's index leads to, images and others, each blob of which is what its digest says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TypeVar, cast

from crosswheel.act.images.layout_documents import DEEPEST_INDEX, LayoutDocuments
from crosswheel.decide.documents.json_fields import Fields
from crosswheel.decide.images.image_config import ImageConfig, read_config
from crosswheel.decide.images.oci_documents import (
    DocumentKind,
    ImageIndex,
    ImageManifest,
    IndexEntry,
    kind_of_document,
    read_index,
    read_manifest,
)
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.oci_descriptors import Descriptor

__all__ = ["IndexDocument", "JsonObject", "LayoutEntry", "WholeLayout", "objects"]

_PIECE = 1 << 20
#: The annotation by which BuildKit's attestations name their image.
_ABOUT = "vnd.docker.reference.digest"

JsonObject = Mapping[str, JsonValue]
_Document = TypeVar("_Document")


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexDocument:
    """An index: its JSON, and the digest of its bytes."""

    digest: Digest
    document: JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class LayoutEntry:
    """What an index names that is no index.

    Attributes:
        name: its tag, or that of the index it is in; empty if it has none.
        platform: what it runs on, for an image.
        digest: of its manifest, or of the blob that it is.
        entry: the JSON of the index's descriptor.
        manifest: what its manifest says; ``None`` of a blob that is none.
        document: the manifest's JSON.
        config: what its configuration says; ``None`` of what is no image.
        config_document: the configuration's JSON.
        kind: what it is where it is no image.
        about: digest of the image that it is about, where it is no image and says so.
    """

    name: str
    digest: Digest
    entry: JsonObject
    platform: str = ""
    manifest: ImageManifest | None = None
    document: JsonObject = field(default_factory=dict)
    config: ImageConfig | None = None
    config_document: JsonObject = field(default_factory=dict)
    kind: str = ""
    about: str = ""


def objects(document: JsonObject, key: str) -> list[JsonObject]:
    """Return the list of objects that a document, which has been read, has below `key`."""
    return cast("list[JsonObject]", document.get(key, []))


class WholeLayout:
    """An open layout of which all documents have been read.

    Args:
        documents: those of the layout.

    Attributes:
        documents: the same.
        indexes: ``index.json``, then those that lie in it.
        entries: what they name, in the order in which readers try it.
        used: the blobs that something leads to.

    Raises:
        InputError: a document is missing, wrong, or not what its digest says.
    """

    def __init__(self, documents: LayoutDocuments) -> None:
        self.documents = documents
        self.indexes: list[IndexDocument] = []
        self.entries: list[LayoutEntry] = []
        self.used: set[Digest] = set()
        self._checked: set[Digest] = set()
        self._blobs: dict[Digest, Descriptor] = {}
        self._known: dict[Digest, LayoutEntry] = {}
        self._read_all()

    def check_blobs(self, *, like: WholeLayout | None = None) -> None:
        """Read every blob that has not been read.

        Args:
            like: a layout that has been checked: a blob that is the same file as one of its is not read again.

        Raises:
            InputError: one is missing, or not what its descriptor says.
        """
        for digest, descriptor in self._blobs.items():
            if like is None or not self._is_shared(digest, like):
                self._check_blob(descriptor)
            self._checked.add(digest)

    @contextmanager
    def reading(self, descriptor: Descriptor) -> Iterator[IO[bytes]]:
        """Give a blob, to be read.

        Raises:
            InputError: it is missing, or cannot be read.
        """
        digest, wrong = descriptor.digest, self.documents.wrong
        try:
            with self.documents.layout.blobs.open(digest) as stream:
                yield stream
        except FileNotFoundError:
            raise wrong(f"the blob {digest.oci} is missing") from None
        except OSError as error:
            raise wrong(f"{digest.oci}: {(error.strerror or str(error)).lower()}") from None

    def check_read(self, descriptor: Descriptor, digest: Digest, size: int) -> None:
        """Compare a blob that was read to its end with its descriptor.

        Raises:
            InputError: it is another one.
        """
        said, wrong = descriptor.digest, self.documents.wrong
        if digest != said:
            raise wrong(f"the blob {said.oci} has the digest {digest.oci}")
        if size != descriptor.size:
            raise wrong(f"{said.oci} has {size} bytes, its descriptor says {descriptor.size}")
        self._checked.add(said)

    def blob(self, descriptor: Descriptor) -> bytes | None:
        """Return a blob that is no longer than a document may be; ``None`` of another one, which is checked.

        Raises:
            InputError: it is missing, or not what its descriptor says.
        """
        self._check_blob(descriptor)
        return self.documents.layout.document(descriptor.digest)

    def _is_shared(self, digest: Digest, other: WholeLayout) -> bool:
        paths = [one.documents.layout.blobs.path(digest) for one in (self, other)]
        if paths[0] is None or paths[1] is None or digest not in other._checked:
            return False
        try:
            return paths[0].samefile(paths[1])
        except OSError:
            return False

    def _check_blob(self, descriptor: Descriptor) -> None:
        if descriptor.digest in self._checked:
            return
        hashed, size = hashlib.sha256(), 0
        with self.reading(descriptor) as stream:
            while data := stream.read(_PIECE):
                hashed.update(data)
                size += len(data)
        self.check_read(descriptor, Digest(hashed.hexdigest()), size)

    def _read_all(self) -> None:
        expanded = set[Digest]()
        self.documents.index()  # refuses a layout that has none
        data = self.documents.layout.index or b""
        index, document = self.documents.parsed(data, "index.json", _with_json(read_index))
        self.indexes.append(IndexDocument(digest=digest_of(data), document=document))
        pending = [(entry, raw, entry.name or "", 0) for entry, raw in reversed(_entries(index, document))]
        while pending:
            entry, raw, name, depth = pending.pop()
            descriptor = entry.descriptor
            self.used.add(descriptor.digest)
            if kind_of_document(descriptor.media_type) is not DocumentKind.INDEX:
                self.entries.append(self._entry(entry, raw, name))
                continue
            if depth == DEEPEST_INDEX:
                raise self.documents.wrong(f"its indexes are nested more than {DEEPEST_INDEX} deep")
            if descriptor.digest in expanded:
                continue
            expanded.add(descriptor.digest)
            index, document = self.documents.read(descriptor, _with_json(read_index))
            self._checked.add(descriptor.digest)
            self.indexes.append(IndexDocument(digest=descriptor.digest, document=document))
            inner = reversed(_entries(index, document))
            pending += [(one, inner_raw, name, depth + 1) for one, inner_raw in inner]

    def _entry(self, entry: IndexEntry, raw: JsonObject, name: str) -> LayoutEntry:
        digest = entry.descriptor.digest
        if kind_of_document(entry.descriptor.media_type) is None:
            self._keep([entry.descriptor])
            return LayoutEntry(name=name, digest=digest, entry=raw, kind=entry.descriptor.media_type)
        known = self._known.get(digest)
        if known is None:
            known = self._known[digest] = self._read_manifest(entry.descriptor)
        is_image = known.config is not None
        about = "" if is_image else known.about or entry.descriptor.annotations.get(_ABOUT, "")
        return LayoutEntry(
            name=name,
            digest=digest,
            entry=raw,
            platform=str(entry.platform or known.platform) if is_image else "",
            manifest=known.manifest,
            document=known.document,
            config=known.config,
            config_document=known.config_document,
            kind=known.kind,
            about=about,
        )

    def _read_manifest(self, descriptor: Descriptor) -> LayoutEntry:
        manifest, document = self.documents.read(descriptor, _with_json(read_manifest))
        self._checked.add(descriptor.digest)
        self._keep([manifest.config, *manifest.layers])
        if not manifest.is_image:
            return LayoutEntry(
                name="",
                digest=descriptor.digest,
                entry={},
                manifest=manifest,
                document=document,
                kind=manifest.kind,
                about="" if manifest.subject is None else manifest.subject.digest.oci,
            )
        config, config_document = self.documents.read(manifest.config, _with_json(read_config))
        self._checked.add(manifest.config.digest)
        return LayoutEntry(
            name="",
            digest=descriptor.digest,
            entry={},
            platform=str(config.platform),
            manifest=manifest,
            document=document,
            config=config,
            config_document=config_document,
        )

    def _keep(self, descriptors: Iterable[Descriptor]) -> None:
        for descriptor in descriptors:
            self.used.add(descriptor.digest)
            known = self._blobs.setdefault(descriptor.digest, descriptor)
            if known.size != descriptor.size:
                sizes = f"{known.size} and {descriptor.size}"
                raise self.documents.wrong(f"descriptors say that {descriptor.digest.oci} has {sizes} bytes")


def _with_json(read: Callable[[Fields], _Document]) -> Callable[[Fields], tuple[_Document, JsonObject]]:
    """Return a function that returns what a document says and, whatever else is in it, its JSON."""
    return lambda fields: (read(fields), {key: fields.raw(key) for key in fields})


def _entries(index: ImageIndex, document: JsonObject) -> list[tuple[IndexEntry, JsonObject]]:
    return list(zip(index.entries, objects(document, "manifests"), strict=True))
