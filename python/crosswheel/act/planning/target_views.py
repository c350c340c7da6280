"""How build backends will see each target: its description, its headers and the build Python, found out once.

Targets asked for and build platforms alike: build requirements are built for these.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.building.build_python import BuildPython, find_build_python
from crosswheel.act.building.own_toolchain import OwnToolchain
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.planning.headers_choice import ChosenHeaders, HeadersChooser, configured_headers
from crosswheel.act.planning.own_toolchains import OwnToolchains
from crosswheel.act.planning.plan_inputs import PlanRequest, configuration_folder
from crosswheel.act.reporter import Reporter
from crosswheel.act.storage.store import Store
from crosswheel.act.target_python.load_description import load_description, shipped_descriptions
from crosswheel.decide.configuration.headers_sources import headers_source_for, headers_target_name
from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.decide.planning.planner import TargetChoice
from crosswheel.decide.plans.plan import Artifact, HeadersPin
from crosswheel.decide.selection.selection import Selection
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import canonical_json
from crosswheel.values.digests import Digest

__all__ = ["TargetView", "TargetViews"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetView:
    """The target as a build backend will see it while it is asked for requirements.

    Attributes:
        description: the target description.
        description_digest: its digest.
        headers: the headers pack, in the store.
        build_python: what runs the backend.
        toolchain: the user's own that compiles for it; ``None`` for zig.
        pin: what the plan says of the headers.
        artifacts: files that builds for the target read beside their own.
    """

    description: TargetDescription
    description_digest: Digest
    headers: Path
    build_python: BuildPython
    pin: HeadersPin
    toolchain: OwnToolchain | None = None
    artifacts: tuple[Artifact, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetViews:
    """Finds out how backends see targets.

    Attributes:
        request: what is planned.
        policy: its configuration.
        store: keeps headers and descriptions.
        toolchains: finds toolchains of the user's own.
        settings: how headers on the web are fetched.
        reporter: hears of the progress.
        files: files to be written beside the plan, by path relative to its folder.
    """

    request: PlanRequest
    policy: Policy
    store: Store
    toolchains: OwnToolchains
    settings: FetchSettings
    reporter: Reporter
    files: dict[str, bytes] = field(default_factory=dict)
    _known: dict[str, TargetView] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def view(self, target: Target) -> TargetView:
        """Return how backends see `target`.

        Raises:
            CrosswheelError: nothing can be compiled for it, or its description, its headers or a build Python is
                missing.
        """
        with self._lock:
            if target.id not in self._known:
                self._known[target.id] = self._view(target)
            return self._known[target.id]

    def choice(self, target: Target) -> TargetChoice:
        """Return `target` as a plan holds it, with no wheels.

        Raises:
            CrosswheelError: as `view`.
        """
        view = self.view(target)
        return TargetChoice(
            selection=Selection(target=target, packages=()),
            description=view.description_digest,
            headers=view.pin,
            toolchain=None if view.toolchain is None else view.toolchain.pin,
            artifacts=view.artifacts,
        )

    def _view(self, target: Target) -> TargetView:
        build_python = find_build_python(target.python, explicit=self.request.build_python)
        # What nothing compiles for need not be asked for further.
        toolchain = self.toolchains.choose(target, build_python)
        description = load_description(target, extra=self.request.descriptions)
        chooser = HeadersChooser(
            store=self.store, settings=self.settings, reporter=self.reporter, folder=self.request.folder
        )
        said = (
            self._meant(sources, target)
            for sources in (
                self.request.headers,
                configured_headers(self.policy, configuration_folder(self.request)),
            )
        )
        source = headers_source_for(target, *said)
        headers = chooser.choose(target, source, description=description, build_python=build_python)
        self.files.update(headers.files)
        return TargetView(
            description=description,
            description_digest=description.digest,
            headers=headers.pack,
            build_python=build_python,
            pin=headers.pin,
            toolchain=toolchain,
            artifacts=self._artifacts(headers, description, target),
        )

    def _meant(self, sources: tuple[str, ...], target: Target) -> tuple[str, ...]:
        """Return those that may be meant for a target; one that names none is meant for those asked for."""
        if target in self.request.targets:
            return sources
        return tuple(source for source in sources if headers_target_name(source) is not None)

    def _artifacts(
        self, headers: ChosenHeaders, description: TargetDescription, target: Target
    ) -> tuple[Artifact, ...]:
        both = (headers.artifact, self._own_description(description, target))
        return tuple(artifact for artifact in both if artifact is not None)

    def _own_description(self, description: TargetDescription, target: Target) -> Artifact | None:
        """Let the plan carry a description of the user's: whoever builds has only the shipped ones."""
        if description.id in shipped_descriptions() and load_description(target).digest == description.digest:
            return None
        data = canonical_json(description.to_json())
        relative = f"descriptions/{target.id}-{description.digest.hex[:12]}.json"
        name = Path(relative).name
        self.files[relative] = data
        self.store.add_bytes(data, name)
        return Artifact(sha256=description.digest, filename=name, path=relative, size=len(data))
