"""What a project decides about packages and targets: the meaning of ``[tool.crosswheel]``.

Reads no TOML (`policy` does); documented in docs/reference/configuration.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from packaging.specifiers import SpecifierSet

from crosswheel.decide.documents.nearest_name import did_you_mean
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError
from crosswheel.values.platforms import MacOs

from .build_flags import BuildFlags, build_flags
from .downloads import Download, laid_over
from .preferences import Handling, Preference, Preferences
from .target_keys import matches_target
from .toolchain_source import ToolchainEntry, unmatched_toolchains

__all__ = [
    "Mirror",
    "PackageEntry",
    "PackagePolicy",
    "Policy",
    "SysrootSource",
    "with_flags",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class PackagePolicy:
    """What holds for one release on one target.

    Attributes:
        prefer: wheel first or sdist first; ``None`` when nothing was said.
        build: ``False`` forbids building; ``None`` when nothing was said.
        config_settings: for the build backend (PEP 517).
        environment: extra environment variables of the build.
        build_requires: extra build requirements (PEP 508).
        build_constraints: constraints on all build requirements (PEP 508).
        patches: paths of patches, relative to the configuration's folder, in order.
        accept: findings to accept, ``code`` or ``code:glob of the file``.
        accept_build_facts: whether facts of the build machine may stay in the wheel.
        sysroot: Debian packages with libraries of the target, or the one path of a folder with such libraries;
            ``None`` when nothing was said.
        sysroot_folder: whether `sysroot` is a path.
        link: how these libraries are linked; ``None`` when nothing was said.
        downloads: files that the build would download.
        meson_wraps: whether what its Meson wraps download is downloaded, too; ``None`` when nothing was said.
        entry: the last table of the configuration that is about the release, by its place; empty for none.
    """

    prefer: Handling | None = None
    build: bool | None = None
    config_settings: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    build_requires: tuple[str, ...] = ()
    build_constraints: tuple[str, ...] = ()
    patches: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    accept_build_facts: bool | None = None
    sysroot: tuple[str, ...] | None = None
    sysroot_folder: bool = False
    link: LinkKind | None = None
    downloads: tuple[Download, ...] = ()
    meson_wraps: bool | None = None
    entry: str = field(default="", compare=False)

    @property
    def listed(self) -> Mapping[str, tuple[str, ...]]:
        """What the lists hold that add up, by the keys of a table; without those that are empty."""
        lists = {
            "build-requires": self.build_requires,
            "build-constraints": self.build_constraints,
            "patches": self.patches,
        }
        return {key: tuple(dict.fromkeys(items)) for key, items in lists.items() if items}

    def overlaid(self, other: PackagePolicy) -> PackagePolicy:
        """Return this policy with a more specific one laid over it.

        Single values and the sysroot are replaced, tables merge key by key, lists add up; a download replaces one of
        its name.
        """
        return PackagePolicy(
            prefer=self.prefer if other.prefer is None else other.prefer,
            build=self.build if other.build is None else other.build,
            config_settings={**self.config_settings, **other.config_settings},
            environment={**self.environment, **other.environment},
            build_requires=(*self.build_requires, *other.build_requires),
            build_constraints=(*self.build_constraints, *other.build_constraints),
            patches=(*self.patches, *other.patches),
            accept=(*self.accept, *other.accept),
            accept_build_facts=self.accept_build_facts
            if other.accept_build_facts is None
            else other.accept_build_facts,
            sysroot=self.sysroot if other.sysroot is None else other.sysroot,
            sysroot_folder=self.sysroot_folder if other.sysroot is None else other.sysroot_folder,
            link=self.link if other.link is None else other.link,
            downloads=laid_over(self.downloads, other.downloads),
            meson_wraps=self.meson_wraps if other.meson_wraps is None else other.meson_wraps,
            entry=other.entry or self.entry,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageEntry:
    """One table of ``packages``.

    Attributes:
        place: its place in the file, for messages.
        name: normalized name.
        versions: releases it is about; ``None`` for all.
        policy: what it says.
        targets: what it says for single targets, by spelling or glob over target ids, in the file's order.
    """

    place: str
    name: str
    policy: PackagePolicy
    versions: SpecifierSet | None = None
    targets: Mapping[str, PackagePolicy] = field(default_factory=dict)

    def is_about(self, name: str, version: str | None) -> bool:
        """Tell whether the entry is about a release; ``None`` as version means any."""
        if name != self.name:
            return False
        return self.versions is None or version is None or self.versions.contains(version, prereleases=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """A rewriting of download addresses: what starts with `source` is fetched from `replacement` instead."""

    source: str
    replacement: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SysrootSource:
    """Where Debian packages with libraries of the target come from.

    Attributes:
        mirror: URL of a Debian archive, with ``{snapshot}`` in it where `snapshot` belongs; ``None`` for the default.
        suite: the release; ``None`` to choose by the target's glibc.
        snapshot: a point of time as snapshot.debian.org writes it, ``20261101T000000Z``.
    """

    mirror: str | None = None
    suite: str | None = None
    snapshot: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A whole configuration.

    Attributes:
        name: file name, for messages.
        targets: targets to plan for when none is named.
        python: the target's Python when neither the target nor ``--python`` says it.
        build_platforms: platforms to lock build requirements for.
        headers: sources of the target Pythons' headers, ``SOURCE`` or ``TARGET=SOURCE``.
        projects: paths of projects of the user's own, which are planned as if the lock named them; ``None`` when nothing was said.
        rust: the Rust toolchain, a release or an archive.
        mirrors: rewritings of download addresses, in order.
        build_constraints: constraints on the build requirements of every build (PEP 508).
        packages: entries, in the file's order.
        sysroot: where Debian packages come from.
        quirks: entries of the shipped table, which those of the user go before.
        toolchains: toolchains of the user's own, in the file's order and then those of the command line.
        sdk: path of Apple's SDK for the builds for macOS; ``None`` without one.
        flags: what ``--no-binary`` and ``--only-binary`` asked for.
    """

    name: str = "crosswheel.toml"
    targets: tuple[str, ...] = ()
    python: str | None = None
    build_platforms: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    projects: tuple[str, ...] | None = None
    rust: str | None = None
    mirrors: tuple[Mirror, ...] = ()
    build_constraints: tuple[str, ...] = ()
    packages: tuple[PackageEntry, ...] = ()
    sysroot: SysrootSource = field(default_factory=SysrootSource)
    quirks: tuple[PackageEntry, ...] = ()
    toolchains: tuple[ToolchainEntry, ...] = ()
    sdk: str | None = None
    flags: BuildFlags = field(default_factory=BuildFlags)

    def for_package(self, name: str, target: Target, *, version: str | None = None) -> PackagePolicy:
        """Return what holds for a package on a target.

        Entries are laid over each other in the file's order, and within each entry the tables of matching
        targets over the entry itself; all of them over the shipped quirks.
        """
        result = PackagePolicy(build_constraints=self.build_constraints)
        result = _overlaid(result, self.quirks, name, target, version)
        if self.sdk is not None and isinstance(target.platform.os, MacOs):
            result = result.overlaid(PackagePolicy(sysroot=(self.sdk,), sysroot_folder=True))
        about = [entry.place for entry in self.packages if entry.is_about(name, version)]
        return replace(_overlaid(result, self.packages, name, target, version), entry=(about or [""])[-1])

    def preferences(self, releases: Iterable[tuple[str, str]], target: Target) -> Preferences:
        """Return wheel or sdist for each release of a lock on a target.

        The nearest word wins: a flag that names the package, ``build = false``, a flag for ``:all:``,
        ``prefer``.
        """
        return Preferences(
            default=self.flags.default or Preference(handling=Handling.WHEEL_FIRST),
            releases={
                release: preference
                for release in releases
                if (preference := self._preference(release, target)) is not None
            },
        )

    def _preference(self, release: tuple[str, str], target: Target) -> Preference | None:
        name, version = release
        if name in self.flags.names:
            return self.flags.names[name]
        policy = self.for_package(name, target, version=version)
        if policy.build is False:
            return Preference(handling=Handling.ONLY_WHEEL, reason=f"`build = false` in {self.name}")
        if self.flags.default is not None:
            return self.flags.default
        if policy.prefer is not None:
            word = "sdist" if policy.prefer is Handling.SDIST_FIRST else "wheel"
            return Preference(handling=policy.prefer, reason=f'`prefer = "{word}"` in {self.name}')
        return None

    def unmatched(
        self,
        releases: Collection[tuple[str, str]],
        targets: Collection[Target],
        *,
        required: Collection[tuple[str, str]] | None = (),
    ) -> tuple[CrosswheelError, ...]:
        """Return a fault for each package, version range, target table, toolchain and flag that is about nothing.

        Args:
            releases: normalized name and version of everything in the lock.
            targets: the targets of the plan; empty while they are not known, which tells nothing of tables for targets.
            required: the same of build requirements that are built; no flag is about them. ``None`` while they are not
                known: what else may be about them is told as that.
        """
        known = {*releases, *(required or ())}
        names = sorted({name for name, _ in known})
        faults: list[CrosswheelError] = []
        for entry in self.packages:
            faults += self._unmatched_entry(entry, known, names, targets)
        if targets:
            faults += unmatched_toolchains(self.toolchains, targets, name=self.name)
        if required is None:
            faults = [_perhaps_about_requirements(fault) for fault in faults]
        return (*faults, *self.unmatched_flags({name for name, _ in releases}))

    def unmatched_flags(self, names: Collection[str]) -> list[CrosswheelError]:
        """Return a fault for each flag about a package that is not among those of the lock."""
        return [
            InputError(
                "apply",
                preference.reason,
                why="the lock has no such package",
                fix=did_you_mean(name, names) or "name a package of the lock",
            )
            for name, preference in sorted(self.flags.names.items())
            if name not in names
        ]

    def _unmatched_entry(
        self,
        entry: PackageEntry,
        releases: Collection[tuple[str, str]],
        names: Sequence[str],
        targets: Collection[Target],
    ) -> list[CrosswheelError]:
        context = (self.name, entry.place)
        versions = [version for name, version in releases if name == entry.name]
        if not versions:
            fix = did_you_mean(entry.name, names) or "name a package of the plan or remove the entry"
            why = "the plan has no such package"
            return [InputError("apply entry for", entry.name, why=why, fix=fix, context=context)]
        if not any(entry.is_about(entry.name, version) for version in versions):
            why = f"the plan has {entry.name} {', '.join(sorted(versions))}"
            fix = "change the range or remove the entry"
            value = str(entry.versions)
            return [InputError("apply entry for versions", value, why=why, fix=fix, context=context)]
        ids = ", ".join(target.id for target in targets)
        return [
            InputError(
                "apply table for target",
                key,
                why=f"it is none of the plan's targets {ids}",
                fix="write one of them or a glob over these ids, or remove the table",
                context=(self.name, f"{entry.place}.targets"),
            )
            for key in entry.targets
            if targets and not any(matches_target(key, target) for target in targets)
        ]


def _perhaps_about_requirements(fault: CrosswheelError) -> CrosswheelError:
    if not fault.doing.startswith(("apply ", "use toolchain ")):  # a target that cannot be parsed
        return fault
    return type(fault)(
        fault.doing,
        fault.value,
        why=f"{fault.why}, and what builds require is known only once the rest is right",
        fix=fault.fix,
        context=fault.context,
        details=fault.details,
    )


def _overlaid(
    policy: PackagePolicy, entries: Iterable[PackageEntry], name: str, target: Target, version: str | None
) -> PackagePolicy:
    for entry in entries:
        if entry.is_about(name, version):
            policy = policy.overlaid(entry.policy)
            for key, inner in entry.targets.items():
                if matches_target(key, target):
                    policy = policy.overlaid(inner)
    return policy


def with_flags(policy: Policy, *, no_binary: Sequence[str] = (), only_binary: Sequence[str] = ()) -> Policy:
    """Return the policy with pip's and uv's flags on top of it.

    Args:
        policy: the configuration.
        no_binary: values of ``--no-binary``: names, comma-separated lists, ``:all:`` or ``:none:``.
        only_binary: values of ``--only-binary``.

    Raises:
        CrosswheelError: a value is no package name, or both flags name the same package.
    """
    return replace(policy, flags=build_flags(no_binary=no_binary, only_binary=only_binary))
