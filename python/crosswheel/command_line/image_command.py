"""``crosswheel image``: the wheels of targets, a base and an application as one OCI image."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from crosswheel.command_line.execution_options import add_execution_options, services_of
from crosswheel.command_line.wheel_source import source_date_epoch

if TYPE_CHECKING:
    from crosswheel.act.images.image_request import WrittenImage
    from crosswheel.act.target_wheels import TargetWheels
    from crosswheel.command_line.console import Console
    from crosswheel.image_api import ImageKeywords

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``image``."""
    parser = subparsers.add_parser(
        "image",
        help="make an OCI image of the wheels of targets, a base and an application",
        description="Make an OCI image layout of the wheels of a plan, or of a wheel repository: on top of a base image, or of Debian "
        "packages and an interpreter that a base lock pins; several targets become one multi-platform image. Every file that "
        "enters it is checked, and nothing of the target is executed. The guide: docs/guides/images.md.",
    )
    parser.add_argument(
        "source", metavar="PLAN", type=Path, help="a plan, or the folder of a wheel repository"
    )
    parser.add_argument(
        "-t",
        "--target",
        metavar="NAME",
        action="append",
        default=[],
        help="a target of the plan; repeatable, readers try the platforms in this order (default: all)",
    )
    parser.add_argument(
        "--base",
        metavar="[TARGET=]SOURCE",
        action="append",
        default=[],
        help="what the image stands on: a base lock (crosswheel image lock), an OCI layout with or without :TAG, what docker save "
        "wrote, or scratch; repeatable, for one target each",
    )
    parser.add_argument("-o", "--output", metavar="DIR", type=Path, required=True, help="the layout to make")
    _add_content_options(parser)
    _add_container_options(parser)
    add_execution_options(parser)
    parser.set_defaults(run=run)


def _add_content_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is in it")
    group.add_argument(
        "--app",
        metavar="DIR[:PATH]",
        help="a source tree, and where it goes (default: /app), which is where containers start",
    )
    group.add_argument(
        "--wheel",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a wheel of your own, beside those of the plan, checked like them; it gets a layer of its own, on top; repeatable",
    )
    group.add_argument(
        "--exclude",
        metavar="GLOB",
        action="append",
        default=[],
        help="leave files of the application out, by name, or with a slash in it by path; repeatable",
    )
    _add_layer_options(group)


def _add_layer_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--prefix",
        metavar="PATH",
        default="/opt/venv",
        help="the virtual environment that the wheels are in (default: %(default)s)",
    )
    group.add_argument(
        "--interpreter", metavar="PATH", help="the base's Python (default: the one on its PATH)"
    )
    group.add_argument(
        "--max-layers",
        metavar="N",
        type=int,
        default=50,
        help="how many layers of wheels there may be, up to 99 (default: %(default)s)",
    )
    group.add_argument(
        "--changes-often",
        metavar="PROJECT",
        action="append",
        default=[],
        help="a project, such as your own, that changes with nearly every image: it gets a layer of its own, on top; repeatable",
    )
    group.add_argument(
        "--compression",
        choices=("gzip", "none", "zstd"),
        default="gzip",
        help="gzip takes over the wheels' own compressed bytes (default); none is a plain tar archive; zstd compresses anew",
    )
    group.add_argument(
        "--accept",
        metavar="CODE[:GLOB]",
        action="append",
        default=[],
        help="accept findings of a code in the base, in files that match; repeatable",
    )
    group.add_argument(
        "--sbom",
        choices=("file", "referrer", "none"),
        default="file",
        help="where the bill of materials goes: a file beside the blobs (default), an artifact about the image in index.json, or nowhere",
    )


def _add_container_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what containers start with (what is not given is the base's)")
    group.add_argument("--entrypoint", metavar="COMMAND", help="the command, in a shell's quotes")
    group.add_argument("--cmd", metavar="ARGUMENTS", help="its default arguments, in a shell's quotes")
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


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write the layout and say what it is."""
    from crosswheel.act.images.make_image import make_image
    from crosswheel.image_api import image_request

    request = image_request(_wheels(arguments, console), arguments.base, _keywords(arguments))
    image = make_image(request, arguments.output, services_of(arguments, console))
    _say(image, arguments, console)
    return 0


def _keywords(arguments: argparse.Namespace) -> ImageKeywords:
    """Return what was said, as the Python API takes it."""
    said: dict[str, object] = {
        name: getattr(arguments, name)
        for name in (
            "exclude",
            "prefix",
            "interpreter",
            "user",
            "tag",
            "accept",
            "max_layers",
            "sbom",
            "changes_often",
            "compression",
            "stop_signal",
        )
    }
    said |= {
        **_application(arguments.app),
        "wheels": arguments.wheel,
        "env": _pairs(arguments.env, "variable"),
        "entrypoint": _words(arguments.entrypoint),
        "cmd": _words(arguments.cmd),
        "working_dir": arguments.workdir,
        "labels": _pairs(arguments.label, "label"),
        "ports": arguments.port,
        "annotations": _pairs(arguments.annotation, "annotation"),
        "source_date_epoch": source_date_epoch(),
    }
    return cast("ImageKeywords", {name: value for name, value in said.items() if value is not None})


def _wheels(arguments: argparse.Namespace, console: Console) -> tuple[TargetWheels, ...]:
    from crosswheel.act.target_wheels import wheels_of_plan, wheels_of_repository

    source: Path = arguments.source
    if source.is_dir():
        names: Sequence[str | None] = arguments.target or [None]
        return tuple(wheels_of_repository(source, target=name) for name in names)
    from crosswheel.act.planning.plan_files import read_plan

    plan, services = read_plan(source), services_of(arguments, console)
    return tuple(
        wheels_of_plan(plan, target=name, base=source.parent, services=services)
        for name in arguments.target or [planned.target.id for planned in plan.targets]
    )


def _words(text: str | None) -> tuple[str, ...] | None:
    from crosswheel.values.errors import InputError

    try:
        return None if text is None else tuple(shlex.split(text))
    except ValueError as error:
        raise InputError(
            "read command", text, why=str(error).lower(), fix="quote it as for a shell"
        ) from None


def _pairs(texts: Sequence[str], what: str) -> dict[str, str]:
    from crosswheel.values.errors import InputError

    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise InputError(f"read {what}", text, why="it is not of the form NAME=VALUE", fix="write it so")
        found[name] = value
    return found


def _application(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    source, colon, place = text.rpartition(":")
    return (
        {"application": source, "place": place} if colon and place.startswith("/") else {"application": text}
    )


def _say(image: WrittenImage, arguments: argparse.Namespace, console: Console) -> None:
    for one in image.platforms:
        for finding in one.findings:
            if console.verbose:
                console.note(f"note: {finding}")
    if arguments.json:
        console.json(image.to_json())
        return
    for one in image.platforms:
        console.note(
            f"{one.platform}: {len(one.layers)} layers, {one.size / 1e6:.1f} MB, for {one.target.id}"
        )
    console.print(f"{image.path}:{image.tag}@{image.digest.oci}")
