"""The words of a compiler whose files are moved: paths in them that lead to its files lead to where these stand then."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from posixpath import commonpath, dirname, normpath

__all__ = ["common_folder", "moved_words"]

#: What a path in an option ends at: ``-Wl,-rpath,lib``, ``-ffile-prefix-map=gcc=.``.
_REST = r"(?:/[^,:;=]*)?"


def common_folder(paths: Iterable[str], words: Iterable[str] = ()) -> str:
    """Return a folder that all files lie in; empty for the one that their relative paths start from.

    It is the deepest, or one above that which `words` name: a sysroot is not always the deepest folder of its files.

    Args:
        paths: the files.
        words: options, or values of variables.
    """
    deepest = commonpath([dirname(normpath(path)) for path in paths])
    above = _folders_above(deepest)
    named = (path for word in words for path in _paths_in(word, above))
    return min((deepest, *(path for path in named if path in above)), key=len)


def _folders_above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _paths(known: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds what may be one of these paths."""
    first = sorted({re.escape(path.split("/")[0]) for path in known if path}, key=len, reverse=True)
    return re.compile(f"(?<!/)(?:{'|'.join(first)}){_REST}" if first else "(?!)")


def _paths_in(word: str, known: Iterable[str]) -> list[str]:
    return [normpath(found[0]) for found in _paths(known).finditer(word)]


def moved_words(words: Iterable[str], files: Collection[str], folder: str) -> tuple[str, ...]:
    """Return words in which ``{folder}`` stands for `folder`, in each path that leads to one of `files` or a folder of them.

    Words name files as the build system that made them does, relative to where it runs its actions.

    Args:
        words: options, or values of variables.
        files: the toolchain's files, relative to the same place.
        folder: a folder that all files lie in, empty for that place itself.

    >>> moved_words(["-Igcc/include", "--sysroot=gcc", "-O2"], ["gcc/include/a.h"], "gcc")
    ('-I{folder}/include', '--sysroot={folder}', '-O2')
    """
    known = {normpath(file) for file in files}
    known |= {place for file in known for place in _folders_above(file) if len(place) > len(folder)}
    known.add(folder)
    pattern = _paths(known)

    def place_of(found: re.Match[str]) -> str:
        path = normpath(found[0])
        if path not in known:
            return found[0]
        below = path[len(folder) :].lstrip("/") if folder else path
        return f"{{folder}}/{below}" if below else "{folder}"

    return tuple(pattern.sub(place_of, word) for word in words)
