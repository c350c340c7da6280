"""The verifier on files that zig really made: wrong flags leave what the check looks for, right ones do not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from checked_wheels import AARCH64, MUSL, SUFFIX, wheel
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.facts import BuiltFacts
from crosswheel.target.targets import Target
from e2e.target_pythons import cache_root
from e2e.zig import unpacked_zig

pytestmark = [pytest.mark.e2e, pytest.mark.network]

Compile = Callable[..., bytes]
# What crosswheel's own launchers pass: no debug information, no sanitizer.
CLEAN = ("-O2", "-g0", "-fno-sanitize=all", "-Wl,-s")
GLIBC_2_17 = "aarch64-linux-gnu.2.17"
MODULE = """
extern void *PyModule_Create2(void *, int);
extern int printf(const char *, ...);
__attribute__((visibility("default"))) void *PyInit__x(void) { printf("x"); return PyModule_Create2(0, 1013); }
"""


@pytest.fixture(scope="module")
def compile_module(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Return a function from C source, zig's target and flags to the bytes of a shared object."""
    zig = unpacked_zig() / "zig"
    work = tmp_path_factory.mktemp("compiled")
    environment = {
        "ZIG_GLOBAL_CACHE_DIR": str(cache_root() / "zig"),
        "ZIG_LOCAL_CACHE_DIR": str(work),
        "HOME": str(work),
    }

    def compile_it(
        source: str, flags: Sequence[str] = CLEAN, *, target: str = GLIBC_2_17, language: str = "c"
    ) -> bytes:
        suffix = {"c": ".c", "c++": ".cpp"}[language]
        (work / f"x{suffix}").write_text(source)
        command = [
            str(zig),
            "cc" if language == "c" else "c++",
            "-target",
            target,
            "-shared",
            "-fPIC",
            *flags,
        ]
        subprocess.run(
            [*command, f"x{suffix}", "-o", "x.so"], cwd=work, env=environment, check=True, capture_output=True
        )
        return (work / "x.so").read_bytes()

    return compile_it


def _codes(folder: Path, data: bytes, target: Target = AARCH64, suffix: str = SUFFIX) -> list[str]:
    libc = "musllinux_1_2" if target is MUSL else "linux"
    path = wheel(folder, {f"demo/_x{suffix}": data}, tag=f"cp311-cp311-{libc}_aarch64")
    report = check_wheel(path, target, built=BuiltFacts(name="demo", version="1.0", extension_suffix=suffix))
    return [finding.code for finding in report.findings]


def test_a_module_compiled_as_crosswheel_does_passes_and_earns_manylinux2014(
    tmp_path: Path, compile_module: Compile
) -> None:
    path = wheel(tmp_path, {f"demo/_x{SUFFIX}": compile_module(MODULE)}, tag="cp311-cp311-linux_aarch64")
    report = check_wheel(path, AARCH64, built=BuiltFacts(name="demo", version="1.0"))
    assert report.findings == ()
    assert {tag.platform for tag in report.earned_tags} == {"manylinux2014_aarch64", "manylinux_2_17_aarch64"}


def test_zigs_defaults_leave_debug_information(tmp_path: Path, compile_module: Compile) -> None:
    assert _codes(tmp_path, compile_module(MODULE, ["-O2"])) == ["debug-sections"]


@pytest.mark.parametrize("strip", [[], ["-Wl,-s"]], ids=["unstripped", "stripped"])
def test_zigs_defaults_without_optimisation_leave_the_sanitizer(
    tmp_path: Path, compile_module: Compile, strip: list[str]
) -> None:
    source = MODULE + '\n__attribute__((visibility("default"))) int add(int a, int b) { return a + b; }\n'
    assert "sanitizer-runtime" in _codes(tmp_path, compile_module(source, ["-g0", *strip]))


def test_a_function_of_a_newer_glibc_is_named(tmp_path: Path, compile_module: Compile) -> None:
    source = (
        MODULE.replace("printf(", "arc4random_uniform(")
        .replace("const char *, ...", "unsigned")
        .replace('"x"', "1")
    )
    data = compile_module(source, target="aarch64-linux-gnu.2.38")
    path = wheel(tmp_path, {f"demo/_x{SUFFIX}": data}, tag="cp311-cp311-linux_aarch64")
    (finding,) = check_wheel(path, AARCH64).findings
    assert (finding.code, finding.symbol, finding.library) == (
        "symbol-too-new", "arc4random_uniform@GLIBC_2.36", "libc.so.6",
    )  # fmt: skip


def test_a_forgotten_source_file_is_named(tmp_path: Path, compile_module: Compile) -> None:
    source = (
        MODULE
        + '\nextern int lost(void);\n__attribute__((visibility("default"))) int use(void) { return lost(); }\n'
    )
    assert _codes(tmp_path, compile_module(source, [*CLEAN, "-Wl,--allow-shlib-undefined"])) == [
        "undefined-symbol"
    ]


def test_a_run_path_is_seen(tmp_path: Path, compile_module: Compile) -> None:
    assert _codes(tmp_path, compile_module(MODULE, [*CLEAN, "-Wl,-rpath,/opt/lib"])) == ["run-path-absolute"]


def test_another_machine_is_seen(tmp_path: Path, compile_module: Compile) -> None:
    assert _codes(tmp_path, compile_module(MODULE, target="x86_64-linux-gnu.2.17")) == ["wrong-machine"]


def test_zigs_musl_offers_what_musl_1_2_lacks(tmp_path: Path, compile_module: Compile) -> None:
    suffix = ".cpython-311-aarch64-linux-musl.so"
    right = compile_module(MODULE, target="aarch64-linux-musl")
    assert _codes(tmp_path / "a", right, MUSL, suffix) == []
    source = MODULE + (
        "\nextern long preadv2(int, void *, int, long, int);\n"
        '__attribute__((visibility("default"))) long use(void) { return preadv2(0, 0, 0, 0, 0); }\n'
    )
    wrong = compile_module(source, target="aarch64-linux-musl")
    assert _codes(tmp_path / "b", wrong, MUSL, suffix) == ["musl-symbol-too-new"]
    assert _codes(tmp_path / "c", right) == ["wrong-libc"]
