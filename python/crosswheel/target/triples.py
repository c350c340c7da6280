"""A platform's names in other people's words: GNU, Debian, Rust, zig, OCI, Nix, Bazel, CPython.

Each function returns one name or says that that world has none; it never guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.values.errors import InputError
from crosswheel.values.platforms import (
    Android,
    Arch,
    Emscripten,
    Glibc,
    Ios,
    Linux,
    MacOs,
    Musl,
    OperatingSystem,
    Platform,
    Windows,
)

from .architectures import ARCH_NAMES
from .pyemscripten import emscripten_version

__all__ = [
    "NEWEST_ZIG_GLIBC",
    "ZIG_GLIBC_FLOORS",
    "bazel_constraints",
    "debian_multiarch",
    "gnu_triple",
    "linked_rust_triple",
    "minimum_zig_glibc",
    "nix_system",
    "oci_platform",
    "rust_triple",
    "sysconfig_platform",
    "zig_triple",
]

#: The oldest glibc zig's bundled libc can link against, where that is newer than the oldest manylinux.
#: ``available_libcs`` in zig 0.17's ``lib/std/zig/target.zig``.
ZIG_GLIBC_FLOORS: Mapping[Arch, int] = MappingProxyType({Arch.PPC64LE: 19, Arch.RISCV64: 27})

#: The newest glibc zig can link against: the last version in zig 0.17's ``lib/libc/glibc/abilists``.
NEWEST_ZIG_GLIBC = Glibc(major=2, minor=44)

#: The oldest musl zig can link against where ``long`` is 32-bit (https://musl.libc.org/time64.html).
OLDEST_NARROW_MUSL = Musl(major=1, minor=2)


def gnu_triple(platform: Platform) -> str:
    """Return the GNU triple without a vendor, as ``gcc -dumpmachine`` and Debian's cross compilers have it.

    >>> gnu_triple(Platform(os=Linux(libc=Glibc(major=2, minor=28)), arch=Arch.ARMV7L))
    'arm-linux-gnueabihf'
    """
    names = ARCH_NAMES[platform.arch]
    match platform.os:
        case Linux(libc=libc):
            return f"{names.gnu}-linux-{_libc_word(libc)}{names.eabi}"
        case MacOs():
            return f"{names.gnu}-apple-darwin"
        case Windows():
            return f"{names.gnu}-w64-mingw32"
        case Ios(sdk=sdk):
            return f"{names.apple}-apple-ios{'-simulator' if sdk == 'iphonesimulator' else ''}"
        case Android():
            return f"{names.gnu}-linux-android{'eabi' if names.eabi else ''}"
        case Emscripten():
            return "wasm32-unknown-emscripten"


def debian_multiarch(platform: Platform) -> str:
    """Return Debian's multiarch tuple, which CPython calls ``MULTIARCH`` and puts into extension suffixes.

    Raises:
        InputError: the platform is not Linux.

    >>> debian_multiarch(Platform(os=Linux(libc=Glibc(major=2, minor=28)), arch=Arch.I686))
    'i386-linux-gnu'
    """
    if not isinstance(platform.os, Linux):
        raise _no_name("Debian multiarch tuple", platform, "Linux")
    names = ARCH_NAMES[platform.arch]
    return f"{names.debian}-linux-{_libc_word(platform.os.libc)}{names.eabi}"


def rust_triple(platform: Platform) -> str:
    """Return the Rust target (https://doc.rust-lang.org/rustc/platform-support.html).

    >>> rust_triple(Platform(os=Linux(libc=Musl(major=1, minor=2)), arch=Arch.RISCV64))
    'riscv64gc-unknown-linux-musl'
    """
    names = ARCH_NAMES[platform.arch]
    match platform.os:
        case Linux(libc=libc):
            return f"{names.rust}-unknown-linux-{_libc_word(libc)}{names.eabi}"
        case MacOs():
            return f"{names.rust}-apple-darwin"
        case Windows():
            return f"{names.rust}-pc-windows-msvc"
        case Ios(sdk=sdk):
            # Rust's x86_64-apple-ios is the simulator: no iPhone has that CPU.
            simulated = sdk == "iphonesimulator" and platform.arch is Arch.AARCH64
            return f"{names.rust}-apple-ios{'-sim' if simulated else ''}"
        case Android():
            return f"{names.rust}-linux-android{'eabi' if names.eabi else ''}"
        case Emscripten():
            return "wasm32-unknown-emscripten"


def linked_rust_triple(platform: Platform) -> str:
    """Return the Rust target whose objects zig links: on Windows the one of LLVM and the GNU C runtime.

    >>> linked_rust_triple(Platform(os=Windows(), arch=Arch.AARCH64))
    'aarch64-pc-windows-gnullvm'
    """
    return rust_triple(platform).replace("-windows-msvc", "-windows-gnullvm")


def minimum_zig_glibc(arch: Arch) -> Glibc | None:
    """Return the oldest glibc zig can link against on `arch`, or ``None`` when it reaches every manylinux.

    >>> minimum_zig_glibc(Arch.PPC64LE)
    Glibc(major=2, minor=19)
    """
    minor = ZIG_GLIBC_FLOORS.get(arch)
    return None if minor is None else Glibc(major=2, minor=minor)


def zig_triple(platform: Platform) -> str:
    """Return the zig target with its version, e.g. ``aarch64-linux-gnu.2.28``, for ``zig cc -target``.

    Raises:
        InputError: zig cannot link against so old a C library on that architecture, or against so new a one.

    >>> zig_triple(Platform(os=Linux(libc=Glibc(major=2, minor=17)), arch=Arch.I686))
    'x86-linux-gnu.2.17'
    """
    names = ARCH_NAMES[platform.arch]
    match platform.os:
        case Linux(libc=Glibc(major=major, minor=minor) as libc):
            floor = minimum_zig_glibc(platform.arch)
            if floor is not None and libc < floor:
                raise InputError(
                    "compile with zig for target platform",
                    platform.id,
                    why=f"zig links {platform.arch.value} against glibc {floor.major}.{floor.minor} and newer only",
                    fix=f"raise the target's glibc to {floor.major}.{floor.minor}",
                )
            if libc > NEWEST_ZIG_GLIBC:
                newest = f"{NEWEST_ZIG_GLIBC.major}.{NEWEST_ZIG_GLIBC.minor}"
                raise InputError(
                    "compile with zig for target platform",
                    platform.id,
                    why=f"the newest glibc zig knows is {newest}",
                    fix=f"lower the target's glibc to {newest} or older, or take prebuilt wheels only",
                )
            return f"{names.zig}-linux-gnu{names.eabi}.{major}.{minor}"
        case Linux(libc=libc):
            narrow = platform.arch.pointer_width == 32
            if narrow and isinstance(libc, Musl) and libc < OLDEST_NARROW_MUSL:
                raise InputError(
                    "compile with zig for target platform",
                    platform.id,
                    why="zig's musl has 64-bit time_t, which 32-bit musl has since 1.2 only",
                    fix="raise the target's musl to 1.2",
                )
            return f"{names.zig}-linux-musl{names.eabi}"
        case MacOs(major=major, minor=minor):
            return f"{names.zig}-macos.{major}.{minor}"
        case Windows():
            return f"{names.zig}-windows-gnu"
        case Ios(major=major, minor=minor, sdk=sdk):
            return f"{names.zig}-ios.{major}.{minor}{'-simulator' if sdk == 'iphonesimulator' else ''}"
        case Android(api_level=api_level):
            return f"{names.zig}-linux-android{'eabi' if names.eabi else ''}.{api_level}"
        case Emscripten():
            return "wasm32-emscripten"


_OCI_SYSTEMS: Mapping[type[OperatingSystem], str] = MappingProxyType(
    {Linux: "linux", MacOs: "darwin", Windows: "windows"}
)


def oci_platform(platform: Platform) -> str:
    """Return ``os/architecture[/variant]`` in the form containerd prints it (``arm64`` has no variant).

    Raises:
        InputError: no container image runs on that platform.

    >>> oci_platform(Platform(os=Linux(libc=Glibc(major=2, minor=28)), arch=Arch.ARMV7L))
    'linux/arm/v7'
    """
    system = _OCI_SYSTEMS.get(type(platform.os))
    arch = ARCH_NAMES[platform.arch].oci
    if system is None or arch is None:
        raise _no_name("OCI platform", platform, "Linux, macOS or Windows")
    return f"{system}/{arch}"


_NIX_SYSTEMS: Mapping[type[OperatingSystem], str] = MappingProxyType(
    {Linux: "linux", MacOs: "darwin", Windows: "windows"}
)


def nix_system(platform: Platform) -> str:
    """Return the Nix system, e.g. ``aarch64-linux``; Nix says the C library elsewhere.

    Raises:
        InputError: Nix has no system string for that platform.

    >>> nix_system(Platform(os=MacOs(major=11, minor=0), arch=Arch.AARCH64))
    'aarch64-darwin'
    """
    system = _NIX_SYSTEMS.get(type(platform.os))
    if system is None:
        raise _no_name("Nix system", platform, "Linux, macOS or Windows")
    return f"{ARCH_NAMES[platform.arch].nix}-{system}"


_BAZEL_SYSTEMS: Mapping[type[OperatingSystem], str] = MappingProxyType(
    {
        Linux: "linux",
        MacOs: "macos",
        Windows: "windows",
        Ios: "ios",
        Android: "android",
        Emscripten: "emscripten",
    }
)


def bazel_constraints(platform: Platform) -> tuple[str, str]:
    """Return the labels of the ``@platforms`` constraint values: operating system, then CPU.

    >>> bazel_constraints(Platform(os=Windows(), arch=Arch.X86_64))
    ('@platforms//os:windows', '@platforms//cpu:x86_64')
    """
    return (
        f"@platforms//os:{_BAZEL_SYSTEMS[type(platform.os)]}",
        f"@platforms//cpu:{ARCH_NAMES[platform.arch].bazel}",
    )


def sysconfig_platform(platform: Platform) -> str:
    """Return what `sysconfig.get_platform` returns on the target.

    Raises:
        InputError: the Emscripten version of an unknown PyEmscripten year.

    >>> sysconfig_platform(Platform(os=MacOs(major=11, minor=0), arch=Arch.AARCH64))
    'macosx-11.0-arm64'
    """
    names = ARCH_NAMES[platform.arch]
    match platform.os:
        case Linux():
            return f"linux-{platform.arch.value}"
        case MacOs(major=major, minor=minor):
            return f"macosx-{major}.{minor}-{names.apple}"
        case Windows():
            return str(names.windows).replace("_", "-")
        case Ios(major=major, minor=minor, sdk=sdk):
            return f"ios-{major}.{minor}-{names.apple}-{sdk}"
        case Android(api_level=api_level):
            return f"android-{api_level}-{names.android}"
        case Emscripten(year=year, patch=patch):
            version = emscripten_version(year, patch)
            if version is None:
                raise _no_name("sysconfig platform", platform, "a PyEmscripten version known to crosswheel")
            return f"emscripten-{version}-wasm32"


def _libc_word(libc: Glibc | Musl) -> str:
    return "gnu" if isinstance(libc, Glibc) else "musl"


def _no_name(world: str, platform: Platform, known: str) -> InputError:
    return InputError(f"give the {world} of", platform.id, why="it has none", fix=f"use {known}")
