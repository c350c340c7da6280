"""The JSON of image documents, read so that every reader sees the same in it: no key twice, no key taken back by a null."""

from __future__ import annotations

import json
from collections import Counter

from crosswheel.decide.json_fields import Faults, Fields
from crosswheel.values.canonical_json import JsonValue, json_fault

__all__ = ["document_fields", "each_key_once"]


def document_fields(data: bytes, faults: Faults) -> Fields | None:
    """Return the object that a document is; ``None`` after keeping the fault that it is none.

    A key with the value null is one that is absent: Docker writes it so.
    """
    try:
        value: JsonValue = _without_nulls(json.loads(data.decode(), object_pairs_hook=each_key_once))
    except (ValueError, RecursionError) as error:
        faults.add(None, why=json_fault(error), place=())
        return None
    if not isinstance(value, dict):
        faults.add(None, why="it is no JSON object", place=())
        return None
    return Fields(value, faults)


def each_key_once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    """Return an object of JSON, for `json.loads`.

    Raises:
        ValueError: it has a key twice: readers may take either value.
    """
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
