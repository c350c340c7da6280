"""The comparison with a prebuilt wheel of the same release."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked_wheels import AARCH64, SUFFIX, built, check, codes, only, wheel
from crosswheel.act.check.findings import CheckReport
from crosswheel.act.check.oracle import Kinship, kinship_of
from crosswheel.act.check.wheel_file import parse_wheel_name
from crosswheel.target.targets import parse_target_id
from elf_files import Need, elf_file, extension_module

MODULE = f"demo/_x{SUFFIX}"
OTHER_MODULE = "demo/_x.cpython-311-x86_64-linux-gnu.so"
OTHER_TAG = "cp311-cp311-manylinux_2_17_x86_64"
MAC_TAG = "cp311-cp311-macosx_11_0_arm64"
PURE = {"demo/__init__.py": b"NAME = 1\n"}
OWN = {**PURE, MODULE: extension_module("_x")}
OTHER = {**PURE, OTHER_MODULE: extension_module("_x", "x86_64")}


def _compare(
    folder: Path,
    own: dict[str, bytes],
    oracle: dict[str, bytes],
    *,
    tag: str = OTHER_TAG,
    own_tag: str = "cp311-cp311-manylinux_2_17_aarch64",
    own_metadata: str = "",
    oracle_metadata: str = "",
    own_entry_points: str = "",
    oracle_entry_points: str = "",
) -> CheckReport:
    published = wheel(
        folder / "oracle", oracle, tag=tag, metadata=oracle_metadata, entry_points=oracle_entry_points
    )
    path = wheel(folder, own, tag=own_tag, metadata=own_metadata, entry_points=own_entry_points)
    return check(path, built(oracle=published))


@pytest.mark.parametrize(
    ("tag", "kinship"),
    [
        ("cp311-cp311-manylinux_2_17_aarch64", Kinship.TWIN),
        ("cp311-cp311-manylinux_2_17_x86_64", Kinship.KIN),
        ("cp312-cp312-manylinux_2_17_aarch64", Kinship.KIN),
        ("cp311-cp311-musllinux_1_2_aarch64", Kinship.KIN),
        ("py3-none-any", Kinship.KIN),
        ("cp311-cp311-macosx_11_0_arm64", Kinship.FOREIGN),
        ("cp311-cp311-win_amd64", Kinship.FOREIGN),
    ],
)
def test_kinship_is_told_by_tags(tag: str, kinship: Kinship) -> None:
    own = parse_wheel_name("demo-1.0-cp311-cp311-linux_aarch64.whl")
    oracle = parse_wheel_name(f"demo-1.0-{tag}.whl")
    assert own is not None
    assert oracle is not None
    assert kinship_of(oracle, own, AARCH64) is kinship


@pytest.mark.parametrize(
    ("target", "own_tag", "tag", "kinship"),
    [
        ("cp311-macos_aarch64_11_0", "macosx_11_0_arm64", "macosx_12_0_arm64", Kinship.TWIN),
        ("cp311-macos_aarch64_11_0", "macosx_11_0_arm64", "macosx_10_9_universal2", Kinship.TWIN),
        ("cp311-macos_aarch64_11_0", "macosx_11_0_arm64", "macosx_10_9_x86_64", Kinship.KIN),
        ("cp311-macos_aarch64_11_0", "macosx_11_0_arm64", "win_arm64", Kinship.FOREIGN),
        ("cp311-windows_x86_64", "win_amd64", "win_amd64", Kinship.TWIN),
        ("cp311-windows_x86_64", "win_amd64", "win32", Kinship.KIN),
        ("cp311-windows_x86_64", "win_amd64", "any", Kinship.KIN),
        ("cp311-windows_i686", "win32", "win32", Kinship.TWIN),
        ("cp311-windows_i686", "win32", "win_amd64", Kinship.KIN),
        ("cp311-windows_x86_64", "win_amd64", "manylinux_2_17_x86_64", Kinship.FOREIGN),
    ],
)
def test_kinship_on_other_systems(target: str, own_tag: str, tag: str, kinship: Kinship) -> None:
    own = parse_wheel_name(f"demo-1.0-cp311-cp311-{own_tag}.whl")
    oracle = parse_wheel_name(f"demo-1.0-cp311-cp311-{tag}.whl")
    assert own is not None
    assert oracle is not None
    assert kinship_of(oracle, own, parse_target_id(target)) is kinship


def test_equal_wheels_have_no_findings(tmp_path: Path) -> None:
    assert _compare(tmp_path, OWN, OTHER).findings == ()


@pytest.mark.parametrize("tag", [OTHER_TAG, "cp311-cp311-manylinux_2_17_aarch64"])
def test_a_missing_module_is_refused(tmp_path: Path, tag: str) -> None:
    suffix = SUFFIX if "aarch64" in tag else ".cpython-311-x86_64-linux-gnu.so"
    arch = "aarch64" if "aarch64" in tag else "x86_64"
    oracle = {
        **PURE,
        f"demo/_x{suffix}": extension_module("_x", arch),
        f"demo/_y{suffix}": extension_module("_y", arch),
    }
    finding = only(_compare(tmp_path, OWN, oracle, tag=tag))
    assert (finding.code, finding.severity.value, finding.symbol) == (
        "oracle-module-missing",
        "error",
        "demo._y",
    )


def test_a_module_that_lies_elsewhere_is_told_as_such(tmp_path: Path) -> None:
    oracle = {**PURE, f"demo/_x/_x{SUFFIX}": extension_module("_x", "aarch64")}
    finding = next(iter(_compare(tmp_path, OWN, oracle, tag="cp311-cp311-manylinux_2_17_aarch64").errors))
    assert finding.code == "oracle-module-missing"
    assert finding.message.endswith(" has it; here it is demo._x, of another layout")


def test_a_module_missing_against_a_mac_or_windows_oracle_is_refused(tmp_path: Path) -> None:
    mac = {**PURE, "demo/_x.cpython-311-darwin.so": b"\xcf\xfa\xed\xfe\x0c\0\0\x01_PyInit__x"}
    report = _compare(tmp_path / "a", PURE, mac, tag=MAC_TAG, own_tag="py3-none-any")
    assert codes(report) == ["error oracle-module-missing"]
    pe = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0\x64\x86"
    windows = {**PURE, "demo/_x.cp311-win_amd64.pyd": pe}
    report = _compare(tmp_path / "b", PURE, windows, tag="cp311-cp311-win_amd64", own_tag="py3-none-any")
    assert codes(report) == ["error oracle-module-missing"]
    assert _compare(tmp_path / "c", OWN, windows, tag="cp311-cp311-win_amd64").findings == ()


def test_a_module_named_for_another_platform_may_be_missing(tmp_path: Path) -> None:
    oracle = {
        **OTHER,
        "demo/_simd_avx2.cpython-311-x86_64-linux-gnu.so": extension_module("_simd_avx2", "x86_64"),
    }
    assert codes(_compare(tmp_path, OWN, oracle)) == ["warning oracle-module-missing"]


def test_machine_code_left_over_in_a_wheel_for_any_platform_is_not_missed_much(tmp_path: Path) -> None:
    pe = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0\x64\x86"
    oracle = {**PURE, "demo/_y.cp39-win_amd64.pyd": pe}
    found = codes(_compare(tmp_path, OWN, oracle, tag="py3-none-any"))
    assert set(found) == {"warning oracle-module-extra", "warning oracle-module-missing"}


def test_a_module_the_oracle_lacks_is_a_warning(tmp_path: Path) -> None:
    own = {**OWN, f"demo/_y{SUFFIX}": extension_module("_y")}
    assert codes(_compare(tmp_path, own, OTHER)) == ["warning oracle-module-extra"]


def test_shared_modules_of_mypyc_are_equal_whatever_their_hash(tmp_path: Path) -> None:
    own = {**OWN, f"{'a1' * 10}__mypyc{SUFFIX}": extension_module(f"{'a1' * 10}__mypyc")}
    name = f"{'b2' * 10}__mypyc"
    oracle = {**OTHER, f"{name}.cpython-311-x86_64-linux-gnu.so": extension_module(name, "x86_64")}
    report = _compare(tmp_path, own, oracle)
    assert not [f for f in report.findings if f.code.startswith("oracle")]


@pytest.mark.parametrize(
    ("path", "tag", "severity"),
    [
        ("demo/data.json", OTHER_TAG, "error"),
        ("demo/more.py", OTHER_TAG, "error"),
        ("demo/_x.c", OTHER_TAG, "warning"),
        ("demo/_x.pyi", OTHER_TAG, "warning"),
        ("demo/py.typed", OTHER_TAG, "warning"),
        ("demo/more.py", MAC_TAG, "warning"),
        ("demo/_windows.py", OTHER_TAG, "warning"),
    ],
)
def test_a_missing_file_weighs_as_much_as_it_says_something(
    tmp_path: Path, path: str, tag: str, severity: str
) -> None:
    oracle = {**(OTHER if tag == OTHER_TAG else PURE), path: b"X = 1\n"}
    if tag != OTHER_TAG:
        oracle["demo/_x.cpython-311-darwin.so"] = b"\xcf\xfa\xed\xfe\x0c\0\0\x01_PyInit__x"
    finding = only(_compare(tmp_path, OWN, oracle, tag=tag))
    assert (finding.code, finding.file, finding.severity.value) == ("oracle-file-missing", path, severity)


def test_what_64_bits_call_lib64_is_lib_where_there_are_32(tmp_path: Path) -> None:
    own, oracle = (
        {**wheel, f"{folder}/cmake/x.cmake": b"set(X 1)\n"}
        for wheel, folder in ((OWN, "lib"), (OTHER, "lib64"))
    )
    assert _compare(tmp_path, own, oracle).findings == ()


def test_what_repair_tools_add_to_the_oracle_is_explained(tmp_path: Path) -> None:
    oracle = {
        **OTHER,
        "demo.libs/libz-1a2b3c.so.1": elf_file("x86_64"),
        "demo-1.0.dist-info/sboms/auditwheel.cdx.json": b"{}",
        "demo-1.0.dist-info/licenses/LICENSE": b"MIT",
    }
    assert _compare(tmp_path, OWN, oracle).findings == ()


def test_an_extra_file_is_a_warning(tmp_path: Path) -> None:
    finding = only(_compare(tmp_path, {**OWN, "demo/extra.py": b"X = 1\n"}, OTHER))
    assert (finding.code, finding.file, finding.severity.value) == (
        "oracle-file-extra",
        "demo/extra.py",
        "warning",
    )


def test_files_are_compared_by_where_they_are_installed(tmp_path: Path) -> None:
    oracle = {
        "demo-1.0.data/purelib/demo/__init__.py": b"NAME = 1\n",
        OTHER_MODULE: extension_module("_x", "x86_64"),
    }
    assert _compare(tmp_path, OWN, oracle).findings == ()


def test_line_ends_are_no_difference(tmp_path: Path) -> None:
    assert _compare(tmp_path, OWN, {**OTHER, "demo/__init__.py": b"NAME = 1\r\n"}).findings == ()


def test_version_stamps_are_no_difference(tmp_path: Path) -> None:
    own = {
        **OWN,
        "demo/_version.py": b"# file generated by setuptools-scm 10\nfrom __future__ import annotations\nversion = '1.0'\n",
    }
    oracle = {
        **OTHER,
        "demo/_version.py": b"# file generated by setuptools-scm 9\nversion = '1.0'\ncommit_id = 'gab12'\n",
    }
    assert _compare(tmp_path, own, oracle).findings == ()


def test_other_differences_of_python_files_are_warnings_with_the_first_line(tmp_path: Path) -> None:
    own = {**OWN, "demo/config.py": b"COMPILER = 'clang'\n"}
    oracle = {**OTHER, "demo/config.py": b"COMPILER = 'gcc'\n"}
    finding = only(_compare(tmp_path, own, oracle))
    assert (finding.code, finding.severity.value) == ("oracle-content-differs", "warning")
    assert finding.message.endswith("first in: COMPILER = 'clang'")


def test_bytes_that_are_not_compared_as_text_are_noted(tmp_path: Path) -> None:
    finding = only(_compare(tmp_path, {**OWN, "demo/a.bin": b"\0mine"}, {**OTHER, "demo/a.bin": b"\0theirs"}))
    assert (finding.code, finding.severity.value) == ("oracle-content-differs", "note")
    assert finding.file == "demo/a.bin"


METADATA = "Requires-Python: >=3.8\nRequires-Dist: left>=1\nRequires-Dist: right ; extra == 'more'\nProvides-Extra: more\n"
SAME = 'Requires-Python: >= 3.8\nRequires-Dist: Left >= 1\nProvides-Extra: more\nRequires-Dist: right; extra == "more"\n'


def test_metadata_is_compared_by_meaning(tmp_path: Path) -> None:
    assert _compare(tmp_path, OWN, OTHER, own_metadata=SAME, oracle_metadata=METADATA).findings == ()


def test_a_lost_requirement_is_refused(tmp_path: Path) -> None:
    report = _compare(tmp_path, OWN, OTHER, own_metadata="Requires-Python: >=3.8\n", oracle_metadata=METADATA)
    assert {f.code for f in report.errors} == {"oracle-metadata-differs"}
    assert "it lacks Requires-Dist 'left>=1', which the wheel for manylinux_2_17_x86_64 has" in [
        f.message for f in report.errors
    ]


def test_a_requirement_the_oracle_lacks_is_refused(tmp_path: Path) -> None:
    report = _compare(tmp_path, OWN, OTHER, own_metadata=METADATA, oracle_metadata="Requires-Python: >=3.8\n")
    assert {f.code for f in report.errors} == {"oracle-metadata-differs"}
    assert "it has Requires-Dist 'left>=1', which the wheel for manylinux_2_17_x86_64 lacks" in [
        f.message for f in report.errors
    ]


def test_entry_points_are_compared(tmp_path: Path) -> None:
    points = "[console_scripts]\nDemo = demo:main\n"
    spaced = "[console_scripts]\n\nDemo=demo:main\n"
    assert (
        _compare(tmp_path / "a", OWN, OTHER, own_entry_points=spaced, oracle_entry_points=points).findings
        == ()
    )
    report = _compare(tmp_path / "b", OWN, OTHER, oracle_entry_points=points)
    assert only(report).message == (
        "it lacks entry point 'console_scripts: Demo = demo:main', which the wheel for manylinux_2_17_x86_64 has"
    )


TWIN_TAG = "cp311-cp311-manylinux_2_17_aarch64"


def _module(
    code: int, functions: int | None, *, section_headers: bool = True, run_path: str | None = None
) -> dict[str, bytes]:
    module = extension_module(
        "_x", code=bytes(code), functions=functions, section_headers=section_headers, run_path=run_path
    )
    return {**PURE, MODULE: module}


@pytest.mark.parametrize(("ours", "theirs"), [(None, None), (40, 100), (None, 100)])
def test_a_twin_with_much_more_code_is_a_warning(
    tmp_path: Path, ours: int | None, theirs: int | None
) -> None:
    report = _compare(tmp_path, _module(20 << 10, ours), _module(64 << 10, theirs), tag=TWIN_TAG)
    assert codes(report) == ["warning oracle-module-degraded"]
    said = (
        "has 40 functions in 20480 bytes of code, there 100 in 65536" if ours else "has 20480 bytes of code"
    )
    assert said in only(report).message


def test_the_same_functions_in_less_code_are_another_compilers(tmp_path: Path) -> None:
    assert _compare(tmp_path, _module(20 << 10, 98), _module(64 << 10, 100), tag=TWIN_TAG).findings == ()


def test_read_only_data_in_an_executable_segment_is_no_code(tmp_path: Path) -> None:
    """One segment maps all of each file executably; brotli's dictionary of 454 kB stands in one of the oracle's."""
    theirs = _module(24 << 10, None, run_path="$ORIGIN/" + "x" * (96 << 10))
    assert _compare(tmp_path, _module(20 << 10, None), theirs, tag=TWIN_TAG).findings == ()


def test_without_section_headers_there_is_no_verdict_on_code(tmp_path: Path) -> None:
    theirs = _module(64 << 10, None, section_headers=False)
    assert _compare(tmp_path, _module(20 << 10, None), theirs, tag=TWIN_TAG).findings == ()


def _needing(arch: str = "aarch64", library: str = "libcrypto-3c5b0f93.so.3", functions: int = 100) -> bytes:
    imports = [
        Need("PyModule_Create2"),
        Need("memcpy", "GLIBC_2.17", "libc.so.6"),
        Need("EVP_Digest", "OPENSSL_3.0.0", library),
    ]
    needed = (library, "libc.so.6")
    return extension_module("_x", arch, needed=needed, imports=imports, functions=functions)


PLAIN = extension_module("_x", functions=90)


@pytest.mark.parametrize(
    ("ours", "theirs", "tag", "told"),
    [
        (PLAIN, _needing(), TWIN_TAG, True),
        (PLAIN, _needing("x86_64"), OTHER_TAG, True),
        (_needing(library="libcrypto.so.1.1"), _needing(), TWIN_TAG, False),
        (_needing(library="libcrypto-14424c2f7057.so.3"), _needing(), TWIN_TAG, False),
        (extension_module("_x", functions=400), _needing(), TWIN_TAG, False),  # it may have it inside
        (PLAIN, _needing(library="libgomp-1ecc26af.so.1.0.0"), TWIN_TAG, False),
        (
            PLAIN,
            extension_module("_x", needed=("libz.so.1",), functions=100),
            TWIN_TAG,
            False,
        ),  # never called
    ],
)
def test_a_library_that_only_the_published_module_calls_is_a_warning(
    tmp_path: Path, ours: bytes, theirs: bytes, tag: str, told: bool
) -> None:
    module = OTHER_MODULE if tag == OTHER_TAG else MODULE
    report = _compare(tmp_path, {**PURE, MODULE: ours}, {**PURE, module: theirs}, tag=tag)
    findings = [one for one in report.findings if one.code == "oracle-module-degraded"]
    said = "the extension module demo._x does without libcrypto, and never calls EVP_Digest; an optional part of it"
    assert [said in one.message for one in findings] == [True] * told


@pytest.mark.parametrize(
    ("archives", "told"), [({"libcrypt.a"}, True), ({"libcrypto.a"}, False), ({"libcrypto-3.a"}, False)]
)
def test_of_libraries_that_were_linked_into_a_module_only_their_own_are_explained(
    tmp_path: Path, archives: set[str], told: bool
) -> None:
    published = wheel(tmp_path / "oracle", {**PURE, MODULE: _needing()}, tag=TWIN_TAG)
    own = wheel(tmp_path, {**PURE, MODULE: extension_module("_x", functions=400)}, tag=TWIN_TAG)
    report = check(own, built(oracle=published, linked_archives=frozenset(archives)))
    said = "the extension module demo._x does without libcrypto; an optional part of it may be missing"
    assert [said in one.message for one in report.findings] == [True] * told


def test_a_module_for_ctypes_is_a_note_when_the_published_one_is_no_other(tmp_path: Path) -> None:
    def files(suffix: str, arch: str, exports: list[str]) -> dict[str, bytes]:
        return {**PURE, f"demo/_c{suffix}": extension_module("_c", arch, exports=exports)}

    own, other = files(SUFFIX, "aarch64", ["aes_init"]), ".cpython-311-x86_64-linux-gnu.so"
    oracle = files(other, "x86_64", ["aes_init"])
    assert codes(_compare(tmp_path / "a", own, oracle)) == ["note no-init"]
    oracle = files(other, "x86_64", ["PyInit__c", "aes_init"])
    assert codes(_compare(tmp_path / "b", own, oracle)) == ["warning no-init"]


def test_a_twin_with_many_more_exports_is_a_warning(tmp_path: Path) -> None:
    oracle = {**PURE, MODULE: extension_module("_x", exports=["PyInit__x", "fft1", "fft2", "fft3"])}
    report = _compare(tmp_path, OWN, oracle, tag="cp311-cp311-manylinux_2_17_aarch64")
    assert codes(report) == ["warning oracle-module-degraded"]
    assert only(report).symbol == "fft1"


def test_an_oracle_of_another_release_or_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = wheel(tmp_path, OWN)
    other = wheel(tmp_path / "other", OTHER, tag=OTHER_TAG, version="2.0")
    assert codes(check(path, built(oracle=other))) == ["warning oracle-unreadable"]
    other.write_bytes(b"no zip")
    assert codes(check(path, built(oracle=other))) == ["warning oracle-unreadable"]
