"""A uv.lock that does not know what its project asks for by now."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.planning.plan_options import PlanOptions, complete_request
from crosswheel.decide.locks.uv_lock_freshness import has_groups, unlocked_dependencies

#: As uv 0.9 writes it.
LOCK = """\
version = 1

[[package]]
name = "idna"
version = "3.10"
source = { registry = "https://index.example/simple" }

[[package]]
name = "shop"
version = "1.0"
source = { virtual = "." }

[package.metadata]
requires-dist = [
    { name = "certifi", extras = ["x"], specifier = ">=2020" },
    { name = "click" },
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "idna", specifier = ">=3,<4" },
    { name = "mine", editable = "../mine" },
    { name = "six", marker = "extra == 'more'", specifier = ">1" },
    { name = "tomli", marker = "python_full_version < '3.11'", specifier = "<2" },
    { name = "tomli", marker = "python_full_version >= '3.11'", specifier = ">=2" },
]
"""
ASKED = (
    "idna <4, >=3",
    "Click",
    "mine>1",
    "colorama; sys_platform == 'win32'",
    "certifi[x]>=2020",
    "tomli<2; python_version < '3.11'",
    "tomli>=2; python_version >= '3.11'",
)


def project(*dependencies: str, more: str = "") -> bytes:
    return f'[project]\nname = "shop"\ndependencies = {list(dependencies)!r}\n{more}'.encode()


@pytest.mark.parametrize(
    ("dependencies", "changed"),
    [
        (ASKED, ()),
        ((*ASKED, "requests"), ("requests",)),
        (ASKED[1:], ("idna",)),
        (("idna>=3.5,<4", *ASKED[1:]), ("idna",)),
        ((*ASKED, "other @ https://files.example/other-1-py3-none-any.whl"), ()),
        (("?",), ()),
    ],
)
def test_what_was_changed_since_is_named(dependencies: tuple[str, ...], changed: tuple[str, ...]) -> None:
    assert unlocked_dependencies(LOCK.encode(), project(*dependencies)) == changed


def test_what_cannot_be_compared_is_passed_over() -> None:
    assert unlocked_dependencies(LOCK.encode(), project("new", more='dynamic = ["dependencies"]\n')) == ()
    assert unlocked_dependencies(b"", project("new")) == ()
    assert unlocked_dependencies(b"[", project("new")) == ()
    assert unlocked_dependencies(LOCK.encode(), b"project = 3") == ()
    assert unlocked_dependencies(LOCK.replace('"."', '"lib"').encode(), project("new")) == ()


def test_a_plan_says_so(tmp_path: Path) -> None:
    lock = tmp_path / "uv.lock"
    lock.write_text(LOCK)
    options = PlanOptions(lock=lock, targets=("linux_arm64",), groups=("dev",))
    assert all("uv lock" not in note for note in complete_request(options).notes)
    (tmp_path / "pyproject.toml").write_bytes(project(*ASKED, "requests"))
    notes = complete_request(options).notes
    assert (
        "uv.lock was made before pyproject.toml changed requests: run `uv lock` to have that planned" in notes
    )


def test_groups_are_told_apart_from_a_lock_without_such() -> None:
    assert has_groups(b"[[package]]\nname = 'a'\n[package.dev-dependencies]\ndev = [{ name = 'b' }]\n")
    assert not has_groups(b"[[package]]\nname = 'a'\n")
    assert not has_groups(b"[[package]]\nname = 'a'\n[package.dev-dependencies]\n")
    assert has_groups(b"["), "who reads it says what is wrong"


_GROUP = "[package.dev-dependencies]\ndev = [{ name = 'b' }]\n"


@pytest.mark.parametrize(
    ("groups", "projects", "told"),
    [
        (_GROUP, (), ("of uv.lock the project itself and its groups are left out: --project and --group take them in",)),
        (_GROUP, (Path("x"),), ("of uv.lock its groups are left out: --group takes them in",)),
        ("", (), ("of uv.lock the project itself is left out: --project takes it in",)),
        ("", (Path("x"),), ()),
    ],
)  # fmt: skip
def test_only_what_is_there_is_told_as_left_out(
    tmp_path: Path, groups: str, projects: tuple[Path, ...], told: tuple[str, ...]
) -> None:
    (tmp_path / "uv.lock").write_text(
        f"version = 1\n[[package]]\nname = 'a'\nsource = {{ virtual = '.' }}\n{groups}"
    )
    options = PlanOptions(
        lock=tmp_path / "uv.lock", targets=("linux_arm64_glibc_2_28",), python="3.11", projects=projects
    )
    assert tuple(note for note in complete_request(options).notes if "uv.lock" in note) == told
