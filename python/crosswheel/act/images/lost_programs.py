"""The program that containers of an image start: whether it is there, and can be started."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crosswheel.act.images.bases import PreparedBase
from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.images.program_heads import ProgramHead
from crosswheel.act.images.programs import Programs, head_of_entry
from crosswheel.act.images.ready_layers import ImageLayer, ReadyLayer
from crosswheel.act.images.system_files import BASE_PATH
from crosswheel.act.layers.layer_entries import BytesContent, FileContent, LayerEntry
from crosswheel.decide.images.image_config import ContainerSettings

__all__ = ["lost_program", "programs_above"]


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
    programs = _with_seen(base.programs, paths, own)
    lacks = [_lack(path, programs, own) for path in found]
    # A search goes on where a file cannot be executed.
    return None if None in lacks else f"the program '{words[0]}', which containers start,{lacks[0]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """A file of a layer that no other layer covers.

    Attributes:
        entry: what it is, in a layer that is yet to be written.
        head: what is known of it as a program, in one that is written already.
        is_known: whether it is no program where nothing is known of it as one.
    """

    entry: LayerEntry | None = None
    head: ProgramHead | None = None
    is_known: bool


def _topmost(layers: Sequence[ImageLayer]) -> Mapping[str, _Seen]:
    """Return what is seen by path."""
    found: dict[str, _Seen] = {}
    for layer in layers:
        if isinstance(layer, ReadyLayer):
            heads, is_known = layer.programs or {}, layer.programs is not None
            for one in layer.entries:
                found[one.path] = _Seen(head=heads.get(one.path), is_known=is_known)
        else:
            for entry in layer.entries:
                is_known = isinstance(entry.content, BytesContent | FileContent)
                found[entry.path] = _Seen(entry=entry, is_known=is_known)
    return found


def programs_above(layer: ReadyLayer, below: Programs) -> Programs:
    """Return the programs and libraries that are there with a layer on those below it."""
    paths = below.paths.copied()
    paths.add_layer(layer.entries)
    covered = {one.path for one in layer.entries}
    glibcs = {path: one for path, one in below.glibcs.items() if path not in covered}
    return replace(_with_seen(below, paths, _topmost([layer])), glibcs={**glibcs, **layer.glibcs})


def _with_seen(below: Programs, paths: LayeredPaths, own: Mapping[str, _Seen]) -> Programs:
    def known(path: str) -> ProgramHead | None:
        seen = own.get(path)
        if seen is None:
            return below.known(path)
        return seen.head if seen.entry is None else head_of_entry(seen.entry)

    return Programs(paths=paths, known=known)


def _lack(path: str, programs: Programs, own: Mapping[str, _Seen]) -> str | None:
    seen = own.get(programs.paths.real(path) or "")
    if seen is not None and seen.is_known and programs.at(path) is None:
        return " is neither ELF nor a script that names what runs it"
    return programs.lack(path)
