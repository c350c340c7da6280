"""The alternatives that a Debian package announces: ``update-alternatives --install`` in its maintainer script.

The script is read, never run, so only what it says in plain words is known. See update-alternatives(1) and
https://www.debian.org/doc/debian-policy/ap-pkg-alternatives.html.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Alternative", "alternatives_of", "chosen_links"]

_PROGRAM = "update-alternatives"
#: What a word holds that the shell would replace.
_REPLACED = frozenset("$`*?[")


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternative:
    """One way to provide a generic name.

    Attributes:
        link: the generic name, an absolute path.
        path: what provides it, an absolute path.
        priority: the highest is chosen.
        slaves: further links that follow the choice, and what provides each.
    """

    link: str
    path: str
    priority: int
    slaves: tuple[tuple[str, str], ...] = ()


def alternatives_of(script: str) -> tuple[Alternative, ...]:
    """Return the alternatives that a script installs in plain words; those with a variable in them are passed over.

    >>> alternatives_of("update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5")
    (Alternative(link='/usr/bin/awk', path='/usr/bin/mawk', priority=5, slaves=()),)
    """
    lines = script.replace("\\\n", " ").splitlines()
    return tuple(found for line in lines if _PROGRAM in line for found in _in_line(line))


def chosen_links(alternatives: Iterable[Alternative]) -> Mapping[str, str]:
    """Return where the links of alternatives lead, each to the one of highest priority, or the first by name."""
    links: dict[str, str] = {}
    for one in sorted(alternatives, key=lambda one: (-one.priority, one.path)):
        if one.link not in links:
            links[one.link] = one.path
            for link, path in one.slaves:
                links.setdefault(link, path)
    return links


def _in_line(line: str) -> Iterator[Alternative]:
    # A word is told from what separates commands; quotes are taken away, and comments left out.
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # a quote that ends in another line
        return
    for place, word in enumerate(words):
        if word.rpartition("/")[2] == _PROGRAM and "--install" in words[place:]:
            found = _installed(words[words.index("--install", place) + 1 :])
            if found is not None:
                yield found


def _installed(words: list[str]) -> Alternative | None:
    """Return the alternative whose LINK NAME PATH PRIORITY begin `words`, if it can be told."""
    if len(words) < 4 or not _is_plain(words[0], words[2]):
        return None
    try:
        priority = int(words[3])
    except ValueError:
        return None
    slaves: list[tuple[str, str]] = []
    rest = words[4:]
    while len(rest) >= 4 and rest[0] == "--slave":
        if _is_plain(rest[1], rest[3]):
            slaves.append((rest[1], rest[3]))
        rest = rest[4:]
    return Alternative(link=words[0], path=words[2], priority=priority, slaves=tuple(slaves))


def _is_plain(*paths: str) -> bool:
    return all(path.startswith("/") and not _REPLACED & set(path) for path in paths)
