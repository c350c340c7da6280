"""A toolchain found on this machine, and the programs that go with a compiler."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from crosswheel.decide.plans.toolchain_pin import TOOLS

__all__ = ["LocatedToolchain", "programs_beside"]

#: What LLVM calls its tools, where GNU's are called by their plain names.
_LLVM_NAMES: Mapping[str, str] = MappingProxyType(
    {tool: "ld.lld" if tool == "ld" else f"llvm-{tool}" for tool in TOOLS}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LocatedToolchain:
    """A toolchain on this machine.

    Attributes:
        family: ``gcc`` or ``clang``.
        version: what the compiler says of itself.
        folder: its folder.
        inputs: what of it belongs to the toolchain, relative; empty for all.
        programs: by tool, relative to `folder`.
        sysroot: the folder with the target's C library, if it is another.
        options: see `crosswheel.decide.plans.toolchain_pin.ToolchainPin`.
        c_options: see there.
        cxx_options: see there.
        link_options: see there.
        environment: see there.
    """

    family: str
    version: str
    folder: Path
    programs: Mapping[str, str]
    inputs: tuple[str, ...] = ()
    sysroot: Path | None = None
    options: tuple[str, ...] = ()
    c_options: tuple[str, ...] = ()
    cxx_options: tuple[str, ...] = ()
    link_options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def programs_beside(folder: Path, program: Path, family: str) -> dict[str, str]:
    """Return the programs that go with a C compiler, by tool and relative to `folder`; those that are not there are left out.

    They are in its folder and have its name but for one word: ``TRIPLE-gcc-12``, ``TRIPLE-g++-12``, ``TRIPLE-ar``;
    ``clang-16``, ``clang++-16``, ``llvm-ar-16`` or ``llvm-ar``.

    Args:
        folder: what the paths are relative to.
        program: the compiler.
        family: its family, ``gcc`` or ``clang``.
    """
    word, cxx = ("clang", "clang++") if family == "clang" else ("gcc", "g++")
    before, _, after = program.name.partition(word) if word in program.name else ("", "", "")
    found = {"cc": program}
    for tool in TOOLS[1:]:
        plain = _LLVM_NAMES[tool] if family == "clang" else f"{before}{tool}"
        names = [f"{before}{cxx}{after}"] if tool == "c++" else [f"{plain}{after}", plain]
        place = next((program.parent / name for name in names if (program.parent / name).is_file()), None)
        found |= {} if place is None else {tool: place}
    return {tool: os.path.relpath(place, folder) for tool, place in found.items()}
