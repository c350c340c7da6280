"""What an interpreter of a build environment believes, and which processes see the truth."""

from __future__ import annotations

import json
import os
import platform
import runpy
import sys
import sysconfig
from importlib.resources import files
from pathlib import Path

import packaging
import pytest

from cross_environments import CrossEnvironment, make_cross_environment
from cross_targets import LINUX_PLATFORMS, description_of
from crosswheel.act.building.cross_python import build_environment_variables
from crosswheel.target.environments import marker_environment
from crosswheel.target.targets import parse_target_id
from crosswheel.target.triples import sysconfig_platform

PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
TARGETS = [f"{PYTHON}-{platform_}" for platform_ in LINUX_PLATFORMS]
FOREIGN = f"{PYTHON}-linux_armv7l_glibc_2_28"
MACHINE = platform.machine()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> CrossEnvironment:
    made = make_cross_environment(tmp_path_factory.mktemp("cross"))
    # packaging, whose tags decide what a wheel is called, straight from the tests' own environment
    (made.site_packages / "packaging").symlink_to(Path(str(packaging.__file__)).parent)
    return made


@pytest.mark.parametrize("target", TARGETS)
def test_sysconfig_reports_the_target(environment: CrossEnvironment, target: str) -> None:
    description = description_of(target)
    root = environment.paths(target).target
    include = f"{root}/include/{description.python_directory}"
    found = environment.ask(
        "(lambda s: [s.get_platform(), s.get_config_var('EXT_SUFFIX'), s.get_config_var('SOABI'),"
        " s.get_config_var('CC'), s.get_path('include'), s.get_paths()['platinclude'],"
        " s.get_path('include', 'posix_prefix'), s.get_config_h_filename(), s.get_config_var('SIZEOF_VOID_P')])"
        "(of('sysconfig'))",
        target=target,
    )
    assert found == [
        sysconfig_platform(description.platform),
        description.ext_suffix,
        description.soabi,
        f"{environment.paths(target).toolchain}/bin/cc",
        include,
        include,
        include,
        f"{include}/pyconfig.h",
        description.pointer_width // 8,
    ]
    assert Path(include, "pyconfig.h").is_file()


@pytest.mark.parametrize("target", TARGETS)
def test_the_machine_is_the_targets_wherever_it_is_asked_for(
    environment: CrossEnvironment, target: str
) -> None:
    machine = description_of(target).platform.arch.value
    found = environment.ask(
        "(lambda p: [os.uname().machine, os.uname()[4], p.machine(), p.processor(), p.uname().machine,"
        " p.uname().processor, p.architecture()[0]])(of('platform'))",
        target=target,
    )
    width = f"{description_of(target).pointer_width}bit"
    assert found == [machine] * 6 + [width]


@pytest.mark.parametrize("target", TARGETS)
def test_packaging_gives_the_targets_tags(environment: CrossEnvironment, target: str) -> None:
    found = environment.ask("[str(tag) for tag in of('packaging.tags').sys_tags()]", target=target)
    description = description_of(target)
    assert f"{PYTHON}-{PYTHON}-linux_{description.platform.arch.value}" in found
    minor = target.rpartition("_")[2]
    manylinux = [tag for tag in found if "-manylinux_2_" in tag and tag.startswith(f"{PYTHON}-{PYTHON}-")]
    assert manylinux[0] == f"{PYTHON}-{PYTHON}-manylinux_2_{minor}_{description.platform.arch.value}"
    assert [tag for tag in found if "musllinux" in tag] == []


def test_no_build_machine_fact_is_in_the_marker_environment(environment: CrossEnvironment) -> None:
    found = environment.ask("of('packaging.markers').default_environment()", target=FOREIGN)
    expected = marker_environment(parse_target_id(FOREIGN))
    same = (
        "implementation_name",
        "os_name",
        "platform_machine",
        "platform_system",
        "python_version",
        "sys_platform",
    )
    assert {name: found[name] for name in same} == {name: expected[name] for name in same}
    assert found["platform_release"] == "5.10.0"
    assert found["platform_version"] == "#1 SMP"


def test_the_c_library_is_the_targets(environment: CrossEnvironment) -> None:
    found = environment.ask(
        "[os.confstr('CS_GNU_LIBC_VERSION'), os.confstr(os.confstr_names['CS_GNU_LIBC_VERSION']),"
        " os.confstr('CS_GNU_LIBPTHREAD_VERSION'), os.confstr('CS_PATH'), of('platform').libc_ver(),"
        " of('platform').platform()]",
        target=f"{PYTHON}-linux_aarch64_glibc_2_17",
    )
    assert found == [
        "glibc 2.17",
        "glibc 2.17",
        "NPTL 2.17",
        os.confstr("CS_PATH"),
        ["glibc", "2.17"],
        "Linux-5.10.0-aarch64-with-glibc2.17",
    ]


def test_suffixes_width_and_multiarch_are_the_targets(environment: CrossEnvironment) -> None:
    found = environment.ask(
        "[of('importlib.machinery').EXTENSION_SUFFIXES, sys.maxsize, sys.implementation._multiarch]",
        target=FOREIGN,
    )
    suffix = f".cpython-{PYTHON[2:]}-arm-linux-gnueabihf.so"
    assert found == [[suffix, ".abi3.so", ".so"], 2**31 - 1, "arm-linux-gnueabihf"]


def test_what_python_lives_by_is_left_alone(environment: CrossEnvironment) -> None:
    expression = (
        "[sys.byteorder, list(sys.version_info), sys.prefix, sys.base_prefix, sys.platform, os.name, sys.path,"
        " of('sysconfig').get_path('stdlib'), of('sysconfig').get_path('purelib'),"
        " of('_imp').extension_suffixes()]"
    )
    assert environment.ask(expression, target=FOREIGN) == environment.ask(expression, target=None)


@pytest.mark.parametrize(
    "program",
    [
        "import sys, struct; sys.stdout.write(str(struct.calcsize('P')))",  # FindPython since CMake 4.1
        "import struct; print(struct.calcsize('@P'))",  # pybind11's FindPythonLibsNew
        "from struct import calcsize; print(calcsize(b'l'))",
    ],
)
def test_a_one_line_program_that_asks_for_a_pointers_size_is_told_the_targets(
    environment: CrossEnvironment, program: str
) -> None:
    width = description_of(FOREIGN).pointer_width // 8
    for options in (["-c"], ["-Ic"], ["-X", "utf8", "-c"]):
        done = environment.run([*options, program], target=FOREIGN)
        assert (done.stdout.strip(), done.stderr) == (str(width), "")


_SIZES = """
import ctypes, struct
from ctypes import sizeof
print(struct.calcsize('P'), struct.calcsize('@ll'), struct.calcsize('<l'), struct.calcsize('=q'), struct.calcsize('ih'))
print(sizeof(ctypes.c_void_p), sizeof(ctypes.POINTER(ctypes.c_int)), sizeof(ctypes.c_char_p()), sizeof(ctypes.c_int))
"""


def test_the_code_of_the_project_is_told_the_targets_sizes_of_c_types(
    environment: CrossEnvironment, tmp_path: Path
) -> None:
    script = tmp_path / "setup.py"
    script.write_text(_SIZES)
    done = environment.run([str(script)], target=FOREIGN)
    assert (done.stdout, done.stderr) == ("4 8 4 8 6\n4 4 4 4\n", "")
    windows = f"{PYTHON}-windows_x86_64"
    assert environment.run([str(script)], target=windows).stdout == "8 8 4 8 6\n8 8 8 4\n"


def test_whatever_is_installed_is_told_the_truth_of_sizes(environment: CrossEnvironment) -> None:
    (environment.site_packages / "installed.py").write_text(_SIZES)
    done = environment.run(["-c", "import installed"], target=FOREIGN)
    assert done.stdout == environment.run(["-c", "import installed"], target=None).stdout


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ("ctypes.sizeof(ctypes.c_long)", "c_long of ctypes"),
        ("ctypes.sizeof(ctypes.c_ssize_t)", "c_long of ctypes"),
        ("ctypes.sizeof(type('Pair', (ctypes.Structure,), {'_fields_': []}))", "Pair of ctypes"),
    ],
)
def test_a_size_that_is_not_known_of_the_target_ends_the_process(
    environment: CrossEnvironment, asked: str, what: str
) -> None:
    done = environment.run(["-c", f"import ctypes, struct; print({asked})"], target=FOREIGN)
    assert (done.returncode, done.stdout) == (11, "")
    assert done.stderr == (
        f"crosswheel: cannot tell the size of {what} on '{FOREIGN}': it depends on the target; patch the build code so "
        "that the compiler finds out\n"
    )


def test_the_code_of_the_project_is_told_the_targets_width_of_an_arrays_items(
    environment: CrossEnvironment,
) -> None:
    asked = (
        "a = array.array('l', [1, 2]); b = a[:1]; a.extend(b); c = copy.copy(a); "
        "print(a.itemsize, array.array('q').itemsize, isinstance(b, array.array), a == c, pickle.loads(pickle.dumps(a)) == a)"
    )
    done = environment.run(["-c", f"import array, copy, pickle; {asked}"], target=FOREIGN)
    assert (done.stdout, done.stderr) == ("4 8 True True True\n", "")


_BIG_ENDIAN = f"{PYTHON}-linux_s390x_glibc_2_28"
_GUARD = {"CROSSWHEEL_GUARD": "byteorder"}


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ("import sys; sys.byteorder", "sys.byteorder"),
        ("from sys import byteorder", "sys.byteorder"),
        ("import codecs; codecs.BOM_UTF16 == codecs.BOM_UTF16_LE", "codecs.BOM_UTF16"),
        ("import sys as system; getattr(system, 'byteorder')", "sys.byteorder"),
        ("(1).to_bytes(2, __import__('sys').byteorder)", "sys.byteorder"),
        ("import struct; struct.pack('I', 1)", "struct.pack('I')"),
        ("import struct; struct.unpack(b'=H', b'ab')", "struct.unpack('=H')"),
        ("from struct import unpack_from as u; u('@3h', bytes(6))", "struct.unpack_from('@3h')"),
        ("import struct; struct.Struct('d')", "struct.Struct('d')"),
        ("import array; array.array('H', [1]).tobytes()", "array.tobytes"),
        ("import array; array.array('B', [1]).tobytes()", None),
        ("import struct; struct.pack('>I', 1); struct.pack('4sB', b'', 1); struct.calcsize('I')", None),
        ("import zipfile, pickle, hashlib, uuid, random; random.seed(1); pickle.dumps(1.5)", None),
    ],
)
def test_the_code_of_the_project_is_told_no_byte_order(
    environment: CrossEnvironment, tmp_path: Path, asked: str, what: str | None
) -> None:
    script = tmp_path / "helper.py"
    script.write_text(f'"""Of the project."""\n\n{asked}\n')
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import helper"
    for arguments in ([str(script)], ["-c", program]):
        done = environment.run(
            arguments, target=_BIG_ENDIAN, variables={**_GUARD, "CROSSWHEEL_NOTES": str(tmp_path)}
        )
        if what is None:
            assert (done.returncode, done.stderr) == (0, "")
            continue
        words = (
            f"cannot tell the byte order of '{_BIG_ENDIAN}': helper.py, line 3, asks for it ({what}), and what it does with "
            "the answer cannot be told; patch it, or, if it does not decide what is compiled, set accept-build-facts for the "
            "package\n"
        )
        assert (done.returncode, done.stderr) == (11, f"crosswheel: {words}")
        assert (tmp_path / "crosswheel-refusals").read_text().endswith(words)


@pytest.mark.parametrize("variables", [{}, _GUARD])
def test_the_byte_order_is_never_pretended(environment: CrossEnvironment, variables: dict[str, str]) -> None:
    (environment.site_packages / "ordered.py").write_text(
        "import array, struct, sys\n"
        "print(sys.byteorder, struct.pack('H', 1), struct.Struct('H').size, array.array('H', [1]).tobytes())\n"
    )
    done = environment.run(["-c", "import ordered"], target=_BIG_ENDIAN, variables=variables)
    plain = environment.run(["-c", "import ordered"], target=None)
    assert (done.stdout, done.stderr) == (plain.stdout, "")


def test_the_build_pythons_own_extension_modules_still_load(environment: CrossEnvironment) -> None:
    assert environment.ask("of('_ctypes').__name__", target=FOREIGN) == "_ctypes"


def test_the_build_time_variables_are_a_module_too(environment: CrossEnvironment) -> None:
    found = environment.ask(
        "of(of('sysconfig')._get_sysconfigdata_name()).build_time_vars['MULTIARCH']", target=FOREIGN
    )
    assert found == "arm-linux-gnueabihf"


def test_without_the_variable_nothing_changes(environment: CrossEnvironment) -> None:
    found = environment.ask(
        "[of('sysconfig').get_platform(), of('platform').machine(), '_crosswheel_view' in sys.modules]",
        target=None,
    )
    assert found == [sysconfig.get_platform(), MACHINE, False]


@pytest.mark.parametrize("options", [["-I"], ["-E"], ["-s"], ["-B", "-I"], ["-X", "utf8"], ["-W", "error"]])
def test_isolation_does_not_leave_the_view(environment: CrossEnvironment, options: list[str]) -> None:
    assert (
        environment.ask("of('sysconfig').get_platform()", target=FOREIGN, options=options) == "linux-armv7l"
    )


def test_a_child_interpreter_is_in_the_view_again(environment: CrossEnvironment) -> None:
    child = "of('subprocess').check_output([sys.executable, '-c', 'import os; print(os.uname().machine)'], text=True)"
    assert environment.ask(child, target=FOREIGN) == "armv7l\n"


def test_a_setup_script_is_in_the_view(environment: CrossEnvironment, tmp_path: Path) -> None:
    script = tmp_path / "setup.py"
    script.write_text("import platform\nprint(platform.machine())\n")
    assert environment.run([str(script)], target=FOREIGN).stdout == "armv7l\n"


@pytest.mark.parametrize("tool", ["pip", "uv", "meson", "cmake", "ninja"])
@pytest.mark.parametrize("form", ["script", "py", "module", "isolated module", "package", "zipapp"])
def test_a_build_tool_sees_the_truth(
    environment: CrossEnvironment, tmp_path: Path, tool: str, form: str
) -> None:
    package = tmp_path / tool
    program = "import platform, sysconfig\nprint(platform.machine(), sysconfig.get_platform())\n"
    arguments = {
        "script": [str(tmp_path / "bin" / tool), "--version"],
        "py": [str(tmp_path / "bin" / f"{tool}.py")],
        "module": ["-m", tool],
        "isolated module": ["-Bm", tool, "install"],
        "package": [str(package / "__main__.py")],
        "zipapp": ["-X", "utf8", str(tmp_path / "bin" / f"{tool}.pyz")],
    }[form]
    for file in (tmp_path / "bin" / tool, tmp_path / "bin" / f"{tool}.py", tmp_path / "bin" / f"{tool}.pyz"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(program)
    package.mkdir()
    (package / "__main__.py").write_text(program)
    done = environment.run(arguments, target=FOREIGN, variables={"PYTHONPATH": str(tmp_path)})
    assert done.stderr == ""
    assert done.stdout == f"{MACHINE} {sysconfig.get_platform()}\n"


_INJECTED = files("crosswheel") / "act" / "building" / "injected"
VIEW = runpy.run_path(str(_INJECTED / "_crosswheel_view.py"))
COMMANDS = runpy.run_path(str(_INJECTED / "_crosswheel_commands.py"))


@pytest.mark.parametrize(
    ("arguments", "is_tool"),
    [
        (["python", "-m", "pip", "install"], True),
        (["python", "-Im", "mesonbuild.mesonmain"], True),
        (["python", "-mpip"], True),
        (["python", "-W", "pip", "setup.py"], False),
        (["python", "-Wpip", "setup.py"], False),
        (["python", "-X", "importtime", "/env/bin/meson", "setup"], True),
        (["python", "--check-hash-based-pycs", "never", "/env/bin/ninja"], True),
        (["python", "/env/lib/pip/__pip-runner__.py", "install"], True),
        (["python", "/work/pip-24.0-py3-none-any.whl/pip", "install"], True),
        (["python", "vendored-meson/meson/meson.py"], True),
        (["python", "-c", "import pip"], False),
        (["python", "-Ic", "import pip", "pip"], False),
        (["python", "-m", "build_pip"], False),
        (["python", "setup.py", "meson"], False),
        (["python", "/work/meson/mesonbuild/scripts/python_info.py"], False),
        (["python", "/work/pipeline.py"], False),
        (["python", "-"], False),
        (["python"], False),
        ([], False),
    ],
)
def test_a_tool_is_told_by_how_it_was_started(arguments: list[str], is_tool: bool) -> None:
    assert COMMANDS["is_build_tool"](arguments) is is_tool


def test_an_interpreter_of_another_version_is_refused(environment: CrossEnvironment) -> None:
    other = "cp312" if PYTHON != "cp312" else "cp313"
    target = f"{other}-linux_aarch64_glibc_2_28"
    done = environment.run(["-c", "print('ran')"], target=target)
    wanted = f"CPython 3.{other[3:]}"
    assert (done.returncode, done.stdout) == (11, "")
    assert done.stderr == (
        f"crosswheel: cannot show target '{target}': this interpreter is CPython "
        f"3.{sys.version_info.minor}, the target is {wanted}; use {wanted} as the build Python\n"
    )


def test_a_view_document_that_cannot_be_read_ends_the_process(
    environment: CrossEnvironment, tmp_path: Path
) -> None:
    missing, broken = tmp_path / "none.json", tmp_path / "broken.json"
    broken.write_text('{"python": [3')
    for path, complaint in ((missing, "No such file or directory"), (broken, "")):
        done = environment.run(["-c", "print('ran')"], target=None, variables={"CROSSWHEEL_VIEW": str(path)})
        assert (done.returncode, done.stdout) == (11, "")
        assert done.stderr.startswith(f"crosswheel: cannot read view document '{path}': ")
        assert complaint in done.stderr


def test_the_view_reads_json_as_json_does() -> None:
    document = {"a": [1, 2.5, 'é\n"', None, True], "b": {"c": {}}, "d": []}
    assert VIEW["_parse_json"](json.dumps(document)) == document


def test_the_view_costs_no_import_of_json_or_regular_expressions(environment: CrossEnvironment) -> None:
    before: set[str] = set(environment.ask("sorted(sys.modules)", target=None, options=["-I"]))
    after: set[str] = set(environment.ask("sorted(sys.modules)", target=FOREIGN, options=["-I"]))
    names = "asking children commands libraries limits loading names release sizes unloaded view"
    own = {f"_crosswheel_{name}" for name in names.split()}
    assert after - before <= own | {"_manylinux", "_json", "__future__", "importlib.machinery"}


def test_a_build_has_an_environment_of_its_own() -> None:
    target = "cp311-linux_aarch64_glibc_2_28"
    paths = CrossEnvironment(root=Path("/root"), python=Path("/python")).paths(target)
    variables = build_environment_variables(description_of(target), paths, source_date_epoch=315532800)
    assert variables == {
        "AR": f"{paths.toolchain}/bin/ar",
        "CC": f"{paths.toolchain}/bin/cc",
        "CC_FOR_BUILD": f"{paths.toolchain}/bin/build-cc",
        "CXX_FOR_BUILD": f"{paths.toolchain}/bin/build-c++",
        "CMAKE_TOOLCHAIN_FILE": f"{paths.target}/toolchain.cmake",
        "CONFIG_SITE": f"{paths.target}/config.site",
        "CPP": f"{paths.toolchain}/bin/cpp",
        "CROSSWHEEL_VIEW": f"{paths.target}/view.json",
        "CXX": f"{paths.toolchain}/bin/c++",
        "HOME": paths.home,
        "LC_ALL": "C",
        "LD": f"{paths.toolchain}/bin/ld",
        "LDCXXSHARED": f"{paths.toolchain}/bin/c++ -shared",
        "LDSHARED": f"{paths.toolchain}/bin/cc -shared",
        "MATURIN_NO_INSTALL_RUST": "1",
        "MAKEFLAGS": "TESTS= check_PROGRAMS= check_LIBRARIES= check_LTLIBRARIES= "
        f"HOST_CC={paths.toolchain}/bin/build-cc HOSTCC={paths.toolchain}/bin/build-cc "
        f"HOST_CXX={paths.toolchain}/bin/build-c++ HOSTCXX={paths.toolchain}/bin/build-c++",
        "MAKE_HOST": "aarch64-linux-gnu",
        "NM": f"{paths.toolchain}/bin/nm",
        "PATH": f"{paths.environment}/bin:{paths.target}/bin:{paths.toolchain}/bin:/usr/bin:/bin",
        "PKG_CONFIG": f"{paths.toolchain}/bin/pkg-config",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "RANLIB": f"{paths.toolchain}/bin/ranlib",
        "SOURCE_DATE_EPOCH": "315532800",
        "STRIP": f"{paths.toolchain}/bin/strip",
        "CROSSWHEEL_NOTES": paths.temporary,
        "TMPDIR": paths.temporary,
        "TZ": "UTC",
    }


def test_whether_there_are_wheels_of_cmake_is_asked_for_the_build_machine(
    environment: CrossEnvironment,
) -> None:
    folder = environment.site_packages / "scikit_build_core" / "builder"
    folder.mkdir(parents=True)
    (folder / "_known_wheels.py").write_text("def is_known_platform(platforms):\n    raise AssertionError\n")
    known = [["manylinux_2_28_armv7l"], [f"manylinux_2_28_{MACHINE}", "win_arm64"]]
    found = environment.ask(
        f"[of('scikit_build_core.builder._known_wheels').is_known_platform(names) for names in {known!r}]",
        target=FOREIGN,
    )
    assert found == [False, True]
