"""What a build asks for before anything is resolved, and which wheels it gets."""

from __future__ import annotations

import pytest

from crosswheel.decide.planning.build_requirements import (
    LEGACY_BUILD_SYSTEM,
    BuildSystem,
    build_system_of,
    environment_wheels,
    merged_requirements,
    pins_of,
)
from crosswheel.values.errors import CrosswheelError, ResolutionError
from lock_texts import lock_of, locked_file, package
from plan_values import AMD64, MACOS

FIX = "; patch the sdist ([tool.crosswheel] patches) or lock another release"


def refusal_of(pyproject: str) -> str:
    with pytest.raises(CrosswheelError) as caught:
        build_system_of(pyproject.encode(), name="a-1.tar.gz")
    return str(caught.value)


def test_an_sdist_without_pyproject_is_built_by_setuptools() -> None:
    assert build_system_of(None, name="a-1.tar.gz") == LEGACY_BUILD_SYSTEM


def test_a_pyproject_without_build_system_is_built_by_setuptools() -> None:
    assert build_system_of(b"[tool.black]\n", name="a-1.tar.gz") == LEGACY_BUILD_SYSTEM


def test_a_build_system_without_backend_is_built_by_the_setuptools_it_asks_for() -> None:
    assert build_system_of(
        b'[build-system]\nrequires = ["setuptools<60", "cython"]\n', name="a"
    ) == BuildSystem(requires=("setuptools<60", "cython"), backend="setuptools.build_meta:__legacy__")


def test_a_backend_in_the_tree_is_found() -> None:
    text = b'[build-system]\nrequires = []\nbuild-backend = "own:api"\nbackend-path = ["tools"]\n'
    assert build_system_of(text, name="a") == BuildSystem(
        requires=(), backend="own:api", backend_path=("tools",)
    )


def test_a_build_system_must_have_requires() -> None:
    assert refusal_of('[build-system]\nbuild-backend = "own"\n') == (
        "a-1.tar.gz: pyproject.toml: cannot read build system: [build-system] has no 'requires'" + FIX
    )


def test_every_fault_of_a_build_system_is_told() -> None:
    text = refusal_of('[build-system]\nrequires = ["a b"]\nbuild-backend = 3\nbackend-path = "x"\n')
    place = "a-1.tar.gz: pyproject.toml: cannot read build system: "
    first, *rest = text.splitlines()
    assert first.startswith(f"{place}the requirement 'a b' is not one: ")
    assert rest == [
        f"{place}'build-backend' is not a string{FIX}",
        f"{place}'backend-path' is not a list of strings{FIX}",
    ]


def test_a_pyproject_that_is_not_toml_is_refused() -> None:
    assert refusal_of("[build-system").startswith(
        "a-1.tar.gz: pyproject.toml: cannot read build system: it is not TOML: "
    )


def test_requirements_are_merged_in_one_spelling_and_order() -> None:
    assert merged_requirements(["Wheel", "ruamel_yaml >= 1 ; python_version<'4'"], ["wheel"]) == (
        'ruamel-yaml>=1; python_version < "4"',
        "wheel",
    )


def test_a_requirement_on_a_file_of_the_build_machine_is_refused() -> None:
    with pytest.raises(CrosswheelError) as caught:
        merged_requirements(["a @ file:///opt/a.whl"])
    assert str(caught.value) == (
        "cannot read build requirement 'a @ file:///opt/a.whl': it is not a release or a file on the web, so it "
        "has no hash to lock; build a wheel of it and serve it from an index"
    )


def test_the_wheels_of_an_environment_are_the_build_platforms() -> None:
    lock = lock_of(
        package(
            "ninja",
            "1.13",
            "ninja-1.13-py3-none-manylinux_2_17_x86_64.whl",
            "ninja-1.13-py3-none-macosx_11_0_arm64.whl",
        ),
        package("colorama", "1", "colorama-1-py3-none-any.whl", marker="\"sys_platform == 'win32'\""),
    )
    assert [one.wheel.filename for one in environment_wheels(lock, MACOS, wanted_by="a") if one.wheel] == [
        "ninja-1.13-py3-none-macosx_11_0_arm64.whl"
    ]
    assert pins_of(environment_wheels(lock, AMD64, wanted_by="a")) == ("ninja==1.13",)


def test_a_build_requirement_without_a_wheel_for_the_build_platform_is_its_sdist() -> None:
    lock = lock_of(
        package("ninja", "1.13", "ninja-1.13-py3-none-manylinux_2_17_x86_64.whl", "ninja-1.13.tar.gz")
    )
    (ninja,) = environment_wheels(lock, MACOS, wanted_by="a-1.tar.gz")
    assert (ninja.wheel, ninja.sdist) == (None, locked_file("ninja-1.13.tar.gz"))


def test_a_build_requirement_with_nothing_for_the_build_platform_is_refused() -> None:
    lock = lock_of(package("ninja", "1.13", "ninja-1.13-py3-none-manylinux_2_17_x86_64.whl"))
    with pytest.raises(ResolutionError) as caught:
        environment_wheels(lock, MACOS, wanted_by="a-1.tar.gz")
    text = str(caught.value)
    assert text.startswith("a-1.tar.gz: cannot use build requirement 'ninja 1.13': ")
    assert text.endswith(
        "(build platform cp311-macos_aarch64_13_0); build a wheel of it and serve it from an index of yours, "
        "or ask for another release in build-requires of [tool.crosswheel]"
    )
