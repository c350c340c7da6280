"""What logs of several lines say of links, of Python's own structures and of programs that are not there."""

from __future__ import annotations

import time

import pytest

from crosswheel.decide.failures.failure_causes import FailureCause, causes_in
from crosswheel.decide.failures.failure_kinds import FailureKind

GLIBC = "cp311-linux_aarch64_glibc_2_28"
SYSROOT = "/crosswheel/sysroot/usr/lib/aarch64-linux-gnu"
STATIC = (
    (f"ld.lld: error: duplicate symbol: strv_free\n>>> defined at strv.c\n>>>            strv.c.o:(strv_free) in archive {SYSROOT}/libone.a\n"
    f">>> defined at strv.c\n>>>            strv.c.o:(.text.strv_free+0x0) in archive {SYSROOT}/libother.a"),
    ("ld.lld: error: relocation R_AARCH64_TLSLE_ADD_TPREL_HI12 against globals cannot be used with -shared\n>>> defined in globals.c\n"
    f">>> referenced by globals.c:289\n>>>               globals.o:(_cupsGlobals) in archive {SYSROOT}/libone.a"),
    ("ld.lld: error: relocation R_X86_64_32 cannot be used against local symbol; recompile with -fPIC\n"
    f">>> defined in {SYSROOT}/libone.a(a.o)\n>>> referenced by a.c"),
    f"/usr/bin/ld: {SYSROOT}/libone.a(strv.o): in function `strv_free':\n(.text+0x0): multiple definition of `strv_free'; b.o:b.c:(.text+0x0): first defined here",
    f"/usr/bin/ld: b.o: multiple definition of `strv_free'; {SYSROOT}/libone.a(strv.o): first defined here",
    f"/usr/bin/ld: {SYSROOT}/libone.a(a.o): relocation R_X86_64_32 against `.rodata' can not be used when making a shared object; recompile with -fPIC",
    f"ld.gold: error: {SYSROOT}/libone.a(a.o): requires dynamic R_X86_64_PC32 reloc against 'f' which may overflow at runtime",
    f"ld.lld: error: undefined symbol: avahi_client_new\n>>> referenced by dnssd.c\n>>>               dnssd.o:(f) in archive {SYSROOT}/libone.a",
    f"ld.lld: error: {SYSROOT}/libone.a(puny_encode.o): symbol _idn2_punycode_encode@IDN2_0.0.0 has undefined version IDN2_0.0.0",
    f"/usr/bin/ld: {SYSROOT}/libone.a(dnssd.o): in function `f':\ndnssd.c:(.text+0x1c): undefined reference to `avahi_client_new'",
)  # fmt: skip


def first(said: str) -> FailureCause:
    return causes_in(f"running build\n{said}\n")[0]


@pytest.mark.parametrize("said", STATIC)
def test_a_static_library_that_cannot_be_linked_is_mended_by_the_shared_one(said: str) -> None:
    (cause,) = causes_in(f"running build_ext\n{said}\nclang: error: linker command failed with exit code 1\n")
    assert (cause.kind, cause.subject) == (FailureKind.STATIC_LIBRARY, "libone.a")
    assert cause.configuration("p", GLIBC) == ("[tool.crosswheel.packages.p]", 'link = "shared"')


@pytest.mark.parametrize("said", STATIC)
def test_what_is_no_library_of_the_target_is_not_told_as_one(said: str) -> None:
    found = causes_in(said.replace(SYSROOT, "/build/source/lib") + "\n")
    assert FailureKind.STATIC_LIBRARY not in {cause.kind for cause in found}


def test_a_hostile_log_of_links_takes_no_time() -> None:
    line = "/crosswheel/sysroot/" * 90 + "a.a(" + "x" * 150
    more = "ld.lld: error: duplicate symbol: f\n" + ">>> f\n" * 50
    begin = time.monotonic()
    causes_in("\n".join([line] * 300) + "\n" + more * 300)
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize(
    ("said", "subject", "python"),
    [
        ("x.c:10:15: error: expression is not assignable\n   10 |   Py_TYPE(&T) = &PyType_Type;", "Py_TYPE", "3.10"),
        ("x.c:10:15: error: lvalue required as left operand of assignment\n   10 |   Py_SIZE (v) = 3;", "Py_SIZE", "3.10"),
        ("x.c:1:5: error: expression is not assignable\n    Py_REFCNT(o)++;", "Py_REFCNT", "3.9"),
        ("x.c:1:5: error: incomplete definition of type 'struct _frame'", "_frame", "3.10"),
        ("x.c:1:5: error: incomplete definition of type 'PyFrameObject' (aka 'struct _frame')", "PyFrameObject", "3.10"),
        ("x.c:1:5: error: invalid use of incomplete typedef 'PyFrameObject' {aka 'struct _frame'}", "PyFrameObject", "3.10"),
        ("x.c:1:5: error: dereferencing pointer to incomplete type \u2018PyFrameObject\u2019", "PyFrameObject", "3.10"),
        ("x.c:1:5: error: invalid use of undefined type 'struct _frame'", "_frame", "3.10"),
        ("x.c:1:5: error: no member named 'recursion_depth' in 'struct _ts'", "recursion_depth", "3.10"),
        ("x.c:1:5: error: no member named 'co_varnames' in 'PyCodeObject'", "co_varnames", "3.10"),
        ("x.c:1:5: error: 'PyThreadState' {aka 'struct _ts'} has no member named 'recursion_depth'", "recursion_depth", "3.10"),
        ("x.c:1:5: error: 'PyTypeObject' {aka 'struct _typeobject'} has no member named 'tp_print'", "tp_print", "3.8"),
        ("x.c:1:5: error: implicit declaration of function 'PyUnicode_AS_UNICODE' [-Wimplicit]", "PyUnicode_AS_UNICODE", "3.11"),
        ("x.c:1:5: error: 'PyEval_CallObject' undeclared (first use in this function)", "PyEval_CallObject", "3.12"),
        ("x.cc:1:5: error: 'PyUnicode_GET_SIZE' was not declared in this scope; did you mean", "PyUnicode_GET_SIZE", "3.11"),
    ],
)  # fmt: skip
def test_what_a_python_took_from_c_is_told_by_the_last_that_has_it(
    said: str, subject: str, python: str
) -> None:
    cause = first(said)
    assert (cause.kind, cause.subject) == (FailureKind.PYTHON_API, subject)
    line = cause.configuration("p", "cp314-linux_aarch64_glibc_2_28")[1]
    assert line == f'python = "{python}"  # the last that has it'


def test_an_assignment_to_something_else_is_no_matter_of_python() -> None:
    assert causes_in("x.c:1:5: error: expression is not assignable\n    f(x) = 3;\nPy_TYPE(a)\n") == ()


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ("error: command 'swig' failed: No such file or directory", "swig"),
        ("unable to execute 'swig': No such file or directory", "swig"),
        ("../meson.build:3:10: ERROR: Program 'patchelf' not found or not executable", "patchelf"),
        ("../meson.build:3:10: ERROR: Program 'cython cython3' not found or not executable", "cython"),
        ("-- Could NOT find SWIG (missing: SWIG_EXECUTABLE SWIG_DIR)", "swig"),
        ("env: 'ninja': No such file or directory", "ninja"),
        ("  is `cmake` not installed?", "cmake"),
        ("Could not find the program ['scons']", "scons"),
    ],
)
def test_a_program_that_an_index_has_is_a_build_requirement(said: str, subject: str) -> None:
    (cause,) = causes_in(f"{said}\n")
    assert (cause.kind, cause.subject) == (FailureKind.PROGRAM, subject)
    assert cause.configuration("p", GLIBC)[1] == f'build-requires = ["{subject}"]'


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ("error: command 'ragel' failed: No such file or directory", "ragel"),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/usr/bin/bison'", "bison"),
        ("/bin/sh: 1: /usr/bin/ragel: not found", "ragel"),
        ("meson.build:3:10: ERROR: Program 'glib-mkenums' not found or not executable", "glib-mkenums"),
        ("-- Could NOT find BISON (missing: BISON_EXECUTABLE) (Required is at least version 3)", "bison"),
        ("Error: Could not find `protoc`. If `protoc` is installed, try setting", "protoc"),
    ],
)
def test_another_program_is_told(said: str, subject: str) -> None:
    (cause,) = causes_in(f"{said}\n")
    assert (cause.kind, cause.subject) == (FailureKind.PROGRAM, subject)


def test_build_code_that_looks_for_what_compilers_bring_is_told_to_be_patched() -> None:
    log = (
        "You need to install libc development headers to build this module\n"
        "You need to install libcap development headers to build this module\nYou need to install gcc to build this module\n"
    )
    titles = [cause.title for cause in causes_in(log)]
    assert titles == ["missing library 'libcap'", "missing header 'libc'", "missing compiler 'gcc'"]
    assert causes_in(log)[1].configuration("p", GLIBC)[1] == 'patches = ["patches/p.patch"]'


def test_the_functions_of_python_itself_are_one_cause() -> None:
    said = "".join(
        f"ld.lld: error: undefined symbol: {name}\n"
        for name in ("_Py_Dealloc", "PyTuple_New", "Py_None_Struct")
    )
    (cause,) = causes_in(said)
    assert cause.title == "Python within a program"
    assert [line.number for line in cause.lines] == [1, 2, 3]


@pytest.mark.parametrize(
    ("said", "title", "line"),
    [
        ("Could not find directory of OpenSSL installation, and this `-sys` crate", "missing library 'OpenSSL'", 'sysroot = ["libssl-dev"]'),
        ("You need to install libcap development headers to build this module", "missing library 'libcap'", 'sysroot = ["libcap-dev"]'),
        ("ld.lld: error: unable to find library -lcrypt", "missing library 'crypt'", 'sysroot = ["libcrypt-dev"]'),
        ("a.c:1:1: fatal error: 'bluetooth/bluetooth.h' file not found", "missing header 'bluetooth/bluetooth.h'", 'sysroot = ["libbluetooth-dev"]'),
        (
            "error: package `a v1.0` cannot be built because it requires rustc 1.99 or newer, while the currently active rustc version is 1.80.0",
            "Rust is too old '1.99'",
            'rust = "1.99"  # or newer',
        ),
        ("OSError: CUDA_HOME environment variable is not set. Please set it", "needs an SDK 'CUDA'", "build = false  # takes a prebuilt wheel, or refuses"),
        ("ld.lld: error: unable to find library -l:libudev.so.1", "missing library 'libudev.so.1'", 'sysroot = ["libudev-dev"]'),
        ("/bin/sh: 1: nvcc: not found", "needs an SDK", "build = false  # takes a prebuilt wheel, or refuses"),
    ],
)  # fmt: skip
def test_more_that_programs_say(said: str, title: str, line: str) -> None:
    (cause,) = causes_in(f"{said}\n")
    assert (cause.title, cause.configuration("p", GLIBC)[1]) == (title, line)
