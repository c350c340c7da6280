"""A Python toolchain of Bazel's as rules_python declares one that it has unpacked: the interpreter and what it reads are files of the build."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["declare_python_of_files"]

_MODULE = """
bazel_dep(name = "rules_python", version = "0.22.1")
new_local_repository = use_repo_rule("@bazel_tools//tools/build_defs/repo:local.bzl", "new_local_repository")
new_local_repository(name = "python_3_11", build_file = "//:python_3_11.BUILD", path = PREFIX)
"""
_BUILD = """\
load("@rules_python//python:defs.bzl", "py_runtime", "py_runtime_pair")

filegroup(
    name = "files",
    srcs = glob(
        ["bin/python3*", "include/python3.11/**", "lib/python3.11/**"],
        exclude = ["**/site-packages/**", "**/dist-packages/**", "**/test/**", "**/tests/**", "**/__pycache__/**", "**/* *"],
    ),
)

py_runtime(name = "py3_runtime", files = [":files"], interpreter = "bin/python3.11", python_version = "PY3")

py_runtime_pair(name = "python_runtimes", py3_runtime = ":py3_runtime", visibility = ["//visibility:public"])

toolchain(
    name = "toolchain",
    target_compatible_with = ["@platforms//cpu:x86_64", "@platforms//os:linux"],
    toolchain = ":python_runtimes",
    toolchain_type = "@rules_python//python:toolchain_type",
    visibility = ["//visibility:public"],
)
"""


def declare_python_of_files(folder: Path, executable: Path) -> str:
    """Have a workspace know an installed Python 3.11 as `@python_3_11`, with `toolchain` and `python_runtimes`.

    Args:
        folder: the workspace, which gets a file for it.
        executable: the interpreter, in a folder `bin`.

    Returns:
        what `MODULE.bazel` has to say besides; nothing is registered.
    """
    (folder / "python_3_11.BUILD").write_text(_BUILD)
    return _MODULE.replace("PREFIX", json.dumps(str(executable.parents[1])))
