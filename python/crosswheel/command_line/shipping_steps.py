"""The steps of ``crosswheel step`` whose outputs are shipped: layers, images, layers of Lambda."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.image_command import say_image
from crosswheel.command_line.image_options import (
    add_application_options,
    add_container_options,
    add_form_options,
    image_keywords,
    pairs,
)
from crosswheel.command_line.lambda_command import add_lambda_options, say_lambda_layer
from crosswheel.command_line.layer_command import add_layer_options, add_place_options, say_layers
from crosswheel.command_line.step_inputs import (
    add_files,
    add_plan_target,
    add_step,
    add_wheels,
    shipped_wheels,
    step_services,
)
from crosswheel.command_line.wheel_source import source_date_epoch

if TYPE_CHECKING:
    from crosswheel.act.target_wheels import TargetWheels
    from crosswheel.command_line.console import Console

__all__ = ["add_shipping_steps"]


def add_shipping_steps(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``layer``, ``image``, ``index`` and ``lambda``."""
    _add_layer(steps)
    _add_image(steps)
    index = add_step(steps, "index", _run_index, "join images of one platform each into one for all")
    index.add_argument(
        "layouts",
        metavar="LAYOUT",
        type=Path,
        nargs="+",
        help="what `step image` wrote; readers try the platforms in this order",
    )
    index.add_argument(
        "--annotation",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="an annotation of the image, the same as of `step image`; repeatable",
    )
    layer = add_step(steps, "lambda", _run_lambda, "make a layer of AWS Lambda of a target's wheels")
    add_plan_target(layer)
    add_wheels(layer)
    add_lambda_options(layer)


def _add_layer(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    layer = add_step(steps, "layer", _run_layer, "make container layers of a target's wheels")
    add_plan_target(layer)
    add_wheels(layer)
    layer.add_argument(
        "--own-wheel",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a wheel that is not in the plan, as --wheel of `crosswheel image`; repeatable",
    )
    layer.add_argument(
        "--environment",
        metavar="PATH",
        help="make layers for `step image`: the wheels are in a virtual environment, /opt/venv if it is to be as "
        "`crosswheel image` has it; instead of --prefix, --layout and --interpreter",
    )
    add_place_options(layer)
    add_layer_options(layer)
    layer.add_argument("--build-python", metavar="PATH", type=Path, help="the interpreter for --bytecode")


def _add_image(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    image = add_step(steps, "image", _run_image, "make the image of one platform, of layers made before")
    image.add_argument(
        "--layers",
        metavar="FOLDER",
        type=Path,
        required=True,
        help="what `step layer --environment` wrote; says the target, too",
    )
    image.add_argument(
        "--base", metavar="SOURCE", required=True, help="what the image stands on, as of `crosswheel image`"
    )
    add_files(image, "an artifact of the base lock; repeatable")
    group = image.add_argument_group("what is in it")
    add_application_options(group)
    add_form_options(group)
    add_container_options(image)


@contextmanager
def _target_wheels(
    arguments: argparse.Namespace, console: Console, own: list[Path]
) -> Iterator[TargetWheels]:
    """Yield all wheels of the target, which live as long as the block."""
    from crosswheel.act.images.own_wheels import with_own_wheels
    from crosswheel.act.target_wheels import CheckedWheel, TargetWheels

    with shipped_wheels(arguments, console) as (_, planned, ready):
        checked = tuple(CheckedWheel(path=wheel.path, sha256=wheel.sha256) for wheel in ready)
        wheels = with_own_wheels(TargetWheels(target=planned.target, wheels=checked), own)
        for sentence in wheels.unmet:
            console.reporter.warned(f"{planned.target.id}: {sentence}")
        yield wheels


def _run_layer(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.images.virtual_environment import environment_python
    from crosswheel.act.layers.layer_blobs import Compression
    from crosswheel.act.layers.layer_folder import write_layers
    from crosswheel.act.target_wheels import name_of_wheel
    from crosswheel.act.wheels.schemes import TreeLayout

    environment: str | None = arguments.environment
    if environment:
        _refuse_other_place(arguments)
    with _target_wheels(arguments, console, arguments.own_wheel) as wheels:
        folder = write_layers(
            wheels,
            arguments.output,
            prefix=environment or arguments.prefix,
            layout=TreeLayout.PREFIX if environment else TreeLayout(arguments.layout),
            interpreter=environment_python(environment, wheels.target)
            if environment
            else arguments.interpreter,
            compression=Compression(arguments.compression),
            budget=arguments.max_layers,
            changes_often=(*arguments.changes_often, *map(name_of_wheel, arguments.own_wheel)),
            bytecode=arguments.bytecode,
            build_python=arguments.build_python,
        )
    say_layers(arguments, console, folder)
    return 0


def _refuse_other_place(arguments: argparse.Namespace) -> None:
    from crosswheel.act.layers.wheel_place import DEFAULT_PREFIX
    from crosswheel.values.errors import InputError

    for option, value, default in (
        ("--prefix", arguments.prefix, DEFAULT_PREFIX),
        ("--layout", arguments.layout, "prefix"),
        ("--interpreter", arguments.interpreter, None),
    ):
        if value != default:
            raise InputError(
                "make layers for environment",
                arguments.environment,
                why=f"{option} says another place",
                fix="give one of them",
            )


def _run_image(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.images.wheels_part import environment_of
    from crosswheel.act.layers.layer_reading import read_layers
    from crosswheel.act.steps.step_images import image_step
    from crosswheel.image_api import image_request

    layers = read_layers(arguments.layers)
    keywords = image_keywords(arguments)
    keywords["prefix"] = environment_of(layers)
    request = image_request([layers], [arguments.base], keywords)
    with step_services(arguments, console) as services:
        image = image_step(request, files=arguments.file, output=arguments.output, services=services)
    say_image(image, arguments, console)
    return 0


def _run_index(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.images.image_request import created_at
    from crosswheel.act.images.joined_layouts import join_layouts
    from crosswheel.act.wheels.file_time import file_time

    image = join_layouts(
        arguments.layouts,
        arguments.output,
        created=created_at(file_time(source_date_epoch())),
        annotations=pairs(arguments.annotation, "annotation"),
    )
    if arguments.json:
        console.json(image.to_json())
    else:
        console.print(f"{image.path}:{image.tag}@{image.digest.oci}")
    return 0


def _run_lambda(arguments: argparse.Namespace, console: Console) -> int:
    from crosswheel.act.layers.lambda_layer import write_lambda_layer
    from crosswheel.decide.images.lambda_runtimes import LARGEST_UNPACKED

    with _target_wheels(arguments, console, []) as wheels:
        layer = write_lambda_layer(
            wheels,
            arguments.output,
            interpreter=arguments.interpreter,
            limit=LARGEST_UNPACKED if arguments.limit is None else arguments.limit,
        )
    say_lambda_layer(layer, arguments, console)
    return 0
