"""What is done to a compiler call, by the family that the compiler belongs to: zig's driver, GCC, Clang. Data only.

Copied beside the compiler launchers with `compiler_arguments`; plain classes, for `dataclasses` takes longer to import than
a compile.
"""

from __future__ import annotations

from .compiler_flags import (
    ALWAYS,
    ALWAYS_COMPILE,
    DEBUG_LEVELS,
    DROPPED_KEYWORDS,
    DROPPED_LINKER_OPTIONS,
    DROPPED_LINKER_PREFIXES,
    DROPPED_LINKER_WITH_VALUE,
    DROPPED_OPTIONS,
    DROPPED_PREFIXES,
    DROPPED_WITH_VALUE,
    RENAMED_LIBRARIES,
    RENAMED_LINKER_OPTIONS,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FAMILIES", "Family"]


class Family:
    """One family of compilers, and no object: what is taken out of a call, said in other words, or put in.

    Attributes:
        own_driver: the driver is zig's. It says a CPU in its own words, knows no ``-l:file``, reads no arguments for the
            preprocessor, answers few questions, and makes its runtime libraries by optimization level.
        options: options dropped whole.
        prefixes: options dropped by their beginning.
        with_value: options dropped with the argument behind them.
        linker_options: ``-Wl,`` arguments dropped whole.
        linker_prefixes: the same by their beginning.
        linker_with_value: the same with the argument behind them.
        keywords: ``-z`` keywords dropped.
        linker_spellings: ``-Wl,`` arguments with another spelling.
        libraries: libraries under another name, or (``None``) linked in any case.
        always: given to every call that compiles or links.
        compiling: given to every call that compiles.
        debug_levels: optimization levels that a call which links is not given.
        keeps_infinities: fast math has to be told that there are infinities.
        seeded: names that are made up are made from a seed, which is the source's name then and not random.
        cxx_library: links the C++ library that C++ is compiled with.
        unwind_library: links the functions that throw and catch.
    """

    own_driver = False
    options: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    with_value: frozenset[str] = frozenset()
    linker_options: frozenset[str] = frozenset()
    linker_prefixes: tuple[str, ...] = ()
    linker_with_value: frozenset[str] = frozenset()
    keywords: frozenset[str] = frozenset()
    linker_spellings: Mapping[str, str] = {}
    libraries: Mapping[str, str | None] = {}
    always: tuple[str, ...] = ()
    compiling: tuple[str, ...] = ()
    debug_levels: frozenset[str] = frozenset()
    keeps_infinities = False
    seeded = False
    cxx_library = "-lstdc++"
    unwind_library = "-lgcc_s"


class _Zig(Family):
    """zig's driver of Clang and LLD, with libraries of its own (0.17)."""

    own_driver = True
    options = DROPPED_OPTIONS
    prefixes = DROPPED_PREFIXES
    with_value = DROPPED_WITH_VALUE
    linker_options = DROPPED_LINKER_OPTIONS
    linker_prefixes = DROPPED_LINKER_PREFIXES
    linker_with_value = DROPPED_LINKER_WITH_VALUE
    keywords = DROPPED_KEYWORDS
    linker_spellings = RENAMED_LINKER_OPTIONS
    libraries = RENAMED_LIBRARIES
    always = ALWAYS
    # zig defines NDEBUG wherever it optimizes, and no other compiler does: assertions would be gone without a word.
    compiling = (*ALWAYS_COMPILE, "-UNDEBUG")
    debug_levels = DEBUG_LEVELS
    keeps_infinities = True
    cxx_library = "-lc++"
    unwind_library = "-lunwind"


class _Gcc(Family):
    """GCC with GNU's linker, which knows all the words there are; dropped is what names another target or spoils the bytes."""

    options = frozenset(
        {"-flto", "-ffat-lto-objects", "-fno-fat-lto-objects", "-fuse-linker-plugin", "-fno-use-linker-plugin",
         "-fwhole-program", "-mtune=native", "-p", "-pg", "-save-temps", "-Wdate-time", "-Werror=date-time"}
    )  # fmt: skip
    prefixes = (
        *("-B", "-g", "-flto=", "-flto-", "-fuse-ld=", "-specs=", "--specs=", "--target=", "--sysroot="),
        *("-save-temps=", "-fdump-"),
    )
    with_value = frozenset({*DROPPED_WITH_VALUE, "--sysroot", "-isysroot"})
    # Parts of GCC are looked for where it stands, not where a link leads to.
    always = ("-no-canonical-prefixes", "-g0")
    compiling = ("-Wno-error=incompatible-pointer-types", "-Wno-error=implicit-int")
    seeded = True


class _Clang(Family):
    """Clang on its own: GCC's options that zig rejects it rejects as well, and GNU's C++ library is what it finds."""

    options = DROPPED_OPTIONS - {"-static-libgcc", "-static-libstdc++", "-shared-libgcc", "-symbolic"}
    prefixes = (*DROPPED_PREFIXES, "--sysroot=")
    with_value = _Gcc.with_value
    # Whether something is linked is not known to what is given to every call.
    always = (*_Gcc.always, "-Wno-unused-command-line-argument")
    compiling = ALWAYS_COMPILE
    keeps_infinities = True


#: By the word that ``toolchain.json`` and the configuration have for it.
FAMILIES: Mapping[str, type[Family]] = {"zig": _Zig, "gcc": _Gcc, "clang": _Clang}
