"""The JSON of image documents, read so that every reader sees the same in it: no key twice, no key taken back by a null."""

from __future__ import annotations

import json
from collections import Counter

from crosswheel.decide.documents.json_fields import Faults, Fields
from crosswheel.values.canonical_json import JsonValue, json_fault

__all__ = ["document_fields", "strict_json"]


def document_fields(data: bytes, faults: Faults) -> Fields | None:
    """Return the object that a document is; ``None`` after keeping the fault that it is none.

    A key with the value null is one that is absent: Docker writes it so.
    """
    try:
        value: JsonValue = _without_nulls(strict_json(data.decode()))
    except (ValueError, RecursionError) as error:
        faults.add(None, why=json_fault(error), place=())
        return None
    if not isinstance(value, dict):
        faults.add(None, why="it is no JSON object", place=())
        return None
    return Fields(value, faults)


def strict_json(text: str | bytes) -> JsonValue:
    """Return what a text of JSON says, in which nothing is that only some readers take.

    Raises:
        ValueError: it is no JSON (RFC 8259), with `NaN` or `Infinity` in it, say; or an object has a key twice, of which readers
            may take either value.
        RecursionError: it is nested too deeply.
    """
    value: JsonValue = json.loads(text, object_pairs_hook=_each_key_once, parse_constant=_refuse_constant)
    return value


def _refuse_constant(name: str) -> JsonValue:
    raise ValueError(f"{name} is no number of JSON")


def _each_key_once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    value: dict[str, JsonValue] = {}
    for key, one in pairs:
        if key in value:
            raise ValueError(f"an object has the key '{key}' twice")
        value[key] = one
    return value


def _without_nulls(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        # A null takes back what a key of another case said, for readers that see one key in both.
        spellings = Counter(key.casefold() for key in value)
        return {
            key: _without_nulls(one)
            for key, one in value.items()
            if one is not None or spellings[key.casefold()] > 1
        }
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value
