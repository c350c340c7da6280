"""Complete platforms of pex: what we write reads back, and files of real interpreters give their target."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswheel.target.complete_platform import complete_platform_to_json, parse_complete_platform
from crosswheel.target.support import FAMILIES
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import FaultsError, InputError
from crosswheel.values.platforms import Platform
from crosswheel.values.python_abi import PythonAbi

GOLDEN = Path(__file__).parent.parent / "golden" / "complete_platforms"
FIX = "make the file with `pex3 interpreter inspect --markers --tags`, or with `crosswheel target export`"
LINUX = parse_target_id("cp312-linux_aarch64_glibc_2_28")


def data_of(value: JsonValue) -> bytes:
    return json.dumps(value).encode()


def fault_of(value: JsonValue) -> str:
    with pytest.raises(InputError) as caught:
        parse_complete_platform(data_of(value), name="x.json")
    return str(caught.value)


@pytest.mark.parametrize("platform", FAMILIES, ids=str)
@pytest.mark.parametrize(
    "python",
    [
        PythonAbi(major=3, minor=11),
        PythonAbi(major=3, minor=13, debug=True),
        PythonAbi(major=3, minor=15, free_threaded=True),
        PythonAbi(major=3, minor=14, free_threaded=True, debug=True),
    ],
    ids=str,
)
def test_what_is_written_reads_back_without_a_difference(platform: Platform, python: PythonAbi) -> None:
    target = Target(python=python, platform=platform)
    complete = parse_complete_platform(data_of(complete_platform_to_json(target)), name="x.json")
    assert complete.target == target
    assert (complete.missing_tags, complete.further_tags, complete.differing_markers) == ((), (), {})


def test_the_written_json_is_the_golden_one() -> None:
    target = parse_target_id("cp312-emscripten_wasm32_2024_0")
    text = json.dumps(complete_platform_to_json(target), indent=2, sort_keys=True) + "\n"
    assert text == (GOLDEN / "cp312-emscripten_wasm32_2024_0.json").read_text()


def test_unknowable_markers_are_left_out_so_that_pex_refuses_to_evaluate_them() -> None:
    markers = complete_platform_to_json(LINUX)["marker_environment"]
    assert isinstance(markers, dict)
    assert "platform_release" not in markers
    assert "platform_version" not in markers
    assert markers["platform_machine"] == "aarch64"


def test_a_known_patch_release_travels_both_ways() -> None:
    value = complete_platform_to_json(LINUX, python_full_version="3.12.7")
    complete = parse_complete_platform(data_of(value), name="x.json")
    assert complete.python_full_version == "3.12.7"
    assert complete.differing_markers == {}


def test_the_newest_glibc_among_the_tags_is_the_targets_in_any_order() -> None:
    value: dict[str, JsonValue] = {
        "marker_environment": {},
        "compatible_tags": [
            "cp311-cp311-manylinux2014_x86_64",
            "cp311-cp311-manylinux_2_26_x86_64",
            "cp311-cp311-manylinux_2_5_x86_64",
            "cp311-cp311-linux_x86_64",
            "py3-none-any",
        ],
    }
    complete = parse_complete_platform(data_of(value), name="lambda.json")
    assert complete.target.id == "cp311-linux_x86_64_glibc_2_26"
    assert complete.missing_tags[0] == "cp311-cp311-manylinux_2_25_x86_64"
    assert complete.further_tags == ()


def test_a_file_in_older_packagings_order_and_with_a_kernels_strings_gives_its_target() -> None:
    data = (GOLDEN / "interpreter_inspect.json").read_bytes()
    complete = parse_complete_platform(data, name="interpreter_inspect.json")
    assert complete.target.id == "cp311-linux_aarch64_glibc_2_26"
    assert complete.python_full_version == "3.11.6"
    assert complete.differing_markers == {}


def test_tags_the_target_would_not_have_are_told() -> None:
    value = complete_platform_to_json(LINUX)
    tags = value["compatible_tags"]
    assert isinstance(tags, list)
    tags.append("cp312-cp312-linux_special")
    complete = parse_complete_platform(data_of(value), name="x.json")
    assert complete.further_tags == ("cp312-cp312-linux_special",)


def test_a_marker_that_differs_is_told() -> None:
    value = complete_platform_to_json(LINUX)
    markers = value["marker_environment"]
    assert isinstance(markers, dict)
    markers["os_name"] = "strange"
    complete = parse_complete_platform(data_of(value), name="x.json")
    assert complete.differing_markers == {"os_name": ("strange", "posix")}


def test_fields_pex_ignores_are_ignored() -> None:
    value = {**complete_platform_to_json(LINUX), "path": "/usr/bin/python3.12", "$schema": "x"}
    assert parse_complete_platform(data_of(value), name="x.json").target == LINUX


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([], "it is not a JSON object"),
        (
            {"marker_environment": {}, "compatible_tags": ["py3-none-any"]},
            "no tag is CPython's own, such as cp312-cp312-manylinux_2_28_aarch64",
        ),
        (
            {"marker_environment": {}, "compatible_tags": ["pp310-pypy310_pp73-manylinux_2_28_x86_64"]},
            "no tag is CPython's own, such as cp312-cp312-manylinux_2_28_aarch64",
        ),
        (
            {"marker_environment": {}, "compatible_tags": ["cp312-cp312-linux_x86_64"]},
            "its platform tags name no C library or system version",
        ),
        (
            {
                "marker_environment": {},
                "compatible_tags": [
                    "cp312-cp312-manylinux_2_28_x86_64",
                    "cp312-cp312-musllinux_1_2_x86_64",
                ],
            },
            "it has both manylinux and musllinux tags, and a target has one C library",
        ),
        (
            {
                "marker_environment": {},
                "compatible_tags": ["cp312-cp312-manylinux_2_28_x86_64", "cp312-cp312-win_amd64"],
            },
            "its tags are of several platforms",
        ),
        (
            {
                "marker_environment": {"platform_machine": "arm64"},
                "compatible_tags": ["cp312-cp312-manylinux_2_28_aarch64"],
            },
            "platform_machine is 'arm64', but its tags are of cp312-linux_aarch64_glibc_2_28, where it is 'aarch64'",
        ),
        (
            {
                "marker_environment": {"python_full_version": "3.11.2"},
                "compatible_tags": ["cp312-cp312-manylinux_2_28_aarch64"],
            },
            "python_full_version is '3.11.2', but its tags are of CPython 3.12",
        ),
        (
            {"marker_environment": {"os": "x"}, "compatible_tags": ["cp312-cp312-win_amd64"]},
            "marker_environment has 'os', which is no marker of PEP 508",
        ),
        (
            {"marker_environment": {"os_name": 1}, "compatible_tags": ["cp312-cp312-win_amd64"]},
            "marker_environment.os_name is not a string",
        ),
    ],
)
def test_a_file_that_is_no_complete_platform_is_refused(value: JsonValue, why: str) -> None:
    assert fault_of(value) == f"cannot read complete platform 'x.json': {why}; {FIX}"


def test_all_faults_of_a_file_are_told_at_once() -> None:
    with pytest.raises(FaultsError) as caught:
        parse_complete_platform(b'{"compatible_tags": [1]}', name="x.json")
    assert str(caught.value).splitlines() == [
        f"cannot read complete platform 'x.json': compatible_tags is not a list of tags; {FIX}",
        f"cannot read complete platform 'x.json': marker_environment is not an object; {FIX}",
    ]


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_without_a_traceback(data: bytes) -> None:
    with pytest.raises((InputError, FaultsError)):
        parse_complete_platform(data, name="x.json")


@given(
    st.dictionaries(
        st.sampled_from(["marker_environment", "compatible_tags", "python_full_version"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text("cp312-linuxmay_0.", max_size=30),
            lambda inner: (
                st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=8,
        ),
    )
)
def test_any_json_object_is_read_or_refused_without_a_traceback(value: dict[str, JsonValue]) -> None:
    try:
        complete = parse_complete_platform(data_of(value), name="x.json")
    except (InputError, FaultsError):
        return
    assert parse_target_id(complete.target.id) == complete.target
