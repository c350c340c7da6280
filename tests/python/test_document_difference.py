"""What differs between two JSON documents: no leaf is missed, whatever it is and whatever it is called."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from changed_documents import changed
from crosswheel.decide.documents.document_difference import document_differences, is_same
from crosswheel.decide.plans.plan import Plan
from crosswheel.decide.plans.plan_difference import plan_differences
from crosswheel.decide.plans.plan_json import plan_from_json, plan_to_json
from crosswheel.difference_api import diff
from crosswheel.values.errors import CrosswheelError
from plan_values import whole_build, whole_plan


def lines(old: Any, new: Any) -> list[str]:
    return [str(one) for one in document_differences("", old, new)]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({}, {"a": {}}, ["+ a: {}"]),
        ({"a": []}, {}, ["- a: []"]),
        ({}, {"a": ""}, ['+ a: ""']),
        ({"a": None}, {}, ["- a: null"]),
        ({"p": {"80/tcp": {}}}, {"p": {"90/tcp": {}}}, ["- p.80/tcp: {}", "+ p.90/tcp: {}"]),
        ({"a": True}, {"a": 1}, ["  a: true -> 1"]),
        ({"a": 1}, {"a": "1"}, ['  a: 1 -> "1"']),
        ({"a": {}}, {"a": {"b": {"c": 1}}}, ["+ a.b.c: 1"]),
        ({"a": {}}, {"a": []}, ["  a: {} -> []"]),
        ({"a": "x"}, {"a": {"b": 1}}, ["- a: x", "+ a.b: 1"]),
        ({"e": ["A=1", "B=2"]}, {"e": ["B=2", "A=3"]}, ["  order of e: A, B -> B, A", "  e.A: A=1 -> A=3"]),
        ({"h": [1, 2, 3]}, {"h": [1, 9, 2, 3]}, ["+ h.1: 9"]),
        ({"h": [1, 1]}, {"h": [1]}, ["- h.1: 1"]),
        ([{"name": "a", "v": 1}], [{"name": "a", "v": 2}], ["  a.v: 1 -> 2"]),
        ({"a": 1}, {"a": 1}, []),
    ],
)
def test_every_leaf_is_told(old: Any, new: Any, told: list[str]) -> None:
    assert lines(old, new) == told


def test_deep_documents_are_compared() -> None:
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    assert len(lines({"a": deep}, {})) == 1


def test_whatever_is_changed_in_a_document_is_told() -> None:
    document = json.loads(plan_to_json(whole_plan()))
    count = 0
    for other in changed(document):
        if not is_same(document, other):
            count += 1
            assert lines(document, other), other
            assert lines(other, document), other
    assert count > 300


def many_plans() -> Iterator[Plan]:
    """Every plan that is a whole one with one thing changed and can be read."""
    plan = replace(whole_plan(), builds={whole_build().id: replace(whole_build(), known=("no-record",))})
    document = json.loads(plan_to_json(plan))
    other = {**copy.deepcopy(document["builds"][whole_build().id]), "name": "other"}
    document["builds"][whole_build().id.replace("fast", "other")] = other
    yield plan_from_json(json.dumps(document).encode(), name="whole")
    for one in changed(document):
        try:
            yield plan_from_json(json.dumps(one).encode(), name="changed")
        except CrosswheelError:
            continue


def test_plans_that_differ_always_differ_in_something() -> None:
    whole, *others = many_plans()
    assert len([other for other in others if other != whole]) > 100
    for other in others:
        assert bool(plan_differences(whole, other)) == (plan_to_json(whole) != plan_to_json(other)), other


def test_what_has_no_words_of_its_own_is_told_by_its_key() -> None:
    def told(**changes: Any) -> list[str]:
        build = replace(whole_build(), **changes)
        other = replace(whole_plan(), builds={build.id: build})
        return [str(one) for one in plan_differences(whole_plan(), other)]

    assert told(environment={"FAST_USE_SIMD": "1", "X": ""}) == ['+ fast, variable X: ""']
    assert told(accept_build_facts=False) == ["- fast, facts of the build Python: accepted"]
    assert told(backend_path=()) == ["- fast, backend_path.0: backend"]
    assert told(known=("no-record",)) == ["+ fast, known.0: no-record"]
    assert [line.partition(": ")[0] for line in told(inputs=whole_build().sdist)] == ["  fast, inputs"]


def test_plans_of_other_bytes_say_the_same(tmp_path: Path) -> None:
    places = tmp_path / "old.json", tmp_path / "new.json"
    places[0].write_bytes(plan_to_json(whole_plan()))
    places[1].write_text(json.dumps(json.loads(places[0].read_bytes())))
    (one,) = diff(*places)
    assert str(one).startswith("  bytes (the same plan in another layout of JSON): sha256 ")
    assert diff(places[0], places[0]) == ()
