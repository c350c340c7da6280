"""Beginning with a project: what its files say, the configuration, the plan, and the files of Bazel or Nix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from crosswheel.act.building.build_python import find_build_python
from crosswheel.act.machine_platform import build_machine_python
from crosswheel.act.planning.plan_inputs import read_configuration
from crosswheel.act.planning.plan_options import PlanOptions, complete_request, policy_beside
from crosswheel.act.planning.planning import make_plan
from crosswheel.act.services import Services
from crosswheel.act.storage.output_files import files_together
from crosswheel.act.target_python.headers import build_python_headers
from crosswheel.act.target_python.load_description import load_description
from crosswheel.decide.plan import Plan
from crosswheel.decide.plan_json import plan_to_json
from crosswheel.decide.project_proposal import Proposal, is_read, propose
from crosswheel.render.starter_files import (
    NamedTarget,
    headers_file,
    render_build_bazel,
    render_configuration,
    render_flake,
    render_module_bazel,
)
from crosswheel.target.spellings import parse_target
from crosswheel.values.errors import BuildPythonError, InputError, OutputError
from crosswheel.values.python_abi import parse_python_version
from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["StartOptions", "StartedProject", "prepare_project", "write_project"]

#: The plan's name, as ``crosswheel plan`` has it.
_PLAN = "wheels.plan.json"
_LARGEST_READ = 1 << 22


@dataclass(frozen=True, kw_only=True, slots=True)
class StartOptions:
    """What the user said.

    Attributes:
        folder: the project's.
        lock: name of the lock below it; empty to find one.
        python: ``X.Y``, or empty to find out.
        targets: spellings, or empty to find out.
        bazel: whether Bazel's files are written.
        nix: whether Nix's are.
        plan: whether a plan is made; it may need a network.
        force: whether files that are there are replaced.
        build_python: the interpreter to build with; ``None`` to look for one.
    """

    folder: Path
    lock: str = ""
    python: str = ""
    targets: tuple[str, ...] = ()
    bazel: bool = False
    nix: bool = False
    plan: bool = True
    force: bool = False
    build_python: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StartedProject:
    """What a project begins with.

    Attributes:
        proposal: lock, Python and targets, and why.
        configuration: name of the file with the configuration.
        kept: whether that one was there and stays as it is.
        files: what is written, by path below the folder, without the plan and what goes with it.
        headers: the options of ``crosswheel plan`` about headers.
        notes: what the user should know.
    """

    proposal: Proposal
    configuration: str
    kept: bool
    files: dict[str, bytes]
    headers: tuple[str, ...]
    notes: tuple[str, ...]


def prepare_project(options: StartOptions, *, version: str) -> StartedProject:
    """Return what would be written, and write nothing.

    Args:
        options: what the user said.
        version: crosswheel's own.

    Raises:
        CrosswheelError: there is no lock, a target or Python is wrong, or the configuration that is there is another.
        OutputError: a file would be replaced that the user did not say may be.
    """
    folder = options.folder
    if not folder.is_dir():
        raise InputError("start project", str(folder), why="it is no folder", fix="name the project's folder")
    there = policy_beside(folder / "pylock.toml")
    targets, python = (
        _kept_targets(there, options) if there is not None else (options.targets, options.python)
    )
    proposal = propose(
        _texts(folder), running=build_machine_python(), lock=options.lock, python=python, targets=targets
    )
    if there is not None:
        says = f"{there.name} says so"
        proposal = replace(proposal, reasons={**proposal.reasons, "python": says, "targets": says})
    name = there.name if there is not None else _place(folder)
    files = {} if there is not None else {name: _with_configuration(folder / name, proposal)}
    abi = parse_python_version(proposal.python)
    named = [
        NamedTarget(spelling=one, target=parse_target(one, python=abi).target) for one in proposal.targets
    ]
    headers, notes = _headers(named, options) if options.bazel or options.nix else ({}, ())
    files |= _of_build_systems(
        named, options, proposal, configuration=name, headers=bool(headers), version=version
    )
    files |= headers
    replaced = [] if options.force else [one for one in (*files, *_plan_of(options)) if one != name]
    for path in [*replaced, *([name] if name == "crosswheel.toml" and there is None else [])]:
        _refuse_present(folder / path)
    return StartedProject(
        proposal=proposal,
        configuration=name,
        kept=there is not None,
        files=files,
        headers=tuple(f"{one.spelling}={folder / headers_file(one)}" for one in named) if headers else (),
        notes=notes,
    )


def write_project(
    project: StartedProject, options: StartOptions, services: Callable[[], Services]
) -> Plan | None:
    """Write the files and the plan, all or none; return the plan, if one was wanted.

    Raises:
        CrosswheelError: planning failed, or a file cannot be written; what stood there before stands there again.
    """
    folder = options.folder
    with files_together() as together:
        for name, data in project.files.items():
            together.write(folder / name, data)
        if not options.plan:
            return None
        request = PlanOptions(
            lock=folder / project.proposal.lock,
            configuration=folder / project.configuration,
            headers=project.headers,
            build_python=options.build_python,
        )
        complete = complete_request(request, plan_path=folder / _PLAN)
        made = services()
        result = make_plan(complete, services=made)
        for warning in result.warnings:
            made.reporter.warned(warning)
        for name, data in result.files.items():
            together.write(folder / name, data)
        together.write(folder / _PLAN, plan_to_json(result.plan))
        return result.plan


def _kept_targets(there: Path, options: StartOptions) -> tuple[tuple[str, ...], str]:
    """Return what a configuration that is there says; it stays as it is."""
    policy = read_configuration(there)
    for said, known, key in (
        (options.targets, policy.targets, "targets"),
        (options.python, policy.python or "", "python"),
    ):
        if not known or (said and said != known):
            why = f"its configuration says {'no' if not known else 'other'} {key}, and init changes no configuration that is there"
            raise InputError("start project", there.name, why=why, fix=f"write `{key}` there")
    return policy.targets, policy.python or ""


def _texts(folder: Path) -> dict[str, str]:
    texts = {}
    for path in sorted(folder.iterdir()):
        if is_read(path.name) and path.is_file():
            with path.open("rb") as stream:
                texts[path.name] = stream.read(_LARGEST_READ).decode("utf-8", "replace")
    return texts


def _place(folder: Path) -> str:
    return "pyproject.toml" if (folder / "pyproject.toml").is_file() else "crosswheel.toml"


def _with_configuration(path: Path, proposal: Proposal) -> bytes:
    """Return the text of the file with the configuration behind all that stands there, which stays as it is."""
    added = render_configuration(proposal.targets, proposal.python, place=path.name)
    if path.name != "pyproject.toml":
        return added.encode()
    before = path.read_bytes()
    end = b"\r\n" if b"\r\n" in before else b"\n"
    gap = b"" if not before else end if before.endswith(b"\n") else end * 2
    text = before + gap + added.encode().replace(b"\n", end)
    try:
        parse_toml(text)
    except TomlError as error:
        raise InputError(
            "add configuration to",
            path.name,
            why=str(error),
            fix="correct it, or write [tool.crosswheel] yourself",
        ) from None
    return text


def _headers(named: list[NamedTarget], options: StartOptions) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the headers of each target, which Bazel and Nix take as files."""
    try:
        python = find_build_python(named[0].target.python, explicit=options.build_python)
        return {
            headers_file(one): build_python_headers(python.include, load_description(one.target)).data
            for one in named
        }, ()
    except BuildPythonError as error:
        return {}, (f"the plan has no headers for builds by Bazel or Nix: {error.why}; {error.fix}",)


def _of_build_systems(
    named: list[NamedTarget],
    options: StartOptions,
    proposal: Proposal,
    *,
    configuration: str,
    headers: bool,
    version: str,
) -> dict[str, bytes]:
    files = {}
    if options.bazel:
        project = options.folder.resolve().name
        files["MODULE.bazel"] = render_module_bazel(
            name=project, version=version, lock=proposal.lock, plan=_PLAN
        )
        files["BUILD.bazel"] = render_build_bazel(
            named, lock=proposal.lock, plan=_PLAN, configuration=configuration, headers=headers
        )
    if options.nix:
        files["flake.nix"] = render_flake(plan=_PLAN)
    return {name: text.encode() for name, text in files.items()}


def _plan_of(options: StartOptions) -> tuple[str, ...]:
    return (_PLAN,) if options.plan else ()


def _refuse_present(path: Path) -> None:
    if path.is_symlink() or path.exists():
        raise OutputError(
            "write file",
            path.name,
            why="it is there already",
            fix="--force replaces it",
        )
