"""The functions of rules/nix one by one, evaluated by a real Nix; nothing is built."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from bazel_plans import ARM, digest
from bazel_plans import plan as made_plan
from crosswheel.decide.plans.plan_json import plan_from_json
from e2e.nix_program import CURRENT, OLDEST, Nix, NixRelease, set_up_nix
from e2e.nix_project import copy_project
from e2e.nix_standin import standin_flake
from starlark_files import function

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_ROOT = Path(__file__).parents[2]
_TABLE = _ROOT / "tests" / "nix" / "functions.nix"
_CASES = [
    case
    for path in sorted(_TABLE.with_suffix("").iterdir())
    for case in re.findall(r'^  "([^"\n]*)" = \{$(.*?)^  \};$', path.read_text(), re.MULTILINE | re.DOTALL)
]
_ANSWERS = [name for name, text in _CASES if "refused = " not in text]
_REFUSALS = [name for name, text in _CASES if "refused = " in text]


@pytest.fixture(scope="module")
def nix() -> Nix:
    return set_up_nix()


@cache
def _answers(nix: Nix) -> dict[str, Any]:
    wanted = json.dumps(json.dumps(_ANSWERS))
    expression = (
        f"let inherit (import {_TABLE}) cases; in builtins.listToAttrs (map (name: {{ inherit name; "
        f"value = {{ inherit (cases.${{name}}) expr expected; }}; }}) (builtins.fromJSON {wanted}))"
    )
    return cast("dict[str, Any]", _evaluate(nix, expression))


def _evaluate(nix: Nix, expression: str) -> object:
    return json.loads(nix("eval", "--impure", "--json", "--expr", expression))


@pytest.mark.parametrize("name", _ANSWERS)
def test_a_function_answers(nix: Nix, name: str) -> None:
    answer = _answers(nix)[name]
    assert answer["expr"] == answer["expected"]


@pytest.mark.parametrize("name", _REFUSALS)
def test_a_function_refuses(nix: Nix, name: str) -> None:
    case = f"(import {_TABLE}).cases.${{{json.dumps(name)}}}"
    words = _evaluate(nix, f"{case}.refused")
    done = nix.run("eval", "--impure", "--json", "--expr", f"builtins.deepSeq {case}.expr true")
    assert done.returncode != 0
    # Without the lines of code that Nix shows: the case, with these words in it, may be among them.
    assert str(words) in re.sub(r"^ *\d*\|.*$", "", done.stderr, flags=re.MULTILINE)


def test_functions_answer_the_same_in_the_oldest_nix() -> None:
    assert _evaluate(set_up_nix(OLDEST), f"(import {_TABLE}).wrong") == []


@pytest.mark.parametrize("release", [CURRENT, OLDEST], ids=lambda release: release.version)
def test_the_check_of_the_flake_is_evaluated_where_nothing_but_flakes_is_read(
    release: NixRelease, tmp_path: Path
) -> None:
    """An older Nix reads nothing there that an expression wrote, either."""
    nix = set_up_nix(release)
    project, standin = copy_project(tmp_path / "project"), standin_flake(nix, tmp_path / "standin")
    found = nix(
        *("eval", "--raw", f"path:{project}#checks.x86_64-linux.functions.name"),
        *("--override-input", "nixpkgs", f"path:{standin}", "--no-write-lock-file"),
    )
    assert found == "functions"


def test_every_case_is_found_and_tried(nix: Nix) -> None:
    assert _evaluate(nix, f"builtins.attrNames (import {_TABLE}).cases") == sorted(name for name, _ in _CASES)


def test_no_function_goes_without_a_case(nix: Nix) -> None:
    assert _evaluate(nix, f"let inherit (import {_TABLE}) cases forgotten; in forgotten cases") == []


def test_a_function_whose_cases_are_taken_away_is_missed(nix: Nix) -> None:
    expression = (
        f"let inherit (import {_TABLE}) cases forgotten subject; inherit (builtins) attrNames filter removeAttrs; "
        "without = one: removeAttrs cases (filter (name: subject name == one) (attrNames cases)); "
        "in map (one: { inherit one; missed = forgotten (without one); }) (forgotten { })"
    )
    missed = cast("list[dict[str, object]]", _evaluate(nix, expression))
    assert missed
    assert [case for case in missed if case["missed"] != [case["one"]]] == []


def test_the_form_of_a_plan_is_that_of_its_schema(nix: Nix) -> None:
    schema = json.loads((_ROOT / "docs" / "reference" / "plan.schema.json").read_text())
    form = _evaluate(nix, f"import {_ROOT}/rules/nix/plan-form.nix")
    assert _form_differences("", form, schema, schema["$defs"]) == []


def _form_differences(place: str, form: Any, schema: dict[str, Any], named: dict[str, Any]) -> list[str]:
    """Return where rules/nix holds something else of a plan than the schema; digests and names are strings there."""
    if (name := schema.get("$ref", "").removeprefix("#/$defs/")) != "":
        return _form_differences(place, form, named[name], named)
    if isinstance(form, dict) and "either" in form:
        pairs = zip(form["either"], schema["anyOf"], strict=True)
        return [found for one, other in pairs for found in _form_differences(place, one, other, named)]
    if isinstance(form, str):
        kind = {"artifact": "string", "build": "string", "int": "integer", "bool": "boolean"}.get(form, form)
        values = schema.get("enum", [schema.get("const")])
        wanted = schema.get("type") or {str: "string", int: "integer"}[type(values[0])]
        return [] if kind == wanted else [f"{place}: {kind}, {wanted}"]
    if form["type"] == "list":
        return _form_differences(f"{place}[]", form["items"], schema["items"], named)
    if "values" in form:
        return _form_differences(f"{place}.*", form["values"], schema["additionalProperties"], named)
    keys, wanted = form["keys"], schema["properties"]
    one = sorted(key for choice in schema.get("oneOf", []) for key in choice["required"])
    return [
        *(f"{place}.{key}" for key in sorted(set(keys) ^ set(wanted))),
        *([] if form["one"] == one else [f"{place}: {form['one']}, {one}"]),
        *(
            found
            for key in sorted(set(keys) & set(wanted))
            for found in _form_differences(f"{place}.{key}", keys[key], wanted[key], named)
        ),
    ]


def test_parts_of_a_plan_are_those_of_bazel_and_the_core_reads_them(nix: Nix) -> None:
    document = made_plan()
    build = f"fast-1.0-{ARM}"
    document["builds"][build]["downloads"] = [{"artifact": digest("e"), "filename": "parts.zip"}]
    text = json.dumps(json.dumps(document))
    parts = _evaluate(
        nix,
        f"let plans = import {_ROOT}/rules/nix/plan.nix; plan = builtins.fromJSON {text};"
        f' in [ (plans.partForBuild plan "{build}") (plans.partForRuntime plan "{ARM}")'
        ' (plans.partForWheels plan (builtins.head plan.targets) [ "demo" "fast" ]) ]',
    )
    file, target = "rules/private/plan.bzl", document["targets"][0]
    assert parts == [
        function(file, "part_for_build")(document, build),
        function(file, "part_for_runtime")(document, ARM),
        function(file, "part_for_wheels")(document, target),
    ]
    for part in cast("list[object]", parts):
        plan_from_json(json.dumps(part).encode(), name="part")
