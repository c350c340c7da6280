"""Whose part of a uv workspace's lock is planned."""

from __future__ import annotations

import pytest

from crosswheel.decide.locks.workspace_roots import workspace_roots

_LOCK = """
version = 1
[manifest]
members = ["shop", "shop-core", "shop-jobs", "Shop_Tools"]
{root}
[[package]]
name = "shop-core"
version = "1"
source = {{ editable = "packages/core" }}
dependencies = [{{ name = "flask" }}]
[[package]]
name = "shop-jobs"
version = "1"
source = {{ editable = "packages/jobs" }}
dependencies = [{{ name = "shop-core" }}]
[[package]]
name = "shop-tools"
version = "1"
source = {{ editable = "packages/tools" }}
[[package]]
name = "flask"
version = "3"
source = {{ registry = "x" }}
"""
_ROOT = """
[[package]]
name = "shop"
version = "1"
source = { editable = "." }
dependencies = [{ name = "shop-core" }]
[package.dev-dependencies]
tools = [{ name = "shop-tools" }]
"""


def _roots(*given: str, root: str = _ROOT) -> tuple[str, ...]:
    return workspace_roots(_LOCK.format(root=root).encode(), frozenset(given))


@pytest.mark.parametrize(
    "given", [(), ("shop",), ("shop", "shop-core"), ("shop-core",), ("shop-tools",), ("flask",), ("strange",)]
)
def test_what_the_root_needs_comes_with_it(given: tuple[str, ...]) -> None:
    assert _roots(*given) == ()


def test_a_member_that_the_root_does_not_need_is_a_root_of_its_own() -> None:
    assert _roots("shop-jobs", "shop-core", "strange") == ("shop-core", "shop-jobs")
    assert _roots("shop", "shop-jobs") == ("shop", "shop-jobs")


def test_without_a_root_the_members_that_are_given_are_planned() -> None:
    assert _roots(root="") == ()
    assert _roots("shop-core", root="") == ("shop-core",)
    assert _roots("shop-jobs", "shop-core", root="") == ("shop-core", "shop-jobs")


def test_a_lock_that_cannot_be_read_has_none() -> None:
    assert workspace_roots(b"[", frozenset({"shop"})) == ()
