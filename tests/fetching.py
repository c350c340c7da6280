"""Fetching as the tests do it: one artifact, a store, short waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import CrosswheelError, FaultsError, FetchError

BODY = bytes(range(256)) * 4096
FIX = "check the network, the index and mirror settings, or make the plan anew"
CHANGED = "ask who serves it why the file has changed; if the change is right, lock and plan again"
MISPLACED = "put the file that was locked there, or lock and plan again"


def artifact(
    url: str | None = None, *, size: int | None = None, body: bytes = BODY, **fields: str
) -> Artifact:
    return Artifact(
        sha256=digest_of(body),
        filename="demo-1.0.tar.gz",
        project="demo",
        url=url,
        size=size,
        path=fields.get("path"),
    )


def settings(**fields: object) -> FetchSettings:
    return FetchSettings(**{"backoff": 0.001, "retries": 2, "timeout": 5.0, **fields})  # type: ignore[arg-type]


def fetch(store: Store, *artifacts: Artifact, base: Path = Path(), **fields: object) -> dict[Digest, Path]:
    return fetch_artifacts(
        store, artifacts, base=base, settings=settings(**fields), reporter=SilentReporter()
    )


class Places(SilentReporter):
    """Remembers where files came from, and what was warned of."""

    def __init__(self) -> None:
        self.places: list[str] = []
        self.warnings: list[str] = []

    def warned(self, message: str) -> None:
        """Remember the warning."""
        self.warnings.append(message)

    def found(self, file: str, place: str) -> None:
        """Remember the place."""
        assert file == "demo-1.0.tar.gz"
        self.places.append(place)


def places(store: Store, artifact: Artifact, *, base: Path = Path(), **fields: object) -> list[str]:
    heard = Places()
    fetch_artifacts(store, [artifact], base=base, settings=settings(**fields), reporter=heard)
    return heard.places


def refusal(store: Store, *artifacts: Artifact, base: Path = Path(), **fields: object) -> str:
    with pytest.raises(CrosswheelError) as caught:
        fetch(store, *artifacts, base=base, **fields)
    assert isinstance(caught.value, FetchError | FaultsError)
    return str(caught.value)


def content(found: dict[Digest, Path]) -> bytes:
    return next(iter(found.values())).read_bytes()
