"""Options of the commands that plan, and the request they spell."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crosswheel.act.planning.plan_inputs import PlanRequest

__all__ = ["add_planning_arguments", "add_target_argument", "plan_request_from"]


def add_planning_arguments(
    parser: argparse.ArgumentParser, *, source: str = "LOCK", builds: bool = True
) -> None:
    """Add the lock file and the options that `plan_request_from` reads; ``--build-python`` is added by `add_execution_options`.

    Args:
        parser: the subcommand's parser.
        source: what the help calls the file that is given.
        builds: whether the command locks builds; if not, the options about them are left out.
    """
    parser.add_argument(
        "source",
        metavar=source,
        type=Path,
        help="pylock.toml, uv.lock or requirements.txt with hashes"
        + (", or a plan" if "PLAN" in source else ""),
    )
    group = parser.add_argument_group("what to plan")
    add_target_argument(
        group, default="those of the configuration" + (", or of the plan" if "PLAN" in source else "")
    )
    group.add_argument(
        "--python",
        metavar="X.Y",
        help="the Python of targets whose name does not say it (default: the configuration's, else this Python's)",
    )
    group.add_argument(
        "--no-binary",
        "--no-binary-package",
        dest="no_binary",
        action="append",
        default=[],
        metavar="NAME",
        help="build NAME (or several, joined by commas, or :all:) from its sdist; repeatable, :none: takes back what was named before",
    )
    group.add_argument(
        "--only-binary",
        "--no-build-package",
        dest="only_binary",
        action="append",
        default=[],
        metavar="NAME",
        help="never build NAME (or several, or :all:); repeatable, :none: as above",
    )
    _add_extent_arguments(group)
    if builds:
        _add_build_arguments(parser)


def add_target_argument(group: argparse._ArgumentGroup, *, default: str) -> None:
    """Add the targets to plan for.

    Args:
        group: where to.
        default: what they are where none is given.
    """
    group.add_argument(
        "-t",
        "--target",
        action="append",
        default=[],
        metavar="NAME",
        help="a target in any spelling, e.g. linux_arm64 or manylinux_2_28_aarch64; repeatable "
        f"(default: {default})",
    )


def _add_extent_arguments(group: argparse._ArgumentGroup) -> None:
    """Add the options that say what beside the lock's packages is planned, and with what configuration."""
    group.add_argument(
        "--extra",
        action="append",
        default=[],
        metavar="NAME",
        help="take in an extra of the lock; repeatable",
    )
    group.add_argument("--all-extras", action="store_true", help="take in every extra")
    group.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="NAME",
        help="take in a dependency group of the lock; repeatable",
    )
    group.add_argument(
        "--project",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a project of your own, its folder (with a pyproject.toml), sdist or wheel: planned as if the lock named it; repeatable",
    )
    group.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the configuration (default: crosswheel.toml, else [tool.crosswheel] of pyproject.toml, beside the lock)",
    )


def _add_build_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how builds are locked")
    group.add_argument(
        "--build-platform",
        action="append",
        default=[],
        metavar="PLATFORM",
        help="lock build requirements for this platform (default: this machine's kind); repeatable",
    )
    group.add_argument(
        "--headers",
        action="append",
        default=[],
        metavar="SOURCE",
        help="headers of the target Python: build-python (default), or a path or URL#sha256=DIGEST of a headers pack, "
        "a python-build-standalone archive, Debian files or a Nix store path; TARGET=SOURCE for one target; repeatable",
    )
    group.add_argument(
        "--description",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a target description of your own (see `crosswheel target describe`); repeatable",
    )
    group.add_argument(
        "--sdk",
        type=Path,
        metavar="FOLDER",
        help="Apple's SDK (MacOSX.sdk) for builds for macOS that need frameworks or more libraries than libSystem",
    )
    group.add_argument(
        "--toolchain",
        action="append",
        default=[],
        metavar="PATH",
        help="compile with a C toolchain of your own instead of zig: a compiler (aarch64-linux-gnu-gcc), a folder with bin/TRIPLE-gcc, "
        "an Android NDK or an emsdk; TARGET=PATH for one target; repeatable",
    )
    group.add_argument(
        "--upgrade",
        action="store_true",
        help="resolve build requirements anew; without it, builds that have not changed keep those of the plan that is there",
    )
    group.add_argument(
        "--exclude-newer",
        metavar="DATE",
        help="consider only build requirements uploaded until DATE, that day included, or before a time such as 2026-01-31T12:00:00Z",
    )


def plan_request_from(
    arguments: argparse.Namespace, *, plan_path: Path | None = None, doing: str = "plan"
) -> PlanRequest:
    """Return the request that the command line spells.

    Args:
        arguments: with what `add_planning_arguments` adds.
        plan_path: where the plan is, or will be; its folder is what paths in the plan are relative to, and
            its unchanged builds are taken over. ``None``: the lock's folder, and nothing is taken over.
        doing: what is done with the lock, a verb for messages.

    Raises:
        CrosswheelError: a target, a Python or the configuration is wrong, or no target is named.
    """
    from crosswheel.act.planning.plan_options import PlanOptions, complete_request

    options = PlanOptions(
        lock=arguments.source,
        targets=tuple(arguments.target),
        python=arguments.python,
        build_platforms=tuple(getattr(arguments, "build_platform", ())),
        no_binary=tuple(arguments.no_binary),
        only_binary=tuple(arguments.only_binary),
        extras=tuple(arguments.extra),
        all_extras=arguments.all_extras,
        groups=tuple(arguments.group),
        projects=tuple(arguments.project),
        configuration=arguments.config,
        headers=tuple(getattr(arguments, "headers", ())),
        descriptions=tuple(getattr(arguments, "description", ())),
        build_python=getattr(arguments, "build_python", None),
        upgrade=getattr(arguments, "upgrade", False),
        exclude_newer=getattr(arguments, "exclude_newer", None),
        sdk=getattr(arguments, "sdk", None),
        toolchains=tuple(getattr(arguments, "toolchain", ())),
    )
    return complete_request(options, plan_path=plan_path, doing=doing)
