"""Options of the commands that make images, and what they mean as keywords of the Python API."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from crosswheel.command_line.layer_command import add_compression_option
from crosswheel.command_line.wheel_source import source_date_epoch

if TYPE_CHECKING:
    from crosswheel.image_api import ImageKeywords

__all__ = [
    "add_application_options",
    "add_container_options",
    "add_form_options",
    "image_keywords",
    "pair_list",
    "pairs",
    "words_of_command",
]

#: Options whose value is a keyword as it is.
_PLAIN = (
    "exclude",
    "prefix",
    "interpreter",
    "user",
    "tag",
    "accept",
    "max_layers",
    "sbom",
    "changes_often",
    "bytecode",
    "compression",
    "stop_signal",
)


def add_application_options(group: argparse._ArgumentGroup) -> None:
    """Add the options that say what the application is."""
    group.add_argument(
        "--app",
        metavar="DIR[:PATH]",
        help="a source tree, and where it goes (default: /app), which is where containers start",
    )
    group.add_argument(
        "--exclude",
        metavar="GLOB",
        action="append",
        default=[],
        help="leave files of the application out, by name, or with a slash in it by path; repeatable",
    )
    for option, words in (
        ("--app-file", "one file of the application, and where it goes; links are followed; not executable"),
        ("--app-program", "the same, executable"),
    ):
        group.add_argument(
            option, metavar="PATH=FILE", action="append", default=[], help=f"{words}; repeatable"
        )
    group.add_argument(
        "--layer",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a layer that another tool made, a tar archive with or without gzip or zstd; every file in it is checked; on top of all "
        "others; repeatable",
    )


def add_form_options(group: argparse._ArgumentGroup) -> None:
    """Add the options that say how the base is taken and how layers and bill of materials are written."""
    group.add_argument(
        "--interpreter", metavar="PATH", help="the base's Python (default: the one on its PATH)"
    )
    add_compression_option(group)
    group.add_argument(
        "--accept",
        metavar="CODE[:GLOB]",
        action="append",
        default=[],
        help="accept findings of a code in the base and in --layer, in files that match; repeatable",
    )
    group.add_argument(
        "--sbom",
        choices=("file", "referrer", "none"),
        default="file",
        help="where the bill of materials goes: a file beside the blobs (default), an artifact about the image in index.json, or nowhere",
    )


def add_container_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what containers of an image start with."""
    group = parser.add_argument_group("what containers start with (what is not given is the base's)")
    group.add_argument(
        "--entrypoint", metavar="COMMAND", help="the command, in a shell's quotes or as a Dockerfile's list"
    )
    group.add_argument("--cmd", metavar="ARGUMENTS", help="its default arguments, written in the same way")
    group.add_argument(
        "--env", metavar="NAME=VALUE", action="append", default=[], help="a variable; repeatable"
    )
    group.add_argument("--workdir", metavar="PATH", help="the working directory (default: the application's)")
    group.add_argument("--user", metavar="USER[:GROUP]", help="the user, better as a number")
    group.add_argument(
        "--port",
        metavar="PORT[/PROTOCOL]",
        action="append",
        default=[],
        help="a port it listens on; repeatable",
    )
    group.add_argument(
        "--label", metavar="NAME=VALUE", action="append", default=[], help="a label; repeatable"
    )
    group.add_argument(
        "--annotation",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="an annotation of the image itself, e.g. org.opencontainers.image.source; repeatable",
    )
    group.add_argument("--stop-signal", metavar="SIGNAL", help="what asks it to stop, e.g. SIGINT")
    group.add_argument(
        "--tag", metavar="NAME", default="latest", help="its name in the layout (default: %(default)s)"
    )


def image_keywords(arguments: argparse.Namespace) -> ImageKeywords:
    """Return what was said, as the Python API takes it."""
    said: dict[str, object] = {name: getattr(arguments, name, None) for name in _PLAIN}
    said |= {
        **_application(arguments.app),
        "wheels": getattr(arguments, "wheel", None),
        "files": pairs(arguments.app_file, "file of the application", "PATH=FILE"),
        "programs": pairs(arguments.app_program, "file of the application", "PATH=FILE"),
        "layers": arguments.layer,
        "env": pairs(arguments.env, "variable"),
        "entrypoint": words_of_command(arguments.entrypoint),
        "cmd": words_of_command(arguments.cmd),
        "working_dir": arguments.workdir,
        "labels": pairs(arguments.label, "label"),
        "ports": arguments.port,
        "annotations": pairs(arguments.annotation, "annotation"),
        "source_date_epoch": source_date_epoch(),
    }
    return cast("ImageKeywords", {name: value for name, value in said.items() if value is not None})


#: No program is called so: that of the name ``[`` stands alone, before a space.
_LIKE_A_LIST = re.compile(r"\s*\[(?:\S|\s+[\"'])")


#: Of a command: what is quoted, or a backslash with what follows it.
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.", re.DOTALL)


def _joined_lines(text: str) -> str:
    """Return a command without backslashes at the end of a line, which join it to the next (POSIX, "Escape Character")."""

    def joined(match: re.Match[str]) -> str:
        part = match[0]
        if part.startswith('"'):
            return re.sub(r"\\(.)", lambda one: "" if one[1] == "\n" else one[0], part, flags=re.DOTALL)
        return "" if part == "\\\n" else part

    return _QUOTED.sub(joined, text)


def words_of_command(text: str | None) -> tuple[str, ...] | None:
    """Return the words of a command in a shell's quotes, or as the list of strings that a Dockerfile's exec form is.

    Raises:
        InputError: a quote is not closed, or it looks like a list and is none of strings.
    """
    from crosswheel.values.errors import InputError

    if text is None:
        return None
    with suppress(ValueError):
        # The exec form: https://docs.docker.com/reference/dockerfile/#shell-and-exec-form
        listed = json.loads(text)
        if isinstance(listed, list) and all(isinstance(word, str) for word in listed):
            return tuple(listed)
    if _LIKE_A_LIST.match(text):
        raise InputError(
            "read command",
            text,
            why="it begins like a Dockerfile's list, and is no list of strings",
            fix='write it as JSON, ["python", "-m", "app"], in single quotes for the shell',
        )
    try:
        return tuple(shlex.split(_joined_lines(text)))
    except ValueError as error:
        raise InputError(
            "read command", text, why=str(error).lower(), fix="quote it as for a shell"
        ) from None


def pairs(texts: Sequence[str], what: str, form: str = "NAME=VALUE") -> dict[str, str]:
    """Return texts of the form ``NAME=VALUE`` by name.

    Raises:
        InputError: one is of another form, or a name comes with two values.
    """
    from crosswheel.values.errors import InputError

    found: dict[str, str] = {}
    for name, value in pair_list(texts, what, form):
        if found.get(name, value) != value:
            raise InputError(
                f"read {what}",
                f"{name}={value}",
                why=f"'{name}' was given before, as '{found[name]}'",
                fix="give it once",
            )
        found[name] = value
    return found


def pair_list(texts: Sequence[str], what: str, form: str = "NAME=VALUE") -> list[tuple[str, str]]:
    """Return name and value of texts of the form ``NAME=VALUE``, in order; a name may come more than once.

    Raises:
        InputError: one is of another form.
    """
    from crosswheel.values.errors import InputError

    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        # An empty variable may be meant, an empty path never.
        if not equals or not name or (form.endswith("FILE") and not value):
            raise InputError(f"read {what}", text, why=f"it is not of the form {form}", fix="write it so")
        found.append((name, value))
    return found


def _application(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    source, colon, place = text.rpartition(":")
    return (
        {"application": source, "place": place} if colon and place.startswith("/") else {"application": text}
    )
