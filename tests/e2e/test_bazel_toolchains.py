"""Compilers other than zig with Bazel: a cross GCC that the plan names, and the workspace's own `cc_toolchain`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crosswheel.api import read_plan
from e2e.bazel_workspace import Workspace, digests_below, on, open_workspace
from e2e.crosswheel_command import crosswheel, lock
from e2e.debian_compilers import cross_gcc

pytestmark = pytest.mark.e2e

_NEWER, _ARM, _AMD = (
    f"cp311-linux_{name}" for name in ("aarch64_glibc_2_36", "aarch64_glibc_2_28", "x86_64_glibc_2_28")
)
_NAMES = ("kiwisolver", "markupsafe")
_MODULE = """\
module(name = "compilers", version = "0.1.0")
bazel_dep(name = "crosswheel", version = "0.1.0")
bazel_dep(name = "platforms", version = "0.0.10")

new_local_repository = use_repo_rule("@bazel_tools//tools/build_defs/repo:local.bzl", "new_local_repository")
new_local_repository(name = "gcc", build_file = "//:gcc.BUILD", path = {root!r})
register_toolchains("@gcc//:toolchain")

wheels = use_extension("@crosswheel//rules:extensions.bzl", "wheels")
wheels.hub(name = "by_plan", plan = "//:gcc.plan.json")
wheels.hub(name = "by_rules", plan = "//:zig.plan.json", cc_toolchains = [{newer!r}, {arm!r}, {amd!r}])
use_repo(wheels, "by_plan", "by_rules")
"""
_BUILD = """\
load("@crosswheel//rules/platforms:defs.bzl", "glibc")

_ARM64 = ["@platforms//cpu:aarch64", "@platforms//os:linux"]
platform(name = "newer", constraint_values = _ARM64 + glibc("2.36"))
platform(name = "arm", constraint_values = _ARM64)
platform(name = "amd", constraint_values = ["@platforms//cpu:x86_64", "@platforms//os:linux"])
"""
#: As a user writes it who has the compiler from a package and no rules for it: files, and where the programs are.
_GCC = """\
load("@@//:gcc.bzl", "gcc_config")

filegroup(name = "files", srcs = glob(["usr/**"]))
gcc_config(name = "config")
cc_toolchain(
    name = "gcc",
    toolchain_config = ":config",
    all_files = ":files",
    ar_files = ":files",
    as_files = ":files",
    compiler_files = ":files",
    dwp_files = ":files",
    linker_files = ":files",
    objcopy_files = ":files",
    strip_files = ":files",
)
toolchain(
    name = "toolchain",
    exec_compatible_with = ["@platforms//cpu:x86_64", "@platforms//os:linux"],
    target_compatible_with = ["@platforms//cpu:aarch64", "@platforms//os:linux"],
    toolchain = ":gcc",
    toolchain_type = "@bazel_tools//tools/cpp:toolchain_type",
)
"""
_CONFIG = """\
load("@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl", "tool_path")

def _gcc_config(ctx):
    names = {"ar": "ar", "cpp": "cpp", "gcc": "gcc", "gcov": "gcov", "ld": "ld", "nm": "nm", "objdump": "objdump", "strip": "strip"}
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "glibc_2.36",
        abi_version = "gcc-12",
        builtin_sysroot = ctx.label.workspace_root,
        compiler = "gcc",
        host_system_name = "local",
        target_cpu = "aarch64",
        target_libc = "glibc_2.36",
        target_system_name = "aarch64-linux-gnu",
        tool_paths = [
            tool_path(name = name, path = "usr/bin/aarch64-linux-gnu-" + program)
            for name, program in names.items()
        ],
        toolchain_identifier = "debian-gcc",
    )

gcc_config = rule(implementation = _gcc_config, provides = [CcToolchainConfigInfo])
"""


@pytest.fixture(scope="module")
def compiling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with two hubs of the same wheels: planned with Debian's GCC, and planned with zig and built by Bazel's GCC."""
    folder = tmp_path_factory.mktemp("compilers")
    compiler = cross_gcc("aarch64")
    lock(folder, *_NAMES)
    words = ["plan", "pylock.toml", "--python", "3.11"]
    words += [word for name in _NAMES for word in ("--no-binary", name)]
    for target in (_NEWER, _ARM, _AMD):
        crosswheel("target", "pack", target, "-o", f"headers.{target}.tar", cwd=folder)

    def planned(name: str, *targets: str, toolchain: tuple[str, ...] = ()) -> None:
        named = [word for target in targets for word in ("--target", target)]
        named += [word for target in targets for word in ("--headers", f"{target}=headers.{target}.tar")]
        crosswheel(*words, *named, *toolchain, "-o", name, cwd=folder)

    planned("gcc.plan.json", _NEWER, toolchain=("--toolchain", str(compiler)))
    planned("zig.plan.json", _NEWER, _ARM, _AMD)
    root = str(compiler.parents[2])
    files = {
        "MODULE.bazel": _MODULE.format(root=root, newer=_NEWER, arm=_ARM, amd=_AMD),
        "BUILD.bazel": _BUILD,
        "gcc.BUILD": _GCC,
        "gcc.bzl": _CONFIG,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    plans = [read_plan(folder / f"{name}.plan.json") for name in ("gcc", "zig")]
    state = tmp_path_factory.mktemp("state")
    workspace = open_workspace(folder, state, [one for plan in plans for one in plan.artifacts.values()])
    try:
        yield workspace
    finally:
        workspace.close()


@pytest.fixture(scope="module")
def expected(compiling: Workspace) -> dict[str, str]:
    """The repository that the command line makes with the same GCC."""
    crosswheel("build", "gcc.plan.json", "-o", "dist", cwd=compiling.folder)
    return {
        path: digest
        for path, digest in digests_below(compiling.folder / "dist" / _NEWER).items()
        if path.endswith(".whl")
    }


@pytest.mark.parametrize("hub", ["by_plan", "by_rules"])
def test_wheels_of_a_cross_gcc_are_those_of_the_command_line(
    hub: str, compiling: Workspace, expected: dict[str, str]
) -> None:
    compiling.bazel("build", f"@{hub}//:repository", *on("newer"))
    made = digests_below(compiling.output(f"@{hub}//:repository", *on("newer")))
    assert {path: digest for path, digest in made.items() if path.endswith(".whl")} == expected
    assert len(expected) == len(_NAMES)


def test_what_needs_a_newer_libc_than_the_platform_has_is_refused(compiling: Workspace) -> None:
    compiling.bazel("build", "@by_rules//markupsafe:whl", *on("arm"))
    answer = compiling.bazel("build", "@by_rules//kiwisolver:whl", *on("arm"), succeeds=False)
    assert "which is first in manylinux_2_34; the target has glibc 2.28" in answer.said
    assert "with glibc 2.36 linked it" in answer.said


def test_a_compiler_of_the_machine_is_no_input_and_is_refused(compiling: Workspace) -> None:
    answer = compiling.bazel("build", "@by_rules//markupsafe:whl", *on("amd"), succeeds=False)
    assert f"cannot compile for {_AMD} with '/usr/bin/gcc'" in answer.said
    assert "calls a program of the machine, which is no input of any action" in answer.said
