"""Options of the commands that fetch and build, and the services they ask for."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.process_memory import return_large_blocks
from crosswheel.command_line.whole_numbers import whole_number

if TYPE_CHECKING:
    from crosswheel.act.fetching.fetch_settings import FetchSettings
    from crosswheel.act.services import Services
    from crosswheel.act.storage.store import Store
    from crosswheel.command_line.console import Console

__all__ = ["add_execution_options", "fetch_settings_of", "jobs_of", "services_of", "store_of"]


def add_execution_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `services_of` reads."""
    from crosswheel.act.building.sandbox_kinds import SANDBOX_KINDS

    group = parser.add_argument_group("fetching and building")
    group.add_argument(
        "--mirror",
        action="append",
        default=[],
        metavar="FROM=TO",
        help="fetch URLs that start with FROM from TO instead; repeatable",
    )
    group.add_argument(
        "--sandbox",
        choices=SANDBOX_KINDS,
        default=SANDBOX_KINDS[0],
        help=f"what builds run in (default: {SANDBOX_KINDS[0]}); none lets them read and change what you can, for sdists you trust",
    )
    group.add_argument(
        "--build-python",
        type=Path,
        metavar="PATH",
        help="the interpreter that runs builds, of the target's X.Y (default: one that is found)",
    )
    group.add_argument(
        "-j",
        "--jobs",
        type=whole_number("a number from 1 to 999999", least=1, digits=6),
        metavar="N",
        help="how much is done at a time (default: as much as there are cores)",
    )


def jobs_of(arguments: argparse.Namespace) -> int:
    """Return how much is done at a time: ``--jobs``, else one thing a core."""
    return arguments.jobs or os.cpu_count() or 1


def store_of(arguments: argparse.Namespace) -> Store:
    """Return the store of ``--cache-dir``, else the user's."""
    from crosswheel.act.services import store_at

    return store_at(arguments.cache_dir)


def fetch_settings_of(arguments: argparse.Namespace) -> FetchSettings:
    """Return how files are fetched: pip's and uv's settings, and the mirrors configured beside the lock or plan.

    Raises:
        InputError: pip's, uv's or our configuration cannot be read.
    """
    from crosswheel.act.fetching.index_configuration import configuration_beside, read_fetch_settings

    chosen: Path | None = getattr(arguments, "config", None)
    source: Path | None = getattr(arguments, "source", None)
    beside = configuration_beside(source) if source else ()
    return read_fetch_settings(
        working_directory=Path.cwd(), mirrors=arguments.mirror, configuration=(chosen,) if chosen else beside
    )


def services_of(arguments: argparse.Namespace, console: Console) -> Services:
    """Return what the executor works with.

    Raises:
        InputError: pip's, uv's or our configuration cannot be read.
    """
    from crosswheel.act.services import services_with

    return_large_blocks()
    return services_with(
        cache_dir=arguments.cache_dir,
        sandbox=arguments.sandbox,
        settings=fetch_settings_of(arguments),
        reporter=console.reporter,
        build_python=arguments.build_python,
        jobs=arguments.jobs,
    )
