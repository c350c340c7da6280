"""``crosswheel check``: the verifier on any wheel."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.named_target import parse_name
from crosswheel.values.printable import one_line
from crosswheel.values.wording import MOST_SHOWN

if TYPE_CHECKING:
    from crosswheel.act.check.facts import BuiltFacts
    from crosswheel.act.check.findings import CheckReport, Finding

    from .console import Console

__all__ = ["add_parser", "report_text", "run"]

#: The exit code of a refused wheel, that of `CheckError`.
_REFUSED = 8


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``check`` to the command line."""
    parser = subparsers.add_parser(
        "check",
        help="check whether wheels fit a target",
        description="Read every file of each wheel and tell whether the wheel fits the target. Nothing is run.",
    )
    parser.add_argument("wheels", nargs="+", type=Path, metavar="WHEEL", help="wheel to check")
    parser.add_argument("-t", "--target", required=True, metavar="NAME", help="where the wheels are to run")
    parser.add_argument("--python", metavar="X.Y", help="the target's Python, where its name leaves it open")
    parser.add_argument(
        "--oracle",
        type=Path,
        metavar="WHEEL",
        help="compare with this prebuilt wheel of the same release, as if the wheel had been built by crosswheel",
    )
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="CODE[:GLOB]",
        help="accept a finding, in files that match GLOB; repeatable",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Check the wheels.

    Returns:
        0 when every wheel fits, 8 when one is refused.

    Raises:
        InputError: the target, a wheel or an accept cannot be read, or an accept covered nothing.
    """
    from crosswheel.act.check.check_wheel import check_wheel, require_all_used, require_file

    target = parse_name(arguments.target, arguments.python, console).target
    # Before anything is read: a check that ends in a typing error has told nothing.
    for path in (*arguments.wheels, *([] if arguments.oracle is None else [arguments.oracle])):
        require_file(path)
    reports = [
        check_wheel(wheel, target, accept=arguments.accept, built=_built_facts(wheel, arguments.oracle))
        for wheel in arguments.wheels
    ]
    if not arguments.json:
        for report in reports:
            console.text(report_text(report))
    # Before the reports as a document: an error is one of its own, and there is to be one.
    require_all_used(arguments.accept, reports)
    if arguments.json:
        paths = map(str, arguments.wheels)  # two folders may hold wheels of one name
        console.json(
            [{**report.to_json(), "path": path} for path, report in zip(paths, reports, strict=True)]
        )
    return _REFUSED if any(report.refused for report in reports) else 0


def _built_facts(wheel: Path, oracle: Path | None) -> BuiltFacts | None:
    from crosswheel.act.check.facts import BuiltFacts
    from crosswheel.act.check.wheel_file import parse_wheel_name

    name = parse_wheel_name(wheel.name)
    if oracle is None or name is None:
        return None
    return BuiltFacts(name=name.project, version=name.version, oracle=oracle)


def report_text(report: CheckReport) -> str:
    """Return the report as people read it: a verdict, then the findings, grouped by code.

    Args:
        report: what `check_wheel` returned.
    """
    unread = any(finding.code == "binaries-not-read" for finding in report.findings)
    verdict = "refused" if report.refused else "binaries not read, the rest fits" if unread else "fits"
    lines = [f"{one_line(report.wheel)}: {verdict} {report.target.id}"]
    if report.earned_tags and not report.refused:
        lines.append(f"  earned: {', '.join(sorted({tag.platform for tag in report.earned_tags}))}")
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.findings:
        weight = "accepted" if finding.accepted else finding.severity.value
        groups.setdefault((weight, finding.code), []).append(finding)
    for (weight, code), findings in groups.items():
        lines.append(f"  {weight} {code}")
        lines += _group_lines(findings)
    return "\n".join(lines)


#: What is no error is folded into one line sooner.
_SHOWN_OF_LESSER = 3


def _group_lines(findings: Sequence[Finding]) -> Iterator[str]:
    first = findings[0]
    if first.severity.value != "error" and len(findings) > _SHOWN_OF_LESSER:
        place = f"e.g. {first.file}: " if first.file else ""
        yield one_line(f"    {len(findings)} times, {place}{first.message}; --json lists all")
        return
    by_message: dict[str, dict[str, None]] = {}
    for finding in findings:
        by_message.setdefault(finding.message, {})[finding.file] = None
    left = MOST_SHOWN
    for message, files in by_message.items():
        shown = list(files)[:left]
        left -= len(shown)
        if len(files) == 1 and shown:
            yield one_line("    " + ": ".join([*filter(None, files), message]))
        elif shown:
            number = f"{len(files)}" if len(shown) == len(files) else f"{len(shown)} of {len(files)}"
            yield one_line(f"    {number} files: {message}")
            yield from (one_line(f"        {file}") for file in shown)
    more = sum(map(len, by_message.values())) - MOST_SHOWN
    if more > 0:
        yield f"    and {more} more; --json lists all"
