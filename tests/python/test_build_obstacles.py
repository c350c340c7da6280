"""What cannot be built is said by `target show` and `explain`, before a plan is tried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crosswheel.act.planning.build_obstacles import build_obstacle
from crosswheel.command_line.main import main
from crosswheel.target.targets import parse_target_id

EMSCRIPTEN = "cp313-emscripten_wasm32_2025_0"
LOCK = f"""
lock-version = "1.0"
created-by = "test"
[[packages]]
name = "a"
version = "1"
sdist = {{name = "a-1.tar.gz", url = "https://example.org/a-1.tar.gz", hashes = {{sha256 = "{"0" * 64}"}}}}
"""


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("cp311-linux_aarch64_glibc_2_28", ""),
        ("cp39-linux_aarch64_glibc_2_28", "crosswheel ships no description 'cp39-linux_aarch64_glibc'"),
        ("cp311-linux_aarch64_glibc_2_99", "the newest glibc zig knows is 2.44"),
        (EMSCRIPTEN, "zig has no C library of Emscripten"),
    ],
)
def test_a_target_that_nothing_is_built_for_says_why(
    target: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    obstacle = build_obstacle(parse_target_id(target))
    assert obstacle.startswith(why)
    assert bool(obstacle) == bool(why)
    assert main(["target", "show", target, "--json", "--quiet"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["support"] == ("select" if why else "select, cross build")
    assert shown["why_not_built"] == (obstacle or None)


def test_a_toolchain_of_ones_own_may_build_what_zig_cannot() -> None:
    assert "zig" not in build_obstacle(parse_target_id(EMSCRIPTEN), toolchains=["emsdk"])


def test_explain_says_that_the_sdist_cannot_be_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "pylock.toml"
    lock.write_text(LOCK)
    assert main(["explain", str(lock), "a", "--target", EMSCRIPTEN, "--quiet"]) == 0
    said = capsys.readouterr().out
    assert (
        "chosen: nothing, for a-1.tar.gz cannot be built for this target: zig has no C library of Emscripten"
        in said
    )
    assert "to be built" not in said
    assert main(["explain", str(lock), "a", "--target", "cp311-linux_aarch64_glibc_2_28", "--quiet"]) == 0
    assert "cannot be built" not in capsys.readouterr().out
