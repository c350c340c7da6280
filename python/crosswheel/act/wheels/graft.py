"""Puts the shared libraries a wheel needs into the wheel: those its platform does not promise and the sysroot has.

The libraries come into ``<distribution>.libs`` under names that hold a digest of what they are, so that two wheels
never share one by accident; who needs them is told the new names and where they lie. The C library never is one of
them. Whether the result fits the target is for the check to say, which reads the grafted libraries like all others.
docs/guides/grafting.md tells it to users.

Functions that a library of the sysroot takes from a newer glibc than the target's come into the wheel as one more
library, where the build made one that has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from posixpath import dirname, relpath

from crosswheel.act.check.binary_kinds import BinaryKind, kind_of
from crosswheel.act.check.byte_reader import DamagedBinaryError
from crosswheel.act.check.elf import Elf, parse_elf
from crosswheel.act.check.elf_checks import BinaryFile, Bundle, machine_findings
from crosswheel.act.check.findings import Severity
from crosswheel.act.check.installed_places import installed_path
from crosswheel.act.check.policies import is_allowed_library, libc_sonames
from crosswheel.act.check.wheel_file import DamagedMemberError, WheelArchive, parse_wheel_name
from crosswheel.act.sysroot.older_symbols import with_free_functions
from crosswheel.act.wheels.elf_edit import ElfEdit, ElfEditError, edit_elf
from crosswheel.act.wheels.finish_wheel import ZipMember, canonical_record, write_canonical_zip
from crosswheel.act.wheels.sysroot_libraries import FoundLibrary, SysrootLibraries
from crosswheel.target.targets import Target
from crosswheel.values.errors import BuildError
from crosswheel.values.platforms import Glibc, Linux

__all__ = ["GraftedLibrary", "GraftedWheel", "graft_wheel"]

_ELSEWHERE = re.compile(r"[^/]+\.data/(?!platlib/|purelib/)")
#: Bytes of a digest in a library's name; two libraries of one name in one process are all that must differ.
_SHOWN = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class GraftedLibrary:
    """A library that was put into a wheel.

    Attributes:
        name: the name it was needed by.
        path: the wheel's member.
        source: the file it was copied from, relative to the sysroot; empty for one that the build compiled.
    """

    name: str
    path: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GraftedWheel:
    """A wheel with its libraries.

    Attributes:
        path: the wheel; the one that was given where nothing had to change.
        libraries: what was put into it, by path.
    """

    path: Path
    libraries: tuple[GraftedLibrary, ...] = ()


def graft_wheel(
    wheel: Path,
    target: Target,
    sysroot: Path,
    destination: Path,
    *,
    newer_functions: Path | None = None,
    machine_paths: Iterable[str] = (),
) -> GraftedWheel:
    """Put the libraries of `sysroot` that `wheel` needs into it, with all that they need themselves.

    A library that the wheel brings already, under its file name or SONAME, stays as it is, and so do run paths
    relative to ``$ORIGIN``. A library that is in neither place stays needed, for the check to refuse.

    Args:
        wheel: a wheel just built for `target`.
        target: where it is to run.
        sysroot: folder with the target's libraries, e.g. unpacked Debian packages.
        destination: folder for the new wheel, of the same name; must exist.
        newer_functions: a shared library for the target whose functions stand in for those that its glibc does not have;
            it comes into the wheel where a library of the sysroot calls one of them.
        machine_paths: folders that the target does not have; run paths below them are dropped from all files.

    Returns:
        The wheel, and what was put into it.

    Raises:
        BuildError: a file that must change cannot be.
    """
    if not isinstance(target.platform.os, Linux):
        return GraftedWheel(path=wheel)
    name = parse_wheel_name(wheel.name)
    try:
        with WheelArchive(wheel) as archive:
            folders = archive.dist_info_folders()
            faults = archive.faults(case_sensitive=True, built=True)
            if name is None or len(folders) != 1 or any(f.severity is Severity.ERROR for f in faults):
                return GraftedWheel(path=wheel)
            files = {m.name: (archive.read(m.name), m.executable) for m in archive.members}
    except DamagedMemberError:
        return GraftedWheel(path=wheel)
    libraries = _Libraries(SysrootLibraries(sysroot, target), _newer_functions(newer_functions), target)
    graft = _Graft(target, libraries, f"{name.project}.libs", tuple(machine_paths))
    changed = graft.changed({path: data for path, (data, _) in files.items()})
    if not changed:
        return GraftedWheel(path=wheel)
    files |= {path: (data, files.get(path, (b"", False))[1]) for path, data in changed.items()}
    record = f"{folders[0]}/RECORD"
    content = {path: data for path, (data, _) in files.items()}
    files[record] = (canonical_record(content, record), False)
    result = destination / wheel.name
    with result.open("wb") as stream:
        write_canonical_zip(stream, [ZipMember(path, *files[path]) for path in sorted(files)])
    return GraftedWheel(path=result, libraries=graft.grafted)


def _newer_functions(path: Path | None) -> FoundLibrary | None:
    if path is None:
        return None
    data = path.read_bytes()
    return FoundLibrary(name=path.name, source="", data=data, elf=parse_elf(data))


@dataclass(frozen=True, slots=True)
class _Libraries:
    """The libraries that may come into a wheel: those of the sysroot, and the one with functions of a newer glibc."""

    sysroot: SysrootLibraries
    newer: FoundLibrary | None
    target: Target

    def find(self, name: str) -> FoundLibrary | None:
        """Return a library as it can be loaded on the target, ``None`` without one."""
        if self.newer is not None and name == self.newer.name:
            return self.newer
        found, system = self.sysroot.find(name), self.target.platform.os
        if found is None or self.newer is None or not isinstance(system, Linux):
            return found
        if not isinstance(system.libc, Glibc):
            return found
        arch, offered = self.target.platform.arch, self.newer.elf.defined
        data, freed = with_free_functions(found.data, arch, system.libc, frozenset(offered))
        if not freed:
            return found
        data = _edited(found.source, data, ElfEdit(added=(self.newer.name,)))
        return replace(found, data=data, elf=parse_elf(data))


@dataclass(slots=True)
class _Graft:
    """One wheel's libraries: what is needed, found, and renamed."""

    target: Target
    libraries: _Libraries
    folder: str
    machine_paths: tuple[str, ...]
    found: dict[str, FoundLibrary]
    new_names: dict[str, str]

    def __init__(
        self, target: Target, libraries: _Libraries, folder: str, machine_paths: tuple[str, ...]
    ) -> None:
        self.target, self.libraries, self.folder = target, libraries, folder
        self.machine_paths = machine_paths
        self.found, self.new_names = {}, {}

    @property
    def grafted(self) -> tuple[GraftedLibrary, ...]:
        """What was put into the wheel, by path."""
        rows = ((self._path(name), name, library.source) for name, library in self.found.items())
        return tuple(GraftedLibrary(name=n, path=p, source=s) for p, n, s in sorted(rows))

    def changed(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return the members that are new or differ."""
        binaries = [(path, elf) for path, data in files.items() if (elf := self._elf(data)) is not None]
        bundle = Bundle.of(self.target, tuple(BinaryFile(p, e) for p, e in binaries), built=True)
        wanted: dict[str, tuple[str, ...]] = {}
        for path, elf in binaries:
            if not _ELSEWHERE.match(path):
                wanted[path] = tuple(n for n in elf.needed if n not in bundle.by_name and self._take(n))
        self._name_all()
        changed = {}
        for path, elf in binaries:
            edit = self._edit(path, elf, wanted.get(path, ()))
            data = _edited(path, files[path], edit)
            if data is not files[path]:
                changed[path] = data
        for name, library in self.found.items():
            needed = {n: self.new_names[n] for n in library.elf.needed if n in self.found}
            run_path = ("$ORIGIN",) if needed else ()
            edit = ElfEdit(needed=needed, soname=self.new_names[name], run_path=run_path)
            changed[self._path(name)] = _edited(library.source, library.data, edit)
        return changed

    def _elf(self, data: bytes) -> Elf | None:
        if kind_of(data) is not BinaryKind.ELF:
            return None
        try:
            elf = parse_elf(data)
        except DamagedBinaryError:
            return None
        if not elf.dynamic or machine_findings(BinaryFile("", elf), self.target, built=True):
            return None
        return elf

    def _take(self, name: str) -> bool:
        """Tell whether `name` is to be in the wheel; if so, find it and all that it needs."""
        todo = [name]
        while todo:
            one = todo.pop()
            if one in self.found or not self._may_be_grafted(one):
                continue
            library = self.libraries.find(one)
            if library is not None:
                self.found[one] = library
                todo += library.elf.needed
        return name in self.found

    def _may_be_grafted(self, name: str) -> bool:
        """Tell whether the target has to be given `name`, and may be: never a C library, never Python."""
        if is_allowed_library(name, self.target.platform) or name.startswith("libpython"):
            return False
        return libc_sonames((name,)) is None

    def _name_all(self) -> None:
        for name, library in self.found.items():
            digest = sha256()
            # What a library calls decides what it does, so its name tells of that as well.
            for other in sorted(self._closure(name)):
                digest.update(sha256(self.found[other].data).digest())
            digest.update(sha256(library.data).digest())
            stem, dot, rest = name.partition(".so")
            self.new_names[name] = f"{stem}-{digest.hexdigest()[:_SHOWN]}{dot}{rest}"

    def _closure(self, name: str) -> set[str]:
        seen: set[str] = set()
        todo = [name]
        while todo:
            one = todo.pop()
            if one in self.found and one not in seen:
                seen.add(one)
                todo += self.found[one].elf.needed
        return seen

    def _path(self, name: str) -> str:
        return f"{self.folder}/{self.new_names[name]}"

    def _edit(self, path: str, elf: Elf, wanted: tuple[str, ...]) -> ElfEdit:
        kept = [entry for entry in elf.run_paths if not self._is_of_the_machine(entry)]
        if wanted:
            # Where a linker looked for what is in the wheel now says nothing about the target.
            kept = [entry for entry in kept if entry.startswith(("$ORIGIN", "${ORIGIN}"))]
            kept.append(f"$ORIGIN/{relpath(self.folder, dirname(installed_path(path)) or '.')}")
        run_path = None if tuple(kept) == elf.run_paths else tuple(dict.fromkeys(kept))
        return ElfEdit(needed={name: self.new_names[name] for name in wanted}, run_path=run_path)

    def _is_of_the_machine(self, entry: str) -> bool:
        return any(entry == folder or entry.startswith(f"{folder}/") for folder in self.machine_paths)


def _edited(path: str, data: bytes, edit: ElfEdit) -> bytes:
    try:
        return edit_elf(data, edit)
    except ElfEditError as error:
        raise BuildError(
            "graft libraries into",
            path,
            why=f"its dynamic section cannot be changed: {error}",
            fix="link the libraries statically, or report the file",
        ) from error
