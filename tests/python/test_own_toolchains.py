"""Toolchains of the user's own: what the configuration says of them, what the plan pins, and what the launchers are told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from crosswheel.act.building.toolchain_settings import toolchain_settings
from crosswheel.decide.configuration.policy import parse_policy
from crosswheel.decide.configuration.toolchain_source import ToolchainSource, option_entry, toolchain_for
from crosswheel.decide.plans.plan_json import plan_from_json, plan_to_json
from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.render.build_paths import SANDBOX_PATHS
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError
from plan_values import ARM64, ARMV7L, digest, whole_plan, whole_toolchain

NEWER = parse_target_id("cp311-linux_aarch64_glibc_2_36")


def refusal_of(text: str) -> list[str]:
    with pytest.raises(CrosswheelError) as caught:
        parse_policy(text.encode(), name="crosswheel.toml")
    return str(caught.value).splitlines()


def test_every_key_is_read() -> None:
    text = """
[toolchains]
linux_armv7l = "arm-linux-gnueabihf-gcc"
[toolchains."*-linux_aarch64_*"]
cc = "bin/clang"
folder = "llvm"
inputs = ["bin", "lib/clang"]
programs = { "c++" = "bin/clang++", ar = "bin/ar" }
sysroot = "sysroot"
options = ["-O2"]
c-options = ["-std=c11"]
cxx-options = ["-std=c++17"]
link-options = ["-fuse-ld=lld"]
environment = { A = "{folder}" }
"""
    entries = parse_policy(text.encode(), name="crosswheel.toml").toolchains
    assert [entry.key for entry in entries] == ["linux_armv7l", "*-linux_aarch64_*"]
    assert [entry.source for entry in entries] == [
        ToolchainSource(path="arm-linux-gnueabihf-gcc"),
        ToolchainSource(
            path="bin/clang",
            folder="llvm",
            inputs=("bin", "lib/clang"),
            programs={"c++": "bin/clang++", "ar": "bin/ar"},
            sysroot="sysroot",
            options=("-O2",),
            c_options=("-std=c11",),
            cxx_options=("-std=c++17",),
            link_options=("-fuse-ld=lld",),
            environment={"A": "{folder}"},
        ),
    ]


def test_every_fault_is_told_at_once() -> None:
    text = """
[toolchains]
linux_arm65 = "gcc"
[toolchains.linux_arm64]
sysrot = "x"
programs = { nmm = "x" }
[toolchains.linux_armv7l]
cc = 3
"""
    assert "\n".join(refusal_of(text)) == FAULTS


FAULTS = """\
crosswheel.toml: toolchains.linux_arm64: cannot read key 'sysrot': there is no such key; did you mean 'sysroot'?
crosswheel.toml: toolchains.linux_arm64.programs: cannot use program 'nmm': it is no tool of a toolchain; did you mean 'nm'?
crosswheel.toml: toolchains.linux_arm64: cannot use toolchain: its C compiler is not named; write for example cc = "aarch64-linux-gnu-gcc"
crosswheel.toml: toolchains.linux_armv7l.cc: cannot read 'cc': it is an integer; write a string
crosswheel.toml: toolchains: cannot parse target 'linux_arm65': no such target is known, the nearest are \
linux_arm64, linux_amd64, linux_arm_v7; use linux_arm64, or see `crosswheel target list`"""


def test_the_last_entry_that_is_about_a_target_counts() -> None:
    text = (
        '[toolchains]\nlinux_arm64 = "one"\n"*-linux_aarch64_*" = "two"\nlinux_aarch64_glibc_2_36 = "three"\n'
    )
    entries = parse_policy(text.encode(), name="c").toolchains
    for target, path in {ARM64: "two", NEWER: "three"}.items():
        found = toolchain_for(entries, target)
        assert found is not None
        assert found.source.path == path
    assert toolchain_for(entries, ARMV7L) is None
    given = option_entry("linux_armv7l=/opt/gcc")
    assert toolchain_for((*entries, given), ARMV7L) == given


def test_a_plain_path_on_the_command_line_is_for_every_target() -> None:
    entry = option_entry("/opt/x=y/bin/gcc")
    assert (entry.key, entry.source.path) == (None, "/opt/x=y/bin/gcc")
    assert toolchain_for([entry], ARMV7L) == entry


def test_an_entry_about_no_target_is_idle() -> None:
    policy = parse_policy(b'[toolchains]\nlinux_armv7l = "gcc"\n', name="c.toml")
    policy = replace(policy, toolchains=(*policy.toolchains, option_entry("nowhere=gcc")))
    told = [str(fault) for fault in policy.unmatched([], [ARM64])]
    assert told[0] == (
        "c.toml: toolchains.linux_armv7l: cannot use toolchain for target 'linux_armv7l': it is none of the plan's targets "
        f"{ARM64.id}; write one of them or a glob over these ids, or leave it out"
    )
    assert told[1].startswith("--toolchain: cannot parse target 'nowhere'")


def test_a_plan_holds_a_toolchain_and_gives_it_back() -> None:
    plan = whole_plan()
    assert plan_from_json(plan_to_json(plan), name="p").targets[0].toolchain == whole_toolchain()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"family": "msvc"}, "family: cannot read plan 'msvc': the known families are gcc, clang"),
        ({"programs": {"cc": "gcc"}}, "programs: cannot read plan: it has no ar, ranlib"),
        ({"inputs": ["../x"]}, "cannot read plan '../x': the path does not lie in the toolchain's folder"),
        ({"flags": []}, "cannot read plan 'flags': no such key is known here"),
    ],
)
def test_a_toolchain_that_is_not_quite_one_is_refused(change: dict[str, Any], why: str) -> None:
    document = json.loads(plan_to_json(whole_plan()))
    document["targets"][0]["toolchain"] |= change
    with pytest.raises(CrosswheelError) as caught:
        plan_from_json(json.dumps(document).encode(), name="p")
    assert why in str(caught.value)


@pytest.mark.parametrize("change", [{"folder": "x"}, {"compiler": "x"}, {"libc": "x"}, {"sysroot": "x"}])
def test_where_it_was_and_what_people_read_make_no_other_toolchain(change: dict[str, str]) -> None:
    assert replace(whole_toolchain(), **change).id == whole_toolchain().id  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"family": "clang"}, {"content": digest("other")}, {"options": ()}, {"link_options": ()}, {"sysroot": None},
        {"programs": {"cc": "x"}}, {"environment": {}},
    ],
)  # fmt: skip
def test_whatever_decides_the_bytes_makes_another(change: dict[str, Any]) -> None:
    assert replace(whole_toolchain(), **change).id != whole_toolchain().id


def settings_with(own: ToolchainPin) -> dict[str, Any]:
    return toolchain_settings(ARM64, SANDBOX_PATHS, build_machine="x86_64", own=own)


def test_the_launchers_are_told_where_everything_stands() -> None:
    own = replace(
        whole_toolchain(),
        options=("--sysroot={sysroot}", "-DX={}"),
        environment={"CONFIG": "{folder}/config", "PYTHON": "{python}"},
    )
    settings = settings_with(own)
    target = settings["target"]
    assert target["family"] == "gcc"
    assert target["programs"]["cc"] == [
        "/crosswheel/compiler/usr/bin/aarch64-linux-gnu-gcc", "--sysroot=/crosswheel/compiler-sysroot", "-DX={}", "-std=gnu11"
    ]  # fmt: skip
    assert target["programs"]["c++"][1:] == [
        "--sysroot=/crosswheel/compiler-sysroot",
        "-DX={}",
        "-std=gnu++17",
    ]
    assert target["programs"]["ar"] == ["/crosswheel/compiler/usr/bin/aarch64-linux-gnu-ar"]
    assert target["link_options"] == ["-static-libstdc++"]
    assert settings["environment"].items() >= {
        "CONFIG": "/crosswheel/compiler/config", "PYTHON": "/crosswheel/python/bin/python3.11", "CROSSWHEEL_COMPILER": "1"
    }.items()  # fmt: skip
    assert {"/crosswheel/compiler", "/crosswheel/compiler-sysroot"} <= set(settings["own_folders"])


def test_zig_compiles_what_runs_during_the_build() -> None:
    settings = settings_with(whole_toolchain())
    assert settings["build"] == toolchain_settings(ARM64, SANDBOX_PATHS, build_machine="x86_64")["build"]


def test_a_program_in_python_is_run_by_the_build_python() -> None:
    own = replace(whole_toolchain(), programs={"cc": "emscripten/emcc.py", "ar": "a", "ranlib": "r"})
    assert settings_with(own)["target"]["programs"]["cc"][:4] == [
        "/crosswheel/python/bin/python3.11", "-E", "-s", "/crosswheel/compiler/emscripten/emcc.py"
    ]  # fmt: skip


def test_a_target_that_zig_cannot_compile_for_needs_only_the_toolchain() -> None:
    target = parse_target_id("cp311-linux_ppc64le_glibc_2_17")
    own = whole_toolchain()
    settings = toolchain_settings(target, SANDBOX_PATHS, build_machine="x86_64", own=own)
    assert isinstance(settings["target"], dict)
    assert settings["target"]["family"] == "gcc"
