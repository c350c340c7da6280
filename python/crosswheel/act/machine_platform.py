"""Which platform this machine is as a build platform, by the rule that names of build platforms follow."""

from __future__ import annotations

import platform
import sys

from crosswheel.target.spellings import parse_build_platform
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Platform
from crosswheel.values.python_abi import PythonAbi

__all__ = ["build_machine_platform", "build_machine_python"]


def build_machine_python() -> PythonAbi:
    """Return the ABI of the interpreter that runs crosswheel."""
    threads = bool(getattr(sys, "abiflags", "").count("t"))
    return PythonAbi(major=sys.version_info[0], minor=sys.version_info[1], free_threaded=threads)


def build_machine_platform() -> Platform:
    """Return the build platform of this machine: its system and architecture; versions are the rule's.

    The versions are not read from the machine: plans made on two machines of one kind must be the same.

    Raises:
        InputError: crosswheel knows no platform of this name.
    """
    system = {"darwin": "macos", "win32": "win"}.get(sys.platform, sys.platform)
    name = f"{system}_{platform.machine().lower()}"
    try:
        return parse_build_platform(name, python=build_machine_python())
    except InputError as error:
        raise InputError(
            "use this machine as build platform",
            name,
            why=error.why,
            fix="name the build platform with --build-platform",
        ) from None
