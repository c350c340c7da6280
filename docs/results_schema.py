"""The JSON Schema of what ``--json`` prints, from the tables of docs/reference/json.md: docs/reference/results.schema.json."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

__all__ = ["ERROR", "results_schema", "results_schema_text"]

_PAGE = Path(__file__).resolve().parent / "reference" / "json.md"
#: The heading of what all commands may print.
ERROR = "An error"
_Schema = dict[str, Any]
_TYPES: dict[str, _Schema] = {
    "text": {"type": "string"},
    "number": {"type": "integer", "minimum": 0},
    "true or false": {"type": "boolean"},
    "object": {},
}
_ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \| (.+?) \|$")
_STEP = re.compile(r"\[\]|\{\}|[^.\[\]{}]+")


def results_schema_text() -> str:
    """Return the schema as it is committed."""
    return json.dumps(results_schema(), indent=2) + "\n"


def results_schema() -> _Schema:
    """Return one schema with a definition for each command, by its words."""
    text = _PAGE.read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    definitions = {}
    for section in sections:
        heading, _, body = section.partition("\n")
        rows = [found.groups() for found in map(_ROW.match, body.splitlines()) if found is not None]
        definitions[heading.strip()] = _of_rows([row for row in rows if row[0] != "key"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What crosswheel prints with --json, by command",
        "$defs": definitions,
    }


def _of_rows(rows: list[tuple[str, ...]]) -> _Schema:
    root: _Schema = {}
    for key, value, meaning in rows:
        _add(root, _STEP.findall(key), value, _plain(meaning))
    return _without_marks(root)


def _add(root: _Schema, steps: list[str], value: str, meaning: str) -> None:
    """Put what a row says at its place."""
    optional = value.endswith(", may be missing")
    place = root
    named: _Schema | None = None
    for step in steps:
        if step == "[]":
            place.setdefault("type", "array")
            place = place.setdefault("items", {})
        elif step == "{}":
            place.setdefault("type", "object")
            place = place.setdefault("additionalProperties", {})
        else:
            place.setdefault("type", "object")
            required = place.setdefault("required", [])
            if step not in required and not optional:
                required.append(step)
            place = place.setdefault("properties", {}).setdefault(step, {})
            named = place
    place.update(_of_value(value.removesuffix(", may be missing")))
    (place if named is None else named)["description"] = meaning


def _of_value(value: str) -> _Schema:
    kind = value.removesuffix(" or null")
    words = re.findall(r"`([^`]+)`", kind)
    schema = {"enum": words} if words else dict(_TYPES[kind])
    if kind == value:
        return schema
    # Keys of an object that may be null come in further rows.
    return {"nullable": True} if kind == "object" else {"type": [schema["type"], "null"]}


def _without_marks(schema: _Schema) -> _Schema:
    """Return a schema in which what may be null says so in JSON Schema's own way."""
    made = {key: _inner(key, value) for key, value in schema.items() if key != "nullable"}
    if "nullable" not in schema:
        return made
    return {"description": made.pop("description", ""), "anyOf": [made, {"type": "null"}]}


def _inner(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _without_marks(one) for name, one in value.items()}
    return _without_marks(value) if isinstance(value, dict) else value


def _plain(text: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
