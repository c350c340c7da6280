"""Which flags of GCC, Clang and GNU ld the zig compiler driver needs dropped or spelled differently, as data.

Every row was seen to be rejected, ignored or harmful with zig 0.17; docs/concepts/toolchain.md says why. The module
is imported by the compiler launchers as well, so it imports nothing.
"""

from __future__ import annotations

#: Options whose value may be the next argument; the value is never taken for an option or an input file.
OPTIONS_WITH_VALUE = frozenset(
    [
        "-o",
        "-I",
        "-L",
        "-D",
        "-U",
        "-l",
        "-u",
        "-x",
        "-z",
        "-T",
        "-e",
        "-h",
        "-B",
        "-F",
        "-A",
        "-R",
        "-isystem",
        "-include",
        "-imacros",
        "-idirafter",
        "-iquote",
        "-iprefix",
        "-iwithprefix",
        "-iwithprefixbefore",
        "-isysroot",
        "--sysroot",
        "-MF",
        "-MT",
        "-MQ",
        "-Xlinker",
        "-Xpreprocessor",
        "-Xassembler",
        "-Xclang",
        "-arch",
        "-target",
        "-rpath",
        "-soname",
        "-framework",
        "-mllvm",
        "--param",
        "-aux-info",
        "-wrapper",
        "-install_name",
        "-undefined",
        "-compatibility_version",
        "-current_version",
        "-exported_symbols_list",
        "-weak_framework",
        "-needed_framework",
    ]
)

#: Options that make no program: the compiler stops before the link, or only answers.
STOPS_BEFORE_LINK = frozenset({"-c", "-S", "-E", "-M", "-MM", "-fsyntax-only"})

#: Links that make an object of objects.
RELOCATABLE = frozenset({"-r", "-Wl,-r"})

#: Links that no shared library takes part in, so that none can be added.
NO_SHARED_LIBRARY = frozenset({"-static", "-static-pie", "--static", "-Wl,-static"}) | RELOCATABLE

#: File name suffixes of sources in C++, Objective-C++ among them.
CXX_SUFFIXES = (
    *(".cc", ".cp", ".cxx", ".cpp", ".CPP", ".c++", ".C", ".ii"),
    *(".mm", ".M", ".hh", ".hpp", ".hxx"),
)

#: File name suffixes of all sources; anything else given as input is for the linker.
SOURCE_SUFFIXES = frozenset((*CXX_SUFFIXES, ".c", ".i", ".m", ".s", ".S", ".sx", ".h"))

#: Compiler options dropped whole: options of GCC only, or ones that name another target, CPU tuning or linker.
DROPPED_OPTIONS = frozenset(
    [
        "-fno-canonical-system-headers",
        "-fcanonical-system-headers",
        "-fipa-pta",
        "-fno-ipa-pta",
        "-fgnu-tm",
        "-fno-gnu-unique",
        "-fuse-linker-plugin",
        "-fno-use-linker-plugin",
        "-ffat-lto-objects",
        "-fno-fat-lto-objects",
        "-flto",
        "-fno-lto",
        "-fwhole-program",
        "-fno-working-directory",
        "-fbounds-check",
        "-fno-tree-loop-distribute-patterns",
        "-fno-tree-slp-vectorize",
        "-ftree-loop-distribution",
        "-fno-ipa-cp-clone",
        "-fno-tree-pre",
        "-fno-tree-dominator-opts",
        "-fgcse-after-reload",
        "-fpredictive-commoning",
        "-fno-ipa-sra",
        "-fno-partial-inlining",
        "-fdevirtualize-at-ltrans",
        "-fschedule-insns",
        "-fvar-tracking-assignments",
        "-fno-var-tracking-assignments",
        "-fno-check-new",
        "-fconserve-space",
        "-frename-registers",
        "-static-libgcc",
        "-static-libstdc++",
        "-shared-libgcc",
        "-symbolic",
        "-p",
        "-pg",
        "-save-temps",
        "-mno-cygwin",
        "-Wdate-time",
        "-Werror=date-time",
    ]
)

#: The same by their beginning; `-g` and its kin are dropped because debug information carries build paths.
DROPPED_PREFIXES = (
    "-B",
    "-g",
    "-mtune=",
    "-flto=",
    "-flto-",
    "-fuse-ld=",
    "-specs=",
    "--specs=",
    "--target=",
    "-fabi-version=",
    "-fmax-errors=",
    "-finline-limit",
    "-fprofile-update=",
    "-fprofile-partial-training",
    "-ftree-parallelize-loops",
    "-fsanitize-",
    "-falign-jumps",
    "-falign-labels",
    "-save-temps=",
    "-fdump-",
)

#: Options dropped together with the argument that follows.
DROPPED_WITH_VALUE = frozenset({"-B", "-target", "-arch", "-aux-info", "-wrapper", "-specs", "--specs"})

#: Options only x86 knows; elsewhere GCC rejects them too, but hardening flags are set without looking.
X86_ONLY_PREFIXES = ("-fcf-protection", "-mshstk")

#: `-Wl,` arguments dropped whole: rejected or ignored by zig, and without influence on what a module does.
DROPPED_LINKER_OPTIONS = frozenset(
    [
        "--warn-common",
        "--push-state",
        "--pop-state",
        "-stats",
        "--stats",
        "--copy-dt-needed-entries",
        "--no-copy-dt-needed-entries",
        "--no-keep-memory",
        "--reduce-memory-overheads",
        "--no-warn-mismatch",
        "--relax",
        "--no-relax",
        "-t",
        "--trace",
        "--verbose",
        "--no-ld-generated-unwind-info",
        "--no-insert-timestamp",
        "--dynamic-list-data",
        "--no-rosegment",
        "--rosegment",
        "-Bsymbolic-functions",
        "-Bsymbolic-non-weak",
        "-Bsymbolic-non-weak-functions",
        "--print-map",
        "-M",
        "--cref",
        "--no-fatal-warnings",
        "--no-add-needed",
        "--add-needed",
        "--sort-common",
        "--no-ctors-in-init-array",
        "-O0",
        "-O1",
        "-O2",
        "-O3",
        "--fix-cortex-a53-843419",
        "--fix-cortex-a53-835769",
        "--fix-cortex-a8",
        "--no-map-whole-files",
        "--discard-locals",
        "-X",
    ]
)

#: `-Wl,` arguments dropped by their beginning (`--icf=all`, `-plugin-opt=...`).
DROPPED_LINKER_PREFIXES = (
    "--exclude-libs=",
    "-Map=",
    "--Map=",
    "--dynamic-list=",
    "--icf=",
    "--threads",
    "--no-threads",
    "--error-limit",
    "-plugin",
    "--plugin",
    "--package-metadata",
    "--reproduce",
    "--pack-dyn-relocs",
    "--spare-dynamic-tags",
    "--unresolved-symbols=",
    "-rpath-link=",
    "--rpath-link=",
    "--sort-section",
    "--compress-debug-sections",
    "-flto",
)

#: `-Wl,` arguments dropped together with the one that follows.
DROPPED_LINKER_WITH_VALUE = frozenset(
    {"--exclude-libs", "-Map", "--Map", "--dynamic-list", "-rpath-link", "--rpath-link", "--sort-section"}
)

#: `-z` keywords dropped: they choose a layout of the file, not what it does.
DROPPED_KEYWORDS = frozenset(
    [
        "pack-relative-relocs",
        "nostart-stop-gc",
        "start-stop-gc",
        "text",
        "separate-code",
        "noseparate-code",
        "ibt",
        "shstk",
        "cet-report=error",
        "combreloc",
        "nocombreloc",
        "common-page-size=4096",
    ]
)

#: `-Wl,` arguments that take the next one as their value, besides those dropped with it.
LINKER_OPTIONS_WITH_VALUE = frozenset(
    [
        "-rpath",
        "--rpath",
        "-R",
        "-soname",
        "-h",
        "-z",
        "-u",
        "--undefined",
        "-e",
        "--entry",
        "-T",
        "--script",
        "--version-script",
        "-L",
        "-l",
        "-o",
        "--defsym",
        "--wrap",
        "-init",
        "-fini",
        "-m",
        "-dynamic-linker",
        "--dynamic-linker",
        "-I",
        "--sysroot",
        "-y",
        "-install_name",
    ]
)

#: `-Wl,` arguments with another spelling, which zig knows.
RENAMED_LINKER_OPTIONS = {
    "--undefined": "-u",
    "-h": "-soname",
    "-R": "-rpath",
    "--rpath": "-rpath",
    "--script": "-T",
    "--entry": "-e",
}

#: Libraries that zig has under another name, or (``None``) always links or needs not.
RENAMED_LIBRARIES: dict[str, str | None] = {
    "stdc++": "c++",
    "supc++": "c++",
    "gcc_s": "unwind",
    "gcc_eh": "unwind",
    "gcc": None,
    "atomic": None,
    "ssp": None,
    "ssp_nonshared": None,
    "nsl": None,
}

#: Folders of the build machine: nothing in them is for the target.
BUILD_MACHINE_FOLDERS = (
    "/usr/include",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libx32",
    "/usr/local",
    "/lib",
    "/lib32",
    "/lib64",
    "/opt",
    "/sw",
    "/nix/var",
    "/home/linuxbrew",
)

#: Options that name a folder to search, longest spelling first.
FOLDER_OPTIONS = ("-isystem", "-idirafter", "-iquote", "-I", "-L")

#: Always given. GCC up to 13 only warned of the first three, and C code of that age relies on it; a date in the
#: bytes is taken from SOURCE_DATE_EPOCH, so it may be used.
ALWAYS_COMPILE = (
    "-Wno-error=incompatible-function-pointer-types",
    "-Wno-error=incompatible-pointer-types",
    "-Wno-error=implicit-int",
    "-Wno-date-time",
)

#: Options that tell the compiler that there are no infinities. GCC hardly uses it; Clang, from 18 on, takes a comparison with
#: one for undefined, and programs that GCC compiles as meant go wrong without a word (annoy finds nothing).
#: https://clang.llvm.org/docs/UsersManual.html#cmdoption-ffinite-math-only
FAST_MATH = frozenset({"-ffast-math", "-Ofast"})
#: Given after them; the rest of what they allow stays allowed.
KEEPS_INFINITIES = "-fno-finite-math-only"

#: Given to every command, compiling or linking: no debug information, no sanitizer runtime.
ALWAYS = ("-g0", "-fno-sanitize=undefined")

#: Optimization levels that zig takes for its Debug mode, whose runtime libraries are made anew (28 s).
DEBUG_LEVELS = frozenset({"-O0", "-Og"})

#: zig keeps frame pointers at every level. GCC and Clang do so only where they do not optimize, and on Linux Clang for these: there
#: a register is set aside for it in any case. Assembly that moves the stack may rely on there being none (greenlet on ppc64le).
#: https://github.com/llvm/llvm-project/blob/main/clang/lib/Driver/ToolChains/CommonArgs.cpp (`useFramePointerForTargetByDefault`)
KEEP_FRAME_POINTERS = frozenset({"aarch64"})
OMIT_FRAME_POINTERS = "-fomit-frame-pointer"

#: What zig takes for another level, without a word, and what says it to the Clang inside: `-O1`, `-O3`, `-O4` and `-Ofast` are `-O2` to it,
#: `-Oz` is `-Os`. https://github.com/ziglang/zig/blob/master/src/Compilation.zig (`ReleaseFast`)
LEVELS_OF_CLANG = {
    "-O1": ("-Xclang", "-O1"),
    "-O3": ("-Xclang", "-O3"),
    "-O4": ("-Xclang", "-O3"),
    "-Ofast": ("-Xclang", "-O3", "-ffast-math"),
    "-Oz": ("-Xclang", "-Oz"),
}
