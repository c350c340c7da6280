"""Images as typed functions: what ``crosswheel image`` and its like do; see `crosswheel.api`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from crosswheel.api import Session, parse_target
from crosswheel.api_arguments import as_file_time, as_member, as_names, as_paths, as_plan, told_types

if TYPE_CHECKING:
    from crosswheel.act.images.application import Application
    from crosswheel.act.images.image_findings import ImageReport
    from crosswheel.act.images.image_request import ImageRequest, WrittenImage
    from crosswheel.act.images.placed_files import PlacedFile
    from crosswheel.act.layers.layer_folder import LayerFolder
    from crosswheel.act.services import Services
    from crosswheel.act.target_wheels import TargetWheels
    from crosswheel.decide.images.base_lock import BaseLock
    from crosswheel.decide.images.image_config import ContainerSettings
    from crosswheel.decide.plans.plan import Plan
    from crosswheel.target.targets import Target

__all__ = ["ImageKeywords", "image", "image_request", "lock_base", "verify_image"]


class ImageKeywords(TypedDict, total=False):
    """What `image` takes of the image's content and of its containers; each may be left out.

    Attributes:
        wheels: wheels of your own, beside those of the plan; each gets a layer of its own, on top.
        application: folder of the application's own files.
        place: where they go; otherwise ``/app``.
        exclude: globs of files that are left out.
        files: files that are put into the image one by one, by their absolute paths there; not executable.
        programs: the same, executable.
        layers: layers that another tool made, tar archives, on top of all others.
        prefix: the virtual environment that the wheels are in; otherwise ``/opt/venv``.
        interpreter: the base's Python; otherwise the one on its ``PATH``.
        entrypoint: the command.
        cmd: its default arguments.
        env: variables.
        working_dir: where containers start; otherwise the application's place.
        user: who runs them, better as a number.
        labels: words about containers.
        ports: ports they listen on, ``8000`` or ``8000/tcp``.
        annotations: words about the image.
        tag: its name in the layout; otherwise ``latest``.
        accept: findings to accept in the base and in `layers`, ``code`` or ``code:glob of the file``.
        max_layers: how many layers of wheels there may be.
        changes_often: projects that get a layer of their own, on top, if `max_layers` leaves one.
        bytecode: put the bytecode of all modules of wheels beside them; needs an interpreter of the targets' X.Y.
        stop_signal: what asks containers to stop.
        compression: ``"gzip"``, ``"none"`` or ``"zstd"``.
        sbom: ``"file"``, ``"referrer"`` or ``"none"``.
        source_date_epoch: when the image was created, seconds since 1970; otherwise 1980-01-01. Files have that
            time whatever it is, and so layers stay the same.
    """

    wheels: Sequence[str | Path]
    application: str | Path
    place: str
    exclude: Sequence[str]
    files: Mapping[str, str | Path]
    programs: Mapping[str, str | Path]
    layers: Sequence[str | Path]
    prefix: str
    interpreter: str
    entrypoint: Sequence[str]
    cmd: Sequence[str]
    env: Mapping[str, str]
    working_dir: str
    user: str
    labels: Mapping[str, str]
    ports: Sequence[str]
    annotations: Mapping[str, str]
    tag: str
    accept: str | Sequence[str]
    max_layers: int
    changes_often: str | Sequence[str]
    bytecode: bool
    stop_signal: str
    compression: str
    sbom: str
    source_date_epoch: int


#: Keywords that take several texts: the letters of one would be taken for them.
_SEVERAL = frozenset({"cmd", "entrypoint", "exclude", "layers", "ports", "wheels"})


@partial(told_types, keywords=ImageKeywords)
def image(
    plan: Plan,
    *,
    output: str | Path,
    bases: str | Sequence[str],
    targets: str | Sequence[str] = (),
    base: str | Path | None = None,
    session: Session | None = None,
    **keywords: Unpack[ImageKeywords],
) -> WrittenImage:
    """Make an OCI image layout of the wheels of a plan: one image for one target, a multi-platform one for several.

    Args:
        plan: the plan.
        output: the layout; replaced in one step if it is an earlier image of ours or empty.
        bases: what the image stands on: a base lock, an OCI layout, what docker save wrote, or ``scratch``; as
            ``TARGET=SOURCE`` for one target.
        targets: which of the plan's targets, in any spelling, in the order readers shall try them; the same twice
            counts once; empty for all.
        base: folder that the plan's relative paths start from; ``None`` for the working directory.
        session: what to work with.
        keywords: see `ImageKeywords`.

    Raises:
        CrosswheelError: as `build`; a base does not serve its target; or a file that would enter the image is for
            another machine.
        TypeError: a keyword is none of `ImageKeywords`.
    """
    return image_of_plan(
        as_plan(plan, "image"),
        targets=as_names(targets, "targets"),
        base=Path(base or "."),
        sources=(str(bases),) if isinstance(bases, str | Path) else tuple(map(str, bases)),
        output=Path(output),
        services=(session or Session()).services(),
        keywords=keywords,
    )


def image_of_plan(
    plan: Plan,
    *,
    targets: Sequence[str],
    base: Path,
    sources: Sequence[str],
    output: Path,
    services: Services,
    keywords: ImageKeywords,
) -> WrittenImage:
    """Make an image as `image` does; the wheels are fetched or built after all that is known without them was judged.

    Args:
        plan: the plan.
        targets: as for `image`.
        base: folder that the plan's relative paths start from.
        sources: as `bases` of `image`.
        output: the layout.
        services: what to work with.
        keywords: see `ImageKeywords`.

    Raises:
        CrosswheelError: as `image`.
        TypeError: likewise.
    """
    from crosswheel.act.images.make_image import make_image
    from crosswheel.act.images.own_wheels import with_own_wheels
    from crosswheel.act.storage.output_directory import refuse_lost_inputs
    from crosswheel.act.target_wheels import TargetWheels, wheels_of_targets
    from crosswheel.target.held_targets import choose_targets

    chosen = choose_targets(targets, [planned.target for planned in plan.targets])
    request = image_request([TargetWheels(target=one, wheels=()) for one in chosen], sources, keywords)
    own = as_paths(keywords.get("wheels", ()), "wheels")
    refuse_lost_inputs(output, own, thing="image")
    _refuse_projects(plan, chosen, request.changes_often, own)

    def wheels() -> Iterator[TargetWheels]:
        names = [one.id for one in chosen]
        for ready in wheels_of_targets(plan, targets=names, base=base, services=services):
            yield with_own_wheels(ready, own)

    return make_image(request, output, services, wheels=wheels)


def _refuse_projects(
    plan: Plan, targets: Sequence[Target], changes_often: Sequence[str], own: Sequence[Path]
) -> None:
    """Refuse projects that have no wheel or two, as the plan tells before there are any."""
    from crosswheel.act.images.own_wheels import refuse_planned
    from crosswheel.act.layers.wheel_layers import refuse_unknown_projects
    from crosswheel.act.target_wheels import name_of_wheel

    for planned in plan.targets:
        if planned.target in targets:
            names = {wheel.name for wheel in planned.wheels}
            refuse_planned(own, names)
            refuse_unknown_projects(changes_often, names | set(map(name_of_wheel, own)), planned.target)


def image_request(
    wheels: Sequence[TargetWheels | LayerFolder], sources: Sequence[str], keywords: ImageKeywords
) -> ImageRequest:
    """Return the request that keywords mean; the command line makes its own of them.

    Args:
        wheels: the wheels of each target, or layers made of them.
        sources: as `bases` of `image`.
        keywords: see `ImageKeywords`; `wheels` go with wheels only.

    Raises:
        InputError: a base is not there, or a word is wrong.
        TypeError: as Python has it for a function without ``**keywords``.
    """
    from crosswheel.act.images.base_sources import bases_for
    from crosswheel.act.images.image_request import DEFAULT_ENVIRONMENT, ImageRequest, SbomPlace
    from crosswheel.act.images.own_wheels import with_own_wheels
    from crosswheel.act.layers.layer_folder import LayerFolder
    from crosswheel.act.layers.layer_writer import Compression
    from crosswheel.act.target_wheels import name_of_wheel
    from crosswheel.act.wheels.file_time import file_time
    from crosswheel.decide.images.image_words import refuse_wrong_words
    from crosswheel.decide.images.layer_plan import DEFAULT_BUDGET

    for name in keywords:
        if name not in ImageKeywords.__annotations__:
            raise TypeError(f"image() got an unexpected keyword argument '{name}'")
        if name in _SEVERAL and isinstance(keywords.get(name), str):
            raise TypeError(f"image() takes a sequence of texts for '{name}', not one text")
    own = as_paths(keywords.get("wheels", ()), "wheels")
    changes_often = {
        *as_names(keywords.get("changes_often", ()), "changes_often"),
        *(name_of_wheel(path) for path in own),
    }
    settings, tag = _settings(keywords), keywords.get("tag", "latest")
    refuse_wrong_words(
        settings,
        tag=tag,
        annotations=keywords.get("annotations", {}),
        interpreter=keywords.get("interpreter"),
    )
    return ImageRequest(
        wheels=tuple(one if isinstance(one, LayerFolder) else with_own_wheels(one, own) for one in wheels),
        bases=bases_for(sources, [one.target for one in wheels]),
        settings=settings,
        application=_application(keywords),
        files=_placed(keywords),
        finished=as_paths(keywords.get("layers", ()), "layers"),
        environment=keywords.get("prefix", DEFAULT_ENVIRONMENT),
        interpreter=keywords.get("interpreter"),
        tag=tag,
        annotations=keywords.get("annotations", {}),
        accept=as_names(keywords.get("accept", ()), "accept"),
        budget=keywords.get("max_layers", DEFAULT_BUDGET),
        changes_often=tuple(sorted(changes_often)),
        bytecode=keywords.get("bytecode", False),
        compression=as_member(Compression, "compress layers", keywords.get("compression", "gzip")),
        time=file_time(as_file_time(keywords.get("source_date_epoch"))),
        sbom=as_member(SbomPlace, "put the bill of materials", keywords.get("sbom", "file")),
    )


def _application(keywords: ImageKeywords) -> Application | None:
    from crosswheel.act.images.application import Application
    from crosswheel.values.errors import InputError

    source = keywords.get("application")
    if source is None:
        for glob in keywords.get("exclude", ()):
            raise InputError(
                "exclude", glob, why="it is of an application, and none is given", fix="give --app"
            )
        return None
    return Application(
        source=Path(source),
        place=keywords.get("place", "/app"),
        exclude=tuple(keywords.get("exclude", ())),
    )


def _placed(keywords: ImageKeywords) -> tuple[PlacedFile, ...]:
    from crosswheel.act.images.placed_files import PlacedFile

    kinds = ((keywords.get("files", {}), False), (keywords.get("programs", {}), True))
    return tuple(
        PlacedFile(path=path, source=Path(source), is_program=is_program)
        for files, is_program in kinds
        for path, source in files.items()
    )


def _settings(keywords: ImageKeywords) -> ContainerSettings:
    from crosswheel.decide.images.image_config import ContainerSettings
    from crosswheel.decide.images.image_words import port_and_protocol

    entrypoint, cmd = keywords.get("entrypoint"), keywords.get("cmd")
    ports = map(port_and_protocol, keywords.get("ports", ()))
    return ContainerSettings(
        env=dict(keywords.get("env", {})),
        entrypoint=None if entrypoint is None else tuple(entrypoint),
        cmd=None if cmd is None else tuple(cmd),
        working_dir=keywords.get("working_dir", ""),
        user=keywords.get("user", ""),
        labels=dict(keywords.get("labels", {})),
        exposed_ports=tuple(sorted(ports)),
        stop_signal=keywords.get("stop_signal", ""),
    )


@told_types
def verify_image(layout: str | Path, *, accept: str | Sequence[str] = ()) -> ImageReport:
    """Check an OCI layout, whoever made it: documents, digests, layers, and every binary against the platform.

    Args:
        layout: a folder, an uncompressed tar archive of one, or what docker save wrote.
        accept: findings to accept, ``code`` or ``code:glob of the file``.

    Returns:
        The report; `ImageReport.refused` tells whether the layout must not be used.

    Raises:
        CrosswheelError: there is nothing to check, or an accept is wrong.
    """
    from crosswheel.act.images.verify_layout import verify_layout
    from crosswheel.values.errors import InputError

    if not str(layout):
        raise InputError("read image", "", why="the path is empty", fix="give the path of an OCI layout")
    return verify_layout(Path(layout), accept=as_names(accept, "accept"))


@told_types
def lock_base(
    targets: str | Sequence[str],
    *,
    python: str | None = None,
    output: str | Path,
    suite: str | None = None,
    snapshot: str | None = None,
    packages: Sequence[str] = (),
    without: Sequence[str] = (),
    interpreters: Sequence[str] = (),
    session: Session | None = None,
) -> BaseLock:
    """Pin Debian packages and an interpreter for images without a base image, and write the base lock.

    Args:
        targets: targets in any spelling, e.g. ``"linux/arm64"``.
        python: ``X.Y`` of the targets whose name does not say it; ``None`` for this interpreter's.
        output: the lock to write.
        suite: release of Debian; ``None`` for the newest that has the targets' Python.
        snapshot: a moment as snapshot.debian.org writes it; ``None`` for today.
        packages: further packages.
        without: packages to leave out.
        interpreters: python-build-standalone archives, a path or ``URL#sha256=DIGEST``.
        session: what to work with.

    Raises:
        CrosswheelError: no release fits a target, or a package is not there.
    """
    from crosswheel.act.images.base_locking import (
        BaseLockRequest,
        make_base_lock,
        refuse_other_lock,
        write_base_lock,
    )

    names = as_names(targets, "targets")
    place = Path(output)
    refuse_other_lock(place)
    request = BaseLockRequest(
        targets=tuple(dict.fromkeys(parse_target(name, python=python) for name in names)),
        folder=place.parent,
        suite=suite,
        snapshot=snapshot,
        packages=as_names(packages, "packages"),
        without=as_names(without, "without"),
        interpreters=as_names(interpreters, "interpreters"),
    )
    lock = make_base_lock(request, (session or Session()).services())
    write_base_lock(place, lock)
    return lock
