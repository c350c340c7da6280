"""A toolchain of the user's own is tried before anything is planned with it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.build_python import read_build_python
from crosswheel.act.building.own_toolchain import OwnToolchain
from crosswheel.act.building.toolchain_trial import try_toolchain
from crosswheel.act.storage.store import Store
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.errors import InputError
from plan_values import whole_toolchain
from pretended_compiler import PretendedCompiler

ARM64 = parse_target_id("cp311-linux_aarch64_glibc_2_36")
MUSL = parse_target_id("cp311-linux_aarch64_musl_1_2")


@pytest.fixture
def own(tmp_path: Path) -> OwnToolchain:
    (tmp_path / "tree").mkdir()
    return OwnToolchain(pin=replace(whole_toolchain(), options=(), link_options=()), tree=tmp_path / "tree")


def tried(own: OwnToolchain, sandbox: PretendedCompiler, target: Target = ARM64) -> str:
    python = read_build_python(Path(sys.executable))
    store = Store(own.tree.parent / "store")
    return try_toolchain(own, target, store=store, sandbox=sandbox, python=python)


def refusal_of(own: OwnToolchain, sandbox: PretendedCompiler, target: Target = ARM64) -> str:
    with pytest.raises(InputError) as caught:
        tried(own, sandbox, target)
    return str(caught.value)


def test_it_tells_the_c_library_and_is_tried_once(own: OwnToolchain) -> None:
    sandbox = PretendedCompiler()
    assert tried(own, sandbox) == "glibc 2.36"
    tools = [call[0].removeprefix("aarch64-linux-gnu-") for call in sandbox.calls]
    assert tools == ["gcc", "gcc", "gcc", "g++", "g++", "ar"]
    assert tried(own, sandbox) == "glibc 2.36"
    assert len(sandbox.calls) == len(tools)


def test_it_is_called_as_builds_call_it(own: OwnToolchain) -> None:
    sandbox = PretendedCompiler()
    tried(
        replace(
            own, pin=replace(own.pin, options=("-mbranch-protection=none",), link_options=("-static-libgcc",))
        ),
        sandbox,
    )
    assert all("-mbranch-protection=none" in call for call in sandbox.calls[:-1])
    assert [call[-1] for call in sandbox.calls if "-static-libgcc" in call] == ["c.so", "cxx.so"]


def test_one_without_cxx_is_tried_for_c(own: OwnToolchain) -> None:
    programs = {tool: path for tool, path in own.pin.programs.items() if tool != "c++"}
    sandbox = PretendedCompiler()
    tried(replace(own, pin=replace(own.pin, programs=programs)), sandbox)
    assert "aarch64-linux-gnu-g++" not in [call[0] for call in sandbox.calls]


def test_one_for_another_machine_is_refused(own: OwnToolchain) -> None:
    assert refusal_of(own, PretendedCompiler(arch="x86_64")) == (
        f"{ARM64.id}: cannot use toolchain '{own.pin.compiler}': what it compiles is not for aarch64; "
        "name a compiler for the target, or the target it compiles for"
    )


def test_one_that_fails_is_refused_with_what_it_says(own: OwnToolchain) -> None:
    assert refusal_of(own, PretendedCompiler(fails="-E")) == (
        f"{ARM64.id}: cannot use toolchain '{own.pin.compiler}': it does not compile where builds do "
        "(c.c:1: fatal error: stdlib.h: No such file); install what it lacks, or name what it reads beyond the files found "
        "(inputs, sysroot and options in [tool.crosswheel.toolchains])"
    )


@pytest.mark.parametrize(
    ("target", "libc", "why"),
    [
        (ARM64, "__GLIBC__ __GLIBC_MINOR__", "it links with another C library than glibc"),
        (MUSL, "2 36", "it links with glibc 2.36"),
    ],
)
def test_one_with_another_c_library_is_refused(
    own: OwnToolchain, target: Target, libc: str, why: str
) -> None:
    assert refusal_of(own, PretendedCompiler(libc=libc), target) == (
        f"{target.id}: cannot use toolchain '{own.pin.compiler}': {why}; "
        "name a compiler for the target's C library, or the target it compiles for"
    )


def test_one_for_musl_is_musls(own: OwnToolchain) -> None:
    assert tried(own, PretendedCompiler(libc="__GLIBC__ __GLIBC_MINOR__"), MUSL) == "musl"
