"""JSON documents with one thing changed, for properties that hold whatever differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["changed"]


def changed(value: Any) -> Iterator[Any]:
    """Yield a document again and again with one thing changed: every leaf and every item in every way there is."""
    match value:
        case dict():
            for key, inner in value.items():
                yield {name: one for name, one in value.items() if name != key}
                yield from ({**value, key: other} for other in changed(inner))
            yield {**value, "another": ""}
        case list():
            yield value[::-1]
            yield [*value, *value]
            for number, inner in enumerate(value):
                yield value[:number] + value[number + 1 :]
                yield from ([*value[:number], other, *value[number + 1 :]] for other in changed(inner))
        case str():
            yield ""
            yield f"{value}x"
        case bool():
            yield not value
        case int():
            yield value + 1
