"""The forms a platform's name can take: the one table of spellings.

Names are folded first (lower case; ``-``, ``/``, ``.``, ``:`` and spaces become ``_``), so that a wheel tag and
its sysconfig twin, or an OCI platform and a folder named after it, are one form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from crosswheel.values.errors import InputError
from crosswheel.values.platforms import (
    GLIBC_FLOORS,
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
from crosswheel.values.python_abi import PythonAbi

from .architectures import ARCH_ALIASES, ARCH_NAMES
from .pyemscripten import PYEMSCRIPTEN_VERSIONS, pyemscripten_for
from .tags import LEGACY_MANYLINUX

__all__ = [
    "FORMS",
    "PYTHON_PART",
    "REFUSALS",
    "RULES",
    "Form",
    "Meaning",
    "Refusal",
    "fold",
    "platforms_on",
    "refusal_of",
]

#: A leading ABI tag, as in a canonical id.
PYTHON_PART = re.compile(r"(cp\d{2,3}t?d?)-")

#: The rules that fill what a name leaves open, one sentence each; documented in docs/reference/targets.md.
RULES = {
    "glibc": "a Linux name without a C library means glibc 2.28, or the architecture's oldest if that is newer",
    "glibc version": "a name with glibc but without its version means glibc 2.28, or the architecture's oldest if that is newer",
    "musl version": "a name with musl but without its version means musl 1.2",
    "macos": "a macOS name without a deployment target means macOS 11.0",
    "ios": "an iOS name without a deployment target means iOS 13.0",
    "ios sdk": "an iOS name without an SDK means the device, and without a deployment target iOS 13.0",
    "android": "an Android name without an API level means level 24",
    "emscripten": "an Emscripten name without a platform version means the one made for the target's Python, else the newest known",
    "legacy arm": "linux/arm without a variant means v7, and a Linux name without a C library glibc 2.28",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """A platform, and the rule that filled what its name left open."""

    platform: Platform
    rule: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """One form of names.

    Attributes:
        world: who writes names so.
        example: one such name, as its world writes it.
        pattern: regular expression of the folded name; compiled only when a name is looked at.
        meaning: what a match means, given the target's Python.
    """

    world: str
    example: str
    pattern: str
    meaning: Callable[[re.Match[str], PythonAbi], Meaning]

    def match(self, folded: str) -> re.Match[str] | None:
        """Return how the folded name has this form, ``None`` if it has not."""
        return re.fullmatch(self.pattern, folded)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A name that is well known but is no target, why, and what to write."""

    pattern: str
    why: str
    fix: str


def fold(text: str) -> str:
    """Return `text` in the form the patterns match.

    >>> fold("linux/arm/v7")
    'linux_arm_v7'
    """
    return re.sub(r"[-/.:\s]+", "_", text.lower())


def _alternatives(names: list[str]) -> str:
    # Longest first, for an alternation takes the first that fits.
    return "|".join(sorted(map(re.escape, names), key=lambda name: (-len(name), name)))


_ARCH = f"(?P<arch>{_alternatives(list(ARCH_ALIASES))})"
_VERSION = r"(?:_?(?P<major>\d{1,2})_(?P<minor>\d{1,2}))"


def _arch(match: re.Match[str]) -> Arch:
    return ARCH_ALIASES[match["arch"]]


def _numbers(match: re.Match[str]) -> tuple[int, int] | None:
    groups = match.groupdict()
    return None if groups.get("major") is None else (int(groups["major"]), int(groups.get("minor") or 0))


def _glibc(arch: Arch, version: tuple[int, int] | None, rule: str) -> Meaning:
    major, minor = version or (2, max(28, GLIBC_FLOORS.get(arch, 0)))
    platform = Platform(os=Linux(libc=Glibc(major=major, minor=minor)), arch=arch)
    return Meaning(platform=platform, rule=None if version else RULES[rule])


def _musl(arch: Arch, version: tuple[int, int] | None) -> Meaning:
    major, minor = version or (1, 2)
    platform = Platform(os=Linux(libc=Musl(major=major, minor=minor)), arch=arch)
    return Meaning(platform=platform, rule=None if version else RULES["musl version"])


def _linux(match: re.Match[str], _: PythonAbi) -> Meaning:
    arch, kind, version = _arch(match), match["libc"], _numbers(match)
    if kind == "musl":
        return _musl(arch, version)
    rule = "glibc version" if kind else "legacy arm" if match["arch"] == "arm" else "glibc"
    return _glibc(arch, version, rule)


def _manylinux(match: re.Match[str], _: PythonAbi) -> Meaning:
    return _glibc(_arch(match), _numbers(match), "glibc version")


def _legacy_manylinux(match: re.Match[str], _: PythonAbi) -> Meaning:
    minors = {name: minor for minor, name in LEGACY_MANYLINUX.items()}
    return _glibc(_arch(match), (2, minors[match["legacy"]]), "glibc version")


def _musllinux(match: re.Match[str], _: PythonAbi) -> Meaning:
    return _musl(_arch(match), _numbers(match))


def _macos(match: re.Match[str], _: PythonAbi) -> Meaning:
    return _macos_at(_numbers(match), _arch(match))


def _darwin(match: re.Match[str], _: PythonAbi) -> Meaning:
    version = _numbers(match)
    return _macos_at(None if version is None else _macos_of_darwin(version[0]), _arch(match))


def _macos_at(version: tuple[int, int] | None, arch: Arch) -> Meaning:
    major, minor = version or (11, 0)
    platform = Platform(os=MacOs(major=major, minor=minor), arch=arch)
    return Meaning(platform=platform, rule=None if version else RULES["macos"])


def _macos_of_darwin(darwin: int) -> tuple[int, int]:
    """Return the macOS of a Darwin release: GNU triples carry the kernel's number (``darwin20`` is macOS 11)."""
    if darwin < 20:
        return 10, darwin - 4
    return (darwin - 9, 0) if darwin <= 24 else (darwin + 1, 0)


def _windows(match: re.Match[str], _: PythonAbi) -> Meaning:
    return Meaning(platform=Platform(os=Windows(), arch=_arch(match)))


def _win32(_match: re.Match[str], _: PythonAbi) -> Meaning:
    return Meaning(platform=Platform(os=Windows(), arch=Arch.I686))


def _ios(match: re.Match[str], _: PythonAbi) -> Meaning:
    arch, version, sdk = _arch(match), _numbers(match), match["sdk"]
    if sdk in {"simulator", "sim"}:
        sdk = "iphonesimulator"
    elif sdk is None and match["arch"] == "x86_64":
        sdk = "iphonesimulator"  # no iPhone has that CPU; Rust's x86_64-apple-ios means it too
    major, minor = version or (13, 0)
    platform = Platform(os=Ios(major=major, minor=minor, sdk=sdk or "iphoneos"), arch=arch)
    return Meaning(platform=platform, rule=None if version else RULES["ios" if sdk else "ios sdk"])


def _android(match: re.Match[str], _: PythonAbi) -> Meaning:
    level = match["level"]
    platform = Platform(os=Android(api_level=int(level or 24)), arch=_arch(match))
    return Meaning(platform=platform, rule=None if level else RULES["android"])


def _pyemscripten(match: re.Match[str], python: PythonAbi) -> Meaning:
    if not match["year"]:
        year, patch = pyemscripten_for(python)
    else:
        year, patch = int(match["year"]), int(match["patch"] or 0)
    platform = Platform(os=Emscripten(year=year, patch=patch), arch=Arch.WASM32)
    return Meaning(platform=platform, rule=None if match["year"] else RULES["emscripten"])


def _emscripten_version(match: re.Match[str], _: PythonAbi) -> Meaning:
    wanted = match["version"].replace("_", ".")
    for (year, patch), facts in PYEMSCRIPTEN_VERSIONS.items():
        if facts[0] == wanted:
            return Meaning(platform=Platform(os=Emscripten(year=year, patch=patch), arch=Arch.WASM32))
    raise InputError(
        "parse target",
        f"emscripten {wanted}",
        why="no PyEmscripten platform is made with it",
        fix=f"use one of {', '.join(facts[0] for facts in PYEMSCRIPTEN_VERSIONS.values())}",
    )


_HARD_FLOAT = {name for name, arch in ARCH_ALIASES.items() if ARCH_NAMES[arch].eabi}


def _triple_arch(*, hard_float: bool) -> str:
    names = [name for name in ARCH_ALIASES if (name in _HARD_FLOAT) is hard_float]
    return f"(?P<arch>{_alternatives(names)})"


#: GNU's vendor is free text; ``linux`` cannot be one, nor what makes another architecture of the word before it: a byte
#: order, a width, a level.
_VENDOR = r"(?:_(?!(?:linux|be|eb|le|el|32|64|ilp32|v\d)_)[a-z0-9]+)?"
_IOS_SDK = r"(?P<sdk>iphoneos|iphonesimulator)"
_YEAR = r"(?P<year>20\d\d)_(?P<patch>\d{1,2})"


def _form(
    world: str, example: str, pattern: str, meaning: Callable[[re.Match[str], PythonAbi], Meaning]
) -> Form:
    return Form(world=world, example=example, pattern=pattern, meaning=meaning)


#: Every form, tried in this order.
FORMS: tuple[Form, ...] = (
    _form(
        "crosswheel, OCI, wheels",
        "linux_aarch64_glibc_2_28",
        rf"linux_{_ARCH}(?:_(?P<libc>glibc|gnu|musl){_VERSION}?)?",
        _linux,
    ),
    _form("wheels (PEP 600)", "manylinux_2_28_aarch64", rf"manylinux{_VERSION}_{_ARCH}", _manylinux),
    _form(
        "wheels (PEP 513, 571, 599)",
        "manylinux2014_aarch64",
        rf"(?P<legacy>manylinux(?:1|2010|2014))_{_ARCH}",
        _legacy_manylinux,
    ),
    _form("wheels (PEP 656)", "musllinux_1_2_x86_64", rf"musllinux{_VERSION}_{_ARCH}", _musllinux),
    _form("uv", "aarch64-manylinux_2_28", rf"{_ARCH}_manylinux{_VERSION}", _manylinux),
    _form("uv", "aarch64-manylinux2014", rf"{_ARCH}_(?P<legacy>manylinux(?:1|2010|2014))", _legacy_manylinux),
    _form("uv, for musl", "aarch64-musllinux_1_2", rf"{_ARCH}_musllinux{_VERSION}", _musllinux),
    _form(
        "GNU, Debian, Rust, zig",
        "aarch64-linux-gnu.2.28",
        rf"{_triple_arch(hard_float=False)}{_VENDOR}_linux_(?P<libc>gnu|musl){_VERSION}?",
        _linux,
    ),
    _form(
        "GNU, Debian, Rust, zig",
        "armv7-unknown-linux-gnueabihf",
        rf"{_triple_arch(hard_float=True)}{_VENDOR}_linux_(?P<libc>gnu|musl)eabihf{_VERSION}?",
        _linux,
    ),
    _form("Nix", "aarch64-linux", rf"{_ARCH}{_VENDOR}_linux(?P<libc>)", _linux),
    _form("wheels, sysconfig", "macosx_11_0_arm64", rf"(?:macosx|macos|osx){_VERSION}_{_ARCH}", _macos),
    _form(
        "crosswheel, OCI",
        "macos_aarch64_11_0",
        rf"(?:macosx|macos|osx|darwin)_{_ARCH}(?:_(?P<major>\d{{1,2}})_(?P<minor>\d{{1,2}}))?",
        _macos,
    ),
    _form(
        "zig, LLVM, Nix",
        "aarch64-macos.11.0",
        rf"{_ARCH}(?:_apple)?_(?:macosx|macos)(?:_?(?P<major>\d{{1,2}})(?:_(?P<minor>\d{{1,2}}))?(?:_\d+)?)?",
        _macos,
    ),
    _form(
        "GNU, Rust, Nix",
        "arm64-apple-darwin",
        rf"{_ARCH}(?:_apple)?_darwin(?:(?P<major>\d{{1,2}})(?:_\d+)*)?",
        _darwin,
    ),
    _form("wheels, OCI, crosswheel", "win_amd64", rf"(?:windows|win)_{_ARCH}", _windows),
    _form("wheels", "win32", r"win32", _win32),
    _form(
        "Rust, GNU, zig",
        "x86_64-pc-windows-msvc",
        rf"{_ARCH}{_VENDOR}_(?:windows|mingw32)(?:_(?:msvc|gnu|gnullvm))?",
        _windows,
    ),
    _form(
        "wheels (PEP 730), sysconfig", "ios_13_0_arm64_iphoneos", rf"ios{_VERSION}_{_ARCH}_{_IOS_SDK}", _ios
    ),
    _form("crosswheel", "ios_aarch64_iphoneos_13_0", rf"ios_{_ARCH}(?:_{_IOS_SDK}{_VERSION}?)?", _ios),
    _form(
        "LLVM, Rust, zig",
        "arm64-apple-ios13.0-simulator",
        rf"{_ARCH}(?:_apple)?_ios{_VERSION}?(?:_(?P<sdk>simulator|sim))?",
        _ios,
    ),
    _form(
        "wheels (PEP 738), sysconfig",
        "android_24_arm64_v8a",
        rf"android_(?P<level>\d{{1,2}})_{_ARCH}",
        _android,
    ),
    _form("crosswheel", "android_aarch64_24", rf"android_{_ARCH}(?:_(?P<level>\d{{1,2}}))?", _android),
    _form(
        "GNU, Rust, NDK, zig",
        "aarch64-linux-android24",
        rf"{_ARCH}{_VENDOR}_linux_android(?:eabi)?_?(?P<level>\d{{1,2}})?",
        _android,
    ),
    _form(
        "wheels (PEP 783)",
        "pyemscripten_2025_0_wasm32",
        rf"(?:pyemscripten|pyodide)_{_YEAR}_wasm32",
        _pyemscripten,
    ),
    _form("crosswheel", "emscripten_wasm32_2025_0", rf"emscripten(?:_wasm32(?:_{_YEAR})?)?", _pyemscripten),
    _form(
        "Rust, GNU",
        "wasm32-unknown-emscripten",
        r"wasm32(?:_unknown)?_emscripten(?P<year>)(?P<patch>)",
        _pyemscripten,
    ),
    _form("uv", "wasm32-pyodide2025", r"wasm32_pyodide(?P<year>20\d\d)(?P<patch>)", _pyemscripten),
    _form(
        "sysconfig",
        "emscripten-4.0.9-wasm32",
        r"emscripten_(?P<version>\d+_\d+_\d+)_wasm32",
        _emscripten_version,
    ),
)

_REFUSED: tuple[tuple[str, str, str], ...] = (
    (
        rf"{_ARCH}",
        "an architecture alone leaves the operating system open, and that is never guessed",
        "put the operating system before it, for example {names}",
    ),
    (
        r".*_(?:universal2?|intel|fat\w*)",
        "that is a wheel's format for several architectures, not a target",
        "name the architecture, for example macosx_11_0_arm64",
    ),
    (
        r".*(?:armel|armv[4-6]\w*|arm_?v?[4-6]|gnueabi|musleabi)(?:_.*)?",
        "of 32-bit ARM only ARMv7 with hard float is a target, for no wheel tag says anything else",
        (
            "use linux_armv7l, or arm-linux-gnueabihf, for machines with ARMv7 and newer alone: older ones, such as a Raspberry Pi 1 or "
            "Zero, stop at what is compiled for it"
        ),
    ),
    (
        r"(?:.*_)?(?:ppc64|powerpc64|powerpc|mips\w*|sparc\w*|loong\w*|armv8l)(?:_.*)?",
        "that architecture is not among the targets",
        "see `crosswheel target list`",
    ),
    (
        r"(?:.*_)?(?:free|open|net|dragonfly)bsd\w*(?:_.*)?|(?:.*_)?(?:solaris|illumos|aix|cygwin|haiku|wasi\w*)(?:_.*)?",
        "that operating system is not among the targets",
        "see `crosswheel target list`",
    ),
    (
        r"os_?x|mac",
        "Apple's desktop system is called macos here",
        "use macos_arm64, or macos_amd64",
    ),
    (
        r"(?:apple_)?(?:m[1-9]|silicon)(?:_.*)?",
        "that is a processor's name, the operating system is left open",
        "use macos_arm64",
    ),
    (
        r"(?:linux_)?(?:amd64|x86_64|arm64|aarch64|ppc64le|s390x|riscv64)_?v?\d(?:_\d+)?",
        "no wheel tag tells levels of a processor's instructions, so no target does",
        "leave the level out, as in linux_amd64 or linux_arm64",
    ),
    (
        r"alpine(?:_.*)?",
        "a target is named by its C library, not by a distribution; Alpine's is musl",
        "use linux_amd64_musl, or linux_arm64_musl",
    ),
    (
        r"(?:debian|ubuntu|fedora|rhel|centos|almalinux|rocky|amazon|amzn|al|suse|opensuse|arch)(?:linux)?\d*(?:_.*)?",
        "a target is named by its C library, not by a distribution",
        "use linux_amd64, or linux_arm64, with the distribution's glibc after it, as in linux_arm64_glibc_2_36",
    ),
    (
        r"(?:raspberry\w*|rpi\w*)(?:_.*)?",
        "that is a computer's name, and such computers run in 64 and in 32 bits",
        "use linux_arm64, or linux_arm_v7",
    ),
    (
        r"(?:aws_)?(?:lambda|graviton\w*)(?:_.*)?",
        "that is a service's name, not a platform's",
        "use linux_arm64, or linux_amd64",
    ),
    (r"any", "that is every platform, not a target", "name the platform it will run on"),
)

#: Names that get an answer of their own.
REFUSALS: tuple[Refusal, ...] = tuple(
    Refusal(pattern=pattern, why=why, fix=fix) for pattern, why, fix in _REFUSED
)


def refusal_of(folded: str) -> Refusal | None:
    """Return why the folded name, which has none of `FORMS`, is no target; ``None`` when it is just unknown."""
    for refusal in REFUSALS:
        if re.fullmatch(refusal.pattern, folded):
            names = " or ".join(platforms_on(folded))
            return Refusal(pattern=refusal.pattern, why=refusal.why, fix=refusal.fix.format(names=names))
    return None


def platforms_on(arch: str) -> list[str]:
    """Return an operating system's name before `arch` for each that runs on it; at most two."""
    names = []
    for system in ("linux", "macos", "windows", "emscripten"):
        name = f"{system}_{arch}"
        for form in FORMS:
            if match := form.match(name):
                with suppress(InputError):  # that system does not run on it
                    form.meaning(match, PythonAbi(major=3, minor=13))
                    names.append(name)
                break
    return names[:2]
