"""A wheel that is fetched or built, checked, and kept in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.check.findings import CheckReport, Severity
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest

__all__ = ["ReadyWheel", "outcome_of", "read_outcome"]


def outcome_of(report: CheckReport) -> dict[str, JsonValue]:
    """Return what the store remembers of a check that passed; who accepts a warning has read it."""
    warnings = [one for one in report.findings if one.severity is Severity.WARNING and not one.accepted]
    return {
        "warnings": [str(one) for one in warnings],
        "unused_accepts": list(report.unused_accepts),
    }


def read_outcome(record: Mapping[str, JsonValue]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the warnings and the unused accepts that `outcome_of` remembered."""
    warnings, unused = record["warnings"], record["unused_accepts"]
    assert isinstance(warnings, list), "the store gives back what was written"
    assert isinstance(unused, list), "the store gives back what was written"
    return tuple(map(str, warnings)), tuple(map(str, unused))


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyWheel:
    """One wheel of one target, ready to be installed or put into a repository.

    Attributes:
        name: normalized project name.
        version: version as the plan says.
        target: id of the target.
        filename: the wheel's file name, with the tags it earned.
        path: the file in the store, under its own name.
        sha256: digest of the file.
        build: id of the build that made it; ``None`` for a prebuilt wheel.
        warnings: what the check found that is not a reason to refuse, one sentence each.
        unused_accepts: accepts given for the wheel that covered no finding.
    """

    name: str
    version: str
    target: str
    filename: str
    path: Path
    sha256: Digest
    build: str | None = None
    warnings: tuple[str, ...] = ()
    unused_accepts: tuple[str, ...] = ()

    def to_json(self) -> JsonValue:
        """Return the wheel as ``--json`` prints it."""
        return {
            "name": self.name,
            "version": self.version,
            "filename": self.filename,
            "sha256": self.sha256.hex,
            "origin": "prebuilt" if self.build is None else "built",
            "warnings": list(self.warnings),
        }
