"""What a compiler call becomes: every rule has a row that fails without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from crosswheel.render.compiler_arguments import Answer, Refusal, Run, rewrite
from crosswheel.render.cpu_flags import translate_cpu
from toolchain_values import TOOLCHAIN

BOTH = ["-g0", "-fno-sanitize=undefined"]
HEAD = ["/crosswheel/zig/zig", "cc", "-target", "aarch64-linux-gnu.2.28", *BOTH]
COMPILE = [
    "-Wno-error=incompatible-function-pointer-types",
    "-Wno-error=incompatible-pointer-types",
    "-Wno-error=implicit-int",
    "-Wno-date-time",
    "-UNDEBUG",
]


def outcome(
    name: str,
    arguments: Sequence[str],
    toolchain: Mapping[str, Any] = TOOLCHAIN,
    files: frozenset[str] = frozenset(),
) -> Run | Answer | Refusal:
    return rewrite(name, arguments, toolchain, files.__contains__)


def command(name: str, *arguments: str, files: frozenset[str] = frozenset()) -> list[str]:
    found = outcome(name, arguments, files=files)
    assert isinstance(found, Run)
    return found.argv


def compiled(*arguments: str) -> list[str]:
    """Return what is left of the arguments in a compile."""
    argv = command("cc", "-c", "x.c", *arguments)
    assert argv[: len(HEAD)] == HEAD
    return [word for word in argv[len(HEAD) :] if word not in {*COMPILE, "-c", "x.c"}]


def linked(*arguments: str, files: frozenset[str] = frozenset()) -> list[str]:
    """Return what is left of the arguments in a link of one object."""
    argv = command("cc", "-shared", "x.o", *arguments, files=files)
    assert argv[: len(HEAD) + 2] == [*HEAD, "-O2", "-s"]
    return [word for word in argv[len(HEAD) + 2 :] if word not in {"-shared", "x.o"}]


@pytest.mark.parametrize("option", ["-ffast-math", "-Ofast"])
def test_fast_math_keeps_infinities(option: str) -> None:
    assert {option, "-ffast-math", "-fno-finite-math-only"} <= set(compiled(option))
    argv = command("cc", "-c", "x.c", option)
    assert argv.index("-fno-finite-math-only") > argv.index(option)


def test_what_is_only_linked_and_what_has_no_fast_math_is_left_alone() -> None:
    assert linked("-ffast-math") == ["-ffast-math"]
    assert compiled("-funroll-loops") == ["-funroll-loops"]


def test_a_compile_gets_the_target_and_no_debug_information() -> None:
    assert command("cc", "-O2", "-Iinclude", "-c", "x.c", "-o", "x.o") == [
        *HEAD, "-O2", *COMPILE, "-Iinclude", "-c", "x.c", "-o", "x.o",
    ]  # fmt: skip


def test_a_link_is_stripped_and_never_in_debug_mode() -> None:
    assert command("cc", "-shared", "-O0", "x.o", "-o", "x.so") == [
        *HEAD, "-O2", "-s", "-shared", "x.o", "-o", "x.so",
    ]  # fmt: skip


def test_a_compile_and_link_in_one_call_gets_both() -> None:
    assert command("cc", "conftest.c", "-o", "conftest") == [
        *HEAD, "-O1", *COMPILE, "-s", "conftest.c", "-o", "conftest",
    ]  # fmt: skip


def test_a_platform_without_a_c_library_of_its_own_links_none() -> None:
    # While zig's runtime libraries are made, that library is all that is said to exist.
    assert "" not in command("cc", "-shared", "x.o", "-o", "x.so", files=frozenset({""}))


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("cc", "cc"),
        ("gcc", "cc"),
        ("clang", "cc"),
        ("aarch64-linux-gnu-gcc", "cc"),
        ("c++", "c++"),
        ("g++", "c++"),
        ("aarch64-linux-gnu-g++", "c++"),
    ],
)
def test_every_name_of_the_compiler_is_the_compiler(name: str, word: str) -> None:
    assert command(name, "-c", "x.c")[1] == word


def test_a_native_compiler_compiles_for_the_build_machine() -> None:
    assert command("build-cc", "gen.c", "-o", "gen")[2:4] == ["-target", "x86_64-linux-musl"]


def test_a_compiler_of_what_the_build_machine_loads_links_its_c_library() -> None:
    assert command("build-shared-cc", "-shared", "x.o")[2:4] == ["-target", "x86_64-linux-gnu.2.17"]


@pytest.mark.parametrize(
    "flag",
    [
        *("-g", "-g3", "-ggdb", "-gdwarf-4", "-gsplit-dwarf", "-flto", "-flto=auto", "-ffat-lto-objects"),
        *(
            "-fno-canonical-system-headers",
            "-specs=/usr/lib/rpm/x",
            "-fuse-ld=gold",
            "--target=aarch64-linux-gnu",
        ),
        *(
            "-static-libgcc",
            "-fcf-protection",
            "-fcf-protection=none",
            "-fgnu-tm",
            "-fabi-version=11",
            "-m64",
        ),
        *("-Werror=date-time", "-finline-limit=100", "-mtune=native", "-pg"),
    ],
)
def test_a_flag_zig_rejects_or_that_spoils_the_bytes_is_dropped(flag: str) -> None:
    assert compiled(flag) == []


@pytest.mark.parametrize(
    ("name", "words", "kept"),
    [
        ("cc", ["-std=gnu++0x", "-c", "x.c"], []),
        ("cc", ["-std=c++17", "-c", "x.cpp"], ["-std=c++17"]),
        ("cc", ["-std=c99", "-c", "x.cc"], []),
        ("cc", ["-std=iso9899:1999", "-c", "x.c"], ["-std=iso9899:1999"]),
        ("c++", ["-std=c++17", "-std=c11", "-c", "x.c"], ["-std=c++17"]),
        ("cc", ["-x", "c++", "-std=c++14", "-std=c11", "-c", "-"], ["-std=c++14"]),
        ("cc", ["-std=c++14", "-c", "x.c", "y.cpp"], ["-std=c++14"]),
    ],
)
def test_a_standard_of_the_other_language_is_passed_over(
    name: str, words: list[str], kept: list[str]
) -> None:
    assert [word for word in command(name, *words) if word.startswith("-std=")] == kept


@pytest.mark.parametrize("flags", [["-target", "x86_64-linux"], ["-arch", "arm64"], ["-specs", "x"]])
def test_a_dropped_flag_takes_its_value_with_it(flags: list[str]) -> None:
    assert compiled(*flags) == []


@pytest.mark.parametrize(
    "flag",
    [
        *("-fno-strict-aliasing", "-DNDEBUG", "-Wall", "-fvisibility=hidden", "-pthread", "-std=c11"),
        *("-fopenmp", "-Dg=1", "-ftls-model=initial-exec", "-sanything"),
    ],
)
def test_a_flag_no_rule_knows_passes_through(flag: str) -> None:
    assert compiled(flag) == [flag]


def test_hardening_flags_of_x86_stay_on_x86() -> None:
    toolchain = {**TOOLCHAIN, "target": {**TOOLCHAIN["target"], "arch": "x86_64"}}
    found = outcome("cc", ["-c", "x.c", "-fcf-protection"], toolchain)
    assert isinstance(found, Run)
    assert "-fcf-protection" in found.argv


@pytest.mark.parametrize(
    ("flags", "left"),
    [
        (["-I/usr/include"], []),
        (["-I", "/usr/include/x86_64-linux-gnu"], []),
        (["-isystem", "/usr/local/include"], []),
        (["-isystem/opt/x/include"], []),
        (["-I/usr/included"], ["-I/usr/included"]),
        (["-Isrc"], ["-Isrc"]),
        (["-I", "src"], ["-Isrc"]),
        (["-isystem", "src"], ["-isystem", "src"]),
        (["-I/crosswheel/environment/include"], ["-I/crosswheel/environment/include"]),
        (["-I/crosswheel/python/include/python3.11"], ["-I/crosswheel/target/include/python3.11"]),
        (["-I/build/source/usr/include"], ["-I/build/source/usr/include"]),
    ],
)
def test_folders_of_the_build_machine_are_not_searched(flags: list[str], left: list[str]) -> None:
    assert compiled(*flags) == left


@pytest.mark.parametrize(
    ("flags", "left"),
    [
        (["-L/usr/lib/x86_64-linux-gnu"], []),
        (["-L", "/usr/local/lib"], []),
        (["-L/crosswheel/python/lib"], []),
        (["-Wl,-L/usr/lib"], []),
        (["-Lbuild"], ["-Lbuild"]),
        (["-lstdc++"], ["-lc++"]),
        (["-lgcc_s"], ["-lunwind"]),
        (["-lgcc"], []),
        (["-latomic"], []),
        (["-lpython3.11"], []),
        (["-lpython3.13t"], []),
        (["-lpythonic"], ["-lpythonic"]),
        (["-l", "m"], ["-lm"]),
    ],
)
def test_libraries_are_the_targets_or_none(flags: list[str], left: list[str]) -> None:
    assert linked(*flags) == left


def test_a_library_by_file_name_is_looked_for_in_the_folders_given() -> None:
    found = linked("-l:libx.a", "-La", "-Lb", files=frozenset({"b/libx.a"}))
    assert found == ["b/libx.a", "-La", "-Lb"]


def test_a_library_by_file_name_that_is_nowhere_is_left_to_fail() -> None:
    assert linked("-l:libx.a", "-La") == ["-l:libx.a", "-La"]


@pytest.mark.parametrize(
    ("flag", "left"),
    [
        ("-Wl,--exclude-libs,ALL", []),
        ("-Wl,--exclude-libs=ALL", []),
        ("-Wl,-Bsymbolic-functions", []),
        ("-Wl,-Bsymbolic", ["-Wl,-Bsymbolic"]),
        ("-Wl,-Map,x.map", []),
        ("-Wl,-Map=x.map", []),
        ("-Wl,-O1", []),
        ("-Wl,-O1,--sort-common,--as-needed", ["-Wl,--as-needed"]),
        ("-Wl,-z,relro,-z,now", ["-Wl,-z,relro", "-Wl,-z,now"]),
        ("-Wl,-z,pack-relative-relocs", []),
        ("-Wl,--undefined=f", ["-Wl,-u,f"]),
        ("-Wl,-h,x.so", ["-Wl,-soname,x.so"]),
        ("-Wl,-R,$ORIGIN", ["-Wl,-rpath,$ORIGIN"]),
        ("-Wl,-rpath-link,/x", []),
        ("-Wl,--push-state,--pop-state", []),
        ("-Wl,--version-script=v.map", ["-Wl,--version-script=v.map"]),
        ("-Wl,--version-script,v.map", ["-Wl,--version-script,v.map"]),
        ("-Wl,--strip-all", []),
        ("-Wl,-lgcc_s", ["-lunwind"]),
        ("-Wl,-l,gcc_s", ["-lunwind"]),
        ("-s", []),
        ("-march=armv8.2-a", []),
    ],
)
def test_linker_arguments_zig_rejects_are_dropped_or_respelled(flag: str, left: list[str]) -> None:
    assert linked(flag) == left


def test_xlinker_is_read_like_wl() -> None:
    assert linked("-Xlinker", "--exclude-libs", "-Xlinker", "ALL", "-Xlinker", "--as-needed") == [
        "-Wl,--as-needed"
    ]


def test_a_symbol_to_keep_is_no_input_file() -> None:
    assert linked("-u", "f") == ["-Wl,-u,f"]


def test_a_shared_library_is_no_position_independent_executable() -> None:
    assert linked("-pie") == []


@pytest.mark.parametrize(
    ("flag", "left"),
    [
        ("-Wp,-D_FORTIFY_SOURCE=2", ["-D_FORTIFY_SOURCE=2"]),
        ("-Wp,-U_FORTIFY_SOURCE,-DX", ["-U_FORTIFY_SOURCE", "-DX"]),
        ("-Wp,-MD,x.d", ["-MD", "-MF", "x.d"]),
    ],
)
def test_preprocessor_arguments_are_said_to_the_driver(flag: str, left: list[str]) -> None:
    assert compiled(flag) == left


@pytest.mark.parametrize(
    ("arch", "flags", "said"),
    [
        ("aarch64", ["-march=armv8-a"], []),
        ("aarch64", ["-march=armv8.2-a+fp16"], ["-mcpu=generic+v8_2a+fullfp16"]),
        ("aarch64", ["-march=armv8.6-a+bf16+nosve"], ["-mcpu=generic+v8_6a+bf16-sve"]),
        ("aarch64", ["-mcpu=cortex-a72"], ["-mcpu=cortex_a72"]),
        ("aarch64", ["-mcpu=neoverse-n1+crypto"], ["-mcpu=neoverse_n1+crypto"]),
        ("aarch64", ["-march=armv8-a+crc", "-mcpu=cortex-a53"], ["-mcpu=cortex_a53+crc"]),
        ("x86_64", ["-march=x86-64-v3"], ["-mcpu=x86_64_v3"]),
        ("x86_64", ["-march=skylake-avx512"], ["-mcpu=skylake_avx512"]),
        ("x86_64", ["-march=haswell", "-march=x86-64"], ["-mcpu=x86_64"]),
        ("i686", ["-march=pentium4"], ["-mcpu=pentium4"]),
        ("armv7l", ["-march=armv7-a"], []),
        ("armv7l", ["-march=armv7-a", "-mfpu=neon", "-mfloat-abi=hard"], ["-mcpu=baseline+neon"]),
        ("ppc64le", ["-mcpu=power9"], ["-mcpu=pwr9"]),
        ("s390x", ["-march=z13"], ["-mcpu=z13"]),
        ("s390x", ["-march=arch12"], ["-mcpu=z14"]),
        ("riscv64", ["-march=rv64gc"], []),
        ("riscv64", ["-march=rv64gcv_zba"], ["-mcpu=baseline+v+zba"]),
    ],
)
def test_a_cpu_is_said_in_zigs_words(arch: str, flags: list[str], said: list[str]) -> None:
    assert translate_cpu(arch, flags) == said


def test_the_build_machines_cpu_is_refused() -> None:
    found = outcome("cc", ["-c", "x.c", "-march=native"])
    assert isinstance(found, Refusal)
    assert found.why == (
        "'-march=native' asks for the CPU of the build machine; "
        "name the target's, for example -mcpu=cortex-a72, or leave the option out"
    )


def test_code_of_another_width_is_refused() -> None:
    found = outcome("cc", ["-c", "x.c", "-m32"])
    assert isinstance(found, Refusal)
    assert found.why == "'-m32' asks for 32-bit code, the target aarch64-linux-gnu is not"


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("-dumpmachine", "aarch64-linux-gnu\n"),
        ("-print-multiarch", "aarch64-linux-gnu\n"),
        ("--print-sysroot", "\n"),
        ("-print-prog-name=ld", "/crosswheel/toolchain/bin/ld\n"),
        ("-print-target-triple", "aarch64-unknown-linux-gnu\n"),
        ("-print-resource-dir", "/crosswheel/zig/lib\n"),
    ],
)
def test_questions_zig_answers_wrong_are_answered_here(question: str, answer: str) -> None:
    found = outcome("cc", [question])
    assert isinstance(found, Answer)
    assert (found.text, found.status) == (answer, 0)


@pytest.mark.parametrize(
    ("tool", "words", "end"),
    [
        ("cc", ["-dM", "-E", "-"], ["-dM", "-E", "-x", "c", "-"]),
        ("c++", ["-x", "c++", "-E", "-"], ["-x", "c++", "-E", "-"]),
        ("cc", ["-fsyntax-only", "-"], ["-c", "-o", "/dev/null", "-x", "c", "-"]),
    ],
)
def test_standard_input_is_c_unless_said_otherwise(tool: str, words: list[str], end: list[str]) -> None:
    argv = command(tool, *words)
    assert argv[-len(end) :] == end


def test_the_compiler_alone_tells_of_itself() -> None:
    assert command("cc", "-v") == ["/crosswheel/zig/zig", "cc", "-target", "aarch64-linux-gnu", "-v"]


def test_the_compilers_version_is_asked_of_the_compiler() -> None:
    argv = command("cc", "-dumpfullversion")
    assert argv == ["/crosswheel/zig/zig", "cc", "-target", "aarch64-linux-gnu", "-dumpversion"]


def test_the_version_banner_comes_from_the_compiler() -> None:
    assert command("gcc", "--version")[-1] == "--version"
    assert "-s" not in command("gcc", "--version")


def test_strip_has_nothing_to_do() -> None:
    found = outcome("strip", ["--strip-unneeded", "x.so"])
    assert isinstance(found, Answer)
    assert found.status == 0


def test_archives_are_zigs_own() -> None:
    assert command("ar", "rcs", "x.a", "x.o") == ["/crosswheel/zig/zig", "ar", "rcs", "x.a", "x.o"]


def test_gcc_ar_and_gcc_ranlib_are_the_archiver() -> None:
    assert command("aarch64-linux-gnu-gcc-ar", "rcs", "x.a")[1] == "ar"


def test_ld_is_a_gnu_compatible_linker_when_asked() -> None:
    found = outcome("ld", ["-v"])
    assert isinstance(found, Answer)
    assert "compatible with GNU linkers" in found.text


def test_ld_links_through_the_driver_without_its_libraries() -> None:
    argv = command("ld", "-r", "-o", "all.o", "a.o", "b.o")
    assert argv == [*HEAD, "-O2", "-s", "-nostdlib", "-r", "-o", "all.o", "a.o", "b.o"]


def test_another_name_is_refused() -> None:
    found = outcome("fc", ["x.f"])
    assert isinstance(found, Refusal)
    assert found.why == "'fc' is no tool of this toolchain"


def test_without_a_sandbox_paths_in_the_bytes_are_the_sandboxs() -> None:
    found = outcome("cc", ["-c", "x.c"], {**TOOLCHAIN, "prefix_maps": [["/tmp/x", "/build"]]})
    assert isinstance(found, Run)
    assert "-ffile-prefix-map=/tmp/x=/build" in found.argv


OLD_LONG_DOUBLE: Mapping[str, Any] = {
    **TOOLCHAIN,
    "target": {
        **TOOLCHAIN["target"],
        "compile_options": ["-mabi=ibmlongdouble"],
        "link_sources": ["/crosswheel/toolchain/lib/ibm128.c"],
        "cxx_sources": ["/crosswheel/toolchain/lib/ieee128.c"],
    },
}
IBM = ["-fPIC", "-x", "none", "/crosswheel/toolchain/lib/ibm128.c"]
BOTH = [*IBM, "/crosswheel/toolchain/lib/ieee128.c"]


@pytest.mark.parametrize(
    ("name", "arguments", "abi", "shim"),
    [
        ("cc", ["-c", "x.c"], True, []),
        ("c++", ["-c", "x.cc"], True, []),
        ("cc", ["-shared", "x.o"], False, IBM),
        ("c++", ["-shared", "x.o"], False, BOTH),
        ("cc", ["-shared", "x.o", "-lstdc++"], False, BOTH),
        ("c++", ["-shared", "x.cc"], True, BOTH),
        ("c++", ["-r", "x.o"], False, []),
        ("build-c++", ["x.cc"], False, []),
    ],
)
def test_a_platform_with_an_older_long_double_gets_it_everywhere(
    name: str, arguments: list[str], abi: bool, shim: list[str]
) -> None:
    found = outcome(name, arguments, OLD_LONG_DOUBLE)
    assert isinstance(found, Run)
    assert ("-mabi=ibmlongdouble" in found.argv) == abi
    assert found.argv[len(found.argv) - len(shim) :] == shim
    assert bool(shim) == any(word.endswith("128.c") for word in found.argv)
