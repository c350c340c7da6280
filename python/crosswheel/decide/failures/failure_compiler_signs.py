"""Signs of sources that another compiler, or an older language standard, lets pass: a part of `failure_signs.SIGNS`."""

from __future__ import annotations

from .failure_kinds import FailureKind, Sign, sign

__all__ = ["STRICT_SIGNS"]

#: What C++17 took away: https://en.cppreference.com/w/cpp/17 (deprecated and removed features).
_REMOVED = (
    "auto_ptr|auto_ptr_ref|unary_function|binary_function|ptr_fun|mem_fun|mem_fun_ref|bind1st|bind2nd|binder1st|binder2nd|random_shuffle"
    "|unexpected_handler|set_unexpected"
)

STRICT_SIGNS: tuple[Sign, ...] = (
    sign(
        # https://gcc.gnu.org/onlinedocs/gcc/Nested-Functions.html
        FailureKind.STRICT_COMPILER,
        r"error: (function definition is not allowed here)",
        "the source has functions within functions, an extension of GCC that other compilers lack: compile it with a GCC for the target "
        "(the guide 'Other toolchains'), or patch the source",
        '"*" = "GCC"  # the path of a GCC that compiles for the target',
        place="toolchains",
    ),
    sign(
        FailureKind.STRICT_COMPILER,
        rf"error: no (?:member|template|type) named '({_REMOVED})' in namespace 'std'|error: '({_REMOVED})' is not a member of 'std'"
        r"|error: (ISO C\+\+17 does not allow [^\n\[]+?)(?: \[|$)",
        "C++17, which compilers take today where nothing is said, has it no more ('{0}'): compile for an older standard by a variable, or "
        "patch the source",
        'environment = { CXXFLAGS = "-std=c++14" }',
    ),
)
