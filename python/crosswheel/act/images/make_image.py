"""Makes an OCI layout from the wheels of targets: base, virtual environment, wheels, application, configuration.

Nothing is run, nothing is unpacked but what a base lock pins; a layer of wheels is put together from their own compressed
bytes. The parts and their order are told in docs/guides/images.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from crosswheel.act.images.application import application_entries
from crosswheel.act.images.bases import BaseSource, OwnLayer, PreparedBase, prepared_base
from crosswheel.act.images.image_request import ImageRequest, SbomPlace, WrittenImage, WrittenPlatform
from crosswheel.act.images.image_sbom import SBOM_MEDIA_TYPE, image_sbom
from crosswheel.act.images.layout_writer import IMAGE_MARKER, LayoutWriter, new_layout
from crosswheel.act.images.sbom_packages import sbom_packages
from crosswheel.act.images.system_files import BASE_PATH
from crosswheel.act.images.virtual_environment import environment_entries, environment_python
from crosswheel.act.layers.layer_entries import LayerEntry
from crosswheel.act.layers.layer_writer import write_layer
from crosswheel.act.layers.wheel_layers import WheelLayer, wheel_layers
from crosswheel.act.layers.wheel_place import wheel_place
from crosswheel.act.services import Services
from crosswheel.act.target_wheels import TargetWheels
from crosswheel.act.worker_pool import worker_pool
from crosswheel.decide.image_config import (
    ContainerSettings,
    HistoryEntry,
    ImageConfig,
    config_to_json,
    inherited,
)
from crosswheel.decide.oci_documents import (
    REFERENCE_NAME,
    ImageIndex,
    ImageManifest,
    IndexEntry,
    index_to_json,
    manifest_to_json,
)
from crosswheel.target.oci_platforms import oci_platform_of
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import pretty_json
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.oci_descriptors import Descriptor, LayerDescriptor, MediaType, OciPlatform

__all__ = ["make_image"]

_ANNOTATION = "org.opencontainers.image."
#: Annotation of a layer: what it holds.
_LAYER_NAME = f"{_ANNOTATION}title"
#: How many layers are written at a time, at most: memory grows with it.
_MOST_AT_A_TIME = 4


def make_image(request: ImageRequest, destination: Path, services: Services) -> WrittenImage:
    """Write the layout `destination`; the same request makes the same bytes.

    Args:
        request: what it is made of.
        destination: the folder; replaced in one step if it is an earlier image of ours or empty.
        services: what to fetch and unpack with.

    Raises:
        CheckError: a file that would enter it is for another machine, or is not what its digest says.
        InputError: an input cannot be used.
        OutputError: `destination` is not ours to replace, or two wheels disagree on a file.
    """
    _refuse_same_platforms(request)
    applications = _applications(request)
    with new_layout(destination) as writer:
        written = [
            _Making(request, writer, services, application).platform(wheels, base)
            for wheels, base, application in zip(request.wheels, request.bases, applications, strict=True)
        ]
        named = _named(request, writer, [one.entry for one in written])
        referrers = [entry for one in written for entry in one.referrers]
        writer.finish([named, *referrers])
        image = WrittenImage(
            path=destination,
            tag=request.tag,
            digest=named.descriptor.digest,
            platforms=tuple(one.platform for one in written),
        )
        about = {"schema": 1, **image.to_json(), "image": None}
        writer.write_file(
            IMAGE_MARKER, pretty_json({key: one for key, one in about.items() if one is not None})
        )
    return image


def _refuse_same_platforms(request: ImageRequest) -> None:
    seen: dict[OciPlatform, Target] = {}
    for wheels in request.wheels:
        platform = oci_platform_of(wheels.target.platform)
        other = seen.setdefault(platform, wheels.target)
        if other != wheels.target:
            raise InputError(
                "put into one image targets",
                f"{other.id}, {wheels.target.id}",
                why=f"both are {platform}, and readers take the first",
                fix="name one of them with --target",
            )


def _applications(request: ImageRequest) -> list[list[LayerEntry]]:
    """Return the application's entries for each target, judged before anything is written."""
    found: list[list[LayerEntry]] = []
    faults: list[CrosswheelError] = []
    for wheels in request.wheels:
        try:
            found.append(
                [] if request.application is None else application_entries(request.application, wheels.target)
            )
        except CrosswheelError as fault:
            faults.append(fault)
    raise_faults(faults)
    return found


def _named(request: ImageRequest, writer: LayoutWriter, entries: Sequence[IndexEntry]) -> IndexEntry:
    """Return the entry that has the tag: the only image's, or that of an index of all."""
    name = {REFERENCE_NAME: request.tag}
    if len(entries) == 1:
        only = entries[0]
        return IndexEntry(descriptor=_annotated(only.descriptor, name), platform=only.platform)
    index = ImageIndex(
        entries=tuple(entries),
        annotations={f"{_ANNOTATION}created": request.created, **request.annotations},
    )
    return IndexEntry(descriptor=_annotated(writer.add(index_to_json(index), MediaType.INDEX), name))


def _annotated(descriptor: Descriptor, annotations: Mapping[str, str]) -> Descriptor:
    return Descriptor(
        media_type=descriptor.media_type,
        digest=descriptor.digest,
        size=descriptor.size,
        annotations=annotations,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Platform:
    """What was written for one platform, and the entries of index.json that are about it."""

    platform: WrittenPlatform
    entry: IndexEntry
    referrers: tuple[IndexEntry, ...]


@dataclass(slots=True)
class _Making:
    """The making of the image of one platform."""

    request: ImageRequest
    writer: LayoutWriter
    services: Services
    application: list[LayerEntry]
    layers: list[LayerDescriptor] = field(default_factory=list)
    history: list[HistoryEntry] = field(default_factory=list)

    def platform(self, wheels: TargetWheels, source: BaseSource) -> _Platform:
        """Write the image of one platform."""
        request, target = self.request, wheels.target
        platform = oci_platform_of(target.platform)
        with prepared_base(
            source,
            target,
            interpreter=request.interpreter,
            accept=request.accept,
            services=self.services,
        ) as base:
            self._take_base(base)
            with self._wheel_layers(wheels, base) as layers:
                application = OwnLayer(
                    name="application", comment="the application", entries=self.application
                )
                self._write([*base.layers, *layers, *([application] if self.application else [])])
            config = ImageConfig(
                platform=platform,
                settings=self._settings(base),
                diff_ids=tuple(layer.diff_id for layer in self.layers),
                history=tuple(self.history),
                created=request.created,
            )
            descriptor = self._manifest(config, base)
            referrers = self._sbom(platform, descriptor, wheels, base)
            findings = tuple(str(finding) for finding in base.findings)
        return _Platform(
            platform=WrittenPlatform(
                target=target,
                platform=platform,
                descriptor=descriptor,
                layers=tuple(self.layers),
                findings=findings,
            ),
            entry=IndexEntry(descriptor=descriptor, platform=platform),
            referrers=referrers,
        )

    def _take_base(self, base: PreparedBase) -> None:
        if base.image is None:
            return
        for layer in base.image.layers:
            self.writer.take(base.image.blobs, layer.digest)
        self.layers += base.image.layers
        self.history += base.image.config.history

    def _write(self, layers: Sequence[OwnLayer]) -> None:
        """Write layers, several at a time, and note what they are in their order."""
        faults: list[CrosswheelError] = []
        with worker_pool(min(self.services.jobs, _MOST_AT_A_TIME)) as pool:
            for layer, future in [(layer, pool.submit(self._written, layer)) for layer in layers]:
                try:
                    self.layers.append(future.result())
                except CrosswheelError as fault:
                    faults.append(fault)
                self.history.append(
                    HistoryEntry(
                        created=self.request.created,
                        created_by=f"crosswheel: {layer.name}",
                        comment=layer.comment,
                    )
                )
        raise_faults(faults)

    def _written(self, layer: OwnLayer) -> LayerDescriptor:
        path = self.writer.unnamed_blob()
        request = self.request
        written = write_layer(layer.entries, path, compression=request.compression, time=request.time)
        self.writer.name_blob(path, written.digest)
        return replace(written, annotations={_LAYER_NAME: layer.name})

    @contextmanager
    def _wheel_layers(self, wheels: TargetWheels, base: PreparedBase) -> Iterator[list[OwnLayer]]:
        """Give the layers of the virtual environment and of the wheels in it."""
        assert base.interpreter is not None, "every base says where its Python is"
        prefix, target = self.request.environment, wheels.target
        environment = OwnLayer(
            name="environment",
            comment=f"virtual environment of {base.interpreter}",
            entries=environment_entries(prefix, target, base.interpreter),
        )
        with wheel_layers(
            wheels,
            place=wheel_place(target, prefix=prefix),
            interpreter=environment_python(prefix, target),
            budget=self.request.budget,
            changes_often=self.request.changes_often,
        ) as layers:
            yield [environment, *(_own_layer(layer) for layer in layers)]

    def _settings(self, base: PreparedBase) -> ContainerSettings:
        """Return what containers start with; the environment's programs come first on the ``PATH``."""
        path = base.settings.env.get("PATH", BASE_PATH)
        own = self.request.settings
        place = "" if self.request.application is None else self.request.application.place
        return inherited(
            base.settings,
            ContainerSettings(
                env={"PATH": f"{self.request.environment}/bin:{path}", **own.env},
                entrypoint=own.entrypoint,
                cmd=own.cmd,
                working_dir=own.working_dir or place,
                user=own.user,
                labels=own.labels,
                exposed_ports=own.exposed_ports,
                volumes=own.volumes,
                stop_signal=own.stop_signal,
            ),
        )

    def _manifest(self, config: ImageConfig, base: PreparedBase) -> Descriptor:
        annotations = {f"{_ANNOTATION}created": self.request.created}
        if base.image is not None and base.image.digest is not None:
            annotations[f"{_ANNOTATION}base.digest"] = base.image.digest.oci
        if base.image is not None and base.image.name:
            annotations[f"{_ANNOTATION}base.name"] = base.image.name
        manifest = ImageManifest(
            config=self.writer.add(config_to_json(config), MediaType.CONFIG),
            layers=tuple(self.layers),
            annotations={**annotations, **self.request.annotations},
        )
        return self.writer.add(manifest_to_json(manifest), MediaType.MANIFEST)

    def _sbom(
        self, platform: OciPlatform, image: Descriptor, wheels: TargetWheels, base: PreparedBase
    ) -> tuple[IndexEntry, ...]:
        if self.request.sbom is SbomPlace.NONE:
            return ()
        packages = sbom_packages(wheels, base)
        text = image_sbom(self.request.tag, platform, image.digest, packages, time=self.request.time)
        if self.request.sbom is SbomPlace.FILE:
            self.writer.write_file(f"sbom/{str(platform).replace('/', '-')}.cdx.json", text)
            return ()
        manifest = ImageManifest(
            config=self.writer.add(b"{}", MediaType.EMPTY),
            layers=(self.writer.add(text, SBOM_MEDIA_TYPE),),
            artifact_type=SBOM_MEDIA_TYPE,
            subject=image,
            annotations={f"{_ANNOTATION}created": self.request.created},
        )
        descriptor = self.writer.add(manifest_to_json(manifest), MediaType.MANIFEST)
        return (IndexEntry(descriptor=descriptor, artifact_type=SBOM_MEDIA_TYPE),)


def _own_layer(layer: WheelLayer) -> OwnLayer:
    comment = ", ".join(wheel.path.name for wheel in layer.wheels)
    return OwnLayer(name=layer.name, comment=comment, entries=layer.entries)
