"""The JSON documents of OCI images: index, manifest and configuration, read strictly and printed canonically.

Follows https://github.com/opencontainers/image-spec/blob/v1.1.1/ (image-index.md, manifest.md, config.md). Keys that are
not known are passed over, as the specification wants it. Docker's own media types of the same documents are known too.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from crosswheel.decide.documents.json_fields import Fields
from crosswheel.values.canonical_json import JsonValue, canonical_json
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import InputError
from crosswheel.values.oci_descriptors import Descriptor, MediaType, OciPlatform

__all__ = [
    "BASE_DIGEST",
    "LAYER_COMPRESSIONS",
    "REFERENCE_NAME",
    "DocumentKind",
    "ImageIndex",
    "ImageManifest",
    "IndexEntry",
    "LayerCompression",
    "compression_of",
    "descriptor_to_json",
    "index_to_json",
    "is_oci_digest",
    "kind_of_document",
    "manifest_to_json",
    "media_type_of_layer",
    "oci_layer_type",
    "other_compression",
    "parse_oci_digest",
    "platform_to_json",
    "read_descriptor",
    "read_index",
    "read_manifest",
]

#: Annotation of a descriptor in index.json: the tag (image-spec 1.1.1, annotations.md).
REFERENCE_NAME = "org.opencontainers.image.ref.name"
#: Annotation of a manifest: the base image's (annotations.md).
BASE_DIGEST = "org.opencontainers.image.base.digest"
_WHOLE_NAME = "io.containerd.image.name"
#: What BuildKit puts beside every image it makes, in the guise of one for the platform unknown/unknown:
#: https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
_REFERENCE_TYPE, _ATTESTATION = "vnd.docker.reference.type", "attestation-manifest"
_DOCKER = "application/vnd.docker."

#: What the configuration of an image is, and what begins the media type of every layer, also one not known here.
_IMAGE_CONFIGS = frozenset({MediaType.CONFIG.value, f"{_DOCKER}container.image.v1+json"})
_LAYER_TYPES = ("application/vnd.oci.image.layer.", f"{_DOCKER}image.rootfs.")


class DocumentKind(Enum):
    """What a descriptor of an index leads to."""

    INDEX = "index"
    MANIFEST = "manifest"


_KINDS: Mapping[str, DocumentKind] = MappingProxyType(
    {
        MediaType.INDEX: DocumentKind.INDEX,
        MediaType.MANIFEST: DocumentKind.MANIFEST,
        f"{_DOCKER}distribution.manifest.list.v2+json": DocumentKind.INDEX,
        f"{_DOCKER}distribution.manifest.v2+json": DocumentKind.MANIFEST,
    }
)


#: Keys that make one document of the other, to readers that go by them: https://github.com/advisories/GHSA-mc8v-mgrf-8f4m
_OTHERS_KEYS: Mapping[DocumentKind, tuple[str, ...]] = MappingProxyType(
    {
        DocumentKind.INDEX: ("config", "layers", "fsLayers"),
        DocumentKind.MANIFEST: ("manifests", "fsLayers"),
    }
)


class LayerCompression(Enum):
    """How the tar archive of a layer is compressed."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"


#: What compressed archives begin with (RFC 1952, RFC 8878).
_GZIP_BEGINNING = b"\x1f\x8b"
_ZSTD_BEGINNING, _ZSTD_SKIPPABLE = b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"
#: What else archives come in, and no reader of images takes.
_OTHER_COMPRESSIONS: Mapping[bytes, str] = MappingProxyType(
    {
        b"\xfd7zXZ\0": "xz",
        b"BZh": "bzip2",
        b"LZIP": "lzip",
        b"\x04\x22\x4d\x18": "lz4",
        b"PK\x03\x04": "zip",
        b"7z\xbc\xaf\x27\x1c": "7-Zip",
    }
)

_OCI_LAYERS: Mapping[LayerCompression, MediaType] = MappingProxyType(
    {
        LayerCompression.NONE: MediaType.LAYER_TAR,
        LayerCompression.GZIP: MediaType.LAYER_GZIP,
        LayerCompression.ZSTD: MediaType.LAYER_ZSTD,
    }
)
#: By media type of a layer; "nondistributable" layers are layers (media-types.md).
LAYER_COMPRESSIONS: Mapping[str, LayerCompression] = MappingProxyType(
    {
        **{media_type: compression for compression, media_type in _OCI_LAYERS.items()},
        **{
            media_type.replace(".layer.v1.", ".layer.nondistributable.v1."): compression
            for compression, media_type in _OCI_LAYERS.items()
        },
        f"{_DOCKER}image.rootfs.diff.tar": LayerCompression.NONE,
        f"{_DOCKER}image.rootfs.diff.tar.gzip": LayerCompression.GZIP,
        f"{_DOCKER}image.rootfs.diff.tar.zstd": LayerCompression.ZSTD,
    }
)


def compression_of(beginning: bytes) -> LayerCompression:
    """Return how a layer that begins so is compressed; skippable frames of zstd may come first (RFC 8878, 3.1.2).

    >>> compression_of(b"usr/bin/")
    <LayerCompression.NONE: 'none'>
    """
    if beginning.startswith(_GZIP_BEGINNING):
        return LayerCompression.GZIP
    is_skippable = beginning[1:4] == _ZSTD_SKIPPABLE and 0x50 <= beginning[0] <= 0x5F
    return (
        LayerCompression.ZSTD
        if is_skippable or beginning.startswith(_ZSTD_BEGINNING)
        else LayerCompression.NONE
    )


def other_compression(beginning: bytes) -> str | None:
    """Return what a file that begins so is compressed with, where it is nothing that layers are compressed with.

    >>> other_compression(b"BZh91AY&SY"), other_compression(b"usr/bin/")
    ('bzip2', None)
    """
    return next((name for magic, name in _OTHER_COMPRESSIONS.items() if beginning.startswith(magic)), None)


def kind_of_document(media_type: str) -> DocumentKind | None:
    """Return what a media type of an index's entry means; ``None`` for anything that is no image."""
    return _KINDS.get(media_type)


def media_type_of_layer(compression: LayerCompression) -> MediaType:
    """Return OCI's media type of a layer that is compressed so."""
    return _OCI_LAYERS[compression]


def oci_layer_type(media_type: str) -> str:
    """Return OCI's media type of a layer that another one may say in Docker's words; the bytes are the same."""
    compression = LAYER_COMPRESSIONS.get(media_type)
    return (
        media_type
        if compression is None or not media_type.startswith(_DOCKER)
        else _OCI_LAYERS[compression].value
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexEntry:
    """One descriptor of an index.

    Attributes:
        descriptor: what it names.
        platform: what the image runs on; ``None`` where the index does not say.
        artifact_type: of what is no image.
    """

    descriptor: Descriptor
    platform: OciPlatform | None = None
    artifact_type: str = ""

    @property
    def tag(self) -> str | None:
        """The name that OCI knows, in index.json."""
        return self.descriptor.annotations.get(REFERENCE_NAME)

    @property
    def name(self) -> str | None:
        """What it is called in index.json: Docker and containerd write the whole reference beside the tag."""
        return self.descriptor.annotations.get(_WHOLE_NAME) or self.tag

    @property
    def is_attestation(self) -> bool:
        """Whether it says something about an image, and is for a platform that no reader has."""
        is_said = self.descriptor.annotations.get(_REFERENCE_TYPE) == _ATTESTATION
        return is_said and self.platform is not None and self.platform.os == "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageIndex:
    """A list of images, in the order in which readers try them."""

    entries: tuple[IndexEntry, ...]
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageManifest:
    """One image for one platform, or an artifact.

    Attributes:
        config: the configuration, or the empty descriptor.
        layers: lowest first.
        annotations: words about it.
        artifact_type: of what is no image.
        subject: the image that an artifact is about.
        media_type: what it calls itself; ``None`` where it does not.
    """

    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    artifact_type: str = ""
    subject: Descriptor | None = None
    media_type: str | None = None

    @property
    def is_image(self) -> bool:
        """Whether runtimes would run it; they go by the media types of configuration and layers, not by what it calls itself.

        A signature, for instance, may have the configuration of an image, and no layer of one.
        """
        if self.config.media_type not in _IMAGE_CONFIGS:
            return False
        if not self.layers:
            return not self.artifact_type
        return any(layer.media_type.startswith(_LAYER_TYPES) for layer in self.layers)

    @property
    def kind(self) -> str:
        """What it is where it is no image: an artifact's type (manifest.md, "artifactType")."""
        if self.artifact_type or self.config.media_type not in _IMAGE_CONFIGS:
            return self.artifact_type or self.config.media_type
        return self.layers[0].media_type if self.layers else self.config.media_type


def parse_oci_digest(text: str) -> Digest:
    """Return the digest that a descriptor spells ``sha256:HEX``.

    Raises:
        InputError: it is no SHA-256.
    """
    algorithm, colon, value = text.partition(":")
    if algorithm != "sha256" or not colon:
        raise InputError(
            "read digest", text, why="it is not of the form sha256:HEX", fix="make the image with SHA-256"
        )
    return Digest(value)


def is_oci_digest(text: str) -> bool:
    """Tell whether a text is the digest of a blob as a descriptor spells it."""
    try:
        parse_oci_digest(text)
    except InputError:
        return False
    return True


def read_index(fields: Fields) -> ImageIndex:
    """Return the index that a document holds; its faults go where those of `fields` go, and wrong entries are left out."""
    _check_head(fields, DocumentKind.INDEX)
    if not fields.has("manifests"):
        fields.fault("manifests", "the key is missing, or null")
    index = ImageIndex(
        entries=tuple(_sound_entries(fields)),
        annotations=_read_texts(fields.inner("annotations")),
    )
    fields.refuse_other_cases()
    return index


def read_manifest(fields: Fields) -> ImageManifest:
    """Return the manifest that a document holds; its faults go where those of `fields` go."""
    _check_head(fields, DocumentKind.MANIFEST)
    for key in ("config", "layers"):
        if not fields.has(key):
            fields.fault(key, "the key is missing, or null")
    manifest = ImageManifest(
        config=read_descriptor(fields.inner("config")),
        layers=tuple(read_descriptor(one) for one in fields.inners("layers")),
        annotations=_read_texts(fields.inner("annotations")),
        artifact_type=fields.optional_text("artifactType") or "",
        subject=read_descriptor(fields.inner("subject")) if fields.has("subject") else None,
        media_type=fields.optional_text("mediaType"),
    )
    fields.refuse_other_cases()
    return manifest


def _check_head(fields: Fields, kind: DocumentKind) -> None:
    """Keep a fault where a document does not say what it is; registries refuse one without ``schemaVersion``."""
    version = fields.whole_number("schemaVersion", required=True)
    if version is not None and version != 2:
        fields.fault(None, f"it is {version}, and the only version there is is 2", "schemaVersion")
    media_type = fields.optional_text("mediaType")
    if media_type is not None and kind_of_document(media_type) is not kind:
        fields.fault(media_type, f"it is not the media type of an image {kind.value}", "mediaType")
    for key in _OTHERS_KEYS[kind]:
        if fields.raw(key) is not None:
            fields.fault(
                key, f"no image {kind.value} has the key, so readers may take it for another document"
            )


def _sound_entries(fields: Fields) -> Iterator[IndexEntry]:
    before = fields.faults_so_far
    for one in fields.inners("manifests"):
        entry = _read_entry(one)
        if one.faults_so_far == before:
            yield entry
        before = one.faults_so_far


def _read_entry(fields: Fields) -> IndexEntry:
    platform = None
    if fields.has("platform"):
        inner = fields.inner("platform")
        platform = OciPlatform(
            os=inner.text("os"),
            architecture=inner.text("architecture"),
            variant=inner.optional_text("variant") or "",
        )
        inner.refuse_other_cases()
    artifact_type = fields.optional_text("artifactType") or ""
    return IndexEntry(descriptor=read_descriptor(fields), platform=platform, artifact_type=artifact_type)


def read_descriptor(fields: Fields) -> Descriptor:
    """Return a descriptor (descriptor.md); its faults go where those of `fields` go."""
    digest = fields.parsed("digest", parse_oci_digest, fields.text("digest"))
    _check_data(fields, digest)
    descriptor = Descriptor(
        media_type=fields.text("mediaType"),
        digest=digest or Digest("0" * 64),
        size=fields.whole_number("size", required=True) or 0,
        annotations=_read_texts(fields.inner("annotations")),
    )
    fields.refuse_other_cases()
    return descriptor


def _check_data(fields: Fields, digest: Digest | None) -> None:
    """Keep a fault where a descriptor brings the bytes of its blob, and they are others: readers may take either."""
    text = fields.optional_text("data")
    if text is None or digest is None:
        return
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        fields.fault(None, "it is not in base 64", "data")
        return
    if digest_of(data) != digest:
        fields.fault(None, "it holds other bytes than the digest says", "data")


def _read_texts(fields: Fields) -> Mapping[str, str]:
    return MappingProxyType({key: fields.text(key) for key in fields})


def descriptor_to_json(descriptor: Descriptor) -> dict[str, JsonValue]:
    """Return a descriptor as JSON."""
    return {
        "mediaType": str(descriptor.media_type),
        "digest": descriptor.digest.oci,
        "size": descriptor.size,
        **({"annotations": dict(descriptor.annotations)} if descriptor.annotations else {}),
    }


def index_to_json(index: ImageIndex) -> bytes:
    """Return the canonical text of an index."""
    return canonical_json(
        {
            "schemaVersion": 2,
            "mediaType": MediaType.INDEX.value,
            "manifests": [_entry_to_json(entry) for entry in index.entries],
            **({"annotations": dict(index.annotations)} if index.annotations else {}),
        }
    )


def _entry_to_json(entry: IndexEntry) -> JsonValue:
    return {
        **descriptor_to_json(entry.descriptor),
        **({"platform": platform_to_json(entry.platform)} if entry.platform is not None else {}),
        **({"artifactType": entry.artifact_type} if entry.artifact_type else {}),
    }


def platform_to_json(platform: OciPlatform) -> dict[str, JsonValue]:
    """Return a platform as JSON."""
    return {
        "architecture": platform.architecture,
        "os": platform.os,
        **({"variant": platform.variant} if platform.variant else {}),
    }


def manifest_to_json(manifest: ImageManifest) -> bytes:
    """Return the canonical text of a manifest."""
    return canonical_json(
        {
            "schemaVersion": 2,
            "mediaType": MediaType.MANIFEST.value,
            **({"artifactType": manifest.artifact_type} if manifest.artifact_type else {}),
            "config": descriptor_to_json(manifest.config),
            "layers": [descriptor_to_json(layer) for layer in manifest.layers],
            **({"subject": descriptor_to_json(manifest.subject)} if manifest.subject else {}),
            **({"annotations": dict(manifest.annotations)} if manifest.annotations else {}),
        }
    )
