"""What selection asks of a target, computed once: ranks of tags, the marker environment, what is unknowable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packaging.tags import Tag

from crosswheel.decide.locks.platform_tags import PlatformTag, read_platform_tag
from crosswheel.decide.locks.wheel_names import TagSet
from crosswheel.target.environments import marker_environment, unknowable_markers
from crosswheel.target.tags import supported_tags
from crosswheel.target.targets import Target

__all__ = ["TargetFacts", "facts_of", "facts_of_target"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetFacts:
    """A target as selection sees it.

    Attributes:
        target: the target.
        ranks: place of each supported tag, 0 is best.
        pairs: place of the best tag of each supported interpreter and ABI.
        interpreters: interpreters of the supported tags.
        platforms: supported platform tags, best first.
        asked: the supported platform tags taken apart, by family, the newest version of each.
        arches: architectures as the supported platform tags spell them.
        environment: the complete marker environment.
        unknowable: markers of that environment whose real value nothing but the target knows.
    """

    target: Target
    ranks: Mapping[tuple[str, str, str], int]
    pairs: Mapping[tuple[str, str], int]
    interpreters: frozenset[str]
    platforms: Mapping[str, None]
    asked: Mapping[str, PlatformTag]
    arches: frozenset[str]
    environment: Mapping[str, str]
    unknowable: frozenset[str]

    @property
    def python_full_version(self) -> str:
        """Version that ``requires-python`` is compared with; the patch number is the environment's choice."""
        return self.environment["python_full_version"]

    def rank(self, tags: TagSet) -> int | None:
        """Return the best place of any tag of a compressed tag set, ``None`` if it does not fit."""
        best: int | None = None
        for pair in tags.pairs:
            if pair not in self.pairs:
                continue
            for platform in tags.platforms:
                place = self.ranks.get((*pair, platform))
                if place is not None and (best is None or place < best):
                    best = place
        return best


def facts_of_target(target: Target) -> TargetFacts:
    """Return the facts of a target."""
    return facts_of(
        target,
        tags=supported_tags(target),
        environment=marker_environment(target),
        unknowable=unknowable_markers(target),
    )


def facts_of(
    target: Target, *, tags: Sequence[Tag], environment: Mapping[str, str], unknowable: frozenset[str]
) -> TargetFacts:
    """Return the facts of a target from its ordered tags and its environment."""
    ranks: dict[tuple[str, str, str], int] = {}
    pairs: dict[tuple[str, str], int] = {}
    for place, tag in enumerate(tags):
        interpreter, abi = tag.interpreter, tag.abi
        ranks.setdefault((interpreter, abi, tag.platform), place)
        pairs.setdefault((interpreter, abi), place)
    platforms = dict.fromkeys(platform for _, _, platform in ranks)
    asked: dict[str, PlatformTag] = {}
    for platform in platforms:
        read = read_platform_tag(platform)
        if read is not None and (read.family not in asked or asked[read.family].version < read.version):
            asked[read.family] = read
    return TargetFacts(
        target=target,
        ranks=ranks,
        pairs=pairs,
        interpreters=frozenset(interpreter for interpreter, _ in pairs),
        platforms=platforms,
        asked=asked,
        arches=frozenset(read.arch for read in map(read_platform_tag, platforms) if read is not None),
        environment=environment,
        unknowable=unknowable,
    )
