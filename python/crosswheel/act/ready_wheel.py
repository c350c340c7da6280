"""A wheel that is fetched or built, checked, and kept in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from crosswheel.act.check.findings import CheckReport, Severity
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest

__all__ = ["CheckOutcome", "ReadyWheel"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckOutcome:
    """What is remembered of a check that passed.

    Attributes:
        warnings: what it found that is not a reason to refuse, one sentence each; who accepts one has read it.
        unused_accepts: accepts given for the wheel that covered no finding.
        requirements: the wheel's Requires-Dist lines.
    """

    warnings: tuple[str, ...] = ()
    unused_accepts: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()

    @classmethod
    def of(cls, report: CheckReport) -> CheckOutcome:
        """Return the outcome of a check."""
        warnings = [one for one in report.findings if one.severity is Severity.WARNING and not one.accepted]
        return cls(
            warnings=tuple(str(one) for one in warnings),
            unused_accepts=report.unused_accepts,
            requirements=report.requirements,
        )

    @classmethod
    def read(cls, record: Mapping[str, JsonValue]) -> CheckOutcome:
        """Return the outcome that `to_json` wrote.

        Raises:
            KeyError, TypeError: it did not write this.
        """
        return cls(**{one.name: _texts(record[one.name]) for one in fields(cls)})

    def to_json(self) -> dict[str, JsonValue]:
        """Return what a record holds of the outcome."""
        return {one.name: list(getattr(self, one.name)) for one in fields(self)}


def _texts(value: JsonValue) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(value)
    return tuple(map(str, value))


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
        outcome: what its check came to.
    """

    name: str
    version: str
    target: str
    filename: str
    path: Path
    sha256: Digest
    build: str | None = None
    outcome: CheckOutcome = field(default_factory=CheckOutcome)

    def to_json(self) -> JsonValue:
        """Return the wheel as ``--json`` prints it."""
        return {
            "name": self.name,
            "version": self.version,
            "filename": self.filename,
            "sha256": self.sha256.hex,
            "origin": "prebuilt" if self.build is None else "built",
            "warnings": list(self.outcome.warnings),
        }
