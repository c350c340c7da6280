"""What a base brings that an application depends on: its C library and its Pythons, read from its layers.

Every binary in the layers is judged on the way, and every layer compared with its digests.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crosswheel.act.images.base_images import BaseImage
from crosswheel.act.images.glibc_files import GlibcFiles
from crosswheel.act.images.image_findings import ImageFinding
from crosswheel.act.images.kept_files import KeptFiles
from crosswheel.act.images.layer_checks import LayerCheck
from crosswheel.act.images.layer_pass import pass_over_layer
from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.images.program_heads import ProgramHeads
from crosswheel.act.images.programs import Programs
from crosswheel.act.images.stacked_layers import stacked_findings
from crosswheel.act.images.tar_stream import TarEntry, TarStream
from crosswheel.decide.images.accounts import ACCOUNT_FILES
from crosswheel.decide.images.oci_documents import LAYER_COMPRESSIONS
from crosswheel.decide.images.package_databases import InstalledPackage, installed_packages, is_package_file
from crosswheel.target.architectures import ARCH_NAMES
from crosswheel.target.oci_platforms import arch_of_oci
from crosswheel.values.platforms import Arch, Glibc

__all__ = ["LIBRARY_FOLDERS", "BaseFacts", "SystemFiles", "interpreter_in", "musl_loader", "read_base"]

#: Where program loaders look, whatever links lead there.
LIBRARY_FOLDERS = ("lib", "lib64", "usr/lib", "usr/lib64")
_MULTIARCH = re.compile(r"\w+-linux-\w+")
_PYTHON = re.compile(r"(?:[^/]+/)*bin/python\d\.\d+t?")


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseFacts:
    """What was read.

    Attributes:
        glibc: version of its glibc where program loaders look, the oldest if there are several; ``None`` without one there.
        glibcs: the versions of all, by paths without a slash at the beginning, links not followed.
        musl: whether it has musl's program loader, where programs ask for it.
        pythons: paths that lead to its Pythons, ``/usr/bin/python3.11``, sorted; files that cannot be started are none.
        findings: what is wrong with it.
        paths: all its paths.
        kept: contents of its files that name accounts.
        packages: what its package managers say is installed; empty where they left no database.
        programs: its programs and libraries.
    """

    glibc: Glibc | None
    musl: bool
    pythons: tuple[str, ...]
    glibcs: Mapping[str, Glibc] = field(default_factory=dict)
    findings: tuple[ImageFinding, ...] = ()
    paths: LayeredPaths = field(default_factory=LayeredPaths)
    kept: Mapping[str, bytes | None] = field(default_factory=dict)
    packages: tuple[InstalledPackage, ...] = ()
    programs: Programs = field(default_factory=Programs)

    def with_programs(self, programs: Programs) -> BaseFacts:
        """Return the facts with the programs and libraries of more layers, which may bring a C library, replace or remove it."""
        glibcs = _glibcs_there(programs)
        return replace(
            self, programs=programs, paths=programs.paths, glibc=_system_glibc(programs), glibcs=glibcs
        )

    def glibc_of(self, python: str | None) -> Glibc | None:
        """Return the version of the glibc that a Python uses; ``None`` where there is none.

        It is beside the program loader that the Python asks for, where links lead: in the folder of its architecture, or
        elsewhere (Nix, a glibc beside musl); else where a system has it. Of a script nothing is known but what runs it, so
        that the system's comes first.

        Args:
            python: path of the Python; ``None`` where there is none, which any glibc may serve.
        """
        if python is None:
            return self.glibc or min(self.glibcs.values(), default=None)
        folder = self.programs.loader_folder(python)
        library = None if folder is None else self.paths.real(f"{folder}/libc.so.6")
        beside = None if library is None else self.glibcs.get(library)
        program = self.programs.at(python)
        is_script = program is not None and not program.is_elf
        return (self.glibc or beside) if is_script else (beside or self.glibc)


@dataclass(slots=True)
class SystemFiles:
    """The files that matter, as layer after layer adds and removes them.

    Attributes:
        arch: what the image runs on; ``None`` where that is not known.
        paths: those of the layers.
        kept: contents of some files.
    """

    arch: Arch | None
    paths: LayeredPaths = field(default_factory=LayeredPaths)
    kept: KeptFiles = field(default_factory=lambda: KeptFiles(_is_kept))
    _programs: ProgramHeads = field(default_factory=ProgramHeads)
    _glibcs: GlibcFiles = field(default_factory=GlibcFiles)

    def show_head(self, entry: TarEntry, tar: TarStream) -> None:
        """Take note of an entry whose content nobody has read yet."""
        self.kept.show(entry, tar)
        self._programs.show(entry, tar)

    def show(self, entry: TarEntry, tar: TarStream) -> None:
        """Take note of an entry's content; its path is one of `paths`, layer by layer."""
        self._glibcs.show(entry, tar)

    def facts(self, findings: Sequence[ImageFinding] = ()) -> BaseFacts:
        """Return what is there in the end."""
        contents = self.kept.contents
        programs = Programs(paths=self.paths, known=self._programs.found.get, glibcs=self._glibcs.found)
        databases = {
            path: data
            for path, data in contents.items()
            if data is not None and is_package_file(path) and self.paths.has_file(path)
        }
        return BaseFacts(
            glibc=_system_glibc(programs),
            glibcs=_glibcs_there(programs),
            musl=self._has_musl(programs),
            pythons=tuple(sorted(f"/{path}" for path in self._pythons(programs))),
            findings=tuple(findings),
            paths=self.paths,
            kept={path: data for path, data in contents.items() if path in ACCOUNT_FILES},
            packages=installed_packages(databases),
            programs=programs,
        )

    def _pythons(self, programs: Programs) -> set[str]:
        named = {path for path in self.paths.names() if _PYTHON.fullmatch(path)}
        heads = {path: programs.at(path) for path in named}
        started = {path for path, head in heads.items() if head is not None and head.is_executable}
        return started | {*self.paths.other_names(started)}

    def _has_musl(self, programs: Programs) -> bool:
        # musl's own installation makes the loader a link to libc.so.
        loader = None if self.arch is None else programs.at(musl_loader(self.arch))
        return loader is not None and loader.is_elf


def _is_kept(path: str) -> bool:
    return path in ACCOUNT_FILES or is_package_file(path)


def musl_loader(arch: Arch) -> str:
    """Return the path that programs have musl's loader at (its configure script, ``syslibdir``).

    >>> musl_loader(Arch.ARMV7L), musl_loader(Arch.PPC64LE)
    ('lib/ld-musl-armhf.so.1', 'lib/ld-musl-powerpc64le.so.1')
    """
    names = ARCH_NAMES[arch]
    return f"lib/ld-musl-{names.debian}{names.eabi.removeprefix('eabi')}.so.1"


def _glibcs_there(programs: Programs) -> dict[str, Glibc]:
    return {path: one for path, one in programs.glibcs.items() if programs.paths.is_file(path)}


def _system_glibc(programs: Programs) -> Glibc | None:
    """Return the version of the glibc where program loaders look, the oldest if there are several."""
    there = _glibcs_there(programs).items()
    found = (one for path, one in there if _is_library_folder(posixpath.dirname(path), programs.paths))
    return min(found, default=None)


def _is_library_folder(folder: str, paths: LayeredPaths) -> bool:
    """Tell whether program loaders look in a folder, which is no link: those of a system, and those of architectures in them."""
    folders = {real for name in LIBRARY_FOLDERS if (real := paths.real(name)) is not None}
    is_multiarch = _MULTIARCH.fullmatch(posixpath.basename(folder)) is not None
    return folder in folders or (is_multiarch and posixpath.dirname(folder) in folders)


def read_base(base: BaseImage) -> BaseFacts:
    """Read all layers of a base once.

    Raises:
        InputError: a layer is compressed in a way this Python cannot read.
        OSError: a blob cannot be read.
    """
    findings: list[ImageFinding] = []
    arch = arch_of_oci(base.config.platform)
    system = SystemFiles(arch)
    for number, layer in enumerate(base.layers, 1):
        place = f"base layer {number} of {len(base.layers)} ({layer.digest.oci[:19]})"

        def found(code: str, file: str, message: str, place: str = place) -> None:
            findings.append(ImageFinding(code=code, place=place, message=message, file=file))

        check = LayerCheck(arch, found)

        def show(entry: TarEntry, tar: TarStream, check: LayerCheck = check) -> None:
            system.show_head(entry, tar)
            check.show(entry, tar)
            system.show(entry, tar)

        try:
            blob = base.blobs.open(layer.digest)
        except FileNotFoundError:
            found("blob-missing", "", "there is no such blob")
            continue
        with blob:
            digests = pass_over_layer(blob, LAYER_COMPRESSIONS[layer.media_type], show, name=place)
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


def interpreter_in(facts: BaseFacts, name: str, folders: Iterable[str]) -> str | None:
    """Return the program `name` that a search of folders, those of ``PATH``, finds in a base."""
    paths = (posixpath.join(folder, name) for folder in folders)
    return next((path for path in paths if path in facts.pythons), None)
