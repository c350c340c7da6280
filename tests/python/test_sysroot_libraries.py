"""What a compiler call takes from the sysroot."""

from __future__ import annotations

from typing import Any

import pytest

from crosswheel.render.compiler_arguments import Refusal, Run, rewrite
from toolchain_values import zig

USR = "/crosswheel/sysroot/usr"
LIB = f"{USR}/lib/aarch64-linux-gnu"
TABLE = {
    "ssl": {"file": "usr/lib/aarch64-linux-gnu/libssl.a", "needs": ["usr/lib/aarch64-linux-gnu/libcrypto.a"], "packages": ["libssl-dev"]},
    "xslt": {"file": "usr/lib/aarch64-linux-gnu/libxslt.so.1", "packages": ["libxslt1.1"]},
    "gmpxx": {"file": "usr/lib/libgmpxx.a", "packages": ["libgmp-dev"], "refused": "it needs GNU's C++ library"},
    "snappy": {"file": "usr/lib/libsnappy.a", "packages": ["libsnappy-dev"], "cxx": True},
    "ncurses": {"file": "usr/lib/aarch64-linux-gnu/libncurses.so", "script": ["libncurses.so.6", "-ltinfo"], "packages": ["n"]},
    "tinfo": {"file": "usr/lib/aarch64-linux-gnu/libtinfo.so.6", "packages": ["t"]},
}  # fmt: skip
PLATFORM = {
    "arch": "aarch64",
    "pointer_width": 64,
    **zig("aarch64-linux-gnu.2.28"),
    "gnu_triple": "aarch64-linux-gnu",
    "multiarch": "aarch64-linux-gnu",
    "compile_options": [],
    "link_sources": [],
    "cxx_sources": [],
}
TOOLCHAIN: dict[str, Any] = {
    "zig": "zig",
    "bin": "/crosswheel/toolchain/bin",
    "target": PLATFORM,
    "build": {**PLATFORM, "arch": "x86_64"},
    "environment": {},
    "libc_files": "/crosswheel/toolchain/libc/usr",
    "replaced_folders": [["/usr/include", f"{USR}/include"]],
    "dropped_folders": [],
    "own_folders": ["/crosswheel/sysroot", "/build"],
    "prefix_maps": [],
    "sysroot": {
        "root": "/crosswheel/sysroot",
        "headers": [f"{USR}/include/aarch64-linux-gnu", f"{USR}/include"],
        "libraries": [LIB, f"{USR}/lib"],
        "package_configs": [],
        "sources": ["/crosswheel/toolchain/lib/glibc_compat.c"],
        "table": TABLE,
    },
}
FOLDERS = [f"-L{LIB}", f"-L{USR}/lib"]
COMPAT = ["-fPIC", "-x", "none", "/crosswheel/toolchain/lib/glibc_compat.c"]


OPENMP = ["-fPIC", "-x", "none", "/crosswheel/toolchain/lib/openmp.c"]
WITH_OPENMP: dict[str, Any] = {
    **TOOLCHAIN,
    "sysroot": {
        **TOOLCHAIN["sysroot"],
        "openmp": OPENMP[-1],
        "table": {**TABLE, "omp": {"file": "usr/lib/llvm-19/lib/libomp.so.5", "packages": ["libomp5-19"]}},
    },
}


def run(*arguments: str, name: str = "cc", files: frozenset[str] = frozenset()) -> Run:
    outcome = rewrite(name, arguments, TOOLCHAIN, files.__contains__)
    assert isinstance(outcome, Run)
    return outcome


def words(*arguments: str, name: str = "cc", files: frozenset[str] = frozenset()) -> list[str]:
    """The command from the first word of the call's own on."""
    argv = run(*arguments, name=name, files=files).argv
    return argv[argv.index(arguments[0]) :]


def test_its_headers_come_behind_the_projects_own() -> None:
    assert words("-Iinclude", "-c", "x.c") == [
        *("-Iinclude", "-c", "x.c"),
        *("-isystem", f"{USR}/include/aarch64-linux-gnu", "-isystem", f"{USR}/include"),
    ]


@pytest.mark.parametrize("given", [[f"-I{USR}/include"], ["-I", f"{USR}/include"]])
def test_a_folder_the_project_names_keeps_its_place_before_the_compilers_own(given: list[str]) -> None:
    argv = run(*given, "-c", "x.cpp", name="c++").argv
    found = argv[argv.index(f"-I{USR}/include") :]
    assert [found[at + 1] for at, word in enumerate(found) if word == "-isystem"] == [
        f"{USR}/include/aarch64-linux-gnu"
    ]


def test_a_folder_of_the_build_machine_is_the_sysroots() -> None:
    assert words("-c", "-I/usr/include/libxml2", "x.c")[1] == f"-I{USR}/include/libxml2"


def test_a_library_becomes_its_file_and_all_it_needs() -> None:
    assert words("-shared", "x.o", "-lssl", "-lm", "-o", "x.so") == [
        *("-shared", "x.o", f"{LIB}/libssl.a", f"{LIB}/libcrypto.a", "-lm", "-o", "x.so"),
        *FOLDERS,
        *COMPAT,
    ]


def test_a_shared_library_needs_nothing_beside_it() -> None:
    assert words("-shared", "x.o", "-lxslt") == ["-shared", "x.o", f"{LIB}/libxslt.so.1", *FOLDERS]


@pytest.mark.parametrize("name", ["libssl.a", "libssl.so"])
def test_the_file_itself_is_the_library_too(name: str) -> None:
    assert words("-shared", "x.o", f"{LIB}/{name}")[2:4] == [f"{LIB}/libssl.a", f"{LIB}/libcrypto.a"]


def test_the_projects_own_library_goes_first() -> None:
    files = frozenset({"/build/source/build/libssl.a"})
    assert "-lssl" in words("-shared", "x.o", "-lssl", "-L/build/source/build", files=files)
    assert "-lssl" not in words("-shared", "x.o", "-lssl", f"-L{LIB}", files=frozenset({f"{LIB}/libssl.a"}))


def test_cxx_code_brings_the_cxx_library() -> None:
    assert words("-shared", "x.o", "-lsnappy")[2:4] == [f"{USR}/lib/libsnappy.a", "-lc++"]


def test_a_linker_script_is_what_it_stands_for() -> None:
    assert words("-shared", "x.o", "-lncurses")[2:4] == [f"{LIB}/libncurses.so.6", f"{LIB}/libtinfo.so.6"]


def test_gnus_cxx_library_is_refused() -> None:
    outcome = rewrite("cc", ["-shared", "x.o", "-lgmpxx"], TOOLCHAIN, lambda _: False)
    assert isinstance(outcome, Refusal)
    assert outcome.why == "gmpxx: it needs GNU's C++ library"


def test_what_goes_into_a_shared_library_is_noted_and_a_probe_is_not() -> None:
    assert run("-shared", "x.o", "-lssl", "-lxslt", "-o", "x.so").linked == [
        "x.so",
        "libssl-dev",
        "libxslt1.1",
    ]
    assert run("conftest.c", "-lssl").linked == ()


def test_what_is_compiled_for_the_build_machine_gets_nothing() -> None:
    assert "-isystem" not in words("-c", "x.c", name="build-cc")
    assert words("x.o", "-lssl", name="build-cc")[1] == "-lssl"


def test_gnus_cxx_library_is_for_c_modules_only() -> None:
    entry = {"file": "usr/lib/libtiff.a", "needs": ["usr/lib/crosswheel/libgnu-stdc++.a"], "packages": ["p"]}
    toolchain = {
        **TOOLCHAIN,
        "sysroot": {**TOOLCHAIN["sysroot"], "table": {"tiff": {**entry, "gnu_cxx": True, "unwind": True}}},
    }
    outcome = rewrite("cc", ["-shared", "x.o", "-ltiff"], toolchain, lambda _: False)
    assert isinstance(outcome, Run)
    first = outcome.argv.index("x.o") + 1
    assert outcome.argv[first : first + 3] == [
        f"{USR}/lib/libtiff.a",
        f"{USR}/lib/crosswheel/libgnu-stdc++.a",
        "-lunwind",
    ]
    for name, more in (("c++", []), ("cc", ["-lstdc++"])):
        refused = rewrite(name, ["-shared", "x.o", "-ltiff", *more], toolchain, lambda _: False)
        assert isinstance(refused, Refusal)
        assert "usr/lib/libtiff.a needs GNU's C++ library, and this is C++ linked with LLVM's" in refused.why


@pytest.mark.parametrize(
    "asked",
    [["-fopenmp"], ["-fopenmp=libomp"], ["-lgomp"], ["-liomp5"], ["-lomp"]],
    ids=lambda asked: asked[0],
)
def test_openmp_is_linked_where_a_link_asks_for_it_in_whatever_words(asked: list[str]) -> None:
    outcome = rewrite("cc", ["-shared", "x.o", *asked, "-o", "x.so"], WITH_OPENMP, lambda path: False)
    assert isinstance(outcome, Run)
    assert "/crosswheel/sysroot/usr/lib/llvm-19/lib/libomp.so.5" in outcome.argv
    assert not {"-lgomp", "-liomp5", "-lomp"} & set(outcome.argv)
    assert outcome.argv[outcome.argv.index("-fPIC") :][: len(OPENMP)] == OPENMP
    assert list(outcome.linked) == ["x.so", "libomp5-19"]


def test_openmp_is_linked_nowhere_else() -> None:
    for toolchain, arguments in (
        (WITH_OPENMP, ["-fopenmp", "-c", "x.c"]),
        (WITH_OPENMP, ["-shared", "x.o"]),
        (TOOLCHAIN, ["-fopenmp", "-shared", "x.o"]),
    ):
        outcome = rewrite("cc", arguments, toolchain, lambda path: False)
        assert isinstance(outcome, Run)
        assert not [word for word in outcome.argv if word.endswith(("libomp.so.5", "openmp.c", "-lomp"))]
