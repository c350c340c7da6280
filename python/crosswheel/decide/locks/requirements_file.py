"""What a requirements.txt with hashes locks: its pins, their hashes, and the indexes it names.

Refuses, naming the line, what pins no release or has no hash: crosswheel chooses files, never versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from crosswheel.decide.locks.locks import Lock, LockedFile, LockedPackage
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["RequirementsFile", "parse_requirements_file", "with_hashes_of"]

_HASH = re.compile(r"\s--hash[=\s]\s*(?P<algorithm>[a-z0-9]+):(?P<value>[0-9A-Fa-f]+)")
_COMMENT = re.compile(r"(^|\s)#.*$")
_INDEX_OPTIONS = ("-i", "--index-url", "--extra-index-url", "--no-index", "--trusted-host")
_HARMLESS = ("--require-hashes", "--prefer-binary", "--pre", "--use-feature")
# Option -> why it is refused and what to do.
_REFUSED = {
    "-r": ("it includes another file", "give one file that holds everything"),
    "-c": ("it names constraints, and a lock has none", "leave it out: every version is pinned already"),
    "-e": ("an editable folder has no hash to check", "lock a wheel or an sdist of it"),
    "-f": (
        "links may point anywhere on this machine",
        "delete the line (pip-compile leaves it out with --no-emit-find-links) and configure find-links in uv.toml",
    ),
    "--no-binary": ("it is a choice for one run", "give --no-binary to crosswheel instead"),
    "--only-binary": ("it is a choice for one run", "give --only-binary to crosswheel instead"),
    "--hash": (
        "no requirement stands before it",
        "end the line of the requirement that it is of, and each but the last of its hashes, with a backslash, or lock again",
    ),
}
_LONG_FORMS = {"--requirement": "-r", "--constraint": "-c", "--editable": "-e", "--find-links": "-f"}


@dataclass(frozen=True, kw_only=True, slots=True)
class RequirementsFile:
    """A requirements.txt, read.

    Attributes:
        lines: its pins without hashes, and its index options, in its order: what a tool can look up.
        hashes: SHA-256 digests in hex by normalized name and version.
    """

    lines: tuple[str, ...]
    hashes: Mapping[tuple[str, Version], frozenset[str]] = field(default_factory=dict)


def parse_requirements_file(text: str, *, name: str) -> RequirementsFile:
    """Parse a requirements.txt with hashes (pip's format).

    Args:
        text: its text.
        name: its file name, put in front of every message.

    Raises:
        CrosswheelError: `InputError` naming the line, or `FaultsError` with one for each line at fault.

    >>> read = parse_requirements_file("idna==3.10 --hash=sha256:" + 64 * "0", name="r.txt")
    >>> read.lines
    ('idna==3.10',)
    """
    lines: list[str] = []
    hashes: dict[tuple[str, Version], frozenset[str]] = {}
    faults: list[CrosswheelError] = []
    for number, line in _logical_lines(text):
        place = (name, f"line {number}")
        try:
            if line.startswith("-"):
                lines += _option(line)
                continue
            requirement, release, found = _pin(line)
        except CrosswheelError as error:
            faults.append(error.within(*place))
            continue
        lines.append(requirement)
        hashes[release] = hashes.get(release, frozenset()) | found
    raise_faults(faults)
    return RequirementsFile(lines=tuple(lines), hashes=hashes)


def _logical_lines(text: str) -> Iterable[tuple[int, str]]:
    """Yield each line, continuation lines joined, with the number of its first one."""
    first, parts = 0, list[str]()
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        first = first if parts else number
        if raw.endswith("\\") and not raw.lstrip().startswith("#"):
            parts.append(raw[:-1])
            continue
        line = _COMMENT.sub("", "".join([*parts, raw])).strip()
        parts = []
        if line:
            yield first, line
    if line := _COMMENT.sub("", "".join(parts)).strip():
        yield first, line


def _option(line: str) -> list[str]:
    written = re.split(r"[=\s]", line, maxsplit=1)[0]
    option = _LONG_FORMS.get(written, written)
    if option in _INDEX_OPTIONS:
        return [line]
    if option in _HARMLESS:
        return []
    short = option if option.startswith("--") else option[:2]
    why, fix = _REFUSED.get(short, ("it is not an option crosswheel knows here", "take the line out"))
    raise InputError("read option", written, why=why, fix=fix)


def _pin(line: str) -> tuple[str, tuple[str, Version], frozenset[str]]:
    text = _HASH.sub("", line).strip()
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise InputError(
            "read requirement",
            text,
            why=str(error).splitlines()[0],
            fix="write NAME==VERSION --hash=sha256:DIGEST",
        ) from None
    if requirement.url is not None:
        raise InputError(
            "read requirement",
            text,
            why="it names a place instead of a release",
            fix="lock a release, or lock into a pylock.toml, which can hold archives by URL",
        )
    pins = [one for one in requirement.specifier if one.operator in {"==", "==="} and "*" not in one.version]
    if len(pins) != 1 or len(requirement.specifier) != 1:
        raise InputError(
            "read requirement",
            text,
            why="it does not pin one version with ==",
            fix="make the file with `uv pip compile --universal --generate-hashes`",
        )
    found = frozenset(
        match["value"].lower() for match in _HASH.finditer(line) if match["algorithm"] == "sha256"
    )
    if not found:
        raise InputError(
            "read requirement",
            text,
            why="it has no --hash=sha256:...",
            fix="make the file with `uv pip compile --universal --generate-hashes`",
        )
    try:
        version = Version(pins[0].version)
    except ValueError:  # InvalidVersion is one, and so is what int() says of thousands of digits
        raise InputError(
            "read requirement",
            text,
            why=f"'{pins[0].version}' is not a version",
            fix="lock a release (PEP 440)",
        ) from None
    marker = f" ; {requirement.marker}" if requirement.marker else ""
    return f"{requirement.name}{pins[0]}{marker}", (canonicalize_name(requirement.name), version), found


def with_hashes_of(lock: Lock, requirements: RequirementsFile) -> Lock:
    """Return `lock` with only the files whose hash the requirements give.

    Raises:
        CrosswheelError: a release has no file left, or is not in the requirements at all.
    """
    faults: list[CrosswheelError] = []
    packages = []
    for package in lock.packages:
        kept = _kept(package, requirements.hashes)
        if not kept.wheels and kept.sdist is None:
            faults.append(
                InputError(
                    "use requirement",
                    f"{package.name}=={package.version}",
                    why="none of the files the index offers for it has one of its hashes",
                    fix="lock again; if the index is a mirror, see that it serves the same files",
                    context=(lock.name,),
                )
            )
        packages.append(kept)
    raise_faults(faults)
    return replace(lock, packages=tuple(packages))


def _kept(package: LockedPackage, hashes: Mapping[tuple[str, Version], frozenset[str]]) -> LockedPackage:
    allowed = hashes.get((package.name, Version(package.version)), frozenset())

    def is_allowed(file: LockedFile) -> bool:
        return file.sha256.hex in allowed

    sdist = package.sdist if package.sdist is not None and is_allowed(package.sdist) else None
    return replace(package, wheels=tuple(filter(is_allowed, package.wheels)), sdist=sdist)
