"""What a compiler call becomes when GCC or Clang, and not zig, compiles for the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from crosswheel.render.compiler_arguments import Answer, Refusal, Run, rewrite
from toolchain_values import CLANG, GCC, TOOLCHAIN

GCC_HEAD = [
    "/crosswheel/compiler/bin/aarch64-linux-gnu-gcc", "--sysroot=/crosswheel/compiler", "-no-canonical-prefixes", "-g0"
]  # fmt: skip
GCC_COMPILES = ["-Wno-error=incompatible-pointer-types", "-Wno-error=implicit-int"]
CLANG_HEAD = [
    "/crosswheel/compiler/bin/clang", "--target=aarch64-linux-gnu", "-no-canonical-prefixes", "-g0",
    "-Wno-unused-command-line-argument",
]  # fmt: skip
BOTH = pytest.mark.parametrize("toolchain", [GCC, CLANG], ids=["gcc", "clang"])


def outcome(toolchain: Mapping[str, Any], name: str, *arguments: str) -> Run | Answer | Refusal:
    return rewrite(name, arguments, toolchain, {"/build/libx.a"}.__contains__)


def command(toolchain: Mapping[str, Any], name: str, *arguments: str) -> list[str]:
    found = outcome(toolchain, name, *arguments)
    assert isinstance(found, Run)
    return found.argv


def compiled(toolchain: Mapping[str, Any], *arguments: str) -> list[str]:
    """Return what is left of the arguments in a compile."""
    plain = command(toolchain, "cc", "-c", "x.c")
    found = command(toolchain, "cc", "-c", "x.c", *arguments)
    return [word for word in found if word not in plain]


def linked(toolchain: Mapping[str, Any], *arguments: str) -> list[str]:
    """Return what is left of the arguments in a link of one object."""
    plain = command(toolchain, "cc", "-shared", "x.o")
    found = command(toolchain, "cc", "-shared", "x.o", *arguments)
    assert found[: len(plain)] == plain
    return found[len(plain) :]


def test_gcc_compiles_without_debug_information_and_makes_up_the_same_names() -> None:
    assert command(GCC, "cc", "-g", "-O3", "-c", "src/x.c", "-o", "x.o") == [
        *GCC_HEAD, "-O3", *GCC_COMPILES, "-frandom-seed=src/x.c", "-c", "src/x.c", "-o", "x.o",
    ]  # fmt: skip


def test_clang_compiles_what_gcc_only_warned_of() -> None:
    assert command(CLANG, "cc", "-c", "x.c") == [
        *CLANG_HEAD, "-Wno-error=incompatible-function-pointer-types", *GCC_COMPILES, "-Wno-date-time", "-c", "x.c",
    ]  # fmt: skip


def test_a_link_is_stripped_and_gets_what_is_for_links() -> None:
    assert command(GCC, "cc", "-shared", "-O0", "x.o", "-o", "x.so") == [
        *GCC_HEAD, "-O0", "-s", "-static-libstdc++", "-shared", "x.o", "-o", "x.so",
    ]  # fmt: skip
    assert "-fuse-ld=lld" in command(CLANG, "c++", "x.o")
    assert "-fuse-ld=lld" not in command(CLANG, "c++", "-c", "x.cc")


def test_a_c_plus_plus_call_goes_to_its_own_program() -> None:
    assert command(GCC, "g++", "-c", "x.cc")[0] == "/crosswheel/compiler/bin/aarch64-linux-gnu-g++"


@BOTH
@pytest.mark.parametrize(
    "flags",
    [
        *(["-g3"], ["-flto=auto"], ["-fuse-ld=gold"], ["-save-temps"], ["-mtune=native"], ["-pg"]),
        *(
            ["--target=x86_64-linux-gnu"],
            ["-target", "x86_64-linux-gnu"],
            ["--sysroot=/"],
            ["--sysroot", "/"],
        ),
        *(
            ["-isysroot", "/"],
            ["-specs=/x"],
            ["-B/usr/bin"],
            ["-m64"],
            ["-fcf-protection"],
            ["-I/usr/include"],
        ),
    ],
)
def test_what_names_another_target_or_spoils_the_bytes_is_dropped(
    toolchain: Mapping[str, Any], flags: list[str]
) -> None:
    assert compiled(toolchain, *flags) == []


@BOTH
@pytest.mark.parametrize(
    "flag",
    [
        *("-static-libgcc", "-static-libstdc++", "-march=armv8.2-a+fp16", "-mcpu=cortex-a72", "-fopenmp"),
        *("-I/crosswheel/environment/include", "-Wall", "-Wp,-D_FORTIFY_SOURCE=2", "-std=gnu17"),
    ],
)
def test_what_the_compiler_knows_itself_is_left_to_it(toolchain: Mapping[str, Any], flag: str) -> None:
    assert compiled(toolchain, flag) == [flag]


def test_a_flag_only_gcc_knows_stays_with_gcc() -> None:
    assert compiled(GCC, "-fno-tree-slp-vectorize") == ["-fno-tree-slp-vectorize"]
    assert compiled(CLANG, "-fno-tree-slp-vectorize") == []


@BOTH
@pytest.mark.parametrize(
    "words",
    [
        *(["-Wl,--exclude-libs,ALL"], ["-Wl,-Bsymbolic-functions"], ["-Wl,-Map,x.map"], ["-Wl,-z,pack-relative-relocs"]),
        *(["-lstdc++"], ["-lgcc_s"], ["-latomic"], ["-l:libx.a"], ["-Lbuild"]),
    ],
)  # fmt: skip
def test_the_linker_is_told_all_there_is_to_tell(toolchain: Mapping[str, Any], words: list[str]) -> None:
    assert linked(toolchain, *words) == words


@BOTH
@pytest.mark.parametrize("words", [["-lpython3.11"], ["-L/usr/lib"], ["-s"], ["-Wl,--strip-all"]])
def test_a_link_takes_nothing_of_the_build_machine(toolchain: Mapping[str, Any], words: list[str]) -> None:
    assert linked(toolchain, *words) == []


@BOTH
def test_the_build_machines_cpu_is_refused(toolchain: Mapping[str, Any]) -> None:
    found = outcome(toolchain, "cc", "-march=native", "-c", "x.c")
    assert isinstance(found, Refusal)
    assert found.why.startswith("'-march=native' asks for the CPU of the build machine")


@BOTH
def test_a_newer_cpu_is_noted(toolchain: Mapping[str, Any]) -> None:
    found = outcome(toolchain, "cc", "-march=armv8.2-a+sve", "-c", "x.c")
    assert isinstance(found, Run)
    assert found.newer_cpu == ["-march=armv8.2-a+sve"]


@BOTH
def test_programs_of_the_build_machine_are_zigs(toolchain: Mapping[str, Any]) -> None:
    assert command(toolchain, "build-cc", "x.c") == command(TOOLCHAIN, "build-cc", "x.c")


def test_fast_math_means_the_same_with_either() -> None:
    assert compiled(GCC, "-ffast-math") == ["-ffast-math"]
    assert compiled(CLANG, "-ffast-math") == ["-ffast-math", "-fno-finite-math-only"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("-dumpmachine", "aarch64-linux-gnu\n"),
        ("-print-multiarch", "aarch64-linux-gnu\n"),
        ("-print-prog-name=ld", "/crosswheel/toolchain/bin/ld\n"),
    ],
)
def test_a_question_whose_answer_is_decided_is_answered(question: str, answer: str) -> None:
    found = outcome(GCC, "cc", question)
    assert isinstance(found, Answer)
    assert found.text == answer


@pytest.mark.parametrize("question", ["-dumpversion", "-print-prog-name=cc1", "-print-file-name=libgcc.a"])
def test_other_questions_are_the_compilers(question: str) -> None:
    assert command(GCC, "cc", question)[0] == GCC_HEAD[0]
    assert command(GCC, "cc", question)[-1] == question


def test_other_programs_are_the_toolchains_own() -> None:
    assert command(GCC, "ar", "rcs", "x.a", "x.o") == [
        "/crosswheel/compiler/bin/aarch64-linux-gnu-ar", "rcs", "x.a", "x.o"
    ]  # fmt: skip
    assert command(GCC, "aarch64-linux-gnu-objdump", "-d", "x.o")[1:] == ["-d", "x.o"]
    assert command(GCC, "ld", "--version")[0] == "/crosswheel/compiler/bin/aarch64-linux-gnu-ld"


def test_a_link_by_the_linkers_name_goes_by_the_compiler() -> None:
    assert command(GCC, "ld", "-shared", "-soname", "x.so", "x.o")[:4] == GCC_HEAD


@BOTH
def test_nothing_is_left_to_strip(toolchain: Mapping[str, Any]) -> None:
    found = outcome(toolchain, "strip", "x.so")
    assert isinstance(found, Answer)


def test_a_program_the_toolchain_has_not_is_refused() -> None:
    found = outcome(CLANG, "objcopy", "x.o")
    assert isinstance(found, Refusal)
    assert found.why == "the toolchain of this build (clang) has no objcopy; do without it"
