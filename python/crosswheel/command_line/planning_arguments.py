"""Options of the commands that plan, and the request they spell."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crosswheel.act.plan_inputs import PlanRequest
    from crosswheel.decide.plan import Plan
    from crosswheel.decide.policy_model import Policy
    from crosswheel.target.targets import Target
    from crosswheel.values.errors import CrosswheelError
    from crosswheel.values.platforms import Platform
    from crosswheel.values.python_abi import PythonAbi

__all__ = ["add_planning_arguments", "plan_request_from", "read_previous_plan"]


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
    group.add_argument(
        "-t",
        "--target",
        action="append",
        default=[],
        metavar="T",
        help="a target, in any spelling; repeatable",
    )
    group.add_argument("--python", metavar="X.Y", help="Python of targets whose name does not say it")
    group.add_argument(
        "--no-binary",
        "--no-binary-package",
        dest="no_binary",
        action="append",
        default=[],
        metavar="NAME",
        help="build NAME (or several, joined by commas, or :all:) from its sdist; :none: takes back",
    )
    group.add_argument(
        "--only-binary",
        "--no-build-package",
        dest="only_binary",
        action="append",
        default=[],
        metavar="NAME",
        help="never build NAME (or several, or :all:)",
    )
    group.add_argument(
        "--extra", action="append", default=[], metavar="NAME", help="install an extra; repeatable"
    )
    group.add_argument("--all-extras", action="store_true", help="install every extra")
    group.add_argument(
        "--group", action="append", default=[], metavar="NAME", help="install a dependency group; repeatable"
    )
    group.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration (default: crosswheel.toml, else [tool.crosswheel] of pyproject.toml, beside the lock)",
    )
    if builds:
        _add_build_arguments(parser)


def _add_build_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how builds are locked")
    group.add_argument(
        "--build-platform",
        action="append",
        default=[],
        metavar="P",
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
    group.add_argument("--upgrade", action="store_true", help="resolve build requirements anew")
    group.add_argument(
        "--exclude-newer", metavar="DATE", help="consider only build requirements uploaded before DATE"
    )


def plan_request_from(arguments: argparse.Namespace, *, plan_path: Path | None = None) -> PlanRequest:
    """Return the request that the command line spells.

    Args:
        arguments: with what `add_planning_arguments` adds.
        plan_path: where the plan is, or will be; its folder is what paths in the plan are relative to, and
            its unchanged builds are taken over. ``None``: the lock's folder, and nothing is taken over.

    Raises:
        CrosswheelError: a target, a Python or the configuration is wrong, or no target is named.
    """
    from dataclasses import replace

    from crosswheel.act.plan_inputs import PlanRequest, read_policy

    lock: Path = arguments.source
    request = PlanRequest(
        lock=lock,
        targets=(),
        build_platforms=(),
        folder=lock.parent if plan_path is None else plan_path.parent,
        no_binary=tuple(arguments.no_binary),
        only_binary=tuple(arguments.only_binary),
        extras=tuple(arguments.extra),
        all_extras=arguments.all_extras,
        groups=tuple(arguments.group),
        configuration=arguments.config or _configuration_beside(lock),
        headers=tuple(getattr(arguments, "headers", ())),
        descriptions=tuple(getattr(arguments, "description", ())),
        build_python=getattr(arguments, "build_python", None),
        upgrade=getattr(arguments, "upgrade", False),
        exclude_newer=getattr(arguments, "exclude_newer", None),
    )
    policy = read_policy(request)
    targets, notes = _targets(arguments, request, policy)
    previous, more = (None, ()) if plan_path is None else read_previous_plan(plan_path)
    return replace(
        request,
        targets=targets,
        build_platforms=_build_platforms(arguments, policy),
        previous=previous,
        notes=(*notes, *more),
    )


def _configuration_beside(lock: Path) -> Path | None:
    import tomllib

    if (lock.parent / "crosswheel.toml").is_file():
        return lock.parent / "crosswheel.toml"
    pyproject = lock.parent / "pyproject.toml"
    try:
        document = tomllib.loads(pyproject.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return pyproject if "crosswheel" in document.get("tool", {}) else None


def _targets(
    arguments: argparse.Namespace, request: PlanRequest, policy: Policy
) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    from crosswheel.target.spellings import parse_target
    from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

    names = arguments.target or policy.targets
    if not names:
        raise InputError(
            "plan",
            request.lock.name,
            why="no target is named",
            fix="give --target, for example --target linux_arm64, or list targets in the configuration",
        )
    python = _python(arguments, request, policy)
    targets: dict[Target, str] = {}
    notes: list[str] = []
    faults: list[CrosswheelError] = []
    for name in names:
        try:
            parsed = parse_target(name, python=python)
        except CrosswheelError as error:
            faults.append(error)
            continue
        if parsed.target in targets:
            faults.append(_twice(name, targets[parsed.target], parsed.target))
        targets[parsed.target] = name
        if parsed.rule is not None:
            notes.append(f"{name} is {parsed.target.id}: {parsed.rule}")
    raise_faults(faults)
    return tuple(targets), tuple(notes)


def _twice(name: str, other: str, target: Target) -> CrosswheelError:
    from crosswheel.values.errors import InputError

    return InputError(
        "plan for target",
        name,
        why=f"it means {target.id}, and so does '{other}'",
        fix="name each target once",
    )


def _python(arguments: argparse.Namespace, request: PlanRequest, policy: Policy) -> PythonAbi:
    from crosswheel.act.machine_platform import build_machine_python
    from crosswheel.values.python_abi import parse_python_version

    if text := arguments.python or policy.python:
        return parse_python_version(text)
    if request.build_python is not None:
        from crosswheel.act.build_python import read_build_python

        return read_build_python(request.build_python).abi
    return build_machine_python()


def _build_platforms(arguments: argparse.Namespace, policy: Policy) -> tuple[Platform, ...]:
    from crosswheel.act.machine_platform import build_machine_platform, build_machine_python
    from crosswheel.target.spellings import parse_target

    names = getattr(arguments, "build_platform", None) or policy.build_platforms
    if not names:
        return (build_machine_platform(),)
    python = build_machine_python()
    return tuple(dict.fromkeys(parse_target(name, python=python).target.platform for name in names))


def read_previous_plan(path: Path) -> tuple[Plan | None, tuple[str, ...]]:
    """Return the plan at `path`, if one is there, and a note if it is not one that can be taken over."""
    from crosswheel.decide.plan_json import plan_from_json
    from crosswheel.values.errors import CrosswheelError

    try:
        return plan_from_json(path.read_bytes(), name=path.name), ()
    except FileNotFoundError:
        return None, ()
    except OSError as error:
        return None, (f"nothing is taken over from {path.name}: {error.strerror or error}",)
    except CrosswheelError as error:
        return None, (f"nothing is taken over from {path.name}: {error.why}",)
