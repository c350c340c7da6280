"""Entries of layers that lie where links of a base lead: as a program that wrote them into the running image would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from crosswheel.act.images.layered_paths import LayeredPaths, PathEntry
from crosswheel.act.layers.layer_entries import Folder, LayerEntry, Symlink
from crosswheel.decide.images.layer_paths import mount_fault
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["entries_on_base", "path_entries", "paths_of_entries"]


def paths_of_entries(layers: Sequence[Sequence[LayerEntry]]) -> LayeredPaths:
    """Return the paths of layers that are yet to be written, lowest first."""
    paths = LayeredPaths()
    for entries in layers:
        paths.add_layer(path_entries(entries))
    return paths


def path_entries(entries: Sequence[LayerEntry]) -> Iterator[PathEntry]:
    """Yield what entries are as far as paths go."""
    for entry in entries:
        link = entry.content.target if isinstance(entry.content, Symlink) else None
        yield PathEntry(entry.path, link, isinstance(entry.content, Folder))


def entries_on_base(entries: Sequence[LayerEntry], base: LayeredPaths) -> Sequence[LayerEntry]:
    """Return the entries where links of the base lead; a folder of the base stays as it is.

    A layer that brought the folder ``lib`` would replace the link ``lib`` of a system with a merged ``/usr``, and so take
    away everything in it (image-spec, layer.md, "Additions").

    Args:
        entries: folders before what they hold.
        base: the paths below.

    Raises:
        InputError: links that an entry lies below run in a circle, or lead to a file; or a container would not see an
            entry where it lies.
    """
    known: dict[str, str | None] = {}
    unseen: set[str] = set()
    placed: list[LayerEntry] = []
    faults: list[CrosswheelError] = []
    for entry in entries:
        folder, _, name = entry.path.rpartition("/")
        if isinstance(entry.content, Folder):
            if base.is_folder(entry.path):
                continue  # with the mode and the owner that the base gives it
            # A link of the base stays, also one to what is not there yet.
            folder, name = entry.path, ""
        if folder not in known:
            known[folder] = _folder_of(folder, base, entry, faults)
        real = known[folder]
        if real is not None:
            path = f"{real}/{name}".strip("/")
            why = mount_fault(path)
            if why is not None and why not in unseen:
                unseen.add(why)
                faults.append(
                    InputError("put into an image", f"/{entry.path}", why=why, fix="give another place")
                )
            placed.append(entry if path == entry.path else replace(entry, path=path))
    raise_faults(faults)
    return placed


def _folder_of(
    folder: str, base: LayeredPaths, entry: LayerEntry, faults: list[CrosswheelError]
) -> str | None:
    real = base.led_to(folder)
    if real is None or base.is_file(real):
        faults.append(_no_folder(folder, "nothing" if real is None else "a file", entry))
        return None
    return real


def _no_folder(folder: str, leads_to: str, entry: LayerEntry) -> InputError:
    return InputError(
        "put into an image",
        f"/{entry.path}",
        why=f"/{folder} of the base leads to {leads_to}",
        fix="give another place",
    )
