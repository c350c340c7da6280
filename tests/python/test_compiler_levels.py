"""Levels of optimization and features of the processor, as the compiler inside of zig is told them."""

from __future__ import annotations

import pytest

from crosswheel.render.compiler_arguments import Run, rewrite
from toolchain_values import TOOLCHAIN


def optimizing(*arguments: str) -> list[str]:
    """Return what of a call of the compiler says how to optimize."""
    outcome = rewrite("cc", arguments, TOOLCHAIN, lambda _: False)
    assert isinstance(outcome, Run)
    return [word for word in outcome.argv if word.startswith(("-O", "-Xclang", "-ffast", "-fno-fast"))]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["-O3"], ["-O3", "-Xclang", "-O3"]),
        (["-O2", "-O3"], ["-O3", "-Xclang", "-O3"]),
        (["-O3", "-O2"], ["-O2"]),
        (["-O1"], ["-O1", "-Xclang", "-O1"]),
        (["-Os", "-Oz"], ["-Oz", "-Xclang", "-Oz"]),
        (["-Ofast", "-fno-fast-math"], ["-Ofast", "-Xclang", "-O3", "-ffast-math", "-fno-fast-math"]),
        (["-Os"], ["-Os"]),
        ([], []),
    ],
)
def test_a_level_that_zig_takes_for_another_is_said_to_the_clang_inside(
    given: list[str], words: list[str]
) -> None:
    assert optimizing("-c", "x.c", *given) == words
    # No Clang but the assembler reads it, and nothing is compiled.
    assert "-Xclang" not in (*optimizing("-c", "x.s", *given), *optimizing("-shared", "x.o", *given))


@pytest.mark.parametrize(
    ("arch", "given", "omitted"),
    [
        ("ppc64le", ["-O2"], True),
        ("armv7l", ["-O0", "-Os"], True),
        ("ppc64le", ["-O2", "-fno-omit-frame-pointer"], True),  # what follows it counts
        ("ppc64le", ["-O2", "-O0"], False),
        ("ppc64le", ["-Og"], False),
        ("ppc64le", [], False),
        ("aarch64", ["-O2"], False),
    ],
)
def test_frame_pointers_are_there_where_clang_has_them(arch: str, given: list[str], omitted: bool) -> None:
    toolchain = {**TOOLCHAIN, "target": {**TOOLCHAIN["target"], "arch": arch}}
    outcome = rewrite("cc", ["-c", "x.c", *given], toolchain, lambda _: False)
    assert isinstance(outcome, Run)
    assert ("-fomit-frame-pointer" in outcome.argv) is omitted
    if "-fno-omit-frame-pointer" in given:
        assert outcome.argv.index("-fomit-frame-pointer") < outcome.argv.index("-fno-omit-frame-pointer")


@pytest.mark.parametrize(
    ("given", "gone"),
    [
        (["-march=armv8.1-a+nolse"], ["-lse"]),
        (["-mcpu=cortex-a76+nolse+nodotprod"], ["-lse", "-dotprod"]),
        (["-march=armv8.2-a+fp16", "-march=armv8.2-a+nofp16"], ["-fullfp16", "-fp16fml"]),
        (
            ["-mcpu=neoverse-v1+nosve"],
            ["-sve", "-sve2", "-sve2-aes", "-sve2-bitperm", "-sve2-sha3", "-sve2-sm4"],
        ),
        (["-march=armv8-a+nocrypto"], ["-crypto", "-aes", "-sha2"]),
        (["-march=armv8.1-a+nolse+lse"], []),
        (["-march=armv8.2-a+fp16"], []),
    ],
)
def test_a_feature_that_is_taken_away_is_taken_away_after_the_level(
    given: list[str], gone: list[str]
) -> None:
    outcome = rewrite("cc", ["-c", "x.c", *given], TOOLCHAIN, lambda _: False)
    assert isinstance(outcome, Run)
    places = [index for index, word in enumerate(outcome.argv) if word == "-target-feature"]
    assert [outcome.argv[place + 2] for place in places] == gone
    assert all(outcome.argv[place - 1] == outcome.argv[place + 1] == "-Xclang" for place in places)
