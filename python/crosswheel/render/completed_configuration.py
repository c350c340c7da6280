"""A configuration with the entries that it lacks: nothing that stands there changes, comments and ends of lines neither."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["completed_configuration", "configuration_lines"]

#: Where our configuration stands in a ``pyproject.toml``; a ``crosswheel.toml`` is nothing else.
_TABLE = ("tool", "crosswheel")
_HEADER = re.compile(
    r"^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*crosswheel[ \t]*\][ \t]*(?:#[^\n]*?)?(?:\r?\n|\Z)", re.MULTILINE
)
#: What stands over a whole file: lines of comment, and an empty one.
_HEADING = re.compile(r"\A(?:#[^\n]*\n)+\r?\n")


def configuration_lines(entries: Mapping[str, str | Sequence[str]]) -> list[str]:
    """Return the lines that say the entries.

    >>> configuration_lines({"targets": ["linux_arm64"], "python": "3.12"})
    ['targets = ["linux_arm64"]', 'python = "3.12"']
    """
    return [f"{key} = {_value(value)}" for key, value in entries.items()]


def _value(value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        return json.dumps(value)
    return f"[{', '.join(map(json.dumps, value))}]"


def completed_configuration(
    before: bytes, entries: Mapping[str, str | Sequence[str]], *, of_project: bool
) -> bytes | None:
    """Return the text of a file with further entries of crosswheel's configuration.

    Args:
        before: what stands in it.
        entries: those it lacks.
        of_project: whether it is a ``pyproject.toml``, in which they stand in ``[tool.crosswheel]``.

    Returns:
        The text; ``None`` if lines can be added nowhere, because the table is written inline, for example.

    Raises:
        TomlError: `before` is no TOML.
    """
    document = parse_toml(before)
    wanted = _with_entries(document, entries, _TABLE if of_project else ())
    text = before.decode()
    end = "\r\n" if "\r\n" in text else "\n"
    lines = "".join(line + end for line in configuration_lines(entries))
    for candidate in _candidates(text, lines, end, of_project=of_project):
        data = candidate.encode()
        # Where the entries may stand only a parser knows: a header may be a line of a text, a table may be written inline.
        if _parsed(data) == wanted:
            return data
    return None


def _candidates(text: str, lines: str, end: str, *, of_project: bool) -> Iterator[str]:
    if of_project:
        for header in _HEADER.finditer(text):
            begin = header[0] if header[0].endswith("\n") else header[0] + end
            yield text[: header.start()] + begin + lines + text[header.end() :]
        gap = "" if not text else end if text.endswith("\n") else end * 2
        yield f"{text}{gap}[{'.'.join(_TABLE)}]{end}{lines}"
    else:
        heading = _HEADING.match(text)
        at = heading.end() if heading else 0
        gap = end if text[at : at + 1] in {"[", "#"} else ""
        yield text[:at] + lines + gap + text[at:]


def _parsed(data: bytes) -> dict[str, Any] | None:
    try:
        return parse_toml(data)
    except TomlError:
        return None


def _with_entries(
    document: Mapping[str, Any], entries: Mapping[str, str | Sequence[str]], table: Sequence[str]
) -> dict[str, Any]:
    if table:
        inner = document.get(table[0], {})
        inner = inner if isinstance(inner, Mapping) else {}
        return {**document, table[0]: _with_entries(inner, entries, table[1:])}
    return {
        **document,
        **{key: value if isinstance(value, str) else list(value) for key, value in entries.items()},
    }
