"""What a project's own files say of where it runs: the lock, the Python and the targets to begin with."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crosswheel.decide.images.lambda_runtimes import lambda_runtime
from crosswheel.decide.locks.lock_formats import lock_format
from crosswheel.decide.locks.own_folders import is_member, locked_folders, own_package
from crosswheel.decide.projects.composed_services import built_files, compositions, is_compose_file
from crosswheel.decide.projects.container_commands import ContainerCommand, container_command
from crosswheel.decide.projects.place_hints import (
    PlaceHints,
    container_hints,
    hints_of,
    is_composition,
    is_container_file,
    is_template,
)
from crosswheel.decide.projects.project_tools import LOCK_INPUT, TOOL_FILES, how_to_lock, required_python
from crosswheel.target.spellings import parse_target, spellings_of
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError
from crosswheel.values.platforms import Arch, Glibc, Linux, Musl, Platform, glibc_floor
from crosswheel.values.python_abi import PythonAbi, parse_python_version
from crosswheel.values.wording import listed

__all__ = ["Proposal", "WorkspaceAbove", "is_lock", "is_read", "propose", "with_members"]

#: What is planned for where nothing says a processor.
_USUAL = (Arch.AARCH64, Arch.X86_64)
#: A line of .python-version, as pyenv and uv write it.
_PINNED_PYTHON = re.compile(
    r"^(?:cpython[-@])?(3\.\d+)(?:\.\d+)?(?:(?:a|b|rc)\d+|-dev)?(t|\+freethreaded)?(?=-\w|\s|$)", re.MULTILINE
)
#: Pythons that a range may mean, where this interpreter's is not in it.
_PYTHONS = tuple(f"3.{minor}" for minor in range(10, 15))


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What to begin with.

    Attributes:
        lock: name of the lock.
        python: ``X.Y`` of the targets.
        targets: spellings.
        projects: folders that are planned besides, relative to the project's.
        on_lambda: whether it runs as a function of AWS Lambda that is packed as a zip archive.
        notes: what the project says that is not planned.
        command: what containers of the project start; nothing where its Dockerfiles say nothing, or several things.
        reasons: why it is these, by ``lock``, ``python``, ``targets`` and ``projects``.
    """

    lock: str
    python: str
    targets: tuple[str, ...]
    projects: tuple[str, ...]
    on_lambda: bool
    reasons: Mapping[str, str]
    notes: tuple[str, ...] = ()
    command: ContainerCommand = field(default_factory=ContainerCommand)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkspaceAbove:
    """A workspace whose lock has the project.

    Attributes:
        folder: the workspace's, as a command takes it.
        member: the project's, likewise.
    """

    folder: str
    member: str

    @property
    def command(self) -> str:
        """What plans for the project."""
        there = "" if self.folder == "." else f" {shlex.quote(self.folder)}"
        return f"crosswheel init{there} --project {shlex.quote(self.member)}"


def is_read(name: str) -> bool:
    """Tell whether a file of a project's folder, by its path in it, says something to `propose`."""
    return (
        name in {"pyproject.toml", "uv.lock", ".python-version"}
        or is_template(name)
        or is_composition(name)
        or name in TOOL_FILES
        or LOCK_INPUT.fullmatch(name) is not None
        or is_lock(name)
        or is_container_file(name)
    )


def is_lock(name: str) -> bool:
    """Tell whether a file has the name of a lock, of a tool of which there may be none that we read."""
    return (
        re.fullmatch(
            r"pylock(\.[^.]+)?\.toml|uv\.lock|requirements[\w.-]*\.txt|poetry\.lock|pdm\.lock|Pipfile\.lock",
            name,
        )
        is not None
    )


def propose(
    files: Mapping[str, str],
    *,
    project: str,
    running: PythonAbi,
    below: Sequence[str] = (),
    above: WorkspaceAbove | None = None,
    lock: str = "",
    python: str = "",
    targets: tuple[str, ...] = (),
    projects: tuple[str, ...] | None = None,
) -> Proposal:
    """Return what to begin with.

    Args:
        files: text of each file of the folder that `is_read`, by name.
        project: the folder's name, for messages.
        below: locks in folders of the project, which are only named where it has none itself.
        running: the Python that runs, for where nothing says another.
        above: the workspace whose lock has the project, likewise; ``None`` where there is none.
        lock: the lock that the user chose; empty to find one.
        python: the Python that the user chose, likewise.
        targets: those that the user chose, likewise.
        projects: folders of their own that the user chose to be planned; ``None`` to find them.

    Raises:
        InputError: there is no lock, or several that may be meant.
    """
    hints = _hints(files)
    chosen_lock, why_lock = (lock, "as you said") if lock else _lock(files, project, below, above)
    chosen_python, why_python = (
        (python, "as you said") if python else _python(files, hints, running, chosen_lock)
    )
    if python:
        parse_python_version(python)
    else:
        _refuse_forbidden(files, chosen_lock, chosen_python, why_python)
    chosen, why = (targets, "as you said") if targets else _targets(hints, chosen_python, files)
    ours, why_ours = (projects, "as you said") if projects is not None else _projects(files, chosen_lock)
    for target in chosen:
        parse_target(target, python=parse_python_version(chosen_python))
    return Proposal(
        lock=chosen_lock,
        python=chosen_python,
        targets=chosen,
        projects=ours,
        on_lambda=any(is_template(hint.place) for hint in hints),
        reasons={"lock": why_lock, "python": why_python, "targets": why, "projects": why_ours},
        notes=(
            *([] if targets else _left_out(hints)),
            *([] if targets and python else _unread(files)),
        ),
        command=_command(files, hints),
    )


def with_members(
    files: Mapping[str, str], members: Mapping[str, str], *, chosen: bool
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the files with those container files that say how what is planned for runs, and what the user should know of the others.

    Args:
        files: those of the project's folder.
        members: the container files of the workspace's members that may be planned for, by path.
        chosen: whether these members were chosen; else they are all that there are.
    """
    if chosen and members:
        kept = {name: text for name, text in files.items() if not is_container_file(posixpath.basename(name))}
        return {**kept, **members}, ()
    if not members or any(is_container_file(posixpath.basename(name)) for name in files):
        return dict(files), ()
    folders = sorted({posixpath.dirname(name) for name in members})
    if len(folders) == 1:
        return {**files, **members}, ()
    note = (
        f"{listed(folders)} have Dockerfiles of their own, which are not read: plan for one of these members, for example with "
        f"--project {shlex.quote(folders[0])}"
    )
    return dict(files), (note,)


def _projects(files: Mapping[str, str], lock: str) -> tuple[tuple[str, ...], str]:
    """Return the folders that a plan of the lock takes besides: those it names, and the project's if it is a package."""
    members = locked_folders(files[lock], lock_format(lock, files[lock])) if lock in files else ()
    package = own_package(files.get("pyproject.toml", ""))
    own = package is not None and package.is_static
    why = (
        [f"{lock} has them as folders" if len(members) > 1 else f"{lock} has it as a folder"]
        if members
        else []
    )
    why += ["pyproject.toml makes this folder a package"] if own else []
    return (*members, *((".",) if own else ())), "; ".join(why)


def _lock(
    files: Mapping[str, str], project: str, below: Sequence[str], above: WorkspaceAbove | None
) -> tuple[str, str]:
    for name in ("pylock.toml", "uv.lock"):
        if name in files:
            other = "uv.lock" if name != "uv.lock" and "uv.lock" in files else ""
            return name, f"it is there, and goes before {other}" if other else "it is there"
    others: list[str] = []
    faults: dict[str, CrosswheelError] = {}
    for name in sorted(filter(is_lock, files)):
        try:
            lock_format(name, files[name])
            if "--hash" in files[name] or name.endswith(".toml"):
                others.append(name)
        except CrosswheelError as error:
            faults[name] = error
    if len(others) == 1:
        return others[0], "it is the only one that is there"
    if others:
        first = "requirements.txt" if "requirements.txt" in others else others[0]
        raise InputError(
            "start project",
            project,
            why=f"there are several locks: {', '.join(others)}",
            fix=f"choose one, for example --lock {shlex.quote(first)}",
        )
    for name, fault in faults.items():
        if name.endswith(".lock"):  # another tool's, which exports it
            raise fault
    if "requirements.txt" in files:
        fix = "lock it: `uv pip compile --universal --format pylock.toml requirements.txt -o pylock.toml`"
        raise InputError(
            "start project", project, why="requirements.txt has no hashes, and there is no lock", fix=fix
        )
    for fault in faults.values():
        raise fault
    if above is not None:
        why = f"there is no lock in the folder itself, but that of its workspace in {above.folder}"
        raise InputError("start project", project, why=why, fix=f"begin there: `{above.command}`")
    if below:
        raise InputError(
            "start project",
            project,
            why=f"there is no lock in the folder itself, but {', '.join(below)}",
            fix=f"choose one, for example --lock {shlex.quote(below[0])}",
        )
    raise InputError("start project", project, why="there is no lock in the folder", fix=how_to_lock(files))


def _hints(files: Mapping[str, str]) -> list[PlaceHints]:
    built, composed = built_files(files), compositions(files)
    containers = {name: container_hints(name, files[name], built.get(name)) for name in _containers(files)}
    # What says for what images are made completes what says of what they are made.
    ordered = sorted(files.items(), key=lambda one: (is_composition(one[0]), one[0]))
    read = [hints_of(name, text, containers, composed.get(name)) for name, text in ordered]
    found = [hints for hints in read if hints.says_something]
    # Where there is an image with Python, the other images are of other things.
    made = any(one.has_python for one in containers.values())
    found = [
        replace(one, python="", other_python="", libc=None) if made and is_compose_file(one.place) else one
        for one in found
    ]
    images = [one for one in found if one.place in containers]
    has = made or any(one.has_python for one in found if is_compose_file(one.place))
    others = [one for one in images if not one.has_python] if has else []
    return [one for one in found if one not in others]


def _containers(files: Mapping[str, str]) -> list[str]:
    built = built_files(files)
    lock = files.get("uv.lock", "")
    return [name for name in sorted(files) if name in built or _is_container_file(name, lock)]


def _is_container_file(path: str, lock: str) -> bool:
    """Tell whether a file of the project, or of a member of its workspace, says of what an image is made."""
    folder, name = posixpath.split(path)
    return is_container_file(name) and (not folder or is_member(lock, folder))


def _command(files: Mapping[str, str], hints: list[PlaceHints]) -> ContainerCommand:
    """Return the one command of the Dockerfiles of images with Python, or of all where none is known to have it."""
    built = built_files(files)
    stages = {name: built[name].stage if name in built else "" for name in _containers(files)}
    with_python = [one.place for one in hints if one.has_python and one.place in stages]
    said = {
        replace(command, folder=posixpath.dirname(name))
        for name in with_python or stages
        if (command := container_command(files[name], stages[name])) != ContainerCommand()
    }
    return said.pop() if len(said) == 1 else ContainerCommand()


def _python(
    files: Mapping[str, str], hints: list[PlaceHints], running: PythonAbi, lock: str
) -> tuple[str, str]:
    for hint in hints:
        if hint.python:
            return hint.python, f"{hint.told} says so"
    chosen, why = _unsaid_python(files, hints, running, lock)
    others = [one for one in hints if one.other_python]
    words = [
        f"; {one.other_python}, which {one.told} is on, has no CPython, the only Python that is planned for"
        for one in others[:1]
    ]
    return chosen, "".join([why, *words])


def _unsaid_python(
    files: Mapping[str, str], hints: list[PlaceHints], running: PythonAbi, lock: str
) -> tuple[str, str]:
    """Return the Python, and why, where no file says in what the project runs."""
    said = files.get(".python-version", "")
    if (pinned := _PINNED_PYTHON.search(said)) is not None:
        return f"{pinned[1]}{'t' * bool(pinned[2])}", ".python-version says so"
    required = required_python(files, lock=lock)
    if required is not None and not required.allows_all_of(running.version):
        allowed = [version for version in _PYTHONS if required.allows_all_of(version)]
        partly = [version for version in (running.version, *_PYTHONS) if required.allows(version)]
        if allowed or partly:
            return (allowed or partly)[0], str(required)
    other = (
        f"; .python-version says '{said.split()[0]}', which is no version of CPython" if said.strip() else ""
    )
    for hint in hints:
        if hint.base_python not in ("", running.version):
            other += f"; {hint.base}, which {hint.told} is on, has {hint.base_python} of its own: if the project runs with that, say --python {hint.base_python}"
            break
    return running.version, f"it is the Python that crosswheel runs in{other}"


def _refuse_forbidden(files: Mapping[str, str], lock: str, python: str, why: str) -> None:
    try:
        parse_python_version(python)
    except InputError as error:
        raise InputError(
            "start project with Python",
            python,
            why=f"{why}, and {error.why}",
            fix="say which with --python, or change what says so",
        ) from None
    required = required_python(files, lock=lock)
    if required is not None and not required.allows(python):
        raise InputError(
            "start project with Python",
            python,
            why=f"{why}, and {required}",
            fix="say which with --python, or change what says so",
        )


def _targets(hints: list[PlaceHints], python: str, files: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    composed = next((one for one in hints if is_composition(one.place) and one.architectures), None)
    for hint in hints:
        elsewhere = composed.architectures if composed is not None and not hint.on_lambda else ()
        if hint.refused and not (hint.architectures or elsewhere):
            raise _refusal(hint.told, *next(iter(hint.refused.items())))
        architectures = hint.architectures or elsewhere or _USUAL
        where = (
            hint.told
            if hint.architectures or not elsewhere or composed is None
            else f"{hint.told}, with {listed([composed.place, *composed.parts])},"
        )
        libc = hint.libc
        if libc is not None:
            what = "Alpine" if isinstance(libc, Musl) else f"a system with glibc {libc.major}.{libc.minor}"
            return tuple(_spelling(one, python, libc) for one in architectures), f"{where} is on {what}"
        if hint.on_lambda:
            return tuple(_on_lambda(one, python) for one in architectures), f"{where} is for Lambda"
        if hint.architectures:
            return tuple(_spelling(one, python) for one in architectures), f"{hint.told} says so"
    usual = tuple(_spelling(one, python) for one in _USUAL)
    read = [
        *_containers(files),
        *(path for name, one in compositions(files).items() for path in (name, *one.parts)),
    ]
    if read:
        return usual, f"no processor is named in {', '.join(read)}: Linux on both usual ones"
    return usual, "nothing says where it runs: Linux on both usual processors"


def _refusal(place: str, name: str, error: InputError) -> InputError:
    return InputError(
        "start project for",
        name,
        why=f"{place} names it, and {error.why}",
        fix=f"name the targets with --target: {error.fix}",
    )


def _left_out(hints: list[PlaceHints]) -> Iterator[str]:
    for hint in hints:
        for name, error in (hint.refused or {}).items():
            yield f"{name}, which {hint.told} names, is left out: {error.why}"


def _unread(files: Mapping[str, str]) -> Iterator[str]:
    faults = {path: fault for one in compositions(files).values() for path, fault in one.faults.items()}
    for path, fault in faults.items():
        yield f"{path} is not read as a compose file: {fault}"


def _spelling(arch: Arch, python: str, libc: Glibc | Musl | None = None) -> str:
    """Return a target's short name, or with a C library that is none of the usual ones the tag of its wheels."""
    abi = parse_python_version(python)
    usual = parse_target(f"linux_{arch.value}", python=abi).target
    assert isinstance(usual.platform.os, Linux), "its name begins so"
    of_glibc = usual.platform.os.libc
    if isinstance(libc, Glibc) and libc < glibc_floor(arch):
        libc = glibc_floor(arch)  # there is no image of the architecture with an older one
    if libc is None or (isinstance(libc, Glibc) and isinstance(of_glibc, Glibc) and libc >= of_glibc):
        return spellings_of(usual)["short"]
    return spellings_of(Target(python=abi, platform=Platform(os=Linux(libc=libc), arch=arch)))["wheel tag"]


def _on_lambda(arch: Arch, python: str) -> str:
    """Return the target of a Lambda runtime, whose glibc may be older than a target's usual one."""
    target = parse_target(_spelling(arch, python), python=parse_python_version(python)).target
    return _spelling(arch, python, lambda_runtime(target).glibc)
