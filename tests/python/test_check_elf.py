"""The verifier on every binary of a wheel: machine, C library, needed libraries, symbol versions, hygiene."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked_wheels import MUSL, SUFFIX, built, check, codes, only, wheel
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.facts import BuiltFacts
from crosswheel.act.check.findings import Finding
from crosswheel.target.targets import parse_target_id
from elf_files import ARCHITECTURES, Need, elf_file, extension_module

MODULE = f"demo/_x{SUFFIX}"
MUSL_MODULE = "demo/_x.cpython-311-aarch64-linux-musl.so"
MUSL_TAG = "cp311-cp311-musllinux_1_2_aarch64"
MEMCPY = Need("memcpy", "GLIBC_2.17", "libc.so.6")


def _one(folder: Path, **changes: object) -> Finding:
    return only(check(wheel(folder, {MODULE: extension_module("_x", **changes)}), built()))  # type: ignore[arg-type]


@pytest.mark.parametrize("arch", sorted(set(ARCHITECTURES) - {"aarch64", "armv7l"}))
def test_a_binary_of_any_other_machine_is_refused_by_name(tmp_path: Path, arch: str) -> None:
    finding = only(check(wheel(tmp_path, {MODULE: extension_module("_x", arch)})))
    assert (finding.code, finding.severity.value, finding.file) == ("wrong-machine", "error", MODULE)
    assert finding.message.endswith("the target is aarch64; it was compiled for another machine")


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_targets_own_machine_is_right(tmp_path: Path, arch: str) -> None:
    word = {"i686": "i386", "armv7l": "arm", "ppc64le": "powerpc64le"}.get(arch, arch)
    abi = "gnueabihf" if arch == "armv7l" else "gnu"
    files = {f"demo/_x.cpython-311-{word}-linux-{abi}.so": extension_module("_x", arch)}
    path = wheel(tmp_path, files, tag=f"cp311-cp311-linux_{arch}")
    report = check_wheel(
        path, parse_target_id(f"cp311-linux_{arch}_glibc_2_31"), built=built(extension_suffix=None)
    )
    assert report.findings == ()
    level = {"x86_64": 17, "riscv64": 31}.get(arch, 17)
    assert f"cp311-cp311-manylinux_2_{level}_{arch}" in [str(tag) for tag in report.earned_tags]


@pytest.mark.parametrize(
    ("arch", "flags", "words"),
    [
        ("armv7l", 0x05000200, "the hard-float calling convention"),
        ("armv7l", 0x04000000, "the hard-float calling convention"),
        ("ppc64le", 1, "the ELFv2 ABI"),
        ("riscv64", 1, "the double-float ABI (lp64d)"),
    ],
)
def test_the_flags_of_another_abi_are_refused(tmp_path: Path, arch: str, flags: int, words: str) -> None:
    word = {"armv7l": "arm", "ppc64le": "powerpc64le"}.get(arch, arch)
    abi = "gnueabihf" if arch == "armv7l" else "gnu"
    files = {f"demo/_x.cpython-311-{word}-linux-{abi}.so": extension_module("_x", arch, flags=flags)}
    path = wheel(tmp_path, files, tag=f"cp311-cp311-linux_{arch}")
    report = check_wheel(path, parse_target_id(f"cp311-linux_{arch}_glibc_2_31"))
    finding = only(report)
    assert finding.code == "wrong-machine"
    assert words in finding.message


def test_a_hidden_binary_without_suffix_is_found_by_magic(tmp_path: Path) -> None:
    files = {MODULE: extension_module("_x"), "demo/data.bin": elf_file("x86_64")}
    finding = only(check(wheel(tmp_path, files)))
    assert (finding.code, finding.file) == ("wrong-machine", "demo/data.bin")


def test_objects_in_static_archives_are_judged(tmp_path: Path) -> None:
    body = elf_file("x86_64", file_type=1)
    archive = b"!<arch>\n" + b"x.o/".ljust(48) + str(len(body)).encode().ljust(10) + b"`\n" + body
    finding = only(check(wheel(tmp_path, {MODULE: extension_module("_x"), "demo/libx.a": archive})))
    assert (finding.code, finding.file) == ("wrong-machine", "demo/libx.a(x.o)")


def test_an_elf_in_a_wheel_for_any_platform_is_refused_even_of_the_right_machine(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"demo/lib.so": elf_file()}, tag="py3-none-any")
    finding = only(check(path))
    assert (finding.code, finding.severity.value, finding.file) == (
        "elf-in-pure-wheel",
        "error",
        "demo/lib.so",
    )


def test_launchers_of_windows_in_a_pure_wheel_are_only_noted(tmp_path: Path) -> None:
    launcher = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0\x64\x86"
    path = wheel(tmp_path, {"demo/cli-64.exe": launcher}, tag="py3-none-any")
    assert codes(check(path)) == codes(check(path, built())) == ["note foreign-format"]


def test_a_mach_o_module_under_a_name_of_linux_is_refused(tmp_path: Path) -> None:
    data = b"\xcf\xfa\xed\xfe\x0c\0\0\x01" + b"_PyInit__x\0"
    assert "error wrong-format" in codes(check(wheel(tmp_path, {MODULE: data})))


def test_code_for_accelerators_and_32_bit_helpers_do_not_refuse_a_prebuilt_wheel(tmp_path: Path) -> None:
    gpu = bytearray(elf_file())
    gpu[18:20] = (190).to_bytes(2, "little")
    files = {
        MODULE: extension_module("_x"),
        "demo/kernel.cubin": bytes(gpu),
        "demo/helper32.so": elf_file("armv7l"),
    }
    path = wheel(tmp_path, files)
    assert codes(check(path)) == ["warning secondary-machine", "note accelerator-code"]
    assert check(path, built()).refused


def test_code_of_the_32_bit_kind_alone_is_for_the_wrong_machine(tmp_path: Path) -> None:
    alone = check(
        wheel(
            tmp_path / "a", {"demo/_x.cpython-311-arm-linux-gnueabihf.so": extension_module("_x", "armv7l")}
        )
    )
    assert codes(alone) == ["error wrong-machine"]
    assert alone.findings[0].message.endswith("; nothing in the wheel is for the target")
    files = {MODULE: extension_module("_x"), "demo/_y.abi3.so": extension_module("_y", "armv7l")}
    beside = check(wheel(tmp_path / "b", files))
    assert codes(beside) == ["error wrong-machine"]
    assert beside.findings[0].message.endswith("; an extension module is no helper")


def test_a_damaged_binary_is_refused_in_a_build(tmp_path: Path) -> None:
    right = extension_module("_x")
    other_order = right[:5] + b"\2" + right[6:]
    reasons = {
        right[:4]: "it is shorter than an ELF header",
        right[:63]: "it is shorter than an ELF header",
        right[:4] + b"\3" + right[5:]: "its class or byte order is none that ELF defines",
        other_order: "its numbers are little-endian, which its header denies",
        b"\x7fELF\x02\x01\x01" + bytes(80): "it is of version 0, which no ELF is",
        right[:200]: "a segment of it ends after the file does",
        right[:100]: "56 bytes at 0x40 are outside of the file",
    }
    for number, (data, why) in enumerate(reasons.items()):
        finding = check(wheel(tmp_path / str(number), {MODULE: data}), built()).findings[0]
        assert (finding.code, finding.message) == (
            "damaged-binary",
            f"it begins like an ELF file, but {why}; rebuild the wheel",
        )


def test_a_symbol_newer_than_the_targets_glibc_is_refused_by_file_symbol_and_library(tmp_path: Path) -> None:
    finding = _one(
        tmp_path, needed=["libm.so.6", "libc.so.6"], imports=[Need("pow", "GLIBC_2.29", "libm.so.6"), MEMCPY]
    )
    assert (finding.code, finding.file, finding.symbol, finding.library) == (
        "symbol-too-new", MODULE, "pow@GLIBC_2.29", "libm.so.6",
    )  # fmt: skip
    assert finding.message == (
        "it needs pow@GLIBC_2.29 of libm.so.6, which is first in manylinux_2_29; the target has glibc 2.28"
    )


def test_a_symbol_as_new_as_the_targets_glibc_raises_the_earned_tag(tmp_path: Path) -> None:
    report = check(wheel(tmp_path, {MODULE: extension_module("_x", glibc="2.28")}), built())
    assert report.findings == ()
    assert [str(tag) for tag in report.earned_tags] == ["cp311-cp311-manylinux_2_28_aarch64"]


def test_glibcs_private_symbols_are_refused(tmp_path: Path) -> None:
    finding = _one(tmp_path, imports=[Need("__libc_secret", "GLIBC_PRIVATE", "libc.so.6")])
    assert finding.message == (
        "it needs __libc_secret@GLIBC_PRIVATE of libc.so.6, which no manylinux platform has; the target has glibc 2.28"
    )


def test_the_relocation_format_of_newer_loaders_is_refused(tmp_path: Path) -> None:
    assert (
        _one(tmp_path, imports=[MEMCPY, Need("x", "GLIBC_ABI_DT_RELR", "libc.so.6")]).code == "symbol-too-new"
    )


def test_newer_libstdcxx_symbols_are_refused_in_a_build(tmp_path: Path) -> None:
    cxx = Need("_ZSt3foo", "GLIBCXX_3.4.29", "libstdc++.so.6")
    finding = _one(tmp_path, needed=["libstdc++.so.6", "libc.so.6"], imports=[cxx, MEMCPY])
    assert (finding.code, finding.library) == ("library-symbol-too-new", "libstdc++.so.6")
    assert "manylinux_2_34" in finding.message


def test_what_a_toolchain_of_the_users_own_linked_is_told_with_the_glibc_that_all_of_it_needs(
    tmp_path: Path,
) -> None:
    cxx = Need("_ZSt3foo", "GLIBCXX_3.4.30", "libstdc++.so.6")
    newer = Need("fstat64", "GLIBC_2.33", "libc.so.6")
    path = wheel(
        tmp_path,
        {MODULE: extension_module("_x", needed=["libstdc++.so.6", "libc.so.6"], imports=[cxx, newer])},
    )
    report = check(path, built(toolchain="gcc 12 with glibc 2.36"))
    remedy = (
        ". gcc 12 with glibc 2.36 linked it: let zig do it, which links with the target's glibc, "
        "or raise the target's glibc to 2.35"
    )
    assert [finding.message for finding in report.findings] == [
        f"it needs fstat64@GLIBC_2.33 of libc.so.6, which is first in manylinux_2_33; the target has glibc 2.28{remedy}",
        f"it needs _ZSt3foo@GLIBCXX_3.4.30 of libstdc++.so.6, which is first in manylinux_2_35; the target has glibc 2.28{remedy}",
    ]


def test_a_prebuilt_wheel_whose_tag_promises_too_much_is_reported(tmp_path: Path) -> None:
    path = wheel(tmp_path, {MODULE: extension_module("_x", glibc="2.27")})
    report = check(path)
    assert codes(report) == ["warning tag-not-earned"]
    assert only(report).message == (
        "its tag promises glibc 2.17, its binaries need manylinux_2_27; it fits glibc 2.28 all the same"
    )


def test_a_library_that_is_neither_bundled_nor_everywhere_is_refused_and_blocks_the_tag(
    tmp_path: Path,
) -> None:
    path = wheel(tmp_path, {MODULE: extension_module("_x", needed=["libyaml-0.so.2", "libc.so.6"])})
    report = check(path, built())
    finding = only(report)
    assert (finding.code, finding.library) == ("library-not-allowed", "libyaml-0.so.2")
    assert finding.message == (
        "it needs libyaml-0.so.2, which is neither in the wheel nor on every glibc 2.28 system; "
        "bundle it, or link it statically"
    )
    accepted = check(path, built(), accept=("library-not-allowed",))
    assert not accepted.refused
    assert [str(tag) for tag in accepted.earned_tags] == ["cp311-cp311-linux_aarch64"]
    assert codes(check(path)) == ["warning library-not-allowed"]


def test_a_bundled_library_is_found_by_its_run_path(tmp_path: Path) -> None:
    files = {
        MODULE: extension_module(
            "_x", needed=["libyaml-1.so.2", "libc.so.6"], run_path="$ORIGIN/../demo.libs"
        ),
        "demo.libs/libyaml-1.so.2": elf_file(soname="libyaml-1.so.2", needed=["libc.so.6"]),
    }
    assert check(wheel(tmp_path, files), built()).findings == ()


def test_a_bundled_library_without_a_run_path_is_reported(tmp_path: Path) -> None:
    files = {
        MODULE: extension_module("_x", needed=["libyaml-1.so.2", "libc.so.6"]),
        "demo.libs/libyaml-1.so.2": elf_file(needed=["libc.so.6"]),
    }
    report = check(wheel(tmp_path, files), built())
    assert codes(report) == ["warning library-unreachable"]
    assert "manylinux2014_aarch64" in {tag.platform for tag in report.earned_tags}


def test_libpython_is_refused(tmp_path: Path) -> None:
    finding = _one(tmp_path, needed=["libpython3.11.so.1.0", "libc.so.6"])
    assert (finding.code, finding.library) == ("libpython-needed", "libpython3.11.so.1.0")


def test_a_musl_binary_does_not_fit_glibc(tmp_path: Path) -> None:
    finding = _one(tmp_path, needed=["libc.musl-aarch64.so.1"], imports=[Need("memcpy")])
    assert finding.message == "it needs libc.musl-aarch64.so.1, that is musl; the target has glibc 2.28"


@pytest.mark.parametrize(
    ("code", "library"), [("wrong-libc", "libc.musl-aarch64.so.1"), ("library-not-allowed", "libfoo.so.1")]
)
def test_an_accepted_library_outside_of_the_policy_earns_no_manylinux_tag(
    tmp_path: Path, code: str, library: str
) -> None:
    report = check(wheel(tmp_path, {MODULE: extension_module("_x", needed=[library])}), accept=(code,))
    assert not report.refused
    assert {tag.platform for tag in report.earned_tags} == {"linux_aarch64"}


@pytest.mark.parametrize("libc", ["libc.so", "libc.musl-aarch64.so.1"])
def test_both_names_of_musl_are_right(tmp_path: Path, libc: str) -> None:
    module = extension_module("_x", needed=[libc], imports=[Need("memcpy")])
    report = check_wheel(
        wheel(tmp_path, {MUSL_MODULE: module}, tag=MUSL_TAG), MUSL, built=built(extension_suffix=None)
    )
    assert report.findings == ()
    assert [str(tag) for tag in report.earned_tags] == [MUSL_TAG]


def test_a_glibc_binary_does_not_fit_musl(tmp_path: Path) -> None:
    report = check_wheel(wheel(tmp_path, {MUSL_MODULE: extension_module("_x")}, tag=MUSL_TAG), MUSL)
    assert codes(report) == ["error wrong-libc"]


def test_a_program_for_the_other_loader_is_refused(tmp_path: Path) -> None:
    program = elf_file(needed=[], interpreter="/lib/ld-musl-aarch64.so.1", file_type=2)
    assert codes(check(wheel(tmp_path, {"demo/tool": program}))) == ["error wrong-libc"]


def test_an_undefined_symbol_that_nothing_offers_is_refused(tmp_path: Path) -> None:
    finding = _one(tmp_path, imports=[MEMCPY, Need("yaml_parser_parse")])
    assert (finding.code, finding.symbol) == ("undefined-symbol", "yaml_parser_parse")


@pytest.mark.parametrize(
    "need",
    [Need("pthread_create"), Need("atan2f"), Need("hook", weak=True), Need("_PyThreadState_UncheckedGet")],
)
def test_symbols_the_interpreter_brings_are_right(tmp_path: Path, need: Need) -> None:
    assert (
        check(wheel(tmp_path, {MODULE: extension_module("_x", imports=[MEMCPY, need])}), built()).findings
        == ()
    )


def _on_musl(
    folder: Path, *needs: str, libraries: tuple[str, ...] = ("libc.so",), facts: BuiltFacts | None = None
) -> list[str]:
    module = extension_module("_x", needed=libraries, imports=[Need(name) for name in needs])
    return codes(check_wheel(wheel(folder, {MUSL_MODULE: module}, tag=MUSL_TAG), MUSL, built=facts))


def test_on_musl_what_no_musl_has_is_refused(tmp_path: Path) -> None:
    facts = built(extension_suffix=None)
    assert _on_musl(tmp_path / "a", "__memcpy_chk", facts=facts) == ["error undefined-symbol"]
    assert _on_musl(tmp_path / "b", "__memcpy_chk") == ["warning undefined-symbol"]
    assert _on_musl(tmp_path / "c", "__memcpy_chk", libraries=(), facts=facts) == ["error undefined-symbol"]
    # A library outside of the wheel that is not musl, or none at all of a stranger's, may have it.
    assert _on_musl(tmp_path / "d", "deflate", libraries=("libz.so.1", "libc.so"), facts=facts) == []
    assert _on_musl(tmp_path / "e", "__memcpy_chk", libraries=()) == []


@pytest.mark.parametrize(
    "name", ["memcpy", "fopen64", "pthread_create", "__tls_get_addr", "PyList_New", "atan2f"]
)
def test_on_musl_what_any_musl_or_python_has_is_right(tmp_path: Path, name: str) -> None:
    assert _on_musl(tmp_path, name, facts=built(extension_suffix=None)) == []


@pytest.mark.parametrize("name", ["preadv2", "renameat2", "statx", "gettid", "qsort_r"])
def test_what_a_later_release_of_musl_brought_is_refused(tmp_path: Path, name: str) -> None:
    assert _on_musl(tmp_path / "a", name) == ["warning musl-symbol-too-new"]
    assert _on_musl(tmp_path / "b", name, facts=built(extension_suffix=None)) == ["error musl-symbol-too-new"]


def test_an_undefined_symbol_in_a_module_we_linked_without_libc_is_refused(tmp_path: Path) -> None:
    imports = [
        Need("PyLong_FromLong"),
        Need("foo_bar_missing"),
        Need("__cxa_finalize"),
        Need("__tls_get_addr"),
    ]
    path = wheel(tmp_path, {MODULE: extension_module("_x", needed=[], imports=imports)})
    finding = only(check(path, built()))
    assert (finding.code, finding.severity.value, finding.symbol) == (
        "undefined-symbol",
        "error",
        "foo_bar_missing",
    )
    assert check(path).findings == ()


def test_a_name_of_python_that_the_targets_headers_lack_is_refused(tmp_path: Path) -> None:
    known = frozenset({"PyLong_FromLong", "_PyDict_NewPresized"})
    imports = [MEMCPY, *(Need(name) for name in sorted(known)), Need("PyUnstable_Long_IsCompact")]
    path = wheel(tmp_path, {MODULE: extension_module("_x", imports=imports)})
    finding = only(check(path, built(python_names=known)))
    assert (finding.code, finding.severity.value) == ("undefined-symbol", "error")
    assert finding.message == (
        "it needs PyUnstable_Long_IsCompact, which the headers of cp311 do not have; "
        "importing or calling it would fail"
    )
    assert check(path, built()).findings == ()


def test_a_weak_or_bundled_name_of_python_is_right(tmp_path: Path) -> None:
    imports = [MEMCPY, Need("PyNew_Thing", weak=True), Need("PyOwn_Thing")]
    files = {
        MODULE: extension_module("_x", imports=imports),
        "demo/libown.so": elf_file(exports=["PyOwn_Thing"]),
    }
    assert check(wheel(tmp_path, files), built(python_names=frozenset())).findings == ()


def test_symbols_are_not_judged_where_a_library_without_versions_may_offer_them(tmp_path: Path) -> None:
    module = extension_module("_x", needed=["libz.so.1", "libc.so.6"], imports=[MEMCPY, Need("deflate")])
    assert check(wheel(tmp_path, {MODULE: module}), built()).findings == ()


def test_symbols_of_another_file_of_the_wheel_are_right(tmp_path: Path) -> None:
    files = {
        MODULE: extension_module("_x", imports=[MEMCPY, Need("core_run")]),
        "demo/libcore.so": elf_file(exports=["core_run"]),
    }
    assert check(wheel(tmp_path, files), built()).findings == ()


def test_a_run_path_into_the_build_machine_is_refused(tmp_path: Path) -> None:
    assert _one(tmp_path, run_path="/usr/local/lib").code == "run-path-absolute"


def test_an_executable_stack_is_refused(tmp_path: Path) -> None:
    assert _one(tmp_path, executable_stack=True).code == "executable-stack"


def test_text_relocations_are_refused(tmp_path: Path) -> None:
    assert _one(tmp_path, text_relocations=True).code == "text-relocations"


@pytest.mark.parametrize(("bits", "level"), [(1, None), (1 | 2, "x86-64-v2"), (1 | 2 | 4, "x86-64-v3")])
def test_a_module_marked_for_newer_processors_is_refused(
    tmp_path: Path, bits: int, level: str | None
) -> None:
    module = extension_module("_x", "x86_64", x86_isa=bits)
    path = wheel(
        tmp_path, {"demo/_x.cpython-311-x86_64-linux-gnu.so": module}, tag="cp311-cp311-manylinux_2_17_x86_64"
    )
    target = parse_target_id("cp311-linux_x86_64_glibc_2_28")
    assert [
        f.message.split(";")[0]
        for f in check_wheel(path, target, built=built(extension_suffix=None)).findings
    ] == ([f"it is marked as needing {level}"] if level else [])


def test_prebuilt_wheels_are_warned_about_what_a_build_is_refused_for(tmp_path: Path) -> None:
    module = extension_module(
        "_x",
        run_path="/usr/local/lib",
        executable_stack=True,
        text_relocations=True,
        sections=[".debug_info"],
    )
    path = wheel(tmp_path, {MODULE: module})
    assert not check(path).refused
    assert len(check(path, built()).errors) == 4
