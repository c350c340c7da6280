"""Whether a wheel's METADATA can be read, is of the release that its names say, and allows the target's Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .wheel_checks import WheelFacts

if TYPE_CHECKING:
    from packaging.metadata import RawMetadata

    from .findings import Finding

__all__ = ["check_metadata", "read_metadata"]

#: More patch releases than any X.Y of Python has had.
_MOST_PATCHES = 64


def read_metadata(facts: WheelFacts) -> RawMetadata:
    """Return what a wheel's METADATA says; nothing where it has none."""
    from packaging.metadata import parse_email

    raw, _ = parse_email(facts.dist_info.files.get("METADATA", b""))
    return raw


def check_metadata(
    facts: WheelFacts, raw: RawMetadata, *, expected: tuple[str, str] | None
) -> Iterator[Finding]:
    """Compare name and version in file name, dist-info folder, METADATA (`raw`) and the sdist's (`expected`); judge the rest."""
    folder, name = facts.dist_info.folder, facts.name
    metadata = facts.dist_info.files.get("METADATA")
    if metadata is None or "WHEEL" not in facts.dist_info.files:
        missing = "METADATA" if metadata is None else "WHEEL"
        yield facts.finding(
            "dist-info-invalid", f"{folder}/{missing}", "the wheel has no such file; rebuild it"
        )
        return
    pairs = [
        (f"{folder}/METADATA", str(raw.get("name", "")), str(raw.get("version", ""))),
        (folder, *_folder_pair(folder)),
    ]
    for place, project, version in pairs:
        yield from _name_findings(
            facts, place, (project, version), (name.project, name.version), "the file name"
        )
    if expected is not None:
        file = f"{folder}/METADATA"
        yield from _name_findings(facts, file, pairs[0][1:], expected, "the sdist")
    yield from _unreadable(facts, metadata, raw.get("requires_dist", ()))
    yield from _other_python(facts, str(raw.get("requires_python", "")))


def _unreadable(facts: WheelFacts, metadata: bytes, requirements: Sequence[str]) -> Iterator[Finding]:
    """Find what installers refuse to read: https://packaging.python.org/en/latest/specifications/core-metadata/."""
    from packaging.requirements import InvalidRequirement, Requirement

    file = f"{facts.dist_info.folder}/METADATA"
    try:
        metadata.decode()
    except UnicodeDecodeError as error:
        yield facts.finding(
            "metadata-unreadable", file, f"byte {error.start} is not UTF-8, so pip refuses to read it"
        )
    for line in requirements:
        try:
            Requirement(line)
        except InvalidRequirement:
            message = f"Requires-Dist {line!r} is no requirement, so pip and uv refuse the wheel"
            yield facts.finding("metadata-unreadable", file, message)


def _other_python(facts: WheelFacts, requires_python: str) -> Iterator[Finding]:
    """Find that no patch release of the target's Python is among those the wheel says it runs on."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        specifiers = SpecifierSet(requires_python)
    except InvalidSpecifier:  # installers take it as none
        return
    python = facts.target.python.version
    if not any(specifiers.contains(f"{python}.{patch}") for patch in range(_MOST_PATCHES)):
        message = (
            f"it requires Python {specifiers}, and the target's is {python}; lock a release for {python}"
        )
        yield facts.finding("requires-other-python", f"{facts.dist_info.folder}/METADATA", message)


def _folder_pair(folder: str) -> tuple[str, str]:
    project, _, version = folder.removesuffix(".dist-info").rpartition("-")
    return project, version


def _name_findings(
    facts: WheelFacts, place: str, own: tuple[str, str], other: tuple[str, str], what: str
) -> Iterator[Finding]:
    from packaging.utils import canonicalize_name

    if canonicalize_name(own[0]) != canonicalize_name(other[0]):
        yield facts.finding("metadata-mismatch", place, f"it says name {own[0]!r}, {what} says {other[0]!r}")
    if not _same_version(own[1], other[1]):
        yield facts.finding(
            "metadata-mismatch", place, f"it says version {own[1]!r}, {what} says {other[1]!r}"
        )


def _same_version(one: str, other: str) -> bool:
    from packaging.version import Version

    try:
        # A file name writes '-' and '+' of a version as '_'.
        return Version(one.replace("_", "+", 1) if "+" not in one else one) == Version(
            other.replace("_", "+", 1) if "+" not in other else other
        )
    except ValueError:  # InvalidVersion is one, and so is what int() says of thousands of digits
        return one.replace("-", "_") == other.replace("-", "_")
