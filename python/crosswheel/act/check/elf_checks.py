"""Whether one ELF file fits the target: machine, C library, needed libraries, symbol versions, hygiene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from posixpath import dirname, normpath
from types import MappingProxyType

from crosswheel.decide.failures.failure_refusals import OLDER_RELEASE
from crosswheel.target.musl_symbols import musl_symbol_version
from crosswheel.target.targets import Target
from crosswheel.values.platforms import Arch, Glibc, Linux, Musl

from .elf import Elf, ElfType, UndefinedSymbol
from .findings import Finding, Severity
from .installed_places import installed_path
from .machine_faults import MachineFault, machine_fault, machine_words
from .musl_names import is_musl_name
from .policies import (
    BEYOND,
    VERSIONED_LIBRARIES,
    is_allowed_library,
    is_interpreter_symbol,
    is_musl,
    is_musl_library,
    libc_name,
    libc_sonames,
    library_level,
    required_glibc_minor,
)

__all__ = [
    "BinaryFile",
    "Bundle",
    "check_elf",
    "glibc_level",
    "machine_findings",
]

# Symbols that a linker or loader makes up, never a library.
_LINKER_SYMBOLS = frozenset(
    [
        "_DYNAMIC",
        "_GLOBAL_OFFSET_TABLE_",
        "_ITM_deregisterTMCloneTable",
        "_ITM_registerTMCloneTable",
        "__aeabi_read_tp",
        "__cxa_finalize",
        "__dso_handle",
        "__gmon_start__",
        "__tls_get_addr",
        "___tls_get_addr",
        "__tls_get_offset",
        "_end",
    ]
)
_SANITIZERS = ("__ubsan_", "__asan_", "__tsan_", "__msan_", "__hwasan_")
_X86_LEVELS = ((8, "x86-64-v4"), (4, "x86-64-v3"), (2, "x86-64-v2"))


@dataclass(frozen=True, slots=True)
class BinaryFile:
    """One ELF file of a wheel.

    Attributes:
        path: member name, for an archive's member ``archive.a(member.o)``.
        elf: what it says of itself.
        sanitizer: a sanitizer's symbol name found in its bytes, ``None`` without one.
    """

    path: str
    elf: Elf
    sanitizer: str | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """The ELF files of one wheel, seen together.

    Attributes:
        target: the target.
        built: we built the wheel.
        files: its shared objects and programs.
        by_name: the same by the names a loader would look for: file name and SONAME.
        python_names: the C API's names by the target's headers, ``None`` when not known.
        grafted: by path, where a library came from that was put into the wheel after the build.
        toolchain: what linked the files, if that was no zig.
    """

    target: Target
    built: bool
    files: tuple[BinaryFile, ...]
    by_name: Mapping[str, BinaryFile] = field(default_factory=dict)
    python_names: frozenset[str] | None = None
    grafted: Mapping[str, str] = field(default_factory=dict)
    toolchain: str = ""

    @classmethod
    def of(
        cls,
        target: Target,
        files: tuple[BinaryFile, ...],
        *,
        built: bool,
        python_names: frozenset[str] | None = None,
        grafted: Mapping[str, str] = MappingProxyType({}),
        toolchain: str = "",
    ) -> Bundle:
        """Return the bundle of `files`."""
        by_name: dict[str, BinaryFile] = {}
        for file in files:
            by_name.setdefault(file.path.rpartition("/")[2], file)
            if file.elf.soname:
                by_name.setdefault(file.elf.soname, file)
        return cls(target, built, files, by_name, python_names, grafted, toolchain)

    def finding(
        self,
        code: str,
        file: BinaryFile,
        message: str,
        *,
        symbol: str | None = None,
        library: str | None = None,
        at_most: Severity = Severity.ERROR,
    ) -> Finding:
        """Return a finding about `file`."""
        return Finding.of(
            code, file.path, message, built=self.built, symbol=symbol, library=library, at_most=at_most
        )


def machine_findings(file: BinaryFile, target: Target, *, built: bool) -> list[Finding]:
    """Judge class, byte order, machine and ABI flags; anything found means: do not look further."""
    arch = target.platform.arch
    fault = machine_fault(file.elf, arch)
    if not isinstance(target.platform.os, Linux) and (fault is None or fault.code != "accelerator-code"):
        message = f"it is a Linux binary for {machine_words(file.elf)}, the target is {arch.value} of another system"
        fault = MachineFault("wrong-machine", message)
    return [] if fault is None else [Finding.of(fault.code, file.path, fault.message, built=built)]


def check_elf(file: BinaryFile, bundle: Bundle) -> Iterator[Finding]:
    """Yield what is wrong with a file of the right machine.

    Args:
        file: the file, a member of `bundle`.
        bundle: all ELF files of the wheel.
    """
    if file.elf.type == ElfType.RELOCATABLE:
        yield from _sanitizer(file, bundle)
        return
    foreign_libc = list(_wrong_libc(file, bundle))
    yield from foreign_libc
    if not foreign_libc:
        yield from _needed(file, bundle)
        yield from _versions(file, bundle)
        yield from _musl_symbols(file, bundle)
        yield from _undefined(file, bundle)
    yield from _hygiene(file, bundle)
    yield from _sanitizer(file, bundle)


def _wrong_libc(file: BinaryFile, bundle: Bundle) -> Iterator[Finding]:
    operating_system = bundle.target.platform.os
    if not isinstance(operating_system, Linux):
        return
    loader = (file.elf.interpreter.rpartition("/")[2],) if file.elf.interpreter else ()
    found = libc_sonames((*file.elf.needed, *loader))
    wanted = "musl" if isinstance(operating_system.libc, Musl) else "glibc"
    if found is not None and found[0] != wanted and found[1] not in bundle.by_name:
        message = (
            f"it needs {found[1]}, that is {found[0]}; the target has {libc_name(bundle.target.platform)}"
        )
        yield bundle.finding("wrong-libc", file, message, library=found[1])


def _needed(file: BinaryFile, bundle: Bundle) -> Iterator[Finding]:
    for library in file.elf.needed:
        if library.startswith("libpython"):
            message = (
                f"it needs {library}; extension modules must take the C API from the interpreter, "
                "which need not have such a library"
            )
            yield bundle.finding("libpython-needed", file, message, library=library)
        elif library in bundle.by_name:
            if bundle.built and not _reachable(library, bundle):
                message = f"it needs {library}, which is in the wheel, but no $ORIGIN run path leads there"
                yield bundle.finding("library-unreachable", file, message, library=library)
        elif not is_allowed_library(library, bundle.target.platform):
            message = (
                f"it needs {library}, which is neither in the wheel nor on every {libc_name(bundle.target.platform)} "
                "system; bundle it, or link it statically"
            )
            yield bundle.finding("library-not-allowed", file, message, library=library)


def _reachable(library: str, bundle: Bundle) -> bool:
    """Tell whether a file that needs `library` finds it by run path; once loaded, it serves all others."""
    return any(library in file.elf.needed and _finds(file, library, bundle) for file in bundle.files)


def _finds(file: BinaryFile, library: str, bundle: Bundle) -> bool:
    folder = dirname(installed_path(file.path))
    places = {
        normpath(
            f"{folder or '.'}/{path.replace('${ORIGIN}', '$ORIGIN').removeprefix('$ORIGIN').lstrip('/') or '.'}"
        )
        for path in file.elf.run_paths
        if path.startswith(("$ORIGIN", "${ORIGIN}"))
    }
    return any(
        other.path.rpartition("/")[2] == library and (dirname(installed_path(other.path)) or ".") in places
        for other in bundle.files
    )


def _first_symbol(elf: Elf, version: str, library: str) -> UndefinedSymbol | None:
    matching = [s for s in elf.undefined if s.version == version and s.library == library]
    return min(matching, key=lambda symbol: symbol.name) if matching else None


def _versions(file: BinaryFile, bundle: Bundle) -> Iterator[Finding]:
    platform = bundle.target.platform
    if not isinstance(platform.os, Linux) or not isinstance(platform.os.libc, Glibc):
        return
    for need in file.elf.version_needs:
        if need.weak or need.library in bundle.by_name:
            continue
        minor = required_glibc_minor(need.version, platform.arch)
        if minor is None or minor <= platform.os.libc.minor:
            continue
        example = _first_symbol(file.elf, need.version, need.library)
        name = f"{example.name}@{need.version}" if example else need.version
        where = (
            "which no manylinux platform has" if minor == BEYOND else f"which is first in manylinux_2_{minor}"
        )
        message = f"it needs {name} of {need.library}, {where}; the target has {libc_name(platform)}"
        message += _remedy(file, bundle)
        code = "symbol-too-new" if need.version.startswith("GLIBC_") else "library-symbol-too-new"
        found = bundle.finding(code, file, message, symbol=name, library=need.library)
        yield replace(found, glibc=None if minor == BEYOND else minor)


def _remedy(file: BinaryFile, bundle: Bundle) -> str:
    """Return a sentence on what to do about symbols that the target's glibc lacks, where that is known.

    It names the glibc that the whole wheel needs: one that has no more than the symbol would not do.
    """
    raised = _or_raise(glibc_level(bundle))
    if file.path in bundle.grafted:
        return f". It was copied from {bundle.grafted[file.path]}: {OLDER_RELEASE}{raised}"
    if bundle.toolchain:
        return f". {bundle.toolchain} linked it: let zig do it, which links with the target's glibc{raised}"
    return ""


def _or_raise(minor: int) -> str:
    return "" if minor == BEYOND else f", or raise the target's glibc to 2.{minor}"


def _musl_symbols(file: BinaryFile, bundle: Bundle) -> Iterator[Finding]:
    operating_system = bundle.target.platform.os
    if not isinstance(operating_system, Linux) or not isinstance(operating_system.libc, Musl):
        return
    # A tag musllinux_X_Y speaks for every X.Y.z (PEP 656), so only X.Y.0's symbols are sure to be there.
    level = (operating_system.libc.major, operating_system.libc.minor, 0)
    for symbol in file.elf.undefined:
        since = musl_symbol_version(symbol.name)
        if not symbol.weak and since > level and not _defined_in_bundle(symbol.name, bundle):
            version = ".".join(str(part) for part in since)
            message = (
                f"it needs {symbol.name}, which is first in musl {version}; "
                f"systems with musl {level[0]}.{level[1]}.0 would not load it"
            )
            yield bundle.finding("musl-symbol-too-new", file, message, symbol=symbol.name, library="libc.so")


def _defined_in_bundle(symbol: str, bundle: Bundle) -> bool:
    return any(symbol in other.elf.defined for other in bundle.files)


def _undefined(file: BinaryFile, bundle: Bundle) -> Iterator[Finding]:
    """Yield symbols that provably nobody offers.

    Provable only where every library outside the wheel gives all its symbols a version, or is musl, whose names are
    known, and libc is one of them or we linked the file: then a symbol without version that is none of musl's must
    come from the interpreter or from a file of the wheel.
    """
    yield from _unknown_to_python(file, bundle)
    outside = {library for library in file.elf.needed if library not in bundle.by_name}
    musl = is_musl(bundle.target.platform)
    if not all(is_musl_library(name) if musl else _gives_versions(name) for name in outside):
        return
    # A linker leaves libc out of a file that takes nothing from it; a stranger's may have been told to.
    if not bundle.built and not (outside if musl else "libc.so.6" in outside):
        return
    brought = is_musl_name if musl else is_interpreter_symbol
    for symbol in file.elf.undefined:
        name = symbol.name
        if (
            symbol.weak
            or symbol.version
            or name in _LINKER_SYMBOLS
            or name.startswith(("Py", "_Py", *_SANITIZERS))
        ):
            continue
        if not brought(name) and not _defined_in_bundle(name, bundle):
            message = f"it needs {name}, which neither Python nor any needed library defines at the versions of the target; importing it would fail"
            yield bundle.finding("undefined-symbol", file, message, symbol=name)


def _gives_versions(library: str) -> bool:
    return library in VERSIONED_LIBRARIES or library.startswith("ld")


def _unknown_to_python(file: BinaryFile, bundle: Bundle) -> Iterator[Finding]:
    """Yield names of Python that the target's headers do not know.

    Every function and object that CPython exports is declared in its headers, the private ones too.
    """
    platform, known = bundle.target.platform, bundle.python_names
    if known is None or not all(
        n in bundle.by_name or is_allowed_library(n, platform) for n in file.elf.needed
    ):
        return
    for symbol in file.elf.undefined:
        name = symbol.name
        if symbol.weak or name in known or not name.startswith(("Py", "_Py")):
            continue
        if not _defined_in_bundle(name, bundle):
            message = (
                f"it needs {name}, which the headers of {bundle.target.python} do not have; "
                "importing or calling it would fail"
            )
            yield bundle.finding("undefined-symbol", file, message, symbol=name)


def _hygiene(file: BinaryFile, bundle: Bundle) -> Iterator[Finding]:
    elf = file.elf
    for path in elf.run_paths:
        if not path.startswith(("$ORIGIN", "${ORIGIN}")):
            message = (
                f"its run path {path} is not relative to $ORIGIN; it points into the machine that built it"
            )
            yield bundle.finding("run-path-absolute", file, message)
    if elf.executable_stack:
        message = "it asks for an executable stack, which hardened systems refuse"
        yield bundle.finding("executable-stack", file, message)
    if elf.text_relocations:
        message = (
            "it must be relocated in its code (DT_TEXTREL), which hardened systems refuse; compile with -fPIC"
        )
        yield bundle.finding("text-relocations", file, message)
    if elf.debug_sections:
        sections = ", ".join(elf.debug_sections[:3])
        message = f"it carries debug information ({sections}), which holds paths of the build; strip it"
        yield bundle.finding("debug-sections", file, message)
    if bundle.target.platform.arch is Arch.X86_64:
        for bit, level in _X86_LEVELS:
            if elf.x86_isa & bit:
                message = f"it is marked as needing {level}; x86_64 wheels must run on every x86_64"
                yield bundle.finding("isa-level", file, message)
                break


def _sanitizer(file: BinaryFile, bundle: Bundle) -> Iterator[Finding]:
    imported = next(
        (s.name for s in file.elf.undefined if s.name.startswith(_SANITIZERS) and not s.weak), None
    )
    symbol = imported or file.sanitizer
    if symbol:
        message = f"it was compiled with a sanitizer ({symbol}); compile with -fno-sanitize=all"
        yield bundle.finding("sanitizer-runtime", file, message, symbol=symbol)


def glibc_level(bundle: Bundle) -> int:
    """Return the smallest glibc 2.N on which every file of the wheel loads, by libraries and symbol versions.

    Returns:
        N, `BEYOND` when no manylinux platform has all of it, 0 when nothing is needed.
    """
    level = 0
    for file in bundle.files:
        for library in file.elf.needed:
            level = max(level, library_level(library))
        for need in file.elf.version_needs:
            if not need.weak and need.library not in bundle.by_name:
                level = max(level, required_glibc_minor(need.version, bundle.target.platform.arch) or 0)
    return level
