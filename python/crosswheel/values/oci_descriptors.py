"""Content descriptors of OCI images: what a blob is, by digest and size.

Follows https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md and media-types.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from .digests import Digest

__all__ = ["Descriptor", "LayerDescriptor", "MediaType", "OciPlatform"]


class MediaType(StrEnum):
    """The media types an image is made of (image-spec 1.1.1, media-types.md)."""

    INDEX = "application/vnd.oci.image.index.v1+json"
    MANIFEST = "application/vnd.oci.image.manifest.v1+json"
    CONFIG = "application/vnd.oci.image.config.v1+json"
    LAYER_TAR = "application/vnd.oci.image.layer.v1.tar"
    LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
    LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"
    EMPTY = "application/vnd.oci.empty.v1+json"


@dataclass(frozen=True, kw_only=True, slots=True)
class OciPlatform:
    """What an image runs on, in the words of Go (image-spec 1.1.1, image-index.md, "platform").

    Attributes:
        os: ``GOOS``, e.g. ``linux``.
        architecture: ``GOARCH``, e.g. ``arm64``.
        variant: of the CPU, e.g. ``v7`` of ``arm``; empty where there is but one.

    >>> str(OciPlatform(os="linux", architecture="arm", variant="v7"))
    'linux/arm/v7'
    """

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.os, self.architecture, self.variant)))

    @property
    def normalized(self) -> OciPlatform:
        """The same platform as containerd writes it: ``arm64`` is ``v8`` and ``arm`` is ``v7`` without saying so."""
        usual = {"arm64": "v8", "arm": "v7", "amd64": "v1"}.get(self.architecture)
        return replace(self, variant="") if self.variant == usual else self


@dataclass(frozen=True, kw_only=True, slots=True)
class Descriptor:
    """One blob as others name it.

    Attributes:
        media_type: what the blob is; one of `MediaType` for those we write, any for those of a base image.
        digest: of the blob's bytes.
        size: of the blob, in bytes.
        annotations: words about it.
    """

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerDescriptor(Descriptor):
    """A layer: its blob, and the tar archive that is inside.

    Attributes:
        diff_id: digest of the uncompressed tar archive (image-spec 1.1.1, config.md).
    """

    diff_id: Digest
