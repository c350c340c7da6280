"""The reference of targets says what the code does, and every difference it lists is a real one."""

from __future__ import annotations

import runpy
from pathlib import Path

from packaging import tags as oracle

from crosswheel.target.spellings import parse_target
from crosswheel.target.tags import platform_tags
from crosswheel.values.python_abi import PythonAbi

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "reference" / "targets.md"
PYTHON = PythonAbi(major=3, minor=13)


def tags_of(name: str) -> tuple[str, ...]:
    return platform_tags(parse_target(name, python=PYTHON).target.platform)


def test_the_generated_sections_are_what_the_code_says() -> None:
    page = PAGE.read_text()
    assert runpy.run_path(str(DOCS / "generate_targets.py"))["rewritten"](page) == page


def test_pyodides_tag_is_the_one_difference_to_packaging() -> None:
    # Listed under "Differences from packaging"; test_tags.py shows that there is no other.
    assert "pyodide_2025_0_wasm32" in tags_of("pyemscripten_2025_0_wasm32")
    assert "`pyodide_Y_P_wasm32`" in PAGE.read_text()


def test_a_riscv64_target_keeps_the_tags_of_packaging_below_its_own_floor() -> None:
    assert "manylinux_2_17_riscv64" in tags_of("manylinux_2_39_riscv64")


def test_linux_comes_first_where_uv_puts_it_last() -> None:
    assert tags_of("manylinux_2_28_x86_64")[0] == "linux_x86_64"


def test_abi3t_is_offered_for_pythons_before_3_15_as_packaging_does() -> None:
    theirs = {tag.abi for tag in oracle.cpython_tags((3, 14), ["cp314t"], ["any"])}
    assert theirs == {"cp314t", "abi3t", "none"}
