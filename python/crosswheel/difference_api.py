"""What differs between two plans, wheels or images, as a typed function."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.api_arguments import told_types
from crosswheel.values.errors import InputError

if TYPE_CHECKING:
    from crosswheel.decide.documents.difference import Difference

__all__ = ["diff"]

_FIX = "give two plans, two wheels or two image layouts"


@told_types
def diff(old: str | Path, new: str | Path) -> tuple[Difference, ...]:
    """Say what differs between two plans, two wheels or two image layouts; nothing where they are the same.

    Where bytes differ, something is told: what has no words of its own by its key, or in the end that bytes do.

    Args:
        old: a plan (``.json``), a wheel (``.whl``), or a layout's folder or archive.
        new: another of the same kind.

    Raises:
        CrosswheelError: one of them cannot be read or is damaged, or they are of different kinds.
    """
    places = Path(old), Path(new)
    for place in places:
        if not place.exists():
            from crosswheel.act.images.image_paths import refuse_transport

            refuse_transport(str(place), doing="compare")
            raise InputError("compare", str(place), why="there is no such file or folder", fix=_FIX)
    kinds = [_kind(place) for place in places]
    if kinds[0] != kinds[1]:
        raise InputError(
            "compare",
            str(new),
            why=f"it is {kinds[1]}, and {old} is {kinds[0]}",
            fix=_FIX,
        )
    if kinds[0] == "a plan":
        return _plans(*places)
    if kinds[0] == "a wheel":
        from crosswheel.act.wheels.wheel_difference import wheel_differences

        return wheel_differences(*places)
    from crosswheel.act.images.image_difference import image_differences

    return image_differences(*places)


def _plans(old: Path, new: Path) -> tuple[Difference, ...]:
    from crosswheel.act.planning.plan_files import read_plan
    from crosswheel.act.storage.store import digest_of_file
    from crosswheel.decide.documents.difference import bytes_difference
    from crosswheel.decide.plans.plan_difference import plan_differences

    found = plan_differences(read_plan(old), read_plan(new))
    return found or tuple(
        bytes_difference("", "the same plan in another layout of JSON", *map(digest_of_file, (old, new)))
    )


def _kind(place: Path) -> str:
    if place.suffix == ".whl":
        return "a wheel"
    if place.suffix == ".json":
        return "a plan"
    layout = (place / "index.json").is_file() or (place / "oci-layout").is_file()
    if (place.is_dir() and not layout) or (place.is_file() and not tarfile.is_tarfile(place)):
        raise InputError(
            "compare", str(place), why="it is neither a plan, a wheel nor an image layout", fix=_FIX
        )
    return "an image layout"
