"""The files of a hub, as rules/private/hub_files.bzl writes them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest
import starlark

from bazel_plans import AMD, ARM, plan
from starlark_files import ROOT, function

_GOLDEN = ROOT / "tests" / "golden" / "bazel"


def hub(document: object | None = None, **options: object) -> dict[str, str]:
    written = function("rules/private/hub_files.bzl", "hub_files")(document or plan(), hub="pypi", **options)
    return cast("dict[str, str]", written)


def refused(document: object | None = None, **options: object) -> str:
    with pytest.raises(starlark.StarlarkError) as caught:
        hub(document, **options)
    found = re.search(r"fail: (.*)", str(caught.value))
    return found[1] if found else str(caught.value)


@pytest.mark.parametrize(
    "path",
    [
        "BUILD.bazel",
        "fast/BUILD.bazel",
        "demo/BUILD.bazel",
        f"{ARM}/BUILD.bazel",
        f"{ARM}/installed/BUILD.bazel",
    ],
)
def test_a_hub_reads_as_it_did(path: str) -> None:
    golden = Path(_GOLDEN, path.replace("/", ".") + ".txt")
    assert hub()[path] == golden.read_text()


def test_a_target_has_a_package_with_the_parts_of_the_plan_that_its_actions_read() -> None:
    assert sorted(path for path in hub() if path.startswith(ARM)) == [
        f"{ARM}/BUILD.bazel",
        f"{ARM}/fast-1.0.plan.json",
        f"{ARM}/installed/BUILD.bazel",
        f"{ARM}/runtime.plan.json",
        f"{ARM}/wheels.plan.json",
    ]


def test_a_build_whose_headers_are_a_file_runs_with_any_python_of_the_version() -> None:
    document = plan()
    for target in document["targets"]:
        target["headers"]["source"] = "artifact"
    assert "own_headers" not in hub(document)[f"{ARM}/BUILD.bazel"]
    assert "own_headers = True" in hub()[f"{ARM}/BUILD.bazel"]


def test_a_project_that_a_target_lacks_is_incompatible_with_it() -> None:
    text = hub()["demo/BUILD.bazel"]
    assert f'"//:{AMD}": ["@platforms//:incompatible"]' in text
    assert f'"//:{ARM}": []' in text
    assert "@platforms//:incompatible" not in hub()["fast/BUILD.bazel"]


def test_of_two_targets_that_fit_a_platform_the_newer_says_whether_it_has_a_project() -> None:
    document = plan()
    older = {"id": ARM.replace("2_28", "2_17"), "wheels": []}
    document["targets"].append(older)
    text = hub(document)["demo/BUILD.bazel"]
    assert f'"//:{ARM}": []' in text
    assert f'"//:{older["id"]}": ["@platforms//:incompatible"]' in text


def test_any_platform_that_no_target_fits_is_incompatible_with_all() -> None:
    platforms = [one.removeprefix("cp311-") for one in (ARM, AMD)]
    nothing = f"planned_for_another_platform={','.join(platforms)}"
    text = hub()["BUILD.bazel"]
    assert f'constraint_value(\n    name = "{nothing}"' in text
    for path in ("BUILD.bazel", "fast/BUILD.bazel", "demo/BUILD.bazel"):
        compatible = hub()[path].partition("target_compatible_with")[2]
        assert f'"//conditions:default": ["//:{nothing}"]' in compatible
        assert all(f'"//:{platform}": []' in compatible for platform in platforms)


def test_pythons_of_one_platform_share_what_says_whether_it_fits() -> None:
    document = plan()
    document["targets"].append({"id": ARM.replace("cp311", "cp313"), "wheels": []})
    text = hub(document, python="3.13")["BUILD.bazel"]
    assert text.count(f'name = "{ARM.removeprefix("cp311-")}"') == 1


def test_of_several_pythons_the_one_named_is_meant_where_nobody_says() -> None:
    document = plan()
    document["targets"].append({"id": "cp313-linux_x86_64_glibc_2_28", "wheels": []})
    assert ".unsaid" not in hub(document)["BUILD.bazel"]
    text = hub(document, python="3.13")["BUILD.bazel"]
    assert "cp313-linux_x86_64_glibc_2_28.unsaid" in text
    assert f"{AMD}.unsaid" not in text


def test_overrides_reach_the_builds_of_the_project() -> None:
    text = hub(overrides={"fast": {"processors": 4}})[f"{ARM}/BUILD.bazel"]
    assert "    processors = 4,\n" in text


def test_a_project_is_built_of_its_own_source_and_not_of_the_sdist() -> None:
    sdist = '"@artifact_fast-1.0_aaaaaaaaaaaaaaaa//:fast-1.0.tar.gz"'
    assert sdist in hub()[f"{ARM}/BUILD.bazel"]
    for name in ("sources", "programs"):
        text = hub(overrides={"fast": {name: ["@@//fast:files"]}}, plan_update="@@//:plan_update")[
            f"{ARM}/BUILD.bazel"
        ]
        assert f'    {name} = ["@@//fast:files"],\n' in text
        assert '    plan_update = "@@//:plan_update",\n' in text
        assert sdist not in text


def test_libraries_that_bazel_makes_are_linked_in_place_of_those_of_the_plan() -> None:
    document = plan()
    (build,) = [id_ for id_ in document["builds"] if id_.startswith("fast-") and id_.endswith(ARM)]
    document["artifacts"]["9" * 64] = {"filename": "libz.deb", "url": "https://index.example/libz.deb"}
    packages = [{"name": "zlib1g-dev", "version": "1", "artifact": "9" * 64}]
    document["builds"][build]["sysroot"] = {"packages": packages, "link": "static"}
    planned = hub(document)[f"{ARM}/BUILD.bazel"]
    assert "@artifact_libz" in planned
    assert "native_libraries" not in planned
    text = hub(document, overrides={"fast": {"native_deps": ["@@zlib//:zlib"]}})[f"{ARM}/BUILD.bazel"]
    assert "@artifact_libz" not in text
    assert 'native_libraries(\n    name = "fast-1.0.libraries",\n    deps = ["@@zlib//:zlib"],\n' in text
    assert '    libraries = ":fast-1.0.libraries",\n' in text
    assert "native_deps" not in text
    assert 'platform(\n    name = "platform",\n' in text
    assert '"@crosswheel//rules/platforms:older_than_glibc_2_29"' in text


def test_native_libraries_are_told_by_the_cc_info_in_use() -> None:
    own, none = (hub(cc_info=given)["native_libraries.bzl"] for given in ("", None))
    assert own.endswith("native_libraries = native_libraries_rule(CcInfo)\n")
    assert none.endswith("native_libraries = native_libraries_rule(None)\n")
    text = hub(cc_info="@@rules_cc//cc/common:cc_info.bzl")["native_libraries.bzl"]
    assert 'load("@@rules_cc//cc/common:cc_info.bzl", "CcInfo")' in text


def _with_toolchain(folder: str) -> dict[str, Any]:
    document = plan()
    (target,) = [one for one in document["targets"] if one["id"] == ARM]
    target["toolchain"] = {"family": "gcc", "folder": folder, "content": "8" * 64}
    return document


def test_a_toolchain_of_the_machines_needs_no_runtime_libraries_of_zig() -> None:
    text = hub(_with_toolchain("/usr"))[f"{ARM}/BUILD.bazel"]
    assert "runtime_libraries(" in hub()[f"{ARM}/BUILD.bazel"]
    assert "runtime_libraries(" not in text
    assert "runtime = " not in text


def test_a_toolchain_beside_the_plan_is_refused() -> None:
    assert refused(_with_toolchain("toolchains/arm")) == (
        f"cannot build for '{ARM}': the plan compiles with the toolchain in 'toolchains/arm' beside it, and no action is given such "
        "a folder; install it on the machines that run actions and plan with its absolute path, or plan with zig for this target "
        "and name it in `cc_toolchains` of the hub"
    )


def test_the_cxx_toolchain_of_a_target_compiles_in_place_of_the_plans() -> None:
    for document in (plan(), _with_toolchain("toolchains/arm")):
        written = hub(document, cc_toolchains=[ARM], cc_info="")
        text = written[f"{ARM}/BUILD.bazel"]
        assert (
            f'c_toolchain(\n    name = "c_toolchain",\n    platform = ":platform",\n    tags = ["manual"],\n    target = "{ARM}",'
            in text
        )
        assert '    platform = ":platform",\n    toolchain = ":c_toolchain",\n' in text
        assert "\nbuilt_wheel(" not in text
        assert "runtime_libraries(" not in text
        assert '"@crosswheel//rules/platforms:older_than_glibc_2_29"' in text
        assert "c_toolchain" not in written[f"{AMD}/BUILD.bazel"]
        assert written["c_toolchain.bzl"].endswith("c_toolchain = c_toolchain_rule(cc_common)\n")


def test_the_cxx_toolchain_is_refused_for_what_is_not_built_for() -> None:
    assert refused(cc_toolchains=["linux_arm64"]) == (
        "cannot use the C++ toolchain for 'linux_arm64': the plan of @pypi builds nothing for it; it builds for "
        f"{ARM}, {AMD}; name one of these in `cc_toolchains` of the hub"
    )


def test_py_info_is_loaded_from_where_the_user_says() -> None:
    text = hub(py_info="@@rules_python//python:py_info.bzl")["wheel_library.bzl"]
    assert 'load("@@rules_python//python:py_info.bzl", "PyInfo")' in text
    assert text.endswith("wheel_library = wheel_library_rule(PyInfo)\n")


def test_py_info_is_bazels_own_where_it_has_one() -> None:
    own, none = (hub(py_info=given)["wheel_library.bzl"] for given in ("", None))
    assert own.endswith("wheel_library = wheel_library_rule(PyInfo)\n")
    assert none.endswith("wheel_library = wheel_library_rule(None)\n")
    assert own.count("load(") == none.count("load(") == 1


def test_cc_info_is_bazels_own_or_of_the_file_that_the_user_says() -> None:
    own = hub(cc_info="")["wheel_headers.bzl"]
    assert own.endswith("wheel_headers = wheel_headers_rule(CcInfo, cc_common)\n")
    assert own.count("load(") == 1
    text = hub(cc_info="@@rules_cc//cc/common:cc_info.bzl")["wheel_headers.bzl"]
    assert 'load("@@rules_cc//cc/common:cc_info.bzl", "CcInfo")' in text
    assert 'load("@@rules_cc//cc/common:cc_common.bzl", "cc_common")' in text


def test_headers_need_a_provider() -> None:
    text = hub()["wheel_headers.bzl"]
    assert "cannot make wheel_headers of '@pypi': this Bazel has no CcInfo of its own" in text
    assert "cc_info = " in text


def test_the_plan_is_compared_with_its_lock_where_the_hub_has_it() -> None:
    assert not [path for path, text in hub().items() if "lock_check" in text]
    files = hub(lock=True, plan_update="@@//:plan_update")
    text = files["BUILD.bazel"]
    assert f'    digest = "{plan()["inputs"]["lock"]}",\n' in text
    assert '    plan_update = "@@//:plan_update",\n' in text
    assert text.count('    lock_check = "//:lock_check",\n') == 1
    for project in ("demo", "fast"):
        assert files[f"{project}/BUILD.bazel"].count('    lock_check = "//:lock_check",\n') == 2


def test_an_override_that_matches_nothing_is_refused() -> None:
    assert refused(overrides={"fats": {}}) == (
        "cannot use the tag `package` of 'fats': the plan of @pypi does not build it; it builds fast; "
        "remove the tag, or mend its name"
    )


def test_a_python_that_the_plan_lacks_is_refused() -> None:
    assert refused(python="3.9") == (
        "cannot use Python '3.9': the plan of @pypi has targets for 3.11; name one of these as `python` of the hub"
    )
