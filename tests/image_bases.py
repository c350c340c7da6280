"""Base images made on the spot: a C library that says its version, and a Python that is but a name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from elf_files import elf_file
from layout_files import LayoutMaker, tar_of

__all__ = ["base_files", "base_layout", "libc"]


def libc(arch: str = "aarch64", version: str = "2.36") -> bytes:
    """A glibc as far as it is read: far behind its headers stands what it prints."""
    banner = f"GNU C Library (Test GLIBC {version}-1) stable release version {version}.\n"
    return elf_file(arch) + bytes(9000) + banner.encode()


def base_files(arch: str = "aarch64", python: str = "3.11", glibc: str = "2.36") -> dict[str, bytes]:
    """The files of a small system."""
    return {
        "usr/": b"",
        "usr/bin/": b"",
        f"usr/bin/python{python}": elf_file(arch),
        f"usr/lib/{arch}-linux-gnu/libc.so.6": libc(arch, glibc),
    }


def base_layout(
    folder: Path,
    *,
    settings: Mapping[str, Any] | None = None,
    tag: str = "example.org/base:1",
    more: Mapping[str, bytes] | None = None,
    **files: str,
) -> Path:
    """A layout with a base for arm64 and one for amd64."""
    maker = LayoutMaker(folder)
    images = [
        maker.image(
            tar_of({**base_files(arch, **files), **(more or {})}), platform=platform, settings=settings
        )
        for arch, platform in (("aarch64", "linux/arm64/v8"), ("x86_64", "linux/amd64"))
    ]
    return maker.write(maker.nested(*images), name=tag)
