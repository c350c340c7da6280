"""Holds every document that a command prints with ``--json`` against the tables of docs/reference/json.md."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any

import pytest

from crosswheel.command_line import commands, exit_codes
from crosswheel.command_line.console import Terminal

__all__ = ["hold_documents", "refuse_other_document", "section_of"]


@functools.cache
def _sections() -> dict[str, Any]:
    """Return the schema of each section, in which a key that has no row is wrong."""
    from results_schema import results_schema

    return {name: _closed(one) for name, one in results_schema()["$defs"].items()}


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _closed(value) for key, value in schema.items()}
    return {"additionalProperties": False, **made} if isinstance(schema.get("properties"), dict) else made


def section_of(words: Sequence[str]) -> str:
    """Return the heading of the section about a command line, the longest that its words begin with."""
    at = commands._command_place(words)
    if "--version" in words[:at]:
        return "crosswheel --version"
    named = [part for word in words[at:] if not word.startswith("-") for part in word.split(" ")]
    fitting = [name for name in _sections() if named[: name.count(" ")] == name.split(" ")[1:]]
    return max(fitting, key=len, default="")


def refuse_other_document(words: Sequence[str], value: Any) -> None:
    """Fail where a document is not what the page says of the command."""
    import jsonschema
    from results_schema import ERROR

    section = ERROR if isinstance(value, dict) and set(value) == {"error"} else section_of(words)
    assert section, f"docs/reference/json.md says nothing of `crosswheel {' '.join(words)}`"
    found = jsonschema.Draft202012Validator(_sections()[section]).iter_errors(json.loads(json.dumps(value)))
    told = [f"{error.json_path}: {error.message[:400]}" for error in found]
    assert told == [], f"docs/reference/json.md, {section}: {told}"


def hold_documents(patch: pytest.MonkeyPatch) -> None:
    """Hold the documents of all commands that run in this process."""
    run, write = exit_codes._run, Terminal.json
    lines: list[Sequence[str]] = []

    def held_run(words: Sequence[str], *others: Any) -> int:
        lines.append(words)
        try:
            return run(words, *others)
        finally:
            lines.pop()

    def held_json(console: Terminal, value: Any) -> None:
        if lines:
            refuse_other_document(lines[-1], value)
        write(console, value)

    patch.setattr(exit_codes, "_run", held_run)
    patch.setattr(Terminal, "json", held_json)
