"""Which files a wheel becomes when it is installed, each with the hash that RECORD promises.

Follows https://packaging.python.org/en/latest/specifications/binary-distribution-format/. Writes nothing;
`crosswheel.act.wheels.tree` does, and compares the hashes while it does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from crosswheel.act.wheels.schemes import Scheme
from crosswheel.act.wheels.wheel_archive import Member, WheelArchive, is_safe_path
from crosswheel.act.wheels.wheel_record import RecordEntry, format_record, parse_record
from crosswheel.act.wheels.wheel_scripts import entry_point_script, parse_entry_points, with_interpreter
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import CheckError, raise_faults

__all__ = ["InstalledFile", "WheelFiles", "find_dist_info", "wheel_files"]

#: Bytes of a name, and of a path below the folder it is installed in, that file systems take everywhere (macOS: 1024 in all).
_LONGEST_NAME, _LONGEST_PATH = 255, 900
_SIGNATURES = ("RECORD.jws", "RECORD.p7s")
#: Files that only an installer writes (PEP 376, PEP 610), and signatures of the RECORD that is rewritten.
_INSTALLERS_OWN = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", *_SIGNATURES})


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """One file of the tree.

    Attributes:
        path: below the root.
        entry: its line in the installed RECORD.
        member: the archive's member it is; ``None`` when `data` holds the content.
        data: content made here.
        is_executable: mode 0755 instead of 0644.
    """

    path: str
    entry: RecordEntry
    member: Member | None
    data: bytes
    is_executable: bool

    @property
    def mode(self) -> int:
        """Permission bits."""
        return 0o755 if self.is_executable else 0o644

    @property
    def size(self) -> int:
        """Bytes of the content."""
        return len(self.data) if self.member is None else self.member.size


@dataclass(frozen=True, kw_only=True, slots=True)
class WheelFiles:
    """What one wheel becomes.

    Attributes:
        wheel: file name of the wheel.
        record: digest of the wheel's own RECORD: stands for all its content.
        files: every file, RECORD last.
        notes: what the user should know.
    """

    wheel: str
    record: Digest
    files: tuple[InstalledFile, ...]
    notes: tuple[str, ...] = ()


def find_dist_info(archive: WheelArchive) -> str:
    """Return the name of the one ``.dist-info`` folder.

    Raises:
        CheckError: there is none, or more than one.
    """
    folders = {name.partition("/")[0] for name in archive.members if ".dist-info/" in name}
    found = sorted(folder for folder in folders if folder.endswith(".dist-info"))
    if len(found) != 1:
        raise archive.fault(f"it has {len(found)} .dist-info folders, not one ({', '.join(found) or 'none'})")
    return found[0]


def wheel_files(archive: WheelArchive, scheme: Scheme, *, interpreter: str) -> WheelFiles:
    """Decide what `archive` becomes under `scheme`.

    Args:
        archive: the wheel.
        scheme: where its parts go.
        interpreter: what the first line of programs shall name, see `first_line`.

    Raises:
        CheckError: the wheel is not what its RECORD says, or has unsafe paths; all faults are collected.
    """
    return _Reading(archive, scheme, interpreter).files()


def _normalized(text: str) -> str:
    """Return a name and version as far as tools agree how to spell them in a wheel."""
    return re.sub(r"[-_.]+", "-", text).lower()


@dataclass(slots=True)
class _Reading:
    archive: WheelArchive
    scheme: Scheme
    interpreter: str
    dist_info: str = ""
    site: str = ""
    found: list[InstalledFile] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def files(self) -> WheelFiles:
        self.dist_info = find_dist_info(self.archive)
        self.site = f"{self.scheme.site}/" if self.scheme.site else ""
        record_data = self._required("RECORD")
        self._check_wheel_version(self._required("WHEEL"))
        entries, self.faults = parse_record(record_data)
        self._compare_names(entries)
        if not self.faults:
            for member in self.archive.members.values():
                self._place(member, entries.get(member.name))
            self._add_programs()
            self._add_own_files()
        raise_faults([self._refusal(fault) for fault in self.faults])
        return WheelFiles(
            wheel=self.archive.path.name,
            record=digest_of(record_data),
            files=tuple(self.found),
            notes=tuple(self.notes),
        )

    def _refusal(self, why: str) -> CheckError:
        return CheckError(
            "install wheel",
            self.archive.path.name,
            why=why,
            fix="get the file again, or have its author repair it",
        )

    def _required(self, name: str) -> bytes:
        member = self.archive.members.get(f"{self.dist_info}/{name}")
        if member is None:
            raise self._refusal(f"it has no {self.dist_info}/{name}")
        return self.archive.read_checked(member)

    def _check_wheel_version(self, data: bytes) -> None:
        fields = [line.partition(":") for line in data.decode("utf-8", "replace").splitlines()]
        versions = [value.strip() for key, _, value in fields if key.strip().lower() == "wheel-version"]
        if not versions:
            raise self._refusal(f"its {self.dist_info}/WHEEL says no Wheel-Version")
        for version in versions:
            if version.partition(".")[0] != "1":
                raise self._refusal(f"its Wheel-Version is {version}, and only 1.x is known")

    def _compare_names(self, recorded: Collection[str]) -> None:
        unhashed = {f"{self.dist_info}/{name}" for name in ("RECORD", *_SIGNATURES)}
        present = self.archive.members
        unsafe = sorted(name for name in present if not is_safe_path(name))
        self.faults += [f"the path {name!r} is not safe" for name in unsafe]
        self.faults += [
            f"the path {name[:60]!r}... is longer than file systems take"
            for name in present
            if _is_too_long(name)
        ]
        missing = sorted(
            name
            for name in recorded
            if name not in present and name not in unhashed and not name.endswith("/")
        )
        extra = sorted(name for name in present if name not in recorded and name not in unhashed)
        self.faults += [f"RECORD lists {name}, which the archive does not hold" for name in missing]
        self.faults += [f"the archive holds {name}, which RECORD does not list" for name in extra]

    def _place(self, member: Member, entry: RecordEntry | None) -> None:
        folder, _, rest = member.name.partition("/")
        if folder == self.dist_info and rest in _INSTALLERS_OWN:
            return
        if entry is None or not entry.algorithm:
            self.faults.append(f"RECORD gives no hash of {member.name}")
            return
        if entry.size is not None and entry.size != member.size:
            self.faults.append(f"{member.name} has {member.size} bytes, RECORD says {entry.size}")
            return
        if rest and folder.endswith(".data"):
            self._place_data(member, entry, folder, rest)
        else:
            # With the text of the name that the member has: a layer may have tens of thousands.
            entry = RecordEntry(member.name, entry.algorithm, entry.digest, entry.size)
            path = self.site + member.name
            self.found.append(InstalledFile(path, entry, member, b"", member.is_executable))

    def _place_data(self, member: Member, entry: RecordEntry, folder: str, rest: str) -> None:
        kind, _, inner = rest.partition("/")
        name = self.dist_info.removesuffix(".dist-info")
        roots = {
            "purelib": self.scheme.site,
            "platlib": self.scheme.site,
            "scripts": self.scheme.scripts,
            "headers": f"{self.scheme.headers}/{name.partition('-')[0]}",
            "data": self.scheme.data,
        }
        own = _normalized(folder.removesuffix(".data")) == _normalized(name)
        if kind not in roots or not inner or not own:
            self.faults.append(f"{member.name} belongs to no installation scheme of {name}")
            return
        path = f"{roots[kind]}/{inner}".lstrip("/")
        if kind == "scripts" and member.size and self._has_python_line(member):
            self._check_content(member, entry)
            script = with_interpreter(bytes(self.archive.read(member)), self.interpreter)
            self._add(path, script, is_executable=True)
            return
        entry = RecordEntry(self._recorded(path), entry.algorithm, entry.digest, member.size)
        self.found.append(InstalledFile(path, entry, member, b"", kind == "scripts" or member.is_executable))

    def _has_python_line(self, member: Member) -> bool:
        return self.archive.beginning(member, 8) == b"#!python"

    def _check_content(self, member: Member, entry: RecordEntry) -> None:
        data = self.archive.read(member)
        if hashlib.new(entry.algorithm, data).digest() != entry.digest:
            self.faults.append(f"the content of {member.name} does not match the hash in RECORD")

    def _add_programs(self) -> None:
        member = self.archive.members.get(f"{self.dist_info}/entry_points.txt")
        if member is None:
            return
        points, faults = parse_entry_points(bytes(self.archive.read(member)))
        self.faults += faults
        for point in points:
            name = point.name
            if self.scheme.windows:
                # Without a launcher a program is its script, which the ``py`` launcher's file type starts.
                name += "-script.pyw" if point.gui else "-script.py"
                self.notes.append(
                    f"{self.archive.path.name}: program {point.name} is {self.scheme.scripts}/{name}, without an .exe launcher"
                )
            self._add(
                f"{self.scheme.scripts}/{name}",
                entry_point_script(point, self.interpreter),
                is_executable=True,
            )

    def _add_own_files(self) -> None:
        folder = f"{self.site}{self.dist_info}"
        self._add(f"{folder}/INSTALLER", b"crosswheel\n", is_executable=False)
        own = RecordEntry(f"{self.dist_info}/RECORD", "", b"", None)
        text = format_record([own, *(file.entry for file in self.found)])
        self.found.append(InstalledFile(f"{folder}/RECORD", own, None, text, False))

    def _add(self, path: str, data: bytes, *, is_executable: bool) -> None:
        entry = RecordEntry(self._recorded(path), "sha256", hashlib.sha256(data).digest(), len(data))
        self.found.append(InstalledFile(path, entry, None, data, is_executable))

    def _recorded(self, path: str) -> str:
        """Return `path` as the installed RECORD spells it: relative to the folder of modules."""
        if path.startswith(self.site):
            return path.removeprefix(self.site)
        site, parts = self.site.rstrip("/").split("/"), path.split("/")
        shared = 0
        while shared < min(len(site), len(parts)) and site[shared] == parts[shared]:
            shared += 1
        return "/".join([".."] * (len(site) - shared) + parts[shared:])


def _is_too_long(path: str) -> bool:
    names = path.encode("utf-8", "surrogateescape").split(b"/")
    return sum(map(len, names)) + len(names) > _LONGEST_PATH or any(
        len(name) > _LONGEST_NAME for name in names
    )
