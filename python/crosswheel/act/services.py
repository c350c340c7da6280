"""What the executor works with, handed to it by whoever calls."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.storage.store import Store, default_store_root

if TYPE_CHECKING:
    from crosswheel.act.building.sandbox import Sandbox
    from crosswheel.act.fetching.fetch_settings import FetchSettings
    from crosswheel.act.reporter import Reporter

__all__ = ["Services", "services_with", "store_at"]


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


def store_at(cache_dir: str | Path | None) -> Store:
    """Return the store in `cache_dir`; ``None`` for the user's own."""
    return Store(Path(cache_dir).absolute() if cache_dir else default_store_root())


def services_with(
    *,
    cache_dir: str | Path | None,
    sandbox: str,
    settings: FetchSettings,
    reporter: Reporter,
    build_python: str | Path | None,
    jobs: int | None,
) -> Services:
    """Return the services a user asked for; the sandbox is set up when something is first built.

    Args:
        cache_dir: the store; ``None`` for the user's own.
        sandbox: one of `SANDBOX_KINDS`.
        settings: how files are fetched.
        reporter: who hears of the progress.
        build_python: the interpreter to build with; ``None`` to look for one.
        jobs: how many builds run at a time; ``None`` for one a core.
    """

    @cache
    def chosen() -> Sandbox:
        from crosswheel.act.building.sandbox import choose_sandbox

        return choose_sandbox(sandbox)

    return Services(
        store=store_at(cache_dir),
        sandbox=chosen,
        settings=settings,
        reporter=reporter,
        build_python=None if build_python is None else Path(build_python),
        jobs=jobs or os.cpu_count() or 1,
    )
