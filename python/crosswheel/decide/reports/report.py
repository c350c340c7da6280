"""What a report says, as values: the matrix of packages and targets, builds, image layers, differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from crosswheel.decide.documents.difference import Difference
from crosswheel.decide.selection.selection import open_fact_warning
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue

__all__ = [
    "BuildInput",
    "PackageOnTarget",
    "Report",
    "ReportBuild",
    "ReportImage",
    "ReportLayer",
    "ReportPackage",
    "State",
]


class State(Enum):
    """What a package is on a target."""

    PURE = "pure"
    PREBUILT = "prebuilt"
    BUILT = "cross built"
    REFUSED = "refused"
    ABSENT = "not needed"

    @property
    def key(self) -> str:
        """The state as a word of a program."""
        return self.name.lower()


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageOnTarget:
    """One package on one target.

    Attributes:
        state: what it is there.
        version: its release; empty where there is none.
        file: name of its wheel; empty where that is not known before it is built.
        tag: the wheel's compressed tag set.
        floor: the oldest system the wheel's tag promises to run on, e.g. ``glibc 2.17``; empty where it names none.
        size: bytes of the wheel; ``None`` if not known.
        source: name of the sdist it is built from.
        source_size: its bytes.
        licence: as the wheel's metadata says; empty if not known.
        reason: why it is so, a clause or several.
        open_facts: what that it is needed hangs on and the target leaves open, as of `selection.open_facts`.
        build: id of the build in `Report.builds`.
    """

    state: State
    version: str = ""
    file: str = ""
    tag: str = ""
    floor: str = ""
    size: int | None = None
    source: str = ""
    source_size: int | None = None
    licence: str = ""
    reason: str = ""
    open_facts: tuple[str, ...] = ()
    build: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as a JSON value without what says nothing."""
        value: dict[str, JsonValue] = {
            "state": self.state.value,
            "version": self.version,
            "file": self.file,
            "tag": self.tag,
            "floor": self.floor,
            "size": self.size,
            "source": self.source,
            "source_size": self.source_size,
            "licence": self.licence,
            "reason": self.reason,
            "open_facts": list(self.open_facts),
            "build": self.build,
        }
        return {key: one for key, one in value.items() if one not in ("", None, [])}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportPackage:
    """One row of the matrix: a normalized name, and what the package is by target id."""

    name: str
    targets: Mapping[str, PackageOnTarget]

    @property
    def licence(self) -> str:
        """The licence, all of them if its wheels say different ones; empty if not known."""
        return " / ".join(dict.fromkeys(one.licence for one in self.targets.values() if one.licence))


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildInput:
    """One thing a build reads.

    Attributes:
        kind: e.g. ``build requirement``.
        name: of the file, or what else people call it.
        size: bytes; ``None`` if not known.
        build: id of the build that makes it; empty for what is fetched.
    """

    kind: str
    name: str
    size: int | None = None
    build: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as a JSON value without what says nothing."""
        value: dict[str, JsonValue] = {
            "kind": self.kind,
            "name": self.name,
            "size": self.size,
            "build": self.build,
        }
        return {key: one for key, one in value.items() if one not in ("", None)}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportBuild:
    """One build.

    Attributes:
        id: as in the plan.
        name: of the project.
        version: of the project.
        target: id of the target it is built for.
        backend: PEP 517 build backend.
        build_platforms: ids of the platforms that it can be built on.
        inputs: what it reads, by kind.
        settings: config settings, environment variables and accepted findings, a line each.
        compared_with: the prebuilt wheel it is compared with; empty if there is none.
    """

    id: str
    name: str
    version: str
    target: str
    backend: str
    build_platforms: tuple[str, ...] = ()
    inputs: tuple[BuildInput, ...] = ()
    settings: tuple[str, ...] = ()
    compared_with: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as a JSON value."""
        return {
            "name": self.name,
            "version": self.version,
            "target": self.target,
            "backend": self.backend,
            "build_platforms": list(self.build_platforms),
            "inputs": [one.to_json() for one in self.inputs],
            "settings": list(self.settings),
            "compared_with": self.compared_with,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportLayer:
    """One layer: what it holds, its size as it is sent, and its digest (``sha256:`` and digits)."""

    name: str
    size: int
    digest: str
    media_type: str = ""
    wheels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportImage:
    """One image or folder of layers: what it is called, what it runs on, and its layers, lowest first."""

    name: str
    platform: str
    layers: tuple[ReportLayer, ...]

    @property
    def size(self) -> int:
        """Bytes of all its layers."""
        return sum(layer.size for layer in self.layers)

    def to_json(self) -> dict[str, JsonValue]:
        """Return it as a JSON value."""
        return {
            "name": self.name,
            "platform": self.platform,
            "size": self.size,
            "layers": [
                {
                    "name": layer.name,
                    "size": layer.size,
                    "digest": layer.digest,
                    "media_type": layer.media_type,
                    "wheels": list(layer.wheels),
                }
                for layer in self.layers
            ],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All that a report says.

    Attributes:
        source: name of the plan or the lock.
        targets: sorted by id.
        packages: sorted by name.
        builds: by id.
        images: in the order they were asked for.
        against: name of the plan that `differences` compares with; empty if there is none.
        differences: what differs.
    """

    source: str
    targets: tuple[Target, ...]
    packages: tuple[ReportPackage, ...]
    builds: Mapping[str, ReportBuild] = field(default_factory=dict)
    images: tuple[ReportImage, ...] = ()
    against: str = ""
    differences: tuple[Difference, ...] = ()

    def counts(self, target: Target) -> Mapping[State, int]:
        """Return how many packages are what on a target, every state named."""
        found = Counter(package.targets[target.id].state for package in self.packages)
        return {state: found[state] for state in State}

    def size(self, target: Target) -> int:
        """Return the bytes of a target's wheels, as far as they are known."""
        return sum(package.targets[target.id].size or 0 for package in self.packages)

    def unknown_sizes(self, target: Target) -> int:
        """Return how many wheels of a target have a size that is not known."""
        on_target = [package.targets[target.id] for package in self.packages]
        return sum(one.size is None and one.state not in {State.ABSENT, State.REFUSED} for one in on_target)

    def warnings(self) -> tuple[str, ...]:
        """Return what the choice hangs on and a target leaves open, in the sentences of `selection.Selection.warnings`."""
        return tuple(
            open_fact_warning(package.name, one.version, target_id, words)
            for package in self.packages
            for target_id, one in package.targets.items()
            for words in one.open_facts
        )

    def foreign_wheels(self) -> Mapping[str, tuple[str, ...]]:
        """Return by image the wheels in its layers that are of no release in the report; images without such are left out."""
        known = {(one.name, each.version) for one in self.packages for each in one.targets.values()}
        found: dict[str, tuple[str, ...]] = {}
        for image in self.images:
            wheels = [wheel for layer in image.layers for wheel in layer.wheels]
            foreign = tuple(wheel for wheel in wheels if _release_of(wheel) not in known)
            if foreign:
                found[image.name] = tuple(dict.fromkeys((*found.get(image.name, ()), *foreign)))
        return found

    def to_json(self) -> dict[str, JsonValue]:
        """Return the report as a JSON value."""
        return {
            "schema": 1,
            "source": self.source,
            "targets": [
                {
                    "id": target.id,
                    "size": self.size(target),
                    "unknown_sizes": self.unknown_sizes(target),
                    "counts": {state.value: number for state, number in self.counts(target).items()},
                }
                for target in self.targets
            ],
            "packages": [
                {
                    "name": package.name,
                    "licence": package.licence,
                    "targets": {key: one.to_json() for key, one in package.targets.items()},
                }
                for package in self.packages
            ],
            "builds": {key: build.to_json() for key, build in self.builds.items()},
            "images": [image.to_json() for image in self.images],
            "against": self.against,
            "differences": [
                {"where": one.where, "what": one.what, "old": one.old, "new": one.new}
                for one in self.differences
            ],
        }


def _release_of(wheel: str) -> tuple[str, str]:
    try:
        name, version, *_ = parse_wheel_filename(wheel)
    except InvalidWheelFilename:
        return wheel, ""
    return name, str(version)
