"""The verifier on wheels for macOS, Windows, iOS, Android and Emscripten."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked_wheels import codes, wheel
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.facts import BuiltFacts
from crosswheel.act.check.findings import CheckReport
from crosswheel.command_line.check_command import report_text
from crosswheel.target.spellings import parse_target
from crosswheel.values.python_abi import parse_python_version
from elf_files import Need, elf_file
from mach_o_files import ARM64, MAC_X86_64, apple_module, mach_o_file, universal_file
from pe_files import AMD64, ARM64_PE, X86, pe_file, windows_module

MAC, WINDOWS = "macosx_11_0_arm64", "win_amd64"
MAC_MODULE, WINDOWS_MODULE = "demo/_x.cpython-313-darwin.so", "demo/_x.cp313-win_amd64.pyd"


def _check(
    folder: Path,
    files: dict[str, bytes],
    platform: str,
    *,
    target: str | None = None,
    abi: str = "cp313-cp313",
    built: bool = False,
) -> CheckReport:
    tag = platform if platform == "py3-none-any" else f"{abi}-{platform}"
    wanted = parse_target(target or platform, python=parse_python_version("3.13")).target
    names = frozenset({"PyModule_Create2", "PyLong_FromLong"})
    facts = BuiltFacts(name="demo", version="1.0", python_names=names) if built else None
    return check_wheel(wheel(folder, files, tag=tag), wanted, built=facts)


def _earned(report: CheckReport) -> list[str]:
    return [tag.platform for tag in report.earned_tags]


@pytest.mark.parametrize("built", [False, True])
def test_right_wheels_have_no_finding_and_earn_their_tags(tmp_path: Path, built: bool) -> None:
    mac = _check(tmp_path / "m", {MAC_MODULE: apple_module("_x")}, MAC, built=built)
    assert (codes(mac), _earned(mac), mac.modules) == ([], [MAC], ("demo._x",))
    windows = _check(tmp_path / "w", {WINDOWS_MODULE: windows_module("_x")}, WINDOWS, built=built)
    assert (codes(windows), _earned(windows), windows.modules) == ([], [WINDOWS], ("demo._x",))
    assert report_text(windows) == (
        "demo-1.0-cp313-cp313-win_amd64.whl: fits cp313-windows_x86_64\n  earned: win_amd64"
    )


@pytest.mark.parametrize(
    ("path", "module", "platform"),
    [
        (MAC_MODULE, apple_module("_x"), MAC),
        (WINDOWS_MODULE, windows_module("_x"), WINDOWS),
    ],
)
def test_a_sanitizer_is_refused_in_a_build(tmp_path: Path, path: str, module: bytes, platform: str) -> None:
    files = {path: module + b"\0__ubsan_handle_add_overflow\0"}
    assert codes(_check(tmp_path, files, platform, built=True)) == ["error sanitizer-runtime"]


@pytest.mark.parametrize(
    ("minimum", "earned"),
    [((10, 9), "macosx_11_0_arm64"), ((11, 3), "macosx_12_0_arm64"), ((13, 0), "macosx_13_0_arm64")],
)
def test_the_tag_of_macos_is_earned_from_the_deployment_target(
    tmp_path: Path, minimum: tuple[int, int], earned: str
) -> None:
    files = {MAC_MODULE: apple_module("_x", minimum=minimum)}
    assert _earned(_check(tmp_path, files, MAC, target="macosx_14_0_arm64")) == [earned]


def test_a_universal_file_serves_each_of_its_machines_by_its_own_part(tmp_path: Path) -> None:
    both = universal_file(
        (MAC_X86_64, apple_module("_x", cpu=MAC_X86_64, minimum=(10, 13), signature="absent")),
        (ARM64, apple_module("_x")),
    )
    tag = "macosx_10_13_universal2"
    intel = _check(tmp_path / "a", {MAC_MODULE: both}, tag, target="macosx_10_13_x86_64")
    assert (codes(intel), _earned(intel)) == ([], [tag])
    arm = _check(tmp_path / "b", {MAC_MODULE: both}, tag, target=MAC)
    assert (codes(arm), _earned(arm)) == ([], ["macosx_11_0_universal2"])
    one = universal_file((MAC_X86_64, apple_module("_x", cpu=MAC_X86_64)))
    wrong = _check(tmp_path / "c", {MAC_MODULE: one}, tag, target=MAC)
    assert codes(wrong) == ["error wrong-machine"]


@pytest.mark.parametrize("name", [WINDOWS_MODULE.replace("amd64", "arm64"), "demo/x.dll", "demo/hidden"])
def test_a_binary_of_windows_for_another_machine_is_refused(tmp_path: Path, name: str) -> None:
    report = _check(tmp_path, {name: pe_file(AMD64)}, "win_arm64")
    assert codes(report) == ["error wrong-machine"]
    assert (
        report.errors[0].message == f"it is a PE file for amd64, the target is aarch64 of {report.target.id}"
    )
    right = _check(tmp_path / "r", {"demo/x.dll": pe_file(ARM64_PE)}, "win_arm64")
    assert codes(right) == []


def test_a_helper_for_another_machine_beside_the_targets_is_a_warning_and_net_code_none(
    tmp_path: Path,
) -> None:
    files = {WINDOWS_MODULE: windows_module("_x"), "demo/attach_x86.dll": pe_file(X86)}
    assert codes(_check(tmp_path / "a", files, WINDOWS)) == ["warning secondary-machine"]
    files = {WINDOWS_MODULE: windows_module("_x"), "demo/Net.dll": pe_file(X86, managed=True)}
    assert codes(_check(tmp_path / "b", files, WINDOWS)) == []


def test_launchers_in_a_wheel_for_any_platform_are_only_noted(tmp_path: Path) -> None:
    files = {"demo/t64.exe": pe_file(AMD64), "demo/t64-arm.exe": pe_file(ARM64_PE)}
    report = _check(tmp_path, files, "py3-none-any", target=WINDOWS)
    assert codes(report) == ["note foreign-format"]
    assert [str(tag) for tag in report.earned_tags] == ["py3-none-any"]


@pytest.mark.parametrize("target", ["linux_arm64", WINDOWS, "win_arm64", MAC, "emscripten"])
@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("demo/_x.pyd", pe_file(AMD64)),
        (WINDOWS_MODULE, windows_module("_x")),
        (MAC_MODULE, apple_module("_x")),
        ("demo/_x.so", apple_module("_x")),
    ],
)
def test_a_module_in_a_wheel_for_any_platform_is_refused_on_every_target(
    tmp_path: Path, name: str, module: bytes, built: bool, target: str
) -> None:
    report = _check(tmp_path, {name: module}, "py3-none-any", target=target, built=built)
    assert [
        (one.file, one.severity.value) for one in report.findings if one.code == "module-in-pure-wheel"
    ] == [(name, "error")]
    assert "note foreign-format" not in codes(report)


def test_what_only_has_a_modules_name_or_format_is_no_module_in_a_pure_wheel(tmp_path: Path) -> None:
    files = {"demo/a.pyd": b"MZ no PE file", "demo/b.dll": pe_file(AMD64), "demo/c.so": mach_o_file()}
    for target in ("linux_arm64", WINDOWS, MAC):
        report = _check(tmp_path / target, files, "py3-none-any", target=target)
        assert "error module-in-pure-wheel" not in codes(report)
    files = {WINDOWS_MODULE: windows_module("_x")}
    assert codes(_check(tmp_path / "own", files, WINDOWS)) == []


# What is wrong with one module: the change, then the finding on a prebuilt wheel and on one we built.
_MAC_FAULTS = {
    "too new": ({"minimum": (12, 0)}, "warning deployment-target-too-new", "error deployment-target-too-new"),
    "for iOS": ({"platform": 2}, "error wrong-machine", "error wrong-machine"),
    "unsigned": ({"signature": "absent"}, "error signature-missing", "error signature-missing"),
    "badly signed": ({"signature": "broken"}, "warning signature-broken", "error signature-broken"),
    "run path": ({"run_paths": ["/opt/lib"]}, "warning run-path-absolute", "error run-path-absolute"),
    "library": (
        {"libraries": ["/opt/homebrew/lib/libz.dylib"], "imports": []},
        "warning library-not-allowed",
        "error library-not-allowed",
    ),
    "weak library": (
        {"weak_libraries": ["/opt/lib/x.dylib"]},
        "note library-not-allowed",
        "note library-not-allowed",
    ),
    "Python": (
        {"libraries": ["/Library/Frameworks/Python.framework/Versions/3.13/Python"], "imports": []},
        "warning libpython-needed",
        "error libpython-needed",
    ),
    "init": ({"exports": ["PyInit_other"]}, "warning missing-init", "error missing-init"),
    "install name": ({"install_name": "build/_x.so", "file_type": 6}, None, "error install-name-path"),
    "symbol": ({"imports": [("deflate", 254)]}, None, "error undefined-symbol"),
    "unknown to Python": ({"imports": [("PyNoSuch", 254)]}, None, "error undefined-symbol"),
}


@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize("ordinal", [1, 2, 254])
def test_a_name_that_libsystem_got_after_the_targets_macos_is_refused(
    tmp_path: Path, ordinal: int, built: bool
) -> None:
    libraries = ["/usr/lib/libSystem.B.dylib", "/usr/lib/system/libsystem_c.dylib"]

    def report(folder: str, target: str, **changes: object) -> CheckReport:
        files = {MAC_MODULE: apple_module("_x", libraries=libraries, **changes)}
        return _check(tmp_path / folder, files, MAC, target=target, built=built)

    newer = {"imports": [("strchrnul", ordinal), ("preadv", ordinal)]}
    (finding,) = report("a", "macosx_11_0_arm64", **newer).errors
    assert (finding.code, finding.symbol) == ("symbol-too-new", "strchrnul")
    assert finding.message == (
        "it needs strchrnul, which libSystem has since macOS 15.4; the target is 11.0, which does not load it"
    )
    assert codes(report("b", "macosx_11_0_arm64", weak_imports=newer["imports"])) == []
    later = report("c", "macosx_16_0_arm64", **newer)
    assert (later.errors, _earned(later)) == ((), ["macosx_16_0_arm64"])


def test_a_newer_name_that_is_not_taken_from_libsystem_is_no_fault(tmp_path: Path) -> None:
    own = mach_o_file(install_name="@rpath/libz.dylib", file_type=6, exports=["strchrnul"])
    for ordinal in (2, 254):
        libraries = ["/usr/lib/libSystem.B.dylib", "@loader_path/.dylibs/libz.dylib"]
        module = apple_module("_x", libraries=libraries, imports=[("strchrnul", ordinal)])
        files = {MAC_MODULE: module, "demo/.dylibs/libz.dylib": own}
        assert codes(_check(tmp_path / str(ordinal), files, MAC, built=True)) == []


@pytest.mark.parametrize("fault", _MAC_FAULTS)
def test_what_can_be_wrong_on_macos(tmp_path: Path, fault: str) -> None:
    change, prebuilt, built = _MAC_FAULTS[fault]
    assert isinstance(change, dict)
    files = {MAC_MODULE: apple_module("_x", **change)}
    assert codes(_check(tmp_path / "p", files, MAC)) == ([prebuilt] if prebuilt else [])
    assert codes(_check(tmp_path / "b", files, MAC, built=True)) == [built]


_LIBRARY = mach_o_file(install_name="@rpath/libz.dylib", file_type=6, exports=["deflate"])


@pytest.mark.parametrize(
    ("needed", "run_paths", "found"),
    [
        ("@loader_path/.dylibs/libz.dylib", [], []),
        ("@loader_path/../demo/.dylibs/libz.dylib", [], []),
        ("@rpath/libz.dylib", ["@loader_path/.dylibs"], []),
        ("@rpath/libz.dylib", [], []),  # some other module of the package may have loaded it by that name
        ("@loader_path/libz.dylib", [], ["note library-unreachable"]),
        ("@rpath/libq.dylib", ["@loader_path/.dylibs"], ["warning library-not-allowed"]),
    ],
)
def test_a_library_of_the_wheel_is_found_where_dyld_looks(
    tmp_path: Path, needed: str, run_paths: list[str], found: list[str]
) -> None:
    module = apple_module("_x", libraries=["/usr/lib/libSystem.B.dylib", needed], run_paths=run_paths)
    files = {MAC_MODULE: module, "demo/.dylibs/libz.dylib": _LIBRARY}
    assert codes(_check(tmp_path, files, MAC)) == found


def test_a_tag_of_macos_older_than_the_binaries_is_a_warning(tmp_path: Path) -> None:
    files = {MAC_MODULE: apple_module("_x", minimum=(12, 0))}
    report = _check(tmp_path, files, MAC, target="macosx_13_0_arm64")
    assert codes(report) == ["warning tag-not-earned"]
    assert report.findings[0].message == (
        "its tag promises macOS 11.0, its binaries are for 12.0; it fits macOS 13.0 all the same"
    )


def _imports(*libraries: str) -> dict[str, object]:
    return {"imports": {"python313.dll": ["PyModule_Create2"], **dict.fromkeys(libraries, ())}}


_WINDOWS_FAULTS = {
    "other Python": ({"python": "python312.dll"}, "error wrong-python-library", "error wrong-python-library"),
    "free-threaded": (
        {"python": "python313t.dll"},
        "error wrong-python-library",
        "error wrong-python-library",
    ),
    "MinGW": (_imports("libgcc_s_seh-1.dll"), "warning library-not-allowed", "error library-not-allowed"),
    "library": (_imports("zlib1.dll"), "warning library-not-allowed", "error library-not-allowed"),
    "C++": (_imports("MSVCP140.dll"), "warning library-not-allowed", "error library-not-allowed"),
    "delayed": ({"delayed": {"cuda.dll": ["x"]}}, "note library-not-allowed", "note library-not-allowed"),
    "init": ({"exports": ["PyInit_other"]}, "warning missing-init", "error missing-init"),
    "unknown to Python": ({"imports": {"python313.dll": ["PyNoSuch"]}}, None, "error undefined-symbol"),
    "all of Windows": (
        _imports("KERNEL32.dll", "api-ms-win-crt-heap-l1-1-0.dll", "WINSPOOL.DRV", "VCRUNTIME140_1.dll"),
        None,
        None,
    ),
}


@pytest.mark.parametrize("fault", _WINDOWS_FAULTS)
def test_what_can_be_wrong_on_windows(tmp_path: Path, fault: str) -> None:
    change, prebuilt, built = _WINDOWS_FAULTS[fault]
    assert isinstance(change, dict)
    files = {WINDOWS_MODULE: windows_module("_x", **change)}
    assert codes(_check(tmp_path / "p", files, WINDOWS)) == ([prebuilt] if prebuilt else [])
    assert codes(_check(tmp_path / "b", files, WINDOWS, built=True)) == ([built] if built else [])


def test_a_library_of_the_wheel_serves_whatever_its_case(tmp_path: Path) -> None:
    files = {
        WINDOWS_MODULE: windows_module("_x", **_imports("ZLIB1-a1b2.dll")),
        "demo.libs/zlib1-a1b2.dll": pe_file(),
    }
    assert codes(_check(tmp_path, files, WINDOWS)) == []


def test_the_stable_abi_of_windows_is_a_bare_suffix_and_python3_dll(tmp_path: Path) -> None:
    stable = windows_module("_x", python="python3.dll")
    report = _check(tmp_path / "a", {"demo/_x.pyd": stable}, WINDOWS, abi="cp39-abi3", built=True)
    assert codes(report) == []
    assert codes(_check(tmp_path / "b", {"demo/_x.pyd": stable}, WINDOWS)) == ["warning bare-suffix"]
    bound = _check(
        tmp_path / "c", {"demo/_x.pyd": windows_module("_x")}, WINDOWS, abi="cp39-abi3", built=True
    )
    assert codes(bound) == ["error abi-tag-disagrees"]
    private = windows_module("_x", imports={"python3.dll": ["_PyLong_New"]})
    report = _check(tmp_path / "d", {"demo/_x.pyd": private}, WINDOWS, abi="cp39-abi3")
    assert codes(report) == ["warning abi3-violation"]


@pytest.mark.parametrize(
    ("suffix", "platform"),
    [
        (".cp313-win_arm64.pyd", WINDOWS),
        (".cpython-313-x86_64-linux-gnu.so", MAC),
        (".cp313-win_amd64.pyd", MAC),
        (".cpython-313-darwin.so", WINDOWS),
    ],
)
def test_a_suffix_of_another_system_is_refused(tmp_path: Path, suffix: str, platform: str) -> None:
    module = apple_module("_x") if platform == MAC else windows_module("_x")
    report = _check(tmp_path, {f"demo/_x{suffix}": module}, platform)
    assert "error foreign-suffix" in codes(report)


def test_a_damaged_binary_is_said_to_be_so(tmp_path: Path) -> None:
    report = _check(tmp_path / "m", {MAC_MODULE: apple_module("_x")[:60]}, MAC)
    assert codes(report) == ["error damaged-binary"]
    report = _check(tmp_path / "t", {MAC_MODULE: b"text"}, MAC)
    assert codes(report) == ["error not-loadable"]
    report = _check(tmp_path / "w", {WINDOWS_MODULE: windows_module("_x")[:0x160]}, WINDOWS, built=True)
    assert "error damaged-binary" in codes(report)


def test_wheels_of_ios_need_the_python_framework_and_the_right_sdk(tmp_path: Path) -> None:
    module = apple_module(
        "_x", platform=2, minimum=(13, 0), signature="absent", libraries=["@rpath/Python.framework/Python"]
    )
    files = {"demo/_x.cpython-313-iphoneos.so": module}
    report = _check(tmp_path / "a", files, "ios_13_0_arm64_iphoneos")
    assert (codes(report), _earned(report)) == ([], ["ios_13_0_arm64_iphoneos"])
    files = {"demo/_x.cpython-313-iphonesimulator.so": module}
    report = _check(tmp_path / "b", files, "ios_13_0_arm64_iphonesimulator")
    assert codes(report) == ["error wrong-machine"]


def test_wheels_of_android_need_what_the_ndk_promises(tmp_path: Path) -> None:
    def module(*needed: str) -> dict[str, bytes]:
        imports = [Need("memcpy", None, needed[0])]
        file = elf_file("aarch64", needed=needed, imports=imports, exports=["PyInit__x"])
        return {"demo/_x.cpython-313-aarch64-linux-android.so": file}

    platform = "android_24_arm64_v8a"
    report = _check(tmp_path / "a", module("libc.so", "libpython3.13.so"), platform)
    assert (codes(report), _earned(report)) == ([], [platform])
    report = _check(tmp_path / "b", module("libc.so", "libssl.so.3"), platform)
    assert codes(report) == ["warning library-not-allowed"]
    report = _check(tmp_path / "c", module("libc.so", "libpython3.12.so"), platform)
    assert codes(report) == ["error wrong-python-library"]
    other = {"demo/_x.cpython-313-aarch64-linux-android.so": elf_file("x86_64")}
    assert "error wrong-machine" in codes(_check(tmp_path / "d", other, platform))


def test_an_elf_module_is_wrong_on_windows(tmp_path: Path) -> None:
    report = _check(tmp_path, {"demo/_x.so": elf_file("x86_64")}, WINDOWS)
    assert codes(report) == ["error wrong-machine"]


def test_of_web_assembly_only_the_format_is_read(tmp_path: Path) -> None:
    platform = "pyemscripten_2025_0_wasm32"
    report = _check(tmp_path, {"demo/_x.cpython-313-wasm32-emscripten.so": b"\0asm\1\0\0\0"}, platform)
    assert (codes(report), report.earned_tags) == (["note binaries-not-read"], ())
    assert "binaries not read, the rest fits" in report_text(report)
