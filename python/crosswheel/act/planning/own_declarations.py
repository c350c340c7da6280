"""What the projects of ``--project`` declare, put into a plan: a build of their source as it is later is compared with it."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.utils import parse_sdist_filename

from crosswheel.act.planning.project_folders import FolderSdist
from crosswheel.decide.plans.plan import Plan
from crosswheel.decide.projects.project_declarations import project_declarations
from crosswheel.values.toml_text import parse_toml

__all__ = ["with_declarations"]


def with_declarations(plan: Plan, projects: Sequence[Path], packed: Mapping[Path, FolderSdist]) -> Plan:
    """Return a plan whose builds of the user's own projects say what these declare.

    Args:
        plan: the plan.
        projects: sdists, wheels and folders.
        packed: what `packed_projects` returned.
    """
    declared = dict(_declared(projects, packed))
    builds = {
        id_: replace(build, declared=declared[build.name]) if build.name in declared else build
        for id_, build in plan.builds.items()
    }
    return replace(plan, builds=builds)


def _declared(
    projects: Sequence[Path], packed: Mapping[Path, FolderSdist]
) -> Iterator[tuple[str, Mapping[str, tuple[str, ...]]]]:
    for path in projects:
        if (folder := packed.get(path)) is not None:
            yield folder.name, folder.declared
        elif path.name.endswith(".tar.gz"):
            yield parse_sdist_filename(path.name)[0], project_declarations(parse_toml(_pyproject(path)))


def _pyproject(sdist: Path) -> bytes:
    """Return the pyproject.toml of an sdist, empty if it has none."""
    with tarfile.open(sdist) as archive:
        for member in archive:
            if member.name.removeprefix("./").split("/")[1:] == ["pyproject.toml"]:
                file = archive.extractfile(member)
                return b"" if file is None else file.read()
    return b""
