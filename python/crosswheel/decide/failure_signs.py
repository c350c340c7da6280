"""What the lines of a build's log mean: the one table of failures that are known, with what to do about each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from .failure_words import (
    ADD_PROGRAM,
    AS_PROJECTS_SAY,
    CHANGED_MODULES,
    FORTRAN_COMPILERS,
    FRAMEWORKS,
    LIMIT,
    NEWER_RELEASE,
    NEWER_RUST,
    NEWER_SUITE,
    NO_FORTRAN,
    NO_LIBRARY,
    NO_NETWORK,
    NO_PROGRAM,
    NO_RUN_NEEDED,
    NO_RUST,
    NO_SDK,
    OLD_PYTHON_CODE,
    OLDER_PYTHON,
    ON_INDEXES,
    OTHER_PROCESSOR,
    PATCH,
    PROGRAM,
    PYTHON_2_MODULES,
    PYTHON_2_NAMES,
    RAISE,
    REMOVED_API,
    REMOVED_MODULES,
    RUNS_TARGET,
    TOO_OLD,
    WANTS_NETWORK,
    WHEEL_INSTEAD,
)

__all__ = ["SIGNS", "FailureKind", "Sign"]


class FailureKind(Enum):
    """What class of failure a build met; the value is for people and for ``--json``."""

    BUILD_REQUIREMENT = "missing build requirement"
    COMPILER = "missing compiler"
    COMPILER_FLAG = "wrong compiler flag"
    DISK = "disk is full"
    HEADER = "missing header"
    INCOMPLETE_SDIST = "incomplete sdist"
    LIBRARY = "missing library"
    MEMORY = "out of memory"
    NETWORK = "network access"
    OLD_LIBRARY = "library is too old"
    OLD_RUST = "Rust is too old"
    PROCESSOR = "code for another processor"
    PROGRAM = "missing program"
    PROJECT_VERSION = "version of the project"
    PYTHON_2 = "code of Python 2"
    PYTHON_API = "removed Python API"
    RUST_CRATE = "missing crate"
    RUST_TARGET = "missing Rust target"
    SDK = "needs an SDK"
    STRICT_COMPILER = "error of a stricter compiler"
    TARGET_PROGRAM = "program of the target"
    TOO_NEW_REQUIREMENT = "build requirement is too new"
    TOO_OLD_REQUIREMENT = "build requirement is too old"
    UNWRITABLE = "writes outside its folder"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """A pattern by which a log shows a failure.

    Attributes:
        kind: what it shows.
        pattern: its group 1 is what the failure is about, and fills the braces of `advice` and `setting`.
        advice: a clause.
        setting: the line of configuration that mends it, or nothing.
        place: the table the line stands in, below ``tool.crosswheel``; ``packages`` is the package's own.
        of_library: the setting is the library's, found by what the failure is about.
    """

    kind: FailureKind
    pattern: re.Pattern[str]
    advice: str
    setting: str = ""
    place: str = "packages"
    of_library: bool = False


def _sign(
    kind: FailureKind,
    pattern: str,
    advice: str,
    setting: str = "",
    *,
    place: str = "packages",
    of_library: bool = False,
) -> Sign:
    compiled = re.compile(pattern, re.MULTILINE)
    return Sign(
        kind=kind, pattern=compiled, advice=advice, setting=setting, place=place, of_library=of_library
    )


def _no_header(name: str) -> str:
    """Return how Clang and GCC say that a header is not there; `name` has one group and may not hold a quote or a colon."""
    return rf"fatal error: '{name}' file not found|fatal error: {name}: No such file or directory"


#: What a log says, most telling first.
SIGNS: tuple[Sign, ...] = (
    _sign(
        FailureKind.DISK,
        r"No space left on device()|Disk quota exceeded|LLVM ERROR: IO failure on output stream",
        "the disk is full: make room, or put the store elsewhere (--cache-dir)",
    ),
    _sign(
        FailureKind.MEMORY,
        r"(Killed signal terminated program|LLVM ERROR: out of memory|virtual memory exhausted|^MemoryError\b|Cannot allocate memory"
        r"|std::bad_alloc|signal: 9, SIGKILL|killed by signal 9\b)",
        "the machine seems to have too little memory for it ({0}): build one thing at a time (--jobs 1), and let the build itself do so too",
        'environment = { CMAKE_BUILD_PARALLEL_LEVEL = "1", CARGO_BUILD_JOBS = "1", MAX_JOBS = "1" }',
    ),
    _sign(
        FailureKind.SDK,
        _no_header(rf"((?:{FRAMEWORKS})/[^':\n]+)"),
        NO_SDK.format("the header"),
    ),
    _sign(FailureKind.SDK, r"'-framework (\w+)' needs Apple's SDK", NO_SDK.format("the framework")),
    _sign(
        FailureKind.RUST_CRATE,
        r"error: no matching package named `([^`]+)` found",
        "the crate '{0}' is not among those that the sdist's Cargo.lock names, and the build has no network: bring "
        "Cargo.lock up to date with a patch ([tool.crosswheel] patches), or take a prebuilt wheel",
        PATCH,
    ),
    _sign(
        FailureKind.OLD_RUST,
        r"is not supported by the following packages?:\n[^\n]* requires rustc ([0-9.]+)",
        NEWER_RUST.replace("{0}", "requires rustc {0}"),
        'rust = "{0}"  # or newer',
        place="",
    ),
    _sign(
        FailureKind.OLD_RUST,
        r"(lock file version `\d+`) was found, but this version of Cargo does not understand",
        NEWER_RUST,
        NEWER_RELEASE,
        place="",
    ),
    _sign(
        FailureKind.PROCESSOR,
        r"error: the feature named `([^`]+)` is not valid for this target",
        "the project compiles code for another processor ('{0}'): in a build script cfg(target_arch) is the build "
        "machine's; patch its build.rs to read CARGO_CFG_TARGET_ARCH ([tool.crosswheel] patches)",
        PATCH,
    ),
    _sign(
        FailureKind.OLD_RUST,
        r"feature `(edition\d+)` is required",
        NEWER_RUST,
        NEWER_RELEASE,
        place="",
    ),
    _sign(
        FailureKind.RUST_TARGET,
        r"can't find crate for `(?:core|std)`\s+[^`]*= note: the `([^`]+)` target may not be installed",
        "the Rust toolchain has no standard library for '{0}', which the project asks for itself: let it build for the "
        "target it is given (CARGO_BUILD_TARGET)",
        PATCH,
    ),
    _sign(
        FailureKind.BUILD_REQUIREMENT,
        _no_header(r"(numpy|pybind11|nanobind)/[^':\n]+"),
        "the build needs the headers of '{0}': add it to the package's `build-requires`",
        'build-requires = ["{0}"]',
    ),
    _sign(
        FailureKind.PYTHON_API,
        _no_header(r"(longintrepr\.h|code\.h|eval\.h|classobject\.h)"),
        REMOVED_API,
        OLDER_PYTHON,
        place="",
    ),
    _sign(
        FailureKind.PROCESSOR,
        _no_header(r"((?:[a-z]*mmintrin|immintrin|x86intrin|cpuid|arm_neon|arm_acle)\.h)")
        + r"|error: ('-m\w+=native' asks for the CPU of the build machine)|\"(This header is only meant to be used on [^\"]+)\"",
        OTHER_PROCESSOR,
        PATCH,
    ),
    _sign(
        FailureKind.HEADER,
        _no_header(r"([^':\s]+)"),
        NO_LIBRARY.format("the C header"),
        of_library=True,
    ),
    _sign(
        FailureKind.OLD_LIBRARY,
        r"Invalid version, need '([^'\n]+)' \["
        r"|ERROR: (Minimum supported \w+ version is [^,\n]+, installed version is \S+?)\.?(?:\s|$)"
        r"|(requires \w+ >= ?\d[\w., !=<>]+ \(got version [^\n]+)|error: \"([^\"\n]* requires lib\w+ v?[0-9][^\"\n.]*)",
        TOO_OLD,
        NEWER_SUITE,
        place="sysroot",
    ),
    _sign(
        FailureKind.LIBRARY,
        r"(?:unable to find dynamic system library [\"']|unable to find library -l|cannot find -l|library not found for -l)([^\"'\s:]+)",
        NO_LIBRARY.format("the library"),
        of_library=True,
    ),
    _sign(
        FailureKind.LIBRARY,
        r"The headers or library files could not be found for (\w+)"
        r"|Package '([^'\n]+)', required by '[^'\n]+', not found|No package '([^'\n]+)' found"
        r"|Package ([\w.+-]+) was not found in the pkg-config search path"
        r"|Command 'pkg-config --exists ([\w.+-]+)' returned non-zero"
        r"|ERROR: (?:C shared or static library|C\+\+ shared or static library) '([^'\n]+)' not found"
        r"|ERROR: Dependency \"([^\"\n]+)\" not found|Dependency lookup for (\S+) with method"
        r"|Could NOT find (\w+)(?: \(missing|, try to set)|Could not find a package configuration file provided by \"(\w+)\"",
        NO_LIBRARY.format("the library"),
        of_library=True,
    ),
    _sign(
        FailureKind.LIBRARY,
        r"\b((?:pg|mysql|mariadb|odbc|xml2|xslt|curl|geos|krb5|nc|pcap|xmlsec1|pcre2)[-_]config)\b[^\n]*not found"
        r"|No such file or directory: b?'(\w+[-_]config)'",
        NO_LIBRARY.format("the library that is asked for by"),
        of_library=True,
    ),
    _sign(
        FailureKind.PYTHON_API,
        r"(?:use of undeclared identifier|call to undeclared function|unknown type name) '(_?Py[A-Za-z_]\w+)'"
        r"|no member named '(\w+)' in 'struct (?:_is|_ts|_frame|_typeobject|_longobject)'",
        REMOVED_API,
        OLDER_PYTHON,
        place="",
    ),
    _sign(
        FailureKind.PYTHON_2,
        r"^[ \t]*(print [^\n(=]+|exec [^\n(=]+|except [\w.]+, \w+:[^\n]*|raise [\w.]+, [^\n]+)\n[ \t^~]*\nSyntaxError: "
        r"|SyntaxError: (Missing parentheses in call to '(?:print|exec)'|multiple exception types must be parenthesized)"
        r"|SyntaxError: (leading zeros in decimal integer literals|invalid hexadecimal literal)"
        rf"|NameError: name '({PYTHON_2_NAMES})' is not defined|No module named '({PYTHON_2_MODULES})'"
        r"|'dict' object has no attribute '(has_key|iteritems|iterkeys|itervalues)'",
        OLD_PYTHON_CODE,
        PATCH,
    ),
    _sign(
        FailureKind.COMPILER,
        r"(can't find Rust compiler|can't find cargo|requires Rust and Cargo|Cargo, the Rust package manager, is not installed)"
        r"|\b(cargo|rustc): (?:command )?not found|No such file or directory: b?'(cargo|rustc)'|Rust (compiler) not found",
        NO_RUST,
        'build-requires = ["setuptools-rust"]',
    ),
    _sign(
        FailureKind.COMPILER,
        rf"Unknown compiler\(s\): \[\['({FORTRAN_COMPILERS})'|\b({FORTRAN_COMPILERS}): (?:command )?not found"
        rf"|No such file or directory: b?'({FORTRAN_COMPILERS})'|(no Fortran compiler found|No CMAKE_Fortran_COMPILER could be found)"
        r"|(FortranCompilerNotFound|Fortran compiler not found)",
        NO_FORTRAN,
        WHEEL_INSTEAD,
    ),
    _sign(
        # https://numpy.org/doc/stable/reference/distutils_status_migration.html
        FailureKind.PYTHON_API,
        r"No module named '(numpy\.distutils)\b",
        REMOVED_API,
        OLDER_PYTHON,
        place="",
    ),
    _sign(
        FailureKind.PYTHON_API,
        rf"No module named '({REMOVED_MODULES})'|cannot import name '([^'\n]+)' from '(?:{CHANGED_MODULES})\b"
        rf"|module '(?:{CHANGED_MODULES})' has no attribute '([^'\n]+)'",
        REMOVED_API,
        OLDER_PYTHON,
        place="",
    ),
    _sign(
        FailureKind.TOO_NEW_REQUIREMENT,
        r"AttributeError: (cython_sources)",
        LIMIT,
        'build-constraints = ["cython<3"]',
    ),
    _sign(
        FailureKind.TOO_NEW_REQUIREMENT,
        r"(use_2to3) is invalid",
        LIMIT,
        'build-constraints = ["setuptools<58"]',
    ),
    _sign(
        FailureKind.TOO_NEW_REQUIREMENT,
        r"(Compatibility with CMake < [\d.]+ has been removed from CMake)",
        "the project is for an older CMake ({0}): have the new one take it for one of 3.5, by a variable, or limit it by the package's "
        "`build-constraints`",
        'environment = { CMAKE_POLICY_VERSION_MINIMUM = "3.5" }',
    ),
    _sign(
        FailureKind.TOO_NEW_REQUIREMENT,
        r"(Multiple top-level packages discovered in a flat-layout)",
        LIMIT,
        'build-constraints = ["setuptools<61"]',
    ),
    _sign(
        # PEP 639: a licence as a text. https://setuptools.pypa.io/en/latest/history.html#v77-0-0
        FailureKind.TOO_OLD_REQUIREMENT,
        r"configuration error: `(project\.license)` must be",
        RAISE,
        'build-constraints = ["setuptools>=77"]',
    ),
    _sign(
        FailureKind.TOO_OLD_REQUIREMENT,
        r"ERROR: Meson version is [\w.]+ but project requires [^\d\n]*([\d.]+\d)",
        RAISE,
        'build-constraints = ["meson>=1.5"]  # at least {0}',
    ),
    _sign(
        FailureKind.TOO_OLD_REQUIREMENT,
        r"CMake ([\d.]+\d) or higher is required\.  You are running version",
        RAISE,
        'build-constraints = ["cmake>=3.30"]  # at least {0}',
    ),
    _sign(
        FailureKind.BUILD_REQUIREMENT,
        r"error: invalid command 'bdist_(wheel)'",
        "the build makes a wheel by the project '{0}', which nothing asked for: add it to the package's `build-requires`",
        'build-requires = ["{0}"]',
    ),
    _sign(
        # distutils and pkg_resources come from setuptools: https://peps.python.org/pep-0632/
        FailureKind.BUILD_REQUIREMENT,
        r"No module named '(?:setuptools|distutils|pkg_resources)\b()",
        'add setuptools, which nothing asked for, to the package\'s configuration: `build-requires = ["setuptools"]`',
        'build-requires = ["setuptools"]',
    ),
    _sign(
        FailureKind.BUILD_REQUIREMENT,
        r"(?:ModuleNotFoundError: |cannot be imported: )No module named '([^'\n]+)'",
        "the build needs the module '{0}': add the project it comes from to the package's `build-requires`",
        'build-requires = ["{0}"]  # if the project has the name of its module',
    ),
    _sign(
        FailureKind.TARGET_PROGRAM,
        r"(Exec format error|cannot run C(?:\+\+)? compiled programs|cannot run test program while cross compiling|Can not run test applications in this cross environment"
        r"|Can not use 'run'|try_run\(\) invoked in cross-compiling mode)"
        r"|crosswheel: program of the target not run: ([^\n]+)",
        RUNS_TARGET,
        NO_RUN_NEEDED,
    ),
    _sign(
        FailureKind.NETWORK,
        rf"(?:{NO_NETWORK})()",
        WANTS_NETWORK,
        'downloads = [{ url = "https://SERVER/FILE.tar.gz", sha256 = "'
        + "0" * 64
        + '" }]  # what it asks for, and its SHA-256',
    ),
    _sign(
        FailureKind.PROGRAM,
        rf"(?:No such file or directory: b?'|FileNotFoundError: [^\n]*?')({ON_INDEXES})'"
        rf"|\b({ON_INDEXES}): (?:command )?not found|make(?:\[\d+\])?: ({ON_INDEXES}): No such file"
        # What projects advise then, the package manager of the machine, gives the build nothing.
        rf"|\b({AS_PROJECTS_SAY})(?: ?[<>=]* ?[\d.]+)? (?:is required to|is not installed|must be installed|was not found|not found)\b",
        ADD_PROGRAM,
        'build-requires = ["{0}"]',
    ),
    _sign(
        FailureKind.PROJECT_VERSION,
        r"(setuptools[-_]scm|versioningit|hatch-vcs)[^\n]* (?:was )?unable to (?:detect|determine) version",
        "the sdist does not say its version, and {0} finds no repository to ask: tell it by a variable",
        'environment = { SETUPTOOLS_SCM_PRETEND_VERSION = "1.0" }  # the release\'s own',
    ),
    _sign(
        FailureKind.COMPILER_FLAG,
        r"error: (?:unsupported option|unknown argument:?|unknown (?:target )?CPU:?|unsupported argument|unrecognized command-line option"
        r"|unsupported compiler option:?) ['\"\u2018]([^'\"\u2019\n]+)['\"\u2019]",
        "the compiler for the target has no '{0}': look for a setting of the package that leaves it out, or patch its build code "
        "([tool.crosswheel] patches)",
        PATCH,
    ),
    _sign(
        FailureKind.PROCESSOR,
        r"(invalid (?:in|out)put constraint '[^'\n]+' in asm|unrecognized instruction mnemonic|unknown register name '[^'\n]+' in asm)",
        OTHER_PROCESSOR,
        PATCH,
    ),
    _sign(
        FailureKind.OLD_LIBRARY,
        r"(?:call to undeclared function|use of undeclared identifier|unknown type name) '([A-Z]\w+)'",
        TOO_OLD,
        NEWER_SUITE,
        place="sysroot",
    ),
    _sign(
        # What is an error by default in newer compilers: https://releases.llvm.org/16.0.0/tools/clang/docs/ReleaseNotes.html
        FailureKind.STRICT_COMPILER,
        r" error: [^\n]*\[-W(?:error,-W)?((?:implicit|int|incompatible)[a-z-]+)\]",
        "the source is written for a compiler that lets '{0}' pass: let ours do so, too, by a variable, or patch the source",
        'environment = { CFLAGS = "-Wno-error={0}" }',
    ),
    _sign(
        FailureKind.TARGET_PROGRAM,
        r"^(?:# )?FAIL: ()|make(?:\[\d+\])?: \*\*\* [^\n]*\bcheck\b",
        "the build runs the target's programs (make check), which cannot run here: look for a setting of the package that "
        "leaves its tests out, or take a prebuilt wheel",
        WHEEL_INSTEAD,
    ),
    _sign(
        FailureKind.UNWRITABLE,
        r"Read-only file system: '([^'\n]+)'",
        "the build writes '{0}', which is outside its folder: look for a setting of the package for another place, or patch its build "
        "code ([tool.crosswheel] patches)",
        PATCH,
    ),
    _sign(
        FailureKind.PROGRAM,
        rf"(?:No such file or directory: b?'|FileNotFoundError: [^\n]*?')({PROGRAM})'"
        rf"|\b({PROGRAM}): (?:command )?not found|make(?:\[\d+\])?: ({PROGRAM}): No such file",
        NO_PROGRAM,
        WHEEL_INSTEAD,
    ),
    _sign(
        FailureKind.INCOMPLETE_SDIST,
        r"No such file or directory: '((?:[^'\n]*/)?(?:README|HISTORY|CHANGES|CHANGELOG|VERSION|LICENSE|requirements)[\w.-]*(?:/[\w.-]+)?)'"
        r"|error: package directory '([^'\n]+)' does not exist|ValueError: '([^'\n]+)' doesn't match any files",
        "the sdist lacks '{0}', which its own build code wants: take a prebuilt wheel, or lock another release",
        WHEEL_INSTEAD,
    ),
    _sign(
        FailureKind.TOO_NEW_REQUIREMENT,
        r"Cython\.Compiler\.Errors\.CompileError: (\S+)",
        "Cython refuses '{0}': the lines above it say why; an older Cython may take it, by the package's `build-constraints`",
        'build-constraints = ["cython<3.1"]  # a release that the source is for',
    ),
    _sign(
        FailureKind.LIBRARY,
        r"undefined (?:symbol|reference to):? [`']?([\w:.~()*&<>, ]+?)'?$",
        "nothing that is linked has '{0}': a library is not named, is too old or is of another kind; see what the link before the "
        "error was given",
        PATCH,
    ),
)
