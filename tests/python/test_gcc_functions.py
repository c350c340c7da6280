"""What GCC says of single functions, said to Clang."""

from __future__ import annotations

from crosswheel.render.gcc_functions import compiling_call, in_clangs_words, preprocessing_call

_PUSH = '#pragma clang attribute push (__attribute__((target("{}"))), apply_to = function)'
_POP = "#pragma clang attribute pop"


def said(*lines: str) -> list[str] | None:
    found = in_clangs_words("\n".join(lines))
    return None if found is None else found[0].splitlines()


def test_a_target_holds_to_the_end_of_the_text() -> None:
    assert said("int a;", '# pragma GCC target ("+crc+crypto")', "int f(void);") == [
        "int a;",
        _PUSH.format("+crc+crypto"),
        "int f(void);",
        _POP,
    ]


def test_targets_add_up() -> None:
    assert said('#pragma GCC target("avx2", "bmi")', '#pragma GCC target("fma")', "int f(void);") == [
        _PUSH.format("avx2,bmi"),
        _POP,
        _PUSH.format("avx2,bmi,fma"),
        "int f(void);",
        _POP,
    ]


def test_what_was_pushed_comes_back() -> None:
    assert said(
        '#pragma GCC target("sse4.2")',
        "#pragma GCC push_options",
        '#pragma GCC target("avx2")',
        "#pragma GCC pop_options",
        "int f(void);",
        "#pragma GCC reset_options",
        "int g(void);",
    ) == [
        _PUSH.format("sse4.2"),
        _POP,
        _PUSH.format("sse4.2,avx2"),
        _POP,
        _PUSH.format("sse4.2"),
        "int f(void);",
        _POP,
        "int g(void);",
    ]


def test_text_without_a_target_is_left_alone() -> None:
    assert said("#pragma GCC push_options", '#pragma GCC optimize("O3")', "#pragma GCC pop_options") is None
    assert said("#pragma omp declare target", "int f(void);") is None


def test_a_compile_is_preprocessed_first_and_its_options_about_that_are_over() -> None:
    options = ["-O2", "-DA=1", "-D", "B", "-I", "i", "-MMD", "-MF", "x.d", "-include", "p.h"]
    command = ["zig", "cc", *options, "-c", "x.c", "-o", "x.o"]
    assert preprocessing_call(command, "t.i") == ["zig", "cc", *options, "-E", "x.c", "-o", "t.i"]
    assert compiling_call(command, "x.c", "t.c", ["-fX"]) == [
        "zig",
        "cc",
        "-O2",
        "-I",
        "i",
        "-c",
        "t.c",
        "-o",
        "x.o",
        "-fX",
    ]


def test_a_call_that_links_is_not_taken_apart() -> None:
    assert preprocessing_call(["zig", "cc", "x.c", "-o", "x"], "t.i") is None


def test_a_function_that_relies_on_its_frame_pointer_is_compiled_word_by_word() -> None:
    text = 'static int __attribute__ ((noinline, optimize("no-omit-frame-pointer"))) f(void);'
    assert in_clangs_words(text) == (
        "static int __attribute__ ((noinline, optnone)) f(void);",
        ["-fno-omit-frame-pointer"],
    )
    assert in_clangs_words("__attribute__((__optimize__(0))) int f(void);") == (
        "__attribute__((optnone)) int f(void);",
        [],
    )


def test_what_the_attribute_says_of_speed_is_passed_over() -> None:
    assert said('__attribute__((optimize("O3", "unroll-loops"))) int f(void);') is None
    assert said('__attribute__((optimize("no-tree-vectorize"))) int f(void);') is None


def test_a_function_of_that_name_is_left_alone() -> None:
    assert said('int a = optimize("O0");', 'char b[] = "a\x0cb\u2028c";') is None
