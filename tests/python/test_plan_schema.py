"""The JSON Schema of the plan takes what crosswheel writes and refuses what it does not read."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from crosswheel.decide.plans.plan_json import plan_from_json, plan_to_json
from crosswheel.values.errors import CrosswheelError
from plan_values import whole_plan

_SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/plan.schema.json").read_text())
_VALIDATOR = jsonschema.Draft202012Validator(_SCHEMA)
_WHOLE = json.loads(plan_to_json(whole_plan()))
#: What is written even if it is empty, and taken for empty by a reader that does not find it.
_ALWAYS_WRITTEN = {"artifacts", "builds", "inputs", "requirements", "targets"}


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(_SCHEMA)


def test_a_plan_with_one_of_everything_is_valid() -> None:
    assert list(_VALIDATOR.iter_errors(_WHOLE)) == []


def _places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield place
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, one in members:
        yield from _places(one, (*place, key))


def _at(document: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        document = document[key]
    return document


def _is_read(document: Any) -> bool:
    try:
        plan_from_json(json.dumps(document).encode(), name="plan")
    except CrosswheelError:
        return False
    return True


_PLACES = [place for place in _places(_WHOLE) if place]


@pytest.mark.parametrize("place", _PLACES, ids=lambda place: ".".join(map(str, place))[:80])
def test_another_type_is_refused_by_both(place: tuple[str | int, ...]) -> None:
    document = copy.deepcopy(_WHOLE)
    _at(document, place[:-1])[place[-1]] = -1.5
    assert not _VALIDATOR.is_valid(document)
    assert not _is_read(document)


@pytest.mark.parametrize("place", _PLACES, ids=lambda place: ".".join(map(str, place))[:80])
def test_what_the_schema_misses_a_reader_misses(place: tuple[str | int, ...]) -> None:
    document = copy.deepcopy(_WHOLE)
    del _at(document, place[:-1])[place[-1]]
    assert _VALIDATOR.is_valid(document) or not _is_read(document) or place[-1] in _ALWAYS_WRITTEN


@pytest.mark.parametrize("place", [(), ("targets", 0), ("targets", 0, "wheels", 0)], ids=str)
def test_unknown_keys_are_refused_by_both(place: tuple[str | int, ...]) -> None:
    document = copy.deepcopy(_WHOLE)
    _at(document, place)["surprise"] = 1
    assert not _VALIDATOR.is_valid(document)
    assert not _is_read(document)


def test_both_an_artifact_and_a_build_are_refused() -> None:
    document = copy.deepcopy(_WHOLE)
    (wheel, *_) = (one for one in document["targets"][0]["wheels"] if "artifact" in one)
    wheel["build"] = next(iter(document["builds"]))
    assert not _VALIDATOR.is_valid(document)
    assert not _is_read(document)
