"""Settings of the compiler launchers for the tests of what they do to a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["CLANG", "GCC", "TOOLCHAIN", "zig"]


def zig(triple: str) -> dict[str, Any]:
    """Return what the settings say of zig, compiling for a zig target."""
    program = "/crosswheel/zig/zig"
    compilers = {name: [program, name, "-target", triple] for name in ("cc", "c++")}
    return {
        "family": "zig",
        "programs": {**compilers, **{name: [program, name] for name in ("ar", "objcopy", "ranlib")}},
    }


TOOLCHAIN: Mapping[str, Any] = {
    "schema": 2,
    "zig": "/crosswheel/zig/zig",
    "bin": "/crosswheel/toolchain/bin",
    "target": {
        "arch": "aarch64",
        "pointer_width": 64,
        **zig("aarch64-linux-gnu.2.28"),
        "gnu_triple": "aarch64-linux-gnu",
        "multiarch": "aarch64-linux-gnu",
        "compile_options": [],
        "link_sources": [],
        "cxx_sources": [],
    },
    "build": {
        "arch": "x86_64",
        "pointer_width": 64,
        **zig("x86_64-linux-musl"),
        "gnu_triple": "x86_64-linux-musl",
        "multiarch": "x86_64-linux-musl",
        "compile_options": [],
        "link_sources": [],
        "cxx_sources": [],
    },
    "build_shared": {
        "arch": "x86_64",
        "pointer_width": 64,
        **zig("x86_64-linux-gnu.2.17"),
        "gnu_triple": "x86_64-linux-gnu",
        "multiarch": "x86_64-linux-gnu",
        "compile_options": [],
        "link_sources": [],
        "cxx_sources": [],
    },
    "environment": {},
    "libc_files": "/crosswheel/toolchain/libc/usr",
    "replaced_folders": [["/crosswheel/python/include", "/crosswheel/target/include"]],
    "dropped_folders": ["/crosswheel/python/lib"],
    "own_folders": ["/crosswheel/target", "/crosswheel/environment", "/build"],
    "prefix_maps": [],
}

_TREE = "/crosswheel/compiler"
_TOOLS = ("ar", "ld", "nm", "objdump", "ranlib", "strip")
#: The same with compilers of the user's own for the target.
GCC: Mapping[str, Any] = {
    **TOOLCHAIN,
    "target": {
        **TOOLCHAIN["target"],
        "family": "gcc",
        "programs": {
            "cc": [f"{_TREE}/bin/aarch64-linux-gnu-gcc", f"--sysroot={_TREE}"],
            "c++": [f"{_TREE}/bin/aarch64-linux-gnu-g++", f"--sysroot={_TREE}"],
            **{name: [f"{_TREE}/bin/aarch64-linux-gnu-{name}"] for name in _TOOLS},
        },
        "link_options": ["-static-libstdc++"],
    },
}
CLANG: Mapping[str, Any] = {
    **TOOLCHAIN,
    "target": {
        **TOOLCHAIN["target"],
        "family": "clang",
        "programs": {
            name: [f"{_TREE}/bin/{program}", "--target=aarch64-linux-gnu"]
            for name, program in {"cc": "clang", "c++": "clang++"}.items()
        },
        "link_options": ["-fuse-ld=lld"],
    },
}
