"""``crosswheel layer``: the wheels of one target as layers of a container image."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, jobs_of
from crosswheel.command_line.output_places import place_on_disk
from crosswheel.command_line.wheel_source import add_wheel_source, wheels_named
from crosswheel.command_line.whole_numbers import whole_number
from crosswheel.values.wording import counted

if TYPE_CHECKING:
    from crosswheel.act.layers.layer_folder import LayerFolder
    from crosswheel.command_line.console import Console

__all__ = [
    "add_bytecode_option",
    "add_compression_option",
    "add_layer_options",
    "add_parser",
    "add_place_options",
    "say_layers",
    "say_uncompiled",
]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``layer``."""
    parser = subparsers.add_parser(
        "layer",
        help="make container layers of the wheels of one target",
        description="Make layers of a container image of the wheels of a plan, or of a wheel repository: blobs with their "
        "digests, for any tool that puts images together. Every file is compared with its wheel's RECORD; with gzip "
        "nothing is compressed again, and nothing of the target is executed.",
    )
    add_wheel_source(parser)
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=place_on_disk, required=True, help="the folder to make"
    )
    add_place_options(parser)
    add_layer_options(parser)
    add_execution_options(parser)
    parser.set_defaults(run=run)


def add_compression_option(parser: argparse._ActionsContainer) -> None:
    """Add the option that says how layers are written."""
    parser.add_argument(
        "--compression",
        choices=("gzip", "none", "zstd"),
        default="gzip",
        help="gzip takes over the wheels' own compressed bytes (default); none is a plain tar archive; zstd compresses anew",
    )


def add_bytecode_option(parser: argparse._ActionsContainer) -> None:
    """Add the option that has modules compiled."""
    parser.add_argument(
        "--bytecode",
        action="store_true",
        help="put the bytecode of all modules of wheels beside them, compiled by an interpreter of this machine with the target's X.Y",
    )


def add_layer_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what layers there are and how they are written."""
    add_compression_option(parser)
    parser.add_argument(
        "--max-layers",
        metavar="N",
        type=whole_number("a number of layers, such as 50"),
        default=50,
        help="how many layers there may be, up to 99 (default: %(default)s)",
    )
    parser.add_argument(
        "--changes-often",
        metavar="PROJECT",
        action="append",
        default=[],
        help="a project, such as your own, that changes with nearly every image: it gets a layer of its own, on top, if --max-layers leaves one; repeatable",
    )
    add_bytecode_option(parser)


def add_place_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where wheels lie in an image."""
    parser.add_argument(
        "--prefix",
        metavar="PATH",
        default="/usr/local",
        help="where the wheels lie in the image (default: %(default)s, the prefix of the official Python images)",
    )
    parser.add_argument(
        "--layout",
        choices=("target", "prefix"),
        default="prefix",
        help="below the prefix: lib/pythonX.Y/site-packages as in pip's --prefix (default), or modules at the top as in --target",
    )
    parser.add_argument(
        "--interpreter",
        metavar="PATH",
        help="the Python in the image that programs shall run under (default: /usr/bin/env pythonX.Y)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Make the layers and say what they are."""
    from crosswheel.act.layers.layer_blobs import Compression
    from crosswheel.act.layers.layer_folder import LAYERS, refuse_wrong_layers, write_layers
    from crosswheel.act.storage.output_directory import refuse_lost_inputs
    from crosswheel.act.wheels.schemes import TreeLayout

    LAYERS.refuse_other(arguments.output)
    wanted = partial(
        write_layers,
        prefix=arguments.prefix,
        layout=TreeLayout(arguments.layout),
        interpreter=arguments.interpreter,
        budget=arguments.max_layers,
        changes_often=arguments.changes_often,
        bytecode=arguments.bytecode,
        build_python=arguments.build_python,
    )
    wheels = wheels_named(
        arguments,
        console,
        refuse_lost=partial(refuse_lost_inputs, arguments.output, thing=LAYERS.thing),
        suits=partial(refuse_wrong_layers, **wanted.keywords),
    )
    folder = wanted(
        wheels,
        arguments.output,
        compression=Compression(arguments.compression),
        jobs=jobs_of(arguments),
    )
    say_layers(arguments, console, folder)
    return 0


def say_uncompiled(modules: Sequence[str], console: Console) -> None:
    """Say how many modules have no bytecode, and with ``--verbose`` which."""
    if modules:
        names = f": {', '.join(modules)}" if console.verbose else ""
        console.remark(
            f"{counted(len(modules), 'module')} could not be compiled, no bytecode of it is there{names}"
        )


def say_layers(arguments: argparse.Namespace, console: Console, folder: LayerFolder) -> None:
    """Say what was made."""
    console.remark(f"modules are in {folder.site}, and programs start with #!{folder.interpreter}")
    say_uncompiled(folder.uncompiled, console)
    if folder.crowding:
        console.reporter.warned(folder.crowding)
    if arguments.json:
        console.json({"output": str(arguments.output), **folder.to_json()})
        return
    wheels = sum(len(layer.wheels) for layer in folder.layers)
    size = sum(layer.descriptor.size for layer in folder.layers)
    made = f"{counted(wheels, 'wheel')} for {folder.target.id} in {counted(len(folder.layers), 'layer')}"
    console.note(f"{arguments.output}: {made}, {size / 1e6:.1f} MB")
