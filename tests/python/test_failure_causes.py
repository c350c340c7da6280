"""What a log says went wrong: the class, the lines that show it, and a configuration that is one."""

from __future__ import annotations

import pytest

from crosswheel.decide.configuration.policy import parse_policy
from crosswheel.decide.failures.failure_causes import FailureCause, LogLine, causes_in, plain_log
from crosswheel.decide.failures.failure_kinds import FailureKind
from crosswheel.decide.failures.failure_signs import SIGNS
from crosswheel.decide.failures.failure_words import KERNEL_HEADERS
from crosswheel.decide.failures.given_build import GivenBuild
from crosswheel.decide.planning.debian_libraries import debian_package_of
from crosswheel.render.build_paths import SANDBOX_PATHS

GLIBC = "cp312-linux_aarch64_glibc_2_28"
MUSL = "cp312-linux_aarch64_musl_1_2"
MACOS = "cp312-macos_aarch64_11_0"
WINDOWS = "cp312-windows_x86_64"

#: What programs really say, with the class of it and what it is about.
SAID = (
    ("OSError: [Errno 28] No space left on device", FailureKind.DISK, ""),
    ("c++: fatal error: Killed signal terminated program cc1plus", FailureKind.MEMORY, "Killed signal terminated program"),
    ("LLVM ERROR: out of memory", FailureKind.MEMORY, "LLVM ERROR: out of memory"),
    ("a.c:1:10: fatal error: 'CoreFoundation/CFString.h' file not found", FailureKind.SDK, "CoreFoundation/CFString.h"),
    ("a.c:1:10: fatal error: openssl/evp.h: No such file or directory", FailureKind.HEADER, "openssl/evp.h"),
    ("a.c:1:10: fatal error: numpy/arrayobject.h: No such file or directory", FailureKind.BUILD_REQUIREMENT, "numpy"),
    ("a.c:1:10: fatal error: immintrin.h: No such file or directory", FailureKind.PROCESSOR, "immintrin.h"),
    (
        "cc: error: '-march=native' asks for the CPU of the build machine; name one",
        FailureKind.PROCESSOR,
        "'-march=native' asks for the CPU of the build machine",
    ),
    ("  Could NOT find OpenSSL, try to set the path (missing: X)", FailureKind.LIBRARY, "OpenSSL"),
    (
        "configure: error: cannot run test program while cross compiling",
        FailureKind.TARGET_PROGRAM,
        "cannot run test program while cross compiling",
    ),
    ("a.c:1:10: fatal error: 'openssl/evp.h' file not found", FailureKind.HEADER, "openssl/evp.h"),
    ("a.c:1:10: fatal error: 'numpy/arrayobject.h' file not found", FailureKind.BUILD_REQUIREMENT, "numpy"),
    ("a.c:1:10: fatal error: 'longintrepr.h' file not found", FailureKind.PYTHON_API, "longintrepr.h"),
    ("a.c:1:10: fatal error: 'cpuid.h' file not found", FailureKind.PROCESSOR, "cpuid.h"),
    ("ld.lld: error: unable to find library -lyaml", FailureKind.LIBRARY, "yaml"),
    ("error: unable to find dynamic system library 'ev' using strategy", FailureKind.LIBRARY, "ev"),
    ("ld.lld: error: unable to find library -l:libudev.so.1", FailureKind.LIBRARY, "libudev.so.1"),
    ("a.c:1:10: error: use of undeclared identifier 'PyExc_StandardError'", FailureKind.PYTHON_2, "PyExc_StandardError"),
    ('meson.build:3:1: ERROR: Dependency "cairo" not found (tried pkg-config)', FailureKind.LIBRARY, "cairo"),
    ("  Could NOT find HDF5 (missing: HDF5_LIBRARIES)", FailureKind.LIBRARY, "HDF5"),
    ('Could not find a package configuration file provided by "Eigen3" with', FailureKind.LIBRARY, "Eigen3"),
    ("No package 'libffi' found", FailureKind.LIBRARY, "libffi"),
    ("Command 'pkg-config --exists mysqlclient' returned non-zero exit status 1.", FailureKind.LIBRARY, "mysqlclient"),
    ("ValueError: 'a/b.pyx' doesn't match any files", FailureKind.INCOMPLETE_SDIST, "a/b.pyx"),
    ("Cython.Compiler.Errors.CompileError: a/b.pyx", FailureKind.TOO_NEW_REQUIREMENT, "a/b.pyx"),
    ("Error: pg_config executable not found.", FailureKind.LIBRARY, "pg_config"),
    ("/bin/sh: 1: mysql_config: not found", FailureKind.LIBRARY, "mysql_config"),
    ("The headers or library files could not be found for jpeg,", FailureKind.LIBRARY, "jpeg"),
    ("ERROR: Dependency lookup: Invalid version, need 'geos' ['>=3.10'] found '3.9.0'.", FailureKind.OLD_LIBRARY, "geos"),
    ("a.c:9:1: error: call to undeclared function 'DBSETLENCRYPTION'; ISO C99", FailureKind.OTHER_LIBRARY, "DBSETLENCRYPTION"),
    ("a.c:9:1: error: use of undeclared identifier 'PyUnicode_AS_UNICODE'", FailureKind.PYTHON_API, "PyUnicode_AS_UNICODE"),
    ("ModuleNotFoundError: No module named 'imp'", FailureKind.PYTHON_API, "imp"),
    ("ImportError: cannot import name 'Mapping' from 'collections' (/x.py)", FailureKind.PYTHON_API, "Mapping"),
    ("AttributeError: cython_sources", FailureKind.TOO_NEW_REQUIREMENT, "cython_sources"),
    ("error in x setup command: use_2to3 is invalid.", FailureKind.TOO_NEW_REQUIREMENT, "use_2to3"),
    ("ModuleNotFoundError: No module named 'pybind11'", FailureKind.BUILD_REQUIREMENT, "pybind11"),
    ("configure: error: cannot run C compiled programs.", FailureKind.TARGET_PROGRAM, "cannot run C compiled programs"),
    (
        "crosswheel: program of the target not run: /build/x/cmTC_1",
        FailureKind.TARGET_PROGRAM,
        "/build/x/cmTC_1",
    ),
    ("urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>", FailureKind.NETWORK, ""),
    ("FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", FailureKind.PROGRAM, "cmake"),
    ("RuntimeError: CMake >= 3.5 is required to build pycares.", FailureKind.PROGRAM, "cmake"),
    ("error: Ninja must be installed", FailureKind.PROGRAM, "ninja"),
    ("/bin/sh: 1: bison: not found", FailureKind.PROGRAM, "bison"),
    ("LookupError: setuptools-scm was unable to detect version for /build/source.", FailureKind.PROJECT_VERSION, "setuptools-scm"),
    ("clang: error: unsupported option '-msse2' for target 'aarch64-linux-gnu'", FailureKind.COMPILER_FLAG, "-msse2"),
    ("error: unknown CPU: 'haswell'", FailureKind.COMPILER_FLAG, "haswell"),
    ("a.c:4:5: error: invalid output constraint '=a' in asm", FailureKind.PROCESSOR, "invalid output constraint '=a' in asm"),
    (
        "a.c:7:3: error: incompatible pointer to integer conversion passing 'x' [-Wint-conversion]",
        FailureKind.STRICT_COMPILER,
        "int-conversion",
    ),
    ("a.hpp:9:3: error: no member named 'auto_ptr' in namespace 'std'", FailureKind.STRICT_COMPILER, "auto_ptr"),
    (
        "a.hpp:9:3: error: ISO C++17 does not allow 'register' storage class specifier [-Wregister]",
        FailureKind.STRICT_COMPILER,
        "ISO C++17 does not allow 'register' storage class specifier",
    ),
    ("OSError: [Errno 30] Read-only file system: '/usr/share/x'", FailureKind.UNWRITABLE, "/usr/share/x"),
    ("ld.lld: error: undefined symbol: dbconvert_ps", FailureKind.LIBRARY, "dbconvert_ps"),
    ("error: the feature named `avx2` is not valid for this target", FailureKind.PROCESSOR, "avx2"),
    ("SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?", FailureKind.PYTHON_2, "Missing parentheses in call to 'print'"),
    ("SyntaxError: multiple exception types must be parenthesized", FailureKind.PYTHON_2, "multiple exception types must be parenthesized"),
    ("This backport is meant only for Python 2.", FailureKind.PYTHON_2, "Python 2"),
    ("NameError: name 'xrange' is not defined", FailureKind.PYTHON_2, "xrange"),
    ("ModuleNotFoundError: No module named 'urllib2'", FailureKind.PYTHON_2, "urllib2"),
    ("AttributeError: 'dict' object has no attribute 'has_key'", FailureKind.PYTHON_2, "has_key"),
    ("error: can't find Rust compiler", FailureKind.COMPILER, "can't find Rust compiler"),
    ("/bin/sh: 1: cargo: not found", FailureKind.COMPILER, "cargo"),
    ("FileNotFoundError: [Errno 2] No such file or directory: 'cargo'", FailureKind.COMPILER, "cargo"),
    ("error: linker `cc` not found", FailureKind.COMPILER, "cc"),
    ("error: linker 'cc' not found", FailureKind.COMPILER, "cc"),
    (
        'error: Microsoft Visual C++ 14.0 or greater is required. Get it with "Microsoft C++ Build Tools"',
        FailureKind.COMPILER,
        "Microsoft Visual C++ 14.0 or greater is required",
    ),
    ("fatal: not a git repository (or any of the parent directories): .git", FailureKind.PROJECT_VERSION, ""),
    ("Package 'xproto', required by 'x11', not found", FailureKind.LIBRARY, "xproto"),
    ("/bin/sh: 1: gfortran: not found", FailureKind.COMPILER, "gfortran"),
    ("../meson.build:57:0: ERROR: Unknown compiler(s): [['gfortran'], ['flang']]", FailureKind.COMPILER, "gfortran"),
    ("error: library mach has Fortran sources but no Fortran compiler found", FailureKind.COMPILER, "Fortran"),
    ("CMake Error: No CMAKE_Fortran_COMPILER could be found.", FailureKind.COMPILER, "Fortran"),
    ("../meson.build:80:0: ERROR: 'fortran' compiler binary not defined in cross file [binaries] section", FailureKind.COMPILER, "fortran"),
    ("CMake Error: No CMAKE_CUDA_COMPILER could be found.", FailureKind.SDK, "CUDA"),
    ("../meson.build:8:0: ERROR: 'cuda' compiler binary not defined in cross file [binaries] section", FailureKind.SDK, "cuda"),
    ("a.c:1:10: fatal error: 'cuda_runtime.h' file not found", FailureKind.SDK, "cuda_runtime.h"),
    ("urllib3.exceptions.NameResolutionError: <HTTPSConnection>: Failed to resolve 'x'", FailureKind.NETWORK, ""),
    ("socket.gaierror: [Errno -3] Temporary failure in name resolution", FailureKind.NETWORK, ""),
    ("fatal: unable to access 'https://example.org/x.git/': a", FailureKind.NETWORK, ""),
    ("warning: spurious network error (3 tries remaining): [6] x", FailureKind.NETWORK, ""),
    ("ModuleNotFoundError: No module named 'numpy.distutils'", FailureKind.PYTHON_API, "numpy.distutils"),
    (
        "  Compatibility with CMake < 3.5 has been removed from CMake.",
        FailureKind.TOO_NEW_REQUIREMENT,
        "Compatibility with CMake < 3.5 has been removed from CMake",
    ),
    (
        "error: Multiple top-level packages discovered in a flat-layout: ['a', 'b'].",
        FailureKind.PACKAGES,
        "",
    ),
    ("configuration error: `project.license` must be valid exactly by one definition", FailureKind.TOO_OLD_REQUIREMENT, "project.license"),
    (
        "meson.build:1:0: ERROR: Meson version is 0.61.2 but project requires >=1.2.3",
        FailureKind.TOO_OLD_REQUIREMENT,
        "1.2.3",
    ),
    ("  CMake 3.31 or higher is required.  You are running version 3.25.1", FailureKind.TOO_OLD_REQUIREMENT, "3.31"),
    ("error: invalid command 'bdist_wheel'", FailureKind.BUILD_REQUIREMENT, "wheel"),
    ("FileNotFoundError: [Errno 2] No such file or directory: 'README.md'", FailureKind.INCOMPLETE_SDIST, "README.md"),
    ("FileNotFoundError: [Errno 2] No such file or directory: 'requirements/base.txt'", FailureKind.INCOMPLETE_SDIST, "requirements/base.txt"),
    ("error: package directory 'src/x' does not exist", FailureKind.INCOMPLETE_SDIST, "src/x"),
    ("a.c:4:9: error: 'dup3' is only available on macOS 27.0 or newer [-Werror,-Wx]", FailureKind.TARGET_FACT, "'dup3' is only available on macOS 27.0 or newer"),
    ("error: PyObjC requires macOS to build", FailureKind.OTHER_SYSTEM, "PyObjC requires macOS to build"),
    ("a.c:1:10: fatal error: 'windows.h' file not found", FailureKind.OTHER_SYSTEM, "windows.h"),
    (
        "crosswheel: cannot tell the size of c_ulong of ctypes on 'cp312-linux_armv7l_glibc_2_28': it depends on the target; patch it",
        FailureKind.TARGET_FACT,
        "the size of c_ulong of ctypes",
    ),
    (
        "c++: error: primesieve: usr/lib/aarch64-linux-gnu/libprimesieve.a needs GNU's C++ library, and this is C++ linked",
        FailureKind.STATIC_LIBRARY,
        "libprimesieve.a",
    ),
    ("a.c:1:10: fatal error: 'linux/newest.h' file not found", FailureKind.HEADER, "linux/newest.h"),
    (
        'error: target architecture aarch64 has no LLVM CPU feature named "sse4.2"',
        FailureKind.PROCESSOR,
        'target architecture aarch64 has no LLVM CPU feature named "sse4.2"',
    ),
    ("a.c:1:10: fatal error: 'mach/mach.h' file not found", FailureKind.OTHER_SYSTEM, "mach/mach.h"),
    ("a.c:1:10: fatal error: 'Python.h' file not found", FailureKind.HEADER, "Python.h"),
    ("error: xmlsec1 is not installed or not in path.", FailureKind.LIBRARY, "xmlsec1"),
    ("Can't find a local Berkeley DB installation.", FailureKind.LIBRARY, "Berkeley DB"),
    ("RuntimeError: Could not find a `llvm-config` binary. There are a number of", FailureKind.LIBRARY, "llvm-config"),
    ("Failed to get options via gdal-config: [Errno 2] No such file or directory: 'gdal-config'", FailureKind.LIBRARY, "gdal-config"),
    ("    raise PyProjectOptionException('qmake',", FailureKind.PROGRAM, "qmake"),
    ("Could not find `dot` executable!", FailureKind.PROGRAM, "dot"),
    ("<inline asm>:1:2: error: invalid instruction mnemonic 'xgetbv'", FailureKind.PROCESSOR, "invalid instruction mnemonic"),
    ("CMake Error: TRY_RUN() invoked in cross-compiling mode", FailureKind.TARGET_PROGRAM, "TRY_RUN() invoked in cross-compiling mode"),
    ("a.c:3:20: error: function definition is not allowed here", FailureKind.STRICT_COMPILER, "function definition is not allowed here"),
)  # fmt: skip


def first(said: str) -> FailureCause:
    return causes_in(f"running build\n{said}\n")[0]


@pytest.mark.parametrize(("said", "kind", "subject"), SAID, ids=lambda value: getattr(value, "name", None))
def test_what_programs_say_is_of_its_class(said: str, kind: FailureKind, subject: str) -> None:
    cause = first(said)
    assert (cause.kind, cause.subject) == (kind, subject)
    assert cause.lines == (LogLine(number=2, text=said),)


def test_an_operator_that_only_python_2_had_is_known_by_the_line_that_is_no_syntax() -> None:
    cause = first("    if a<>b:\n        ^^\nSyntaxError: invalid syntax")
    assert (cause.kind, cause.subject) == (FailureKind.PYTHON_2, "<>")


def test_a_module_that_was_just_compiled_is_no_build_requirement() -> None:
    said = "  File \"/x/site-packages/nanobind/stubgen.py\", line 9, in <module>\nModuleNotFoundError: No module named '_core'"
    cause = first(said)
    assert (cause.kind, cause.subject) == (FailureKind.TARGET_PROGRAM, "_core")
    assert cause.configuration("my-package", GLIBC)


@pytest.mark.parametrize("target", [GLIBC, MUSL, MACOS, WINDOWS, ""])
@pytest.mark.parametrize(("said", "kind", "subject"), SAID, ids=lambda value: getattr(value, "name", None))
def test_the_configuration_shown_is_one(said: str, kind: FailureKind, subject: str, target: str) -> None:
    lines = first(said).configuration("my-package", target)
    parse_policy("\n".join(lines).encode(), name="pyproject.toml")
    if kind not in {FailureKind.DISK, FailureKind.SDK}:
        assert lines


def test_a_program_is_one_cause_and_one_package_however_the_log_writes_it() -> None:
    text = "RuntimeError: CMake >= 3.5 is required to build pycares.\n/bin/sh: 1: cmake: not found\n"
    (cause,) = causes_in(text)
    assert cause.title == "missing program 'cmake'"
    assert [line.number for line in cause.lines] == [1, 2]
    assert cause.configuration("pycares", "") == (
        "[tool.crosswheel.packages.pycares]",
        'build-requires = ["cmake"]',
    )


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: f"{sign.kind.name}-{SIGNS.index(sign)}")
def test_every_setting_of_the_table_is_one(sign: object) -> None:
    (known,) = [one for one in SIGNS if one is sign]
    cause = FailureCause(kind=known.kind, subject="x", advice="", lines=(), sign=known)
    parse_policy("\n".join(cause.configuration("my-package", GLIBC)).encode(), name="pyproject.toml")


def test_a_library_is_named_as_debian_names_it_and_by_a_folder_where_there_is_no_debian() -> None:
    cause = first("a.c:1:10: fatal error: 'openssl/evp.h' file not found")
    table = "[tool.crosswheel.packages.p]"
    assert cause.configuration("p", GLIBC) == (table, 'sysroot = ["libssl-dev"]')
    assert cause.configuration("p", MUSL)[1].startswith('sysroot = "sysroots/p"')
    unknown = first("a.c:1:10: fatal error: 'mine.h' file not found")
    assert (
        unknown.configuration("p", GLIBC)[1] == 'sysroot = ["NAME-dev"]  # the Debian package that has mine.h'
    )


@pytest.mark.parametrize(
    ("target", "advised", "setting"),
    [
        (GLIBC, "name the Debian package that has it", 'sysroot = ["NAME-dev"]'),
        (MUSL, "name a folder of your own", 'sysroot = "sysroots/p"'),
        (MACOS, "Apple's SDK: give it with --sdk FOLDER", 'sysroot = "MacOSX.sdk"'),
        (WINDOWS, "MinGW's, and what is of Unix it has not", 'sysroot = "sysroots/p"'),
        ("", "name the Debian package that has it", 'sysroot = ["NAME-dev"]'),
    ],
)
def test_debian_is_named_where_it_has_libraries_and_apples_sdk_for_macos(
    target: str, advised: str, setting: str
) -> None:
    cause = first("a.c:1:10: fatal error: 'netinet/tcp_fsm.h' file not found").on(target)
    assert advised in cause.advice
    assert ("Debian" in cause.advice) == (target in {GLIBC, ""})
    assert cause.configuration("p", target)[1].startswith(setting)
    openssl = first("a.c:1:10: fatal error: 'openssl/evp.h' file not found").configuration("p", MACOS)
    assert openssl[1].startswith('sysroot = "sysroots/p"'), "no SDK has it"


@pytest.mark.parametrize(
    "line",
    [
        "    print 'hello'",
        "    except OSError, error:",
        "    raise ValueError, 'no'",
        "    exec code in scope",
    ],
)
def test_a_statement_that_only_python_2_had_is_told_as_such(line: str) -> None:
    cause = first(f'  File "setup.py", line 3\n{line}\n      ^\nSyntaxError: invalid syntax')
    assert (cause.kind, cause.subject) == (FailureKind.PYTHON_2, line.strip())
    assert causes_in(f"{line}\nrunning build\n") == (), "a word of the log is no statement that failed"


def test_an_older_python_is_older_than_the_targets() -> None:
    lines = first("ModuleNotFoundError: No module named 'imp'").configuration("p", GLIBC)
    assert lines[0] == "[tool.crosswheel]"
    assert lines[1].startswith('python = "3.11"')


@pytest.mark.parametrize("name", ["PyInt_FromLong", "PyString_FromString", "PyClass_Check"])
@pytest.mark.parametrize(
    ("ran", "said", "line"),
    [
        ("swig -python -o x_wrap.c x.i", "x_wrap.c:1:2: error: call to undeclared function '{}'", "swig<4.5"),
        ("swigging x.i to x_wrap.cpp", "src/x_wrap.cpp:1:2: error: use of undeclared identifier '{}'", "swig<4.5"),
        (
            "[1/1] Cythonizing x.pyx",
            "x.c:1:2: error: call to undeclared function '{}'\n    1 |  __pyx_t_1 = f(__pyx_v_x);",
            "cython<3.1",
        ),
        ("running build_ext", "x_wrap.c:1:2: error: call to undeclared function '{}'", ""),
        ("running build_ext", "x.c:1:2: error: call to undeclared function '{}'\n    1 |  __pyx_t_1 = f(__pyx_v_x);", ""),
        ("swig -python -o x_wrap.c x.i", "x.c:1:2: error: '{}' was not declared in this scope", ""),
    ],
)  # fmt: skip
def test_what_python_2_had_is_in_no_older_python_but_in_what_older_generators_made(
    ran: str, said: str, line: str, name: str
) -> None:
    (cause,) = causes_in(f"{ran}\n{said.format(name)}\n")
    assert cause.subject == name
    kind = FailureKind.TOO_NEW_REQUIREMENT if line else FailureKind.PYTHON_2
    mending = f'build-constraints = ["{line}"]' if line else 'patches = ["patches/p.patch"]'
    assert (cause.kind, cause.configuration("p", GLIBC)[1]) == (kind, mending)
    limited = cause.after(GivenBuild(requirements={"swig": "4.4.1", "cython": "3.0"}), "p", GLIBC)
    assert limited.kind is FailureKind.PYTHON_2


def test_what_a_source_includes_as_its_own_file_the_sdist_lacks_unless_a_library_is_known_to_have_it() -> (
    None
):
    said = "a.c:1:10: fatal error: '{0}' file not found\n    1 | #include {1}{0}{2}\n"
    for name, before, behind, kind in (
        ("tree_sitter/parser.h", '"', '"', FailureKind.INCOMPLETE_SDIST),
        ("tree_sitter/parser.h", "<", ">", FailureKind.HEADER),
        ("yaml.h", '"', '"', FailureKind.HEADER),
        ("Python.h", '"', '"', FailureKind.HEADER),
    ):
        (cause,) = causes_in(said.format(name, before, behind))
        assert (cause.kind, cause.subject) == (kind, name)
    for place in ("/crosswheel/sysroot/usr/include/mine/a.h", "/env/lib/python3.11/site-packages/mine/a.h"):
        (cause,) = causes_in(said.format("mine/b.h", '"', '"').replace("a.c", place))
        assert cause.kind is FailureKind.HEADER, "it is not of the sdist"
    gcc = 'a.c:1:10: fatal error: mine.h: No such file or directory\n # include "mine.h"\n'
    assert first(gcc).kind is FailureKind.INCOMPLETE_SDIST


@pytest.mark.parametrize(
    ("said", "python"),
    [
        ("ImportError: cannot import name 'Mapping' from 'collections' (/x.py)", "3.9"),
        ("AttributeError: module 'inspect' has no attribute 'getargspec'", "3.10"),
        ("AttributeError: module 'configparser' has no attribute 'SafeConfigParser'. Did", "3.11"),
        ("ModuleNotFoundError: No module named 'imp'", "3.11"),
        ("ModuleNotFoundError: No module named 'cgi'", "3.12"),
    ],
)
def test_what_a_python_took_away_is_in_the_one_before(said: str, python: str) -> None:
    for target in ("cp314-linux_aarch64_glibc_2_28", ""):
        assert first(said).configuration("p", target)[1] == f'python = "{python}"  # the last that has it'


def test_a_module_that_setuptools_lost_is_not_one_that_was_not_asked_for() -> None:
    said = "ModuleNotFoundError: No module named 'pkg_resources'"
    assert first(said).configuration("p", GLIBC)[1] == 'build-requires = ["setuptools"]'
    there = first(
        f'  File "/crosswheel/environment/lib/site-packages/setuptools/build_meta.py", line 3\n{said}'
    )
    assert there.configuration("p", GLIBC)[1] == 'build-constraints = ["setuptools<81"]'


def test_functions_within_functions_go_before_what_follows_from_them() -> None:
    log = (
        "a.c:9:3: error: function definition is not allowed here\n"
        "a.c:20:3: error: call to undeclared function 'f' [-Wimplicit-function-declaration]\n"
    )
    assert first(log).subject == "function definition is not allowed here"


def test_what_cmake_would_run_is_told_by_its_variable() -> None:
    asked = (
        "CMake Error: try_run() invoked in cross-compiling mode, please set the following cache variables\n"
        "appropriately:\n   HAVE_IT (advanced)\n"
    )
    cause = first(asked)
    assert cause.subject == "HAVE_IT"
    assert cause.configuration("p", GLIBC)[1].startswith('environment = { CMAKE_ARGS = "-DHAVE_IT=0" }')
    cause = first(f"*** scikit-build-core 1.1.2 using CMake 4.4.5 (wheel)\n{asked}")
    assert cause.configuration("p", GLIBC)[1].startswith('config-settings = { "cmake.define.HAVE_IT" = "0" }')


def test_all_that_programs_were_asked_for_is_told_at_once_and_the_programs_are_no_cause_besides() -> None:
    said = (
        "crosswheel: program of the target not run: /b/cmTC_1\ncrosswheel: program of the target not run: /b/cmTC_2\n"
        "crosswheel: CMake asked programs of the target for: HAVE_IT, RES\n"
    )
    (cause,) = causes_in(said)
    assert cause.title == "program of the target 'HAVE_IT, RES'"
    line = cause.configuration("p", GLIBC)[1]
    assert line.startswith('environment = { CMAKE_ARGS = "-DHAVE_IT=0 -DRES=0" }')


def test_a_header_that_a_project_looks_for_by_itself_is_told() -> None:
    cause = first(
        "The 'linux/input.h' and 'linux/input-event-codes.h' include files\nare missing. You will have"
    )
    assert (cause.kind, cause.subject) == (FailureKind.HEADER, "linux/input.h")
    assert KERNEL_HEADERS.startswith(f"{SANDBOX_PATHS.zig}/")
    assert cause.configuration("p", GLIBC)[1] == f'environment = {{ C_INCLUDE_PATH = "{KERNEL_HEADERS}" }}'


def test_a_line_that_a_more_telling_sign_explains_is_no_second_cause() -> None:
    assert len(causes_in("/bin/sh: 1: mysql_config: not found\n")) == 1


def test_causes_are_told_once_each_with_the_lines_that_show_them() -> None:
    log = "".join(f"{name}.c:1:1: fatal error: 'ev.h' file not found\n" for name in "abcd")
    (cause,) = causes_in(log + "ld.lld: error: unable to find library -lev\n")[:1]
    assert [line.number for line in cause.lines] == [1, 2, 3]
    assert [one.title for one in causes_in(log)] == ["missing header 'ev.h'"]


def test_a_strangers_words_are_no_configuration() -> None:
    said = "ModuleNotFoundError: No module named 'x\"]\\nbuild = true #'"
    assert first(said).configuration("p", GLIBC) == ()


def test_colours_hide_nothing() -> None:
    assert plain_log("\x1b[1m\x1b[31merror\x1b[0m: a\tb\r\n") == "error: a\tb\n"


def test_a_library_is_found_by_any_of_its_names() -> None:
    assert debian_package_of("Berkeley DB") == "libdb-dev"
    for name in ("openssl/ssl.h", "-lssl", "OpenSSL", "libcrypto"):
        assert debian_package_of(name) == "libssl-dev"
    for name in ("unicode/utypes.h", "-licui18n", "icu-i18n", "icu-config"):
        assert debian_package_of(name) == "libicu-dev"


def test_what_a_build_may_do_without_goes_after_what_it_failed_for() -> None:
    text = "fatal: not a git repository: .git\na.c:1:10: fatal error: 'rrd.h' file not found\n    1 | #include <rrd.h>\n"
    header, version = causes_in(text)
    assert header.configuration("p", GLIBC)[1] == 'sysroot = ["librrd-dev"]'
    assert version.configuration("p", GLIBC)[1].startswith('environment = { NAME = "VERSION" }')


def test_what_cmake_remarks_of_an_optional_package_is_no_cause() -> None:
    text = "-- Could NOT find OpenMP_C (missing: OpenMP_C_FLAGS)\n-- Configuring done\n"
    assert causes_in(text) == ()
    (cause,) = causes_in(f"{text}-- Configuring incomplete, errors occurred!\n")
    assert (cause.kind, cause.subject) == (FailureKind.LIBRARY, "OpenMP_C")
