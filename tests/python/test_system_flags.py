"""What a compiler call becomes for macOS and Windows: every rule has a row that fails without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from crosswheel.render.compiler_arguments import Refusal, Run, rewrite
from toolchain_values import TOOLCHAIN, zig

_MACOS = {**TOOLCHAIN["target"], "system": "macos", **zig("aarch64-macos.11.0"), "multiarch": ""}
_WINDOWS = {
    **TOOLCHAIN["target"],
    "system": "windows",
    "arch": "x86_64",
    **zig("x86_64-windows-gnu"),
    "multiarch": "",
    "import_libraries": "/crosswheel/target/libs",
    "python": "311",
}
MACOS: Mapping[str, Any] = {**TOOLCHAIN, "target": _MACOS}
WINDOWS: Mapping[str, Any] = {**TOOLCHAIN, "target": _WINDOWS}
_ZIG_LIBRARIES = "/crosswheel/zig/lib/libc/mingw/lib-common/"


def outcome(toolchain: Mapping[str, Any], arguments: Sequence[str]) -> object:
    found = rewrite("cc", arguments, toolchain, lambda path: path == f"{_ZIG_LIBRARIES}ws2_32.def")
    return found.argv[6:] if isinstance(found, Run) else found


LINK = ["-O2", "-s"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        # zig crashes on -bundle; the install name must not be the path of the build
        (
            ["-bundle", "-undefined", "dynamic_lookup", "x.o", "-o", "build/lib/x.so"],
            ["-install_name", "@rpath/x.so", "-shared", "-undefined", "dynamic_lookup", "x.o", "-o", "build/lib/x.so"],
        ),
        (["-dynamiclib", "x.o", "-o", "x.dylib"], ["-install_name", "@rpath/x.dylib", "-shared", "x.o", "-o", "x.dylib"]),
        (
            ["-shared", "-install_name", "@rpath/own", "x.o", "-o", "x.so"],
            ["-shared", "-install_name", "@rpath/own", "x.o", "-o", "x.so"],
        ),
        (
            ["-shared", "-Wl,-install_name,@rpath/own", "x.o", "-o", "x.so"],
            ["-shared", "-Wl,-install_name,@rpath/own", "x.o", "-o", "x.so"],
        ),
        # what the target says already, or only Apple's linker knows
        (["-arch", "arm64", "-mmacosx-version-min=10.9", "-isysroot", "/sdk", "x.o"], ["x.o"]),
        (["-Wl,-headerpad_max_install_names", "-headerpad_max_install_names", "x.o"], ["x.o"]),
        (["-bundle_loader", "/usr/bin/python", "x.o"], ["x.o"]),
        # words about ELF files
        (["-Wl,--as-needed", "-Wl,-z,relro", "-Wl,-soname,x", "-Wl,--gc-sections", "x.o"], ["x.o"]),
        (["-Wl,-rpath,@loader_path/.dylibs", "x.o"], ["-Wl,-rpath,@loader_path/.dylibs", "x.o"]),
        (["-compatibility_version", "1.0", "x.o"], ["-compatibility_version", "1.0", "x.o"]),
        # of Rust's crate libc, which names it whoever calls it; C that wants it fails where there is no SDK
        (["x.rlib", "-liconv", "-lSystem"], ["x.rlib", "-lSystem"]),
        (["x.o", "-liconv"], ["x.o", "-liconv"]),
    ],
)  # fmt: skip
def test_a_link_for_macos(given: list[str], wanted: list[str]) -> None:
    assert outcome(MACOS, given) == [*LINK, *wanted]


def test_a_framework_needs_an_sdk() -> None:
    found = outcome(MACOS, ["-shared", "x.o", "-framework", "CoreFoundation"])
    assert isinstance(found, Refusal)
    assert found.why.startswith("'-framework CoreFoundation' needs Apple's SDK, and the plan has none;")


PYTHON = "/crosswheel/target/libs/python311.lib"
NO_IMPLIB = "-Wl,--out-implib,/dev/null"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (
            ["-shared", "x.o", "-lpython311", "-o", "p/x.cp311-win_amd64.pyd"],
            [NO_IMPLIB, "-shared", "x.o", "-o", "p/x.cp311-win_amd64.pyd", PYTHON],
        ),
        # a bare suffix is the stable ABI's
        (
            ["-shared", "x.o", "-lpython3", "-o", "p/x.pyd"],
            [NO_IMPLIB, "-shared", "x.o", "-o", "p/x.pyd", "/crosswheel/target/libs/python3.lib", PYTHON],
        ),
        (["-shared", "-Wl,--out-implib,x.lib", "x.o", "-o", "x.dll"], ["-shared", "-Wl,--out-implib", "-Wl,x.lib", "x.o", "-o", "x.dll", PYTHON]),
        (["x.o", "-o", "x.exe"], ["x.o", "-o", "x.exe"]),
        (["-fPIC", "-lmsvcrt", "-lm", "-lpthread", "x.o"], ["x.o"]),
        (["-lWs2_32", "-lOwn", "x.o"], ["-lws2_32", "-lOwn", "x.o"]),
        # what a library exports, as rustc tells it and as Microsoft's linker is told
        (["-Wl,/build/list.def", "-shared", "x.o"], [NO_IMPLIB, "/build/list.def", "-shared", "x.o", PYTHON]),
        (["-Wl,/DEF:x.def", "/DEF:src/y.def", "z.def", "x.o"], ["x.def", "src/y.def", "z.def", "x.o"]),
        (["/LTCG", "/LIBPATH:libs", "/OPT:REF", "x.o"], ["-Llibs", "x.o"]),
    ],
)  # fmt: skip
def test_a_link_for_windows(given: list[str], wanted: list[str]) -> None:
    assert outcome(WINDOWS, given) == [*LINK, *wanted]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["/O2", "/W4", "/EHsc", "/wd4244", "/bigobj"], ["-O2"]),
        (["/std:c++17", "/DNDEBUG=1", "/GR-"], ["-std=c++17", "-DNDEBUG=1", "-fno-rtti"]),
        (["/Zc:__cplusplus", "/utf-8", "/MP"], []),
        (["/build/source/x.h"], ["/build/source/x.h"]),
    ],
)
def test_options_of_microsofts_compiler_are_translated(given: list[str], wanted: list[str]) -> None:
    found = outcome(WINDOWS, [*given, "-c", "x.cpp"])
    assert isinstance(found, list)
    own = [word for word in found if not word.startswith("-W") and word != "-UNDEBUG"]
    assert sorted(own) == sorted([*wanted, "-c", "x.cpp"])
    assert "/O2" in str(rewrite("cc", ["/O2", "-c", "x.c"], TOOLCHAIN, lambda _: False).argv)  # type: ignore[union-attr]


def test_with_an_sdk_frameworks_and_its_libraries_are_found() -> None:
    root = "/crosswheel/sysroot"
    sysroot = {
        "root": root,
        "headers": [f"{root}/usr/include"],
        "libraries": [f"{root}/usr/lib"],
        "package_configs": [],
        "sources": [],
        "table": {},
        "frameworks": f"{root}/System/Library/Frameworks",
    }
    toolchain = {**MACOS, "sysroot": sysroot, "own_folders": [*MACOS["own_folders"], root]}
    link = outcome(toolchain, ["-shared", "x.o", "-framework", "Foo", "-o", "x.so"])
    assert isinstance(link, list)
    assert link[link.index("-framework") + 1] == "Foo"
    assert link[-2:] == [f"-F{root}/System/Library/Frameworks", f"-L{root}/usr/lib"]
    compiled = outcome(toolchain, ["-c", "x.c"])
    assert isinstance(compiled, list)
    assert compiled[-4:] == [
        "-isystem",
        f"{root}/usr/include",
        "-iframework",
        f"{root}/System/Library/Frameworks",
    ]
