"""What of YAML the files hold that projects describe containers with: mappings, lists and texts, of the first document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Outline", "read_outline"]

#: All that is no mapping and no list is a text.
Outline = str | Sequence["Outline"] | Mapping[str, "Outline"]

#: What is nested deeper is left out.
_DEEPEST = 24
#: What of a line is behind that, too.
_LONGEST = 4000
_KEY = re.compile(r"""(?:"([^"]*)"|'([^']*)'|([^\s"'\[\]{},#&*!|>%@`][^\n]*?))[ ]*:(?=\s|$)\s*""")
_PIECE = re.compile(
    r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[\[\]{},]|:(?=[\s"'\[{]|$)|[^\s\[\]{},:"'](?:[^\[\]{},:]|:(?=[^\s"'\[{]))*"""
)
#: What stands between quotes, and what begins a comment.
_WORD = re.compile(r"""(?:^|(?<=[\s\[{,]))(?:"(?:[^"\\]|\\.)*"|'[^']*'|#)""")
_NAMED = re.compile(r"(?:&(\S+)|!\S*)(?:\s+|$)")


def read_outline(text: str) -> Outline:
    r"""Return what a text holds; what is no YAML, or more of it than is read, is left out.

    >>> read_outline("a: &x {b: [1, 'c d']}\ne:\n- f: *x\n- g # h\n")
    {'a': {'b': ['1', 'c d']}, 'e': [{'f': {'b': ['1', 'c d']}}, 'g']}
    """
    return _Reader(_lines(text)).block(0)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the indentation and the content of each line that has one."""
    begun = False
    for whole in text.removeprefix("\ufeff").splitlines():
        line = whole[:_LONGEST]
        if re.match(r"---(?:\s|$)|%", line):
            if begun and not line.startswith("%"):
                return
            continue
        content = next((line[: one.start()] for one in _WORD.finditer(line) if not one[0].strip("#")), line)
        if content.strip():
            begun = True
            yield len(line) - len(line.lstrip()), content.strip()


class _Reader:
    def __init__(self, lines: Iterator[tuple[int, str]]) -> None:
        self._lines = list(lines)
        self._at = 0
        self._named: dict[str, Outline] = {}

    def block(self, depth: int) -> Outline:
        """Read what begins at the line, and all that is as far to the right."""
        if self._at >= len(self._lines):
            return ""
        indent, content = self._lines[self._at]
        if depth > _DEEPEST:
            self._below(indent - 1)
            return ""
        if content == "-" or content.startswith("- "):
            return self._list(indent, depth)
        if _KEY.match(content):
            return self._mapping(indent, depth)
        self._at += 1
        return self._value(content, indent - 1, depth)

    def _mapping(self, indent: int, depth: int) -> Outline:
        pairs: list[tuple[str, Outline]] = []
        while self._at < len(self._lines) and self._lines[self._at][0] >= indent:
            there, content = self._lines[self._at]
            key = _KEY.match(content)
            self._at += 1
            if key is None or there > indent:
                continue
            name = next(group for group in key.groups() if group is not None)
            pairs.append((name, self._value(content[key.end() :], indent, depth, in_mapping=True)))
        return _merged(pairs)

    def _list(self, indent: int, depth: int) -> Outline:
        items: list[Outline] = []
        while self._at < len(self._lines) and self._lines[self._at][0] == indent:
            content = self._lines[self._at][1]
            if not (content == "-" or content.startswith("- ")):
                break
            inner = content[1:].lstrip()
            if _KEY.match(inner) or inner.startswith("- "):
                self._lines[self._at] = (indent + len(content) - len(inner), inner)
                items.append(self.block(depth + 1))
            else:
                self._at += 1
                items.append(self._value(inner, indent, depth))
        return items

    def _value(self, text: str, indent: int, depth: int, *, in_mapping: bool = False) -> Outline:
        """Read what stands behind a key or a dash, which are so far to the right."""
        name = ""
        while (found := _NAMED.match(text)) is not None:
            name, text = found[1] or name, text[found.end() :]
        value = self._content(text, indent, depth, in_mapping=in_mapping)
        if name:
            self._named[name] = value
        return value

    def _content(self, text: str, indent: int, depth: int, *, in_mapping: bool) -> Outline:
        if not text:
            there, content = self._lines[self._at] if self._at < len(self._lines) else (-1, "")
            listed = in_mapping and there == indent and (content == "-" or content.startswith("- "))
            return self.block(depth + 1) if there > indent or listed else ""
        if text[0] in "|>":
            return "\n".join(self._below(indent))
        if text[0] == "*":
            return self._named.get(text[1:].split(maxsplit=1)[0] if text[1:].strip() else "", "")
        if text[0] in "[{":
            return self._flow([*_tokens(text, self._more())][::-1], 0)
        return _text(" ".join([text, *self._below(indent)]))

    def _below(self, indent: int) -> list[str]:
        """Take the lines that are further to the right."""
        start = self._at
        while self._at < len(self._lines) and self._lines[self._at][0] > indent:
            self._at += 1
        return [content for _, content in self._lines[start : self._at]]

    def _more(self) -> Iterator[str]:
        while self._at < len(self._lines):
            self._at += 1
            yield self._lines[self._at - 1][1]

    def _flow(self, tokens: list[str], depth: int) -> Outline:
        """Read what stands in brackets; the next token is the last one."""
        opening = tokens.pop() if tokens else ""
        if opening not in ("[", "{") or depth > _DEEPEST:
            return self._named.get(opening[1:], "") if opening.startswith("*") else _text(opening)
        items: list[Outline] = []
        pairs: list[tuple[str, Outline]] = []
        while tokens and tokens[-1] not in ("]", "}"):
            if tokens[-1] in (",", ":"):
                tokens.pop()
                continue
            item = self._flow(tokens, depth + 1)
            if opening == "[" or not isinstance(item, str):
                items.append(item)
                continue
            if valued := bool(tokens) and tokens[-1] == ":":
                tokens.pop()
            has = valued and bool(tokens) and tokens[-1] not in (",", "]", "}")
            pairs.append((item, self._flow(tokens, depth + 1) if has else ""))
        if tokens:
            tokens.pop()
        return _merged(pairs) if opening == "{" else items


def _merged(pairs: list[tuple[str, Outline]]) -> Outline:
    """Return a mapping with what it takes from others by the key ``<<``."""
    taken: dict[str, Outline] = {}
    for one in [one for name, value in pairs if name == "<<" for one in _each(value)]:
        taken |= {**one, **taken} if isinstance(one, Mapping) else {}
    return {**taken, **{name: value for name, value in pairs if name != "<<"}}


def _each(value: Outline) -> Sequence[Outline]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)


def _tokens(text: str, more: Iterator[str]) -> Iterator[str]:
    """Yield the tokens up to the bracket that closes the first one, of further lines as far as it takes."""
    open_ = 0
    while True:
        for word in _PIECE.findall(text):
            open_ += (word in "[{") - (word in "]}")
            yield word
            if not open_:
                return
        try:
            text = next(more)
        except StopIteration:
            return


def _text(said: str) -> str:
    said = said.strip()
    if len(said) > 1 and said[0] == said[-1] and said[0] in "\"'":
        return said[1:-1].replace("''", "'") if said[0] == "'" else re.sub(r"\\(.)", r"\1", said[1:-1])
    return said
