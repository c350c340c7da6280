"""What this machine has of what crosswheel works with, and how to get what it has not.

Each fact is found by doing what a build would do: the sandbox runs a program, an interpreter is started, the store is
written to. Nothing is fetched.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from crosswheel.act.building.build_python import find_build_python
from crosswheel.act.building.sandbox import choose_sandbox
from crosswheel.act.cross_environment.target_run import emulator_name, find_emulator
from crosswheel.act.machine_platform import build_machine_platform, build_machine_python
from crosswheel.act.storage.store import Store
from crosswheel.act.target_python.headers import GET_HEADERS, has_headers
from crosswheel.act.target_python.load_description import shipped_descriptions
from crosswheel.target.support import FAMILIES
from crosswheel.values.errors import BuildPythonError, CrosswheelError, InputError
from crosswheel.values.platforms import Arch, Linux
from crosswheel.values.python_abi import PythonAbi

__all__ = ["MachineFact", "State", "inspect_machine"]


class State(Enum):
    """Whether something is there."""

    THERE = "there"
    OPTIONAL = "not there, and not needed for the main job"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class MachineFact:
    """One thing that crosswheel works with.

    Attributes:
        name: what it is.
        state: whether it is there.
        needed_for: what it is for.
        words: what was found, or why it was not.
        fix: how to get it; empty where it is there.
        exit_code: that of the error a build would end with; 0 where it would not.
    """

    name: str
    state: State
    needed_for: str
    words: str
    fix: str = ""
    exit_code: int = 0


def inspect_machine(store: Store) -> Iterator[MachineFact]:
    """Yield what this machine has, the needed first.

    Args:
        store: the store to look at; nothing is left in it.
    """
    yield _found("build machine", "cross builds", lambda: build_machine_platform().id)
    yield _found("sandbox", "cross builds", lambda: f"{choose_sandbox().kind} works")
    yield _found("store", "everything", lambda: _store(store))
    yield from _build_pythons()
    yield from _emulators()
    for program, command, needed_for in (
        ("Bazel", "bazel", "the Bazel rules"),
        ("Nix", "nix", "the flake"),
        ("skopeo", "skopeo", "moving images to and from registries"),
    ):
        yield _program(program, command, needed_for)


def _found(name: str, needed_for: str, look: Callable[[], str]) -> MachineFact:
    try:
        return MachineFact(name=name, state=State.THERE, needed_for=needed_for, words=look())
    except CrosswheelError as error:
        return MachineFact(
            name=name,
            state=State.MISSING,
            needed_for=needed_for,
            words=error.why,
            fix=error.fix,
            exit_code=error.exit_code,
        )


def _store(store: Store) -> str:
    with store.scratch():  # what cannot be written to says so
        pass
    free = shutil.disk_usage(store.root).free
    return f"{store.root}, {free / 1e9:.1f} GB free"


def _build_pythons() -> Iterator[MachineFact]:
    """Yield one fact for each X.Y; all but this interpreter's own are needed only for targets of that Python."""
    own = build_machine_python()
    for python in _described_pythons():
        name, needed_for = f"build Python {python.version}", f"building sdists for CPython {python.version}"
        try:
            found = find_build_python(python)
        except BuildPythonError as error:
            state, exit_code = (State.MISSING, error.exit_code) if python == own else (State.OPTIONAL, 0)
            yield MachineFact(
                name=name,
                state=state,
                needed_for=needed_for,
                words="no such interpreter is installed",
                fix=error.fix,
                exit_code=exit_code,
            )
            continue
        complete = has_headers(found.include)
        lacking, exit_code = (State.MISSING, InputError.exit_code) if python == own else (State.OPTIONAL, 0)
        yield MachineFact(
            name=name,
            state=State.THERE if complete else lacking,
            needed_for=needed_for,
            words=f"{found.executable} ({found.version})" + ("" if complete else ", without headers"),
            fix="" if complete else GET_HEADERS,
            exit_code=0 if complete else exit_code,
        )


def _described_pythons() -> Sequence[PythonAbi]:
    """Return the CPython X.Y that crosswheel ships target descriptions of, the oldest first."""
    tags = {name.partition("-")[0].removeprefix("cp").rstrip("t") for name in shipped_descriptions()}
    return [PythonAbi(major=3, minor=minor) for minor in sorted(int(tag.removeprefix("3")) for tag in tags)]


def _emulators() -> Iterator[MachineFact]:
    here = build_machine_platform().arch
    arches: dict[Arch, None] = dict.fromkeys(
        platform.arch for platform in FAMILIES if isinstance(platform.os, Linux) and platform.arch is not here
    )
    there = {arch: found for arch in arches if (found := find_emulator(arch)) is not None}
    names = ", ".join(emulator_name(arch) for arch in arches if arch not in there)
    found = ", ".join(arch.value for arch in there)
    yield MachineFact(
        name="emulators",
        state=State.OPTIONAL if names else State.THERE,
        needed_for="running what was built (`crosswheel run`); building never runs it",
        words=(f"for {found}" if found else "none") + (f"; not there: {names}" if names and found else ""),
        fix="install qemu-user (Debian: qemu-user-static)" if names else "",
    )


def _program(name: str, command: str, needed_for: str) -> MachineFact:
    program = shutil.which(command)
    if program is None:
        return MachineFact(
            name=name,
            state=State.OPTIONAL,
            needed_for=needed_for,
            words=f"no '{command}' on PATH",
            fix=f"install {name}",
        )
    return MachineFact(name=name, state=State.THERE, needed_for=needed_for, words=_version_of(Path(program)))


def _version_of(program: Path) -> str:
    """Return the first line that a program says of its version, after its path."""
    try:
        said = subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
            stdin=subprocess.DEVNULL,
        ).stdout
    except (OSError, ValueError, subprocess.SubprocessError):
        return f"{program}, which does not say its version"
    return f"{program} ({said.strip().splitlines()[0] if said.strip() else 'no version'})"
