"""What is to be built, with what the configuration says of it: packages of the lock, and build requirements."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.planning.plan_inputs import PlanRequest, configuration_folder, read_patch
from crosswheel.act.planning.sysroot_choice import sysroot_inputs
from crosswheel.decide.configuration.policy_model import PackagePolicy, Policy
from crosswheel.decide.planning.overlays import ACCEPT_CODE
from crosswheel.decide.planning.planner import artifact_of, build_id
from crosswheel.decide.plans.plan import Artifact, Patch
from crosswheel.decide.selection.selection import SelectedPackage, Selection
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest, digest_of

__all__ = ["RESOLUTION", "BuildSubject", "BuildSubjects"]

#: Changes whenever the same inputs would be resolved in another way.
RESOLUTION = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildSubject:
    """One sdist, one target, and what the policy says of them.

    Attributes:
        package: the package; it has an sdist.
        sdist: the sdist's artifact.
        target: the target.
        policy: the policy for both.
        patches: patches and where they are.
        sysroot_inputs: what its libraries of the target are chosen from; empty when it wants none.
        native: it is a build requirement, built for the build platform that it is used on and on no other.
        own: it is a project of the user's own, which messages tell.
    """

    package: SelectedPackage
    sdist: Artifact
    target: Target
    policy: PackagePolicy
    patches: tuple[tuple[Path, Patch], ...] = ()
    sysroot_inputs: Mapping[str, JsonValue] = field(default_factory=dict)
    native: bool = False
    own: bool = False

    @property
    def id(self) -> str:
        """The build's id."""
        return build_id(self.package.name, self.package.version, self.target)

    def inputs(self, exclude_newer: str | None) -> Digest:
        """Return the digest of everything the build environment is resolved from."""
        return digest_of_json(
            {
                "resolution": RESOLUTION,
                "sdist": self.sdist.sha256.hex,
                "target": self.target.id,
                "build_requires": list(self.policy.build_requires),
                "build_constraints": list(self.policy.build_constraints),
                "exclude_newer": exclude_newer,
                "accept_build_machine_headers": ACCEPT_CODE in self.policy.accept,
                **self.sysroot_inputs,
                **self.hook_inputs(),
            }
        )

    def hook_inputs(self) -> dict[str, JsonValue]:
        """Return what reaches the backend besides the sdist."""
        settings: dict[str, JsonValue] = {
            key: value if isinstance(value, str) else list(value)
            for key, value in self.policy.config_settings.items()
        }
        downloads: list[JsonValue] = [
            [one.filename, one.sha256.hex, one.fetch_content] for one in self.policy.downloads
        ]
        return {
            "config_settings": settings,
            "environment": dict(self.policy.environment),
            "patches": [patch.sha256.hex for _, patch in self.patches],
            **({"downloads": downloads} if downloads else {}),
            **({"meson_wraps": True} if self.policy.meson_wraps else {}),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildSubjects:
    """Makes a build of a package and what the policy says of it.

    Attributes:
        request: what is planned.
        policy: its configuration.
        selections: what the packages of the lock become.
        packed: where the sdists of the user's own projects lie, relative to the plan's folder.
    """

    request: PlanRequest
    policy: Policy
    selections: tuple[Selection, ...]
    packed: frozenset[str] = frozenset()

    def of_selection(self, selection: Selection) -> tuple[BuildSubject, ...]:
        """Return the builds of the packages of the lock on one target."""
        return tuple(
            self._subject(package, selection.target)
            for package in selection.packages
            if package.sdist is not None
        )

    def required(self, package: SelectedPackage, target: Target, native: bool) -> BuildSubject:
        """Return the build of a build requirement: the lock's own where it asks for the same release.

        Args:
            package: the build requirement; it has an sdist.
            target: what it is built for.
            native: that is the build platform it is then used on.
        """
        wanted = build_id(package.name, package.version, target)
        for selection in self.selections:
            for locked in selection.packages if selection.target == target else ():
                if locked.sdist is not None and build_id(locked.name, locked.version, target) == wanted:
                    return self._subject(locked, target)
        return self._subject(package, target, native=native)

    def _subject(self, package: SelectedPackage, target: Target, *, native: bool = False) -> BuildSubject:
        assert package.sdist is not None, "the caller asks only for what is built"
        policy = self.policy.for_package(package.name, target, version=package.version)
        return BuildSubject(
            package=package,
            sdist=artifact_of(package.sdist, package.name),
            target=target,
            policy=policy,
            patches=tuple(self._patch(path) for path in policy.patches),
            sysroot_inputs=sysroot_inputs(
                policy, self.policy.sysroot, configuration_folder(self.request), target
            ),
            native=native,
            own=package.sdist.path in self.packed,
        )

    def _patch(self, text: str) -> tuple[Path, Patch]:
        configuration = self.request.configuration
        folder = configuration.parent if configuration else Path()
        path = folder / text
        digest = digest_of(read_patch(folder, text, place=(configuration.name,) if configuration else ()))
        relative = os.path.relpath(path.resolve(), self.request.folder.resolve()).replace(os.sep, "/")
        return path, Patch(path=relative, sha256=digest)
