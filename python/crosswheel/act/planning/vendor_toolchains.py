"""Toolchains of vendors, in the folders they come in: Android's NDK and Emscripten's SDK.

https://developer.android.com/ndk/guides/other_build_systems, https://emscripten.org/docs/tools_reference/emsdk.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.planning.located_toolchain import LocatedToolchain, programs_beside
from crosswheel.target.pyemscripten import emscripten_version
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Android, Arch, Emscripten

__all__ = ["android_ndk", "emscripten_sdk", "is_android_ndk", "is_emscripten_sdk"]

#: The NDK's triples, which the API level follows.
_ANDROID_TRIPLES: Mapping[Arch, str] = MappingProxyType(
    {
        Arch.AARCH64: "aarch64-linux-android",
        Arch.ARMV7L: "armv7a-linux-androideabi",
        Arch.X86_64: "x86_64-linux-android",
        Arch.I686: "i686-linux-android",
    }
)
_REVISION = re.compile(r"^Pkg\.Revision\s*=\s*(\S+)", re.MULTILINE)


def is_android_ndk(folder: Path) -> bool:
    """Tell whether a folder is an Android NDK."""
    return (folder / "toolchains" / "llvm" / "prebuilt").is_dir()


def android_ndk(folder: Path, target: Target) -> LocatedToolchain:
    """Return the compiler of an NDK, told the target's API level.

    Raises:
        InputError: the target is not Android, or the NDK is for other machines or other API levels.
    """
    system = target.platform.os
    if not isinstance(system, Android):
        raise _unfit(
            folder, "it is an Android NDK, and compiles for Android only", "name an Android target", target
        )
    prebuilt = folder / "toolchains" / "llvm" / "prebuilt" / f"linux-{build_machine_platform().arch.value}"
    if not prebuilt.is_dir():
        machines = ", ".join(sorted(path.name for path in prebuilt.parent.iterdir()))
        raise _unfit(
            folder, f"its programs are for {machines}, not for this machine", "give the NDK for Linux", target
        )
    triple = _ANDROID_TRIPLES[target.platform.arch]
    if not (prebuilt / "bin" / f"{triple}{system.api_level}-clang").is_file():
        levels = sorted(
            int(path.name.removeprefix(triple).removesuffix("-clang"))
            for path in (prebuilt / "bin").glob(f"{triple}[0-9]*-clang")
        )
        known = f"{levels[0]} to {levels[-1]}" if levels else "none"
        why = f"its API levels for {triple} are {known}, and the target has {system.api_level}"
        raise _unfit(folder, why, "choose another API level, or another NDK", target)
    revision = _REVISION.search(_text_of(folder / "source.properties"))
    return LocatedToolchain(
        family="clang",
        version=f"Android NDK {revision[1] if revision else 'of unknown revision'}",
        folder=prebuilt,
        programs=programs_beside(prebuilt, prebuilt / "bin" / "clang", "clang"),
        options=(f"--target={triple}{system.api_level}",),
        # https://developer.android.com/guide/practices/page-sizes
        link_options=("-Wl,-z,max-page-size=16384",),
    )


def is_emscripten_sdk(folder: Path) -> bool:
    """Tell whether a folder is an emsdk in which a release is installed."""
    return (folder / "upstream" / "emscripten" / "emcc.py").is_file()


def emscripten_sdk(folder: Path, target: Target) -> LocatedToolchain:
    """Return the compiler of an emsdk.

    Raises:
        InputError: the target is not Emscripten, or its ABI is another release's (PEP 783).
    """
    system = target.platform.os
    if not isinstance(system, Emscripten):
        raise _unfit(folder, "it is an emsdk, and compiles for Emscripten only", "name such a target", target)
    own = folder / "upstream" / "emscripten"
    version = _text_of(own / "emscripten-version.txt").strip().strip('"')
    wanted = emscripten_version(system.year, system.patch)
    if wanted is not None and version != wanted:
        why = f"it is Emscripten {version or 'of unknown version'}, and the target's ABI is that of {wanted}"
        raise _unfit(folder, why, f"install that one (emsdk install {wanted})", target)
    programs = {"cc": "emcc.py", "c++": "em++.py", "ar": "emar.py", "ranlib": "emranlib.py"}
    return LocatedToolchain(
        family="clang",
        version=f"Emscripten {version}",
        folder=folder,
        inputs=(".emscripten", "node", "upstream"),
        programs={
            **{tool: f"upstream/emscripten/{name}" for tool, name in programs.items()},
            "nm": "upstream/bin/llvm-nm",
        },
        environment={
            "EM_CONFIG": "{folder}/.emscripten",
            "EM_FROZEN_CACHE": "1",
            "EMSDK_PYTHON": "{python}",
        },
    )


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def _unfit(folder: Path, why: str, fix: str, target: Target) -> InputError:
    return InputError("use toolchain", str(folder), why=why, fix=fix, context=(target.id,))
