"""What an image is made of, and what was made: the values that making one starts and ends with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from crosswheel.act.images.application import Application
from crosswheel.act.images.base_sources import BaseSource
from crosswheel.act.images.image_findings import ImageFinding
from crosswheel.act.images.placed_files import PlacedFile
from crosswheel.act.layers.layer_folder import LayerFolder
from crosswheel.act.layers.layer_writer import Compression
from crosswheel.act.target_wheels import TargetWheels
from crosswheel.decide.images.image_config import ContainerSettings
from crosswheel.decide.images.layer_plan import DEFAULT_BUDGET
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest
from crosswheel.values.oci_descriptors import Descriptor, LayerDescriptor, OciPlatform

__all__ = [
    "DEFAULT_ENVIRONMENT",
    "ImageRequest",
    "SbomPlace",
    "WrittenImage",
    "WrittenPlatform",
    "created_at",
]

#: Where the wheels are: a virtual environment, which any interpreter of the base finds its packages in.
DEFAULT_ENVIRONMENT = "/opt/venv"


def created_at(time: int) -> str:
    """Return seconds since 1970 as images write them (RFC 3339)."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class SbomPlace(Enum):
    """Where the bill of materials goes."""

    #: Files beside the blobs, ``sbom/linux-arm64.cdx.json``.
    FILE = "file"
    #: Artifacts in ``index.json`` that name the image as their subject (image-spec 1.1).
    REFERRER = "referrer"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageRequest:
    """What an image is made of.

    Attributes:
        wheels: the wheels of each target, or layers made of them, in the order in which readers shall try the platforms.
        bases: the base of each target, in the same order.
        settings: what containers start with; what is not said is inherited.
        application: the application; ``None`` without one.
        files: files that are put beside it, one by one.
        finished: layers that another tool made, above all others, lowest first.
        environment: absolute path of the virtual environment.
        interpreter: path of the base's Python; ``None`` to find it.
        tag: what the image is called in the layout.
        annotations: words about it.
        accept: findings that are accepted in a base image and in finished layers.
        budget: how many layers of wheels there may be.
        changes_often: projects that get a layer of their own at the top.
        bytecode: put the bytecode of all modules of wheels beside them.
        compression: how layers are compressed.
        time: when the image was created, seconds since 1970.
        sbom: where the bill of materials goes.
    """

    wheels: tuple[TargetWheels | LayerFolder, ...]
    bases: tuple[BaseSource, ...]
    settings: ContainerSettings = field(default_factory=ContainerSettings)
    application: Application | None = None
    files: tuple[PlacedFile, ...] = ()
    finished: tuple[Path, ...] = ()
    environment: str = DEFAULT_ENVIRONMENT
    interpreter: str | None = None
    tag: str = "latest"
    annotations: Mapping[str, str] = field(default_factory=dict)
    accept: tuple[str, ...] = ()
    budget: int = DEFAULT_BUDGET
    changes_often: tuple[str, ...] = ()
    bytecode: bool = False
    compression: Compression = Compression.GZIP
    time: int
    sbom: SbomPlace = SbomPlace.FILE

    @property
    def created(self) -> str:
        """The time as images write it (RFC 3339)."""
        return created_at(self.time)


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenPlatform:
    """The image of one platform.

    Attributes:
        target: whose wheels it holds.
        platform: what it runs on.
        descriptor: its manifest.
        layers: lowest first.
        size: of its layers, bytes.
        findings: what was found in the base, in layers of other tools, in the application and in the configuration, and
            does not refuse it.
        uncompiled: paths of the modules whose bytecode was wanted and cannot be made.
        command: what its containers start; empty where nothing says so.
    """

    target: Target
    platform: OciPlatform
    descriptor: Descriptor
    layers: tuple[LayerDescriptor, ...]
    findings: tuple[ImageFinding, ...] = ()
    uncompiled: tuple[str, ...] = ()
    command: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Of its layers, bytes."""
        return sum(layer.size for layer in self.layers)

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as ``--json`` prints it."""
        return {
            "target": self.target.id,
            "platform": str(self.platform),
            "digest": self.descriptor.digest.oci,
            "layers": [layer.digest.oci for layer in self.layers],
            "size": self.size,
            "findings": [str(finding) for finding in self.findings],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenImage:
    """An image.

    Attributes:
        path: the layout.
        tag: what it is called there.
        digest: of what the tag leads to: the index of several platforms, or the only manifest.
        platforms: in the order of the index.
    """

    path: Path
    tag: str
    digest: Digest
    platforms: tuple[WrittenPlatform, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as ``--json`` prints it."""
        return {
            "image": str(self.path),
            "tag": self.tag,
            "digest": self.digest.oci,
            "platforms": [one.to_json() for one in self.platforms],
        }
