"""The files of Debian packages as entries of a layer, and what their maintainer scripts would have made of them.

Nothing of a package is run. What scripts do for such a small system is known and done here: the links of a merged
``/usr``, the bundle of certificates, users and groups, the order in which names are looked up. A package is told of in
``/var/lib/dpkg/status.d``, where scanners look for packages of images without dpkg.
"""

from __future__ import annotations

import lzma
import posixpath
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from crosswheel.act.images.stream_checks import judge_file
from crosswheel.act.layers.layer_entries import BytesContent, FileContent, Folder, LayerEntry, Symlink
from crosswheel.act.storage.machine_errors import is_of_machine
from crosswheel.act.sysroot.ar_archives import ArchiveFormatError
from crosswheel.act.sysroot.debian_archives import open_control_of, open_data_of
from crosswheel.decide.images.debian_alternatives import Alternative, alternatives_of, chosen_links
from crosswheel.decide.images.layer_paths import MERGED_FOLDERS
from crosswheel.decide.planning.debian_index import replaced_packages
from crosswheel.values.errors import CrosswheelError, InputError
from crosswheel.values.platforms import Arch

__all__ = ["CERTIFICATES", "PackageFiles", "unpack_packages"]

#: The bundle that ``update-ca-certificates`` makes.
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"
_CERTIFICATE = re.compile(r"usr/share/ca-certificates/.+\.crt")
#: The package that brings the root's folders: they are as it has them, whatever package names them too.
_ROOT_FOLDERS = "base-files"
#: Nothing at run time reads these; the copyright files are kept, for the licences want that.
_LEFT_OUT = re.compile(
    r"usr/share/(?:man|info|lintian|locale|bug|doc-base)/.+|usr/share/doc/[^/]+/(?!copyright$).+"
)


@dataclass(slots=True)
class PackageFiles:
    """Entries of one layer, made of packages.

    Attributes:
        scratch: a folder for the content of files.
        arch: what their binaries must be for.
        entries: what is there so far, by path.
        certificates: those for the bundle, by path.
        faults: binaries for another machine.
        replaces: packages whose files each package may take over, by its name (Debian policy, section 7.6.1).
        disputed: files that two packages bring with different content, by the names of both.
        alternatives: generic names that packages provide, which are links in the end.
    """

    scratch: Path
    arch: Arch
    entries: dict[str, LayerEntry] = field(default_factory=dict)
    certificates: dict[str, bytes] = field(default_factory=dict)
    faults: list[CrosswheelError] = field(default_factory=list)
    replaces: dict[str, frozenset[str]] = field(default_factory=dict)
    disputed: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    alternatives: list[Alternative] = field(default_factory=list)
    _kept: int = 0

    def add(self, path: Path, name: str) -> None:
        """Add the package `name`, the ``.deb`` at `path`.

        Raises:
            InputError: it is damaged, or holds what no image may.
        """
        try:
            with (
                open_control_of(path) as stream,
                tarfile.open(fileobj=stream, mode="r|", encoding="utf-8") as archive,
            ):
                self._add_control(archive, name)
            with (
                open_data_of(path) as stream,
                tarfile.open(fileobj=stream, mode="r|", encoding="utf-8") as archive,
            ):
                for info in archive:
                    self._add_member(archive, info, path.name)
        except (ArchiveFormatError, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError) as error:
            if is_of_machine(error):
                raise
            raise _refusal(path.name, f"it is damaged ({' '.join(str(error).split())})") from None

    def _add_member(self, archive: tarfile.TarFile, info: tarfile.TarInfo, owner: str) -> None:
        path = _plain(info.name, owner)
        if not path or path in MERGED_FOLDERS or _LEFT_OUT.fullmatch(path):
            return
        path = _merged(path)
        if info.isdir():
            # The first package that brings a folder says whose it is, as with dpkg.
            self.entries.setdefault(path, _entry(path, Folder(), info, owner))
        elif info.issym():
            self._claim(_entry(path, Symlink(info.linkname), info, owner))
        elif info.islnk():
            other = self.entries[_merged(_plain(info.linkname, owner))]
            self._claim(replace(other, path=path, owner=owner))
        elif info.isfile():
            content = archive.extractfile(info)
            self._add_file(path, b"" if content is None else content.read(), info, owner)
        else:
            raise _refusal(owner, f"its member '{info.name}' is a device, a pipe or another special file")

    def _add_file(self, path: str, data: bytes, info: tarfile.TarInfo, owner: str) -> None:
        if _CERTIFICATE.fullmatch(path):
            self.certificates[path] = data
        self.faults += judge_file(path, data, self.arch, owner=owner)
        self._kept += 1
        kept = self.scratch / str(self._kept)
        kept.write_bytes(data)
        self._claim(_entry(path, FileContent(kept), info, owner))

    def _claim(self, entry: LayerEntry) -> None:
        """Add a file or a link; where another package has brought it, the one that may replace the other has it."""
        earlier = self.entries.get(entry.path)
        if earlier is not None and earlier.owner and not _is_same(earlier, entry):
            old, new = _package_of(earlier.owner), _package_of(entry.owner)
            if new in self.replaces.get(old, ()):
                return
            if old not in self.replaces.get(new, ()):
                self.disputed.setdefault((old, new), []).append(entry.path)
        self.entries[entry.path] = entry

    def _add_control(self, archive: tarfile.TarFile, name: str) -> None:
        """Keep the paragraph of a package, the digests of its files, and the alternatives that it announces."""
        for info in archive:
            member = info.name.removeprefix("./")
            if info.isfile() and member in {"control", "md5sums", "postinst"}:
                content = archive.extractfile(info)
                data = b"" if content is None else content.read()
                if member == "postinst":
                    self.alternatives += alternatives_of(data.decode("utf-8", "replace"))
                    continue
                suffix = "" if member == "control" else ".md5sums"
                self.file(f"var/lib/dpkg/status.d/{name}{suffix}", data)
                if member == "control":
                    self.replaces[name] = replaced_packages(data.decode("utf-8", "replace"))

    def file(self, path: str, data: bytes, *, mode: int = 0o644) -> None:
        """Add a file made here."""
        self.entries[path] = LayerEntry(path=path, content=BytesContent(data), mode=mode)

    def folder(self, path: str, *, mode: int = 0o755, uid: int = 0, gid: int = 0) -> None:
        """Add a folder made here, in place of one that a package brought."""
        self.entries[path] = LayerEntry(path=path, content=Folder(), mode=mode, uid=uid, gid=gid)

    def finished(self, *, links: bool) -> list[LayerEntry]:
        """Return all entries, with the folders that no package named; `links` adds those of the merged ``/usr``."""
        if self.certificates:
            parts = (data.rstrip(b"\n") + b"\n" for _, data in sorted(self.certificates.items()))
            self.file(CERTIFICATES, b"".join(parts))
        self._link_alternatives()
        if links:
            for name in ("bin", "lib", "sbin"):
                self._add_folder(f"usr/{name}")
        for path in sorted(self.entries):
            for parent in _parents(path):
                self._add_folder(parent)
        if links:
            for name in MERGED_FOLDERS:
                if f"usr/{name}" in self.entries:
                    self.entries[name] = LayerEntry(path=name, content=Symlink(f"usr/{name}"), mode=0o777)
        return list(self.entries.values())

    def _link_alternatives(self) -> None:
        """Link the generic names to what provides them, where that is there and nothing has the name."""
        for link, path in chosen_links(self.alternatives).items():
            place = _merged(posixpath.normpath(link).lstrip("/"))
            if _merged(posixpath.normpath(path).lstrip("/")) in self.entries and place not in self.entries:
                self.entries[place] = LayerEntry(path=place, content=Symlink(path), mode=0o777)

    def _add_folder(self, path: str) -> None:
        self.entries.setdefault(path, LayerEntry(path=path, content=Folder(), mode=0o755))


def unpack_packages(packages: Mapping[str, Path], scratch: Path, arch: Arch) -> PackageFiles:
    """Return the files of packages.

    Args:
        packages: the ``.deb`` files by name of the package.
        scratch: an empty folder, which must stay until the layer is written.
        arch: what their binaries must be for.

    Raises:
        InputError: a package is damaged, or holds what no image may.
    """
    files = PackageFiles(scratch, arch)
    for name in sorted(packages, key=lambda name: (name != _ROOT_FOLDERS, name)):
        files.add(packages[name], name)
    files.faults += _dispute_faults(files.disputed)
    return files


def _dispute_faults(disputed: Mapping[tuple[str, str], list[str]]) -> Iterator[InputError]:
    for (old, new), paths in disputed.items():
        more = f", as {len(paths) - 1} more" if len(paths) > 1 else ""
        yield InputError(
            "put into an image",
            paths[0],
            why=f"{old} and {new} bring it with different content{more}",
            fix="lock the base again without one of these packages",
        )


def _is_same(one: LayerEntry, other: LayerEntry) -> bool:
    first, second = one.content, other.content
    if isinstance(first, FileContent) and isinstance(second, FileContent):
        return first.path.read_bytes() == second.path.read_bytes()
    return first == second


def _package_of(owner: str) -> str:
    """Return the package's name of a ``.deb``, whose file name begins with it."""
    return owner.partition("_")[0]


def _entry(
    path: str, content: FileContent | Folder | Symlink, info: tarfile.TarInfo, owner: str
) -> LayerEntry:
    mode = 0o777 if isinstance(content, Symlink) else info.mode & 0o7777
    return LayerEntry(path=path, content=content, mode=mode, uid=info.uid, gid=info.gid, owner=owner)


def _plain(name: str, owner: str) -> str:
    if ".." in name.split("/") or "\0" in name:
        raise _refusal(owner, f"its member '{name}' leads out of the image")
    return posixpath.normpath("/" + name).lstrip("/")


def _merged(path: str) -> str:
    return f"usr/{path}" if path.partition("/")[0] in MERGED_FOLDERS else path


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _refusal(name: str, why: str) -> InputError:
    return InputError("unpack Debian package", name, why=why, fix="lock the base again with a sound file")
