"""What an image is made of, as a software bill of materials (CycloneDX 1.6).

Nothing in it says when or where it was made: one image has one text. The wheels' own bills (PEP 770) are in the image, in their
``.dist-info``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from crosswheel.values.canonical_json import pretty_json
from crosswheel.values.digests import Digest
from crosswheel.values.oci_descriptors import OciPlatform

__all__ = ["SBOM_MEDIA_TYPE", "SbomBase", "SbomPackage", "image_sbom"]

#: IANA's media type of such a document.
SBOM_MEDIA_TYPE = "application/vnd.cyclonedx+json"


@dataclass(frozen=True, kw_only=True, slots=True)
class SbomPackage:
    """One package in an image.

    Attributes:
        kind: type of its package URL, e.g. ``pypi``.
        namespace: of its package URL; empty where there is none.
        name: its name.
        version: its version.
        sha256: digest of the file it was taken from; ``None`` where that is not known.
        qualifiers: of its package URL, e.g. ``arch=arm64``.
    """

    kind: str
    name: str
    version: str
    sha256: Digest | None = None
    namespace: str = ""
    qualifiers: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SbomBase:
    """The image that an image stands on.

    Attributes:
        name: its reference; empty where none is known.
        digest: what identifies it.
        packages: what is known to be in it.
    """

    name: str
    digest: Digest
    packages: tuple[SbomPackage, ...]


def image_sbom(
    name: str,
    platform: OciPlatform,
    digest: Digest,
    packages: Iterable[SbomPackage],
    *,
    base: SbomBase | None = None,
    time: int,
) -> bytes:
    """Return the text.

    Args:
        name: what the image is called.
        platform: what it runs on.
        digest: of its manifest.
        packages: what it is made of, in any order.
        base: what it stands on; ``None`` where `packages` are all of it.
        time: seconds since 1970, as in the image.
    """
    components = [_component(package) for package in packages]
    image = _container(f"{name} {platform}", digest)
    below = [] if base is None else [_container(base.name or "base image", base.digest)]
    inner = [] if base is None else [_component(package) for package in base.packages]
    bom = Bom(
        components=[*components, *below, *inner],
        metadata=BomMetaData(component=image, timestamp=datetime.fromtimestamp(time, UTC)),
        # By content, as RFC 9562 has it for version 8.
        serial_number=UUID(bytes=bytes.fromhex(digest.hex)[:16], version=5),
    )
    bom.register_dependency(image, [*components, *below])
    for one in below:
        bom.register_dependency(one, inner)
    return pretty_json(json.loads(JsonV1Dot6(bom).output_as_string()))


def _container(name: str, digest: Digest) -> Component:
    return Component(
        type=ComponentType.CONTAINER,
        name=name,
        version=digest.oci,
        bom_ref=digest.oci,
        hashes=[_hash(digest)],
    )


def _component(package: SbomPackage) -> Component:
    url = PackageURL(
        type=package.kind,
        namespace=package.namespace or None,
        name=package.name,
        version=package.version,
        qualifiers=package.qualifiers or None,
    )
    return Component(
        type=ComponentType.LIBRARY,
        name=package.name,
        version=package.version,
        purl=url,
        bom_ref=url.to_string(),
        hashes=[] if package.sha256 is None else [_hash(package.sha256)],
    )


def _hash(digest: Digest) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=digest.hex)
