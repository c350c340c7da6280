"""Reading the documents of a layout that must be right: whatever is wrong with one refuses the layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from crosswheel.act.images.layouts import LONGEST_DOCUMENT, Layout
from crosswheel.decide.documents.json_fields import Faults, Fields
from crosswheel.decide.images.oci_documents import (
    DocumentKind,
    ImageIndex,
    IndexEntry,
    kind_of_document,
    read_index,
    read_manifest,
)
from crosswheel.decide.images.oci_json import document_fields
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import InputError, raise_faults
from crosswheel.values.oci_descriptors import Descriptor

__all__ = ["DEEPEST_INDEX", "LayoutDocuments"]

#: Indexes in indexes in indexes: nobody means that.
DEEPEST_INDEX = 8

_Document = TypeVar("_Document")


@dataclass(frozen=True, kw_only=True, slots=True)
class LayoutDocuments:
    """The documents of a layout, and the words of their refusals.

    Attributes:
        layout: the open layout.
        reading: verb and thing where a document is wrong, e.g. ``"read base image"``.
        using: verb and thing where the layout is, e.g. ``"use base image"``.
        fix: what the user can do then.
    """

    layout: Layout
    reading: str
    using: str
    fix: str

    def read(self, descriptor: Descriptor, read: Callable[[Fields], _Document]) -> _Document:
        """Return the document a descriptor names.

        Raises:
            InputError: its blob cannot be read, is missing, too long or another's, or is wrong; all faults are collected.
        """
        try:
            data = self.layout.document(descriptor.digest)
        except OSError as error:
            raise self.wrong(error.strerror or str(error)) from None
        if data is None:
            raise self.wrong(f"the blob {descriptor.digest.oci} is missing or too long for a document")
        if digest_of(data) != descriptor.digest:
            raise self.wrong(f"the blob {descriptor.digest.oci} has the digest {digest_of(data).oci}")
        if len(data) != descriptor.size:
            raise self.wrong(
                f"{descriptor.digest.oci} has {len(data)} bytes, its descriptor says {descriptor.size}"
            )
        return self.parsed(data, descriptor.digest.oci[:19], read)

    def manifests(self, entry: IndexEntry) -> Iterator[IndexEntry]:
        """Yield the manifests that an entry of an index leads to, each once, however often indexes name each other.

        Raises:
            InputError: an index cannot be read, or indexes lie in each other without end.
        """
        pending, seen = [(entry, 0)], set[Digest]()
        while pending:
            one, depth = pending.pop()
            if depth > DEEPEST_INDEX:
                raise self.wrong(f"its indexes are nested more than {DEEPEST_INDEX} deep")
            if one.descriptor.digest in seen or one.is_attestation:
                continue
            seen.add(one.descriptor.digest)
            match kind_of_document(one.descriptor.media_type):
                case DocumentKind.MANIFEST:
                    yield one
                case DocumentKind.INDEX:
                    inner = self.read(one.descriptor, read_index).entries
                    pending += [(found, depth + 1) for found in reversed(inner)]

    def is_image(self, entry: IndexEntry) -> bool:
        """Tell whether an entry is an image or an index of images, whatever it says of itself.

        Raises:
            InputError: it calls itself an artifact, and its manifest cannot be read.
        """
        kind = kind_of_document(entry.descriptor.media_type)
        if kind is None or entry.is_attestation:
            return False
        if kind is DocumentKind.INDEX or not entry.artifact_type:
            return True
        return self.read(entry.descriptor, read_manifest).is_image

    def index(self) -> ImageIndex:
        """Return what ``index.json`` says.

        Raises:
            InputError: there is none, so that this is no layout; or it is wrong.
        """
        if self.layout.index is None:
            raise self.wrong("it is no OCI layout: it has no index.json")
        if len(self.layout.index) > LONGEST_DOCUMENT:
            raise self.wrong(f"its index.json is longer than {LONGEST_DOCUMENT} bytes")
        return self.parsed(self.layout.index, "index.json", read_index)

    def parsed(self, data: bytes, place: str, read: Callable[[Fields], _Document]) -> _Document:
        """Return what the bytes of a document at `place` say.

        Raises:
            InputError: they are wrong; all faults are collected.
        """
        faults = Faults(self.reading, f"{self.layout.name}: {place}")
        fields = document_fields(data, faults)
        document = None if fields is None else read(fields)
        raise_faults(faults.found)
        assert document is not None, "faults say why there is none"
        return document

    def wrong(self, why: str) -> InputError:
        """Return the refusal of the layout."""
        return InputError(self.using, self.layout.name, why=why, fix=self.fix)
