"""The verifier on extension modules: suffix, init function, ABI tag."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked_wheels import MUSL, SUFFIX, built, check, codes, only, wheel
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.modules import init_names, parse_module_path, suffix_fault
from crosswheel.target.targets import parse_target_id
from elf_files import Need, elf_file, extension_module

ABI3 = "cp39-abi3-manylinux_2_17_aarch64"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/b.cpython-311-aarch64-linux-gnu.so", "a.b"),
        ("a/__init__.cpython-311-aarch64-linux-gnu.so", "a"),
        ("b.abi3.so", "b"),
        ("b.abi3t.so", "b"),
        ("b.abi3-aarch64-linux-gnu.so", "b"),
        ("a-1.data/platlib/a/b.pypy311-pp73-aarch64-linux-gnu.so", "a.b"),
        ("a/b.cp311-win_amd64.pyd", "a.b"),
        ("a/b.pyd", "a.b"),
        ("a/b.so", "a.b"),
        ("a/b.cpython-313t-darwin.so", "a.b"),
        ("a.libs/libz-1a2b.so.1", None),
        ("a/libfoo-1.so", None),
        ("a-1.data/scripts/tool.so", None),
        ("a/b.so.1", None),
    ],
)
def test_module_names_are_read_from_paths(path: str, name: str | None) -> None:
    module = parse_module_path(path)
    assert (module.name if module else None) == name


def test_the_init_function_of_a_name_beyond_ascii_follows_pep_489() -> None:
    module = parse_module_path("lančmít.so")
    assert module is not None
    assert init_names(module)[0] == "PyInitU_lanmt_2sa6t"


@pytest.mark.parametrize(
    ("suffix", "target", "code"),
    [
        (".cpython-311-aarch64-linux-gnu.so", "cp311-linux_aarch64_glibc_2_28", None),
        (".cpython-311-aarch64-linux-gnu.so", "cp311-linux_aarch64_musl_1_2", "foreign-suffix"),
        (".cpython-310-aarch64-linux-gnu.so", "cp310-linux_aarch64_musl_1_2", None),
        (".cpython-311-aarch64-linux-musl.so", "cp311-linux_aarch64_glibc_2_28", "foreign-suffix"),
        (".cpython-311-x86_64-linux-gnu.so", "cp311-linux_aarch64_glibc_2_28", "foreign-suffix"),
        (".cpython-311-darwin.so", "cp311-linux_aarch64_glibc_2_28", "foreign-suffix"),
        (".cp311-win_amd64.pyd", "cp311-linux_x86_64_glibc_2_28", "foreign-suffix"),
        (".cpython-310-aarch64-linux-gnu.so", "cp311-linux_aarch64_glibc_2_28", "other-python-suffix"),
        (".cpython-313-aarch64-linux-gnu.so", "cp313t-linux_aarch64_glibc_2_28", "other-python-suffix"),
        (".cpython-313t-aarch64-linux-gnu.so", "cp313t-linux_aarch64_glibc_2_28", None),
        (".cpython-311-arm-linux-gnueabihf.so", "cp311-linux_armv7l_glibc_2_28", None),
        (".cpython-311-i386-linux-gnu.so", "cp311-linux_i686_glibc_2_28", None),
        (".cpython-311-powerpc64le-linux-gnu.so", "cp311-linux_ppc64le_glibc_2_28", None),
        (".abi3.so", "cp311-linux_aarch64_glibc_2_28", None),
        (".abi3.so", "cp314t-linux_aarch64_glibc_2_28", "other-python-suffix"),
        (".abi3-x86_64-linux-gnu.so", "cp314-linux_aarch64_glibc_2_28", "foreign-suffix"),
    ],
)
def test_suffixes_are_judged_for_the_target(suffix: str, target: str, code: str | None) -> None:
    module = parse_module_path(f"demo/_x{suffix}")
    assert module is not None
    fault = suffix_fault(module, parse_target_id(target))
    assert (fault[0] if fault else None) == code


def test_a_module_with_the_suffix_of_another_machine_is_refused_though_its_code_is_right(
    tmp_path: Path,
) -> None:
    finding = only(
        check(wheel(tmp_path, {"demo/_x.cpython-311-x86_64-linux-gnu.so": extension_module("_x")}))
    )
    assert (finding.code, finding.severity.value) == ("foreign-suffix", "error")


def test_a_module_for_another_python_is_refused_in_a_build_and_noted_in_a_prebuilt_wheel(
    tmp_path: Path,
) -> None:
    files = {
        f"demo/_x{SUFFIX}": extension_module("_x"),
        f"demo/_x{SUFFIX.replace('311', '312')}": extension_module("_x"),
    }
    path = wheel(tmp_path, files)
    assert codes(check(path)) == ["note other-python-suffix"]
    assert codes(check(path, built())) == ["error other-python-suffix"]


def test_the_suffix_of_the_target_python_itself_is_demanded_of_a_build(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"demo/_x.cpython-311.so": extension_module("_x")})
    assert only(check(path, built())).message == (
        f"its suffix is .cpython-311.so, the target Python's is {SUFFIX}"
    )


def test_a_musl_module_with_glibcs_suffix_is_refused(tmp_path: Path) -> None:
    module = extension_module("_x", needed=["libc.so"], imports=[Need("memcpy")])
    path = wheel(tmp_path, {f"demo/_x{SUFFIX}": module}, tag="cp311-cp311-musllinux_1_2_aarch64")
    assert codes(check_wheel(path, MUSL)) == ["error foreign-suffix"]


def test_a_module_without_its_init_function_is_refused(tmp_path: Path) -> None:
    finding = only(check(wheel(tmp_path, {f"demo/_x{SUFFIX}": extension_module("_y")}), built()))
    assert finding.message == "it exports PyInit__y, but importing it as demo._x needs PyInit__x"
    hidden = check(wheel(tmp_path / "b", {f"demo/_x{SUFFIX}": elf_file(exports=[])}), built())
    assert only(hidden).message == "it exports nothing, but importing it needs PyInit__x"


def test_a_library_for_ctypes_with_a_modules_name_is_only_a_warning(tmp_path: Path) -> None:
    path = wheel(tmp_path, {f"demo/_x{SUFFIX}": elf_file(exports=["demo_add"])})
    assert codes(check(path, built())) == ["warning no-init"]


def test_a_shared_library_with_a_bare_name_is_no_module(tmp_path: Path) -> None:
    report = check(wheel(tmp_path, {"demo/libdemo.so": elf_file(exports=["demo_add"])}), built())
    assert report.findings == ()
    assert report.modules == ()


def test_the_stable_abi_suffix_needs_the_stable_abi_tag(tmp_path: Path) -> None:
    files = {"demo/_x.abi3.so": extension_module("_x")}
    assert check(wheel(tmp_path / "a", files, tag=ABI3), built()).findings == ()
    assert codes(check(wheel(tmp_path / "b", files), built())) == ["warning abi3-suffix"]


@pytest.mark.parametrize("tag", [ABI3, "py3-none-manylinux_2_17_aarch64"])
def test_a_module_for_one_python_refutes_a_tag_for_many(tmp_path: Path, tag: str) -> None:
    path = wheel(tmp_path, {f"demo/_x{SUFFIX}": extension_module("_x")}, tag=tag)
    assert codes(check(path)) == ["warning abi-tag-disagrees"]
    assert codes(check(path, built())) == ["error abi-tag-disagrees"]


def test_private_symbols_in_a_stable_abi_module_are_reported(tmp_path: Path) -> None:
    imports = [Need("_Py_Dealloc"), Need("_PyLong_Sign")]
    path = wheel(tmp_path, {"demo/_x.abi3.so": extension_module("_x", imports=imports)}, tag=ABI3)
    assert only(check(path)).message == (
        "its suffix promises the stable ABI, but it uses _PyLong_Sign, which is outside of it"
    )
