"""Where the headers of a target Python come from, packed and pinned: the source the user named, or the build Python."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.building.build_python import BuildPython
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.fetching.given_sources import find_source
from crosswheel.act.planning.plan_inputs import WHAT_HEADERS_ARE
from crosswheel.act.reporter import Reporter
from crosswheel.act.storage.store import Store
from crosswheel.act.target_python.headers import HeadersPack, build_python_headers, headers_from
from crosswheel.decide.configuration.headers_sources import headers_place
from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.decide.plans.plan import BUILD_PYTHON_HEADERS, Artifact, HeadersPin
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.targets import Target
from crosswheel.values.digests import digest_of

__all__ = ["ChosenHeaders", "HeadersChooser", "configured_headers"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenHeaders:
    """The headers of one target.

    Attributes:
        pin: what the plan says of them.
        pack: the pack, in the store.
        artifact: how other machines get the pack; ``None`` if they make it from their build Python.
        files: files to be written beside the plan, by path relative to its folder.
    """

    pin: HeadersPin
    pack: Path
    artifact: Artifact | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


def configured_headers(policy: Policy, folder: Path) -> tuple[str, ...]:
    """Return the configuration's sources of headers, ``SOURCE`` or ``TARGET=SOURCE``; a path in it is relative to its folder."""
    found = []
    for text in policy.headers:
        place = headers_place(text)
        beside = folder / place
        found.append(text.removesuffix(place) + str(beside if beside.exists() else place))
    return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadersChooser:
    """Packs headers into the store.

    Attributes:
        store: keeps the packs.
        settings: how a source on the web is fetched.
        reporter: hears of the progress.
        folder: the plan's folder.
    """

    store: Store
    settings: FetchSettings
    reporter: Reporter
    folder: Path

    def choose(
        self, target: Target, source: str, *, description: TargetDescription, build_python: BuildPython
    ) -> ChosenHeaders:
        """Return the headers of `target`.

        Args:
            target: the target.
            source: ``build-python``; or path, or URL with ``#sha256=``, of a headers pack, a
                python-build-standalone archive, a Debian package or tree, or a Nix store path.
            description: its description.
            build_python: the build Python.

        Raises:
            InputError: the source cannot be read, or is another Python's.
        """
        if source == BUILD_PYTHON_HEADERS:
            pack = build_python_headers(build_python.include, description)
            return ChosenHeaders(pin=_pin(BUILD_PYTHON_HEADERS, pack), pack=self._kept(pack, target))
        origin, path = find_source(
            source,
            thing="headers",
            fix=WHAT_HEADERS_ARE,
            folder=self.folder,
            store=self.store,
            settings=self.settings,
            reporter=self.reporter,
        )
        pack = headers_from(path, description)
        if path.is_file() and path.stat().st_size == len(pack.data) and path.read_bytes() == pack.data:
            # Packing a pack changes nothing, so the file itself can be the artifact.
            artifact = origin or Artifact(
                sha256=pack.digest,
                filename=path.name,
                path=os.path.relpath(path.resolve(), self.folder.resolve()).replace(os.sep, "/"),
                size=len(pack.data),
            )
            return ChosenHeaders(pin=_pin("artifact", pack), pack=self._kept(pack, target), artifact=artifact)
        relative = f"headers/{target.id}-{pack.digest.hex[:12]}.tar"
        return ChosenHeaders(
            pin=_pin("artifact", pack),
            pack=self._kept(pack, target),
            artifact=Artifact(
                sha256=pack.digest, filename=Path(relative).name, path=relative, size=len(pack.data)
            ),
            files={relative: pack.data},
        )

    def _kept(self, pack: HeadersPack, target: Target) -> Path:
        digest = digest_of(pack.data)
        name = f"headers-{target.id}.tar"
        self.store.add_bytes(pack.data, name)
        return self.store.artifact(digest, filename=name) or Path()


def _pin(source: str, pack: HeadersPack) -> HeadersPin:
    return HeadersPin(
        source=source, python_version=pack.python_version, sha256=pack.digest, origin=pack.origin
    )
