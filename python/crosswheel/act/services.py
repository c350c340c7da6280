"""What the executor works with, handed to it by whoever calls."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.building.sandbox import Sandbox
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.reporter import Reporter
from crosswheel.act.storage.store import Store

__all__ = ["Services"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """What the executor works with.

    Attributes:
        store: where artifacts and built wheels are kept.
        sandbox: what builds run in.
        settings: how files are fetched.
        reporter: who hears of the progress.
        build_python: the interpreter to build with; ``None`` to look for one.
        jobs: how many builds and checks run at a time.
    """

    store: Store
    sandbox: Callable[[], Sandbox]
    settings: FetchSettings
    reporter: Reporter
    build_python: Path | None = None
    jobs: int = os.cpu_count() or 1
