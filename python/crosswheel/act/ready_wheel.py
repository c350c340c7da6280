"""A wheel that is fetched or built, checked, and kept in the store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest

__all__ = ["ReadyWheel"]


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
    """

    name: str
    version: str
    target: str
    filename: str
    path: Path
    sha256: Digest
    build: str | None = None
    warnings: tuple[str, ...] = ()

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
