"""Canonical JSON: one value has one text, so that texts can be compared, hashed and committed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from .digests import Digest, digest_of

__all__ = ["JsonValue", "canonical_json", "digest_of_json", "json_fault", "pretty_json"]

JsonValue: TypeAlias = "bool | int | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"


def canonical_json(value: JsonValue) -> bytes:
    """Return the compact canonical text: sorted keys, no spaces, ASCII, no final newline."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()


def pretty_json(value: JsonValue) -> bytes:
    """Return the canonical text meant for review: sorted keys, two spaces, a final newline."""
    return (json.dumps(value, sort_keys=True, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()


def json_fault(error: ValueError | RecursionError) -> str:
    """Return why `json.loads` refused a text, a clause; Python's words where they are about the text.

    >>> json_fault(RecursionError("maximum recursion depth exceeded"))
    'it is nested too deeply'
    """
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return f"it is not JSON: {error}"
    return "a number in it has too many digits" if str(error).startswith("Exceeds") else str(error)


def digest_of_json(value: JsonValue) -> Digest:
    """Return the digest of the compact canonical text of `value`."""
    return digest_of(canonical_json(value))
