"""Which release of Debian a base is made of."""

from __future__ import annotations

import pytest

from crosswheel.act.planning.debian_archive import shipped_suites
from crosswheel.decide.images.base_suites import choose_base_suite
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")


def suite(target: str, *, named: str | None = None, standalone: bool = False) -> str:
    return choose_base_suite(
        shipped_suites(), parse_target_id(target), named=named, standalone=standalone
    ).name


@pytest.mark.parametrize(
    ("target", "standalone", "expected"),
    [
        ("cp311-linux_aarch64_glibc_2_28", False, "bookworm"),
        ("cp313-linux_x86_64_glibc_2_28", False, "trixie"),
        ("cp312-linux_x86_64_glibc_2_28", True, "trixie"),
    ],
)
def test_the_release_has_the_targets_python(target: str, standalone: bool, expected: str) -> None:
    assert suite(target, standalone=standalone) == expected


def test_a_release_can_be_named() -> None:
    assert suite("cp39-linux_aarch64_glibc_2_28", named="bullseye") == "bullseye"
    assert suite(ARM.id, named="forky") == "forky"


@pytest.mark.parametrize(
    ("target", "named", "message"),
    [
        (
            "cp312-linux_aarch64_glibc_2_28",
            None,
            (
                "cannot make a base image of Debian packages for 'cp312-linux_aarch64_glibc_2_28': there is Python 3.11 in bookworm, "
                "Python 3.13 in trixie; use one of these Pythons, or give --interpreter, an archive of python-build-standalone"
            ),
        ),
        (
            "cp311-linux_aarch64_glibc_2_39",
            None,
            (
                "cannot make a base image of Debian packages for 'cp311-linux_aarch64_glibc_2_39': the wheels may need glibc 2.39, the "
                "newest release that fits, bookworm, has 2.36; lower the target's glibc and plan again, or give another base image"
            ),
        ),
        (
            "cp311-linux_aarch64_musl_1_2",
            None,
            (
                "cannot make a base image of Debian packages for 'cp311-linux_aarch64_musl_1_2': Debian's packages are for Linux with "
                "glibc; give a base image of another kind with --base, for musl for example one of Alpine"
            ),
        ),
        (
            "cp311-macos_aarch64_11_0",
            None,
            (
                "cannot make a base image of Debian packages for 'cp311-macos_aarch64_11_0': Debian's packages are for Linux with glibc; "
                "name a target of Linux: images are of that"
            ),
        ),
        (
            "cp311-linux_riscv64_glibc_2_31",
            "bookworm",
            (
                "cannot make a base image of Debian packages for 'cp311-linux_riscv64_glibc_2_31': bookworm has no riscv64; use one of "
                "these Pythons, or give --interpreter, an archive of python-build-standalone"
            ),
        ),
    ],
)
def test_a_target_that_no_release_fits_is_refused(target: str, named: str | None, message: str) -> None:
    with pytest.raises(InputError) as error:
        suite(target, named=named)
    assert str(error.value) == message
