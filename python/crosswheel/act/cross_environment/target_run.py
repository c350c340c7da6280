"""The command that runs a cross environment's packages by the target Python: directly, or emulated by qemu-user."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.check.byte_reader import DamagedBinaryError
from crosswheel.act.check.elf import Elf, parse_elf
from crosswheel.act.check.elf_machines import ELF_MACHINES
from crosswheel.act.cross_environment.make import SETTINGS_FILE
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.render.cross_environment import QEMU_NAMES
from crosswheel.target.spellings import parse_target
from crosswheel.target.targets import Target
from crosswheel.target.triples import gnu_triple
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Arch
from crosswheel.values.python_abi import PythonAbi

__all__ = ["TargetCommand", "emulator_name", "find_emulator", "target_command"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetCommand:
    """What to execute.

    Attributes:
        arguments: program and arguments.
        environment: the whole environment.
    """

    arguments: tuple[str, ...]
    environment: Mapping[str, str]


def target_command(
    environment: Path, arguments: Sequence[str], *, target_python: Path, root: Path | None = None
) -> TargetCommand:
    """Return the command that runs the target Python with a cross environment's packages.

    Args:
        environment: the cross environment.
        arguments: what the Python is given, e.g. ``("-c", "import numpy")``.
        target_python: the interpreter, or a folder with it: an unpacked system, a prefix, a python-build-standalone.
        root: the folder that holds the target's program loader and C library; ``None`` to look for it.

    Raises:
        InputError: there is no cross environment, no such interpreter, no emulator, or no C library of the target.
    """
    settings = _read_settings(environment)
    target = _target_of(settings)
    executable = _interpreter(target_python, target)
    elf = _checked_elf(executable, target)
    variables = _variables(settings, os.environ)
    if elf.interpreter is not None and _runs_here(elf, target, root):
        return TargetCommand(arguments=(str(executable), *arguments), environment=variables)
    program = _emulator(target)
    loader = (
        [] if elf.interpreter is None else ["-L", str(_root(elf.interpreter, target_python, target, root))]
    )
    # qemu takes its own options from variables too, and these would go before ours.
    variables = {name: value for name, value in variables.items() if name != "QEMU_LD_PREFIX"}
    return TargetCommand(arguments=(program, *loader, str(executable), *arguments), environment=variables)


def _read_settings(environment: Path) -> Mapping[str, object]:
    try:
        settings: Mapping[str, object] = json.loads((environment / SETTINGS_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        raise InputError(
            "use cross environment",
            str(environment),
            why=f"it has no {SETTINGS_FILE} that can be read",
            fix="make one with `crosswheel venv`",
        ) from None
    return settings


def _target_of(settings: Mapping[str, object]) -> Target:
    python = PythonAbi(major=3, minor=11)  # the id says it all
    return parse_target(str(settings["target"]), python=python).target


def _interpreter(place: Path, target: Target) -> Path:
    name = f"python{target.python.version}{target.python.flags}"
    candidates = (
        [place]
        if place.is_file()
        else [
            place / folder / name
            for folder in (
                "bin",
                "usr/bin",
                "usr/local/bin",
                "python/bin",
                "install/bin",
                "python/install/bin",
            )
        ]
    )
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise InputError(
        "run the target Python of",
        str(place),
        why=f"there is no '{name}' in it" if place.is_dir() else "there is no such file or folder",
        fix=f"give --target-python the path of CPython {target.python.version} for {target.id}, or of a folder with it: "
        "an unpacked system, or a python-build-standalone archive, unpacked",
    )


def _checked_elf(executable: Path, target: Target) -> Elf:
    expected = ELF_MACHINES.get(target.platform.arch)
    try:
        elf = parse_elf(executable.read_bytes())
    except (OSError, DamagedBinaryError):
        elf = None
    if elf is None or expected is None or (elf.machine, elf.bits) != (expected.machine, expected.bits):
        raise InputError(
            "run target Python",
            str(executable),
            why=f"it is no program for {target.platform.arch.value}"
            + ("" if elf is None else f" (ELF machine {elf.machine})"),
            fix=f"give --target-python a CPython {target.python.version} for {target.id}",
        )
    return elf


def _runs_here(elf: Elf, target: Target, root: Path | None) -> bool:
    here = build_machine_platform().arch
    return root is None and target.platform.arch is here and Path(str(elf.interpreter)).exists()


def emulator_name(arch: Arch) -> str:
    """Return the name of qemu's program that runs programs of `arch`."""
    return f"qemu-{QEMU_NAMES.get(arch, arch.value)}"


def find_emulator(arch: Arch) -> str | None:
    """Return the path of qemu's program that runs programs of `arch`, ``None`` if it is not on ``PATH``."""
    name = emulator_name(arch)
    return next((found for program in (f"{name}-static", name) if (found := shutil.which(program))), None)


def _emulator(target: Target) -> str:
    name = emulator_name(target.platform.arch)
    if (found := find_emulator(target.platform.arch)) is not None:
        return found
    raise InputError(
        "run target Python of",
        target.id,
        why=f"neither '{name}-static' nor '{name}' is on PATH, and this machine does not run such programs itself",
        fix="install qemu-user (Debian: qemu-user-static), or run it on a machine of the target",
    )


def _root(loader: str, place: Path, target: Target, root: Path | None) -> Path:
    """Return the folder in which the program loader of the target's C library is found."""
    candidates = [root] if root is not None else list(_roots(place, target))
    for candidate in candidates:
        if os.path.lexists(f"{candidate}{loader}"):
            return candidate
    raise InputError(
        "run target Python of",
        target.id,
        why=f"its program loader '{loader}' is not in {', '.join(str(candidate) for candidate in candidates)}",
        fix="give --root the folder of an unpacked system of the target "
        f"(Debian: install libc6-{target.platform.arch.value}-cross, which is found in /usr/{gnu_triple(target.platform)})",
    )


def _roots(place: Path, target: Target) -> Iterator[Path]:
    yield from (folder for folder in (place.absolute(), *place.absolute().parents) if folder != Path("/"))
    if given := os.environ.get("QEMU_LD_PREFIX"):
        yield Path(given)
    yield Path("/usr") / gnu_triple(target.platform)


def _variables(settings: Mapping[str, object], given: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's environment with nothing of the cross environment but its modules."""
    own, folders = settings["variables"], settings["folders"]
    assert isinstance(own, dict) and isinstance(folders, dict)  # noqa: PT018  # we wrote them
    kept = {
        name: value
        for name, value in given.items()
        if own.get(name) != value and not name.startswith(("CROSSWHEEL_", "_CROSSWHEEL_", "PYTHON"))
    }
    path = given.get("PATH", os.defpath).split(os.pathsep)
    kept["PATH"] = os.pathsep.join(folder for folder in path if folder not in folders["PATH"])
    kept["PYTHONPATH"] = str(settings["modules"])
    kept["PYTHONNOUSERSITE"] = "1"
    return kept
