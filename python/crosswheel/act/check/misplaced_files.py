"""Files and programs of a wheel that Python would run at every start, or that replace a part of Python or of the system."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crosswheel.act.wheels.wheel_scripts import parse_entry_points

from .findings import Finding, Severity
from .installed_places import start_up_place
from .oracle import OracleWheel
from .system_places import SystemPart, SystemPlace, program_place, system_place
from .wheel_checks import WheelFacts

__all__ = ["misplaced_files"]


def misplaced_files(
    facts: WheelFacts, members: tuple[str, ...], oracle: OracleWheel | None
) -> Iterator[Finding]:
    """Yield such files, of a build only those the published wheel lacks.

    Args:
        facts: the wheel.
        members: all its member names.
        oracle: a prebuilt wheel of the same release.
    """
    started = {place for path in oracle.members if (place := start_up_place(path))} if oracle else set()
    published = set(oracle.members) if oracle else set()
    for path in members:
        place = start_up_place(path)
        if place is not None and place not in started:
            yield facts.finding(
                "start-up-file", path, _start_up_words(facts, oracle), at_most=_start_up_limit(facts, place)
            )
        elif place is None and path not in published and (taken := system_place(path)) is not None:
            yield from _taken(facts, path, "it", path.rpartition("/")[2], taken)
    yield from _misplaced_programs(facts, oracle)


def _misplaced_programs(facts: WheelFacts, oracle: OracleWheel | None) -> Iterator[Finding]:
    published = set() if oracle is None else _programs(oracle.dist_info.get("entry_points.txt", b""))
    for name in sorted(_programs(facts.dist_info.files.get("entry_points.txt", b"")) - published):
        if (taken := program_place(name)) is not None:
            path = f"{facts.dist_info.folder}/entry_points.txt"
            yield from _taken(facts, path, f"its program {name}", name, taken)


def _programs(entry_points: bytes) -> set[str]:
    return {point.name for point in parse_entry_points(entry_points)[0]}


def _taken(facts: WheelFacts, path: str, subject: str, name: str, taken: SystemPlace) -> Iterator[Finding]:
    """Yield what takes another's place; a project may bring the program that is called after it, as pip does."""
    if taken.part is SystemPart.PROGRAM and re.sub(r"[\d.]+$", "", name) == facts.name.project.lower():
        return
    message = f"{subject} would be installed over {taken.words}"
    message += "; keep it out of the wheel" if facts.built else ""
    yield facts.finding("system-file", path, message, at_most=_system_limit(facts, taken.part))


def _start_up_words(facts: WheelFacts, oracle: OracleWheel | None) -> str:
    if not facts.built:
        return "Python will run it at every start, whatever is imported; read what it does"
    if oracle is None:
        return "Python would run it at every start; nothing proves that the project means it"
    return "Python would run it at every start; no published wheel of this release has it"


def _start_up_limit(facts: WheelFacts, place: str) -> Severity:
    # Plug-ins of pytest, coverage and setuptools ship a .pth; there is one sitecustomize for all packages.
    usual = not facts.built and place.endswith((".pth", ".start"))
    return Severity.NOTE if usual else Severity.ERROR


def _system_limit(facts: WheelFacts, part: SystemPart) -> Severity:
    match part:
        case SystemPart.CONFIGURATION:  # below a prefix of its own, etc/ is a custom of Jupyter's packages
            return Severity.WARNING if facts.built else Severity.NOTE
        case SystemPart.PROGRAM:  # in an environment of its own it only comes first on PATH
            return Severity.ERROR if facts.built else Severity.WARNING
        case SystemPart.PYTHON:
            return Severity.ERROR
