"""Build requirements with headers: the target's, or a refusal; never the build platform's in silence."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crosswheel.decide.locks.locks import LockedFile
from crosswheel.decide.planning.build_requirements import environment_wheels
from crosswheel.decide.planning.overlays import OverlayBuild, OverlayFile, choose_overlays
from crosswheel.decide.selection.selection import SelectedPackage
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.errors import ResolutionError
from lock_texts import lock_of, locked_file, package
from plan_values import AMD64, ARM64, ARMV7L

NUMPY_AMD64 = "numpy-2.0-cp311-cp311-manylinux_2_28_x86_64.whl"
NUMPY_ARM64 = "numpy-2.0-cp311-cp311-manylinux_2_28_aarch64.whl"
HEADERS = {NUMPY_AMD64: ("numpy/_core/include/numpy/_numpyconfig.h",)}


def overlays(
    target: Target, *files: str, members: Mapping[str, tuple[str, ...]] = HEADERS, accepted: bool = False
) -> tuple[OverlayFile | OverlayBuild, ...]:
    name = files[0].split("-")[0]
    environment = environment_wheels(lock_of(package(name, "2.0", *files)), AMD64, wanted_by="a-1.tar.gz")

    def members_of(wheel: LockedFile) -> Mapping[str, str]:
        return {name: name for name in members[wheel.filename]}

    return choose_overlays(
        environment,
        target,
        build_platform=AMD64,
        members=members_of,
        accepted=accepted,
        wanted_by="a-1.tar.gz",
    )


def test_headers_are_taken_from_the_same_releases_wheel_for_the_target() -> None:
    assert overlays(ARM64, NUMPY_AMD64, NUMPY_ARM64) == (
        OverlayFile(project="numpy", file=locked_file(NUMPY_ARM64)),
    )


def test_headers_of_the_build_platform_are_refused_where_the_target_has_none() -> None:
    with pytest.raises(ResolutionError) as caught:
        overlays(ARMV7L, NUMPY_AMD64, NUMPY_ARM64)
    assert str(caught.value) == (
        "a-1.tar.gz: cannot compile against build requirement 'numpy 2.0': its wheel for "
        "linux_x86_64_glibc_2_28 carries headers or libraries, the release has no wheel for "
        "cp311-linux_armv7l_glibc_2_28 and no sdist, and those of the build platform may be silently wrong there; "
        "ask for a release that has one in build-requires of [tool.crosswheel], or, if they are the same on "
        'both, write accept = ["build-machine-headers"] for this package'
    )


def test_where_the_release_has_an_sdist_it_is_built_for_the_target() -> None:
    numpy = SelectedPackage(
        name="numpy",
        version="2.0",
        sdist=locked_file("numpy-2.0.tar.gz"),
        oracle=locked_file(NUMPY_ARM64),
    )
    assert overlays(ARMV7L, NUMPY_AMD64, NUMPY_ARM64, "numpy-2.0.tar.gz") == (OverlayBuild(package=numpy),)


def test_a_wheel_for_the_target_comes_before_a_build() -> None:
    assert overlays(ARM64, NUMPY_AMD64, NUMPY_ARM64, "numpy-2.0.tar.gz") == (
        OverlayFile(project="numpy", file=locked_file(NUMPY_ARM64)),
    )


def test_headers_of_the_build_platform_can_be_accepted() -> None:
    assert overlays(ARMV7L, NUMPY_AMD64, accepted=True) == ()
    assert overlays(ARMV7L, NUMPY_AMD64, "numpy-2.0.tar.gz", accepted=True) == ()


def test_an_overlay_may_need_a_newer_c_library_than_the_target_has() -> None:
    old = parse_target_id("cp311-linux_aarch64_glibc_2_17")
    assert overlays(old, NUMPY_AMD64, NUMPY_ARM64) == (
        OverlayFile(project="numpy", file=locked_file(NUMPY_ARM64)),
    )


def test_a_target_that_takes_the_build_platforms_wheel_needs_no_overlay() -> None:
    assert overlays(AMD64, NUMPY_AMD64) == ()


@pytest.mark.parametrize(
    "member", ["numpy/random/lib/libnpyrandom.a", "numpy/__init__.pxd", "x/numpy.pc", "x/A.HPP"]
)
def test_libraries_cython_declarations_and_pkg_config_files_count_as_headers(member: str) -> None:
    with pytest.raises(ResolutionError):
        overlays(ARMV7L, NUMPY_AMD64, members={NUMPY_AMD64: (member,)})


def test_programs_need_no_overlay() -> None:
    wheel = "ninja-2.0-py3-none-manylinux_2_17_x86_64.whl"
    assert overlays(ARMV7L, wheel, members={wheel: ("ninja/data/bin/ninja", "ninja/_ext.so")}) == ()


def test_a_release_with_a_wheel_for_every_platform_needs_no_overlay() -> None:
    wheel = "cython-2.0-cp311-cp311-manylinux_2_17_x86_64.whl"
    members = {wheel: ("Cython/Includes/libc/math.pxd",)}
    assert overlays(ARMV7L, wheel, "cython-2.0-py3-none-any.whl", members=members) == ()


def test_a_wheel_for_every_platform_is_not_even_looked_into() -> None:
    assert overlays(ARMV7L, "pybind11-2.0-py3-none-any.whl", members={}) == ()


CFFI = "cffi-2.0-cp311-cp311-manylinux_2_17_x86_64.whl"
CFFI_I686 = "cffi-2.0-cp311-cp311-manylinux_2_17_i686.whl"
CFFI_S390X = "cffi-2.0-cp311-cp311-manylinux_2_17_s390x.whl"
SAME = ("cffi/_cffi_include.h", "cffi/_backend.so")


def test_headers_that_are_the_same_on_a_third_architecture_like_the_target_need_no_overlay() -> None:
    members = {CFFI: SAME, CFFI_I686: SAME}
    assert overlays(ARMV7L, CFFI, CFFI_S390X, CFFI_I686, "cffi-2.0.tar.gz", members=members) == ()


@pytest.mark.parametrize(
    "others",
    [
        (CFFI_S390X,),  # of another width and byte order
        ("cffi-2.0-cp311-cp311-win32.whl",),
        ("cffi-2.0-cp311-cp311-musllinux_1_2_i686.whl",),
        ("cffi-2.0-cp312-cp312-manylinux_2_17_i686.whl",),
    ],
)
def test_a_wheel_that_differs_in_more_than_the_processor_shows_nothing(others: tuple[str, ...]) -> None:
    members = {CFFI: SAME, **dict.fromkeys(others, SAME)}
    (overlay,) = overlays(ARMV7L, CFFI, *others, "cffi-2.0.tar.gz", members=members)
    assert isinstance(overlay, OverlayBuild)


@pytest.mark.parametrize("theirs", [("cffi/_cffi_include.h", "cffi/more.h"), ("cffi/other.h",), ()])
def test_headers_that_differ_there_are_built_for_the_target(theirs: tuple[str, ...]) -> None:
    members = {CFFI: SAME, CFFI_I686: theirs}
    (overlay,) = overlays(ARMV7L, CFFI, CFFI_I686, "cffi-2.0.tar.gz", members=members)
    assert isinstance(overlay, OverlayBuild)


def test_a_static_library_is_never_the_same_on_both() -> None:
    both = ("cffi/a.h", "cffi/libcffi.a")
    (overlay,) = overlays(ARMV7L, CFFI, CFFI_I686, "cffi-2.0.tar.gz", members={CFFI: both, CFFI_I686: both})
    assert isinstance(overlay, OverlayBuild)
