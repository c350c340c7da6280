"""The verifier on extension modules: suffix, init function, ABI tag."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked_wheels import MUSL, SUFFIX, built, check, codes, only, wheel
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.findings import CheckReport
from crosswheel.act.check.modules import init_names, parse_module_path, suffix_fault
from crosswheel.act.wheels.finish_wheel import finish_wheel
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
        (".abi3.so", "cp315t-linux_aarch64_glibc_2_28", "other-python-suffix"),
        (".abi3t.so", "cp314t-linux_aarch64_glibc_2_28", "other-python-suffix"),
        (".abi3t.so", "cp314-linux_aarch64_glibc_2_28", "other-python-suffix"),
        (".abi3t.so", "cp315t-linux_aarch64_glibc_2_28", None),
        (".abi3t.so", "cp315-linux_aarch64_glibc_2_28", None),
        (".cpython-314t-aarch64-linux-gnu.so", "cp314-linux_aarch64_glibc_2_28", "other-python-suffix"),
        (".cpython-314t-s390x-linux-gnu.so", "cp314t-linux_s390x_glibc_2_28", None),
        (".cpython-314t-aarch64-linux-musl.so", "cp314t-linux_aarch64_musl_1_2", None),
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


def test_a_wheel_with_modules_for_another_python_only_is_refused(tmp_path: Path) -> None:
    other = {f"demo/_x{SUFFIX.replace('311', '312')}": extension_module("_x")}
    assert codes(check(wheel(tmp_path, other))) == ["error no-module-for-python", "note other-python-suffix"]
    many = wheel(tmp_path / "many", other, tag="py3-none-manylinux_2_28_aarch64")
    assert codes(check(many)) == ["warning abi-tag-disagrees", "note other-python-suffix"]


def test_the_suffix_of_the_target_python_itself_is_demanded_of_a_build(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"demo/_x.cpython-311.so": extension_module("_x")})
    report = check(path, built())
    assert codes(report) == ["error foreign-suffix"]
    assert only(report).message == f"its suffix is .cpython-311.so, the target Python's is {SUFFIX}"


def test_a_musl_module_with_glibcs_suffix_is_refused(tmp_path: Path) -> None:
    module = extension_module("_x", needed=["libc.so"], imports=[Need("memcpy")])
    path = wheel(tmp_path, {f"demo/_x{SUFFIX}": module}, tag="cp311-cp311-musllinux_1_2_aarch64")
    assert codes(check_wheel(path, MUSL)) == ["error foreign-suffix"]


def test_a_module_without_its_init_function_is_refused(tmp_path: Path) -> None:
    report = check(wheel(tmp_path, {f"demo/_x{SUFFIX}": extension_module("_y")}), built())
    assert codes(report) == ["error missing-init"]
    assert only(report).message == "it exports PyInit__y, but importing it as demo._x needs PyInit__x"
    hidden = check(wheel(tmp_path / "b", {f"demo/_x{SUFFIX}": elf_file(exports=[])}), built())
    assert codes(hidden) == ["error missing-init"]
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


def _stable(folder: Path, *symbols: str, tag: str = ABI3, **more: bytes) -> Path:
    module = extension_module("_x", imports=[Need(symbol) for symbol in symbols])
    files = {"demo/_x.abi3.so": module, **{f"demo/{name}.so": data for name, data in more.items()}}
    return wheel(folder, files, tag=tag)


def _pythons(report: CheckReport) -> set[str]:
    return {f"{tag.interpreter}-{tag.abi}" for tag in report.earned_tags}


def test_symbols_of_no_stable_abi_are_told_and_leave_the_target_s_own_python(tmp_path: Path) -> None:
    path = _stable(tmp_path, "_Py_Dealloc", "_PyLong_Sign", "PyCode_New", "PyList_New")
    for facts in (None, built()):
        report = check(path, facts)
        assert codes(report) == ["warning abi3-violation"]
        assert only(report).message == (
            "it uses PyCode_New, _PyLong_Sign, which no version's stable ABI has; the tag it earns is cp311-cp311"
        )
        assert only(report).symbol == "PyCode_New"
        assert _pythons(report) == {"cp311-cp311"}


def test_symbols_of_a_later_stable_abi_raise_the_oldest_python(tmp_path: Path) -> None:
    path = _stable(tmp_path, "PyUnicode_AsUTF8AndSize", "PyType_GetModule", "PyList_New")
    for facts in (None, built()):
        report = check(path, facts)
        assert codes(report) == ["warning abi3-violation"]
        assert only(report).message == (
            "it uses PyType_GetModule (3.10), PyUnicode_AsUTF8AndSize (3.10), younger than the stable ABI of Python "
            "3.9 that its tag promises; the tag it earns is cp310-abi3"
        )
        assert only(report).symbol == "PyType_GetModule"
        assert _pythons(report) == {"cp310-abi3"}


def test_a_symbol_younger_than_the_target_leaves_the_target_s_own_python(tmp_path: Path) -> None:
    report = check(_stable(tmp_path, "PyList_GetItemRef"))
    assert codes(report) == ["warning abi3-violation"]
    assert _pythons(report) == {"cp311-cp311"}


def test_of_several_interpreters_those_that_have_all_symbols_stay(tmp_path: Path) -> None:
    tag = "cp38.cp39.cp310.cp311-abi3-manylinux_2_17_aarch64"
    report = check(_stable(tmp_path, "PyUnicode_AsUTF8AndSize", tag=tag))
    assert _pythons(report) == {"cp310-abi3", "cp311-abi3"}


@pytest.mark.parametrize(
    "symbols",
    [
        ("PyList_New", "_Py_Dealloc", "_Py_NoneStruct", "PyType_Type"),
        ("Pyramid_height", "PyInit_other", "PyModExport_other"),
        ("_PyOwn_helper",),
    ],
)
def test_what_is_stable_or_no_symbol_of_python_is_no_violation(
    tmp_path: Path, symbols: tuple[str, ...]
) -> None:
    report = check(_stable(tmp_path, *symbols, libown=elf_file(exports=["_PyOwn_helper"])))
    assert codes(report) == []
    assert _pythons(report) == {"cp39-abi3"}


def test_a_weak_symbol_and_a_wheel_for_one_python_promise_nothing(tmp_path: Path) -> None:
    weak = extension_module("_x", imports=[Need("_PyLong_Sign", weak=True)])
    assert codes(check(wheel(tmp_path / "a", {"demo/_x.abi3.so": weak}, tag=ABI3))) == []
    own = {f"demo/_x{SUFFIX}": extension_module("_x", imports=[Need("_PyLong_Sign")])}
    assert codes(check(wheel(tmp_path / "b", own))) == []


def test_the_final_wheel_has_the_python_tag_it_earned(tmp_path: Path) -> None:
    path = _stable(tmp_path / "raw", "PyUnicode_AsUTF8AndSize", tag="cp39-abi3-linux_aarch64")
    final = finish_wheel(path, check(path, built()), tmp_path)
    assert final.name == "demo-1.0-cp310-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64.whl"
    assert check(final, built()).findings == ()


def _swapped(data: bytes) -> bytes:
    return data[:5] + b"\2" + data[6:]


_NOT_LOADABLE = {
    "empty": b"",
    "text": b"not an ELF file",
    "an object file": elf_file(file_type=1),
    "a program": elf_file(file_type=2),
    "a static archive": b"!<arch>\n" + b"x.o/".ljust(48) + b"4".ljust(10) + b"`\nbody",
}
_DAMAGED = {
    "cut off": extension_module("_x")[:-40],
    "cut in half": extension_module("_x")[:300],
    "of another byte order": _swapped(extension_module("_x")),
}


@pytest.mark.parametrize(
    "path",
    [
        f"demo/_x{SUFFIX}",
        "demo/_x.abi3.so",
        "demo/_x.so",
        "demo.libs/libz-1.so.1",
        "demo-1.0.data/data/lib/libz.so",
    ],
)
@pytest.mark.parametrize(
    ("code", "data"),
    [("not-loadable", data) for data in _NOT_LOADABLE.values()]
    + [("damaged-binary", data) for data in _DAMAGED.values()],
    ids=[*_NOT_LOADABLE, *_DAMAGED],
)
def test_what_has_the_name_of_a_binary_must_be_one_that_loads(
    tmp_path: Path, path: str, code: str, data: bytes
) -> None:
    report = check(wheel(tmp_path, {path: data}))
    assert [(f.code, f.file) for f in report.errors] == [(code, path)]


_FOREIGN = {
    "a Mach-O file": b"\xcf\xfa\xed\xfe\x0c\0\0\x01" + bytes(200),
    "a PE file": b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0\x64\x86" + bytes(200),
    "WebAssembly": b"\0asm\1\0\0\0",
}


@pytest.mark.parametrize("data", _FOREIGN.values(), ids=_FOREIGN)
@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"demo/_x{SUFFIX}", "wrong-format"),
        ("demo/_x.abi3.so", "wrong-format"),
        ("demo.libs/libz-1.so.1", "not-loadable"),
    ],
)
def test_no_file_of_another_system_has_the_name_of_a_binary(
    tmp_path: Path, path: str, code: str, data: bytes
) -> None:
    report = check(wheel(tmp_path, {f"demo/_y{SUFFIX}": extension_module("_y"), path: data}))
    assert [(f.code, f.file) for f in report.errors] == [(code, path)]


_WINDOWS_MODULE = {"demo/_x.pyd": _FOREIGN["a PE file"]}


def test_modules_of_another_system_alone_are_no_data(tmp_path: Path) -> None:
    report = check(wheel(tmp_path / "alone", _WINDOWS_MODULE))
    assert [(f.code, f.file) for f in report.errors] == [("wrong-format", "demo/_x.pyd")]
    assert "an extension module of another system in a wheel for" in report.errors[0].message


@pytest.mark.parametrize(
    "files",
    [
        {**_WINDOWS_MODULE, f"demo/_y{SUFFIX}": extension_module("_y")},
        {"demo/launcher.exe": _FOREIGN["a PE file"], "demo/helper.dll": _FOREIGN["a PE file"]},
    ],
    ids=["beside one of the target", "programs and libraries"],
)
def test_code_of_another_system_that_may_be_data_is_noted(tmp_path: Path, files: dict[str, bytes]) -> None:
    report = check(wheel(tmp_path, files))
    assert (report.errors, "note foreign-format" in codes(report)) == ((), True)


def test_a_linker_script_is_no_extension_module(tmp_path: Path) -> None:
    report = check(wheel(tmp_path, {f"demo/_x{SUFFIX}": b"INPUT(libx.so.1)\n"}))
    assert [(f.code, f.file) for f in report.errors] == [("not-loadable", f"demo/_x{SUFFIX}")]
    assert "but is a linker script;" in report.errors[0].message


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("demo.libs/libm.so", b"/* GNU ld script\n*/\nOUTPUT_FORMAT(elf64-x)\nGROUP ( libm.so.6 )\n"),
        ("demo.libs/libncurses.so", b"INPUT(libncurses.so.6 -ltinfo)\n"),
        ("demo/_x.cpython-312-aarch64-linux-gnu.so", b""),
        ("demo/_x.cpython-311-darwin.so", b""),
        ("demo/_x.cp311-win_amd64.pyd", b""),
        ("demo/some.so.txt", b""),
    ],
)
def test_what_the_target_does_not_load_by_that_name_may_be_anything(
    tmp_path: Path, path: str, data: bytes
) -> None:
    report = check(wheel(tmp_path, {f"demo/_y{SUFFIX}": extension_module("_y"), path: data}))
    assert report.findings == ()


def test_damaged_and_empty_data_of_a_published_wheel_is_no_reason_to_refuse_it(tmp_path: Path) -> None:
    files = {f"demo/_y{SUFFIX}": extension_module("_y"), "demo/samples/cut.elf": extension_module("_x")[:300]}
    assert codes(check(wheel(tmp_path / "a", files))) == ["warning damaged-binary"]
    files = {"demo/__init__.py": b"", "demo/samples/empty.so": b""}
    assert codes(check(wheel(tmp_path / "b", files, tag="py3-none-any"))) == ["warning not-loadable"]
