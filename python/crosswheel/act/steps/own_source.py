"""A build of a plan whose sdist is replaced by the project's own source as it is now.

For build systems that hold the source themselves: a change of it needs no new plan, as long as it is built with the same.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from packaging.version import InvalidVersion, Version

from crosswheel.act.planning.project_folders import pack_files
from crosswheel.decide.planning.cargo_projects import (
    CargoProject,
    cargo_project,
    locked_crates,
    named_manifests,
)
from crosswheel.decide.plans.plan import Artifact, Plan, PlannedBuild
from crosswheel.decide.projects.project_declarations import changed_declarations, project_declarations
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import InputError
from crosswheel.values.toml_text import parse_toml

__all__ = ["unnamed_programs", "with_own_source"]

#: How a plan is made anew, where nobody says.
_PLAN_ANEW = "crosswheel plan, as it was made"
_PYPROJECT = "pyproject.toml"


def with_own_source(
    plan: Plan,
    id_: str,
    files: Mapping[str, Path],
    programs: Mapping[str, Path],
    *,
    folder: Path,
    plan_anew: str | None = None,
) -> tuple[Plan, Path]:
    """Return a plan in which a build is one of these files, and the sdist that they are packed into.

    Args:
        plan: the plan.
        id_: the build.
        files: path in the project's folder to the file.
        programs: the same for those that can be executed.
        folder: where the sdist is put.
        plan_anew: how the plan is made anew, for messages; ``None`` leaves it general.

    Raises:
        InputError: a path leads out of the folder, a file cannot be read, or what the plan was made from is another by now:
            the version, what the project is built with, what it depends on, or the crates that its Cargo.lock pins.
    """
    build = plan.builds[id_]
    anew = f"make the plan anew: {plan_anew or _PLAN_ANEW}"
    declared = _refuse_other_project(build, {**files, **programs}, anew)
    packed = pack_files(build.name, build.version, files, programs=programs)
    sdist = folder / packed.filename
    sdist.write_bytes(packed.data)
    digest = digest_of(packed.data)
    artifact = Artifact(sha256=digest, filename=packed.filename, path=packed.filename)
    changed = replace(
        plan,
        artifacts={**plan.artifacts, digest: artifact},
        builds={**plan.builds, id_: replace(build, sdist=digest, declared=build.declared or declared)},
    )
    return changed, sdist


def unnamed_programs(files: Mapping[str, Path]) -> tuple[str, ...]:
    """Return the paths of the scripts among `files` that can be executed where they lie; an sdist has them as plain files.

    What a build system made is executable with Bazel whatever it is; that it cannot be written tells it from a file of the user's.
    """
    return tuple(sorted(path for path, file in files.items() if _is_program(file)))


def _is_program(file: Path) -> bool:
    try:
        mode = file.stat().st_mode
        if not (mode & stat.S_IXUSR and mode & stat.S_IWUSR):
            return False
        with file.open("rb") as script:
            return script.read(2) == b"#!"
    except OSError:
        return False  # the packing says why


def _refuse_other_project(
    build: PlannedBuild, files: Mapping[str, Path], anew: str
) -> Mapping[str, tuple[str, ...]]:
    """Return what the source declares; refuse what is not of the release, or not of the project, that was planned."""
    if not files.keys() & {_PYPROJECT, "setup.py"}:
        deeper = [path for path in files if path.rpartition("/")[2] == _PYPROJECT]
        if deeper:
            nearest = min(deeper, key=lambda path: (path.count("/"), path))
            above = nearest.removesuffix(f"/{_PYPROJECT}")
            raise _refusal(
                build,
                f"the {_PYPROJECT} among its sources is {nearest}, and belongs at their top",
                f"name each by its path in {above} (in Bazel: by a target of the package that is the project's folder)",
            )
        raise _refusal(
            build,
            f"among its sources is neither a {_PYPROJECT} nor a setup.py",
            f"name the {_PYPROJECT} among them",
        )
    if _PYPROJECT not in files:
        if build.declared:
            raise _refusal(build, f"its {_PYPROJECT} is not among its sources", "name it among them")
        return project_declarations({})
    try:
        document = parse_toml(_read(build, files, _PYPROJECT))
    except ValueError as error:
        raise _refusal(build, f"its {_PYPROJECT} is wrong: {error}", "mend it") from None
    project = document.get("project")
    version = project.get("version") if isinstance(project, dict) else None
    if isinstance(version, str) and not _is_same(version, build.version):
        raise _refusal(build, f"its {_PYPROJECT} says version {version}, the plan {build.version}", anew)
    declared = project_declarations(document)
    changed = changed_declarations(build.declared, declared) if build.declared else ()
    if changed:
        why = f"its {_PYPROJECT} is another than was planned: {', '.join(changed)}"
        locks = any(words.startswith("project.") for words in changed)
        raise _refusal(build, why, f"lock what it depends on, and {anew}" if locks else anew)
    _refuse_other_crates(build, files, document, anew)
    return declared


def _refuse_other_crates(
    build: PlannedBuild, files: Mapping[str, Path], document: Mapping[str, object], anew: str
) -> None:
    """Refuse source whose Cargo.lock pins what the plan does not hold; of one that a patch changes nothing is known yet."""
    if build.patches or not any(environment.rust for environment in build.environments.values()):
        return
    setup = _text(build, files, "setup.py") if "setup.py" in files else ""
    manifests, locks = cargo_project(files.keys(), named_manifests(document, setup))
    texts = {path: _text(build, files, path) for path in sorted(set(locks.values()))}
    now = locked_crates(CargoProject(manifests=manifests, locks=texts), wanted_by=build.name)
    new = [f"{one.name} {one.version}" for one in now if one.checksum not in build.crates]
    if new:
        raise _refusal(build, f"its Cargo.lock has {', '.join(new)}, which the plan has not", anew)
    if build.crates and not texts and not build.cargo_locks:
        fix = f"name it among them, or {anew}"
        raise _refusal(build, "the Cargo.lock that it was planned with is not among its sources", fix)


def _text(build: PlannedBuild, files: Mapping[str, Path], path: str) -> str:
    return _read(build, files, path).decode("utf-8", "replace")


def _read(build: PlannedBuild, files: Mapping[str, Path], path: str) -> bytes:
    try:
        return files[path].read_bytes()
    except OSError as error:
        why = f"{path}: {(error.strerror or str(error)).lower()}"
        raise _refusal(build, why, "name it among its sources") from None


def _is_same(version: str, other: str) -> bool:
    try:
        return Version(version) == Version(other)
    except InvalidVersion:
        return version == other


def _refusal(build: PlannedBuild, why: str, fix: str) -> InputError:
    return InputError("build from its own source", build.name, why=why, fix=fix)
