"""Layers as typed functions: what ``crosswheel layer`` and ``crosswheel lambda`` do; see `crosswheel.api`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.api import Session
from crosswheel.api_arguments import as_member, as_names, as_plan, told_types

if TYPE_CHECKING:
    from crosswheel.act.layers.lambda_layer import LambdaLayer
    from crosswheel.act.layers.layer_folder import LayerFolder
    from crosswheel.decide.plans.plan import Plan

__all__ = ["lambda_layer", "layers"]


@told_types
def layers(
    plan: Plan,
    *,
    target: str,
    output: str | Path,
    base: str | Path | None = None,
    prefix: str = "/usr/local",
    layout: str = "prefix",
    interpreter: str | None = None,
    compression: str = "gzip",
    max_layers: int = 50,
    changes_often: str | Sequence[str] = (),
    bytecode: bool = False,
    session: Session | None = None,
) -> LayerFolder:
    """Make layers of a container image of the wheels of one target, each with its descriptor.

    Args:
        plan: the plan.
        target: which of the plan's targets, in any spelling; Linux.
        output: the folder to make.
        base: folder that the plan's relative paths start from; ``None`` for the working directory.
        prefix: where the wheels lie in the image.
        layout: ``"prefix"`` (``lib/pythonX.Y/site-packages``) or ``"target"`` (modules at the top).
        interpreter: the Python in the image that programs run under; ``None`` for ``/usr/bin/env pythonX.Y``.
        compression: ``"gzip"``, which takes over the wheels' own compressed bytes, ``"zstd"``, or ``"none"``.
        max_layers: how many layers there may be.
        changes_often: projects that get a layer of their own, on top, if `max_layers` leaves one.
        bytecode: put the bytecode of all modules beside them; needs an interpreter of the target's X.Y.
        session: what to work with.

    Raises:
        CrosswheelError: as `build`; an argument is wrong, or two wheels disagree on a file.
    """
    from crosswheel.act.layers.layer_blobs import Compression
    from crosswheel.act.layers.layer_folder import LAYERS, refuse_wrong_layers, write_layers
    from crosswheel.act.target_wheels import wheels_of_plan
    from crosswheel.act.wheels.schemes import TreeLayout

    LAYERS.refuse_other(Path(output))
    services = (session or Session()).services()
    compressed = as_member(Compression, "compress layers", compression)
    wanted = partial(
        write_layers,
        prefix=prefix,
        layout=as_member(TreeLayout, "lay out layers", layout),
        interpreter=interpreter,
        budget=max_layers,
        changes_often=as_names(changes_often, "changes_often"),
        bytecode=bytecode,
        build_python=services.build_python,
    )
    wheels = wheels_of_plan(
        as_plan(plan, "layers"),
        target=target,
        base=Path(base or "."),
        services=services,
        suits=partial(refuse_wrong_layers, **wanted.keywords),
    )
    return wanted(wheels, Path(output), compression=compressed, jobs=services.jobs or os.cpu_count() or 1)


@told_types
def lambda_layer(
    plan: Plan,
    *,
    target: str,
    output: str | Path,
    base: str | Path | None = None,
    interpreter: str | None = None,
    limit: int | None = None,
    session: Session | None = None,
) -> LambdaLayer:
    """Make a layer of AWS Lambda, a zip archive, of the wheels of one target.

    Args:
        plan: the plan.
        target: which of the plan's targets, in any spelling.
        output: the archive to make.
        base: folder that the plan's relative paths start from; ``None`` for the working directory.
        interpreter: the Python that programs run under; ``None`` for ``/usr/bin/env pythonX.Y``.
        limit: how many bytes its files may be unpacked; ``None`` for all that Lambda takes.
        session: what to work with.

    Raises:
        CrosswheelError: as `build`; Lambda does not run such wheels, or they are larger than it takes.
    """
    from crosswheel.act.layers.lambda_layer import refuse_other_file, refuse_wrong_request, write_lambda_layer
    from crosswheel.act.target_wheels import wheels_of_plan
    from crosswheel.decide.images.lambda_runtimes import LARGEST_UNPACKED

    refuse_other_file(Path(output))
    services = (session or Session()).services()
    most = LARGEST_UNPACKED if limit is None else limit
    wheels = wheels_of_plan(
        as_plan(plan, "lambda_layer"),
        target=target,
        base=Path(base or "."),
        services=services,
        suits=lambda planned: refuse_wrong_request(planned.target, interpreter=interpreter, limit=most),
    )
    return write_lambda_layer(wheels, Path(output), interpreter=interpreter, limit=most)
