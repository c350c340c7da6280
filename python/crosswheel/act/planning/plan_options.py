"""What a user says of a plan, in the user's own words, completed into a request by the documented rules."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from crosswheel.act.fetching.given_sources import refuse_unknown_source
from crosswheel.act.machine_platform import build_machine_platform, build_machine_python
from crosswheel.act.planning.lock_reading import read_lock_file
from crosswheel.act.planning.plan_inputs import (
    WHAT_HEADERS_ARE,
    PlanRequest,
    configuration_folder,
    read_policy,
)
from crosswheel.act.storage.output_file import read_earlier_output
from crosswheel.act.sysroot.apple_sdk import is_sdk
from crosswheel.act.target_python.load_description import unused_descriptions
from crosswheel.decide.configuration.headers_sources import headers_place, headers_target_name
from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.decide.locks.lock_formats import LockFormat, lock_format
from crosswheel.decide.locks.locks import parse_pylock
from crosswheel.decide.locks.uv_lock_freshness import has_groups, unlocked_dependencies
from crosswheel.decide.plans.plan import BUILD_PYTHON_HEADERS, Plan
from crosswheel.decide.plans.plan_json import plan_from_json
from crosswheel.target.spelling_forms import PYTHON_PART
from crosswheel.target.spellings import parse_build_platform, parse_target
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.platforms import MacOs, Platform
from crosswheel.values.python_abi import PythonAbi, parse_python_version, remarks_on_version
from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["PlanOptions", "complete_request"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanOptions:
    """What a user says.

    Attributes:
        lock: pylock.toml, uv.lock or requirements.txt with hashes.
        targets: targets in any spelling; empty for those of the configuration.
        python: ``X.Y`` of the targets whose name does not say it; ``None`` for the build Python's.
        build_platforms: platforms to lock build requirements for; empty for this machine's kind.
        no_binary: values of ``--no-binary``.
        only_binary: values of ``--only-binary``.
        extras: extras to install.
        all_extras: every extra.
        groups: dependency groups to install.
        projects: folders, sdists and wheels of the user's own; empty for those of the configuration.
        configuration: pyproject.toml or crosswheel.toml; ``None`` for the one beside the lock.
        headers: sources of headers, ``SOURCE`` or ``TARGET=SOURCE``.
        descriptions: target descriptions of the user's own.
        build_python: the interpreter to build with; ``None`` to look for one.
        upgrade: resolve build requirements anew.
        exclude_newer: consider only files uploaded before this date.
        sdk: folder of Apple's SDK for builds for macOS; ``None`` without one.
        toolchains: toolchains of the user's own, ``PATH`` or ``TARGET=PATH``.
    """

    lock: Path
    targets: tuple[str, ...] = ()
    python: str | None = None
    build_platforms: tuple[str, ...] = ()
    no_binary: tuple[str, ...] = ()
    only_binary: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    all_extras: bool = False
    groups: tuple[str, ...] = ()
    projects: tuple[Path, ...] = ()
    configuration: Path | None = None
    headers: tuple[str, ...] = ()
    descriptions: tuple[Path, ...] = ()
    build_python: Path | None = None
    upgrade: bool = False
    exclude_newer: str | None = None
    sdk: Path | None = None
    toolchains: tuple[str, ...] = ()


def complete_request(
    options: PlanOptions, *, plan_path: Path | None = None, doing: str = "plan"
) -> PlanRequest:
    """Return the request that `options` mean.

    Args:
        options: what the user says.
        plan_path: where the plan is, or will be; its folder is what paths in the plan are relative to, and
            its unchanged builds are taken over. ``None``: the lock's folder, and nothing is taken over.
        doing: what is done with the lock, a verb for messages.

    Raises:
        CrosswheelError: a target, a Python or the configuration is wrong, or no target is named.
    """
    request = PlanRequest(
        lock=options.lock,
        targets=(),
        build_platforms=(),
        folder=options.lock.parent if plan_path is None else plan_path.parent,
        no_binary=options.no_binary,
        only_binary=options.only_binary,
        extras=options.extras,
        all_extras=options.all_extras,
        groups=options.groups,
        projects=options.projects,
        configuration=options.configuration or policy_beside(options.lock),
        headers=options.headers,
        descriptions=options.descriptions,
        build_python=options.build_python,
        upgrade=options.upgrade,
        exclude_newer=options.exclude_newer,
        sdk=options.sdk,
        toolchains=options.toolchains,
    )
    policy = read_policy(request)
    if options.exclude_newer is not None:
        _checked_time(options.exclude_newer)
    targets, notes = _targets(options, policy, doing)
    build_platforms = _build_platforms(options, policy)
    built_for = {
        Target(python=target.python, platform=platform) for target in targets for platform in build_platforms
    }
    raise_faults(
        [
            *_wrong_headers(options, targets, built_for),
            *_unmatched_headers(policy, targets, built_for),
            *unused_descriptions(options.descriptions, targets),
            *_sdk_faults(options.sdk, targets),
        ]
    )
    previous, more = (None, ()) if plan_path is None else _read_previous_plan(plan_path)
    return replace(
        request,
        targets=targets,
        build_platforms=build_platforms,
        projects=options.projects
        or tuple(configuration_folder(request) / path for path in policy.projects or ()),
        previous=previous,
        notes=(*notes, *_lock_rules(options, policy), *_passed_over(request.configuration), *more),
    )


def _lock_rules(options: PlanOptions, policy: Policy) -> Iterator[str]:
    """Yield what of a lock of uv's is taken, which is less than ``uv sync`` installs, and what it does not know yet."""
    if options.lock.name != "uv.lock":
        return
    data = read_lock_file(options.lock)
    if not options.groups:
        ours, groups = options.projects or policy.projects, has_groups(data)
        name = options.lock.name
        if groups:
            what, how = (
                ("its groups", "--group takes")
                if ours
                else ("the project itself and its groups", "--project and --group take")
            )
            yield f"of {name} {what} are left out: {how} them in"
        elif not ours:
            yield f"of {name} the project itself is left out: --project takes it in"
    try:
        changed = unlocked_dependencies(data, options.lock.with_name("pyproject.toml").read_bytes())
    except OSError:
        return  # a lock without its project is as good
    if changed:
        yield (
            f"{options.lock.name} was made before pyproject.toml changed {', '.join(changed)}: run `uv lock` to have that planned"
        )


def _passed_over(configuration: Path | None) -> Iterator[str]:
    """Yield that a crosswheel.toml is read in the place of a table in the pyproject.toml beside it."""
    if configuration is None or configuration.name != "crosswheel.toml":
        return
    pyproject = configuration.with_name("pyproject.toml")
    if _has_table(pyproject, otherwise=False):
        yield f"[tool.crosswheel] of {pyproject.name} is not read, for {configuration.name} is there"


def _sdk_faults(sdk: Path | None, targets: Sequence[Target]) -> list[CrosswheelError]:
    """Return what is wrong with an SDK that is given."""
    if sdk is None:
        return []
    if not is_sdk(sdk):
        why = "it is no SDK of macOS: it has no SDKSettings.json beside usr"
        fix = "give the folder MacOSX.sdk of Xcode or of the Command Line Tools (`xcrun --show-sdk-path` on a Mac)"
    elif not any(isinstance(target.platform.os, MacOs) for target in targets):
        why, fix = "no target that is planned is macOS", "leave it out, or add such a target"
    else:
        return []
    return [InputError("use SDK", str(sdk), why=why, fix=fix)]


def policy_beside(lock: Path) -> Path | None:
    """Return the file with crosswheel's configuration in the folder of `lock`; ``None`` if there is none."""
    own = lock.parent / "crosswheel.toml"
    if own.is_symlink() or own.exists():
        return own  # who reads it says what is wrong with a folder or a dangling link
    pyproject = lock.parent / "pyproject.toml"
    # A file that is wrong may be about us: who reads it says what is wrong.
    return pyproject if _has_table(pyproject, otherwise=True) else None


def _has_table(pyproject: Path, *, otherwise: bool) -> bool:
    """Tell whether a pyproject.toml has a table of ours; return `otherwise` of one that cannot be read."""
    try:
        tools = parse_toml(pyproject.read_bytes()).get("tool")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return False
    except (OSError, TomlError):
        return otherwise
    return isinstance(tools, dict) and "crosswheel" in tools


def _targets(options: PlanOptions, policy: Policy, doing: str) -> tuple[tuple[Target, ...], tuple[str, ...]]:
    names = options.targets or policy.targets
    if not names:
        _refuse_no_lock(options.lock)
        raise InputError(
            doing,
            options.lock.name,
            why="no target is named",
            fix="give --target, for example --target linux_arm64, or list targets in the configuration",
        )
    python = _python(options, policy)
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
        notes += parsed.remarks
    raise_faults(faults)
    if any(not PYTHON_PART.match(name.strip().lower()) for name in names):
        notes += _python_rule(options, policy, python)
    return tuple(targets), tuple(notes)


def _refuse_no_lock(path: Path) -> None:
    """Raise if `path` is no lock: that is told before anything that is asked of a lock."""
    data = read_lock_file(path)
    if lock_format(path.name, data.decode("utf-8", "replace")) is LockFormat.PYLOCK:
        parse_pylock(data, name=path.name)


def _twice(name: str, other: str, target: Target) -> InputError:
    return InputError(
        "plan for target",
        name,
        why=f"it means {target.id}, and so does '{other}'",
        fix="name each target once",
    )


def _python_rule(options: PlanOptions, policy: Policy, python: PythonAbi) -> list[str]:
    """Return where the Python of targets whose name does not say it came from, or what of what a person said counts."""
    if text := options.python or policy.python:
        return remarks_on_version(text)
    whose = "the build Python's" if options.build_python is not None else "this interpreter's"
    return [f"without --python the targets' Python is {whose} X.Y, {python.version}"]


def _python(options: PlanOptions, policy: Policy) -> PythonAbi:
    if text := options.python or policy.python:
        return parse_python_version(text)
    if options.build_python is not None:
        from crosswheel.act.building.build_python import read_build_python

        return read_build_python(options.build_python).abi
    return build_machine_python()


def _build_platforms(options: PlanOptions, policy: Policy) -> tuple[Platform, ...]:
    names = options.build_platforms or policy.build_platforms
    if not names:
        return (build_machine_platform(),)
    python = build_machine_python()
    return tuple(dict.fromkeys(parse_build_platform(name, python=python) for name in names))


def _wrong_headers(
    options: PlanOptions, targets: Sequence[Target], built_for: Collection[Target]
) -> list[CrosswheelError]:
    """Return a fault for each ``--headers`` whose TARGET is neither planned nor a build platform, or that is not there.

    Each is looked at, whether anything is built with it or not.
    """
    faults: list[CrosswheelError] = []
    for text in options.headers:
        name = headers_target_name(text)
        source = headers_place(text)
        try:
            if source != BUILD_PYTHON_HEADERS:
                refuse_unknown_source(source, thing="headers", fix=WHAT_HEADERS_ARE)
        except CrosswheelError as error:
            faults.append(error)
        if name is None:
            continue
        try:
            meant = [parse_target(name, python=target.python).target for target in targets]
        except CrosswheelError as error:
            faults.append(error.within("--headers"))
            continue
        if not set(meant) & {*targets, *built_for}:
            faults.append(
                InputError(
                    "use headers",
                    text,
                    why=f"no target that is planned is {meant[0].platform.id}",
                    fix=f"name one of {', '.join(target.id for target in targets)}",
                )
            )
    return faults


def _unmatched_headers(
    policy: Policy, targets: Sequence[Target], built_for: Collection[Target]
) -> Iterator[CrosswheelError]:
    """Yield a fault for each TARGET of the configuration's ``headers`` that no target of its own is, nor one that is planned.

    Where the command line chooses among the configuration's targets, headers of the others are meant for another time.
    """
    if not policy.targets:
        return
    known = {target.platform for target in {*targets, *built_for}}
    known |= {parse_target(name, python=targets[0].python).target.platform for name in policy.targets}
    for text in policy.headers:
        name = headers_target_name(text)
        if name is None:
            continue
        meant = parse_target(name, python=targets[0].python).target.platform
        if meant not in known:
            yield InputError(
                "use headers",
                text,
                why=f"no target that is planned is {meant.id}",
                fix=f"name one of {', '.join(target.id for target in targets)}, or remove it",
                context=(policy.name, "headers"),
            )


def _checked_time(text: str) -> str:
    """Return `text`, which must be a time that means the same wherever and whenever it is read."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            date.fromisoformat(text)
            return text
        stamp = re.fullmatch(
            r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)", text, re.ASCII
        )
        if stamp is not None:
            datetime.fromisoformat(stamp[1].upper() + stamp[2].upper())
            return text
        why = "it is neither a date nor an RFC 3339 timestamp"
    except ValueError as error:
        why = f"there is no such time: {error}"
    raise InputError(
        "use --exclude-newer",
        text,
        why=why,
        fix="write for example 2026-01-31 or 2026-01-31T12:00:00Z",
    )


def _read_previous_plan(path: Path) -> tuple[Plan | None, tuple[str, ...]]:
    """Return the plan at `path`, if one is there, and a note if it is not one that can be taken over."""
    try:
        data = read_earlier_output(path)
        return (plan_from_json(data, name=path.name) if data else None), ()  # (`mktemp` makes an empty file)
    except OSError as error:
        return None, (f"nothing is taken over from {path.name}: {error.strerror or error}",)
    except CrosswheelError as error:
        return None, (f"nothing is taken over from {path.name}: {error.why}",)
