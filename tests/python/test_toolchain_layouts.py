"""Where the parts of a toolchain are that is named by one path."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.planning.compiler_questions import Compiler
from crosswheel.act.planning.located_toolchain import LocatedToolchain
from crosswheel.act.planning.toolchain_layouts import _refuse_machines_own, locate_toolchain
from crosswheel.decide.configuration.toolchain_source import ToolchainSource
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.errors import InputError
from toolchain_folders import android_ndk, emsdk, gcc_folder, program

ARM64 = parse_target_id("cp311-linux_aarch64_glibc_2_36")
ANDROID = parse_target_id("cp313-android_aarch64_24")
WASM = parse_target_id("cp313-emscripten_wasm32_2025_0")
DEBIAN_PROGRAMS = {
    "cc": "usr/bin/aarch64-linux-gnu-gcc-12",
    "c++": "usr/bin/aarch64-linux-gnu-g++-12",
    "ar": "usr/bin/aarch64-linux-gnu-ar",
    "ranlib": "usr/bin/aarch64-linux-gnu-ranlib",
    "ld": "usr/bin/aarch64-linux-gnu-ld",
    "nm": "usr/bin/aarch64-linux-gnu-nm",
}


def located(source: ToolchainSource, base: Path, target: Target = ARM64) -> LocatedToolchain:
    return locate_toolchain(source, target, base=base)


def refusal_of(source: ToolchainSource, base: Path, target: Target = ARM64) -> str:
    with pytest.raises(InputError) as caught:
        located(source, base, target)
    return str(caught.value)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")


def test_of_a_distributions_compiler_everything_else_is_found(tmp_path: Path) -> None:
    gcc_folder(tmp_path)
    assert located(ToolchainSource(path="usr/bin/aarch64-linux-gnu-gcc"), tmp_path) == LocatedToolchain(
        family="gcc",
        version="aarch64-linux-gnu-gcc (Test) 12.2.0",
        folder=tmp_path,
        inputs=tuple(
            sorted(
                {*DEBIAN_PROGRAMS.values(), "usr/aarch64-linux-gnu", "usr/lib/gcc-cross/aarch64-linux-gnu"}
            )
        ),
        programs=DEBIAN_PROGRAMS,
        options=("--sysroot={folder}",),
    )


def test_folders_of_the_machine_with_the_targets_name_are_not_the_compilers(tmp_path: Path) -> None:
    (tmp_path / "machine/usr/lib/aarch64-linux-gnu").mkdir(parents=True)
    gcc_folder(tmp_path / "root", machine=tmp_path / "machine")
    source = ToolchainSource(path="root/usr/bin/aarch64-linux-gnu-gcc")
    assert located(source, tmp_path).folder == tmp_path / "root"


def test_a_compiler_is_looked_for_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gcc_folder(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}/usr/bin:/usr/bin:/bin")
    assert located(ToolchainSource(path="aarch64-linux-gnu-gcc"), Path()).folder == tmp_path


def test_a_compiler_with_a_sysroot_of_its_own_is_told_none(tmp_path: Path) -> None:
    gcc_folder(tmp_path, sysroot=str(tmp_path / "usr/aarch64-linux-gnu"))
    assert located(ToolchainSource(path="usr/bin/aarch64-linux-gnu-gcc"), tmp_path).options == ()


def test_of_a_folder_all_is_shown(tmp_path: Path) -> None:
    gcc_folder(tmp_path, version="")
    found = located(ToolchainSource(path="usr"), tmp_path)
    assert (found.folder, found.inputs) == (tmp_path / "usr", ())
    assert found.programs["cc"] == "bin/aarch64-linux-gnu-gcc"


def test_a_folder_that_is_named_holds_the_compiler(tmp_path: Path) -> None:
    gcc_folder(tmp_path / "root")
    source = ToolchainSource(path="usr/bin/aarch64-linux-gnu-gcc", folder="root", inputs=("usr",))
    found = located(source, tmp_path)
    assert (found.folder, found.inputs) == (tmp_path / "root", ("usr",))
    assert found.programs["c++"] == "usr/bin/aarch64-linux-gnu-g++"


def clang_in(folder: Path, *names: str) -> None:
    resources = folder / "lib/clang/16"
    resources.mkdir(parents=True)
    answers = {
        "--version": "Debian clang version 16.0.6",
        "-dumpmachine": "x86_64-pc-linux-gnu",
        "-print-resource-dir": str(resources),
    }
    program(folder / "bin/clang", answers)
    for name in names:
        program(folder / "bin" / name)


def test_clang_is_told_its_target_and_its_linker(tmp_path: Path) -> None:
    clang_in(tmp_path, "clang++", "llvm-ar", "llvm-ranlib", "ld.lld")
    (tmp_path / "sysroot").mkdir()
    found = located(ToolchainSource(path="bin/clang", sysroot="sysroot", options=("-O2",)), tmp_path)
    assert found.family == "clang"
    assert found.options == ("--sysroot={sysroot}", "--target=aarch64-linux-gnu", "-O2")
    assert found.link_options == ("-fuse-ld=lld",)
    assert found.sysroot == tmp_path / "sysroot"
    assert found.inputs == (
        "bin/clang",
        "bin/clang++",
        "bin/ld.lld",
        "bin/llvm-ar",
        "bin/llvm-ranlib",
        "lib/clang/16",
    )


def test_what_the_user_says_of_target_and_linker_counts(tmp_path: Path) -> None:
    clang_in(tmp_path, "llvm-ar", "llvm-ranlib", "ld.lld")
    source = ToolchainSource(path="bin/clang", options=("--target=arm64",), link_options=("-fuse-ld=gold",))
    found = located(source, tmp_path)
    assert (found.options, found.link_options) == (("--target=arm64",), ("-fuse-ld=gold",))


def test_programs_elsewhere_are_named(tmp_path: Path) -> None:
    clang_in(tmp_path)
    programs = {"ar": "gnu/ar", "ranlib": "gnu/ranlib"}
    found = located(ToolchainSource(path="bin/clang", programs=programs), tmp_path)
    assert found.programs == {"cc": "bin/clang", **programs}
    assert {"gnu/ar", "gnu/ranlib"} <= set(found.inputs)


def test_an_ndk_is_told_the_api_level(tmp_path: Path) -> None:
    found = located(ToolchainSource(path="ndk"), android_ndk(tmp_path / "ndk").parent, ANDROID)
    assert found.version == "Android NDK 27.2.12479018"
    assert found.folder == tmp_path / "ndk/toolchains/llvm/prebuilt/linux-x86_64"
    assert found.programs["cc"] == "bin/clang"
    assert found.options == ("--target=aarch64-linux-android24",)
    assert found.link_options == ("-Wl,-z,max-page-size=16384",)


def test_an_emsdk_is_python(tmp_path: Path) -> None:
    found = located(ToolchainSource(path="emsdk"), emsdk(tmp_path / "emsdk").parent, WASM)
    assert found.version == "Emscripten 4.0.9"
    assert found.programs["cc"] == "upstream/emscripten/emcc.py"
    assert found.environment["EM_CONFIG"] == "{folder}/.emscripten"
    assert found.inputs == (".emscripten", "node", "upstream")


LAYOUTS = (
    "give a compiler (bin/aarch64-linux-gnu-gcc, bin/clang), a folder with bin/TRIPLE-gcc, an Android NDK "
    "(with toolchains/llvm/prebuilt) or an emsdk (with upstream/emscripten)"
)


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal_of(ToolchainSource(path="nowhere"), tmp_path) == (
        f"cannot use toolchain 'nowhere': there is no such file or folder; {LAYOUTS}"
    )
    assert refusal_of(ToolchainSource(path="gcc", folder="nowhere"), tmp_path) == (
        "cannot use toolchain 'nowhere': there is no such folder; give the toolchain's own folder"
    )
    assert refusal_of(ToolchainSource(path="gcc", folder="."), tmp_path) == (
        f"cannot use toolchain 'gcc': {tmp_path} has no such file; give the compiler's path relative to the folder"
    )


def test_a_folder_of_no_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    assert refusal_of(ToolchainSource(path="x"), tmp_path) == (
        f"cannot use toolchain '{tmp_path}/x': its bin has no TRIPLE-gcc and no clang; {LAYOUTS}"
    )
    for name in ("a-gcc", "b-gcc"):
        program(tmp_path / "x/bin" / name)
    assert "its bin has a-gcc, b-gcc; give" in refusal_of(ToolchainSource(path="x"), tmp_path)


def test_a_program_that_is_no_compiler_is_refused(tmp_path: Path) -> None:
    path = program(tmp_path / "bin/tool", {"--version": "tool 1.0"})
    assert refusal_of(ToolchainSource(path="bin/tool"), tmp_path) == (
        f"cannot use compiler '{path}': it is neither GCC nor Clang; it says of itself: tool 1.0; "
        "name the C compiler of such a toolchain, for example aarch64-linux-gnu-gcc"
    )
    (tmp_path / "bin/text").write_text("x")
    assert refusal_of(ToolchainSource(path="bin/text"), tmp_path) == (
        f"cannot run compiler '{tmp_path}/bin/text': Permission denied; name a program that runs on this machine"
    )


def test_the_machines_own_compiler_is_refused() -> None:
    parts = ("/usr/include/x86_64-linux-gnu", "/usr/lib/gcc/x86_64-linux-gnu")
    compiler = Compiler(family="gcc", version="gcc 12", triple="x86_64-linux-gnu", parts=parts, sysroot="")
    with pytest.raises(InputError) as caught:
        _refuse_machines_own(Path("/usr/bin/gcc"), compiler)
    assert str(caught.value) == (
        "cannot use toolchain '/usr/bin/gcc': it is this machine's own compiler, whose headers and libraries are among "
        "everything else's; name a cross compiler, which has folders of its own"
    )


def test_a_compiler_without_its_tools_is_refused(tmp_path: Path) -> None:
    clang_in(tmp_path)
    assert refusal_of(ToolchainSource(path="bin/clang"), tmp_path) == (
        "cannot use toolchain 'bin/clang': there is no ar and no ranlib beside it; "
        "install what is missing (of GNU's: binutils for that target; of LLVM's: llvm), or name it in programs"
    )


def test_a_sysroot_that_is_not_there_is_refused(tmp_path: Path) -> None:
    clang_in(tmp_path, "llvm-ar", "llvm-ranlib")
    assert refusal_of(ToolchainSource(path="bin/clang", sysroot="x"), tmp_path) == (
        "cannot use sysroot 'x': there is no such folder; give the folder that has usr/include and usr/lib of the target"
    )


def test_parts_outside_the_folder_are_refused(tmp_path: Path) -> None:
    gcc_folder(tmp_path / "one")
    text = (tmp_path / "one/usr/bin/aarch64-linux-gnu-gcc-12").read_text()
    elsewhere = tmp_path / "two/bin/aarch64-linux-gnu-gcc"
    program(elsewhere).write_text(text)
    told = refusal_of(ToolchainSource(path="two/bin/aarch64-linux-gnu-gcc"), tmp_path)
    assert told.startswith(
        f"cannot use toolchain '{elsewhere}': it reads {tmp_path}/one/usr/aarch64-linux-gnu, "
    )
    assert told.endswith(
        f"and these are not all below {tmp_path}/two; "
        "name the folder that has all its parts (folder in [tool.crosswheel.toolchains])"
    )


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (
            "cp311-linux_aarch64_glibc_2_36",
            "it is an Android NDK, and compiles for Android only; name an Android target",
        ),
        (
            "cp313-android_aarch64_33",
            "its API levels for aarch64-linux-android are 21 to 35, and the target has 33",
        ),
        (
            "cp313-android_x86_64_24",
            "its API levels for x86_64-linux-android are none, and the target has 24",
        ),
    ],
)
def test_an_ndk_for_something_else_is_refused(tmp_path: Path, target: str, why: str) -> None:
    folder = android_ndk(tmp_path / "ndk")
    told = refusal_of(ToolchainSource(path=str(folder)), tmp_path, parse_target_id(target))
    fix = "" if ";" in why else "; choose another API level, or another NDK"
    assert told == f"{target}: cannot use toolchain '{folder}': {why}{fix}"


def test_an_ndk_for_other_machines_is_refused(tmp_path: Path) -> None:
    folder = android_ndk(tmp_path / "ndk", machine="darwin-x86_64")
    assert refusal_of(ToolchainSource(path=str(folder)), tmp_path, ANDROID) == (
        f"{ANDROID.id}: cannot use toolchain '{folder}': its programs are for darwin-x86_64, not for this machine; "
        "give the NDK for Linux"
    )


def test_an_emsdk_of_another_abi_is_refused(tmp_path: Path) -> None:
    folder = emsdk(tmp_path / "emsdk", "3.1.58")
    assert refusal_of(ToolchainSource(path=str(folder)), tmp_path, WASM) == (
        f"{WASM.id}: cannot use toolchain '{folder}': it is Emscripten 3.1.58, and the target's ABI is that of 4.0.9; "
        "install that one (emsdk install 4.0.9)"
    )
    assert refusal_of(ToolchainSource(path=str(folder)), tmp_path).endswith(
        "it is an emsdk, and compiles for Emscripten only; name such a target"
    )
