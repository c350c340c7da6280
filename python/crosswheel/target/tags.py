"""Which wheel tags a target supports, best first, in the order of `packaging` 26.3.

Computed from the target alone; the differences to other tools are listed in docs/reference/targets.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from crosswheel.values.platforms import (
    Android,
    Arch,
    Emscripten,
    Glibc,
    Ios,
    Linux,
    MacOs,
    Musl,
    Platform,
    Windows,
)

from .architectures import ARCH_NAMES
from .pyemscripten import emscripten_version

if TYPE_CHECKING:
    from packaging.tags import Tag

    from crosswheel.values.python_abi import PythonAbi

    from .targets import Target

__all__ = ["LEGACY_MANYLINUX", "interpreter_abi_pairs", "platform_tags", "supported_tags"]

#: The names before PEP 600, by glibc 2.N (PEP 513, 571, 599).
LEGACY_MANYLINUX: Mapping[int, str] = MappingProxyType(
    {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
)


@lru_cache(maxsize=64)
def supported_tags(target: Target) -> tuple[Tag, ...]:
    """Return every tag a wheel for `target` may carry, best first (PEP 425).

    Args:
        target: the target.

    Returns:
        The tags; none twice.

    >>> from crosswheel.target.targets import parse_target_id
    >>> str(supported_tags(parse_target_id("cp312-linux_aarch64_glibc_2_28"))[1])
    'cp312-cp312-manylinux_2_28_aarch64'
    """
    # packaging.tags costs tens of milliseconds to import; commands that need no tags do not pay.
    from packaging.tags import Tag

    platforms = platform_tags(target.platform)
    # A list first: it is a fifth faster than a generator, and Macs have thousands of tags.
    return tuple(
        [
            Tag(interpreter, abi, platform)
            for interpreter, abi, is_any in interpreter_abi_pairs(target.python)
            for platform in (("any",) if is_any else platforms)
        ]
    )


def interpreter_abi_pairs(python: PythonAbi) -> Iterator[tuple[str, str, bool]]:
    """Yield interpreter tag, ABI tag, and whether the platform tag is ``any``; best first.

    Where it is not ``any``, the pair goes with each of the target's platform tags, in their order.

    >>> from crosswheel.values.python_abi import PythonAbi
    >>> list(interpreter_abi_pairs(PythonAbi(major=3, minor=13)))[:3]
    [('cp313', 'cp313', False), ('cp313', 'abi3', False), ('cp313', 'none', False)]
    """
    interpreter = f"cp{python.major}{python.minor}"
    # PEP 803: the stable ABI of free-threaded builds. No wheel says cp313-abi3t or cp314-abi3t, but
    # packaging accepts them as it does abi3 for releases that predate its use, and so do we.
    stable_abi = "abi3t" if python.free_threaded else "abi3"
    yield interpreter, str(python), False
    if python.debug:
        # Since 3.8 a debug build also loads extension modules of the release build.
        yield interpreter, str(python).removesuffix("d"), False
    yield interpreter, stable_abi, False
    yield interpreter, "none", False
    for minor in range(python.minor - 1, 1, -1):
        yield f"cp{python.major}{minor}", stable_abi, False
    pure = (f"py{python.major}{python.minor}", f"py{python.major}")
    older = tuple(f"py{python.major}{minor}" for minor in range(python.minor - 1, -1, -1))
    for name in (*pure, *older):
        yield name, "none", False
    for name in (interpreter, *pure, *older):
        yield name, "none", True


def platform_tags(platform: Platform) -> tuple[str, ...]:
    """Return the platform tags `platform` supports, best first.

    >>> from crosswheel.target.targets import parse_target_id
    >>> platform_tags(parse_target_id("cp312-linux_riscv64_musl_1_1").platform)
    ('linux_riscv64', 'musllinux_1_1_riscv64', 'musllinux_1_0_riscv64')
    """
    arch = platform.arch
    match platform.os:
        case Linux(libc=libc):
            return (f"linux_{arch.value}", *_linux(libc, arch))
        case MacOs(major=major, minor=minor):
            return tuple(_macosx((major, minor), arch))
        case Windows():
            return (str(ARCH_NAMES[arch].windows),)
        case Ios(major=major, minor=minor, sdk=sdk):
            return tuple(_ios((major, minor), f"{ARCH_NAMES[arch].apple}_{sdk}"))
        case Android(api_level=api_level):
            # PEP 738; 16 is the oldest API level CPython was ever made to run on.
            return tuple(f"android_{level}_{ARCH_NAMES[arch].android}" for level in range(api_level, 15, -1))
        case Emscripten(year=year, patch=patch):
            return tuple(_emscripten(year, patch))


def _linux(libc: Glibc | Musl, arch: Arch) -> Iterator[str]:
    if isinstance(libc, Musl):
        # PEP 656: one musl minor runs wheels of every older one.
        for minor in range(libc.minor, -1, -1):
            yield f"musllinux_{libc.major}_{minor}_{arch.value}"
        return
    # PEP 600: glibc 2.17 is the oldest there is, but for x86, which PEP 513 began with 2.5. riscv64 began
    # later still; its older tags name no possible wheel, but packaging (so pip) accepts them.
    oldest = 5 if arch in {Arch.X86_64, Arch.I686} else 17
    for minor in range(libc.minor, oldest - 1, -1):
        yield f"manylinux_2_{minor}_{arch.value}"
        if minor in LEGACY_MANYLINUX:
            yield f"{LEGACY_MANYLINUX[minor]}_{arch.value}"


def _macosx(version: tuple[int, int], arch: Arch) -> Iterator[str]:
    name = str(ARCH_NAMES[arch].apple)
    if version < (11, 0):
        # Before macOS 11 the minor number was the yearly release.
        for minor in range(version[1], -1, -1):
            for binary_format in _mac_formats((10, minor), arch):
                yield f"macosx_10_{minor}_{binary_format}"
        return
    # From macOS 11 on only the major number counts.
    for major in range(version[0], 10, -1):
        for binary_format in _mac_formats((major, 0), arch):
            yield f"macosx_{major}_0_{binary_format}"
    # A universal2 wheel may say 10.x: its x86_64 half runs there, and its arm64 half on 11.0.
    for minor in range(16, 3, -1):
        formats = _mac_formats((10, minor), arch) if name == "x86_64" else ("universal2",)
        for binary_format in formats:
            yield f"macosx_10_{minor}_{binary_format}"


def _mac_formats(version: tuple[int, int], arch: Arch) -> tuple[str, ...]:
    if arch is Arch.AARCH64:
        return ("arm64", "universal2")
    return ("x86_64", "intel", "fat64", "fat3", "universal2", "universal") if version >= (10, 4) else ()


def _ios(version: tuple[int, int], multiarch: str) -> Iterator[str]:
    # PEP 730: the requested release and its older minors, then each older major with any minor up to 9.
    for minor in range(version[1], -1, -1):
        yield f"ios_{version[0]}_{minor}_{multiarch}"
    for major in range(version[0] - 1, 11, -1):
        for minor in range(9, -1, -1):
            yield f"ios_{major}_{minor}_{multiarch}"


def _emscripten(year: int, patch: int) -> Iterator[str]:
    # PEP 783, then the same platform's tag before that PEP, then what sysconfig says.
    yield f"pyemscripten_{year}_{patch}_wasm32"
    yield f"pyodide_{year}_{patch}_wasm32"
    version = emscripten_version(year, patch)
    if version is not None:
        yield f"emscripten_{version.replace('.', '_')}_wasm32"
