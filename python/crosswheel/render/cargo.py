"""What cargo, maturin, setuptools-rust, PyO3 and the crates ``cc`` and ``pkg-config`` read when Rust is cross built.

https://doc.rust-lang.org/cargo/reference/config.html,
https://pyo3.rs/latest/building-and-distribution.html#configuring-the-python-version
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crosswheel.target.triples import linked_rust_triple, rust_triple
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.platforms import Linux, Musl, Platform

from .build_paths import BuildPaths

if TYPE_CHECKING:
    from crosswheel.target.descriptions import TargetDescription

__all__ = [
    "PYO3_CONFIG",
    "VENDOR",
    "render_cargo_config",
    "render_pyo3_config",
    "render_registry_config",
    "rust_environment",
    "rust_settings",
    "vendor_checksum",
]

#: Name of PyO3's configuration below `BuildPaths.target`.
PYO3_CONFIG = "pyo3-config.txt"
#: Name of the folder of crates below `BuildPaths.crates`.
VENDOR = "vendor"
#: ``target_arch``, where a Rust target begins with something else.
_TARGET_ARCH = {"armv7": "arm", "i686": "x86", "powerpc64le": "powerpc64", "riscv64gc": "riscv64"}


def render_cargo_config(paths: BuildPaths) -> str:
    """Return ``config.toml`` of the folder that is cargo's home: crates.io is a folder, and there is no network.

    A source tree's own ``.cargo/config.toml`` goes before it, so crates a project brings itself are taken from there.
    """
    return (
        '[source.crates-io]\nreplace-with = "crosswheel"\n\n'
        f"[source.crosswheel]\ndirectory = {json.dumps(f'{paths.crates}/{VENDOR}')}\n"
    )


def render_registry_config(paths: BuildPaths) -> str:
    """Return ``config.toml`` for resolving crates: crates.io is an index in a folder, beside cargo's home."""
    return (
        '[source.crates-io]\nreplace-with = "crosswheel"\n\n'
        f"[source.crosswheel]\nlocal-registry = {json.dumps(f'{paths.crates}-index')}\n"
    )


def vendor_checksum(checksum: str) -> str:
    """Return ``.cargo-checksum.json`` of a crate; its files were unpacked from the archive of that checksum.

    Args:
        checksum: SHA-256 of the ``.crate`` file, which cargo compares with Cargo.lock's.
    """
    return json.dumps({"files": {}, "package": checksum})


def render_pyo3_config(description: TargetDescription, paths: BuildPaths) -> str:
    """Return the file that ``PYO3_CONFIG_FILE`` names: the target Python, for PyO3 and for maturin.

    PyO3 passes over ``ext_suffix``, which maturin reads. Nothing is linked with libpython: `lib_name` is what
    PyO3 before 0.26 asks for, and the linker launcher drops it.
    """
    python = description.python
    flags = ",".join(["Py_GIL_DISABLED"] if "t" in python.flags else [])
    return (
        "implementation=CPython\n"
        f"version={python.version}\n"
        "shared=true\n"
        f"lib_name=python{python.version}{python.flags}\n"
        f"executable={paths.environment}/bin/python\n"
        f"pointer_width={description.target.platform.arch.pointer_width}\n"
        f"build_flags={flags}\n"
        "suppress_build_script_link_lines=false\n"
        f"ext_suffix={description.ext_suffix}\n"
    )


def rust_settings(platform: Platform, paths: BuildPaths) -> dict[str, JsonValue]:
    """Return what the launcher ``rustc-wrapper`` adds to a call, the part ``rust`` of ``toolchain.json``.

    Paths in the bytes (of panics, for example) are made relative. On musl, Rust would link the C library statically.
    """
    maps: list[JsonValue] = [
        f"--remap-path-prefix={paths.crates}/{VENDOR}=crates",
        f"--remap-path-prefix={paths.source}=.",
    ]
    dynamic: list[JsonValue] = ["-Ctarget-feature=-crt-static", "-Clink-self-contained=no"]
    musl = isinstance(platform.os, Linux) and isinstance(platform.os.libc, Musl)
    linker = f"-Clinker={paths.toolchain}/bin"
    rust_arch = rust_triple(platform).partition("-")[0]
    return {
        "rustc": f"{paths.rust}/bin/rustc",
        "target_facts": {
            "arch": _TARGET_ARCH.get(rust_arch, rust_arch),
            "endian": platform.arch.byteorder,
            "pointer_width": str(platform.arch.pointer_width),
        },
        "target_arguments": [f"{linker}/cc", *maps, *(dynamic if musl else [])],
        "build_arguments": [f"{linker}/build-shared-cc"],
    }


def rust_environment(
    description: TargetDescription, paths: BuildPaths, *, build_triple: str
) -> dict[str, str]:
    """Return the variables of a build that compiles Rust, besides those of every build.

    Args:
        description: the target description.
        paths: where things stand during the build.
        build_triple: Rust target of the build machine.
    """
    triple = linked_rust_triple(description.target.platform)
    tools, python = f"{paths.toolchain}/bin", f"{paths.environment}/bin/python"
    variables = {
        "CARGO_BUILD_TARGET": triple,
        "CARGO_HOME": paths.crates,
        "CARGO_INCREMENTAL": "0",
        "CARGO_NET_OFFLINE": "true",
        "CARGO_TERM_COLOR": "never",
        "HOST_AR": f"{tools}/build-shared-ar",
        "HOST_CC": f"{tools}/build-shared-cc",
        "HOST_CXX": f"{tools}/build-shared-c++",
        "PKG_CONFIG_ALLOW_CROSS": "1",
        "PYO3_CONFIG_FILE": f"{paths.target}/{PYO3_CONFIG}",
        "PYO3_PYTHON": python,
        "PYTHON_SYS_EXECUTABLE": python,
        "RUSTC": f"{paths.rust}/bin/rustc",
        "RUSTC_WRAPPER": f"{tools}/rustc-wrapper",
        _linker(build_triple): f"{tools}/build-shared-cc",
    }
    words = triple.replace("-", "_")
    return {
        **variables,
        _linker(triple): f"{tools}/cc",
        f"AR_{words}": f"{tools}/ar",
        f"CC_{words}": f"{tools}/cc",
        f"CXX_{words}": f"{tools}/c++",
        f"RANLIB_{words}": f"{tools}/ranlib",
    }


def _linker(triple: str) -> str:
    return f"CARGO_TARGET_{triple.upper().replace('-', '_')}_LINKER"
