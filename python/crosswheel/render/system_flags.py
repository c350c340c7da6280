"""What compiling and linking for macOS and Windows needs said otherwise, as data and pure functions.

Imported by the compiler launchers as well (see `compiler_arguments`), so it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .compiler_call import Call

__all__ = [
    "definition_file",
    "dropped_libraries",
    "dropped_linker_words",
    "dropped_options",
    "dropped_with_value",
    "from_msvc",
    "import_libraries",
    "needs_sdk",
    "shared_words",
    "windows_library",
]

#: Options of Apple's compilers that say what the target says already, or what only Apple's linker does.
_MACOS_OPTIONS = (
    "-mmacosx-version-min=",
    "-mmacos-version-min=",
    "-headerpad_max_install_names",
    "-stdlib=libc++",
)
_MACOS_WITH_VALUE = frozenset({"-bundle_loader", "-syslibroot", "-isysroot", "--sysroot"})
#: Position independence is no option where all code has it.
_WINDOWS_OPTIONS = (
    "-fPIC",
    "-fpic",
    "-fPIE",
    "-fpie",
    "-pie",
    "-mwindows",
    "-mconsole",
    "-mthreads",
    "-municode",
)
#: Words of GNU ld about ELF files.
_ELF_LINKER_WORDS = (
    "--as-needed",
    "--no-as-needed",
    "--no-undefined",
    "--hash-style",
    "--build-id",
    "--version-script",
    "--eh-frame-hdr",
    "-Bsymbolic",
    "-soname",
    "-z",
    "-rpath",
    "--enable-new-dtags",
    "--disable-new-dtags",
    "--no-allow-shlib-undefined",
    "--allow-shlib-undefined",
)
_MACOS_LINKER_WORDS = (
    "-headerpad_max_install_names",
    "-search_paths_first",
    "-bind_at_load",
    "-no_compact_unwind",
)
_GNU_LINKER_WORDS = ("--gc-sections", "--no-gc-sections", "--start-group", "--end-group")
#: Libraries that zig links of itself: the C runtime, and the threads of C and C++.
_WINDOWS_LIBRARIES = frozenset(
    {
        "c",
        "m",
        "dl",
        "rt",
        "util",
        "pthread",
        "winpthread",
        "msvcrt",
        "ucrt",
        "ucrtbase",
        "vcruntime",
        "mingwex",
        "mingw32",
    }
)

#: Options of Microsoft's compiler and their meaning here; ``None`` for those without one.
_MSVC: dict[str, str | None] = {
    "O1": "-Os",
    "O2": "-O2",
    "Ox": "-O2",
    "Od": "-O0",
    "Ot": None,
    "Os": None,
    "GL": None,
    "Gy": None,
    "Gw": None,
    "GS": None,
    "GS-": None,
    "GR": None,
    "GR-": "-fno-rtti",
    "Gd": None,
    "MD": None,
    "MT": None,
    "LD": None,
    "MP": None,
    "FS": None,
    "Z7": None,
    "Zi": None,
    "Oi": None,
    "Ob2": None,
    "Oy": None,
    "Oy-": None,
    "TC": None,
    "TP": None,
    "c": "-c",
    "nologo": None,
    "bigobj": None,
    "utf-8": None,
    "volatile:iso": None,
    "volatile:ms": None,
    "permissive-": None,
    "openmp": "-fopenmp",
    "fp:fast": "-ffast-math",
    "fp:precise": None,
    "fp:strict": None,
    "arch:SSE2": None,
    "arch:AVX": "-mavx",
    "arch:AVX2": "-mavx2",
    "std:c11": "-std=c11",
    "std:c17": "-std=c17",
    "std:c++14": "-std=c++14",
    "std:c++17": "-std=c++17",
    "std:c++20": "-std=c++20",
    "std:c++23": "-std=c++23",
    "std:c++latest": "-std=c++23",
    "link": None,
    "DLL": None,
    "OPT:REF": None,
    "OPT:ICF": None,
    "OPT:NOREF": None,
    "LTCG": None,
    "DEBUG": None,
    "INCREMENTAL:NO": None,
    "MANIFEST": None,
    "MANIFEST:EMBED": None,
}
#: The same by their beginning: warnings, exception handling, language conformance.
_MSVC_PREFIXES = ("W", "wd", "we", "wo", "w1", "w2", "w3", "w4", "EH", "Zc:", "experimental:", "external:", "guard:",
                  "favor:", "diagnostics:", "source-charset:", "execution-charset:", "NODEFAULTLIB", "MACHINE:",
                  "SUBSYSTEM:", "IGNORE:", "Zm", "Qspectre", "Qpar", "Fd", "analyze")  # fmt: skip


def dropped_options(system: str) -> tuple[str, ...]:
    """Return beginnings of options that are dropped for `system`, ``linux``, ``macos`` or ``windows``."""
    return {"macos": _MACOS_OPTIONS, "windows": _WINDOWS_OPTIONS}.get(system, ())


def dropped_with_value(system: str) -> frozenset[str]:
    """Return options that are dropped with the argument behind them."""
    return _MACOS_WITH_VALUE if system == "macos" else frozenset()


def dropped_linker_words(system: str) -> tuple[str, ...]:
    """Return beginnings of ``-Wl,`` words that are dropped, with a value where they take one."""
    if system == "macos":
        words = tuple(word for word in _ELF_LINKER_WORDS if word != "-rpath")
        return (*words, *_MACOS_LINKER_WORDS, *_GNU_LINKER_WORDS)
    return _ELF_LINKER_WORDS if system == "windows" else ()


def dropped_libraries(system: str) -> frozenset[str]:
    """Return libraries that are linked in any case."""
    return _WINDOWS_LIBRARIES if system == "windows" else frozenset()


def windows_library(name: str, zig: str, exists: Callable[[str], bool]) -> str:
    """Return a library's name as zig has it: Windows does not tell ``Ws2_32`` from ``ws2_32``.

    Args:
        name: as given behind ``-l``.
        zig: path of zig's program, beside which its list of Windows' libraries lies.
        exists: whether a file exists.
    """
    lower = name.lower()
    folder = zig.rpartition("/")[0] + "/lib/libc/mingw"
    known = any(
        exists(f"{folder}/{part}/{lower}.{suffix}")
        for part in ("lib-common", "lib64", "libarm64", "lib32")
        for suffix in ("def", "def.in")
    )
    return lower if known else name


def definition_file(word: str, system: str) -> str | None:
    """Return the file that names what a library for Windows exports, as zig takes it: an input like any other.

    `rustc` hands it to the linker (``-Wl,list.def``), Microsoft's linker takes ``/DEF:list.def``.

    >>> definition_file("/build/list.def", "windows"), definition_file("/DEF:src/x.def", "windows")
    ('/build/list.def', 'src/x.def')
    """
    name = word[5:] if word[:5].upper() in {"/DEF:", "-DEF:"} else word
    return name if system == "windows" and name.endswith(".def") and not name.startswith("-") else None


def needs_sdk(option: str, system: str) -> bool:
    """Tell whether an option names something that only Apple's SDK has."""
    return system == "macos" and option in {"-framework", "-weak_framework", "-needed_framework"}


def from_msvc(argument: str) -> list[str] | None:
    """Return an option of Microsoft's compiler in the words of Unix compilers; ``None`` if it is none.

    Setup scripts write these where `sys.platform` is ``win32``, without asking which compiler is used.

    >>> from_msvc("/std:c++17"), from_msvc("/DNDEBUG"), from_msvc("/W4"), from_msvc("/src/main.c")
    (['-std=c++17'], ['-DNDEBUG'], [], None)
    """
    if not argument.startswith("/") or "/" in argument[1:]:
        return None
    option = argument[1:]
    if option in _MSVC:
        meaning = _MSVC[option]
        return [] if meaning is None else [meaning]
    if option[:1] in {"D", "U", "I"} and len(option) > 1 and (option[1].isalpha() or option[1] == "_"):
        return [f"-{option}"]
    if option.startswith("LIBPATH:"):
        return [f"-L{option[8:]}"]
    if option.startswith("FI") and len(option) > 2:
        return ["-include", option[2:]]
    return [] if option.startswith(_MSVC_PREFIXES) else None


def shared_words(call: Call) -> list[str]:
    """Return what a link of a shared library is told beyond its arguments."""
    output = (call.output or "a.out").rpartition("/")[2]
    words = {word.partition("=")[0] for word in call.kept}
    if not call.shared:
        return []
    if call.system == "macos" and not any("-install_name" in word for word in words):
        return ["-install_name", f"@rpath/{output}"]
    if call.system == "windows" and not any("--out-implib" in word for word in words):
        # else zig leaves one beside the library, where a backend packs it into the wheel
        return ["-Wl,--out-implib,/dev/null"]
    return []


def import_libraries(call: Call) -> list[str]:
    """Return the import libraries of Python for Windows; an unused one changes nothing."""
    if call.system != "windows" or not call.shared:
        return []
    folder, version = call.platform["import_libraries"], call.platform["python"]
    if not folder:
        return []
    libraries = [f"{folder}/python{version}.lib"]
    # A bare suffix is the stable ABI's: what python3.dll has is taken from there.
    if (call.output or "").rpartition("/")[2].count(".") == 1 and str(call.output).endswith(".pyd"):
        libraries.insert(0, f"{folder}/python3.lib")
    return libraries
