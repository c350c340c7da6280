"""The target that a subcommand's NAME and ``--python`` name, with the rule that filled what they left open printed."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console
    from crosswheel.target.spellings import ParsedTarget
    from crosswheel.target.targets import Target
    from crosswheel.values.python_abi import PythonAbi

__all__ = ["parse_name", "parse_named_target", "parse_named_targets"]


def python_of(text: str | None, console: Console) -> PythonAbi:
    """Return the Python that ``--python`` names; without it this interpreter's X.Y, and say so."""
    from crosswheel.values.python_abi import PythonAbi, parse_python_version, remarks_on_version

    if text is not None:
        for remark in remarks_on_version(text):
            console.remark(remark)
        return parse_python_version(text)
    python = PythonAbi(major=sys.version_info.major, minor=sys.version_info.minor)
    console.remark(f"without --python the target's Python is this interpreter's X.Y, {python.version}")
    return python


def parse_named_target(arguments: argparse.Namespace, console: Console) -> ParsedTarget:
    """Return the target that ``NAME`` and ``--python`` name, and say the rule that filled what they left open."""
    return parse_name(arguments.name, arguments.python, console)


def parse_named_targets(arguments: argparse.Namespace, console: Console) -> tuple[Target, ...]:
    """Return the targets of a repeatable ``--target`` in the same way, each once."""
    parsed = [parse_name(name, arguments.python, console) for name in arguments.target]
    return tuple(dict.fromkeys(one.target for one in parsed))


def parse_name(name: str, python_name: str | None, console: Console) -> ParsedTarget:
    """Return the target that a name and the value of ``--python`` mean, and say what is to be known of that."""
    from crosswheel.target.spelling_forms import PYTHON_PART
    from crosswheel.target.spellings import parse_target

    own = PYTHON_PART.match(name.strip().lower())
    if python_name is None and own:
        python_name = own[1]
    python = python_of(python_name, console)
    parsed = parse_target(name, python=python)
    for remark in parsed.remarks:
        console.remark(remark)
    return parsed
