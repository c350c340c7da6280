"""The step ``toolchain``: a C toolchain whose files are given, tried once and handed to every build of a target.

For build systems that bring a compiler themselves and say how it is called. It compiles in place of the one that the plan
names: family, C library and whether it works at all are found out here, where the files are.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from crosswheel.act.building.build_python import find_build_python
from crosswheel.act.building.own_toolchain import OwnToolchain
from crosswheel.act.planning.own_toolchains import OwnToolchains
from crosswheel.act.services import Services
from crosswheel.act.storage.output_file import replaced_file
from crosswheel.decide.configuration.toolchain_source import ToolchainEntry, ToolchainSource
from crosswheel.decide.configuration.toolchain_words import common_folder, moved_words
from crosswheel.decide.documents.json_fields import Faults, Fields
from crosswheel.decide.plans.plan import Plan, PlannedTarget
from crosswheel.decide.plans.toolchain_pin import TOOLS, ToolchainPin, read_toolchain, toolchain_to_json
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import canonical_json
from crosswheel.values.errors import InputError

__all__ = ["GivenToolchain", "take_toolchain", "toolchain_step", "with_toolchain"]

#: In the archive: what a plan would say of it, then its files.
_PIN, _FILES = "toolchain.json", "files"


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenToolchain:
    """A toolchain as a build system has it.

    Attributes:
        files: all that belongs to it, by paths relative to the working directory; a folder stands for all below it.
        programs: by tool, such a path; what is beside the C compiler under a usual name need not be named.
        c_options: given to the C compiler in every call; paths in them are relative to the working directory, too.
        cxx_options: given to the C++ compiler in every call.
        link_options: given in every call that links.
        environment: variables set for its programs.
    """

    files: tuple[Path, ...]
    programs: Mapping[str, str]
    c_options: tuple[str, ...] = ()
    cxx_options: tuple[str, ...] = ()
    link_options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def toolchain_step(
    target: Target, given: GivenToolchain, *, output: Path, services: Services
) -> ToolchainPin:
    """Try a toolchain, and write it to one archive; return what was found out.

    Links are followed and every file can be executed afterwards, for not all build systems keep links and modes.

    Args:
        target: what it shall compile for.
        given: the toolchain.
        output: the archive to write.
        services: what to work with; nothing is fetched.

    Raises:
        InputError: a program is not among the files, or the toolchain does not compile for the target.
    """
    python = find_build_python(target.python, explicit=services.build_python)
    warnings: list[str] = []
    with services.store.scratch() as scratch:
        entry = ToolchainEntry(
            key=None, source=_gathered(given, scratch), place="--program", configured=False
        )
        own = OwnToolchains(
            entries=(entry,),
            configuration_folder=scratch,
            folder=scratch,
            build_platforms=(),
            store=services.store,
            sandbox=services.sandbox,
            reporter=services.reporter,
            warnings=warnings,
        ).choose(target, python)
    assert own is not None, "it was named"
    for warning in warnings:
        services.reporter.warned(warning)
    own = replace(own, pin=replace(own.pin, folder="."))
    _write(own, output)
    return own.pin


def _gathered(given: GivenToolchain, folder: Path) -> ToolchainSource:
    """Copy the files to `folder`, each at its path below the deepest folder of all, and return what is there."""
    files = {os.path.normpath(path): path for one in given.files for path in _files_of(one)}
    _refuse_unfit(given, files)
    said = (*given.c_options, *given.cxx_options, *given.link_options, *given.environment.values())
    top = common_folder(files, said)
    places = {text: os.path.relpath(text, top or ".") for text in files}
    for text, file in files.items():
        place = folder / places[text]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
        place.chmod(0o755)

    def moved(words: Iterable[str]) -> tuple[str, ...]:
        return moved_words(words, files, top)

    programs = {tool: places[os.path.normpath(path)] for tool, path in given.programs.items()}
    variables = given.environment
    return ToolchainSource(
        path=programs.pop(TOOLS[0]),
        folder=str(folder),
        programs=programs,
        c_options=moved(given.c_options),
        cxx_options=moved(given.cxx_options),
        link_options=moved(given.link_options),
        environment=dict(zip(variables, moved(variables.values()), strict=True)),
    )


def _files_of(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return (path,)
    below = (Path(folder, name) for folder, _, names in os.walk(path, followlinks=True) for name in names)
    return sorted(one for one in below if one.is_file())


def _refuse_unfit(given: GivenToolchain, files: Mapping[str, Path]) -> None:
    if TOOLS[0] not in given.programs:
        raise _unfit(None, "its C compiler is not named", "name it with --program cc=PATH")
    for tool, path in given.programs.items():
        if tool not in TOOLS:
            raise _unfit(tool, "it is no tool of a toolchain", f"name one of {', '.join(TOOLS)}")
        if os.path.normpath(path) in files:
            continue
        if path.startswith("/"):
            why = "the program is one of the machine, and what it reads is not given"
            fix = "give the toolchain's files (--toolchain-file), or name the compiler in the plan (--toolchain)"
            raise _unfit(path, why, fix)
        why = f"the program is not among the {len(files)} files given"
        raise _unfit(path, why, "give all that belongs to the toolchain with --toolchain-file")
    for path in files:
        if path.startswith("/"):
            raise _unfit(path, "its path is absolute", "give all files relative to the working directory")


def _unfit(value: str | None, why: str, fix: str) -> InputError:
    return InputError("use toolchain", value, why=why, fix=fix)


def _write(own: OwnToolchain, output: Path) -> None:
    pin = canonical_json(toolchain_to_json(own.pin))
    with (
        replaced_file(output, mode=0o644) as fresh,
        tarfile.open(fresh, "w", format=tarfile.PAX_FORMAT) as archive,
    ):
        member = tarfile.TarInfo(_PIN)
        member.size = len(pin)
        archive.addfile(member, io.BytesIO(pin))
        for path in sorted(own.tree.rglob("*")):
            if path.is_symlink() or path.is_file():
                archive.add(path, f"{_FILES}/{path.relative_to(own.tree)}", filter=_plain)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return a member without what differs from one machine to another."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = 0
    member.mode = 0o755
    return member


def take_toolchain(archive: Path, services: Services) -> ToolchainPin:
    """Put what `toolchain_step` made into the store, where builds look, and return what it says of itself.

    Raises:
        InputError: it is no such archive.
    """
    try:
        with tarfile.open(archive, "r:") as packed:
            pin = _read_pin(packed)

            def fill(folder: Path) -> None:
                members = []
                for member in packed.getmembers():
                    if member.name.startswith(f"{_FILES}/"):
                        member.name = member.name.removeprefix(f"{_FILES}/")
                        members.append(member)
                # Members that lead out are refused. Python 3.11 has filters from 3.11.4 on (PEP 706).
                packed.extraction_filter = getattr(tarfile, "tar_filter", None)
                packed.extractall(folder, members)  # noqa: S202 # by the filter

            services.store.make_tree("toolchain-files", pin.content, fill)
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError) as error:
        raise InputError(
            "read toolchain",
            str(archive),
            why=" ".join(str(error).split()),
            fix="give what `crosswheel step toolchain` wrote",
        ) from None
    return pin


def _read_pin(packed: tarfile.TarFile) -> ToolchainPin:
    stream = packed.extractfile(_PIN)
    if stream is None:
        raise KeyError(_PIN)
    faults = Faults("read toolchain", _PIN)
    pin = read_toolchain(Fields(json.loads(stream.read()), faults))
    if faults.found:
        raise faults.found[0]
    return pin


def with_toolchain(plan: Plan, target: Target, pin: ToolchainPin) -> Plan:
    """Return a plan in which a toolchain compiles for a target in place of the one that it names."""

    def changed(planned: Iterable[PlannedTarget]) -> tuple[PlannedTarget, ...]:
        return tuple(replace(one, toolchain=pin) if one.target == target else one for one in planned)

    return replace(plan, targets=changed(plan.targets), build_platforms=changed(plan.build_platforms))
