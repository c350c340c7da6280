"""Makes an OCI layout from the wheels of targets: base, virtual environment, wheels, application, configuration.

Nothing is run, nothing is unpacked but what a base lock pins; a layer of wheels is put together from their own compressed
bytes. The parts and their order are told in docs/guides/images.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path

from crosswheel.act.images.base_sources import BaseSource
from crosswheel.act.images.bases import Artifacts, OwnLayer, PreparedBase, prepared_base
from crosswheel.act.images.early_refusals import refuse_unfit_inputs, refuse_wrong_request
from crosswheel.act.images.entries_on_base import entries_on_base, path_entries
from crosswheel.act.images.image_accounts import account_findings
from crosswheel.act.images.image_findings import ImageFinding, image_errors, judged, refuse_unused
from crosswheel.act.images.image_index import named_entry, write_image_marker
from crosswheel.act.images.image_request import ImageRequest, SbomPlace, WrittenImage, WrittenPlatform
from crosswheel.act.images.layered_paths import LayeredPaths, PathEntry
from crosswheel.act.images.layout_writer import LayoutWriter, new_layout
from crosswheel.act.images.lost_programs import lost_program, programs_above
from crosswheel.act.images.own_parts import OwnPart, own_parts
from crosswheel.act.images.ready_layers import ImageLayer, ReadyLayer, opened_blob
from crosswheel.act.images.replaced_files import replaced_files
from crosswheel.act.images.store_paths import store_findings
from crosswheel.act.images.system_files import BASE_PATH
from crosswheel.act.images.wheels_part import wheels_part
from crosswheel.act.layers.layer_entries import LayerEntry, merged_entries
from crosswheel.act.layers.layer_folder import LayerFolder
from crosswheel.act.layers.layer_writer import write_layer
from crosswheel.act.reporter import Reporter
from crosswheel.act.services import Services
from crosswheel.act.target_wheels import CheckedWheel, TargetWheels
from crosswheel.act.worker_pool import worker_pool
from crosswheel.decide.images.image_config import (
    ContainerSettings,
    HistoryEntry,
    ImageConfig,
    config_to_json,
    inherited,
)
from crosswheel.decide.images.oci_documents import BASE_DIGEST, ImageManifest, IndexEntry, manifest_to_json
from crosswheel.target.oci_platforms import oci_platform_of
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.oci_descriptors import Descriptor, LayerDescriptor, MediaType, OciPlatform

__all__ = ["make_image"]

_ANNOTATION = "org.opencontainers.image."
#: Annotation of a layer: what it holds.
_LAYER_NAME = f"{_ANNOTATION}title"
#: What Docker's overlay2 mounts: https://github.com/moby/moby/blob/master/layer/layer.go
_MOST_LAYERS = 127
#: How many layers are written at a time, at most: memory grows with it.
_MOST_AT_A_TIME = 4
_WITHOUT_STORE = "name what the image has, as `#!/usr/bin/env python3` does, or --accept the finding once you know why it is harmless"


def make_image(
    request: ImageRequest,
    destination: Path,
    services: Services,
    *,
    wheels: Callable[[], Iterable[TargetWheels]] | None = None,
    artifacts: Artifacts | None = None,
    links: bool = True,
    all_used: bool = True,
) -> WrittenImage:
    """Write the layout `destination`; the same request makes the same bytes.

    Args:
        request: what it is made of.
        destination: the folder; replaced in one step if it is an earlier image of ours or empty.
        services: what to fetch and unpack with.
        wheels: makes the wheels, once all else has been judged; ``None`` where the request has them.
        artifacts: gives what base locks pin; ``None`` to fetch it.
        links: a base's blobs may become second links to its files.
        all_used: refuse an accept that covers no finding of any target; ``False`` where other calls make other targets
            of the same image.

    Raises:
        CheckError: a file that would enter it is for another machine, or is not what its digest says.
        InputError: an input cannot be used, or an accept covers nothing.
        OutputError: `destination` is not ours to replace, or two wheels disagree on a file.
    """
    refuse_wrong_request(request, destination)
    _tell_lost_programs(request, services.reporter)
    if wheels is not None:
        refuse_unfit_inputs(request, services)
    own = own_parts(request, services.reporter)
    if wheels is not None:
        request = replace(request, wheels=tuple(wheels()))
        own = own_parts(request, services.reporter, before=own)  # files may have changed meanwhile
    _tell_unmet(request, services.reporter)
    with new_layout(destination, links=links) as writer:
        written = [
            _Making(request, writer, services, part, artifacts).platform(ready, base)
            for ready, base, part in zip(request.wheels, request.bases, own, strict=True)
        ]
        if all_used:
            refuse_unused(request.accept, [found for one in written for found in one.platform.findings])
        named = named_entry(
            writer,
            [one.entry for one in written],
            tag=request.tag,
            created=request.created,
            annotations=request.annotations,
        )
        referrers = [entry for one in written for entry in one.referrers]
        writer.finish([named, *referrers])
        image = WrittenImage(
            path=destination,
            tag=request.tag,
            digest=named.descriptor.digest,
            platforms=tuple(one.platform for one in written),
        )
        write_image_marker(writer, image.to_json())
    return image


def _on_base(layer: ImageLayer, base: PreparedBase) -> ImageLayer:
    if isinstance(layer, ReadyLayer):
        return layer
    return replace(layer, entries=entries_on_base(layer.entries, base.paths))


def _entries_of(layer: ImageLayer) -> Sequence[LayerEntry]:
    return () if isinstance(layer, ReadyLayer) else layer.entries


def _paths_of(layer: ImageLayer) -> Iterable[PathEntry]:
    return layer.entries if isinstance(layer, ReadyLayer) else path_entries(layer.entries)


def _paths_with(base: PreparedBase, layers: Sequence[ImageLayer]) -> LayeredPaths:
    """Return the paths of an image; refuse layers that are written already and would replace links of those below, lowest first."""
    paths = base.paths.copied()
    for layer in layers:
        if isinstance(layer, ReadyLayer):
            layer.refuse_replaced_links(paths)
        paths.add_layer(_paths_of(layer))
    return paths


def _judged_own(findings: Iterable[ImageFinding], accept: Sequence[str]) -> tuple[ImageFinding, ...]:
    known = judged(findings, accept, all_used=False)
    raise_faults(image_errors(known, doing="put into an image", fix=_WITHOUT_STORE))
    return known


def _tell_unmet(request: ImageRequest, reporter: Reporter) -> None:
    for wheels in request.wheels:
        for sentence in wheels.unmet if isinstance(wheels, TargetWheels) else ():
            reporter.warned(f"{wheels.target.id}: {sentence}")


def _tell_lost_programs(request: ImageRequest, reporter: Reporter) -> None:
    programs, path = f"{request.environment}/bin", request.settings.env.get("PATH")
    if path is not None and programs not in path.split(":"):
        reporter.warned(
            f"the PATH that is given lacks {programs}: `python` is not the virtual environment's there"
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
    own: OwnPart
    artifacts: Artifacts | None
    layers: list[LayerDescriptor] = field(default_factory=list)
    history: list[HistoryEntry] = field(default_factory=list)

    def platform(self, wheels: TargetWheels | LayerFolder, source: BaseSource) -> _Platform:
        """Write the image of one platform."""
        request, target = self.request, wheels.target
        platform = oci_platform_of(target.platform)
        with prepared_base(
            source,
            target,
            interpreter=request.interpreter,
            accept=request.accept,
            services=self.services,
            artifacts=self.artifacts,
            above=[(str(layer.path), partial(programs_above, layer)) for layer in self.own.finished],
        ) as base:
            base.refuse_environment(request.environment, target)
            self._take_base(base)
            assert base.interpreter is not None, "every base says where its Python is"
            with wheels_part(wheels, request, base.interpreter, services=self.services) as part:
                layers = [_on_base(layer, base) for layer in part.layers]
                entries = entries_on_base(self.own.entries, base.paths)
                # What the application would replace of the wheels is a fault, as it is between two wheels.
                merged_entries(chain.from_iterable([*map(_entries_of, layers), entries]))
                application = OwnLayer(name="application", comment="the application", entries=entries)
                on_base = [*layers, *([application] if entries else []), *self.own.finished]
                paths = _paths_with(base, on_base)
                settings = self._settings(base)
                lost = lost_program(request.settings, settings, base, on_base, paths)
                if lost is not None:
                    self.services.reporter.warned(f"{platform}: {lost}")
                own = [
                    *replaced_files(entries, base.paths),
                    *account_findings(base, on_base, settings.user, place=f"{platform}, configuration"),
                    *store_findings(entries, self.own.finished, paths),
                ]
                findings = (*base.findings, *self.own.findings, *_judged_own(own, request.accept))
                self._write([*base.layers, *on_base])
            config = ImageConfig(
                platform=platform,
                settings=settings,
                diff_ids=tuple(layer.diff_id for layer in self.layers),
                history=tuple(self.history),
                created=request.created,
            )
            descriptor = self._manifest(config, base)
            referrers = self._sbom(platform, descriptor, wheels.wheels, base)
        return _Platform(
            platform=WrittenPlatform(
                target=target,
                platform=platform,
                descriptor=descriptor,
                layers=tuple(self.layers),
                findings=findings,
                uncompiled=part.uncompiled,
                command=(*(settings.entrypoint or ()), *(settings.cmd or ())),
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

    def _write(self, layers: Sequence[ImageLayer]) -> None:
        """Write layers, several at a time, and note what they are in their order."""
        self._refuse_too_many(layers)
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

    def _refuse_too_many(self, layers: Sequence[ImageLayer]) -> None:
        if len(self.layers) + len(layers) > _MOST_LAYERS:
            raise InputError(
                "make an image of",
                f"{len(self.layers) + len(layers)} layers",
                why=f"container runtimes mount at most {_MOST_LAYERS}, and the base has {len(self.layers)}",
                fix="give fewer layers to the wheels with --max-layers, or use a base with fewer",
            )

    def _written(self, layer: ImageLayer) -> LayerDescriptor:
        if isinstance(layer, ReadyLayer):
            with opened_blob(layer.path, fix="give the folder of layers with all its files") as stream:
                self.writer.copy(stream, layer.descriptor, source=layer.path.name)
            return layer.descriptor
        path = self.writer.unnamed_blob()
        request = self.request
        written = write_layer(layer.entries, path, compression=request.compression)
        self.writer.name_blob(path, written.digest)
        return replace(written, annotations={_LAYER_NAME: layer.name})

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
            annotations[BASE_DIGEST] = base.image.digest.oci
        if base.image is not None and base.image.name:
            annotations[f"{_ANNOTATION}base.name"] = base.image.name
        manifest = ImageManifest(
            config=self.writer.add(config_to_json(config), MediaType.CONFIG),
            layers=tuple(self.layers),
            annotations={**annotations, **self.request.annotations},
        )
        return self.writer.add(manifest_to_json(manifest), MediaType.MANIFEST)

    def _sbom(
        self, platform: OciPlatform, image: Descriptor, wheels: Sequence[CheckedWheel], base: PreparedBase
    ) -> tuple[IndexEntry, ...]:
        if self.request.sbom is SbomPlace.NONE:
            return ()
        # What writes it is a library that nothing else needs.
        from crosswheel.act.images.image_sbom import SBOM_MEDIA_TYPE, image_sbom
        from crosswheel.act.images.sbom_packages import sbom_base, sbom_packages

        text = image_sbom(
            self.request.tag,
            platform,
            image.digest,
            sbom_packages(wheels, base),
            base=sbom_base(base),
            time=self.request.time,
        )
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
