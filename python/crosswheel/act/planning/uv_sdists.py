"""How uv is made to choose releases that exist only as sdists, without ever building one.

uv counts on such a release only when it may build it, and builds it to learn what it requires; unless it is told that
(`dependency-metadata`, https://docs.astral.sh/uv/reference/settings/#dependency-metadata). What it is told was read
from the sdist, or from the wheel that was built of it in the sandbox.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from crosswheel.decide.planning.build_requirements import ReleaseMetadata
from crosswheel.values.errors import ResolutionError

__all__ = ["AllowedSdists", "names_without_wheels", "versions_with_sdists"]

# "hint: Wheels are required for `docopt` because building from source is disabled for all packages"
_REQUIRED = re.compile(r"[Ww]heels? (?:are|is) required for `([A-Za-z0-9][A-Za-z0-9._-]*)`")
# "all versions of docopt have no usable wheels", "numpy==1.19.5 has no usable wheels"
_LACKING = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:[<>=!~][^\s]*)?\s+ha(?:s|ve)\s+no\s+usable\s+wheels")
#: Releases of one project that are looked into before it is given up.
_MOST_RELEASES = 8


def names_without_wheels(words: Iterable[str]) -> tuple[str, ...]:
    """Return the projects that uv says it found no wheels of, in its order.

    >>> names_without_wheels(["hint: Wheels are required for `docopt` because building is disabled (`--no-build`)"])
    ('docopt',)
    """
    text = " ".join(words)
    found = _REQUIRED.findall(text) + _LACKING.findall(text)
    return tuple(dict.fromkeys(canonicalize_name(name) for name in found))


@dataclass(frozen=True, slots=True)
class AllowedSdists:
    """Projects that may be sdists, and what their releases require as far as that is known, by version."""

    releases: Mapping[str, Mapping[str, ReleaseMetadata]] = field(default_factory=dict)

    def options(self) -> list[str]:
        """Return uv's options: no project but these."""
        if not self.releases:
            return ["--no-build"]
        return ["--only-binary=:all:", *(f"--no-binary={name}" for name in sorted(self.releases))]

    def settings(self) -> str:
        """Return a uv.toml that says what they require; of a release not looked into yet, nothing."""
        entries = []
        for name, versions in sorted(self.releases.items()):
            entries.append(f"{{ name = {json.dumps(name)}, requires-dist = [] }}")
            for version, metadata in sorted(versions.items()):
                entries.append(
                    f"{{ name = {json.dumps(name)}, version = {json.dumps(version)}, "
                    f"requires-dist = {json.dumps(list(metadata.requires))}, "
                    f"provides-extra = {json.dumps(list(metadata.extras))} }}"
                )
        return "dependency-metadata = [\n" + "".join(f"  {entry},\n" for entry in entries) + "]\n"

    def with_name(self, name: str) -> AllowedSdists:
        """Return these with one project more."""
        return AllowedSdists({**self.releases, name: {}})

    def with_release(self, name: str, version: str, metadata: ReleaseMetadata) -> AllowedSdists:
        """Return these with what one release requires."""
        return AllowedSdists({**self.releases, name: {**self.releases[name], version: metadata}})


def versions_with_sdists(
    refusal: ResolutionError,
    ask: Callable[[AllowedSdists], Sequence[tuple[str, str]]],
    metadata: Callable[[str, str], ReleaseMetadata],
) -> AllowedSdists:
    """Return which projects must be allowed as sdists for `ask` to find versions, as few as may be.

    Args:
        refusal: what `ask` said with none allowed.
        ask: names and versions of an answer.
        metadata: what a release requires.

    Raises:
        ResolutionError: there is no answer with sdists either.
        CrosswheelError: as `metadata`.
    """
    allowed = AllowedSdists()
    answer: Sequence[tuple[str, str]] | None = None
    while True:
        if answer is None:
            allowed, answer, refusal = _one_more(allowed, refusal, ask)
            continue
        unknown = [
            (name, version)
            for name, version in answer
            if name in allowed.releases and version not in allowed.releases[name]
        ]
        if not unknown:
            return allowed
        for name, version in unknown:
            if len(allowed.releases[name]) == _MOST_RELEASES:
                raise refusal
            allowed = allowed.with_release(name, version, metadata(name, version))
        try:
            answer = ask(allowed)
        except ResolutionError as error:
            answer, refusal = None, error


def _one_more(
    allowed: AllowedSdists,
    refusal: ResolutionError,
    ask: Callable[[AllowedSdists], Sequence[tuple[str, str]]],
) -> tuple[AllowedSdists, Sequence[tuple[str, str]] | None, ResolutionError]:
    """Allow the first project named in `refusal` that alone makes an answer, else the first."""
    names = [name for name in names_without_wheels(refusal.details) if name not in allowed.releases]
    if not names:
        raise refusal
    refusals: list[ResolutionError] = []
    for name in names:
        try:
            more = allowed.with_name(name)
            return more, ask(more), refusal
        except ResolutionError as error:
            refusals.append(error)
    return allowed.with_name(names[0]), None, refusals[0]
