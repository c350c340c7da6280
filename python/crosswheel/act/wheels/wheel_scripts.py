"""The programs a wheel brings: first lines of scripts and the files made from entry points.

Standards: https://packaging.python.org/en/latest/specifications/binary-distribution-format/ and
https://packaging.python.org/en/latest/specifications/entry-points/. No program is run to make one.
"""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass

from crosswheel.values.errors import InputError

__all__ = ["EntryPoint", "entry_point_script", "first_line", "parse_entry_points", "with_interpreter"]

_SECTIONS = {"console_scripts": False, "gui_scripts": True}
_REFERENCE = re.compile(r"(?P<module>\w+(?:\.\w+)*)\s*:\s*(?P<object>\w+(?:\.\w+)*)\s*(?:\[.*\])?")
_NAME = re.compile(r"[\w.-](?:[\w. -]*[\w.-])?")
#: Linux before 5.1 cut first lines off here; https://git.kernel.org/linus/6eb3c3d0a52d
_LONGEST_LINE = 127
_ENV = "/usr/bin/env "


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryPoint:
    """A program made from a function: `object` in `module`, started without a console if `gui`."""

    name: str
    module: str
    object: str
    gui: bool


def first_line(interpreter: str, arguments: str = "") -> str:
    r"""Return the line or lines that make a file run under `interpreter`.

    Args:
        interpreter: absolute path on the target, or ``/usr/bin/env NAME``.
        arguments: the interpreter's own options.

    Raises:
        InputError: no first line can name this interpreter.

    >>> first_line("/usr/bin/python3.11")
    '#!/usr/bin/python3.11\n'
    """
    if not interpreter or re.search(r'["$`\n\0]', interpreter):
        raise InputError(
            "name interpreter",
            interpreter,
            why="a script's first line cannot hold it",
            fix="give a plain absolute path of the target",
        )
    by_name = interpreter.startswith(_ENV) and " " not in interpreter.removeprefix(_ENV)
    if by_name and arguments:
        interpreter = interpreter.replace(_ENV, f"{_ENV}-S ", 1)
    line = f"#!{interpreter} {arguments}".rstrip() + "\n"
    if by_name or (len(line.encode()) <= _LONGEST_LINE and " " not in interpreter):
        return line
    # Read by the shell as a command, by Python as a string.
    options = f" {arguments}" if arguments else ""
    return f"#!/bin/sh\n'''exec' \"{interpreter}\"{options} \"$0\" \"$@\"\n' '''\n"


def with_interpreter(script: bytes, interpreter: str) -> bytes:
    """Return `script` with the interpreter named in a line that starts with ``#!python`` replaced; any other comes back as it is.

    ``#!python3`` and whatever else may follow is such a line, too.
    """
    if not script.startswith(b"#!python"):
        return script
    line, newline, rest = script.partition(b"\n")
    _, _, options = line.replace(b"\t", b" ").partition(b" ")
    arguments = options.strip().decode("utf-8", "replace")
    return (
        first_line(interpreter, arguments).encode() + rest
        if newline or rest
        else first_line(interpreter).encode()
    )


def parse_entry_points(data: bytes) -> tuple[tuple[EntryPoint, ...], list[str]]:
    """Return the programs of an ``entry_points.txt``, and what is wrong with it as clauses."""
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment]  # names are case-sensitive
    try:
        parser.read_string(data.decode("utf-8"))
    except (UnicodeDecodeError, configparser.Error) as error:
        return (), [f"entry_points.txt cannot be read ({type(error).__name__})"]
    points: list[EntryPoint] = []
    faults: list[str] = []
    for section, gui in _SECTIONS.items():
        for name, reference in parser.items(section) if parser.has_section(section) else ():
            match = _REFERENCE.fullmatch(reference.strip())
            if not _NAME.fullmatch(name) or name in {".", ".."}:
                faults.append(f"entry_points.txt has the program {name!r}, which is no name of a program")
            elif match is None:
                faults.append(
                    f"entry_points.txt has the program {name!r} = {reference!r}, which names no function"
                )
            else:
                points.append(EntryPoint(name=name, module=match["module"], object=match["object"], gui=gui))
    return tuple(points), faults


def entry_point_script(point: EntryPoint, interpreter: str) -> bytes:
    """Return the text of the program for `point`."""
    first_name = point.object.partition(".")[0]
    return (
        f"{first_line(interpreter)}"
        "import sys\n"
        f"from {point.module} import {first_name}\n"
        'if __name__ == "__main__":\n'
        f"    sys.exit({point.object}())\n"
    ).encode()
