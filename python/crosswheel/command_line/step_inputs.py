"""What the steps have in common: arguments for their inputs, and services that fetch nothing."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.command_parser import CommandParser
from crosswheel.command_line.output_places import place_on_disk
from crosswheel.command_line.process_memory import return_large_blocks
from crosswheel.values.errors import WHOLE_LOG, BuildError, CheckError, CrosswheelError

if TYPE_CHECKING:
    from crosswheel.act.ready_wheel import ReadyWheel
    from crosswheel.act.services import Services
    from crosswheel.command_line.console import Console
    from crosswheel.decide.plans.plan import Plan, PlannedTarget

__all__ = [
    "add_build_options",
    "add_files",
    "add_plan_target",
    "add_step",
    "add_steps",
    "add_wheels",
    "planned_target",
    "shipped_wheels",
    "step_services",
    "wheels_given",
]

#: Where the whole log of a step's build is; whoever runs steps by a build system may have no say in their options.
_ELSEWHERE = "`crosswheel build` of the plan keeps the whole log; the step by itself prints it with --verbose"


class _StepParser(CommandParser):
    """Takes the arguments that stand in a file given as ``@FILE``.

    argparse's own way takes a line for an argument, so that no value has two of them, and what a line says for the name of
    another file where it begins with ``@``.
    """

    def parse_known_args(  # type: ignore[override]  # argparse's has overloads
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse the arguments and those of the files among them."""
        return super().parse_known_args([word for one in args or () for word in self._words(one)], namespace)

    def _words(self, argument: str) -> list[str]:
        if not argument.startswith("@"):
            return [argument]
        try:
            # Not read as text, whose ends of lines are all made one: a value may hold another.
            return shlex.split(Path(argument[1:]).read_bytes().decode("utf-8", "surrogateescape"))
        except (OSError, ValueError) as error:
            self.error(f"cannot read the arguments in '{argument[1:]}': {error}; quote each as a shell does")


def add_steps(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser],
) -> argparse._SubParsersAction[argparse.ArgumentParser]:
    """Add the command ``step``; return where its steps are added."""
    parser = subparsers.add_parser(
        "step",
        help="do one step of a plan, from files that are given (for other build systems)",
        description="Do one step of a plan. Every input is named, nothing is fetched, no configuration is read and no "
        "cache is kept: what Bazel, Nix or a script of your own calls once for each action. Arguments of a step may stand "
        "in a file, quoted as for a shell, given as @FILE.",
    )
    return parser.add_subparsers(title="steps", metavar="STEP", required=True, parser_class=_StepParser)


def add_step(
    steps: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace, Console], int],
    words: str,
) -> argparse.ArgumentParser:
    """Add a step and the option for its output; return its parser."""
    parser = steps.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
    parser.add_argument(
        "-o", "--output", metavar="PATH", type=place_on_disk, required=True, help="what to make"
    )
    parser.add_argument(
        "--spelled",
        metavar="OPTION=WORDS",
        type=_spelling,
        action="append",
        default=[],
        help="what errors and warnings call an option of this step, for a caller whose users never see it; repeatable",
    )
    parser.set_defaults(run=run)
    return parser


def _spelling(text: str) -> tuple[str, str]:
    option, equals, words = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form OPTION=WORDS")
    return option, words


def add_plan_target(parser: argparse.ArgumentParser) -> None:
    """Add what `planned_target` reads."""
    parser.add_argument("plan", metavar="PLAN", type=Path, help="the plan")
    parser.add_argument("-t", "--target", metavar="NAME", required=True, help="which target of the plan")


def add_files(parser: argparse.ArgumentParser, words: str) -> None:
    """Add the option for files that are told by their content."""
    parser.add_argument(
        "--file",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help=f"{words}; under any name, or a folder of them",
    )


def add_wheels(
    parser: argparse.ArgumentParser,
    words: str = "a prebuilt wheel, or the folder that `step build` wrote; repeatable",
) -> None:
    """Add the option for wheels."""
    parser.add_argument("--wheel", metavar="PATH", type=Path, action="append", default=[], help=words)


def add_build_options(parser: argparse.ArgumentParser) -> None:
    """Add what `step_services` reads of steps that compile."""
    from crosswheel.act.building.sandbox_kinds import SANDBOX_KINDS

    parser.add_argument("--build-python", metavar="PATH", type=Path, help="the interpreter to build with")
    parser.add_argument(
        "--sandbox",
        choices=SANDBOX_KINDS,
        default=SANDBOX_KINDS[0],
        help=f"what the build runs in, inside the caller's own (default: {SANDBOX_KINDS[0]})",
    )


@contextmanager
def step_services(arguments: argparse.Namespace, console: Console) -> Iterator[Services]:
    """Yield services that fetch nothing, with a store that is gone afterwards unless ``--cache-dir`` names one.

    The log of a failed build, which is gone with it, is printed in whole with ``--verbose``.
    """
    import tempfile

    from crosswheel.act.fetching.fetch_settings import FetchSettings
    from crosswheel.act.services import services_with
    from crosswheel.act.storage.file_locks import remove_tree

    return_large_blocks()
    passing = None if arguments.cache_dir else tempfile.mkdtemp(prefix="crosswheel-step-")
    try:
        yield services_with(
            cache_dir=arguments.cache_dir or passing,
            sandbox=getattr(arguments, "sandbox", "none"),
            settings=FetchSettings(),
            reporter=console.reporter,
            build_python=getattr(arguments, "build_python", None),
            jobs=1,
        )
    except (BuildError, CheckError) as error:
        if passing is None:
            raise
        raise _told_whole(error, passing, console) from None
    finally:
        if passing is not None:
            remove_tree(Path(passing))


def _told_whole(error: CrosswheelError, folder: str, console: Console) -> CrosswheelError:
    """Return an error that names no log in a folder that passes; a console that is to say more has the log."""
    start = f"{WHOLE_LOG}{folder}"
    passing = [line.removeprefix(WHOLE_LOG) for line in error.details if line.startswith(start)]
    if not passing:
        return error
    if console.verbose:
        for log in passing:
            console.note(f"{log.rpartition('/')[2]}:")
            for line in Path(log).read_text("utf-8", "replace").splitlines():
                console.note(line)
    hint = "the whole log stands above" if console.verbose else _ELSEWHERE
    details = [line for line in error.details if not line.startswith(start)]
    return type(error)(
        error.doing,
        error.value,
        why=error.why,
        fix=error.fix,
        context=error.context,
        details=[*details, hint],
        particular=error.particular,
    )


def planned_target(arguments: argparse.Namespace) -> tuple[Plan, PlannedTarget]:
    """Return the plan and the target that were named."""
    from crosswheel.act.planning.plan_files import read_plan
    from crosswheel.target.held_targets import choose_target

    plan = read_plan(arguments.plan)
    target = choose_target(arguments.target, [planned.target for planned in plan.targets])
    return plan, next(planned for planned in plan.targets if planned.target == target)


@contextmanager
def wheels_given(
    arguments: argparse.Namespace, console: Console
) -> Iterator[tuple[Plan, PlannedTarget, tuple[ReadyWheel, ...]]]:
    """Yield the plan, the target and all its wheels, which live as long as the block."""
    from crosswheel.act.steps.given_wheels import given_wheels

    plan, planned = planned_target(arguments)
    with step_services(arguments, console) as services, services.store.scratch() as scratch:
        wheels = given_wheels(plan, planned, given=arguments.wheel, scratch=scratch, services=services)
        yield plan, planned, wheels


@contextmanager
def shipped_wheels(
    arguments: argparse.Namespace, console: Console
) -> Iterator[tuple[Plan, PlannedTarget, tuple[ReadyWheel, ...]]]:
    """Yield the same as `wheels_given`, and warn of what the wheels require and do not find, as `crosswheel build` does."""
    from crosswheel.act.told_unmet import tell_unmet

    with wheels_given(arguments, console) as (plan, planned, wheels):
        tell_unmet(planned.target, wheels, console.reporter)
        yield plan, planned, wheels
