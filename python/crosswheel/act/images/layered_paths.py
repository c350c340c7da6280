"""Which paths a stack of layers has in the end, and where its symbolic links lead."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from crosswheel.decide.images.layer_paths import Whiteout, WhiteoutKind, whiteout_of

__all__ = ["LayeredPaths", "PathEntry"]

#: As Linux has it (path_resolution(7)).
_MOST_LINKS = 40


class PathEntry(NamedTuple):
    """One entry of a layer, as far as paths go.

    Attributes:
        path: without a slash at either end; empty for the root.
        link: where a symbolic link leads; ``None`` if it is none.
        is_folder: whether it is a folder.
    """

    path: str
    link: str | None = None
    is_folder: bool = False


@dataclass(slots=True)
class LayeredPaths:
    """The paths of layers shown from the lowest on, without a slash at their beginning."""

    _files: set[str] = field(default_factory=set)
    _folders: set[str] = field(default_factory=set)
    _links: dict[str, str] = field(default_factory=dict)
    #: What the layer that is being shown brings; no whiteout of its own removes that.
    _own: set[str] = field(default_factory=set)

    def copied(self) -> LayeredPaths:
        """Return the same paths, on top of which other layers can be shown."""
        return LayeredPaths(set(self._files), set(self._folders), dict(self._links))

    def add_layer(self, entries: Iterable[PathEntry]) -> None:
        """Take note of another layer, on top of those shown so far: what it brings, and what it removes."""
        self._own = set()
        for entry in entries:
            removed = whiteout_of(entry.path)
            if isinstance(removed, Whiteout):
                self._remove(removed)
            else:
                self._add(*entry)

    def _add(self, path: str, link: str | None, is_folder: bool) -> None:
        if not is_folder and path in self._folders:
            self._remove_below(path)
            self._folders.discard(path)
        self._files.discard(path)
        self._links.pop(path, None)
        if link is not None:
            self._links[path] = link
        elif is_folder:
            self._folders.add(path)
        else:
            self._files.add(path)
        self._own.add(path)
        while path and (path := posixpath.dirname(path)) not in self._own:
            self._own.add(path)
            self._folders.add(path)
            self._files.discard(path)

    def _remove(self, whiteout: Whiteout) -> None:
        if whiteout.path in self._folders or not whiteout.path:
            self._remove_below(whiteout.path, kept=self._own)
        if whiteout.kind is WhiteoutKind.PATH and whiteout.path not in self._own:
            self._files.discard(whiteout.path)
            self._folders.discard(whiteout.path)
            self._links.pop(whiteout.path, None)

    def _remove_below(self, folder: str, kept: Collection[str] = ()) -> None:
        start = f"{folder}/" if folder else ""

        def stays(path: str) -> bool:
            return not path.startswith(start) or path in kept

        self._files = set(filter(stays, self._files))
        self._folders = set(filter(stays, self._folders))
        self._links = {path: target for path, target in self._links.items() if stays(path)}

    def real(self, path: str) -> str | None:
        """Return the file or folder that a path leads to through all links; ``None`` where it leads nowhere."""
        place = self.led_to(path)
        there = place is not None and (not place or place in self._files or place in self._folders)
        return place if there else None

    def led_to(self, path: str) -> str | None:
        """Return where a path leads through all links, whether anything is there or not; ``None`` where they run in a circle."""
        pending, place, links = path.split("/")[::-1], "", 0
        while pending:
            part = pending.pop()
            if part in {"", "."}:
                continue
            if part == "..":
                place = posixpath.dirname(place)
                continue
            place = f"{place}/{part}".lstrip("/")
            if (target := self._links.get(place)) is not None:
                links += 1
                if links > _MOST_LINKS:
                    return None
                place = "" if target.startswith("/") else posixpath.dirname(place)
                pending += target.split("/")[::-1]
        return place

    def link_at(self, path: str) -> str | None:
        """Return where a path itself leads; ``None`` if it is no symbolic link."""
        return self._links.get(path)

    def has_file(self, path: str) -> bool:
        """Tell whether a path itself is a file, no link on the way."""
        return path in self._files

    def is_folder(self, path: str) -> bool:
        """Tell whether a path leads to a folder."""
        return self.real(path) in self._folders

    def files(self) -> Iterator[str]:
        """Yield the paths of all files."""
        yield from self._files

    def names(self) -> Iterator[str]:
        """Yield the paths of all files and links."""
        yield from self._files
        yield from self._links

    def is_file(self, path: str) -> bool:
        """Tell whether a path leads to a file."""
        return self.real(path) in self._files

    def other_names(self, paths: Collection[str]) -> Iterator[str]:
        """Yield by what else links to their folders lead to `paths`, e.g. ``bin/x`` for ``usr/bin/x``."""
        for link in self._links:
            folder = self.real(link)
            if folder and folder in self._folders:
                yield from (
                    f"{link}{path.removeprefix(folder)}" for path in paths if path.startswith(f"{folder}/")
                )

    def below(self, folder: str) -> bool:
        """Tell whether anything stands below a folder."""
        real = self.real(folder)
        paths = (*self._files, *self._links)
        return real is not None and any(path.startswith(f"{real}/") for path in paths)
