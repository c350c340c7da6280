"""Files of a wheel that Python would run at every start, or that replace a part of Python or of the system."""

from __future__ import annotations

from collections.abc import Iterator

from .findings import Finding, Severity
from .installed_places import start_up_place, system_place
from .oracle import OracleWheel
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
        place, part = start_up_place(path), system_place(path)
        if place is not None and place not in started:
            yield facts.finding(
                "start-up-file", path, _start_up_words(facts, oracle), at_most=_start_up_limit(facts, place)
            )
        elif part is not None and place is None and path not in published:
            message = f"it would be installed over {part}; keep it out of the wheel"
            if not facts.built:
                message = f"it would be installed over {part}"
            yield facts.finding("system-file", path, message, at_most=_system_limit(facts, path))


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


def _system_limit(facts: WheelFacts, path: str) -> Severity:
    # Below a prefix of its own, etc/ is a custom of Jupyter's packages.
    if path.partition(".data/data/")[2].startswith("etc/"):
        return Severity.WARNING if facts.built else Severity.NOTE
    return Severity.ERROR
