"""The eight kinds of silent wrongness, and the wheels that must never pass: builds that exited 0 all the same.

docs/concepts/verification.md tells how each was seen. Every test here compares a wheel with its wrong twin, so that
it fails when the check does.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checked_wheels import MUSL, SUFFIX, built, check, codes, only, wheel
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.facts import BuiltFacts, DeclaredModule, FailedCall
from crosswheel.target.targets import parse_target_id
from elf_files import Need, elf_file, extension_module

PURE = {"demo/__init__.py": b"NAME = 1\n"}
MODULE = f"demo/_speedups{SUFFIX}"
OWN = {**PURE, MODULE: extension_module("_speedups")}
TWIN = "cp311-cp311-manylinux_2_17_aarch64"
OTHER_TAG = "cp311-cp311-manylinux_2_17_x86_64"
OTHER = {**PURE, "demo/_speedups.cpython-311-x86_64-linux-gnu.so": extension_module("_speedups", "x86_64")}


def _errors(path: Path, facts: BuiltFacts) -> list[str]:
    return [finding.code for finding in check(path, facts).errors]


def test_the_right_wheel_passes_with_every_check_on(tmp_path: Path) -> None:
    oracle = wheel(tmp_path / "oracle", OTHER, tag=OTHER_TAG)
    facts = built(
        log="building 'demo._speedups' extension\n",
        build_paths=("/home/someone",),
        sandbox_paths=("/crosswheel/", "/build/"),
        build_triples=("x86_64-linux-gnu",),
        oracle=oracle,
    )
    assert check(wheel(tmp_path, OWN, tag="cp311-cp311-linux_aarch64"), facts).findings == ()


def test_kind_1_a_dropped_extension_that_leaves_a_pure_wheel_is_seen_in_the_log(tmp_path: Path) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any")
    log = "WARNING: The C extension could not be compiled, speedups are not enabled.\n"
    assert _errors(path, built()) == []
    assert _errors(path, built(log=log)) == ["extension-dropped"]


def test_kind_1_a_dropped_extension_that_leaves_a_pure_wheel_is_seen_by_the_oracle(tmp_path: Path) -> None:
    oracle = wheel(tmp_path / "oracle", OTHER, tag=OTHER_TAG)
    path = wheel(tmp_path, PURE, tag="py3-none-any")
    assert _errors(path, built(oracle=oracle)) == ["oracle-module-missing"]


def test_kind_1_a_compiler_that_failed_before_a_pure_wheel_is_seen_in_the_log(tmp_path: Path) -> None:
    path = wheel(tmp_path / "pure", PURE, tag="py3-none-any")
    whole = wheel(tmp_path / "whole", OWN)
    for line in (
        "x.c:1:2: error: nope",
        "src/x.c:3:10: fatal error: 'yaml.h' file not found",
        "1 error generated.",
        "error: command '/crosswheel/toolchain/bin/cc' failed with exit code 1",
        "ld.lld: error: undefined symbol: f",
    ):
        finding = check(path, built(log=f"running build_ext\n{line}\nadding 'demo'\n")).errors
        assert [f.code for f in finding] == ["extension-dropped"]
        assert finding[0].message == (
            f"a compiler failed and the wheel holds nothing compiled; the log says: {line}"
        )
        # Beside modules it may have been a probe.
        assert codes(check(whole, built(log=line + "\n"))) == ["warning compile-failed"]


def test_kind_1_a_probe_that_failed_is_right_where_the_oracle_is_pure_as_well(tmp_path: Path) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any")
    oracle = wheel(tmp_path / "oracle", PURE, tag="py3-none-any")
    report = check(path, built(log="x.c:1:2: error: nope\n", oracle=oracle))
    assert codes(report) == ["warning compile-failed"]


def test_kind_1_sources_that_nothing_compiled_are_told_unless_the_oracle_is_pure(tmp_path: Path) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any")
    sources = ("demo-1.0/x.c", "demo-1.0/y.pyx")
    finding = check(path, built(never_compiled=sources)).findings[0]
    assert (finding.code, finding.severity.value) == ("sources-not-compiled", "warning")
    assert finding.message == (
        "the build never compiled demo-1.0/x.c and 1 more, and the wheel holds nothing compiled; "
        "an optional part may be missing: accept sources-not-compiled if the project is meant to be pure here"
    )
    oracle = wheel(tmp_path / "oracle", PURE, tag="py3-none-any")
    assert codes(check(path, built(never_compiled=sources, oracle=oracle))) == []
    assert codes(check(wheel(tmp_path / "whole", OWN), built(never_compiled=sources))) == []


SPEEDUPS = DeclaredModule(name="demo._fast", place="setup.py:4", sources=("x.c",))


def test_kind_1_a_module_that_the_build_code_names_and_nothing_compiled_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any")
    finding = only(check(path, built(never_compiled=("demo-1.0/x.c",), missing_modules=(SPEEDUPS,))))
    assert (finding.code, finding.severity.value, finding.symbol) == (
        "sources-not-compiled",
        "error",
        "demo._fast",
    )
    assert finding.message == (
        "the build never compiled demo-1.0/x.c, and the wheel holds nothing compiled, though setup.py:4 names the "
        "extension module demo._fast; give the build what the module needs"
    )
    unlisted = DeclaredModule(name="", place="setup.py:9")
    assert only(check(path, built(missing_modules=(unlisted,)))).message == (
        "the build compiled nothing, and the wheel holds nothing compiled, though setup.py:9 names the extension "
        "module; give the build what the module needs"
    )
    oracle = wheel(tmp_path / "oracle", PURE, tag="py3-none-any")
    assert codes(check(path, built(missing_modules=(SPEEDUPS,), oracle=oracle))) == []


@pytest.mark.parametrize(
    "module", [replace(SPEEDUPS, conditional=True), replace(SPEEDUPS, name="demo._fast_windows")]
)
def test_kind_1_a_module_for_another_platform_or_on_demand_is_only_told(
    tmp_path: Path, module: DeclaredModule
) -> None:
    path = wheel(tmp_path, PURE, tag="py3-none-any")
    finding = only(check(path, built(never_compiled=("demo-1.0/x.c",), missing_modules=(module,))))
    assert finding.severity.value == "warning"
    assert finding.message == (
        "the build never compiled demo-1.0/x.c, and the wheel holds nothing compiled; setup.py:4 names the extension "
        f"module {module.name} on a condition; an optional part may be missing: accept sources-not-compiled if the "
        "project is meant to be pure here"
    )
    assert codes(check(wheel(tmp_path / "whole", OWN), built(missing_modules=(module,)))) == []


def test_kind_1_a_second_module_that_nothing_compiled_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, OWN, tag="cp311-cp311-linux_aarch64")
    finding = only(check(path, built(missing_modules=(SPEEDUPS,))))
    assert finding.message == (
        "the build never compiled x.c, and the wheel lacks that module, though setup.py:4 names the extension module "
        "demo._fast; give the build what the module needs"
    )
    there = replace(SPEEDUPS, name="demo._speedups")  # compiled in a way that no launcher saw
    assert codes(check(path, built(missing_modules=(there, replace(SPEEDUPS, sources=()))))) == []
    assert codes(check(path, built(missing_modules=(SPEEDUPS,), oracle=path))) == []


def test_kind_1_what_the_compiler_refused_is_told_once(tmp_path: Path) -> None:
    call = FailedCall(file="x.c", of_project=True, error="x.c:1:2: error: no")
    path = wheel(tmp_path, PURE, tag="py3-none-any")
    facts = built(failed_calls=(call,), never_compiled=("demo-1.0/y.c",), missing_modules=(SPEEDUPS,))
    assert codes(check(path, facts)) == ["error extension-dropped"]


def test_kind_1_a_platform_tag_without_any_extension_is_refused(tmp_path: Path) -> None:
    assert _errors(wheel(tmp_path, PURE, tag="cp311-cp311-linux_aarch64"), built()) == [
        "platform-tag-without-binary"
    ]


def test_kind_1_a_prebuilt_wheel_without_any_code_earns_no_platform(tmp_path: Path) -> None:
    report = check(wheel(tmp_path, PURE, tag="cp311-cp311-manylinux_2_17_aarch64"))
    assert (codes(report), report.earned_tags) == (["note platform-tag-without-binary"], ())


def test_kind_2_a_module_that_lost_its_dispatched_code_is_seen_by_a_twin(tmp_path: Path) -> None:
    oracle = wheel(tmp_path / "oracle", {**PURE, MODULE: extension_module("_speedups", code=bytes(96 << 10))})
    facts = built(oracle=oracle)
    same = wheel(tmp_path / "same", {**PURE, MODULE: extension_module("_speedups", code=bytes(80 << 10))})
    assert codes(check(same, facts)) == []
    less = wheel(tmp_path, {**PURE, MODULE: extension_module("_speedups", code=bytes(40 << 10))})
    assert codes(check(less, facts)) == ["warning oracle-module-degraded"]


def test_kind_2_a_generated_list_of_processor_features_that_is_empty_is_seen_by_the_oracle(
    tmp_path: Path,
) -> None:
    config = b"CONFIG = {'dispatch': [%s], 'threads': True}\n"
    oracle = wheel(tmp_path / "oracle", {**OWN, "demo/config.py": config % b"'ASIMDHP', 'SVE'"})
    right = wheel(tmp_path / "right", {**OWN, "demo/config.py": config % b"'ASIMDHP', 'SVE'"})
    wrong = wheel(tmp_path, {**OWN, "demo/config.py": config % b""})
    assert codes(check(right, built(oracle=oracle))) == []
    report = check(wrong, built(oracle=oracle))
    assert [(f.code, f.symbol) for f in report.errors] == [("oracle-content-degraded", "CONFIG['dispatch']")]


def test_kind_2_a_compiler_that_refused_an_instruction_set_is_seen_in_the_log(tmp_path: Path) -> None:
    for line in (
        "Compiler for C supports arguments -march=armv8.2-a+fp16: NO",
        'Test features "ASIMDHP" : Unsupported due to Arguments "-march=armv8.2-a+fp16" are not supported',
        "error: unknown CPU: 'armv8.2-a+fp16'",
        "error: unknown target CPU 'native'",
    ):
        assert codes(check(wheel(tmp_path, OWN), built(log=line + "\n"))) == ["warning cpu-features-lost"]


def test_kind_3_a_module_with_a_bare_suffix_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, {**PURE, "demo/_speedups.so": extension_module("_speedups")})
    assert _errors(path, built()) == ["bare-suffix"]
    assert codes(check(path)) == ["warning bare-suffix"]


def test_kind_4_the_build_machines_name_from_its_headers_is_found(tmp_path: Path) -> None:
    header = b'\0#define NPY_CPU "x86_64-linux-gnu"\0'
    path = wheel(tmp_path, {**PURE, MODULE: extension_module("_speedups", code=header)})
    assert codes(check(path, built(build_triples=("x86_64-linux-gnu",)))) == ["warning build-triple"]


def test_kind_5_a_tool_that_answered_for_the_wrong_machine_leaves_its_code_and_is_refused(
    tmp_path: Path,
) -> None:
    path = wheel(tmp_path, {**PURE, MODULE: extension_module("_speedups", "x86_64")})
    assert _errors(path, built()) == ["wrong-machine"]


def test_kind_6_debug_information_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, {**PURE, MODULE: extension_module("_speedups", sections=[".debug_info"])})
    assert _errors(path, built()) == ["debug-sections"]


def test_kind_6_paths_of_the_build_machine_are_refused(tmp_path: Path) -> None:
    module = extension_module("_speedups", code=b"\0/home/someone/work/x.c\0")
    path = wheel(tmp_path, {**PURE, MODULE: module})
    assert _errors(path, built()) == []
    assert _errors(path, built(build_paths=("/home/someone",))) == ["build-path"]


def test_kind_7_an_undefined_behaviour_sanitizer_is_refused_imported_or_embedded(tmp_path: Path) -> None:
    imported = [Need("memcpy", "GLIBC_2.17", "libc.so.6"), Need("__ubsan_handle_add_overflow")]
    path = wheel(tmp_path / "a", {**PURE, MODULE: extension_module("_speedups", imports=imported)})
    assert _errors(path, built()) == ["sanitizer-runtime"]
    embedded = extension_module("_speedups", code=b"\0__ubsan_handle_type_mismatch_v1\0")
    assert _errors(wheel(tmp_path / "b", {**PURE, MODULE: embedded}), built()) == ["sanitizer-runtime"]
    # Stripped, only the runtime's messages are left of it.
    stripped = extension_module("_speedups", code=b"execution reached an unreachable program point")
    assert _errors(wheel(tmp_path / "c", {**PURE, MODULE: stripped}), built()) == ["sanitizer-runtime"]


def test_kind_8_debug_databases_and_import_libraries_are_refused(tmp_path: Path) -> None:
    files = {
        **OWN,
        "demo/_speedups.pdb": b"Microsoft C/C++ MSF 7.00\r\n\x1aDS",
        "demo/_speedups.lib": b"!<arch>\n",
    }
    assert _errors(wheel(tmp_path, files), built()) == ["build-leftover", "build-leftover"]


def test_a_symbol_that_musl_got_later_is_refused_for_a_musl_tag(tmp_path: Path) -> None:
    name = "demo/_speedups.cpython-311-aarch64-linux-musl.so"
    tag = "cp311-cp311-musllinux_1_2_aarch64"

    def report(folder: str, symbol: str) -> list[str]:
        module = extension_module("_speedups", needed=["libc.so"], imports=[Need(symbol)])
        path = wheel(tmp_path / folder, {**PURE, name: module}, tag=tag)
        return codes(check_wheel(path, MUSL, built=built(extension_suffix=None)))

    assert report("a", "preadv") == []
    assert report("b", "preadv2") == ["error musl-symbol-too-new"]
    assert report("c", "pwritev2") == ["error musl-symbol-too-new"]


def test_an_elf_of_the_wrong_machine_in_a_wheel_for_any_platform_is_refused(tmp_path: Path) -> None:
    path = wheel(tmp_path, {**PURE, "demo/libfast.so": elf_file("x86_64")}, tag="py3-none-any")
    assert {f.code for f in check(path).errors} == {"elf-in-pure-wheel", "wrong-machine"}


def test_a_glibc_older_than_the_symbols_is_refused_on_every_architecture(tmp_path: Path) -> None:
    target = parse_target_id("cp311-linux_ppc64le_glibc_2_17")
    module = extension_module("_speedups", "ppc64le", glibc="2.19")
    path = wheel(
        tmp_path,
        {"demo/_speedups.cpython-311-powerpc64le-linux-gnu.so": module},
        tag="cp311-cp311-linux_ppc64le",
    )
    assert [f.code for f in check_wheel(path, target).errors] == ["symbol-too-new"]


def test_a_required_extension_that_needs_a_library_of_the_build_machine_is_refused(tmp_path: Path) -> None:
    module = extension_module("_speedups", needed=["libyaml-0.so.2", "libc.so.6"])
    assert _errors(wheel(tmp_path, {**PURE, MODULE: module}), built()) == ["library-not-allowed"]


def test_a_module_for_processors_like_the_build_machines_is_refused(tmp_path: Path) -> None:
    target = parse_target_id("cp311-linux_x86_64_glibc_2_28")
    name = "demo/_speedups.cpython-311-x86_64-linux-gnu.so"
    path = wheel(tmp_path, {name: extension_module("_speedups", "x86_64", x86_isa=7)}, tag=OTHER_TAG)
    report = check_wheel(path, target, built=built(extension_suffix=None))
    assert [f.code for f in report.errors] == ["isa-level"]
