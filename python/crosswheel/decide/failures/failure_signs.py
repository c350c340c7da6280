"""What the lines of a build's log mean: the one table of failures that are known, with what to do about each."""

from __future__ import annotations

from .failure_compiler_signs import STRICT_SIGNS
from .failure_configure_signs import CONFIGURE_SIGNS, REFUSED_SIGNS
from .failure_kinds import FailureKind, Sign, no_header, no_program, sign, undeclared
from .failure_link_signs import STATIC_SIGNS, UNDEFINED_SIGNS
from .failure_python_signs import PYTHON_SIGNS
from .failure_remedies import ANOTHER_SUITE, NEWER_SUITE, NEWEST_IS_OLD, NOT_BY_PKG_CONFIG, OTHER_RELEASE
from .failure_words import (
    ADD_PROGRAM,
    AS_PROJECTS_SAY,
    CMAKE_ANSWER,
    CMAKE_ASKS,
    FRAMEWORKS,
    KERNEL_HEADERS,
    NEWER_RELEASE,
    NEWER_RUST,
    NO_LIBRARY,
    NO_NETWORK,
    NO_PROGRAM,
    NO_RUN_NEEDED,
    NO_SDK,
    OLD_BY_ERROR,
    OLDER_PYTHON,
    ON_INDEXES,
    OTHER_PROCESSOR,
    OTHER_SYSTEM,
    PATCH,
    PROGRAM,
    REMOVED_API,
    RUNS_TARGET,
    TOO_OLD,
    WANTS_NETWORK,
    WHEEL_INSTEAD,
)
from .view_refusals import NOTED_SIGNS, VIEW_SIGNS

__all__ = ["SIGNS"]

#: What a log says, most telling first.
SIGNS: tuple[Sign, ...] = (
    *VIEW_SIGNS,
    sign(
        FailureKind.DISK,
        r"No space left on device()|Disk quota exceeded|LLVM ERROR: IO failure on output stream",
        "the disk is full: make room, or put the store elsewhere (--cache-dir)",
    ),
    sign(
        FailureKind.MEMORY,
        r"(Killed signal terminated program|LLVM ERROR: out of memory|virtual memory exhausted|^MemoryError\b|Cannot allocate memory"
        r"|std::bad_alloc|signal: 9, SIGKILL|killed by signal 9\b)",
        "the machine seems to have too little memory for it ({0}): build one thing at a time (--jobs 1), and let the build itself do so too",
        'environment = { CMAKE_BUILD_PARALLEL_LEVEL = "1", CARGO_BUILD_JOBS = "1", MAX_JOBS = "1" }',
    ),
    sign(
        FailureKind.SDK,
        no_header(rf"((?:{FRAMEWORKS})/[^':\n]+)"),
        NO_SDK.format("the header"),
    ),
    sign(
        FailureKind.SDK,
        r"(CUDA)_(?:HOME|PATH)\b[^\n]* (?:is not|not|isn't|must be) (?:set|found|defined)|Could NOT find (CUDA)|Failed to find `?nvcc\b()"
        r"|\b(?:nvcc|hipcc): (?:command )?not found()|Specify (CUDA)_TOOLKIT_ROOT_DIR|No (CUDA) toolset found"
        r"|No CMAKE_(CUDA|HIP)_COMPILER could be found|'(cuda)' compiler binary not defined in cross file"
        rf"|{no_header(r'((?:cuda|cudnn|cublas|cusparse|cusolver|cufft|curand|nvml|nvrtc|nccl|hip/)[a-zA-Z0-9_./]*)')}",
        "the project is for processors of graphics cards, and the SDK with their compiler is no part of a build: look for a setting of the package "
        "that leaves them out, or take a prebuilt wheel",
        WHEEL_INSTEAD,
    ),
    sign(FailureKind.SDK, r"'-framework (\w+)' needs Apple's SDK", NO_SDK.format("the framework")),
    sign(
        FailureKind.RUST_CRATE,
        r"error: no matching package named `([^`]+)` found",
        "the crate '{0}' is not among those that the sdist's Cargo.lock names, and the build has no network: bring "
        "Cargo.lock up to date with a patch ([tool.crosswheel] patches), or take a prebuilt wheel",
        PATCH,
    ),
    sign(
        FailureKind.OLD_RUST,
        r"is not supported by the following packages?:\n[^\n]* requires rustc ([0-9.]+)"
        r"|cannot be built because it requires rustc ([0-9.]+\d)",
        NEWER_RUST.replace("{0}", "requires rustc {0}"),
        'rust = "{0}"  # or newer',
        place="",
    ),
    sign(
        FailureKind.OLD_RUST,
        r"(lock file version `\d+`) was found, but this version of Cargo does not understand",
        NEWER_RUST,
        NEWER_RELEASE,
        place="",
    ),
    sign(
        FailureKind.PROCESSOR,
        r"error: the feature named `([^`]+)` is not valid for this target",
        "the project compiles code for another processor ('{0}'): in a build script cfg(target_arch) is the build "
        "machine's; patch its build.rs to read CARGO_CFG_TARGET_ARCH ([tool.crosswheel] patches)",
        PATCH,
    ),
    sign(
        FailureKind.OLD_RUST,
        r"feature `(edition\d+)` is required",
        NEWER_RUST,
        NEWER_RELEASE,
        place="",
    ),
    sign(
        FailureKind.RUST_TARGET,
        r"can't find crate for `(?:core|std)`\s+[^`]*= note: the `([^`]+)` target may not be installed",
        "the Rust toolchain has no standard library for '{0}', which the project asks for itself: let it build for the "
        "target it is given (CARGO_BUILD_TARGET)",
        PATCH,
    ),
    sign(
        FailureKind.BUILD_REQUIREMENT,
        no_header(r"(numpy|pybind11|nanobind)/[^':\n]+"),
        "the build needs the headers of '{0}': add it to the package's `build-requires`",
        'build-requires = ["{project}"]',
    ),
    sign(
        FailureKind.PYTHON_API,
        no_header(r"(longintrepr\.h|code\.h|eval\.h|classobject\.h)"),
        REMOVED_API,
        OLDER_PYTHON,
        place="",
    ),
    sign(
        FailureKind.PROCESSOR,
        no_header(r"((?:[a-z]*mmintrin|immintrin|x86intrin|cpuid|arm_neon|arm_acle)\.h)")
        + r"|error: ('-m\w+=native' asks for the CPU of the build machine)|\"(This header is only meant to be used on [^\"]+)\"",
        OTHER_PROCESSOR,
        PATCH,
    ),
    sign(
        FailureKind.TARGET_FACT,
        r"error: ('\w+' is only available on macOS [\d.]+ or newer)",
        "{0}, and the target is older: build for that system, or patch the source to ask first (`__builtin_available`); where it asks "
        "in its own way, `-Wno-error=unguarded-availability` in `CFLAGS` lets it pass",
        PATCH,
    ),
    sign(
        FailureKind.OTHER_SYSTEM,
        no_header(
            r"((?:windows|winsock2?|winbase|conio|direct|TargetConditionals|AvailabilityMacros)\.h|mach(?:-o)?/[^':\s]+)"
        )
        + r"|error: (\S+ requires (?:macOS|Mac OS X|Windows)\b[^\n]*)|\bonly (?:supported|works|runs|available) on (macOS|Mac OS X|Windows)\b",
        OTHER_SYSTEM,
        WHEEL_INSTEAD,
    ),
    sign(
        FailureKind.HEADER,
        no_header(r"(Python\.h|pyconfig\.h)"),
        "every build has the headers of the target's Python, but the call of the compiler leaves their folder out: patch the build code "
        "to name what sysconfig says, `sysconfig.get_path('include')` ([tool.crosswheel] patches)",
        PATCH,
    ),
    sign(
        FailureKind.HEADER,
        no_header(r"((?:linux|asm|asm-generic)/[^':\s]+)"),
        "'{0}' is a header of the Linux kernel, and those come with the compiler, which has no such one: the project is for a newer or "
        "a much older kernel; lock another release of it, or patch it to do without",
        PATCH,
    ),
    sign(
        FailureKind.HEADER,
        r"The '((?:linux|asm)/[^'\n]+\.h)'[^\n]* (?:include|header) files?\s[^\n]*missing",
        "'{0}' is a header of the Linux kernel, and those come with the compiler: it finds them, but the build code looks for itself and "
        "elsewhere: tell it their folder, by the variable for such folders that compilers read, too, if it reads that",
        f'environment = {{ C_INCLUDE_PATH = "{KERNEL_HEADERS}" }}',
    ),
    sign(
        FailureKind.HEADER,
        r"The '([^'\n]+\.h)'[^\n]* (?:include|header) files?\s[^\n]*missing",
        NO_LIBRARY.format("the C header"),
        of_library=True,
    ),
    sign(
        # More telling than a header that a newer release of the library would have.
        FailureKind.OLD_LIBRARY,
        r"Invalid version, need '([^'\n]+)' \["
        r"|ERROR: (Minimum supported \w+ version is [^,\n]+, installed version is \S+?)\.?(?:\s|$)"
        r"|(requires \w+ >= ?\d[\w., !=<>]+ \(got version [^\n]+)|error: \"([^\"\n]* requires lib\w+ v?[0-9][^\"\n.]*)"
        rf"|{OLD_BY_ERROR}",
        TOO_OLD,
        NEWER_SUITE,
        place="sysroot",
        otherwise=NEWEST_IS_OLD,
    ),
    sign(
        # Between quotes stands what lies beside the source: https://gcc.gnu.org/onlinedocs/cpp/Include-Syntax.html
        FailureKind.INCOMPLETE_SDIST,
        # What a header of a library or of a build requirement misses is not the sdist's, nor what a probe asks for: distutils
        # writes such into the folder for temporary files, every header between quotes.
        r"^(?![^\n:]*(?:/crosswheel/sysroot|/site-packages|/build/temporary)/)[^\n]*?(?:"
        + no_header(r"([^':\s]+)")
        + r")(?=\n[^\n]*#[ \t]*include[ \t]*\")",
        "the source includes '{0}' as a file of the project's own, and the sdist lacks it: take a prebuilt wheel, or lock another "
        "release; if it is of a library all the same, name that by `sysroot` (the guide 'Native libraries')",
        WHEEL_INSTEAD,
        of_no_library=True,
    ),
    sign(
        FailureKind.HEADER,
        no_header(r"([^':\s]+)"),
        NO_LIBRARY.format("the C header"),
        of_library=True,
    ),
    *STATIC_SIGNS,
    sign(
        FailureKind.LIBRARY,
        r"(?:unable to find dynamic system library [\"']|unable to find library -l|cannot find -l|library not found for -l):?([^\"'\s:]+)",
        NO_LIBRARY.format("the library"),
        of_library=True,
    ),
    sign(
        # Modules of CMake for programs: what they miss first is the program itself.
        FailureKind.PROGRAM,
        rf"Could NOT find ({AS_PROJECTS_SAY}) \((?i:missing: \w+_EXECUTABLE)\b",
        ADD_PROGRAM,
        'build-requires = ["{project}"]',
        of_package=True,
    ),
    sign(
        FailureKind.PROGRAM,
        r"Could NOT find ((?!Python)\w+) \((?i:missing: \w+_EXECUTABLE)\b",
        NO_PROGRAM,
        WHEEL_INSTEAD,
        of_package=True,
    ),
    sign(
        # More telling than the library that was asked for, which may be there without what it requires.
        FailureKind.LIBRARY,
        r"Package '([^'\n]+)', required by '(?!virtual:)[^'\n]+', not found",
        NO_LIBRARY.format("of what pkg-config's files of the libraries require,"),
        of_library=True,
        otherwise=NOT_BY_PKG_CONFIG,
    ),
    sign(
        FailureKind.LIBRARY,
        r"Package '([^'\n]+)', required by '[^'\n]+', not found|No package '([^'\n]+)' found"
        r"|Package ([\w.+-]+) was not found in the pkg-config search path"
        r"|Command 'pkg-config --exists ([\w.+-]+)' returned non-zero"
        r"|pkg-config (?:package|module|library):? [`'\"]?([\w.+-]+)(?: *[<>=]=? *[\w.+-]+)?[`'\"]? (?:is |was |could |can)?not (?:be )?found"
        r"|find (?:the )?pkg-config (?:package|module|library):? [`'\"]?([\w.+-]*\w)"
        r"|ERROR: Dependency \"([^\"\n]+)\" not found[^\n]*pkg-?config",
        NO_LIBRARY.format("the library"),
        of_library=True,
        otherwise=NOT_BY_PKG_CONFIG,
    ),
    sign(
        FailureKind.LIBRARY,
        r"The headers or library files could not be found for (\w+)"
        r"|ERROR: (?:C shared or static library|C\+\+ shared or static library) '([^'\n]+)' not found"
        r"|ERROR: Dependency \"([^\"\n]+)\" not found|Dependency lookup for (\S+) with method"
        r"|(?<!-- )Could NOT find (\w+)(?: \(missing|, try to set)|Could not find a package configuration file provided by \"(\w+)\"",
        NO_LIBRARY.format("the library"),
        of_library=True,
    ),
    sign(
        # What CMake only remarks is optional, unless the project gives up for it.
        FailureKind.LIBRARY,
        r"-- Could NOT find (\w+)(?: \(missing|, try to set)",
        NO_LIBRARY.format("the library"),
        besides=r"Configuring incomplete, errors occurred",
        of_library=True,
    ),
    sign(
        FailureKind.LIBRARY,
        r"\b((?!pkg-|python)[a-z][a-z0-9]*[-_]config)\b[^\n]*not found|Could not find an? [`'\"]?((?!pkg-|python)[a-z][a-z0-9]*[-_]config)\b"
        r"|No such file or directory: b?'(\w+[-_]config)'",
        NO_LIBRARY.format("the library that is asked for by"),
        of_library=True,
    ),
    sign(
        FailureKind.LIBRARY,
        r"error: ([\w.+-]+) is not installed or not in path"
        r"|need to install (?:the )?((?!g?libc\b|libc6\b)[\w.+-]+?)(?:'s)?[ -](?:dev(?:el(?:opment)?)?|headers?)\b",
        NO_LIBRARY.format("the library"),
        of_library=True,
    ),
    sign(
        # What looks into the folders of the machine, where the target has nothing.
        FailureKind.HEADER,
        r"need to install (?:the )?(g?libc6?)(?:'s)?[ -](?:dev(?:el(?:opment)?)?|headers?)\b",
        "the headers of the C library ({0}) come with the compiler, but the build code looks for them in folders of the machine: patch it to "
        "leave that out ([tool.crosswheel] patches)",
        PATCH,
    ),
    *CONFIGURE_SIGNS,
    *PYTHON_SIGNS,
    sign(
        FailureKind.COMPILER,
        r"need to (?:install|have) (?:the |an? )?(gcc|g\+\+|clang|(?:C|C\+\+) compiler)\b|(?i:(gcc|g\+\+|clang|C compiler) is (?:required|not installed))\b",
        "the build code looks for '{0}' by itself, and the compiler for the target is what the variables CC and CXX name: patch it to leave that "
        "out ([tool.crosswheel] patches)",
        PATCH,
    ),
    sign(
        # As setuptools and distutils say it.
        FailureKind.COMPILER,
        r"(Microsoft Visual C\+\+ \d[\d.]* (?:or greater )?is required|Unable to find vcvarsall\.bat)",
        "the build code asks for Microsoft's compiler by itself ({0}), and the compiler for the target is what the variables CC and CXX "
        "name (the guide 'macOS and Windows'): patch it to leave that out ([tool.crosswheel] patches)",
        PATCH,
    ),
    sign(
        FailureKind.TARGET_PROGRAM,
        CMAKE_ASKS,
        CMAKE_ANSWER,
        "config-settings = { {each} }  # what each is on the target: 1 or 0 of a check, the exit code of a try_run",
        each=('"cmake.define.{0}" = "0"', ", "),
        besides=r"^\*\*\* scikit-build-core |/scikit_build_core/",
    ),
    sign(
        FailureKind.TARGET_PROGRAM,
        CMAKE_ASKS,
        f"{CMAKE_ANSWER}, where the backend reads CMAKE_ARGS (scikit-build and others), or as it takes definitions",
        'environment = { CMAKE_ARGS = "{each}" }  # what each is on the target: 1 or 0 of a check, the exit code of a try_run',
        each=("-D{0}=0", " "),
    ),
    sign(
        FailureKind.TARGET_PROGRAM,
        r"(Exec format error|cannot run C(?:\+\+)? compiled programs|cannot run test program while cross compiling|Can not run test applications in this cross environment"
        r"|Can not use 'run'|(?i:try_run\(\) invoked in cross-compiling mode))"
        r"|crosswheel: program of the target not run: ([^\n]+)",
        RUNS_TARGET,
        NO_RUN_NEEDED,
    ),
    sign(
        FailureKind.NETWORK,
        rf"(?:{NO_NETWORK})()",
        WANTS_NETWORK,
        'downloads = [{ url = "https://SERVER/FILE.tar.gz", sha256 = "'
        + "0" * 64
        + '" }]  # what it asks for, and its SHA-256',
    ),
    sign(
        FailureKind.PROGRAM,
        no_program(ON_INDEXES)
        # What projects advise then, the package manager of the machine, gives the build nothing.
        + rf"|\b({AS_PROJECTS_SAY})(?: ?[<>=]* ?[\d.]+)? (?:is required to|is not installed|must be installed|was not found|not found)\b",
        ADD_PROGRAM,
        'build-requires = ["{project}"]',
        of_package=True,
    ),
    sign(
        FailureKind.PROJECT_VERSION,
        r"(setuptools[-_]scm|versioningit|hatch-vcs)[^\n]* (?:was )?unable to (?:detect|determine) version",
        "the sdist does not say its version, and {0} finds no repository to ask: tell it by a variable",
        'environment = { SETUPTOOLS_SCM_PRETEND_VERSION = "1.0" }  # the release\'s own',
    ),
    sign(
        FailureKind.COMPILER_FLAG,
        r"error: (?:unsupported option|unknown argument:?|unknown (?:target )?CPU:?|unsupported argument|unrecognized command-line option"
        r"|unsupported compiler option:?) ['\"\u2018]([^'\"\u2019\n]+)['\"\u2019]",
        "the compiler for the target has no '{0}': look for a setting of the package that leaves it out, or patch its build code "
        "([tool.crosswheel] patches)",
        PATCH,
    ),
    sign(
        FailureKind.PROCESSOR,
        r"(invalid (?:in|out)put constraint '[^'\n]+' in asm|(?:unrecognized|invalid) instruction mnemonic|target architecture \S+ has no LLVM CPU feature named \"[^\"\n]+\"|unknown register name '[^'\n]+' in asm)",
        OTHER_PROCESSOR,
        PATCH,
    ),
    *STRICT_SIGNS,
    sign(
        FailureKind.OTHER_LIBRARY,
        undeclared(r"[A-Z]\w+"),
        OTHER_RELEASE,
        NEWER_SUITE,
        place="sysroot",
        otherwise=ANOTHER_SUITE,
    ),
    sign(
        # What is an error by default in newer compilers: https://releases.llvm.org/16.0.0/tools/clang/docs/ReleaseNotes.html
        FailureKind.STRICT_COMPILER,
        r" error: [^\n]*\[-W(?:error,-W)?((?:implicit|int|incompatible)[a-z-]+)\]",
        "the source is written for a compiler that lets '{0}' pass: let ours do so, too, by a variable, or patch the source",
        'environment = { CFLAGS = "-Wno-error={0}" }',
    ),
    sign(
        FailureKind.TARGET_PROGRAM,
        r"^(?:# )?FAIL: ()|make(?:\[\d+\])?: \*\*\* [^\n]*\bcheck\b",
        "the build runs the target's programs (make check), which cannot run here: look for a setting of the package that "
        "leaves its tests out, or take a prebuilt wheel",
        WHEEL_INSTEAD,
    ),
    sign(
        FailureKind.UNWRITABLE,
        r"Read-only file system: '([^'\n]+)'",
        "the build writes '{0}', which is outside its folder: look for a setting of the package for another place, or patch its build "
        "code ([tool.crosswheel] patches)",
        PATCH,
    ),
    sign(
        FailureKind.PROGRAM,
        no_program(PROGRAM) + r"|PyProjectOptionException\('(qmake)'",
        NO_PROGRAM,
        WHEEL_INSTEAD,
    ),
    sign(
        FailureKind.INCOMPLETE_SDIST,
        r"No such file or directory: '((?:[^'\n]*/)?(?:README|HISTORY|CHANGES|CHANGELOG|VERSION|LICENSE|requirements|CMakeLists)[\w.-]*(?:/[\w.-]+)?)'"
        # Beside the folder of the source there is nothing of the project.
        r"|No such file or directory: '((?:/build/source/)?\.\./[^'\n]+|/build/[\w-]+\.\w+)'"
        r"|error: package directory '([^'\n]+)' does not exist|ValueError: '([^'\n]+)' doesn't match any files",
        "the sdist lacks '{0}', which its own build code wants: take a prebuilt wheel, or lock another release",
        WHEEL_INSTEAD,
    ),
    sign(
        FailureKind.TOO_NEW_REQUIREMENT,
        r"Cython\.Compiler\.Errors\.CompileError: (\S+)",
        "Cython refuses '{0}': the lines above it say why; an older Cython may take it, by the package's `build-constraints`",
        'build-constraints = ["cython<3.1"]  # a release that the source is for',
    ),
    sign(
        FailureKind.LIBRARY,
        r"[Cc](?:an't|annot|ould not|ouldn't) find (?:an? |the )?(?:local )?(?:directory of )?((?!following|directory)\w[\w .+-]{1,40}?) (?:installation|library|libraries)\b",
        NO_LIBRARY.format("the library"),
        of_library=True,
    ),
    sign(
        FailureKind.LIBRARY,
        r"[Dd]id not find (?:any |the )?(?:local )?((?!following)[A-Za-z][\w+-]*)(?: version)?(?: v?\d[\w.]*)? (?:headers?|header files?|installation|library|libraries)\b",
        NO_LIBRARY.format("the library"),
        of_library=True,
    ),
    *UNDEFINED_SIGNS,
    *REFUSED_SIGNS,
    sign(
        # Least telling: many builds ask, and do without.
        FailureKind.PROJECT_VERSION,
        r"fatal: not a git repository()",
        "the build code asks Git, and an sdist is no repository: what it wants is mostly the version, which a variable may tell "
        "(of setuptools-scm SETUPTOOLS_SCM_PRETEND_VERSION, of pbr PBR_VERSION); else patch it ([tool.crosswheel] patches)",
        'environment = { NAME = "VERSION" }  # the release\'s own version, by the variable that the build code reads',
    ),
    *NOTED_SIGNS,
)
