"""What each library of a sysroot needs besides, found out from symbols: what an archive leaves undefined, who defines it.

An archive, unlike a shared library, does not say what it needs. Where several libraries define a symbol, the ones its
``.pc`` file names (``Libs.private``, ``Requires.private``) and the ones its shared sibling needs come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crosswheel.act.sysroot.ar_archives import ar_members, object_symbols
from crosswheel.act.sysroot.package_files import GNU_CXX
from crosswheel.render.package_config import read_package_config
from crosswheel.values.canonical_json import JsonValue

__all__ = ["LibraryFile", "link_table", "read_library", "unusable_archives"]

#: Names in GNU's C++ library that zig's (LLVM's) does not have: what was compiled against the one needs it.
_GNU_CXX = re.compile(
    r"_Z\w*(?:7__cxx11|NSt8__detail|__throw_|Rb_tree_|NSt8ios_base|NSt18condition_variable|NSt15__exception_ptr"
    r"|NSt6thread|NSt6locale|NSt9basic_|NSt15basic_|NSt13basic_|__once_)|_Z\w*NK?S[sio]\w*|_ZSt7?(?:cout|cerr|cin)\b"
)
#: Names that any C++ library has.
_CXX = re.compile(
    r"__gxx_personality_|__cxa_(?!finalize|atexit|thread_atexit_impl)|_Z(?:n[wa]|d[la])|_ZSt|_ZTVN10__cxxabiv1"
)
_SCRIPT = re.compile(r"(?:INPUT|GROUP|AS_NEEDED)\s*\(([^()]*)\)")
_STEM = re.compile(r"lib(?P<stem>.+?)(?:-\d[\d.]*)?\.(?:a|so(?:\..*)?)")


@dataclass(frozen=True, kw_only=True, slots=True)
class LibraryFile:
    """One library.

    Attributes:
        path: relative to the sysroot.
        owner: the package that brings it.
        archive: whether it is a static one.
        machine: ELF machine and bits; ``None`` if it holds no object file.
        defined: symbols others can take from it.
        undefined: symbols it needs.
        needed: names of the shared libraries a shared one says it needs.
        versions: the versions of their symbols that it needs.
        script: libraries a linker script stands for.
        soname: the name a shared one is loaded by.
        link_names: names of a shared one that end in ``.so``, by which it can be linked with ``-l``.
    """

    path: str
    owner: str
    archive: bool
    machine: tuple[int, int] | None = None
    defined: frozenset[str] = frozenset()
    undefined: frozenset[str] = frozenset()
    needed: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    script: tuple[str, ...] = ()
    soname: str = ""
    link_names: tuple[str, ...] = ()

    @property
    def development(self) -> bool:
        """Whether a shared one can be linked by ``-l``."""
        return bool(self.link_names)

    @property
    def name(self) -> str:
        """File name."""
        return self.path.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """What stands after ``-l``, for a shared library too."""
        return stem_of(self.name)


@dataclass(slots=True)
class _Providers:
    """Who defines what."""

    archives: dict[str, list[LibraryFile]] = field(default_factory=dict)
    shared: dict[str, list[LibraryFile]] = field(default_factory=dict)


def stem_of(name: str) -> str:
    """Return what stands after ``-l`` for a library of that file name, versions left out.

    >>> stem_of("libssl.so.3"), stem_of("libyaml.a"), stem_of("libyaml-0.so.2")
    ('ssl', 'yaml', 'yaml')
    """
    match = _STEM.fullmatch(name)
    return match["stem"] if match else name


def read_library(path: str, data: bytes, owner: str) -> LibraryFile:
    """Return what a library says of itself.

    Raises:
        ArchiveFormatError: it is none.
    """
    if path.endswith(".a"):
        defined: set[str] = set()
        undefined: set[str] = set()
        machine: tuple[int, int] | None = None
        for member in ar_members(data):
            symbols = object_symbols(member.data)
            if symbols is not None:
                machine = machine or (symbols.machine[0], 64 if symbols.machine[1] else 32)
                defined |= symbols.defined
                undefined |= symbols.undefined
        return LibraryFile(
            path=path,
            owner=owner,
            archive=True,
            machine=machine,
            defined=frozenset(defined),
            undefined=frozenset(undefined - defined),
        )
    if not data.startswith(b"\x7fELF"):
        names = " ".join(_SCRIPT.findall(data[:65536].decode(errors="replace"))).split()
        return LibraryFile(path=path, owner=owner, archive=False, script=tuple(names))
    return _shared(path, data, owner)


def _shared(path: str, data: bytes, owner: str) -> LibraryFile:
    from crosswheel.act.check.byte_reader import DamagedBinaryError
    from crosswheel.act.check.elf import parse_elf
    from crosswheel.act.sysroot.ar_archives import ArchiveFormatError

    try:
        elf = parse_elf(data)
    except DamagedBinaryError as error:
        raise ArchiveFormatError(str(error)) from None
    return LibraryFile(
        path=path,
        owner=owner,
        archive=False,
        machine=(elf.machine, elf.bits),
        defined=frozenset(elf.defined),
        needed=elf.needed,
        versions=tuple(one.version for one in elf.version_needs if not one.weak),
        soname=elf.soname or "",
    )


def link_table(libraries: Sequence[LibraryFile], configs: Mapping[str, str]) -> dict[str, JsonValue]:
    """Return, by what stands after ``-l``, the file and everything an archive needs besides.

    Args:
        libraries: all libraries.
        configs: texts of the ``.pc`` files, by name.

    Returns:
        ``{"ssl": {"file": ..., "needs": [...], "cxx": bool, "refused": why}}``; keys that say nothing are left out.
    """
    providers = _providers(libraries)
    hints = _hints(libraries, configs)
    direct = {one.path: _needs(one, providers, hints) for one in libraries if one.archive}
    by_path = {one.path: one for one in libraries}
    table: dict[str, JsonValue] = {}
    for library in sorted(libraries, key=lambda one: (not one.archive, one.path)):
        if not library.archive and not library.development:
            continue
        whole = _closure(library.path, direct)
        files = [by_path[path] for path in (library.path, *whole)]
        entry: dict[str, JsonValue] = {"file": library.path, "packages": sorted({one.owner for one in files})}
        if whole:
            entry["needs"] = list(whole)
        if library.script:
            entry["script"] = list(library.script)
        missing = {symbol for one in files if one.archive for symbol in one.undefined}
        missing -= {symbol for one in files for symbol in one.defined}
        gnu = sorted(symbol for symbol in missing if _GNU_CXX.match(symbol))
        if any(one.path == GNU_CXX for one in files):
            entry["gnu_cxx"] = True
        if any(symbol.startswith("_Unwind_") for symbol in missing):
            entry["unwind"] = True
        if gnu:
            entry["refused"] = (
                f"{library.path} needs GNU's C++ library (its symbol {gnu[0]}), and zig links LLVM's; "
                'use link = "shared" in [tool.crosswheel.packages], or give a directory with one compiled by zig'
            )
        if any(_CXX.match(symbol) for symbol in missing):
            entry["cxx"] = True
        for name in library.link_names or (library.name,):
            table.setdefault(name.removeprefix("lib").removesuffix(".a").removesuffix(".so"), entry)
    return table


def unusable_archives(libraries: Sequence[LibraryFile], configs: Mapping[str, str]) -> frozenset[str]:
    """Return the paths of archives in whose place the shared library has to be used.

    These are the ones that are not whole (they need their own shared sibling, like Debian's libpq.a), and the ones
    whose shared sibling is loaded in any case, by a library that comes as a shared one only: two copies of one
    library in a module would each have its own state.
    """
    by_name = {name: one for one in libraries if not one.archive for name in {one.name, one.soname}}
    siblings = {one.stem: one for one in libraries if not one.archive and one.machine is not None}
    unusable: set[str] = set()
    while True:
        usable = [one for one in libraries if one.path not in unusable]
        archived = {one.stem for one in usable if one.archive}
        found = _Loaded(by_name).of(
            one for one in usable if one.development and not one.archive and one.stem not in archived
        )
        providers, hints = _providers(usable), _hints(usable, configs)
        direct = {one.path: _needs(one, providers, hints) for one in usable if one.archive}
        by_path = {one.path: one for one in usable}
        for path in direct:
            whole = [by_path[other] for other in _closure(path, direct)]
            shared = _Loaded(by_name).of(one for one in whole if not one.archive)
            found |= shared & {one.stem for one in (by_path[path], *whole) if one.archive}
        fresh = {one.path for one in usable if one.archive and one.stem in found and one.stem in siblings}
        if not fresh:
            return frozenset(unusable)
        unusable |= fresh


@dataclass(slots=True)
class _Loaded:
    """Which libraries come with a shared one."""

    by_name: Mapping[str, LibraryFile]

    def of(self, libraries: Iterable[LibraryFile]) -> set[str]:
        """Return the stems of shared libraries and of all they load."""
        found: dict[str, LibraryFile] = {}
        pending = list(libraries)
        while pending:
            one = pending.pop()
            if one.path not in found:
                found[one.path] = one
                pending += [self.by_name[name] for name in one.needed if name in self.by_name]
        return {one.stem for one in found.values()}


def _providers(libraries: Iterable[LibraryFile]) -> _Providers:
    found = _Providers()
    for library in sorted(libraries, key=lambda one: (len(one.name), one.path)):
        by_symbol = found.archives if library.archive else found.shared
        for symbol in library.defined:
            by_symbol.setdefault(symbol, []).append(library)
    return found


def _hints(libraries: Iterable[LibraryFile], configs: Mapping[str, str]) -> dict[str, set[str]]:
    """Return, by stem, the stems of the libraries it says it needs, in its .pc files or its shared sibling."""
    hints: dict[str, set[str]] = {}
    for library in libraries:
        hints.setdefault(library.stem, set()).update(stem_of(name) for name in library.needed)
    packages = {name: read_package_config(text, {}) for name, text in configs.items()}
    for package in packages.values():
        named = {word[2:] for word in (*package.libs, *package.libs_private) if word.startswith("-l")}
        for other in (*package.requires, *package.requires_private):
            config = packages.get(other)
            named |= {word[2:] for word in config.libs if word.startswith("-l")} if config else set()
        for word in package.libs:
            if word.startswith("-l"):
                hints.setdefault(word[2:], set()).update(named)
    return hints


def _needs(library: LibraryFile, providers: _Providers, hints: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Return the paths of the libraries that define what an archive leaves undefined."""
    preferred = hints.get(library.stem, set())
    found: dict[str, None] = {}
    for symbol in sorted(library.undefined):
        for candidates in (providers.archives.get(symbol, ()), providers.shared.get(symbol, ())):
            others = [one for one in candidates if one.path != library.path]
            if others:
                chosen = next((one for one in others if one.stem in preferred), others[0])
                found[chosen.path] = None
                break
    return tuple(sorted(found))


def _closure(path: str, direct: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    pending = list(direct.get(path, ()))
    while pending:
        one = pending.pop(0)
        if one not in found and one != path:
            found[one] = None
            pending += direct.get(one, ())
    return tuple(found)
