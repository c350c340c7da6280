"""A build of a plan whose sdist is replaced by the project's own source as it is now.

For build systems that hold the source themselves: a change of it needs no new plan, as long as it is built with the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from packaging.version import InvalidVersion, Version

from crosswheel.act.planning.project_folders import pack_files
from crosswheel.decide.plan import Artifact, Plan, PlannedBuild
from crosswheel.decide.project_declarations import changed_declarations, project_declarations
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import InputError
from crosswheel.values.toml_text import parse_toml

__all__ = ["with_own_source"]

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
            the version, what the project is built with, or what it depends on.
    """
    build = plan.builds[id_]
    _refuse_other_project(build, {**files, **programs}, plan_anew)
    packed = pack_files(build.name, build.version, files, programs=programs)
    sdist = folder / packed.filename
    sdist.write_bytes(packed.data)
    digest = digest_of(packed.data)
    artifact = Artifact(sha256=digest, filename=packed.filename, path=packed.filename)
    changed = replace(
        plan,
        artifacts={**plan.artifacts, digest: artifact},
        builds={**plan.builds, id_: replace(build, sdist=digest)},
    )
    return changed, sdist


def _refuse_other_project(build: PlannedBuild, files: Mapping[str, Path], plan_anew: str | None) -> None:
    """Refuse source that is not of the release, or not of the project, that was planned."""
    if not files.keys() & {_PYPROJECT, "setup.py"}:
        raise _refusal(
            build,
            f"among its sources is neither a {_PYPROJECT} nor a setup.py",
            f"name the {_PYPROJECT} among them",
        )
    if _PYPROJECT not in files:
        if build.declared:
            raise _refusal(build, f"its {_PYPROJECT} is not among its sources", "name it among them")
        return
    try:
        document = parse_toml(files[_PYPROJECT].read_bytes())
    except OSError as error:
        raise _refusal(
            build, f"{_PYPROJECT}: {(error.strerror or str(error)).lower()}", "name it among its sources"
        ) from None
    except ValueError as error:
        raise _refusal(build, f"its {_PYPROJECT} is wrong: {error}", "mend it") from None
    project = document.get("project")
    version = project.get("version") if isinstance(project, dict) else None
    anew = f"make the plan anew: {plan_anew or _PLAN_ANEW}"
    if isinstance(version, str) and not _is_same(version, build.version):
        raise _refusal(build, f"its {_PYPROJECT} says version {version}, the plan {build.version}", anew)
    changed = changed_declarations(build.declared, project_declarations(document)) if build.declared else ()
    if changed:
        why = f"its {_PYPROJECT} is another than was planned: {', '.join(changed)}"
        locks = any(words.startswith("project.") for words in changed)
        raise _refusal(build, why, f"lock what it depends on, and {anew}" if locks else anew)


def _is_same(version: str, other: str) -> bool:
    try:
        return Version(version) == Version(other)
    except InvalidVersion:
        return version == other


def _refusal(build: PlannedBuild, why: str, fix: str) -> InputError:
    return InputError("build from its own source", build.name, why=why, fix=fix)
