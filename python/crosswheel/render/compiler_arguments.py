"""What a call of the C compiler, linker or archiver becomes, whichever compiler stands behind the launcher.

A pure function of the argument list; the rules are data in `compiler_families`, `compiler_flags`, `cpu_flags` and
`system_flags`. The modules are copied beside the compiler launchers and run there on every call, so they import nothing
but each other.
"""

from __future__ import annotations

from .compiler_answers import answer_about
from .compiler_call import (
    Answer,
    Call,
    Refusal,
    Run,
    asking_for_version,
    words_for_clang,
    words_of_preprocessor,
)
from .compiler_flags import (
    CXX_SUFFIXES,
    DROPPED_LINKER_WITH_VALUE,
    FAST_MATH,
    FOLDER_OPTIONS,
    KEEPS_INFINITIES,
    LINKER_OPTIONS_WITH_VALUE,
    NO_SHARED_LIBRARY,
    OPTIONS_WITH_VALUE,
    RELOCATABLE,
    SOURCE_SUFFIXES,
    STOPS_BEFORE_LINK,
    X86_ONLY_PREFIXES,
)
from .cpu_flags import above_baseline, is_cpu_option, names_build_cpu, translate_cpu
from .sysroot_libraries import ask_for_openmp, is_passed_over, libc_library, sysroot_words
from .system_flags import (
    definition_file,
    dropped_libraries,
    dropped_linker_words,
    dropped_options,
    dropped_with_value,
    from_msvc,
    import_libraries,
    needs_sdk,
    shared_words,
    windows_library,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

__all__ = ["Answer", "Refusal", "Run", "rewrite", "tool_of"]


#: What each launcher is; a GNU triple in front (``aarch64-linux-gnu-gcc``) changes nothing.
_TOOLS = {
    "cc": "cc",
    "gcc": "cc",
    "clang": "cc",
    "c++": "c++",
    "g++": "c++",
    "clang++": "c++",
    "cpp": "cpp",
    "ar": "ar",
    "ranlib": "ranlib",
    "strip": "strip",
    "nm": "nm",
    "ld": "ld",
    "objcopy": "objcopy",
    "objdump": "objdump",
    "readelf": "readelf",
    "pkg-config": "pkg-config",
    "pkgconf": "pkg-config",
    "gcc-ar": "ar",
    "gcc-ranlib": "ranlib",
    "gcc-nm": "nm",
}


def tool_of(name: str, toolchain: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """Return what the launcher `name` is and the platform it works for, or ``None`` if it is none of ours.

    Args:
        name: the launcher's file name, e.g. ``aarch64-linux-gnu-gcc`` or ``build-cc``.
        toolchain: the contents of ``toolchain.json``.
    """
    for prefix, platform in (("build-shared-", "build_shared"), ("build-", "build")):
        if name.startswith(prefix):
            tool = _TOOLS.get(name.removeprefix(prefix))
            return None if tool is None else (tool, toolchain[platform])
    short = name.removeprefix(toolchain["target"]["gnu_triple"] + "-")
    tool = _TOOLS.get(short)
    return None if tool is None else (tool, toolchain["target"])


def rewrite(
    name: str, arguments: Sequence[str], toolchain: Mapping[str, Any], exists: Callable[[str], bool]
) -> Run | Answer | Refusal:
    """Return what to do for the call ``name arguments...``.

    Args:
        name: the launcher's file name.
        arguments: its arguments, response files already read.
        toolchain: the contents of ``toolchain.json`` (docs/concepts/toolchain.md).
        exists: whether a file exists, for ``-l:file``.

    Returns:
        A command line, an answer or a refusal. Flags no rule knows pass through.
    """
    found = tool_of(name, toolchain)
    if found is None:
        return Refusal(f"'{name}' is no tool of this toolchain")
    tool, platform = found
    if tool in {"cc", "c++", "cpp"}:
        return _compile(tool, list(arguments), platform, toolchain, exists)
    if tool == "ld":
        return _link(list(arguments), platform, toolchain, exists)
    if tool == "strip":  # nothing is left to strip: every link is stripped, nothing has debug information
        return Answer("")
    program = platform["programs"].get(tool)
    if program is None:
        return Refusal(f"the toolchain of this build ({platform['family']}) has no {tool}; do without it")
    return Run([*program, *arguments])


def _compile(
    tool: str,
    arguments: list[str],
    platform: Mapping[str, Any],
    toolchain: Mapping[str, Any],
    exists: Callable[[str], bool],
) -> Run | Answer | Refusal:
    call = Call(platform, toolchain, exists)
    call.preprocesses = tool == "cpp"
    rest = list(reversed(arguments))
    while rest:
        argument = rest.pop()
        if argument in {"-dumpversion", "-dumpfullversion"}:
            return Run(asking_for_version(argument, call))
        answer = answer_about(argument, call)
        if answer is not None:
            return Answer(answer + "\n")
        refusal = _read(call, argument, rest)
        if refusal is not None:
            return Refusal(refusal)
    if not call.inputs and "-v" in call.kept and tool != "cpp":
        return Run(asking_for_version("-v", call))
    if not call.inputs and tool == "cpp" and "--version" not in call.kept:
        _read_input(call, "-")  # as GNU cpp reads
    # What runs on the build machine is in no wheel.
    in_wheel = call.sources > 0 and platform is toolchain["target"]
    newer = in_wheel and above_baseline(platform["arch"], call.cpu)
    command = _command(tool, call)
    if call.refused is not None:
        return Refusal(call.refused)
    linked = [call.output or "a.out", *call.used] if call.used and call.shared else ()
    return Run(command, call.cpu if newer else (), linked)


def _read(call: Call, argument: str, rest: list[str]) -> str | None:
    """Take one argument (and its value from `rest`); return why the call is refused, if it is."""
    definitions = definition_file(argument, call.system)
    if definitions is not None:
        call.kept.append(definitions)
        return None
    if call.system == "windows" and not call.exists(argument):
        translated = from_msvc(argument)
        if translated is not None:
            rest += reversed(translated)
            return None
    if not argument.startswith("-") or argument == "-":
        _read_input(call, argument)
        return None
    if names_build_cpu(argument):
        return (
            f"'{argument}' asks for the CPU of the build machine; "
            "name the target's, for example -mcpu=cortex-a72, or leave the option out"
        )
    width = {"-m32": 32, "-m64": 64}.get(argument)
    if width is not None and width != call.platform["pointer_width"]:
        return f"'{argument}' asks for {width}-bit code, the target {call.platform['gnu_triple']} is not"
    if needs_sdk(argument, call.system) and not call.sysroot.get("frameworks"):
        name = rest[-1] if rest else ""
        return (
            f"'{argument} {name}' needs Apple's SDK, and the plan has none; "
            "plan with --sdk PATH of a MacOSX.sdk, or take prebuilt wheels of this package"
        )
    if argument in call.family.with_value or argument in dropped_with_value(call.system):
        if rest:
            rest.pop()
    elif width is None and not _is_dropped(argument, call):
        _read_option(call, argument, rest)
    return None


def _is_dropped(argument: str, call: Call) -> bool:
    if argument in call.family.options or argument.startswith(call.family.prefixes):
        return True
    if argument.startswith(dropped_options(call.system)):
        return True
    return argument.startswith(X86_ONLY_PREFIXES) and call.platform["arch"] not in {"x86_64", "i686"}


def _read_input(call: Call, argument: str) -> None:
    name = libc_library(argument, call.toolchain)
    if name is not None:
        _read_library(call, name)
        return
    dot = argument.rfind(".")
    suffix = argument[dot:] if dot > argument.rfind("/") else ""
    if call.preprocesses and call.inputs:  # GNU cpp's second name
        call.kept += ["-o", argument]
        return
    call.inputs += 1
    if call.sysroot and suffix in {".a", ".so"} and argument.startswith(call.sysroot["root"] + "/"):
        call.wanted.append((len(call.kept), argument))
    if suffix in SOURCE_SUFFIXES or argument == "-" or call.language or call.preprocesses:
        call.sources += 1
        call.source = argument
        call.has_cxx |= "c++" in call.language if call.language else suffix in CXX_SUFFIXES
    unnamed = (
        call.family.own_driver if argument == "-" else call.preprocesses and suffix not in SOURCE_SUFFIXES
    )
    if unnamed and not call.language:
        # With -E compilers take standard input for C; zig takes it for nothing, and tells nothing of the target. GNU's
        # cpp takes every file for C whose name says nothing else.
        call.kept += ["-x", "c"]
    call.kept.append(argument)


def _read_option(call: Call, argument: str, rest: list[str]) -> None:
    if argument in STOPS_BEFORE_LINK:
        call.links = False
        # zig looks for the object that no compiler writes then, and fails.
        checks = argument == "-fsyntax-only" and call.family.own_driver
        call.kept += ["-c", "-o", "/dev/null"] if checks else [argument]
    elif is_cpu_option(argument):
        call.cpu.append(argument)
    elif argument.startswith("-O"):
        call.levels.append(argument)
    elif call.system == "macos" and argument in {"-bundle", "-dynamiclib"}:
        # zig 0.17 crashes on -bundle with symbols looked up when loaded; Python loads either kind of file
        call.shared = True
        call.kept.append("-shared")
    elif argument.startswith("-Wl,"):
        _read_linker(call, argument[4:].split(","))
    elif argument == "-Xlinker" and rest:
        _read_linker(call, _following_linker_arguments(rest))
    elif argument.startswith("-Wp,") and call.family.own_driver:
        call.kept += words_of_preprocessor(argument[4:].split(","))
    elif argument.startswith("-l") and (len(argument) > 2 or rest):
        _read_library(call, argument[2:] or rest.pop())
    elif argument.startswith(FOLDER_OPTIONS):
        _read_folder(call, argument, rest)
    elif argument in {"-u", "-z"} and rest:
        _read_linker(call, [argument, rest.pop()])
    elif argument in {"-pie", "-s"}:
        call.kept += [argument] if argument == "-pie" else []  # stripped in any case
    elif argument in OPTIONS_WITH_VALUE and rest:
        value = rest.pop()
        call.kept += [argument, value]
        if argument == "-x":
            call.language = None if value == "none" else value
        if argument == "-o":
            call.output = value
    else:
        call.shared = call.shared or argument in {"-shared", "-bundle", "-dynamiclib"}
        call.kept.append(argument)


def _following_linker_arguments(rest: list[str]) -> list[str]:
    """Return the value of an ``-Xlinker`` and of those right behind it, which may be that one's value."""
    words = [rest.pop()]
    while len(rest) >= 2 and rest[-1] == "-Xlinker":
        rest.pop()
        words.append(rest.pop())
    return words


def _read_linker(call: Call, words: list[str]) -> None:
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        definitions = definition_file(word, call.system)
        if definitions is not None:
            call.kept.append(definitions)
            continue
        if word in call.family.linker_options or word.startswith(call.family.linker_prefixes):
            continue
        if word.startswith(dropped_linker_words(call.system)):
            if word in LINKER_OPTIONS_WITH_VALUE and rest:
                rest.pop()
            continue
        name, equals, value = word.partition("=")
        if word in DROPPED_LINKER_WITH_VALUE or word in LINKER_OPTIONS_WITH_VALUE:
            if not rest:
                call.kept.append(f"-Wl,{word}")
                continue
            value = rest.pop()
        elif word.startswith(("-l", "-L")):
            name, value = word[:2], word[2:]
        elif not (equals and name in call.family.linker_spellings):
            if word not in {"-s", "--strip-all", "-S", "--strip-debug"}:
                call.kept.append(f"-Wl,{word}")
            continue
        _keep_linker_option(call, name, value)


def _keep_linker_option(call: Call, name: str, value: str) -> None:
    name = call.family.linker_spellings.get(name, name)
    if name in call.family.linker_with_value or (name == "-z" and value in call.family.keywords):
        return
    if name == "-L":
        _read_folder(call, f"-L{value}", [])
    elif name == "-l":
        _read_library(call, value)
    else:
        call.kept.append(f"-Wl,{name},{value}")


def _read_library(call: Call, name: str) -> None:
    if (
        name.startswith(":") and call.family.own_driver
    ):  # a file of that very name, resolved when all -L are known
        call.libraries.append((len(call.kept), name[1:]))
        call.kept.append(name[1:])
        return
    if name.startswith("python") and name[6:].replace(".", "").rstrip("tdm").isdigit():
        return  # an extension module takes the symbols of the interpreter that loads it
    if name in {"python3", "python3t"} or name in dropped_libraries(call.system):
        return
    if name == "iconv" and call.system == "macos" and any(word.endswith(".rlib") for word in call.kept):
        return  # Rust's crate libc names it wherever it is used, and only an SDK has it
    renamed = call.family.libraries.get(name, name)
    if renamed is not None and call.system == "windows":
        renamed = windows_library(renamed, call.toolchain["zig"], call.exists)
    if renamed is not None:
        if call.sysroot:
            call.wanted.append((len(call.kept), renamed))
        call.kept.append(f"-l{renamed}")


def _read_folder(call: Call, argument: str, rest: list[str]) -> None:
    option = next(option for option in FOLDER_OPTIONS if argument.startswith(option))
    folder = argument[len(option) :] or (rest.pop() if rest else "")
    for old, new in call.toolchain["replaced_folders"]:
        if folder == old or folder.startswith(old + "/"):
            folder = new + folder[len(old) :]
            break
    else:
        if is_passed_over(folder, call.toolchain):
            return
    if option == "-L":
        call.folders.append(folder)
    call.kept += [f"{option}{folder}"] if option in {"-I", "-L"} else [option, folder]


def _command(tool: str, call: Call) -> list[str]:
    for place, name in call.libraries:
        paths = (f"{folder}/{name}" for folder in (*call.folders, *call.sysroot.get("libraries", ())))
        call.kept[place] = next((path for path in paths if call.exists(path)), f"-l:{name}")
    driver = call.driver_of(tool)
    command = [*call.platform["programs"][driver], *call.family.always]
    if tool == "cpp":
        command.append("-E")
        call.links = False
    links = call.links and call.inputs > 0
    cxx = driver == "c++" or call.family.cxx_library in call.kept
    openmp = ask_for_openmp(call) if links else []
    extra = sysroot_words(call, links=links, cxx=cxx)
    compiles = call.sources > 0 or not links
    command += _levels(call, links, compiles)
    if compiles and call.inputs:
        command += _compiling(call)
    if links:
        command += ["-s", *call.platform.get("link_options", ()), *shared_words(call)]
    kept = [word for word in call.of_this_language(call.kept, tool) if word != "-pie" or not call.shared]
    fast = compiles and not FAST_MATH.isdisjoint((*kept, *call.levels))
    if fast and call.family.keeps_infinities:
        kept.append(KEEPS_INFINITIES)
    added = [*_added_sources(driver, call, kept), *openmp] if links else []
    kept += ["-fPIC", "-x", "none", *added] if added else []
    libc = call.platform.get("libc", "")
    if links and libc and call.exists(libc) and NO_SHARED_LIBRARY.isdisjoint(kept):
        extra = [*extra, *(("-x", "none") if call.language else ()), libc]
    return [*command, *kept, *extra, *(import_libraries(call) if links else ())]


def _compiling(call: Call) -> list[str]:
    """Return what every call that compiles is given."""
    family = call.family
    words = [*family.compiling, *call.platform["compile_options"]]
    words += translate_cpu(call.platform["arch"], call.cpu) if family.own_driver else call.cpu
    words += words_for_clang(call)
    words += [f"-ffile-prefix-map={old}={new}" for old, new in call.toolchain["prefix_maps"]]
    if family.seeded and call.sources:
        words.append(f"-frandom-seed={call.source}")
    return words


def _added_sources(driver: str, call: Call, kept: Sequence[str]) -> Sequence[str]:
    """Return the sources that stand in for what the compiler's own libraries lack on the platform."""
    if not RELOCATABLE.isdisjoint(kept):
        return ()  # the link that takes its result has them
    cxx = driver == "c++" or call.family.cxx_library in kept
    return (*call.platform["link_sources"], *(call.platform["cxx_sources"] if cxx else ()))


def _levels(call: Call, links: bool, compiles: bool) -> list[str]:
    """Return the optimization level; one that makes zig build Debug runtime libraries is not given to a link."""
    if not links or not call.family.debug_levels:
        return call.levels[-1:]
    if not compiles:
        return ["-O2"]
    last = call.levels[-1] if call.levels else "-O0"
    return ["-O1"] if last in call.family.debug_levels else [last]


def _link(
    arguments: list[str],
    platform: Mapping[str, Any],
    toolchain: Mapping[str, Any],
    exists: Callable[[str], bool],
) -> Run | Answer | Refusal:
    """Say a call of `ld` through the compiler driver, which is zig's only door to its linker, and the rules' to any."""
    if any(argument in {"-v", "-V", "--version"} for argument in arguments):
        if "ld" in platform["programs"]:
            return Run([*platform["programs"]["ld"], *arguments])
        return Answer("LLD of zig (compatible with GNU linkers)\n")
    words: list[str] = []
    rest = list(reversed(arguments))
    while rest:
        argument = rest.pop()
        if argument in {"-o", "-l", "-L"} and rest:
            words += [argument, rest.pop()]
        elif (
            argument in {"-shared", "-static", "-r", "-pie"}
            or argument.startswith(("-l", "-L", "-o"))
            or not argument.startswith("-")
        ):
            words.append(argument)
        elif argument == "-m" and rest:
            rest.pop()
        elif argument in LINKER_OPTIONS_WITH_VALUE and rest:
            words += ["-Xlinker", argument, "-Xlinker", rest.pop()]
        else:
            words += ["-Xlinker", argument]
    return _compile("cc", ["-nostdlib", *words], platform, toolchain, exists)
