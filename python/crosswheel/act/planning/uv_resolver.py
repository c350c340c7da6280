"""The resolver of build requirements: uv, asked in a way that never runs code of a package.

Two questions, because each alone falls short: which versions (for one platform, wheels only), and then every
file of exactly these versions (for all platforms, without dependencies, so that no metadata is built).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.planning.uv_program import UvProgram
from crosswheel.act.planning.uv_sdists import AllowedSdists, versions_with_sdists
from crosswheel.act.storage.store import Store
from crosswheel.decide.locks.locks import Lock, LockedPackage, parse_pylock
from crosswheel.decide.planning.build_requirements import ReleaseMetadata
from crosswheel.decide.selection.selection import select
from crosswheel.target.targets import Target
from crosswheel.target.uv_platforms import UV_PLATFORMS
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError, ResolutionError
from crosswheel.values.platforms import Glibc, Linux, MacOs, Musl, Platform
from crosswheel.values.python_abi import PythonAbi

__all__ = ["UvResolver", "answer_key", "export_uv_lock", "list_files", "uv_platform"]

#: Changes whenever the same question would be answered in another way.
_ANSWERS = 1
_COMPILE = (
    "pip",
    "compile",
    "--format=pylock.toml",
    "--no-header",
    "--no-annotate",
    "--no-sources",
    "--no-python-downloads",
    f"--python={sys.executable}",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class UvResolver:
    """Implements `crosswheel.decide.planning.build_requirements.Resolver`; answers are kept in the store.

    Attributes:
        uv: the program.
        store: keeps answers, so that planning again asks nobody and changes nothing.
        exclude_newer: consider only files uploaded before this date, as uv reads it.
        upgrade: ask again although an answer is kept; once for each question.
        asked: answers of this run.
    """

    uv: UvProgram
    store: Store
    exclude_newer: str | None = None
    upgrade: bool = False
    asked: dict[Digest, Lock] = field(default_factory=dict, repr=False)

    def resolve(
        self,
        requirements: Sequence[str],
        *,
        build_platform: Target,
        constraints: Sequence[str] = (),
        metadata: Callable[[LockedPackage], ReleaseMetadata],
    ) -> Lock:
        """Return the closure of `requirements` on `build_platform`, with every file of every release chosen.

        Raises:
            ResolutionError: no versions satisfy the requirements.
            CrosswheelError: as `metadata`.
        """
        name = f"build requirements {', '.join(requirements)}"
        if not requirements:
            return Lock(name=name, packages=())
        key = answer_key(
            {
                "requirements": list(requirements),
                "constraints": list(constraints),
                "build_platform": build_platform.id,
                "indexes": list(self.uv.identity),
                "exclude_newer": self.exclude_newer,
            }
        )
        if key in self.asked:
            return self.asked[key]
        question = _Question(requirements, build_platform, constraints)
        kept = None if self.upgrade else _kept(self.store.read_record("resolution", key))
        if kept is None or not self._still_holds(kept, build_platform, metadata):
            kept = self._answer(question, metadata)
            self.store.write_record("resolution", key, kept.to_json())
        return self.asked.setdefault(key, parse_pylock(kept.lock.encode(), name=name))

    def _still_holds(
        self, kept: _Answer, build_platform: Target, metadata: Callable[[LockedPackage], ReleaseMetadata]
    ) -> bool:
        """Tell whether what is built of sdists still requires what it did: a patch may have changed that."""
        if not kept.sdists.releases:
            return True
        lock = parse_pylock(kept.lock.encode(), name="build requirements")
        alive = {package.name for package in select(lock, build_platform).packages}
        return all(
            kept.sdists.releases[package.name].get(package.version) == metadata(package)
            for package in lock.packages
            if package.name in alive and package.name in kept.sdists.releases
        )

    def _answer(self, question: _Question, metadata: Callable[[LockedPackage], ReleaseMetadata]) -> _Answer:
        def of_release(name: str, version: str) -> ReleaseMetadata:
            text = self._files([f"{name}=={version}"], question.build_platform)
            return metadata(parse_pylock(text.encode(), name=f"{name} {version}").packages[0])

        allowed = AllowedSdists()
        try:
            versions = self._versions(question, allowed)
        except ResolutionError as refusal:
            allowed = versions_with_sdists(
                refusal, lambda sdists: _releases(self._versions(question, sdists)), of_release
            )
            versions = self._versions(question, allowed)
        return _Answer(self._files(_pins(versions), question.build_platform), allowed)

    def _files(self, lines: Sequence[str], build_platform: Target) -> str:
        return list_files(self.uv, self.store, lines, python=build_platform.python, name="build requirements")

    def _versions(self, question: _Question, sdists: AllowedSdists) -> str:
        build_platform, constraints = question.build_platform, question.constraints
        with self.store.scratch() as scratch:
            options = [f"--python-version={build_platform.python.version}", *sdists.options()]
            if sdists.releases:
                (scratch / "uv.toml").write_text(sdists.settings())
            platform = uv_platform(build_platform.platform)
            options.append("--universal" if platform is None else f"--python-platform={platform}")
            if self.exclude_newer is not None:
                options.append(f"--exclude-newer={self.exclude_newer}")
            if constraints:
                (scratch / "constraints.txt").write_text("\n".join(constraints) + "\n")
                options.append("--constraints=constraints.txt")
            return self.uv.run(
                [*_COMPILE, *options, "-"],
                directory=scratch,
                failure=ResolutionError(
                    "resolve build requirements",
                    ", ".join(question.requirements),
                    why=f"uv found no set of wheels for {build_platform.id}",
                    fix="read uv's reasons below; another release or a missing requirement can be named in "
                    "build-requires of [tool.crosswheel], a wheel of your own can be served from an index",
                ),
                standard_input="\n".join(question.requirements) + "\n",
            )


@dataclass(frozen=True, slots=True)
class _Question:
    """What is resolved for which build platform, and the versions to keep to."""

    requirements: Sequence[str]
    build_platform: Target
    constraints: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Answer:
    """A pylock.toml with every file, and the sdists it counts on."""

    lock: str
    sdists: AllowedSdists

    def to_json(self) -> JsonValue:
        if not self.sdists.releases:
            return self.lock
        sdists: dict[str, JsonValue] = {
            name: {
                version: [list(metadata.requires), list(metadata.extras)]
                for version, metadata in versions.items()
            }
            for name, versions in self.sdists.releases.items()
        }
        return {"lock": self.lock, "sdists": sdists}


def _kept(record: JsonValue) -> _Answer | None:
    if isinstance(record, str):
        return _Answer(record, AllowedSdists())
    if not isinstance(record, Mapping):
        return None
    lock, sdists = record.get("lock"), record.get("sdists")
    if not isinstance(lock, str) or not isinstance(sdists, Mapping):
        return None
    releases: dict[str, dict[str, ReleaseMetadata]] = {}
    for name, versions in sdists.items():
        assert isinstance(versions, Mapping), "the store gives back what was written"
        for version, parts in versions.items():
            assert isinstance(parts, list), "the store gives back what was written"
            requires, extras = ([str(one) for one in part] for part in parts if isinstance(part, list))
            metadata = ReleaseMetadata(requires=tuple(requires), extras=tuple(extras))
            releases.setdefault(name, {})[version] = metadata
    return _Answer(lock, AllowedSdists(releases))


def _releases(pylock: str) -> list[tuple[str, str]]:
    packages = parse_pylock(pylock.encode(), name="uv's answer").packages
    return [(package.name, package.version) for package in packages]


def _pins(pylock: str) -> list[str]:
    lock = parse_pylock(pylock.encode(), name="uv's answer")
    return [
        f"{package.name}=={package.version}" + (f" ; {package.marker}" if package.marker else "")
        for package in lock.packages
        if package.refusal is None
    ]


def list_files(uv: UvProgram, store: Store, lines: Sequence[str], *, python: PythonAbi, name: str) -> str:
    """Return a pylock.toml with every wheel and sdist of pinned releases.

    Nothing is resolved: without dependencies uv reads no metadata, so no sdist is built to learn it.

    Args:
        uv: the program.
        store: for scratch space.
        lines: requirements, each ``name==version`` with or without a marker, and index options.
        python: the lowest Python of interest.
        name: where the releases were pinned, for messages.

    Raises:
        InputError: a release does not exist, or the index cannot be reached.
    """
    with store.scratch() as scratch:
        return uv.run(
            [*_COMPILE, f"--python-version={python.version}", "--universal", "--no-deps", "-"],
            directory=scratch,
            failure=InputError(
                "list the files of the releases in",
                name,
                why="uv could not",
                fix="read uv's reasons below; reach the index once, or lock with "
                "`uv pip compile --universal --format pylock.toml`, which needs none",
            ),
            standard_input="\n".join(lines) + "\n",
        )


def export_uv_lock(
    uv: UvProgram,
    lock: Path,
    *,
    extras: Sequence[str],
    all_extras: bool,
    groups: Sequence[str],
    members: Sequence[str] = (),
) -> str:
    """Return a pylock.toml of a uv.lock, without the project itself and without default groups.

    Args:
        uv: does it.
        lock: the uv.lock.
        extras: extras to take in.
        all_extras: all of them.
        groups: dependency groups to take in.
        members: the members of the workspace to take; without one uv takes its root.

    Raises:
        InputError: uv cannot read the lock, or it has no such extra or group.
    """
    options = [f"--extra={extra}" for extra in extras] + [f"--group={group}" for group in groups]
    options += [f"--package={member}" for member in members]
    if all_extras:
        options.append("--all-extras")
    fixed = ("--frozen", "--offline", "--format=pylock.toml", "--no-header", "--no-emit-project")
    return uv.run(
        ["export", *fixed, "--no-default-groups", "--no-python-downloads", *options],
        directory=lock.parent,
        failure=InputError(
            "read lock file",
            lock.name,
            why="uv could not export it",
            fix="read uv's reasons below, or run `uv lock` anew",
        ),
    )


def answer_key(question: Mapping[str, JsonValue]) -> Digest:
    """Return the key under which the answer to `question` is kept."""
    return digest_of_json({"answers": _ANSWERS, **question})


def uv_platform(platform: Platform) -> str | None:
    """Return uv's name for the newest platform it knows that is not newer than `platform`.

    >>> from crosswheel.target.targets import parse_target_id
    >>> uv_platform(parse_target_id("cp311-linux_x86_64_glibc_2_30").platform)
    'x86_64-manylinux_2_28'
    """
    fitting = [
        # Of names that mean the same, the one that says most: it means the same in every release of uv.
        (_level(known), f"_{_level(known)[1]}" in name, len(name), name)
        for name, known in UV_PLATFORMS.items()
        if known.arch == platform.arch
        and _family(known) == _family(platform)
        # macOS's version is a choice of ours alone; uv assumes one and wheels are chosen by `select` anyway.
        and (isinstance(platform.os, MacOs) or _level(known) <= _level(platform))
    ]
    return max(fitting)[-1] if fitting else None


def _family(platform: Platform) -> tuple[str, str]:
    os = platform.os
    return type(os).__name__, type(os.libc).__name__ if isinstance(os, Linux) else ""


def _level(platform: Platform) -> tuple[int, int]:
    match platform.os:
        case Linux(libc=Glibc(major=major, minor=minor) | Musl(major=major, minor=minor)):
            return major, minor
        case MacOs(major=major, minor=minor):
            return major, minor
        case _:
            return 0, 0
