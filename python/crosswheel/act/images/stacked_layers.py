"""What a layer does to the layers below it: the paths of theirs that it has a folder in place of."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crosswheel.act.images.image_findings import ImageFinding
from crosswheel.act.images.layered_paths import LayeredPaths, PathEntry
from crosswheel.decide.images.layer_paths import Whiteout, WhiteoutKind, whiteout_of

__all__ = ["ReplacedPath", "replaced_paths", "stacked_findings"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplacedPath:
    """A path that is a link or a file in the layers below, and a folder in this one.

    Attributes:
        path: without a slash at either end.
        stood: what it is below, e.g. ``a symbolic link to usr/lib``.
        is_named: whether the layer holds the folder itself, or only paths below it.
    """

    path: str
    stood: str
    is_named: bool


def replaced_paths(entries: Sequence[PathEntry], below: LayeredPaths) -> Iterator[ReplacedPath]:
    """Yield the links that a layer has a folder in place of, and the files that its paths lead through.

    What the layer removes in so many words (a whiteout) is meant to be gone. A folder in place of a file is what any
    reader makes of it.

    Args:
        entries: of the layer, in any order.
        below: the paths of the layers below it.
    """
    own = {entry.path for entry in entries}
    named = {entry.path for entry in entries if entry.is_folder}
    led_through: set[str] = set()
    for path in own:
        while (path := posixpath.dirname(path)) and path not in led_through:
            led_through.add(path)
    removed = [one for path in own if isinstance(one := whiteout_of(path), Whiteout)]
    gone = {one.path for one in removed if one.kind is WhiteoutKind.PATH}
    emptied = {one.path for one in removed if one.kind is WhiteoutKind.CONTENT}
    # A link of the layer's own is judged where the layer is read.
    for path in sorted(named | (led_through - own)):
        link = below.link_at(path)
        is_named = path in named
        if link is None and (is_named or not below.has_file(path)):
            continue
        if path in gone or (is_named and path in emptied) or not (gone | emptied).isdisjoint(_above(path)):
            continue
        stood = "a file" if link is None else f"a symbolic link to {link}"
        yield ReplacedPath(path=path, stood=stood, is_named=is_named)


def _above(path: str) -> Iterator[str]:
    while path:
        path = posixpath.dirname(path)
        yield path


def stacked_findings(entries: Sequence[PathEntry], below: LayeredPaths, place: str) -> Iterator[ImageFinding]:
    """Yield what is wrong with a layer on top of those below it.

    Docker extracts a layer on its own, so that a folder comes to stand where the link was; readers that write into the
    files of the layers below follow the link.
    """
    for one in replaced_paths(entries, below):
        if one.is_named:
            code = "link-replaced"
            why = "what that led to is not found by this name any more"
        else:
            code = "folder-missing"
            why = "the layer has paths below it and no such folder: readers put them in different places"
        message = (
            f"it is {one.stood} in the layers below, and {'a folder here: ' if one.is_named else ''}{why}"
        )
        yield ImageFinding(code=code, place=place, message=message, file=one.path)
