"""Plans as files: read, and written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from crosswheel.act.storage.output_file import read_earlier_output, refuse_other_file
from crosswheel.act.storage.output_files import files_together
from crosswheel.decide.plans.plan import Artifact, Plan
from crosswheel.decide.plans.plan_json import plan_from_json, plan_to_json
from crosswheel.values.errors import InputError

__all__ = [
    "KEPT_FILE",
    "files_beside",
    "is_plan",
    "left_over",
    "read_plan",
    "refuse_other_plan",
    "write_plan",
]

#: The path, relative to the plan's folder, of a file that a plan keeps there: each content has a name of its own.
KEPT_FILE = r"(?:headers|sysroots|descriptions|projects|cargo)/[^/]*-[0-9a-f]{12}\.[a-z.]+"


def is_plan(path: Path) -> bool:
    """Tell a plan from a lock by its first character: no lock format begins with a brace.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(64).lstrip().startswith(b"{")
    except OSError as error:
        raise InputError(
            "read lock or plan", str(path), why=error.strerror or str(error), fix="name a file that is there"
        ) from None


def read_plan(path: Path) -> Plan:
    """Return the plan at `path`.

    Raises:
        InputError: it cannot be read, or is no plan.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            "read plan", str(path), why=error.strerror or str(error), fix="make one with `crosswheel plan`"
        ) from None
    return plan_from_json(data, name=str(path))


def files_beside(artifacts: Iterable[Artifact], base: Path) -> Iterator[Path]:
    """Yield the files of artifacts that are named by their paths, which start from `base`."""
    for artifact in artifacts:
        if artifact.path is not None:
            yield base / artifact.path


def refuse_other_plan(path: Path) -> None:
    """Refuse a place that `write_plan` would refuse, before a plan is made for it.

    Raises:
        OutputError: what stands there is no plan, or no file can be written.
    """
    refuse_other_file(path, thing="plan", other_key="bases")


def write_plan(plan: Plan, path: Path, *, files: Mapping[str, bytes]) -> bool:
    """Write a plan and the files that go with it, all or none.

    Args:
        plan: the plan.
        path: where to.
        files: further files by path relative to the plan's folder; written first.

    Returns:
        Whether anything changed; what has the right content already is left alone.

    Raises:
        OutputError: a file cannot be written, or one that is no plan stands in its place.
    """
    refuse_other_plan(path)
    contents = {**{path.parent / name: data for name, data in files.items()}, path: plan_to_json(plan)}
    changed = [place for place, data in contents.items() if not _has_content(place, data)]
    with files_together() as writing:
        for place in changed:
            writing.write(place, contents[place])
    return bool(changed)


def left_over(before: Plan | None, plan: Plan, folder: Path) -> tuple[str, ...]:
    """Return the files in a plan's folder that were kept for an earlier plan and that a new one does not name.

    Another plan in the folder may name them, so nobody but the user can remove them.
    """
    if before is None:
        return ()
    named, known = (
        {artifact.path for artifact in one.artifacts.values() if artifact.path} for one in (before, plan)
    )
    return tuple(
        path for path in sorted(named - known) if re.fullmatch(KEPT_FILE, path) and (folder / path).is_file()
    )


def _has_content(path: Path, data: bytes) -> bool:
    try:
        return read_earlier_output(path) == data
    except OSError:
        return False
