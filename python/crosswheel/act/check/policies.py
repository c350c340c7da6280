"""What a Linux target is sure to have: allowed libraries, symbol versions.

Facts of PEP 513, 571, 599, 600, 656 and of the manylinux images, written down once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.values.platforms import Arch, Linux, Musl, Platform

__all__ = [
    "BEYOND",
    "VERSIONED_LIBRARIES",
    "is_allowed_library",
    "is_interpreter_symbol",
    "is_musl",
    "is_musl_library",
    "libc_name",
    "libc_sonames",
    "library_level",
    "manylinux_floor",
    "required_glibc_minor",
]


# PEP 600 leaves the list to the images; these have been in all of them.
_GLIBC_LIBRARIES = frozenset(
    [
        "libc.so.6",
        "libm.so.6",
        "libdl.so.2",
        "libpthread.so.0",
        "librt.so.1",
        "libutil.so.1",
        "libresolv.so.2",
        "libnsl.so.1",
        "libanl.so.1",
        "libgcc_s.so.1",
        "libstdc++.so.6",
        "libatomic.so.1",
        "libz.so.1",
        "libX11.so.6",
        "libXext.so.6",
        "libXrender.so.1",
        "libICE.so.6",
        "libSM.so.6",
        "libGL.so.1",
        "libglib-2.0.so.0",
        "libgobject-2.0.so.0",
        "libgthread-2.0.so.0",
    ]
)
# Since a later glibc 2.N only.
_GLIBC_LIBRARIES_SINCE: Mapping[str, int] = MappingProxyType({"libexpat.so.1": 12, "libmvec.so.1": 24})
_GLIBC_LOADER = re.compile(r"ld-linux(?:-[\w.-]+)?\.so\.\d|ld64\.so\.\d|ld\.so\.1")

#: Libraries all of whose symbols carry versions: an undefined symbol without one cannot come from them.
VERSIONED_LIBRARIES = frozenset(
    [
        "libc.so.6",
        "libm.so.6",
        "libdl.so.2",
        "libpthread.so.0",
        "librt.so.1",
        "libutil.so.1",
        "libresolv.so.2",
        "libnsl.so.1",
        "libanl.so.1",
        "libmvec.so.1",
        "libgcc_s.so.1",
        "libstdc++.so.6",
        "libatomic.so.1",
    ]
)

# Every CPython on glibc is linked with these libraries' functions, so a module may use them without naming the
# library (and then without a symbol version): libdl, libutil, librt, libpthread, libm.
_INTERPRETER_SYMBOLS = frozenset(
    [
        "dladdr",
        "dladdr1",
        "dlclose",
        "dlerror",
        "dlinfo",
        "dlmopen",
        "dlopen",
        "dlsym",
        "dlvsym",
        "forkpty",
        "login",
        "login_tty",
        "logout",
        "logwtmp",
        "openpty",
        "shm_open",
        "shm_unlink",
        "lio_listio",
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "cbrt",
        "ceil",
        "copysign",
        "cos",
        "cosh",
        "drem",
        "erf",
        "erfc",
        "exp",
        "exp10",
        "exp2",
        "expm1",
        "fabs",
        "fdim",
        "finite",
        "floor",
        "fma",
        "fmax",
        "fmin",
        "fmod",
        "frexp",
        "gamma",
        "hypot",
        "ilogb",
        "isinf",
        "isnan",
        "j0",
        "j1",
        "jn",
        "ldexp",
        "lgamma",
        "llrint",
        "llround",
        "log",
        "log10",
        "log1p",
        "log2",
        "logb",
        "lrint",
        "lround",
        "matherr",
        "modf",
        "nan",
        "nearbyint",
        "nextafter",
        "nexttoward",
        "pow",
        "pow10",
        "remainder",
        "remquo",
        "rint",
        "round",
        "roundeven",
        "scalb",
        "scalbln",
        "scalbn",
        "signgam",
        "significand",
        "sin",
        "sincos",
        "sinh",
        "sqrt",
        "tan",
        "tanh",
        "tgamma",
        "trunc",
        "y0",
        "y1",
        "yn",
        "cabs",
        "cacos",
        "cacosh",
        "carg",
        "casin",
        "casinh",
        "catan",
        "catanh",
        "ccos",
        "ccosh",
        "cexp",
        "cimag",
        "clog",
        "clog10",
        "conj",
        "cpow",
        "cproj",
        "creal",
        "csin",
        "csinh",
        "csqrt",
        "ctan",
        "ctanh",
    ]
)
_INTERPRETER_PREFIXES = re.compile(
    r"(?:__)?pthread_\w+|sem_\w+|aio_\w+|mq_\w+|timer_\w+|clock_\w+|fe(?:clear|get|hold|raise|set|test|update|enable|disable)\w+"
    r"|__\w+_finite|__(?:fpclassify|signbit|isinf|isnan|finite|issignaling|iseqsig)[fl]?"
)


def is_interpreter_symbol(symbol: str) -> bool:
    """Tell whether every CPython on glibc brings `symbol` along, by being linked with libm, libdl or libpthread.

    >>> is_interpreter_symbol("atan2f"), is_interpreter_symbol("jpeg_start")
    (True, False)
    """
    base = re.sub(r"(?:f(?:32|64|128)?x?|l)?(?:_r)?$", "", symbol)
    return bool({symbol, base} & _INTERPRETER_SYMBOLS or _INTERPRETER_PREFIXES.fullmatch(symbol))


# musl's loader answers these names itself (ldso/dynlink.c, load_library): lib{c,pthread,rt,m,dl,util,xnet}.*
_MUSL_LIBRARY = re.compile(r"lib(?:c|pthread|rt|m|dl|util|xnet)\.\S*")
_MUSL_OTHER = frozenset({"libz.so.1"})

# First glibc 2.N whose images have each version of the libraries beside it, ascending.
_LIBRARY_LEVELS: Mapping[str, tuple[tuple[tuple[int, ...], int], ...]] = MappingProxyType(
    {
        "GLIBCXX": (
            ((3, 4, 8), 5),
            ((3, 4, 13), 12),
            ((3, 4, 19), 17),
            ((3, 4, 22), 24),
            ((3, 4, 24), 26),
            ((3, 4, 28), 31),
            ((3, 4, 29), 34),
            ((3, 4, 30), 35),
            ((3, 4, 33), 39),
        ),
        "CXXABI": (
            ((1, 3, 1), 5),
            ((1, 3, 3), 12),
            ((1, 3, 7), 17),
            ((1, 3, 10), 24),
            ((1, 3, 11), 26),
            ((1, 3, 12), 31),
            ((1, 3, 13), 34),
            ((1, 3, 15), 39),
        ),
        "GCC": (
            ((4, 2, 0), 5),
            ((4, 3, 0), 12),
            ((4, 8, 0), 17),
            ((7, 0, 0), 26),
            ((11, 0), 34),
            ((12, 0, 0), 35),
            ((14, 0, 0), 39),
        ),
        "ZLIB": (((1, 2, 2, 4), 12), ((1, 2, 5, 2), 17), ((1, 2, 9), 27), ((1, 2, 12), 37)),
        "LIBATOMIC": (((1, 2), 17),),
    }
)
#: A level that no image has reached.
BEYOND = 10_000

# Where the images define a version above their glibc's number: CentOS 7 gave aarch64 one symbol of 2.18.
_BACKPORTED: Mapping[tuple[Arch, int], int] = MappingProxyType({(Arch.AARCH64, 18): 17})
# glibc's ABI marks without a number, by the release that introduced them.
_GLIBC_MARKS: Mapping[str, int] = MappingProxyType(
    {"GLIBC_ABI_DT_RELR": 36, "GLIBC_ABI_GNU_TLS": 42, "GLIBC_ABI_GNU2_TLS": 42}
)

# Where `long double` has two formats, libstdc++ names it before the number, which means the same release.
_VERSION = re.compile(r"(?P<name>[A-Z]+)_(?:LDBL_|IEEE128_)?(?P<number>\d{1,9}(?:\.\d{1,9})*)")

# The oldest glibc 2.N for which each architecture can have wheels at all.
_FLOORS: Mapping[Arch, int] = MappingProxyType({Arch.X86_64: 5, Arch.I686: 5, Arch.RISCV64: 31})


def manylinux_floor(arch: Arch) -> int:
    """Return the smallest N of ``manylinux_2_N`` that `arch` can have (PEP 513, 599, 600)."""
    return _FLOORS.get(arch, 17)


def required_glibc_minor(version: str, arch: Arch) -> int | None:
    """Return the smallest glibc 2.N of an image that defines a symbol version.

    Args:
        version: e.g. ``GLIBC_2.17``, ``GLIBCXX_3.4.21``, ``CXXABI_1.3.9``.
        arch: the architecture.

    Returns:
        N; `BEYOND` if no image has it (also glibc's private symbols); ``None`` for a version this table does not rule.

    >>> required_glibc_minor("GLIBCXX_3.4.21", Arch.X86_64)
    24
    >>> required_glibc_minor("GLIBCXX_IEEE128_3.4.30", Arch.PPC64LE)
    35
    """
    if version == "GLIBC_PRIVATE":
        return BEYOND
    if version in _GLIBC_MARKS:
        return _GLIBC_MARKS[version]
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    number = tuple(int(part) for part in match["number"].split("."))
    if match["name"] == "GLIBC":
        if number[0] != 2:
            return BEYOND
        return _BACKPORTED.get((arch, number[1]), number[1])
    levels = _LIBRARY_LEVELS.get(match["name"])
    if levels is None:
        return None
    return next((level for limit, level in levels if number <= limit), BEYOND)


def is_allowed_library(name: str, platform: Platform) -> bool:
    """Tell whether every target of `platform` has the library `name` (a ``DT_NEEDED`` entry)."""
    if not isinstance(platform.os, Linux):
        return False
    if isinstance(platform.os.libc, Musl):
        return name in _MUSL_OTHER or is_musl_library(name)
    since = _GLIBC_LIBRARIES_SINCE.get(name)
    if since is not None:
        return since <= platform.os.libc.minor
    return name in _GLIBC_LIBRARIES or _GLIBC_LOADER.fullmatch(name) is not None


def is_musl(platform: Platform) -> bool:
    """Tell whether the C library of `platform` is musl."""
    return isinstance(platform.os, Linux) and isinstance(platform.os.libc, Musl)


def is_musl_library(name: str) -> bool:
    """Tell whether musl's loader answers the name of a library (a ``DT_NEEDED`` entry) with itself.

    >>> is_musl_library("libc.musl-aarch64.so.1"), is_musl_library("libz.so.1")
    (True, False)
    """
    return _MUSL_LIBRARY.fullmatch(name) is not None or name.startswith("ld-musl-")


def library_level(name: str) -> int:
    """Return the smallest glibc 2.N whose images all have the library `name`, 0 when all do."""
    return _GLIBC_LIBRARIES_SINCE.get(name, 0)


def libc_sonames(names: tuple[str, ...]) -> tuple[str, str] | None:
    """Return ``(kind, name)`` of the C library among `names`: kind is ``glibc`` or ``musl``.

    >>> libc_sonames(("libm.so.6", "libc.so.6"))
    ('glibc', 'libm.so.6')
    """
    for name in names:
        if re.fullmatch(r"lib(?:c|m)\.so\.6", name) or _GLIBC_LOADER.fullmatch(name):
            return "glibc", name
        if name == "libc.so" or name.startswith(("libc.musl-", "ld-musl-")):
            return "musl", name
    return None


def libc_name(platform: Platform) -> str:
    """Return the target's C library in words, e.g. ``glibc 2.28``."""
    if not isinstance(platform.os, Linux):
        return "no Linux C library"
    libc = platform.os.libc
    return f"{'musl' if isinstance(libc, Musl) else 'glibc'} {libc.major}.{libc.minor}"
