"""``crosswheel doctor``: what this machine has, what is missing, and how to get it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import store_of

if TYPE_CHECKING:
    from crosswheel.act.machine_inspection import MachineFact
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "doctor",
        help="say what this machine has and what is missing",
        description="Try out what crosswheel works with on this machine: the sandbox, build Pythons, the store, emulators, other tools. "
        "What is missing comes with how to get it. Exits with 0 where a build for this interpreter's X.Y would find what it needs, "
        "else with the code that the build would end with. Fetches nothing.",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Tell what there is."""
    from crosswheel.act.machine_inspection import State, inspect_machine

    facts = []
    for fact in inspect_machine(store_of(arguments)):
        facts.append(fact)
        if not arguments.json:
            for line in _lines(fact):
                console.print(line)
    missing = [fact for fact in facts if fact.state is State.MISSING]
    if arguments.json:
        console.json({"ready": not missing, "facts": [_document(fact) for fact in facts]})
    if not missing:
        console.note("this machine can cross build")
        return 0
    console.note(f"a build would not find: {', '.join(fact.name for fact in missing)}")
    return missing[0].exit_code


def _lines(fact: MachineFact) -> Iterator[str]:
    from crosswheel.act.machine_inspection import State

    marks = {State.THERE: "ok", State.OPTIONAL: "-", State.MISSING: "MISSING"}
    yield f"{marks[fact.state]:8} {fact.name:18} {fact.words}"
    if fact.fix:
        yield f"{'':27} for {fact.needed_for}: {fact.fix}"


def _document(fact: MachineFact) -> dict[str, str]:
    return {
        "name": fact.name,
        "state": fact.state.name.lower(),
        "needed_for": fact.needed_for,
        "found": fact.words,
        "fix": fact.fix,
    }
