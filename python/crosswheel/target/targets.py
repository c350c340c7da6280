"""A target: a platform and a Python ABI, and its canonical id."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
    Platform,
    Windows,
)
from crosswheel.values.python_abi import PythonAbi, parse_python_abi

__all__ = ["Target", "format_platform", "parse_target_id"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a wheel will run.

    Attributes:
        python: the target Python's ABI.
        platform: the target platform.
    """

    python: PythonAbi
    platform: Platform

    @property
    def id(self) -> str:
        """Canonical id, e.g. ``cp312-linux_aarch64_glibc_2_28``; `parse_target_id` reads it back."""
        return f"{self.python}-{format_platform(self.platform)}"

    def __str__(self) -> str:
        return self.id


def format_platform(platform: Platform) -> str:
    """Return the canonical platform id, e.g. ``linux_aarch64_glibc_2_28``."""
    return platform.id


_PLATFORM_ID = re.compile(
    r"(?P<os>linux|macos|windows|ios|android|emscripten)_(?P<arch>x86_64|aarch64|armv7l|i686|ppc64le|s390x|riscv64|wasm32)"
    r"(?:_(?P<kind>glibc|musl|iphoneos|iphonesimulator))?(?:_(?P<first>\d{1,9}))?(?:_(?P<second>\d{1,9}))?"
)


def parse_target_id(text: str) -> Target:
    """Parse a canonical target id, the form that plans and manifests hold.

    Raises:
        InputError: `text` is not an id that `Target.id` would print.

    >>> parse_target_id("cp312-linux_aarch64_glibc_2_28").id
    'cp312-linux_aarch64_glibc_2_28'
    """
    abi, _, rest = text.partition("-")
    match = _PLATFORM_ID.fullmatch(rest)
    platform = _platform_of(match) if match else None
    if platform is None:
        raise InputError(
            "parse target id",
            text,
            why="it is not a canonical id",
            fix="write for example cp312-linux_aarch64_glibc_2_28, or see `crosswheel target list`",
        )
    target = Target(python=parse_python_abi(abi), platform=platform)
    if target.id != text:
        raise InputError(
            "parse target id", text, why=f"its canonical form is {target.id}", fix="use that form"
        )
    return target


def _platform_of(match: re.Match[str]) -> Platform | None:
    arch = Arch(match["arch"])
    first = None if match["first"] is None else int(match["first"])
    second = None if match["second"] is None else int(match["second"])
    match match["os"], match["kind"], first, second:
        case "linux", "glibc", int(major), int(minor):
            return Platform(os=Linux(libc=Glibc(major=major, minor=minor)), arch=arch)
        case "linux", "musl", int(major), int(minor):
            return Platform(os=Linux(libc=Musl(major=major, minor=minor)), arch=arch)
        case "macos", None, int(major), int(minor):
            return Platform(os=MacOs(major=major, minor=minor), arch=arch)
        case "windows", None, None, None:
            return Platform(os=Windows(), arch=arch)
        case "ios", ("iphoneos" | "iphonesimulator") as sdk, int(major), int(minor):
            return Platform(os=Ios(major=major, minor=minor, sdk=sdk), arch=arch)
        case "android", None, int(level), None:
            return Platform(os=Android(api_level=level), arch=arch)
        case "emscripten", None, int(year), int(patch):
            return Platform(os=Emscripten(year=year, patch=patch), arch=arch)
        case _:
            return None
