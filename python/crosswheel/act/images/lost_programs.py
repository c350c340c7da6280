"""The program that containers of an image start: whether it is there, and can be started."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from crosswheel.act.images.bases import PreparedBase
from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.images.program_heads import ProgramHead
from crosswheel.act.images.programs import Programs, head_of_entry
from crosswheel.act.images.ready_layers import ImageLayer, ReadyLayer
from crosswheel.act.images.system_files import BASE_PATH
from crosswheel.act.layers.layer_entries import BytesContent, FileContent, LayerEntry
from crosswheel.decide.images.image_config import ContainerSettings

__all__ = ["lost_program"]


def lost_program(
    given: ContainerSettings,
    settings: ContainerSettings,
    base: PreparedBase,
    layers: Sequence[ImageLayer],
    paths: LayeredPaths,
) -> str | None:
    """Return what is to be told of the program that containers are to start by the settings `given`; ``None`` for nothing.

    Args:
        given: the user's own.
        settings: those of the image.
        base: what it stands on.
        layers: what stands on that, lowest first.
        paths: those of the image.
    """
    words = given.entrypoint or (() if settings.entrypoint else given.cmd)
    has_system = base.image is not None or bool(base.layers) or paths.is_file(base.interpreter or "")
    if not words or not has_system:  # of `scratch` with a system that comes later nothing is known
        return None
    folders = settings.env.get("PATH", BASE_PATH).split(":")
    places = [settings.working_dir or "/"] if "/" in words[0] else folders
    found = [path for place in places if paths.is_file(path := posixpath.join(place, words[0]))]
    if not found:
        return f"no program '{words[0]}' is there, which containers start"
    own = _topmost(layers)

    def known(path: str) -> ProgramHead | None:
        if path not in own:
            return base.programs.known(path)
        entry = own[path]
        return None if entry is None else head_of_entry(entry)

    programs = Programs(paths=paths, known=known)
    lacks = [_lack(path, programs, own) for path in found]
    # A search goes on where a file cannot be executed.
    return None if None in lacks else f"the program '{words[0]}', which containers start,{lacks[0]}"


def _topmost(layers: Sequence[ImageLayer]) -> Mapping[str, LayerEntry | None]:
    """Return the entries that are seen by path; ``None`` for one of a layer that is written already."""
    found: dict[str, LayerEntry | None] = {}
    for layer in layers:
        if isinstance(layer, ReadyLayer):
            found.update(dict.fromkeys(entry.path for entry in layer.entries))
        else:
            found.update({entry.path: entry for entry in layer.entries})
    return found


def _lack(path: str, programs: Programs, own: Mapping[str, LayerEntry | None]) -> str | None:
    entry = own.get(programs.paths.real(path) or "")
    is_known = entry is not None and isinstance(entry.content, BytesContent | FileContent)
    if is_known and programs.at(path) is None:
        return " is neither ELF nor a script that names what runs it"
    return programs.lack(path)
