"""``crosswheel cache``: where the store is, how much it holds, throwing away, looking for damage."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import store_of

if TYPE_CHECKING:
    from crosswheel.act.storage.store import Store
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``cache`` and its subcommands."""
    parser = subparsers.add_parser(
        "cache", help="look after the store", description="Look after the store of downloads and builds."
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, run, words in (
        ("dir", run_dir, "print where the store is"),
        ("size", run_size, "print what the store holds"),
        ("verify", run_verify, "read every file of the store and drop the damaged ones"),
        ("prune", run_prune, "remove what was not used lately"),
    ):
        action = actions.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
        action.set_defaults(run=run)
        if name == "prune":
            which = action.add_mutually_exclusive_group()
            which.add_argument(
                "--older-than",
                type=_days,
                default=30.0,
                metavar="DAYS",
                help="not used for so long (default: 30)",
            )
            which.add_argument("--all", action="store_true", help="everything")


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days")
    return days


def run_dir(arguments: argparse.Namespace, console: Console) -> int:
    """Print the store's folder."""
    store = store_of(arguments)
    if arguments.json:
        console.json({"directory": str(store.root)})
    else:
        console.print(str(store.root))
    return 0


def run_size(arguments: argparse.Namespace, console: Console) -> int:
    """Print entries and bytes of each section."""
    from crosswheel.act.storage.store_maintenance import store_size

    store = store_of(arguments)
    sizes = store_size(store)
    total = sum(size.bytes for size in sizes)
    if arguments.json:
        sections = {size.section: {"entries": size.entries, "bytes": size.bytes} for size in sizes}
        console.json({"bytes": total, "sections": sections})
        return 0
    _tell_none(store, console)
    for size in sizes:
        console.print(f"{size.section:10} {size.entries:8} {size.bytes / 1e6:12.1f} MB")
    console.print(f"{'total':10} {sum(size.entries for size in sizes):8} {total / 1e6:12.1f} MB")
    return 0


def run_verify(arguments: argparse.Namespace, console: Console) -> int:
    """Drop damaged artifacts; the exit code is that of a damaged store if there were any."""
    from crosswheel.act.storage.store_maintenance import verify
    from crosswheel.values.errors import StoreError

    store = store_of(arguments)
    damaged = [path.name for path in verify(store)]
    if arguments.json:
        console.json({"damaged": damaged})
    for name in damaged:
        console.note(f"dropped {name}: its content was not what its digest says")
    if not damaged and not _tell_none(store, console):
        console.note("every file is what its digest says")
    return StoreError.exit_code if damaged else 0


def run_prune(arguments: argparse.Namespace, console: Console) -> int:
    """Remove old entries, or all."""
    from crosswheel.act.storage.store_maintenance import prune

    store = store_of(arguments)
    removed = prune(store, older_than_days=None if arguments.all else arguments.older_than)
    if arguments.json:
        console.json({"entries": removed.entries, "bytes": removed.bytes})
    elif not _tell_none(store, console):
        console.note(f"removed {removed.entries} entries, {removed.bytes / 1e6:.1f} MB")
    return 0


def _tell_none(store: Store, console: Console) -> bool:
    """Say so, and return it, where there is no store; that is no error, as every command makes the one that it needs."""
    from crosswheel.act.storage.store_maintenance import is_there

    if is_there(store):
        return False
    console.note(f"there is no cache in {store.root}")
    return True
