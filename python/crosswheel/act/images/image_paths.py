"""Paths of images as users write them: with a tag, or with what skopeo writes before paths."""

from __future__ import annotations

from pathlib import Path

from crosswheel.decide.images.image_references import full_reference
from crosswheel.values.errors import InputError

__all__ = ["path_and_tag", "refuse_transport"]

#: What skopeo writes before paths of what is read here (containers-transports(5)).
_READ = frozenset({"docker-archive", "oci", "oci-archive"})
#: What it writes before what it has to copy: its own folders, and places that are none of the file system.
_FOLDER, _REGISTRY = "dir", "docker"
_ELSEWHERE = frozenset({_REGISTRY, "containers-storage", "docker-daemon"})


def refuse_transport(text: str, *, doing: str, option: str = "") -> None:
    """Refuse what begins as skopeo's names of images do, of whose whole nothing is there.

    Args:
        text: the path as the user wrote it.
        doing: verb and thing, for the message.
        option: what stands before the path on the command line.

    Raises:
        InputError: it begins so.
    """
    transport, colon, rest = text.partition(":")
    if not colon or transport not in _READ | _ELSEWHERE | {_FOLDER}:
        return
    if transport in _ELSEWHERE:
        why = "nothing of that name is there, and images are taken from files and folders alone"
        fix = _copied(
            f"{_REGISTRY}://{full_reference(rest.strip('/'))}" if transport == _REGISTRY else text, option
        )
    elif not path_and_tag(rest)[0].exists():
        why = f"there is no file or folder {rest}"
        fix = f"give the path of an OCI layout, or of what docker save wrote, without {transport}:"
    elif transport == _FOLDER:
        why = "a folder of skopeo's `dir:` is no OCI layout"
        fix = _copied(text, option)
    else:
        why = "nothing of that name is there, and what kind of image a path is of goes without saying"
        fix = f"give it alone, {option}{rest}"
    raise InputError(doing, text, why=why, fix=fix)


def _copied(source: str, option: str) -> str:
    return f"copy it, e.g. `skopeo copy --all {source} oci:base`, and give that: {option}base"


def path_and_tag(text: str) -> tuple[Path, str | None]:
    """Return the longest path that exists, and what follows it: tags may hold colons, too, as in ``example.org/app:1``."""
    path, tag = Path(text), ""
    while not path.exists() and ":" in str(path):
        name, _, last = str(path).rpartition(":")
        path, tag = Path(name), f"{last}:{tag}" if tag else last
    return path, tag or None
