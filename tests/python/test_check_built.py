"""The verifier on wheels we built: paths of the build, the log, start-up files, leftovers."""

from __future__ import annotations

from pathlib import Path

import pytest

from checked_wheels import SUFFIX, built, check, codes, only, wheel
from crosswheel.act.check.facts import FailedCall
from elf_files import elf_file, extension_module

MODULE = f"demo/_x{SUFFIX}"
PURE = {"demo/__init__.py": b"NAME = 1\n"}


@pytest.mark.parametrize("text", ["/home/someone/.cache/crosswheel", "builder-17.example"])
def test_texts_that_name_the_build_machine_are_refused_in_any_member(tmp_path: Path, text: str) -> None:
    files = {
        MODULE: extension_module("_x", code=f"\0{text}/x.c\0".encode()),
        "demo/config.txt": f"built in {text}!".encode(),
    }
    report = check(wheel(tmp_path, files), built(build_paths=(text,)))
    assert [(f.code, f.file) for f in report.errors] == [
        ("build-path", MODULE),
        ("build-path", "demo/config.txt"),
    ]
    assert report.errors[0].message == (
        f"it holds '{text}/x.c', which names the machine that built it; two machines would build two wheels"
    )
    assert check(wheel(tmp_path, files)).findings == ()


@pytest.mark.parametrize("store", ["nix", "gnu"])
def test_a_path_of_a_store_is_refused_whatever_the_machine(tmp_path: Path, store: str) -> None:
    path = f"/{store}/store/0c6kzph7l0dcbfmjap64f0czdafn3b7x-glibc-2.40/lib"
    report = check(wheel(tmp_path, {MODULE: extension_module("_x", code=f"\0{path}\0".encode())}), built())
    assert [f.message for f in report.errors] == [
        f"it holds '{path}', which names the machine that built it; two machines would build two wheels"
    ]


def test_a_store_in_prose_is_no_path_of_one(tmp_path: Path) -> None:
    files = {"demo/readme.txt": b"installed in /nix/store/HASH-demo or /nix/store"}
    assert check(wheel(tmp_path, files, tag="py3-none-any"), built()).findings == ()


@pytest.mark.parametrize(
    ("needle", "text"), [("web-1", b"web-12 xweb-1"), ("/build", b"/usr/src/build /a/build")]
)
def test_texts_are_not_found_inside_of_longer_words(tmp_path: Path, needle: str, text: bytes) -> None:
    path = wheel(tmp_path, {"demo/a.txt": text}, tag="py3-none-any")
    assert check(path, built(build_paths=(needle,))).findings == ()


@pytest.mark.parametrize("text", ["/usr", "/usr/", "/root", "/", "debian", "localhost", "vm1"])
def test_texts_that_name_no_machine_in_particular_are_not_looked_for(tmp_path: Path, text: str) -> None:
    path = wheel(
        tmp_path, {"demo/a.txt": f"#!/usr/bin/env /root/x {text} {text}/y".encode()}, tag="py3-none-any"
    )
    assert check(path, built(build_paths=(text,))).findings == ()


def test_paths_of_the_sandbox_and_names_of_the_build_platform_are_warnings(tmp_path: Path) -> None:
    files = {"demo/config.py": b"CC = '/crosswheel/toolchain/bin/cc'\nHOST = 'x86_64-linux-gnu'\n"}
    facts = built(sandbox_paths=("/crosswheel/",), build_triples=("x86_64-linux-gnu",))
    assert codes(check(wheel(tmp_path, files, tag="py3-none-any"), facts)) == [
        "warning sandbox-path",
        "warning build-triple",
    ]


@pytest.mark.parametrize("kind", ["build_paths", "sandbox_paths", "build_triples"])
def test_texts_that_the_oracle_has_too_came_with_the_sdist(tmp_path: Path, kind: str) -> None:
    files = {"demo/readme.txt": b"we build in /build/source\n"}
    path = wheel(tmp_path, files, tag="py3-none-any")
    oracle = wheel(tmp_path / "oracle", files, tag="py3-none-any")
    assert check(path, built(**{kind: ("/build/source",)}, oracle=oracle)).findings == ()
    other = wheel(tmp_path / "other", {"demo/readme.txt": b"other\n"}, tag="py3-none-any")
    assert check(path, built(**{kind: ("/build/source",)}, oracle=other)).findings != ()


def test_a_bill_of_materials_may_name_the_sandbox_but_no_machine(tmp_path: Path) -> None:
    files = {"demo-1.0.dist-info/sboms/parts.cdx.json": b'{"ref": "path+file:///build/source/x"}'}
    path = wheel(tmp_path, files, tag="py3-none-any")
    assert check(path, built(sandbox_paths=("/build/source",))).findings == ()
    assert codes(check(path, built(build_paths=("/build/source",)))) == ["error build-path"]


def test_a_platform_tag_without_any_binary_is_refused(tmp_path: Path) -> None:
    report = check(wheel(tmp_path, PURE, tag="cp311-cp311-linux_aarch64"), built())
    assert only(report).message == (
        "its tag is for linux_aarch64, yet it holds no binary; its extension modules were not built"
    )
    assert [str(tag) for tag in report.earned_tags] == ["cp311-cp311-linux_aarch64"]


@pytest.mark.parametrize(
    "line",
    [
        "building extension \"markupsafe._speedups\" failed: command 'cc' failed with exit code 1",
        "WARNING: The C extension could not be compiled, speedups are not enabled.",
        "Failure information, if any, is above.\nRetrying the build without the C extension now.",
        "WARNING: Plain-Python build succeeded.",
        "** Warning: could not build C extension, falling back to pure Python",
        "Failed to build the optional Cython extension",
        "compilation failed, falling back to pure-Python implementation",
        "skipping the native extension",
        "\x1b[33mWARNING: the c extensions cannot be built\x1b[0m",
    ],
)
def test_a_log_that_tells_of_a_dropped_extension_refuses_the_wheel(tmp_path: Path, line: str) -> None:
    log = f"running build_ext\n{line}\nrunning install_lib\n"
    report = check(wheel(tmp_path, PURE, tag="py3-none-any"), built(log=log))
    assert codes(report) == ["error extension-dropped"]


@pytest.mark.parametrize(
    "line",
    [
        "building 'demo._x' extension",
        "copying build/lib/demo/extension.py -> build/wheel",
        "adding 'demo/without_extension.py'",
        "warning: no previously-included files matching '*.so' found under directory 'docs'",
        "Building wheel with extensions",
        "running build_ext without errors",
    ],
)
def test_an_ordinary_log_is_silent(tmp_path: Path, line: str) -> None:
    assert check(wheel(tmp_path, PURE, tag="py3-none-any"), built(log=f"{line}\n")).findings == ()


@pytest.mark.parametrize(
    "log",
    [
        "error: command '/crosswheel/toolchain/bin/cc' failed with exit code 1\n",
        "command 'swig' failed: No such file or directory\n",
        "src/x.c:3:10: fatal error: 'yaml.h' file not found\n",
        "distutils.errors.DistutilsPlatformError: no compiler\n",
    ],
)
def test_a_failed_compiler_call_in_the_log_is_a_warning(tmp_path: Path, log: str) -> None:
    finding = only(check(wheel(tmp_path, {MODULE: extension_module("_x")}), built(log=log)))
    assert (finding.code, finding.severity.value) == ("compile-failed", "warning")


def test_the_oracle_explains_a_log_when_every_module_is_there(tmp_path: Path) -> None:
    files = {MODULE: extension_module("_x")}
    oracle = wheel(tmp_path / "oracle", files)
    log = "WARNING: The C extension could not be compiled, speedups are not enabled.\n"
    report = check(wheel(tmp_path, files), built(log=log, oracle=oracle))
    assert codes(report) == ["note extension-dropped"]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("cpu-features-lost", "error: unknown target CPU 'native'"),
        ("isa-level", "crosswheel: compiled for newer processors: -mavx2"),
    ],
)
def test_no_oracle_explains_what_the_log_says_of_processors(tmp_path: Path, code: str, line: str) -> None:
    files = {MODULE: extension_module("_x")}
    oracle = wheel(tmp_path / "oracle", files)
    assert codes(check(wheel(tmp_path, files), built(log=f"{line}\n", oracle=oracle))) == [f"warning {code}"]


def test_a_program_of_the_target_that_cmake_wanted_to_run_is_refused_even_if_every_module_is_there(
    tmp_path: Path,
) -> None:
    files = {MODULE: extension_module("_x")}
    oracle = wheel(tmp_path / "oracle", files)
    log = "-- Performing Test X\ncrosswheel: program of the target not run: /build/source/b/cmTC_1\n"
    finding = only(check(wheel(tmp_path, files), built(log=log, oracle=oracle)))
    assert (finding.code, finding.severity.value) == ("target-program-refused", "error")
    assert finding.message == (
        "the build wanted to run a program compiled for the target (try_run) and took the refusal for its answer; "
        "the log says: crosswheel: program of the target not run: /build/source/b/cmTC_1"
    )


@pytest.mark.parametrize(
    "line",
    [
        "crosswheel: module of the target not loaded: demo._x",
        "ImportError: /build/source/demo/_x.abi3.so: wrong ELF class: ELFCLASS32",
    ],
)
def test_a_module_of_the_target_that_was_imported_in_vain_is_refused_even_if_every_module_is_there(
    tmp_path: Path, line: str
) -> None:
    files = {MODULE: extension_module("_x")}
    oracle = wheel(tmp_path / "oracle", files)
    finding = only(check(wheel(tmp_path, files), built(log=f"running build\n{line}\n", oracle=oracle)))
    assert (finding.code, finding.severity.value) == ("target-module-refused", "error")
    assert finding.message.endswith(f"went on without it; the log says: {line}")


@pytest.mark.parametrize(
    "name",
    [
        "evil.pth",
        "evil.start",
        "sitecustomize.py",
        "usercustomize.py",
        "sitecustomize/__init__.py",
        "demo-1.0.data/purelib/evil.pth",
        "demo-1.0.data/platlib/evil.pth",
        "demo-1.0.data/data/evil.pth",
        "demo-1.0.data/data/lib/python3.11/site-packages/evil.pth",
        "demo-1.0.data/data/lib/python3/dist-packages/usercustomize.py",
    ],
)
def test_a_start_up_file_is_refused_unless_the_oracle_has_it(tmp_path: Path, name: str) -> None:
    files = {**PURE, name: b"import os\n"}
    finding = only(check(wheel(tmp_path, files, tag="py3-none-any"), built()))
    assert (finding.code, finding.severity.value, finding.file) == ("start-up-file", "error", name)
    clean = wheel(tmp_path / "clean", PURE, tag="py3-none-any")
    assert check(wheel(tmp_path, files, tag="py3-none-any"), built(oracle=clean)).refused
    same = wheel(tmp_path / "same", files, tag="py3-none-any")
    assert check(wheel(tmp_path, files, tag="py3-none-any"), built(oracle=same)).findings == ()


def test_an_oracle_that_has_a_start_up_file_at_the_same_place_allows_it(tmp_path: Path) -> None:
    own = {**PURE, "demo-1.0.data/purelib/evil.pth": b"import os\n"}
    oracle = wheel(tmp_path / "oracle", {**PURE, "evil.pth": b"import os\n"}, tag="py3-none-any")
    assert check(wheel(tmp_path, own, tag="py3-none-any"), built(oracle=oracle)).findings == ()


@pytest.mark.parametrize(
    "name", ["demo/data/site.pth", "demo/sitecustomize.py", "demo-1.0.data/data/share/demo/site.pth"]
)
def test_a_template_of_a_start_up_file_inside_a_package_is_right(tmp_path: Path, name: str) -> None:
    files = {**PURE, name: b"x\n"}
    assert check(wheel(tmp_path, files, tag="py3-none-any"), built()).findings == ()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("demo/_x.pdb", b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0"),
        ("demo/_x.lib", b"!<arch>\n"),
        ("demo/_x.dll.a", b"!<arch>\n"),
        ("demo/_x.obj", b"\x64\x86\0\0"),
        ("demo/_x.exp", b"\x64\xaa\0\0"),
        ("demo/_x.o", elf_file(file_type=1)),
    ],
)
def test_by_products_of_compiling_are_refused(tmp_path: Path, name: str, data: bytes) -> None:
    files = {MODULE: extension_module("_x"), name: data}
    finding = only(check(wheel(tmp_path, files), built()))
    assert (finding.code, finding.file) == ("build-leftover", name)
    oracle = wheel(tmp_path / "oracle", files)
    assert check(wheel(tmp_path, files), built(oracle=oracle)).findings == ()


def test_debug_information_is_refused_in_a_build(tmp_path: Path) -> None:
    files = {MODULE: extension_module("_x", sections=[".debug_info", ".debug_line"])}
    assert only(check(wheel(tmp_path, files), built())).message == (
        "it carries debug information (.debug_info, .debug_line), which holds paths of the build; strip it"
    )


@pytest.mark.parametrize(
    ("name", "severity", "part"),
    [
        ("scripts/python3.11", "error", "the interpreter"),
        ("data/bin/python", "error", "the interpreter"),
        ("data/lib/python3.11/os.py", "error", "the standard library"),
        ("data/Lib/os.py", "error", "the standard library"),
        ("data/python311.dll", "error", "the standard library"),
        ("data/python.exe", "error", "the interpreter"),
        ("data/include/python3.11/pyconfig.h", "error", "the headers of Python"),
        ("data/pyvenv.cfg", "error", "the settings of the Python environment"),
        ("scripts/python311._pth", "error", "the settings of the Python environment"),
        ("data/bin/ls", "error", "the system's program ls"),
        ("data/usr/bin/sh", "error", "the system's program sh"),
        ("scripts/pip", "error", "pip of the Python it is installed into"),
        ("scripts/activate.fish", "error", "activate.fish of the Python it is installed into"),
        ("data/etc/cron.d/demo", "warning", "the configuration of the system"),
    ],
)
def test_a_file_installed_over_python_or_the_system_is_found_unless_the_oracle_has_it(
    tmp_path: Path, name: str, severity: str, part: str
) -> None:
    files = {**PURE, f"demo-1.0.data/{name}": b"x\n"}
    finding = only(check(wheel(tmp_path, files, tag="py3-none-any"), built()))
    assert (finding.code, finding.severity.value) == ("system-file", severity)
    assert finding.message == f"it would be installed over {part}; keep it out of the wheel"
    oracle = wheel(tmp_path / "oracle", files, tag="py3-none-any")
    assert check(wheel(tmp_path, files, tag="py3-none-any"), built(oracle=oracle)).findings == ()


@pytest.mark.parametrize("program", ["ls", "python3", "pip3.11"])
def test_a_program_that_takes_anothers_place_is_found_unless_the_oracle_has_it(
    tmp_path: Path, program: str
) -> None:
    entry_points = f"[console_scripts]\nrun = demo:main\n{program} = demo:main\n"
    path = wheel(tmp_path, PURE, tag="py3-none-any", entry_points=entry_points)
    finding = only(check(path, built()))
    assert (finding.code, finding.file) == ("system-file", "demo-1.0.dist-info/entry_points.txt")
    assert finding.message.startswith(f"its program {program} would be installed over ")
    oracle = wheel(tmp_path / "oracle", PURE, tag="py3-none-any", entry_points=entry_points)
    assert check(path, built(oracle=oracle)).findings == ()


def test_a_program_may_be_called_after_its_project(tmp_path: Path) -> None:
    entry_points = "[console_scripts]\npip = pip:main\npip3.11 = pip:main\n"
    path = wheel(tmp_path, {"pip.py": b""}, name="pip", tag="py3-none-any", entry_points=entry_points)
    assert check(path).findings == ()


@pytest.mark.parametrize(
    "name",
    [
        "scripts/pythonize",
        "data/share/python",
        "data/share/bin/ls",
        "data/share/demo/pyvenv.cfg",
        "data/bin/demo",
        "data/lib/python3.11/site-packages/x.py",
        "data/include/python3.11/demo/demo.h",
    ],
)
def test_a_file_beside_those_of_the_system_is_right(tmp_path: Path, name: str) -> None:
    files = {**PURE, f"demo-1.0.data/{name}": b"x\n"}
    assert check(wheel(tmp_path, files, tag="py3-none-any"), built()).findings == ()


def test_code_for_newer_processors_that_the_log_tells_of_is_a_warning(tmp_path: Path) -> None:
    log = "building\ncrosswheel: compiled for newer processors: -march=x86-64-v4\n"
    finding = only(check(wheel(tmp_path, {MODULE: extension_module("_x")}), built(log=log)))
    assert (finding.code, finding.severity.value) == ("isa-level", "warning")
    assert finding.message == (
        "something was compiled for more than every machine of its tag has; right only if the package chooses that "
        "code at run time; the log says: crosswheel: compiled for newer processors: -march=x86-64-v4"
    )


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("demo.pth", "note start-up-file"),
        ("demo-1.0.data/data/demo.start", "note start-up-file"),
        ("sitecustomize.py", "warning start-up-file"),
        ("usercustomize/__init__.py", "warning start-up-file"),
        ("demo-1.0.data/scripts/python3", "error system-file"),
        ("demo-1.0.data/data/lib/python3.11/os.py", "error system-file"),
        ("demo-1.0.data/data/pyvenv.cfg", "error system-file"),
        ("demo-1.0.data/data/bin/ls", "warning system-file"),
        ("demo-1.0.data/scripts/pip", "warning system-file"),
        ("demo-1.0.data/data/etc/jupyter/demo.json", "note system-file"),
    ],
)
def test_prebuilt_wheels_are_looked_at_for_start_up_and_system_files(
    tmp_path: Path, name: str, found: str
) -> None:
    report = check(wheel(tmp_path, {**PURE, name: b"import os\n"}, tag="py3-none-any"))
    assert (codes(report), only(report).file) == ([found], name)


def test_a_prebuilt_wheel_with_a_platform_tag_and_no_binary_is_a_note(tmp_path: Path) -> None:
    finding = only(check(wheel(tmp_path, PURE)))
    assert (finding.code, finding.severity.value) == ("platform-tag-without-binary", "note")
    assert finding.message == "its tag is for manylinux_2_17_aarch64, yet it holds no binary"


OWN_CALL = FailedCall(file="src/sw.c", of_project=True, error="src/sw.c:1:2: error: no")
PROBE = FailedCall(file="try.c", of_project=False, error="try.c:1:10: fatal error: 'x.h' file not found")


def test_a_source_of_the_project_that_was_never_compiled_is_refused(tmp_path: Path) -> None:
    """A setup.py that swallows the failure: the other module is there, the exit code 0."""
    path = wheel(tmp_path, {MODULE: extension_module("_x")})
    log = "src/sw.c:1:2: error: no\n1 error generated.\n"
    finding = only(check(path, built(log=log, failed_calls=(OWN_CALL,))))
    assert (finding.code, finding.severity.value) == ("extension-dropped", "error")
    assert finding.message == (
        "src/sw.c was not compiled, and the build went on without it; the compiler says: src/sw.c:1:2: error: no"
    )
    oracle = wheel(tmp_path / "oracle", {MODULE: extension_module("_x")})
    assert codes(check(path, built(failed_calls=(OWN_CALL,), oracle=oracle))) == ["note extension-dropped"]


def test_what_was_compiled_and_not_linked_is_told_as_that(tmp_path: Path) -> None:
    link = FailedCall(file="build/sw.so", of_project=True, error="ld.lld: error: no", linking=True)
    path = wheel(tmp_path, {MODULE: extension_module("_x")})
    assert only(check(path, built(failed_calls=(link,)))).message == (
        "build/sw.so was compiled and not linked, and the build went on without it; the linker says: ld.lld: error: no"
    )
    assert only(check(path, built(failed_calls=(link, OWN_CALL)))).message == (
        "src/sw.c was not compiled, and the build went on without it; the compiler says: src/sw.c:1:2: error: no"
    )


def test_a_probe_whose_words_were_hidden_is_a_warning(tmp_path: Path) -> None:
    path = wheel(tmp_path, {MODULE: extension_module("_x")})
    assert codes(check(path, built(failed_calls=(PROBE,)))) == ["warning compile-failed"]
