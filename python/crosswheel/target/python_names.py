"""How CPython names things for a platform: its multiarch word, the suffixes of extension modules, `sys.platform`.

CPython's own rules: ``configure.ac`` and ``Lib/sysconfig.py`` for POSIX, ``PC/pyconfig.h`` and ``Python/dynload_win.c``
for Windows.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Arch, Linux, MacOs, Musl, Platform, Windows
from crosswheel.values.python_abi import PythonAbi

from .architectures import ARCH_NAMES
from .triples import debian_multiarch

__all__ = [
    "LONG_DOUBLE_FORMATS",
    "extension_suffixes",
    "long_double_format",
    "module_suffix",
    "os_name",
    "soabi_multiarch",
    "soabi_of",
    "stable_abi_suffix",
    "sys_platform",
]

#: How ``long double`` is laid out on Linux, in the words of numpy's ``longdouble_format`` Meson property.
LONG_DOUBLE_FORMATS: Mapping[Arch, str] = MappingProxyType(
    {
        Arch.X86_64: "INTEL_EXTENDED_16_BYTES_LE",
        Arch.AARCH64: "IEEE_QUAD_LE",
        Arch.ARMV7L: "IEEE_DOUBLE_LE",
        Arch.I686: "INTEL_EXTENDED_12_BYTES_LE",
        Arch.PPC64LE: "IBM_DOUBLE_DOUBLE_LE",
        Arch.S390X: "IEEE_QUAD_BE",
        Arch.RISCV64: "IEEE_QUAD_LE",
    }
)


def long_double_format(platform: Platform) -> str:
    """Return the layout of ``long double`` as zig's compiler has it there.

    >>> long_double_format(Platform(os=MacOs(major=11, minor=0), arch=Arch.AARCH64))
    'IEEE_DOUBLE_LE'
    """
    if isinstance(platform.os, MacOs | Windows) and platform.arch is Arch.AARCH64:
        return "IEEE_DOUBLE_LE"
    # musl has no other there: https://wiki.musl-libc.org/supported-platforms
    is_musl = isinstance(platform.os, Linux) and isinstance(platform.os.libc, Musl)
    if is_musl and platform.arch is Arch.PPC64LE:
        return "IEEE_DOUBLE_LE"
    return LONG_DOUBLE_FORMATS[platform.arch]


def sys_platform(platform: Platform) -> str:
    """Return `sys.platform` of the target, ``linux``, ``darwin`` or ``win32``.

    Raises:
        InputError: it is another system, for whose Pythons nothing is compiled.
    """
    match platform.os:
        case Linux():
            return "linux"
        case MacOs():
            return "darwin"
        case Windows():
            return "win32"
        case _:
            raise InputError(
                "describe target",
                platform.id,
                why="crosswheel compiles for Linux, macOS and Windows",
                fix="use one of them, or prebuilt wheels",
            )


def os_name(platform: Platform) -> str:
    """Return `os.name` of the target."""
    return "nt" if isinstance(platform.os, Windows) else "posix"


def soabi_multiarch(python: PythonAbi, platform: Platform) -> str:
    """Return the last part of ``SOABI``: ``MULTIARCH`` on Linux and macOS, the platform tag on Windows.

    Until 3.10 CPython called musl gnu (https://github.com/python/cpython/issues/95855).

    Raises:
        InputError: nothing is compiled for that system.

    >>> soabi_multiarch(PythonAbi(major=3, minor=13), Platform(os=Windows(), arch=Arch.X86_64))
    'win_amd64'
    """
    match platform.os:
        case Linux():
            name = debian_multiarch(platform)
            return name if python.minor > 10 else name.replace("-linux-musl", "-linux-gnu")
        case Windows():
            return str(ARCH_NAMES[platform.arch].windows)
        case _:
            return sys_platform(platform)


def soabi_of(python: PythonAbi, platform: Platform) -> str:
    """Return ``SOABI``.

    >>> soabi_of(PythonAbi(major=3, minor=13), Platform(os=Windows(), arch=Arch.AARCH64))
    'cp313-win_arm64'
    """
    interpreter = "cp" if isinstance(platform.os, Windows) else "cpython-"
    return f"{interpreter}{python.major}{python.minor}{python.flags}-{soabi_multiarch(python, platform)}"


def module_suffix(platform: Platform) -> str:
    """Return the suffix that an extension module has whatever Python it is for."""
    return ".pyd" if isinstance(platform.os, Windows) else ".so"


def stable_abi_suffix(python: PythonAbi, platform: Platform) -> str:
    """Return the suffix of stable ABI modules; empty where the target loads none.

    Windows has no suffix of its own for them: they are bare.
    """
    if python.free_threaded:
        return ""
    return ".pyd" if isinstance(platform.os, Windows) else ".abi3.so"


def extension_suffixes(python: PythonAbi, platform: Platform) -> tuple[str, ...]:
    """Return what every CPython of that ABI tries, in order; distributions add more, which no wheel may rely on.

    >>> extension_suffixes(PythonAbi(major=3, minor=11), Platform(os=MacOs(major=11, minor=0), arch=Arch.AARCH64))
    ('.cpython-311-darwin.so', '.abi3.so', '.so')
    """
    bare = module_suffix(platform)
    own = f".{soabi_of(python, platform)}{bare}"
    return tuple(dict.fromkeys(filter(None, (own, stable_abi_suffix(python, platform), bare))))
