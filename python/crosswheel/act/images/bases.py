"""What an image stands on: nothing, an image in a layout, or layers made of what a base lock pins."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.images.base_facts import BaseFacts, interpreter_in, read_base
from crosswheel.act.images.base_images import BaseImage, find_base_image
from crosswheel.act.images.base_refusals import NO_PROGRAM, refuse_other_libc
from crosswheel.act.images.base_sources import BaseKind, BaseSource
from crosswheel.act.images.debian_files import unpack_packages
from crosswheel.act.images.glibc_files import has_glibc_name
from crosswheel.act.images.image_findings import ImageFinding, image_errors, judged
from crosswheel.act.images.judged_bases import ProgramsAbove, stacked_base
from crosswheel.act.images.kept_files import KeptFiles
from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.images.open_layout import open_layout
from crosswheel.act.images.programs import Programs, programs_of_entries
from crosswheel.act.images.standalone_python import PREFIX, standalone_entries
from crosswheel.act.images.system_files import BASE_PATH, add_system_files, base_settings
from crosswheel.act.images.virtual_environment import (
    environment_python,
    needs_shell,
    outside_environment,
    python_name,
    refuse_other_python,
)
from crosswheel.act.layers.layer_entries import LayerEntry
from crosswheel.act.services import Services
from crosswheel.decide.images.base_lock import BaseLock, BasePackage, LockedBase, base_lock_from_json
from crosswheel.decide.images.image_config import ContainerSettings
from crosswheel.decide.images.package_databases import RELEASE_FILES, InstalledPackage, distribution_named
from crosswheel.decide.planning.debian_suites import DEBIAN_ARCHITECTURES, suite_of
from crosswheel.decide.plans.plan import Artifact
from crosswheel.target.oci_platforms import oci_platform_of
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError, raise_faults

__all__ = [
    "Artifacts",
    "OwnLayer",
    "PreparedBase",
    "prepared_base",
    "refuse_unfit_base",
]

#: Gives the files of artifacts, each under its own name; a folder is given for what has to be made for that.
Artifacts: TypeAlias = Callable[[Sequence[Artifact], Path], Mapping[Digest, Path]]


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnLayer:
    """A layer to be written.

    Attributes:
        name: a word for it.
        comment: what it holds, for the history.
        entries: what it holds.
    """

    name: str
    comment: str
    entries: Sequence[LayerEntry]


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedBase:
    """A base that can be built upon, as long as its context lasts.

    Attributes:
        settings: what containers of it start with.
        interpreter: absolute path of its Python; ``None`` where nothing is known.
        image: the image whose layers are taken over; ``None`` without one.
        layers: layers to be written, lowest first.
        packages: Debian packages in them, and their artifacts.
        installed: packages of the image, as its package managers tell.
        kept: contents of its files that name accounts.
        standalone: the interpreter's archive in them.
        architecture: Debian's name of the packages' architecture.
        distribution: what they are of, as package URLs name it, ``debian-12``.
        findings: what was found that does not refuse it.
        name: what it is called in messages.
        paths: its paths.
        programs: its programs and libraries.
    """

    settings: ContainerSettings
    interpreter: str | None
    image: BaseImage | None = None
    layers: tuple[OwnLayer, ...] = ()
    packages: tuple[BasePackage, ...] = ()
    installed: tuple[InstalledPackage, ...] = ()
    kept: Mapping[str, bytes | None] = field(default_factory=dict)
    standalone: Artifact | None = None
    architecture: str = ""
    distribution: str = ""
    findings: tuple[ImageFinding, ...] = field(default_factory=tuple)
    name: str = ""
    paths: LayeredPaths = field(default_factory=LayeredPaths)
    programs: Programs = field(default_factory=Programs)

    def refuse_environment(self, environment: str, target: Target) -> None:
        """Refuse a virtual environment that cannot stand on this base.

        Args:
            environment: its absolute path.
            target: whose Python it is for.

        Raises:
            InputError: something is there, so that two releases of one project would be mixed; the base's Python is
                said to be where the environment's link to it goes; or the programs need a shell that is not there.
        """
        if self.paths.below(environment.strip("/")):
            raise InputError(
                "use base image",
                self.name,
                why=f"it has files below {environment} already, where the wheels of this image go",
                fix="give another place with --prefix, or a base without them",
            )
        if self.interpreter == environment_python(environment, target):
            raise InputError(
                "make an image with interpreter",
                self.interpreter,
                why="the virtual environment has a link of that name, which would lead to itself",
                fix="give another place with --prefix, or the path of the base's own Python",
            )
        known = self.image is not None or bool(self.layers)
        if known and needs_shell(environment, target) and not self.paths.is_file("bin/sh"):
            raise InputError(
                "use base image",
                self.name,
                why=f"a first line cannot name {environment_python(environment, target)}, so programs begin with "
                "/bin/sh, which it lacks",
                fix="give a short place without blanks with --prefix, or a base with a shell",
            )


@contextmanager
def prepared_base(
    source: BaseSource,
    target: Target,
    *,
    interpreter: str | None,
    accept: Sequence[str],
    services: Services,
    artifacts: Artifacts | None = None,
    above: Sequence[ProgramsAbove] = (),
) -> Iterator[PreparedBase]:
    """Give the base of one target, read and judged.

    Args:
        source: where it is.
        target: what the image is for.
        interpreter: path of its Python; ``None`` to find it.
        accept: findings that are accepted in a layout.
        services: what to fetch and unpack with.
        artifacts: gives what a base lock pins; ``None`` to fetch it.
        above: put to its programs those of layers that another tool made, lowest first: its Python may ask for what these
            bring, and these may take away what it asks for.

    Raises:
        CheckError: a binary in it is for another machine, or a blob is not what its digest says.
        InputError: it lacks the target's C library or Python, or cannot be read.
    """
    refuse_other_python(interpreter, target)
    with ExitStack() as stack:
        match source.kind:
            case BaseKind.SCRATCH:
                python = _given(interpreter, target)
                stacked_base(Programs(), above, target, name="scratch").judge_brought(python)
                yield PreparedBase(settings=ContainerSettings(), interpreter=python)
            case BaseKind.LAYOUT:
                layout = stack.enter_context(open_layout(source.path))
                image = find_base_image(layout, oci_platform_of(target.platform), tag=source.tag)
                yield _of_image(image, target, interpreter, accept, above, name=str(source.path))
            case BaseKind.LOCK:
                scratch = stack.enter_context(services.store.scratch())
                fetched = partial(_fetched, base=source.path.parent, services=services)
                yield _of_lock(source.path, target, interpreter, scratch, artifacts or fetched, above)


def refuse_unfit_base(source: BaseSource, target: Target, *, interpreter: str | None) -> None:
    """Refuse a base that `prepared_base` would, as far as its documents tell: no layer is read, nothing fetched.

    Args:
        source: where it is.
        target: what the image is for.
        interpreter: path of its Python; ``None`` to find it.

    Raises:
        CheckError: a base lock has an older C library than the target's.
        InputError: it has no image for the target, cannot be read, or nothing says where its Python will be.
    """
    refuse_other_python(interpreter, target)
    match source.kind:
        case BaseKind.SCRATCH:
            _given(interpreter, target)
        case BaseKind.LAYOUT:
            with open_layout(source.path) as layout:
                find_base_image(layout, oci_platform_of(target.platform), tag=source.tag)
        case BaseKind.LOCK:
            _locked_base(source.path, target)


def _locked_base(path: Path, target: Target) -> tuple[BaseLock, LockedBase]:
    lock = base_lock_from_json(path.read_bytes(), name=str(path))
    base = lock.base_for(target, name=str(path))
    facts = BaseFacts(glibc=base.glibc, musl=False, pythons=())
    refuse_other_libc(facts, None, target, name=str(path))
    return lock, base


def _given(interpreter: str | None, target: Target) -> str:
    if interpreter is None:
        raise InputError(
            "make an image from",
            "scratch",
            why="nothing says where its Python will be",
            fix=f"give --interpreter, for example /usr/local/bin/{python_name(target)}",
        )
    return interpreter


def _refuse_missing(interpreter: str | None, paths: LayeredPaths, *, name: str) -> None:
    if interpreter is not None and not paths.is_file(interpreter.strip("/")):
        raise InputError(
            "use base image",
            name,
            why=f"it has no {interpreter}",
            fix="give the absolute path of its Python with --interpreter, or leave that out to have it looked for",
        )


def _of_image(
    image: BaseImage,
    target: Target,
    interpreter: str | None,
    accept: Sequence[str],
    above: Sequence[ProgramsAbove],
    *,
    name: str,
) -> PreparedBase:
    facts = read_base(image)
    findings = judged(facts.findings, accept, all_used=False)
    raise_faults(
        image_errors(
            findings,
            doing="use file of the base image",
            fix="use a base made for the target, or --accept the finding once you know why it is harmless",
        )
    )
    folders = image.config.settings.env.get("PATH", BASE_PATH).split(":")
    python = interpreter or interpreter_in(facts, python_name(target), folders)
    stacked = stacked_base(facts.programs, above, target, name=name)
    stacked.judge_libc(facts, python)
    _refuse_missing(interpreter, facts.paths, name=name)
    if python is None:
        raise _no_python(facts, folders, python_name(target), name)
    stacked.judge_program(python)
    return PreparedBase(
        settings=image.config.settings,
        interpreter=outside_environment(python, facts.paths),
        image=image,
        installed=facts.packages,
        kept=facts.kept,
        findings=findings,
        name=name,
        paths=facts.paths,
        programs=facts.programs,
    )


def _no_python(facts: BaseFacts, folders: Sequence[str], wanted: str, name: str) -> InputError:
    there = f"it has {', '.join(facts.pythons)}" if facts.pythons else "it has no Python"
    files = [path for folder in folders if facts.paths.is_file(path := posixpath.join(folder, wanted))]
    there += f", and its {files[0]} {NO_PROGRAM}" if files else ""
    return InputError(
        "use base image",
        name,
        why=f"there is no {wanted} on its PATH, {there}",
        fix=f"plan for the Python of the base, use a base with {wanted}, or say with --interpreter where it is",
    )


def _of_lock(
    path: Path,
    target: Target,
    interpreter: str | None,
    scratch: Path,
    artifacts: Artifacts,
    above: Sequence[ProgramsAbove],
) -> PreparedBase:
    lock, base = _locked_base(path, target)
    files = artifacts(_pinned(lock, base), _folder(scratch, "artifacts"))
    system = unpack_packages(_paths(base.system, files), _folder(scratch, "system"), target.platform.arch)
    add_system_files(system)
    layers = [
        OwnLayer(
            name="system",
            comment=f"{len(base.system)} packages of {base.origin}",
            entries=system.finished(links=True),
        )
    ]
    raise_faults(system.faults)
    place = _folder(scratch, "interpreter")
    if base.standalone is not None:
        archive = files[base.standalone]
        comment = lock.artifacts[base.standalone].filename
        entries = standalone_entries(archive, place, target.platform.arch)
    else:
        python = unpack_packages(_paths(base.interpreter, files), place, target.platform.arch)
        raise_faults(python.faults)
        comment = f"{len(base.interpreter)} packages of {base.origin}"
        entries = python.finished(links=False)
    layers.append(OwnLayer(name="python", comment=comment, entries=entries))
    kept = KeptFiles()
    for layer in layers:
        kept.add_entries(layer.entries)
    folder = "usr/bin" if base.standalone is None else f"{PREFIX}/bin"
    programs = programs_of_entries([layer.entries for layer in layers])
    programs = replace(
        programs, glibcs=dict.fromkeys(filter(has_glibc_name, programs.paths.names()), base.glibc)
    )
    _refuse_missing(interpreter, programs.paths, name=str(path))
    found = interpreter or _made(entries, posixpath.join(folder, python_name(target)), path)
    stacked_base(programs, above, target, name=str(path)).judge_locked(found)
    return PreparedBase(
        settings=base_settings(system),
        interpreter=found,
        layers=tuple(layers),
        packages=(*base.system, *base.interpreter),
        kept=kept.contents,
        name=str(path),
        paths=programs.paths,
        programs=programs,
        architecture=DEBIAN_ARCHITECTURES[target.platform.arch],
        distribution=_distribution(layers[0]) or suite_of(base.origin),
        standalone=None if base.standalone is None else lock.artifacts[base.standalone],
    )


def _distribution(system: OwnLayer) -> str:
    """Return what a system calls itself; empty where nothing in it says so, as without `base-files`."""
    kept = KeptFiles(wanted=RELEASE_FILES.__contains__)
    kept.add_entries(system.entries)
    return distribution_named({path: data for path, data in kept.contents.items() if data is not None})


def _made(entries: Sequence[LayerEntry], program: str, path: Path) -> str:
    if all(entry.path != program for entry in entries):
        raise InputError(
            "use base lock",
            str(path),
            why=f"its interpreter has no /{program}",
            fix="lock the base again, or say with --interpreter where it is",
        )
    return f"/{program}"


def _folder(scratch: Path, name: str) -> Path:
    folder = scratch / name
    folder.mkdir()
    return folder


def _pinned(lock: BaseLock, base: LockedBase) -> list[Artifact]:
    wanted = [one.artifact for one in (*base.system, *base.interpreter)]
    wanted += [] if base.standalone is None else [base.standalone]
    return [lock.artifacts[digest] for digest in wanted]


def _fetched(
    wanted: Sequence[Artifact], folder: Path, *, base: Path, services: Services
) -> Mapping[Digest, Path]:
    del folder  # the store has files under their names
    return fetch_artifacts(
        services.store, wanted, base=base, settings=services.settings, reporter=services.reporter
    )


def _paths(packages: Sequence[BasePackage], files: Mapping[Digest, Path]) -> Mapping[str, Path]:
    return {one.name: files[one.artifact] for one in packages}
