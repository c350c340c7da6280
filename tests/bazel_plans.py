"""Small plans for the tests of the pure .bzl files, as JSON."""

from __future__ import annotations

from typing import Any

ARM, AMD = "cp311-linux_aarch64_glibc_2_28", "cp311-linux_x86_64_glibc_2_28"


def digest(letter: str) -> str:
    return letter * 64


def build(name: str, target: str, **more: object) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1.0",
        "target": target,
        "sdist": digest("a"),
        "inputs": digest("0"),
        "backend": "setuptools.build_meta",
        "environments": {AMD: {"requirements": [digest("b")], "toolchain": digest("c")}},
        **more,
    }


def plan() -> dict[str, Any]:
    """Return a plan with two targets: `fast` is built for both, `demo` is prebuilt and on one only."""
    names = {"a": "fast-1.0.tar.gz", "b": "setuptools-80-py3-none-any.whl", "c": "ziglang-1-py3-none-any.whl"}
    names |= {"d": "demo-1.0-py3-none-any.whl", "e": "unused-1.0-py3-none-any.whl"}
    wheels: list[dict[str, Any]] = [{"artifact": digest("d"), "name": "demo", "version": "1.0"}]
    return {
        "schema": 1,
        "source_date_epoch": 315532800,
        "inputs": {"lock": digest("0")},
        "accept": {"demo": ["stray-file"], "other": ["stray-file"]},
        "artifacts": {
            digest(one): {"filename": name, "url": f"https://files.example/{name}"}
            for one, name in names.items()
        },
        "builds": {f"fast-1.0-{target}": build("fast", target) for target in (ARM, AMD)},
        "targets": [
            {
                "id": target,
                "description": digest("1"),
                "headers": {"source": "build-python", "python_version": "3.11.7", "sha256": digest("2")},
                "wheels": [
                    *(wheels if target == ARM else []),
                    {"build": f"fast-1.0-{target}", "name": "fast", "version": "1.0"},
                ],
            }
            for target in (ARM, AMD)
        ],
    }
