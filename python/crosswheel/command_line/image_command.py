"""``crosswheel image``: the wheels of targets, a base and an application as one OCI image."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.command_line.execution_options import add_execution_options, services_of
from crosswheel.command_line.image_options import (
    add_application_options,
    add_container_options,
    add_form_options,
    image_keywords,
)
from crosswheel.command_line.layer_command import add_bytecode_option, say_uncompiled
from crosswheel.command_line.output_places import place_on_disk
from crosswheel.command_line.whole_numbers import whole_number
from crosswheel.values.wording import counted

if TYPE_CHECKING:
    from crosswheel.act.images.image_request import WrittenImage
    from crosswheel.act.services import Services
    from crosswheel.command_line.console import Console
    from crosswheel.decide.plans.plan import Plan
    from crosswheel.image_api import ImageKeywords
    from crosswheel.target.targets import Target

__all__ = ["add_parser", "say_image"]


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
        help="a target of the plan; repeatable, each counts once; readers try the platforms in this order (default: all)",
    )
    parser.add_argument(
        "--base",
        metavar="[TARGET=]SOURCE",
        action="append",
        default=[],
        help="what the image stands on: a base lock (crosswheel image lock), an OCI layout with or without :TAG, what docker save "
        "wrote, or scratch; repeatable, for one target each",
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", type=place_on_disk, required=True, help="the layout to make"
    )
    _add_content_options(parser)
    add_container_options(parser)
    add_execution_options(parser)
    parser.set_defaults(run=run)


def _add_content_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is in it")
    add_application_options(group)
    group.add_argument(
        "--wheel",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a wheel of your own, beside those of the plan, checked like them; it gets a layer of its own, on top; repeatable",
    )
    group.add_argument(
        "--prefix",
        metavar="PATH",
        default="/opt/venv",
        help="the virtual environment that the wheels are in (default: %(default)s)",
    )
    group.add_argument(
        "--max-layers",
        metavar="N",
        type=whole_number("a number of layers, such as 50"),
        default=50,
        help="how many layers of wheels there may be, up to 99 (default: %(default)s)",
    )
    group.add_argument(
        "--changes-often",
        metavar="PROJECT",
        action="append",
        default=[],
        help="a project, such as your own, that changes with nearly every image: it gets a layer of its own, on top, if --max-layers leaves one; repeatable",
    )
    add_bytecode_option(group)
    add_form_options(group)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write the layout and say what it is."""
    from crosswheel.act.images.layout_writer import IMAGE
    from crosswheel.act.storage.output_directory import refuse_lost_inputs

    services, source = services_of(arguments, console), arguments.source
    refuse_lost_inputs(arguments.output, [source], thing=IMAGE.thing)
    keywords = image_keywords(arguments)
    accepted: Collection[str] = ()
    if source.is_dir():
        image = _of_repository(arguments, keywords, services)
    else:
        from crosswheel.act.planning.plan_files import files_beside, read_plan
        from crosswheel.image_api import image_of_plan

        plan = read_plan(source)
        beside = files_beside(plan.artifacts.values(), source.parent)
        refuse_lost_inputs(arguments.output, beside, thing=IMAGE.thing)
        image = image_of_plan(
            plan,
            targets=arguments.target,
            base=source.parent,
            sources=arguments.base,
            output=arguments.output,
            services=services,
            keywords=keywords,
        )
        accepted = _accepted(plan, {one.target for one in image.platforms})
    say_image(image, arguments, console, accepted=accepted)
    return 0


def _of_repository(
    arguments: argparse.Namespace, keywords: ImageKeywords, services: Services
) -> WrittenImage:
    from crosswheel.act.images.make_image import make_image
    from crosswheel.act.target_wheels import wheels_of_repository
    from crosswheel.image_api import image_request
    from crosswheel.target.held_targets import choose_targets

    found = wheels_of_repository(arguments.source, target=next(iter(arguments.target), None))
    choose_targets(arguments.target, [found.target])  # a repository is for one target
    request = image_request([found], arguments.base, keywords)
    return make_image(request, arguments.output, services)


def _accepted(plan: Plan, targets: Collection[Target]) -> Collection[str]:
    from crosswheel.act.images.image_findings import refusing_codes

    wheels = [wheel for planned in plan.targets if planned.target in targets for wheel in planned.wheels]
    return refusing_codes(
        accept
        for wheel in wheels
        for accept in (
            plan.accept.get(wheel.name, ()) if wheel.build is None else plan.builds[wheel.build].accept
        )
    )


def say_image(
    image: WrittenImage, arguments: argparse.Namespace, console: Console, *, accepted: Collection[str] = ()
) -> None:
    """Say what was made, and what is to be known of what is in it; mere notes only if asked for.

    Args:
        image: what was made.
        arguments: the command line.
        console: where to say it.
        accepted: findings that were accepted in wheels.
    """
    from crosswheel.act.check.findings import Severity
    from crosswheel.act.images.image_findings import TOLD_BY_IMAGE_ONLY

    findings = [finding for one in image.platforms for finding in one.findings]
    in_image = {one.code for one in findings if one.accepted and one.severity is Severity.ERROR}
    if again := sorted({*in_image, *accepted} - TOLD_BY_IMAGE_ONLY):
        console.remark(
            f"accepted here, and to be accepted by `crosswheel image verify`, too: {', '.join(again)}"
        )
    if not all(one.command for one in image.platforms):
        console.remark(
            "nothing says what containers of the image start; give --entrypoint or --cmd, or name it when you run one"
        )
    for one in image.platforms:
        say_uncompiled(one.uncompiled, console)
        for finding in one.findings:
            if finding.severity is not Severity.NOTE and not finding.accepted:
                console.reporter.warned(str(finding))
            elif console.verbose:
                console.remark(str(finding))
    if arguments.json:
        console.json(image.to_json())
        return
    for one in image.platforms:
        console.note(
            f"{one.platform}: {counted(len(one.layers), 'layer')}, {one.size / 1e6:.1f} MB, for {one.target.id}"
        )
    console.print(f"{image.path}:{image.tag}@{image.digest.oci}")
