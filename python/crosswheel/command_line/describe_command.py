"""``crosswheel target describe`` and ``target pack``: a target Python's files made into a description and headers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.output_places import STANDARD_OUTPUT, file_on_disk, file_place

if TYPE_CHECKING:
    from crosswheel.act.target_python.headers import HeadersPack
    from crosswheel.command_line.console import Console
    from crosswheel.target.descriptions import TargetDescription

__all__ = ["add_describe_parsers"]

_FROM = (
    "a target Python's files, parsed and never run: an unpacked Debian tree, .deb files or a folder of them, "
    "a python-build-standalone archive or folder, a Nix store path, or any prefix"
)


def add_describe_parsers(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``describe`` and ``pack`` to the actions of ``crosswheel target``."""
    describing = subparsers.add_parser(
        "describe",
        help="make a target description from a target Python's files",
        description="Make a target description from a target Python's files.",
    )
    describing.add_argument("--from", dest="source", metavar="PATH", required=True, help=_FROM)
    describing.add_argument(
        "-o", "--output", metavar="FILE", type=file_place, help="write it here; '-' prints it (default)"
    )
    describing.set_defaults(run=run_describe)

    packing = subparsers.add_parser(
        "pack",
        help="pack a target Python's headers into one canonical file",
        description="Pack a target Python's headers into one canonical file, which a plan pins by its digest.",
    )
    packing.add_argument("name", metavar="NAME", help="a target in any spelling, e.g. linux_arm64")
    packing.add_argument("--python", metavar="X.Y[t]", help="the target's Python (default: this Python's)")
    packing.add_argument(
        "--from", dest="source", metavar="PATH", help=f"{_FROM} (default: the build Python's own headers)"
    )
    packing.add_argument(
        "--build-python", metavar="FILE", help="the interpreter whose headers are packed without --from"
    )
    packing.add_argument(
        "--description", metavar="FILE", action="append", default=[], help="a description of your own"
    )
    packing.add_argument(
        "-o", "--output", metavar="FILE", type=file_on_disk, required=True, help="write the pack here"
    )
    packing.set_defaults(run=run_pack)


def run_describe(arguments: argparse.Namespace, console: Console) -> int:
    """Print or write the description of the target Python at ``--from``."""
    from crosswheel.act.storage.output_file import write_output_file
    from crosswheel.act.target_python.describe import describe
    from crosswheel.values.canonical_json import pretty_json

    description = describe(Path(arguments.source))
    if arguments.output in {None, STANDARD_OUTPUT}:
        console.json(description.to_json())
    else:
        write_output_file(Path(arguments.output), pretty_json(description.to_json()))
    version = description.provenance["python_version"]
    console.note(f"{description.id}: CPython {version} from {arguments.source}")
    return 0


def run_pack(arguments: argparse.Namespace, console: Console) -> int:
    """Write the headers pack of a target and print its digest."""
    from crosswheel.act.storage.output_file import write_output_file
    from crosswheel.act.target_python.load_description import load_description
    from crosswheel.command_line.named_target import parse_named_target

    target = parse_named_target(arguments, console).target
    description = load_description(target, extra=[Path(file) for file in arguments.description])
    pack = _pack(arguments, description)
    write_output_file(arguments.output, pack.data)
    if arguments.json:
        console.json(
            {
                "target": target.id,
                "sha256": str(pack.digest),
                "size": len(pack.data),
                "python_version": pack.python_version,
                "origin": pack.origin,
            }
        )
    else:
        console.print(f"{pack.digest}  {arguments.output}")
    origin = pack.origin if arguments.source is None else arguments.source
    console.note(f"headers of CPython {pack.python_version} for {target.id}, from {origin}")
    return 0


def _pack(arguments: argparse.Namespace, description: TargetDescription) -> HeadersPack:
    from crosswheel.act.building.build_python import find_build_python
    from crosswheel.act.target_python.headers import build_python_headers, headers_from

    if arguments.source is not None:
        return headers_from(Path(arguments.source), description)
    explicit = None if arguments.build_python is None else Path(arguments.build_python)
    build_python = find_build_python(description.python, explicit=explicit)
    return build_python_headers(build_python.include, description)
