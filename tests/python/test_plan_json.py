"""The plan as JSON: one plan has one text, and a text that is not quite a plan is refused with every fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crosswheel.decide.plans.plan import Plan
from crosswheel.decide.plans.plan_json import plan_digest, plan_from_json, plan_to_json
from crosswheel.values.errors import CrosswheelError, FaultsError, InputError
from plan_values import ARM64, artifact, digest, whole_plan

GOLDEN = Path(__file__).parent.parent / "golden" / "plan"
UNDONE = "; make the file anew, or undo the edit"


def refusal_of(change: Callable[[dict[str, Any]], object]) -> str:
    document = json.loads(plan_to_json(whole_plan()))
    change(document)
    with pytest.raises(CrosswheelError) as caught:
        plan_from_json(json.dumps(document).encode(), name="p.json")
    return str(caught.value)


def build_of(document: dict[str, Any]) -> dict[str, Any]:
    build: dict[str, Any] = document["builds"]["fast-1.0-cp311-linux_aarch64_glibc_2_28"]
    return build


def test_the_text_of_a_plan_with_everything_in_it() -> None:
    assert plan_to_json(whole_plan()) == (GOLDEN / "whole.json").read_bytes()


def test_a_plan_is_read_back_as_it_was() -> None:
    assert plan_from_json(plan_to_json(whole_plan()), name="p.json") == whole_plan()


def test_the_order_in_which_a_plan_was_put_together_does_not_show() -> None:
    plan = whole_plan()
    other = replace(
        plan,
        artifacts=dict(reversed(list(plan.artifacts.items()))),
        inputs=dict(reversed(list(plan.inputs.items()))),
    )
    assert plan_to_json(other) == plan_to_json(plan)
    assert plan_digest(other) == plan_digest(plan)


def test_what_says_nothing_is_left_out() -> None:
    empty = Plan(inputs={}, source_date_epoch=0, artifacts={}, builds={}, targets=())
    assert json.loads(plan_to_json(empty)) == {
        "schema": 1,
        "inputs": {},
        "source_date_epoch": 0,
        "artifacts": {},
        "builds": {},
        "targets": [],
    }


def test_a_size_of_zero_is_a_size() -> None:
    one = artifact("a-1.tar.gz", "a", size=0)
    plan = replace(whole_plan(), artifacts={**whole_plan().artifacts, one.sha256: one})
    assert plan_from_json(plan_to_json(plan), name="p").artifacts[one.sha256].size == 0


def test_every_fault_is_told_at_once_with_its_place() -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["source_date_epoch"] = -1
        build_of(document)["backend"] = 3
        document["targets"][0]["wheels"][0]["nam"] = "x"

    document = json.loads(plan_to_json(whole_plan()))
    spoil(document)
    with pytest.raises(FaultsError) as caught:
        plan_from_json(json.dumps(document).encode(), name="p.json")
    assert str(caught.value).splitlines() == [
        (
            "p.json: builds: fast-1.0-cp311-linux_aarch64_glibc_2_28: backend: "
            f"cannot read plan: a string is wanted, not a number{UNDONE}"
        ),
        (
            "p.json: targets[0]: wheels[0]: cannot read plan 'nam': no such key is known here; "
            f"the nearest known key is 'name'{UNDONE}"
        ),
        f"p.json: source_date_epoch: cannot read plan: a whole number from 0 on is wanted, not -1{UNDONE}",
    ]


def test_a_missing_key_is_named() -> None:
    assert refusal_of(lambda plan: build_of(plan).pop("sdist")) == (
        "p.json: builds: fast-1.0-cp311-linux_aarch64_glibc_2_28: cannot read plan 'sdist': "
        f"the key is missing{UNDONE}"
    )


def test_a_digest_that_is_none_is_refused() -> None:
    assert refusal_of(lambda plan: build_of(plan).update(sdist="123")) == (
        "p.json: builds: fast-1.0-cp311-linux_aarch64_glibc_2_28: sdist: cannot read plan '123': cannot read "
        "digest: it is not 64 hexadecimal digits; give the SHA-256 in lower-case hex"
    )


def test_an_artifact_the_plan_does_not_hold_is_refused() -> None:
    stranger = digest("stranger").hex
    assert refusal_of(lambda plan: build_of(plan).update(oracle=stranger)) == (
        f"p.json: builds: fast-1.0-cp311-linux_aarch64_glibc_2_28: oracle: cannot read plan '{stranger}': "
        f"no artifact of the plan has this digest{UNDONE}"
    )


def test_a_download_is_a_plain_file_of_the_plan_under_a_name_that_cmake_can_have() -> None:
    place = "p.json: builds: fast-1.0-cp311-linux_aarch64_glibc_2_28: downloads"
    stranger = digest("stranger").hex
    for key, value, told in (
        ("artifact", stranger, f": cannot read plan '{stranger}': no artifact of the plan has this digest"),
        ("filename", "a/b", "[0]: filename: cannot read plan 'a/b': it is not a plain file name"),
        (
            *("fetch_content", 'a")'),
            "[0]: fetch_content: cannot read plan 'a\")': no FetchContent_Declare has such a name",
        ),
    ):
        changed = {key: value}
        said = refusal_of(lambda plan, changed=changed: build_of(plan)["downloads"][0].update(changed))  # type: ignore[misc]
        assert said == place + told + UNDONE


@pytest.mark.parametrize("path", ["/tmp/a.whl", "a\\b.whl", "C:/a.whl", ""])
def test_a_path_of_one_machine_is_refused(path: str) -> None:
    key = digest("fast-1.0.tar.gz").hex
    text = refusal_of(lambda plan: plan["artifacts"][key].update(path=path))
    assert text == (
        f"p.json: artifacts: {key}: cannot read plan '{path}': "
        f"the path is not relative to the plan's folder with '/' between its parts{UNDONE}"
    )


def test_a_path_holding_nul_is_refused() -> None:
    key = digest("fast-1.0.tar.gz").hex
    assert refusal_of(lambda plan: plan["artifacts"][key].update(path="a\0.whl")) == (
        f"p.json: artifacts: {key}: cannot read plan 'a\\x00.whl': "
        f"the path is not relative to the plan's folder with '/' between its parts{UNDONE}"
    )


def test_an_artifact_is_at_one_place() -> None:
    key = digest("fast-1.0.tar.gz").hex
    assert refusal_of(lambda plan: plan["artifacts"][key].update(url="https://index.example/a")) == (
        f"p.json: artifacts: {key}: cannot read plan: exactly one of 'url' and 'path' is wanted{UNDONE}"
    )


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        ("../a", "../a"),
        ("a\\b", "a\\b"),
        ("..", ".."),
        ("", ""),
        ("-o", "-o"),
        ("a\0.whl", "a\\x00.whl"),
        ("a\n.whl", "a\\n.whl"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a" * 252 + ".whl", "a" * 252 + ".whl"),
    ],
)
def test_a_file_name_that_is_not_plain_is_refused(filename: str, shown: str) -> None:
    key = digest("fast-1.0.tar.gz").hex
    assert refusal_of(lambda plan: plan["artifacts"][key].update(filename=filename)) == (
        f"p.json: artifacts: {key}: filename: cannot read plan '{shown}': it is not a plain file name{UNDONE}"
    )


def test_half_of_a_surrogate_pair_is_refused() -> None:
    assert refusal_of(lambda plan: build_of(plan).update(backend="a\ud800")) == (
        "p.json: builds: fast-1.0-cp311-linux_aarch64_glibc_2_28: backend: cannot read plan 'a\\ud800': "
        f"it holds half of a surrogate pair, which is no character{UNDONE}"
    )


def test_a_clock_beyond_zip_archives_is_refused() -> None:
    late = 4_354_819_199
    assert refusal_of(lambda plan: plan.update(source_date_epoch=late)) == (
        f"p.json: source_date_epoch: cannot read plan '{late}': it is later than 2107, the last year a zip archive "
        f"can hold{UNDONE}"
    )


def test_a_digest_of_zeros_is_a_digest_like_any_other() -> None:
    zeros = "0" * 64
    assert refusal_of(lambda plan: build_of(plan).update(sdist=zeros)) == (
        f"p.json: builds: fast-1.0-cp311-linux_aarch64_glibc_2_28: sdist: cannot read plan '{zeros}': "
        f"no artifact of the plan has this digest{UNDONE}"
    )


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("A=B", "", "a variable's name is not empty and holds neither '=' nor NUL"),
        ("A", "a\0b", "a variable's value holds no NUL"),
    ],
)
def test_a_variable_that_no_program_can_be_given_is_refused(name: str, value: str, why: str) -> None:
    assert refusal_of(lambda plan: build_of(plan).update(environment={name: value})) == (
        "p.json: builds: fast-1.0-cp311-linux_aarch64_glibc_2_28: environment: "
        f"cannot read plan '{name}': {why}{UNDONE}"
    )


def test_a_plan_for_nothing_is_refused() -> None:
    assert refusal_of(lambda plan: plan.update(targets=[], builds={})) == (
        f"p.json: targets: cannot read plan: a plan is for one target at least{UNDONE}"
    )


def test_wheels_out_of_order_are_refused() -> None:
    assert refusal_of(lambda plan: plan["targets"][0]["wheels"].reverse()) == (
        f"p.json: targets[0]: wheels: cannot read plan: the wheels are not sorted by name, each name once{UNDONE}"
    )


@pytest.mark.parametrize(("key", "value"), [("version", "9"), ("name", "foo"), ("version", "no version")])
def test_a_wheel_whose_file_is_another_projects_or_releases_is_refused(key: str, value: str) -> None:
    def rename(document: dict[str, Any]) -> None:
        for wheel in document["targets"][0]["wheels"]:
            if "artifact" in wheel:
                wheel[key] = value
        document["targets"][0]["wheels"].sort(key=lambda wheel: wheel["name"])

    assert "the file is no wheel of that name and version" in refusal_of(rename)


def test_a_wheel_built_for_another_target_is_refused() -> None:
    def retarget(document: dict[str, Any]) -> None:
        document["targets"][0]["id"] = "cp311-linux_armv7l_glibc_2_28"

    assert refusal_of(retarget) == (
        "p.json: targets: [0]: fast: cannot read plan 'fast-1.0-cp311-linux_aarch64_glibc_2_28': "
        f"the build is another package's or target's{UNDONE}"
    )


def test_a_target_named_twice_is_refused() -> None:
    assert refusal_of(lambda plan: plan["targets"].append(plan["targets"][0])) == (
        f"p.json: targets: [1]: cannot read plan '{ARM64.id}': the target occurs twice{UNDONE}"
    )


def test_a_newer_schema_says_what_to_do() -> None:
    assert refusal_of(lambda plan: plan.update(schema=2)) == (
        "cannot read plan 'p.json': it has schema 2, and this crosswheel reads schema 1; "
        "upgrade crosswheel, or make the plan anew with this one"
    )


@pytest.mark.parametrize("data", [b"", b"[1", b"\xff", b"[" * 100_000])
def test_what_is_not_json_is_refused(data: bytes) -> None:
    with pytest.raises(
        InputError,
        match=r"^cannot read plan 'p.json': (it is not JSON: .*|it is nested too deeply); make it with `crosswheel plan`$",
    ):
        plan_from_json(data, name="p.json")


def test_another_json_file_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        plan_from_json(b'{"name": "x"}', name="p.json")
    assert str(caught.value) == (
        "cannot read plan 'p.json': it has no 'schema', so it is not a plan; make one with `crosswheel plan`"
    )
