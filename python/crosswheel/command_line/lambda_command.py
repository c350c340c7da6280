"""``crosswheel lambda``: the wheels of one target as a layer of AWS Lambda."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options
from crosswheel.command_line.output_places import file_on_disk
from crosswheel.command_line.wheel_source import add_wheel_source, wheels_named
from crosswheel.command_line.whole_numbers import whole_number
from crosswheel.values.wording import counted

if TYPE_CHECKING:
    from crosswheel.act.layers.lambda_layer import LambdaLayer
    from crosswheel.command_line.console import Console

__all__ = ["add_lambda_options", "add_parser", "say_lambda_layer"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``lambda``."""
    parser = subparsers.add_parser(
        "lambda",
        help="make an AWS Lambda layer of the wheels of one target",
        description="Make a layer of AWS Lambda, a zip archive, of the wheels of a plan, or of a wheel repository. Lambda's "
        "limits and the system its Python runs on are looked at before anything is written; nothing is compressed again.",
    )
    add_wheel_source(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=file_on_disk,
        required=True,
        help="the archive to make, e.g. layer.zip",
    )
    add_lambda_options(parser)
    add_execution_options(parser)
    parser.set_defaults(run=run)


def add_lambda_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that are about the layer itself."""
    parser.add_argument(
        "--interpreter",
        metavar="PATH",
        help="the Python that programs shall run under (default: /usr/bin/env pythonX.Y)",
    )
    parser.add_argument(
        "--limit",
        metavar="BYTES",
        type=whole_number("a number of bytes, such as 262144000"),
        help="how large its files may be unpacked (default: 262144000, Lambda's limit for a function and all its layers)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Make the layer and say what it is."""
    from crosswheel.act.layers.lambda_layer import refuse_other_file, refuse_wrong_request, write_lambda_layer
    from crosswheel.decide.images.lambda_runtimes import LARGEST_UNPACKED

    refuse_other_file(arguments.output)
    interpreter, limit = arguments.interpreter, arguments.limit
    limit = LARGEST_UNPACKED if limit is None else limit
    wheels = wheels_named(
        arguments,
        console,
        suits=lambda planned: refuse_wrong_request(planned.target, interpreter=interpreter, limit=limit),
    )
    layer = write_lambda_layer(wheels, arguments.output, interpreter=interpreter, limit=limit)
    say_lambda_layer(layer, arguments, console)
    return 0


def say_lambda_layer(layer: LambdaLayer, arguments: argparse.Namespace, console: Console) -> None:
    """Say what was made."""
    for note in layer.notes:
        console.remark(note)
    if arguments.json:
        console.json(layer.to_json())
    else:
        runtime = f"{layer.runtime.name} on {layer.runtime.architecture} ({layer.runtime.system})"
        sizes = f"{layer.size / 1e6:.1f} MB, {layer.unpacked / 1e6:.1f} MB unpacked"
        console.note(f"{layer.path}: {counted(len(layer.wheels), 'wheel')} for {runtime}, {sizes}")
