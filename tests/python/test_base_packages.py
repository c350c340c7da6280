"""What can be left out of a base image of Debian packages."""

from __future__ import annotations

from typing import Any

import pytest

from crosswheel.decide.images.base_packages import BaseChoice, ImagePackages
from crosswheel.decide.planning.debian_index import DebianIndex
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError

#: Sources whose packages have other names.
_SOURCES = {"libc6": "glibc"}
_PROVIDES = {"libffi8": "libffi7", "mawk": "awk"}
_OF_PYTHON = ("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib")
_DEPENDS = {
    "base-files": "awk",
    "tzdata": "debconf | debconf-2.0",
    "python3.11-minimal": "libpython3.11-minimal (= 3.11.2), libc6, zlib1g",
    "libpython3.11-minimal": "libssl3",
    "libpython3.11-stdlib": "libpython3.11-minimal, libffi8",
    "game": "awk, perl",
    **dict.fromkeys(("libc6", "zlib1g", "libssl3", "libffi8", "libpq5", "mawk", "perl"), ""),
}
_INDEX = "\n\n".join(
    f"Package: {name}\nSource: {'python3.11' if name in _OF_PYTHON else _SOURCES.get(name, name)}\nVersion: 1\n"
    f"Section: libs\nProvides: {_PROVIDES.get(name, '')}\nDepends: {depends}\nFilename: {name}.deb\nSize: 7\nSHA256: {'0' * 64}"
    for name, depends in _DEPENDS.items()
)
_TABLE = ImagePackages(
    system=("base-files", "tzdata"),
    interpreter=("libpython{version}-stdlib", "python{version}-minimal"),
    program="python{version}-minimal",
    without=("awk", "debconf", "perl"),
    script_tools=("debconf",),
)


def _choice(**options: Any) -> BaseChoice:
    default: dict[str, Any] = {"standalone": False, "further": ()}
    return BaseChoice(
        index=DebianIndex(_INDEX, name="bookworm arm64"),
        table=_TABLE,
        target=parse_target_id("cp311-linux_aarch64_glibc_2_28"),
        **default | options,
    )


@pytest.mark.parametrize("name", [*_OF_PYTHON, "zlib1g"])
def test_what_the_interpreter_does_not_start_without_is_refused(name: str) -> None:
    why = "it is of the interpreter" if name in _OF_PYTHON else "python3.11-minimal does not start without it"
    with pytest.raises(InputError) as error:
        _choice().unknown_omissions([name])
    assert str(error.value) == (
        f"cannot leave out Debian package '{name}': {why}; leave it in, or bring another Python with --interpreter"
    )


def test_no_other_python_does_without_the_c_library() -> None:
    with pytest.raises(InputError) as error:
        _choice().unknown_omissions(["libc6"])
    assert str(error.value) == (
        "cannot leave out Debian package 'libc6': python3.11-minimal does not start without it; leave it in"
    )


def test_what_a_module_loads_can_be_left_out() -> None:
    choice = _choice()
    assert choice.unknown_omissions(["libssl3", "libffi8", "tzdata"]) == {}
    system, interpreter = choice.packages(["libssl3", "libffi8", "tzdata"])
    assert [one.name for one in system] == ["base-files"]
    assert [one.name for one in interpreter] == [
        "libc6",
        "libpython3.11-minimal",
        "libpython3.11-stdlib",
        "python3.11-minimal",
        "zlib1g",
    ]


def test_an_interpreter_from_elsewhere_needs_no_package() -> None:
    assert list(_choice(standalone=True).unknown_omissions(["zlib1g"])) == ["zlib1g"]


def test_what_is_not_there_is_told() -> None:
    told = _choice().unknown_omissions(["libpq5", "libpg5"])
    assert "no package of the base is or needs it; remove its --without" in str(told["libpq5"])
    assert "the index of bookworm arm64 has none of that name" in str(told["libpg5"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("awk", "the base goes without it by itself; remove its --without"),
        ("debconf", "the base goes without it by itself; remove its --without"),
        ("perl", "the base goes without it by itself; remove its --without"),
        (
            "libffi7",
            "no package of the base is or needs it; libffi8, which provides it, is there; write --without libffi8, or remove it",
        ),
    ],
)
def test_leaving_out_what_changes_nothing_is_told(name: str, said: str) -> None:
    (told,) = _choice().unknown_omissions([name]).values()
    assert said in str(told)


def test_what_a_named_package_brings_can_be_left_out() -> None:
    choice = _choice(further=["game"])
    assert [one.name for one in choice.packages(())[0]] == ["base-files", "game", "mawk", "perl", "tzdata"]
    for names, system in (
        (["perl"], ["base-files", "game", "mawk", "tzdata"]),
        (["awk"], ["base-files", "game", "perl", "tzdata"]),
        (["mawk"], ["base-files", "game", "perl", "tzdata"]),
    ):
        assert choice.unknown_omissions(names) == {}
        assert [one.name for one in choice.packages(names)[0]] == system


def test_what_is_named_to_be_added_stays() -> None:
    (told,) = _choice(further=["awk"]).unknown_omissions(["mawk"]).values()
    assert str(told) == (
        "cannot leave out Debian package 'mawk': a package that is named with --package is it; remove one of the two"
    )
