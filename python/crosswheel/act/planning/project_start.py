"""Beginning with a project: what its files say, the configuration, the plan, and the files of Bazel or Nix."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from crosswheel.act.machine_platform import build_machine_python
from crosswheel.act.planning.debian_archive import shipped_suites
from crosswheel.act.planning.named_files import configured_files, configured_patches
from crosswheel.act.planning.plan_inputs import read_configuration
from crosswheel.act.planning.plan_options import PlanOptions, complete_request, policy_beside
from crosswheel.act.planning.planning import PlanResult, make_plan
from crosswheel.act.planning.project_texts import (
    locks_below,
    project_texts,
    texts_of_members,
    workspace_above,
)
from crosswheel.act.planning.starter_headers import StarterHeaders, starter_headers
from crosswheel.act.services import Services
from crosswheel.act.storage.output_files import files_together
from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.decide.images.base_suites import choose_base_suite
from crosswheel.decide.locks.own_folders import OwnPackage, own_package, own_services
from crosswheel.decide.plans.plan_json import plan_to_json
from crosswheel.decide.projects.project_proposal import Proposal, propose, with_members
from crosswheel.render.completed_configuration import completed_configuration, configuration_lines
from crosswheel.render.starter_files import (
    NamedTarget,
    render_build_bazel,
    render_flake,
    render_module_bazel,
)
from crosswheel.target.spellings import parse_target
from crosswheel.values.errors import InputError, OutputError
from crosswheel.values.python_abi import parse_python_version
from crosswheel.values.toml_text import TomlError

__all__ = ["StartOptions", "StartedProject", "prepare_project", "preview_project", "write_project"]

#: The plan's name, as ``crosswheel plan`` has it.
_PLAN = "wheels.plan.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class StartOptions:
    """What the user said.

    Attributes:
        folder: the project's.
        lock: name of the lock below it; empty to find one.
        python: ``X.Y``, or empty to find out.
        targets: spellings, or empty to find out.
        projects: folders, sdists and wheels of the user's own; ``None`` to find out.
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
    projects: tuple[Path, ...] | None = None
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
        added: the lines that the configuration gets.
        files: what is written, by path below the folder, without the plan and what goes with it.
        headers: those of `files` that are headers, and what the configuration says of them.
        notes: what the user should know.
        package: what the project is, if it is planned itself; else ``None``.
        base_refusal: why Debian's packages make no base of images for the targets; ``None`` where they do.
        planned: the plan and what goes with it; ``None`` if none was wanted, or before it is made.
    """

    proposal: Proposal
    configuration: str
    kept: bool
    added: tuple[str, ...]
    files: dict[str, bytes]
    headers: StarterHeaders
    notes: tuple[str, ...]
    package: OwnPackage | None = None
    base_refusal: str | None = None
    planned: PlanResult | None = None


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
    said = Policy() if there is None else read_configuration(there)
    texts = project_texts(folder)
    proposal, lacking = _proposal(options, said, there, texts)
    name = there.name if there is not None else _place(folder)
    abi = parse_python_version(proposal.python)
    named = [
        NamedTarget(spelling=one, target=parse_target(one, python=abi).target) for one in proposal.targets
    ]
    headers = StarterHeaders()
    if options.bazel or options.nix:
        headers = starter_headers(named, said, build_python=options.build_python)
    if headers.entries and not said.headers:
        lacking = {**lacking, "headers": headers.entries}
    files = {name: _with_configuration(folder / name, lacking)} if lacking else {}
    base_refusal = _base_refusal(named)
    own = own_package(texts.get("pyproject.toml", ""))
    files |= _of_build_systems(
        named,
        options,
        proposal,
        configuration=name,
        data=_named_files(folder, said, headers),
        version=version,
    )
    files |= headers.files
    replaced = [] if options.force else [one for one in (*files, *_plan_of(options)) if one != name]
    for path in [*replaced, *([name] if name == "crosswheel.toml" and there is None else [])]:
        _refuse_present(folder / path, files.get(path))
    return StartedProject(
        proposal=proposal,
        configuration=name,
        kept=not lacking,
        added=tuple(configuration_lines(lacking)),
        files=files,
        headers=headers,
        notes=(*headers.notes, *_remarks(own, options, proposal, base_refusal)),
        base_refusal=base_refusal,
        package=_planned_package(folder, own, texts.get("uv.lock", ""), proposal),
    )


def _planned_package(
    folder: Path, own: OwnPackage | None, lock: str, proposal: Proposal
) -> OwnPackage | None:
    """Return the package that is planned itself: the project, or the one member of its workspace that is planned for."""
    if "." in proposal.projects:
        return own
    services = own_services(lock, proposal.projects) if proposal.lock == "uv.lock" else ()
    if len(services) != 1:
        return None
    return own_package(project_texts(folder / services[0]).get("pyproject.toml", ""))


def _base_refusal(named: Sequence[NamedTarget]) -> str | None:
    suites = shipped_suites()
    for one in named:
        try:
            choose_base_suite(suites, one.target, named=None, standalone=False)
        except InputError as refusal:
            return f"{refusal.why}; {refusal.fix}"
    return None


def _remarks(
    own: OwnPackage | None, options: StartOptions, proposal: Proposal, base_refusal: str | None
) -> Iterator[str]:
    """Yield what of the project is not planned, or made in another way, and how it comes to be."""
    yield from proposal.notes
    if own is not None and not own.is_static and not proposal.projects and options.projects is None:
        yield (
            "the project itself is a package, but is not planned, as pyproject.toml says no name and version of it: "
            "make its sdist with `uv build --sdist`, and give that with --project"
        )
    if base_refusal is not None and not proposal.on_lambda:
        yield (
            f"`crosswheel image lock` makes no base of images for these targets: {base_refusal}; or give the image that a Dockerfile "
            "stands on, as `skopeo copy` fetches it, with --base"
        )
    if options.bazel and proposal.projects:
        yield "Bazel gets no test of the plan, for it has no folders to compare: `crosswheel plan --check` tells when the plan is stale"


def _proposal(
    options: StartOptions, said: Policy, there: Path | None, texts: Mapping[str, str]
) -> tuple[Proposal, Mapping[str, str | tuple[str, ...]]]:
    """Return lock, Python and targets, and which of the latter a configuration that may be there lacks."""
    folder = options.folder
    project = folder.name or folder.absolute().name
    _refuse_other(said, options, there)
    given = _projects(options, said, there)
    members = own_services(texts.get("uv.lock", ""), given) if options.lock in {"", "uv.lock"} else ()
    files, notes = with_members(texts, texts_of_members(folder, texts, members), chosen=given is not None)
    proposal = propose(
        files,
        project=project,
        below=locks_below(folder),
        above=workspace_above(folder),
        running=build_machine_python(),
        lock=options.lock,
        python=said.python or options.python,
        targets=said.targets or options.targets,
        projects=given,
    )
    proposal = replace(proposal, notes=(*proposal.notes, *notes))
    if not (folder / proposal.lock).is_file():
        why = f"there is no lock '{proposal.lock}' in it"
        raise InputError("start project", project, why=why, fix="name one below the folder with --lock")
    if said.targets and said.projects is None and proposal.projects == (".",) and options.projects is None:
        # Who chose what to plan for did without, and nothing fails for it.
        proposal = replace(proposal, projects=())
    lacking: dict[str, str | tuple[str, ...]] = {}
    for key, known, chosen in (
        ("targets", said.targets, proposal.targets),
        ("python", said.python, proposal.python),
        ("projects", said.projects, proposal.projects),
    ):
        if known is None or (not known and key != "projects"):
            lacking |= {key: chosen} if chosen else {}
        elif there is not None:
            reasons = {**proposal.reasons, key: f"{there.name} says so"}
            proposal = replace(proposal, reasons=reasons)
    return proposal, lacking


def _projects(options: StartOptions, said: Policy, there: Path | None) -> tuple[str, ...] | None:
    """Return the projects that are said already, as the configuration names them; ``None`` to find them."""
    if said.projects is not None or options.projects is None:
        return said.projects
    folder = (options.folder if there is None else there.parent).resolve()
    return tuple(Path(os.path.relpath(path.resolve(), folder)).as_posix() for path in options.projects)


def write_project(
    project: StartedProject, options: StartOptions, services: Callable[[], Services]
) -> StartedProject:
    """Write the files and the plan, all or none; return the project with the plan, if one was wanted.

    Raises:
        CrosswheelError: planning failed, or a file cannot be written; what stood there before stands there again.
    """
    folder = options.folder
    with files_together() as together:
        for name, data in project.files.items():
            together.write(folder / name, data)
        if not options.plan:
            return project
        request = PlanOptions(
            lock=folder / project.proposal.lock,
            configuration=folder / project.configuration,
            build_python=options.build_python,
        )
        result, notes = _planned(request, options, services(), pending={})
        for name, data in result.files.items():
            together.write(folder / name, data)
        together.write(folder / _PLAN, plan_to_json(result.plan))
        return replace(project, planned=result, notes=(*project.notes, *notes))


def preview_project(
    project: StartedProject, options: StartOptions, services: Callable[[], Services]
) -> StartedProject:
    """Plan as `write_project` does, and write nothing into the project.

    Raises:
        CrosswheelError: planning failed.
    """
    if not options.plan:
        return project
    with TemporaryDirectory(prefix="crosswheel-") as place:
        for name, data in project.headers.files.items():
            (Path(place) / name).write_bytes(data)
        configuration = options.folder / project.configuration
        request = PlanOptions(
            lock=options.folder / project.proposal.lock,
            targets=project.proposal.targets,
            python=project.proposal.python,
            projects=tuple(options.folder / path for path in project.proposal.projects),
            configuration=configuration if configuration.is_file() else None,
            headers=tuple(entry.replace("=", f"={place}/", 1) for entry in project.headers.entries),
            build_python=options.build_python,
        )
        pending = {options.folder / name: data for name, data in project.files.items()}
        result, notes = _planned(request, options, services(), pending=pending)
        return replace(project, planned=result, notes=(*project.notes, *notes))


def _planned(
    request: PlanOptions, options: StartOptions, services: Services, *, pending: Mapping[Path, bytes]
) -> tuple[PlanResult, tuple[str, ...]]:
    complete = complete_request(request, plan_path=options.folder / _PLAN)
    result = make_plan(replace(complete, pending=pending), services=services)
    for warning in result.warnings:
        services.reporter.warned(warning)
    return result, complete.notes


def _refuse_other(said: Policy, options: StartOptions, there: Path | None) -> None:
    """Refuse what the user said where a configuration that is there says something else."""
    for wanted, known, key in (
        (options.targets, said.targets, "targets"),
        (options.python, said.python, "python"),
        (_projects(options, Policy(), there), said.projects, "projects"),
    ):
        if there is not None and known and wanted and wanted != known:
            why = f"its configuration says other {key}, and init changes nothing that is there"
            raise InputError("start project", there.name, why=why, fix=f"write `{key}` there")


def _place(folder: Path) -> str:
    return "pyproject.toml" if (folder / "pyproject.toml").is_file() else "crosswheel.toml"


def _with_configuration(path: Path, entries: Mapping[str, str | tuple[str, ...]]) -> bytes:
    """Return the text of the file with the configuration and further entries."""
    before = path.read_bytes() if path.is_file() else b""
    of_project = path.name == "pyproject.toml"
    try:
        text = completed_configuration(before, entries, of_project=of_project)
    except TomlError as error:
        fix = error.fix or "correct it, or write [tool.crosswheel] yourself"
        raise InputError("add configuration to", path.name, why=str(error), fix=fix) from None
    if text is None:
        raise InputError(
            "add configuration to",
            path.name,
            why="lines cannot be added to its table, which is written in another way or has them already, empty",
            fix=f"write there {' and '.join(f'`{line}`' for line in configuration_lines(entries))}",
        )
    return text


def _named_files(folder: Path, said: Policy, headers: StarterHeaders) -> tuple[str, ...]:
    """Return the paths below the folder that the configuration names, or will, which tests of the plan read."""
    named = {Path(text) for text in configured_files(said) | configured_patches(said)}
    below = {path for path in named if not path.is_absolute() and ".." not in path.parts}
    return tuple(sorted({*headers.files, *(path.as_posix() for path in below if (folder / path).exists())}))


def _of_build_systems(
    named: list[NamedTarget],
    options: StartOptions,
    proposal: Proposal,
    *,
    configuration: str,
    data: Sequence[str],
    version: str,
) -> dict[str, bytes]:
    files = {}
    if options.bazel:
        project = options.folder.resolve().name
        files["MODULE.bazel"] = render_module_bazel(
            name=project, version=version, lock=proposal.lock, plan=_PLAN, tested=not proposal.projects
        )
        files["BUILD.bazel"] = render_build_bazel(
            named,
            lock=proposal.lock,
            plan=_PLAN,
            configuration=configuration,
            data=data,
            tested=not proposal.projects,
        )
    if options.nix:
        files["flake.nix"] = render_flake(plan=_PLAN)
    return {name: text.encode() for name, text in files.items()}


def _plan_of(options: StartOptions) -> tuple[str, ...]:
    return (_PLAN,) if options.plan else ()


def _refuse_present(path: Path, wanted: bytes | None) -> None:
    """Refuse to replace a file, but for one that holds what is wanted, as the flake that ``nix flake init -t`` writes."""
    if path.is_symlink() or (path.exists() and not (path.is_file() and path.read_bytes() == wanted)):
        raise OutputError(
            "write file",
            path.name,
            why="it is there already",
            fix="--force replaces it",
        )
