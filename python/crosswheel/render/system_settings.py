"""What ``toolchain.json`` says of the build machine, and of a target other than Linux, read by `crosswheel.render.system_flags` in the launchers."""

from __future__ import annotations

from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.cpu_flags import own_cpu
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.platforms import MacOs, Platform, Windows

__all__ = ["build_platform_settings", "sdk_settings", "system_settings", "zig_programs"]


def system_settings(target: Target, paths: BuildPaths) -> dict[str, JsonValue]:
    """Return what only targets other than Linux have in their settings; nothing for Linux."""
    match target.platform.os:
        case MacOs():
            return {"system": "macos"}
        case Windows():
            python = target.python
            return {
                "system": "windows",
                "import_libraries": f"{paths.target}/libs",
                "python": f"{python.major}{python.minor}{python.flags}",
            }
        case _:
            return {}


def sdk_settings(platform: Platform, paths: BuildPaths) -> dict[str, JsonValue]:
    """Return where the frameworks of a sysroot are, if it is Apple's SDK."""
    if not isinstance(platform.os, MacOs):
        return {}
    return {"frameworks": f"{paths.sysroot}/System/Library/Frameworks"}


def zig_programs(paths: BuildPaths, triple: str) -> dict[str, JsonValue]:
    """Return the command of each tool that zig has, compilers told the zig target `triple`."""
    zig = f"{paths.zig}/zig"
    cpu = own_cpu(triple.partition("-")[0])
    compilers: dict[str, JsonValue] = {name: [zig, name, "-target", triple, *cpu] for name in ("cc", "c++")}
    return {**compilers, **{name: [zig, name] for name in ("ar", "objcopy", "ranlib")}}


def build_platform_settings(
    paths: BuildPaths, build_machine: str, libc: str, version: str = ""
) -> dict[str, JsonValue]:
    """Return what the launchers know of the build machine, for programs with that C library."""
    triple = f"{build_machine}-linux-{libc}"
    return {
        "family": "zig",
        "programs": zig_programs(paths, f"{triple}{version}"),
        "arch": build_machine,
        "pointer_width": 64,
        "gnu_triple": triple,
        "multiarch": triple,
        "compile_options": [],
        "link_sources": [],
        "cxx_sources": [],
        "libc": "",
    }
