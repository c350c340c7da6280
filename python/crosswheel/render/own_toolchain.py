"""What ``toolchain.json`` says of a toolchain of the user's own, which compiles for the target in zig's place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.render.build_paths import BuildPaths
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue

__all__ = ["COMPILER_VARIABLE", "own_environment", "own_programs"]

#: Set for every program of a toolchain: a launcher that sees it was called by one of them.
COMPILER_VARIABLE = "CROSSWHEEL_COMPILER"


def own_programs(pin: ToolchainPin, target: Target, paths: BuildPaths) -> dict[str, JsonValue]:
    """Return ``family``, ``programs`` and ``link_options`` of a toolchain, its files standing below `BuildPaths.compiler`.

    A program that is a Python script is run by the build Python, for nothing else in the sandbox is sure to run it.
    """
    places = _places(target, paths)
    compilers = {"cc": (*pin.options, *pin.c_options), "c++": (*pin.options, *pin.cxx_options)}

    def words(tool: str, path: str) -> list[JsonValue]:
        program = [f"{paths.compiler}/{path}"]
        if path.endswith(".py"):
            program = [places["python"], "-E", "-s", *program]
        return [*program, *_told(compilers.get(tool, ()), places)]

    programs: dict[str, JsonValue] = {tool: words(tool, path) for tool, path in pin.programs.items()}
    return {
        "family": pin.family,
        "programs": programs,
        "link_options": list(_told(pin.link_options, places)),
    }


def own_environment(pin: ToolchainPin, target: Target, paths: BuildPaths) -> dict[str, JsonValue]:
    """Return the variables that are set for the programs of a toolchain.

    One of them tells the launchers that a compiler called them, which has no linker of its own then.
    """
    places = _places(target, paths)
    values = _told(pin.environment.values(), places)
    return {**dict(zip(pin.environment, values, strict=True)), COMPILER_VARIABLE: "1"}


def _places(target: Target, paths: BuildPaths) -> Mapping[str, str]:
    return {
        "folder": paths.compiler,
        "sysroot": paths.compiler_sysroot,
        "python": f"{paths.python}/bin/python{target.python.version}",
    }


def _told(texts: Iterable[str], places: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_with_places(text, places) for text in texts)


def _with_places(text: str, places: Mapping[str, str]) -> str:
    """Return a text in which ``{folder}`` and its like stand for the places; no other brace means anything."""
    for name, place in places.items():
        text = text.replace(f"{{{name}}}", place)
    return text
