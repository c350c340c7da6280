"""The verbs of the command line as typed functions; the same plan, the same bytes.

Each takes what a person would type (target names in any spelling, paths) and returns values. None of them prints; progress
goes to the `Reporter` of the `Session`. Errors are `CrosswheelError`, whose text says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from crosswheel.api_arguments import as_member, as_names, as_paths, as_plan, told_types
from crosswheel.values.errors import CrosswheelError, InputError

if TYPE_CHECKING:
    from crosswheel.act.check.findings import CheckReport
    from crosswheel.act.planning.planning import PlanResult
    from crosswheel.act.reporter import Reporter
    from crosswheel.act.repositories import BuiltRepository
    from crosswheel.act.services import Services
    from crosswheel.act.wheels.tree import TreeSummary
    from crosswheel.decide.plans.plan import Plan
    from crosswheel.decide.selection.explanation import Explanation
    from crosswheel.target.descriptions import TargetDescription
    from crosswheel.target.targets import Target

__all__ = [
    "CrosswheelError",
    "PlanKeywords",
    "Session",
    "build",
    "check",
    "describe",
    "explain",
    "install",
    "parse_target",
    "plan",
    "read_plan",
    "write_plan",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """What the functions work with, and where; every field has a default.

    Attributes:
        cache_dir: the store; ``None`` for the user's cache folder.
        sandbox: what builds run in, ``"bubblewrap"`` or ``"none"``.
        build_python: the interpreter to build with; ``None`` to look for one.
        jobs: how many builds run at a time; ``None`` for one a core.
        mirrors: a ``FROM=TO`` rule, or several: URLs that start with FROM are fetched from TO.
        reporter: who hears of the progress; ``None`` for nobody.
        working_directory: where pip's and uv's configuration is looked for.
    """

    cache_dir: str | Path | None = None
    sandbox: str = "bubblewrap"
    build_python: str | Path | None = None
    jobs: int | None = None
    mirrors: str | Sequence[str] = ()
    reporter: Reporter | None = None
    working_directory: str | Path = ""

    def __post_init__(self) -> None:
        """Refuse a sandbox or a number of jobs that no function could work with."""
        from crosswheel.act.building.sandbox_kinds import refuse_unknown_kind

        refuse_unknown_kind(self.sandbox)
        if self.jobs is not None and (isinstance(self.jobs, bool) or not isinstance(self.jobs, int)):
            raise TypeError(f"Session() takes a whole number as 'jobs', and not a {type(self.jobs).__name__}")
        if self.jobs is not None and self.jobs < 1:
            raise InputError(
                "run jobs",
                str(self.jobs),
                why="it is not a number above 0",
                fix="give how many builds run at a time, or None for one a core",
            )

    def services(self) -> Services:
        """Return what the layers below work with.

        Raises:
            InputError: pip's, uv's or our configuration cannot be read.
        """
        from crosswheel.act.fetching.index_configuration import read_fetch_settings
        from crosswheel.act.reporter import SilentReporter
        from crosswheel.act.services import services_with

        return services_with(
            cache_dir=self.cache_dir,
            sandbox=self.sandbox,
            settings=read_fetch_settings(
                working_directory=Path(self.working_directory).absolute(),
                mirrors=as_names(self.mirrors, "mirrors"),
            ),
            reporter=self.reporter or SilentReporter(),
            build_python=self.build_python,
            jobs=self.jobs,
        )


class PlanKeywords(TypedDict, total=False):
    """What `plan` and `explain` take beside the lock and the targets; each may be left out, and one name needs no list.

    Attributes:
        python: ``X.Y`` of the targets whose name does not say it; otherwise this interpreter's.
        build_platforms: platforms to lock build requirements for; otherwise this machine's kind.
        no_binary: projects to build from their sdists, or ``":all:"``.
        only_binary: projects never to build, or ``":all:"``.
        extras: extras to install.
        all_extras: install every extra.
        groups: dependency groups to install (PEP 735).
        projects: projects of your own, folders, sdists or wheels, planned as if the lock named them.
        configuration: pyproject.toml or crosswheel.toml; otherwise the one beside the lock.
        headers: where the target Python's headers come from, ``SOURCE`` or ``TARGET=SOURCE``.
        descriptions: target descriptions of your own.
        upgrade: resolve build requirements anew.
        exclude_newer: consider only build requirements uploaded until this date, that day included, or before this time.
        sdk: folder of Apple's SDK (MacOSX.sdk), for builds for macOS that need frameworks.
        toolchains: C toolchains of your own instead of zig, ``PATH`` or ``TARGET=PATH``.
    """

    python: str
    build_platforms: str | Sequence[str]
    no_binary: str | Sequence[str]
    only_binary: str | Sequence[str]
    extras: str | Sequence[str]
    all_extras: bool
    groups: str | Sequence[str]
    projects: str | Path | Sequence[str | Path]
    configuration: str | Path
    headers: str | Sequence[str]
    descriptions: str | Path | Sequence[str | Path]
    upgrade: bool
    exclude_newer: str
    sdk: str | Path
    toolchains: str | Sequence[str]


@partial(told_types, keywords=PlanKeywords)
def plan(
    lock: str | Path,
    *,
    targets: str | Sequence[str] = (),
    plan_path: str | Path | None = None,
    session: Session | None = None,
    **keywords: Unpack[PlanKeywords],
) -> PlanResult:
    """Decide which file every package of a lock becomes on every target, and lock what its builds need.

    Choosing wheels needs no network; locking the build requirements of an sdist does, once.

    Args:
        lock: pylock.toml (PEP 751), uv.lock, or requirements.txt with hashes.
        targets: targets in any spelling, e.g. ``"linux_arm64"``; empty for those of the configuration.
        plan_path: where the plan is to be written; an earlier plan there is taken over where nothing changed.
        session: what to work with.
        keywords: see `PlanKeywords`.

    Returns:
        The plan and its warnings; `write_plan` writes it.

    Raises:
        CrosswheelError: an input is wrong, no file fits a target, or build requirements cannot be locked.
        TypeError: a keyword is none of `PlanKeywords`.
    """
    from crosswheel.act.planning.plan_options import PlanOptions, complete_request
    from crosswheel.act.planning.planning import make_plan

    services = (session or Session()).services()
    options = PlanOptions(
        lock=Path(lock),
        targets=as_names(targets, "targets"),
        build_python=services.build_python,
        **plan_options(keywords, "plan"),
    )
    result = make_plan(
        complete_request(options, plan_path=None if plan_path is None else Path(plan_path)), services=services
    )
    for warning in result.warnings:
        services.reporter.warned(warning)
    return result


@told_types
def read_plan(path: str | Path) -> Plan:
    """Read a plan that `write_plan` or ``crosswheel plan`` wrote.

    Raises:
        CrosswheelError: it cannot be read, or is no plan.
    """
    from crosswheel.act.planning.plan_files import read_plan as read

    return read(Path(path))


@told_types
def write_plan(result: PlanResult, path: str | Path) -> bool:
    """Write the canonical text of a plan, and the files that go with it, each whole or not at all.

    Returns:
        Whether anything changed.

    Raises:
        OutputError: a file cannot be written.
    """
    from crosswheel.act.planning.plan_files import write_plan as write
    from crosswheel.act.planning.planning import PlanResult

    if not isinstance(result, PlanResult):
        raise TypeError(f"write_plan() takes what plan() returns, and not a {type(result).__name__}")
    return write(result.plan, Path(path), files=result.files)


@told_types
def build(
    plan: Plan,
    *,
    output: str | Path,
    base: str | Path | None = None,
    targets: str | Sequence[str] = (),
    session: Session | None = None,
) -> tuple[BuiltRepository, ...]:
    """Fetch, cross build and verify the wheels of a plan; write one wheel repository per target.

    Args:
        plan: the plan.
        output: folder of the repositories; each stands in a folder named by its target's id.
        base: folder that the plan's relative paths start from; ``None`` for the working directory.
        targets: which of the plan's targets, in any spelling; empty for all.
        session: what to work with.

    Raises:
        CrosswheelError: a file cannot be fetched, a build failed, or a wheel does not fit; all faults together.
        TypeError: an argument is of another type, e.g. the path of a plan in place of the plan.
    """
    from crosswheel.act.repositories import build_repositories

    held = [planned.target for planned in as_plan(plan, "build").targets]
    wanted = {_held(name, held) for name in as_names(targets, "targets")}
    return build_repositories(
        plan,
        base=Path(base or "."),
        targets=tuple(planned for planned in plan.targets if not wanted or planned.target in wanted),
        output=Path(output),
        services=(session or Session()).services(),
    )


@told_types
def install(
    plan: Plan,
    *,
    target: str,
    destination: str | Path,
    base: str | Path | None = None,
    interpreter: str | None = None,
    layout: str = "target",
    session: Session | None = None,
) -> TreeSummary:
    """Install the wheels of one target into a folder, every file compared with its RECORD; nothing is executed.

    Args:
        plan: the plan.
        target: which of the plan's targets, in any spelling.
        destination: the folder to make.
        base: folder that the plan's relative paths start from; ``None`` for the working directory.
        interpreter: the Python on the target that programs run under; ``None`` for ``/usr/bin/env pythonX.Y``.
        layout: ``"target"`` (modules at the top) or ``"prefix"`` (``lib/pythonX.Y/site-packages``).
        session: what to work with.

    Raises:
        CrosswheelError: as `build`, no such layout, or two wheels own one path with different content.
    """
    from crosswheel.act.target_wheels import wheels_of_plan
    from crosswheel.act.wheels.program_interpreter import program_interpreter
    from crosswheel.act.wheels.tree import TREE, TreeLayout, install_wheels

    tree_layout = as_member(TreeLayout, "install with layout", layout)
    TREE.refuse_other(Path(destination))
    wheels = wheels_of_plan(
        as_plan(plan, "install"),
        target=target,
        base=Path(base or "."),
        services=(session or Session()).services(),
        suits=lambda planned: program_interpreter(interpreter, planned.target),
    )
    return install_wheels(
        wheels.paths,
        Path(destination),
        target=wheels.target,
        interpreter=interpreter,
        layout=tree_layout,
    )


@told_types
def check(
    wheels: str | Path | Sequence[str | Path],
    *,
    target: str,
    python: str | None = None,
    accept: str | Sequence[str] = (),
) -> tuple[CheckReport, ...]:
    """Check wheels, prebuilt ones too, against a target; nothing of them is executed.

    Args:
        wheels: the wheels.
        target: the target, in any spelling.
        python: ``X.Y`` if the name does not say it; ``None`` for this interpreter's.
        accept: findings to accept, ``code`` or ``code:glob of the file``.

    Returns:
        One report for each wheel, in order; `CheckReport.refused` tells whether it must not be used.

    Raises:
        CrosswheelError: the target, a wheel or an accept cannot be read, or an accept covered nothing.
    """
    from crosswheel.act.check.check_wheel import check_wheel, require_all_used

    wanted, accepted = _parsed(target, python), as_names(accept, "accept")
    reports = tuple(check_wheel(wheel, wanted, accept=accepted) for wheel in as_paths(wheels, "wheels"))
    require_all_used(accepted, reports)
    return reports


@partial(told_types, keywords=PlanKeywords)
def explain(
    lock: str | Path,
    package: str,
    *,
    targets: str | Sequence[str],
    session: Session | None = None,
    **keywords: Unpack[PlanKeywords],
) -> Mapping[str, Explanation]:
    """Say, by target id, why a package of a lock becomes this file there, and how near each other one came.

    Args:
        lock: as for `plan`.
        package: the package's name, in any spelling.
        targets: as for `plan`.
        session: what to work with.
        keywords: what the choice hangs on, see `PlanKeywords`.

    Raises:
        CrosswheelError: an input is wrong, or the lock has no such package.
        TypeError: a keyword is none of `PlanKeywords`.
    """
    from crosswheel.act.planning.explaining import explain_package
    from crosswheel.act.planning.plan_options import PlanOptions, complete_request

    services = (session or Session()).services()
    options = PlanOptions(
        lock=Path(lock),
        targets=as_names(targets, "targets"),
        **plan_options(keywords, "explain"),
    )
    return explain_package(
        complete_request(options, doing="explain"), package, store=services.store, settings=services.settings
    )


@told_types
def describe(path: str | Path) -> TargetDescription:
    """Describe a target Python from its files, which are parsed and never run.

    Args:
        path: an unpacked Debian tree, a python-build-standalone folder or archive, a Nix store path, or a prefix.

    Raises:
        CrosswheelError: there is no CPython there, or its files contradict each other.
    """
    from crosswheel.act.target_python.describe import describe as describe_files

    return describe_files(Path(path))


@told_types
def parse_target(name: str, *, python: str | None = None) -> Target:
    """Parse a target's name in any spelling.

    Args:
        name: e.g. ``"linux_arm64"``, ``"manylinux2014_aarch64"``, ``"cp312-linux_aarch64_glibc_2_28"``.
        python: ``X.Y`` if the name does not say it; ``None`` for this interpreter's.

    Raises:
        CrosswheelError: nothing is spelled like that.

    >>> parse_target("linux_arm64", python="3.12").id
    'cp312-linux_aarch64_glibc_2_28'
    """
    return _parsed(name, python)


def _parsed(name: str, python: str | None) -> Target:
    from crosswheel.act.machine_platform import build_machine_python
    from crosswheel.target import spellings
    from crosswheel.values.python_abi import parse_python_version

    abi = build_machine_python() if python is None else parse_python_version(python)
    return spellings.parse_target(name, python=abi).target


def _held(name: str, held: Sequence[Target]) -> Target:
    from crosswheel.target.held_targets import choose_target

    return choose_target(name, held)


def plan_options(keywords: PlanKeywords, function: str) -> dict[str, Any]:
    """Return the keywords of a function that plans with the types that the fields of `PlanOptions` have.

    Raises:
        TypeError: as Python has it for a function without ``**keywords``.
    """
    for name in keywords:
        if name not in PlanKeywords.__annotations__:
            raise TypeError(f"{function}() got an unexpected keyword argument '{name}'")
    options: dict[str, Any] = dict(keywords)
    for name in options.keys() & {
        "build_platforms",
        "no_binary",
        "only_binary",
        "extras",
        "groups",
        "headers",
        "toolchains",
    }:
        options[name] = as_names(options[name], name)
    for name in options.keys() & {"descriptions", "projects"}:
        options[name] = as_paths(options[name], name)
    for name in ("configuration", "sdk"):
        if options.get(name) is not None:
            options[name] = Path(options[name])
    return options
