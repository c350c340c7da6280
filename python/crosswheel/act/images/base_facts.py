"""What a base brings that an application depends on: its C library and its Pythons, read from its layers.

Every binary in the layers is judged on the way, and every layer compared with its digests.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from crosswheel.act.images.base_images import BaseImage
from crosswheel.act.images.image_findings import ImageFinding
from crosswheel.act.images.kept_files import KeptFiles
from crosswheel.act.images.layer_checks import LayerCheck
from crosswheel.act.images.layer_pass import pass_over_layer
from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.images.stacked_layers import stacked_findings
from crosswheel.act.images.tar_stream import EntryKind, TarEntry, TarStream
from crosswheel.decide.accounts import ACCOUNT_FILES
from crosswheel.decide.layer_paths import plain_path
from crosswheel.decide.oci_documents import LAYER_COMPRESSIONS
from crosswheel.decide.package_databases import InstalledPackage, installed_packages, is_package_file
from crosswheel.target.oci_platforms import arch_of_oci
from crosswheel.values.platforms import Glibc

__all__ = ["BaseFacts", "SystemFiles", "interpreter_in", "read_base"]

#: Where program loaders look, whatever links lead there.
_LIBRARY_FOLDERS = ("lib", "lib64", "usr/lib", "usr/lib64")
_MULTIARCH = re.compile(r"\w+-linux-\w+")
_GLIBC = re.compile(r"libc(?:-2\.\d+)?\.so(?:\.6)?")
_MUSL = re.compile(r"ld-musl-\w+\.so\.1")
_PYTHON = re.compile(r"(?:[^/]+/)*bin/python\d\.\d+t?")
#: What glibc's shared object prints when it is run.
_BANNER = re.compile(rb"GNU C Library [^\n]*? version (?P<major>\d+)\.(?P<minor>\d+)")
_LONGEST_BANNER = 200
_PIECE = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseFacts:
    """What was read.

    Attributes:
        glibc: version of its glibc, the oldest if there are several; ``None`` without one.
        musl: whether it has musl's program loader.
        pythons: paths that lead to its Pythons, ``/usr/bin/python3.11``, sorted.
        findings: what is wrong with it.
        paths: all its paths.
        kept: contents of its files that name accounts.
        packages: what its package managers say is installed; empty where they left no database.
    """

    glibc: Glibc | None
    musl: bool
    pythons: tuple[str, ...]
    findings: tuple[ImageFinding, ...] = ()
    paths: LayeredPaths = field(default_factory=LayeredPaths)
    kept: Mapping[str, bytes | None] = field(default_factory=dict)
    packages: tuple[InstalledPackage, ...] = ()


@dataclass(slots=True)
class SystemFiles:
    """The files that matter, as layer after layer adds and removes them."""

    paths: LayeredPaths = field(default_factory=LayeredPaths)
    #: Is shown each entry before anybody reads its content.
    kept: KeptFiles = field(default_factory=lambda: KeptFiles(_is_kept))
    _glibcs: dict[str, Glibc] = field(default_factory=dict)

    def show(self, entry: TarEntry, tar: TarStream) -> None:
        """Take note of an entry's content; its path is one of `paths`, layer by layer."""
        path = plain_path(entry.path)
        self._glibcs.pop(path, None)
        version: Glibc | None = None
        if entry.kind is EntryKind.HARD_LINK:
            version = self._glibcs.get(plain_path(entry.link))
        elif entry.kind is EntryKind.FILE and _GLIBC.fullmatch(posixpath.basename(path)):
            version = _glibc_version(tar)
        if version is not None:
            self._glibcs[path] = version

    def facts(self, findings: Sequence[ImageFinding] = ()) -> BaseFacts:
        """Return what is there in the end."""
        folders = {real for name in _LIBRARY_FOLDERS if (real := self.paths.real(name)) is not None}
        there = [path for path in self._glibcs if self.paths.is_file(path) and _is_below(path, folders)]
        contents = self.kept.contents
        databases = {
            path: data
            for path, data in contents.items()
            if data is not None and is_package_file(path) and self.paths.has_file(path)
        }
        return BaseFacts(
            glibc=min((self._glibcs[path] for path in there), default=None),
            # musl's own installation makes the loader a link to libc.so.
            musl=any(
                _is_musl(path) and _is_below(path, folders) and self.paths.is_file(path)
                for path in self.paths.names()
            ),
            pythons=tuple(sorted(f"/{path}" for path in self._pythons())),
            findings=tuple(findings),
            paths=self.paths,
            kept={path: data for path, data in contents.items() if path in ACCOUNT_FILES},
            packages=installed_packages(databases),
        )

    def _pythons(self) -> set[str]:
        named = {path for path in self.paths.names() if _PYTHON.fullmatch(path) and self.paths.is_file(path)}
        return named | {*self.paths.other_names(named)}


def _is_kept(path: str) -> bool:
    return path in ACCOUNT_FILES or is_package_file(path)


def _is_musl(path: str) -> bool:
    return _MUSL.fullmatch(posixpath.basename(path)) is not None


def _is_below(path: str, folders: Collection[str]) -> bool:
    """Tell whether a library is in one of `folders`, or in the folder of an architecture there."""
    folder = posixpath.dirname(path)
    is_multiarch = _MULTIARCH.fullmatch(posixpath.basename(folder)) is not None
    return folder in folders or (is_multiarch and posixpath.dirname(folder) in folders)


def _glibc_version(tar: TarStream) -> Glibc | None:
    """Return the version that a glibc names; the file's first bytes have been read."""
    window = b""
    while data := tar.read(_PIECE):
        window = window[-_LONGEST_BANNER:] + data
        match = _BANNER.search(window)
        if match is not None:
            return Glibc(major=int(match["major"]), minor=int(match["minor"]))
    return None


def read_base(base: BaseImage) -> BaseFacts:
    """Read all layers of a base once.

    Raises:
        InputError: a layer is compressed in a way this Python cannot read.
        OSError: a blob cannot be read.
    """
    findings: list[ImageFinding] = []
    system = SystemFiles()
    arch = arch_of_oci(base.config.platform)
    for number, layer in enumerate(base.layers, 1):
        place = f"base layer {number} of {len(base.layers)} ({layer.digest.oci[:19]})"

        def found(code: str, file: str, message: str, place: str = place) -> None:
            findings.append(ImageFinding(code=code, place=place, message=message, file=file))

        check = LayerCheck(arch, found)

        def show(entry: TarEntry, tar: TarStream, check: LayerCheck = check) -> None:
            system.kept.show(entry, tar)
            check.show(entry, tar)
            system.show(entry, tar)

        try:
            blob = base.blobs.open(layer.digest)
        except FileNotFoundError:
            found("blob-missing", "", "there is no such blob")
            continue
        with blob:
            digests = pass_over_layer(blob, LAYER_COMPRESSIONS[layer.media_type], show)
        check.end(digests)
        findings.extend(stacked_findings(check.entries, system.paths, place))
        system.paths.add_layer(check.entries)
        if digests.damage:
            found("layer-damaged", "", f"it cannot be read to its end: {digests.damage}")
        if digests.digest != layer.digest or digests.size != layer.size:
            found(
                "blob-mismatch", "", f"the blob has the digest {digests.digest.oci} and {digests.size} bytes"
            )
        elif not digests.damage and digests.diff_id != layer.diff_id:
            found(
                "diff-id-mismatch", "", f"inflated it has another digest than its diff_id {layer.diff_id.oci}"
            )
    return system.facts(findings)


def interpreter_in(facts: BaseFacts, name: str, path_variable: str) -> str | None:
    """Return the program `name` that a search of ``PATH`` finds in a base."""
    for folder in path_variable.split(":"):
        path = posixpath.join(folder, name)
        if path in facts.pythons:
            return path
    return None
