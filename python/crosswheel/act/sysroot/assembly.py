"""A sysroot put together: files of packages merged below ``/usr``, told where they stand, made fit for the linker.

docs/concepts/sysroot.md tells what a build sees of it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crosswheel.act.check.elf_machines import ELF_MACHINES
from crosswheel.act.sysroot.apple_sdk import is_sdk_pack, unpack_sdk
from crosswheel.act.sysroot.ar_archives import ArchiveFormatError, hide_symbols
from crosswheel.act.sysroot.config_programs import config_program
from crosswheel.act.sysroot.link_table import (
    LibraryFile,
    link_table,
    read_library,
    unusable_archives,
)
from crosswheel.act.sysroot.older_symbols import glibc_of_version, with_older_symbols
from crosswheel.act.sysroot.package_files import SysrootFile, place_pattern, read_package, tells_of_places
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.decide.plans.plan import Sysroot
from crosswheel.render.libc_files import zig_header_folders
from crosswheel.render.package_config import read_package_config
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Glibc, Linux, MacOs

__all__ = [
    "PackageFile",
    "SysrootRequest",
    "assemble_sysroot",
    "needs_newer_glibc",
    "owner_of",
    "package_versions",
    "read_link_table",
    "read_packages",
    "sysroot_facts",
    "sysroot_request",
]

#: File below a sysroot that tells what each library needs and what the packages are.
_TABLES = "libraries.json"

#: Libraries of the C library and the compiler: zig has its own, and a second one must not come beside it.
_TOOLCHAIN_LIBRARIES = re.compile(
    r"(?:ld-linux.*|ld64|ld|lib(?:c|m|mvec|pthread|dl|rt|util|anl|resolv|nsl|BrokenLocale|c_malloc_debug|thread_db"
    r"|gcc|gcc_s|gcc_eh|stdc\+\+|stdc\+\+fs|supc\+\+|atomic|asan|tsan|ubsan|lsan|itm|gomp|quadmath|ssp_nonshared"
    r"|c_nonshared))(?:-[\d.]+)?\.(?:a|so)(?:\..*)?"
)
_CXX_HEADERS = re.compile(r"usr/include/(?:[\w-]+/)?c\+\+/")
#: Text in which a package says where its files are. ``/usr/bin`` stays: its programs are the build machine's.
_PLACE = place_pattern(r"/usr(?!/s?bin\b)")
_ARCHIVE = re.compile(r"(?P<folder>.*/)lib(?P<name>[^/]+)\.a")


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageFile:
    """A package of a sysroot, and where it lies on this machine."""

    name: str
    version: str
    path: Path
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SysrootRequest:
    """The libraries of one build.

    Attributes:
        packages: in order; a file that two of them bring is the first one's.
        link: how they are linked.
        origin: where the packages are from, for people to read: nothing that is built depends on it.
        wanted: what was asked for before dependencies were followed, likewise.
    """

    packages: tuple[PackageFile, ...]
    link: LinkKind
    origin: str = ""
    wanted: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where its libraries are from, as `crosswheel.decide.failures.failure_refusals` reads it."""
        return self.origin if self.origin.startswith("Debian ") else "the sysroot"


def sysroot_request(sysroot: Sysroot, files: Mapping[Digest, Path]) -> SysrootRequest:
    """Return what is put together for a sysroot of a plan, whose artifacts lie in `files`."""
    return SysrootRequest(
        packages=tuple(
            PackageFile(name=one.name, version=one.version, path=files[one.artifact], sha256=one.artifact.hex)
            for one in sysroot.packages
        ),
        link=LinkKind(sysroot.link),
        origin=sysroot.origin,
        wanted=sysroot.wanted,
    )


def sysroot_facts(request: SysrootRequest, target: Target) -> JsonValue:
    """Return everything a sysroot at a fixed place depends on."""
    return {
        "packages": [[one.name, one.version, one.sha256] for one in request.packages],
        "link": request.link.value,
        "target": target.id,
    }


def assemble_sysroot(
    destination: Path, request: SysrootRequest, *, target: Target, zig: Path, place: str, tools: str
) -> None:
    """Fill the empty folder `destination`.

    Args:
        destination: the folder.
        request: the libraries.
        target: what they must be for.
        zig: the folder of the zig toolchain, none of whose headers may have a second of its name.
        place: where the folder stands for the build, which the files say.
        tools: where the compiler launchers stand for the build.

    Raises:
        InputError: a package is damaged or for another architecture.
    """
    if isinstance(target.platform.os, MacOs) and all(is_sdk_pack(one.path) for one in request.packages):
        for package in request.packages:
            unpack_sdk(package.path, destination)
        # Stubs of the system's own libraries: nothing of them ends up in a wheel.
        nothing: JsonValue = {"libraries": {}, "newer_glibc": False, "packages": [], "owners": {}}
        (destination / _TABLES).write_bytes(pretty_json(nothing))
        return
    owners: dict[str, str] = {}
    files: dict[str, SysrootFile] = {}
    hidden = _zig_headers(zig, target)
    for package in request.packages:
        for file in read_package(package.path):
            if file.path not in files and not _is_toolchain(file.path, hidden):
                files[file.path], owners[file.path] = file, package.name
    _prefer_position_independent(files)
    _bind_to_older_glibc(files, target)
    libraries = _libraries(files, owners, target)
    configs = _package_configs(files)
    libraries = _chosen(files, libraries, configs, request.link)
    for file in files.values():
        _write(destination, file, files, place, tools)
    table: JsonValue = {
        "libraries": link_table(libraries, configs),
        "newer_glibc": _needs_newer_glibc(libraries, target),
        "packages": [_about(one, files) for one in request.packages],
        "owners": {one.path: one.owner for one in libraries},
    }
    (destination / _TABLES).write_bytes(pretty_json(table))
    for path in (destination, *destination.rglob("*")):
        os.utime(path, (0, 0), follow_symlinks=False)


def _zig_headers(zig: Path, target: Target) -> tuple[Path, ...]:
    """Return the folders of zig's headers of the target's C library and kernel."""
    if not isinstance(target.platform.os, Linux):
        return ()
    return tuple(zig / "lib" / folder for folder in zig_header_folders(target.platform))


def _is_toolchain(path: str, headers: Iterable[Path]) -> bool:
    """Tell whether a file is the C library's, the kernel's or the compiler's: zig has its own of these."""
    if _CXX_HEADERS.match(path):
        return True
    if path.startswith("usr/lib/"):
        return _TOOLCHAIN_LIBRARIES.fullmatch(path.rpartition("/")[2]) is not None
    if not path.startswith("usr/include/"):
        return False
    inner = path.removeprefix("usr/include/")
    first, _, rest = inner.partition("/")
    names = [inner, rest] if "-linux-" in first else [inner]
    return any((folder / name).is_file() for folder in headers for name in names if name)


def _prefer_position_independent(files: dict[str, SysrootFile]) -> None:
    """Let an archive compiled for shared libraries (Debian's ``libx_pic.a``) take the place of the plain one."""
    for path in [path for path in files if path.endswith("_pic.a")]:
        plain = path.removesuffix("_pic.a") + ".a"
        if plain in files:
            files[plain] = SysrootFile(path=plain, data=files.pop(path).data)


def _bind_to_older_glibc(files: dict[str, SysrootFile], target: Target) -> None:
    system = target.platform.os
    if not isinstance(system, Linux) or not isinstance(system.libc, Glibc):
        return
    for path, file in files.items():
        if ".so" in path and file.data is not None and file.data.startswith(b"\x7fELF"):
            data = with_older_symbols(file.data, target.platform.arch, system.libc)
            files[path] = replace(file, data=data)


def _chosen(
    files: dict[str, SysrootFile],
    libraries: tuple[LibraryFile, ...],
    configs: Mapping[str, str],
    link: LinkKind,
) -> tuple[LibraryFile, ...]:
    """Leave one of ``libx.a`` and ``libx.so`` in `files`, so that whoever looks for a library finds the right one."""
    shared = {name.removesuffix(".so") for one in libraries for name in one.link_names}
    archives = {one.path: one.name.removesuffix(".a") for one in libraries if one.archive}
    dropped = unusable_archives(libraries, configs)
    if link is LinkKind.SHARED:
        dropped = frozenset(path for path, stem in archives.items() if stem in shared) | dropped
    kept = tuple(one for one in libraries if one.path not in dropped)
    for path in dropped:
        del files[path]
    linked = {one.name.removesuffix(".a") for one in kept if one.archive}
    for path in [path for path in files if path.startswith("usr/lib/") and path.endswith(".so")]:
        if path.rpartition("/")[2].removesuffix(".so") in linked:
            del files[path]
    return tuple(
        replace(
            one, link_names=tuple(name for name in one.link_names if name.removesuffix(".so") not in linked)
        )
        for one in kept
    )


def _libraries(
    files: Mapping[str, SysrootFile], owners: Mapping[str, str], target: Target
) -> tuple[LibraryFile, ...]:
    """Return what the libraries define and need; refuse those of another architecture."""
    expected = ELF_MACHINES.get(target.platform.arch)
    links = _names_of(files)
    found = []
    for path, file in files.items():
        name = path.rpartition("/")[2]
        if not path.startswith("usr/lib/") or not name.startswith("lib"):
            continue
        if file.data is None:
            continue
        if not (name.endswith(".a") or ".so" in name):
            continue
        try:
            library = read_library(path, file.data, owners[path])
        except ArchiveFormatError as error:
            raise InputError(
                "read library", path, why=str(error), fix="use a sound package", context=(owners[path],)
            ) from None
        if isinstance(target.platform.os, Linux) and expected is not None and library.machine is not None:
            _refuse_other_machine(library, (int(expected.machine), expected.bits), owners[path], target)
        names = {name.rpartition("/")[2] for name in links.get(path, (path,)) if name.endswith(".so")}
        found.append(library if library.archive else replace(library, link_names=tuple(sorted(names))))
    return tuple(found)


def _names_of(files: Mapping[str, SysrootFile]) -> dict[str, list[str]]:
    """Return all names, its own and those of links, by file."""
    names: dict[str, list[str]] = {}
    for path in sorted(files):
        end, seen = path, set[str]()
        while end in files and files[end].data is None and end not in seen:
            seen.add(end)
            end = files[end].link
        names.setdefault(end, []).append(path)
    return names


def _refuse_other_machine(
    library: LibraryFile, expected: tuple[int, int], owner: str, target: Target
) -> None:
    if library.machine == expected:
        return
    from crosswheel.act.check.elf import Machine

    number, bits = library.machine or (0, 0)
    name = Machine(number).name if number in set(Machine) else f"machine {number}"
    raise InputError(
        "use library",
        library.path,
        why=f"it is for {name} ({bits}-bit), the target is {target.id}",
        fix="give libraries of the target's own architecture",
        context=(owner,),
    )


def _write(
    destination: Path, file: SysrootFile, files: Mapping[str, SysrootFile], place: str, tools: str
) -> None:
    path = destination / file.path
    if file.data is None:
        if _leads_to(file, files):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(os.path.relpath(file.link, os.path.dirname(file.path)))  # noqa: PTH120
        return
    data = file.data
    if file.path.startswith("usr/bin/"):
        data = config_program(file.path.rpartition("/")[2], data, files, tools=tools)
    if tells_of_places(file.path):
        data = told_place(data, place)
    elif file.path.endswith(".a"):
        data = hide_symbols(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o755 if file.executable else 0o644)


def _leads_to(file: SysrootFile, files: Mapping[str, SysrootFile]) -> bool:
    """Tell whether a link ends at a file, or at a folder, of the sysroot."""
    seen: set[str] = set()
    link = file.link
    while link not in seen:
        seen.add(link)
        following = files.get(link)
        if following is None:
            return any(path.startswith(f"{link}/") for path in files)
        if following.data is not None:
            return True
        link = following.link
    return False


def told_place(text: bytes, place: str) -> bytes:
    """Return a text whose absolute paths below ``/usr`` lead into the sysroot at `place`.

    >>> told_place(b"prefix=/usr", "/s"), told_place(b"#!/usr/bin/perl", "/s")
    (b'prefix=/s/usr', b'#!/usr/bin/perl')
    """
    return _PLACE.sub(lambda match: (match[1] or b"") + place.encode() + b"/usr", text)


def _package_configs(files: Mapping[str, SysrootFile]) -> dict[str, str]:
    """Return the texts of the ``.pc`` files, by name of the package they tell of."""
    return {
        path.rpartition("/")[2].removesuffix(".pc"): file.data.decode(errors="replace")
        for path, file in files.items()
        if path.endswith(".pc") and file.data is not None
    }


def _needs_newer_glibc(libraries: Iterable[LibraryFile], target: Target) -> bool:
    system = target.platform.os
    if not isinstance(system, Linux) or not isinstance(system.libc, Glibc):
        return False
    versions = {version for one in libraries for version in one.versions}
    return any(found > system.libc for found in map(glibc_of_version, versions) if found is not None)


def _about(package: PackageFile, files: Mapping[str, SysrootFile]) -> JsonValue:
    folder = f"usr/share/doc/{package.name}"
    file: SysrootFile | None = files.get(f"{folder}/copyright")
    if file is None and folder in files:
        file = files.get(f"{files[folder].link}/copyright")
    while file is not None and file.data is None:
        file = files.get(file.link)
    text = "" if file is None or file.data is None else file.data.decode(errors="replace")
    return {"name": package.name, "version": package.version, "sha256": package.sha256, "copyright": text}


def read_link_table(sysroot: Path) -> Mapping[str, JsonValue]:
    """Return what each library of an assembled sysroot needs, see `crosswheel.act.sysroot.link_table.link_table`."""
    table: Mapping[str, JsonValue] = json.loads((sysroot / _TABLES).read_bytes())["libraries"]
    return table


def needs_newer_glibc(sysroot: Path) -> bool:
    """Tell whether a shared library of an assembled sysroot needs a newer glibc than the target's."""
    answer: bool = json.loads((sysroot / _TABLES).read_bytes())["newer_glibc"]
    return answer


def package_versions(sysroot: Path) -> Mapping[str, str]:
    """Return the versions that the ``.pc`` files of an assembled sysroot tell, by the file's name without the ending."""
    found = {}
    for path in sorted((sysroot / "usr").rglob("pkgconfig/*.pc")):
        config = read_package_config(path.read_text("utf-8", "replace"), {"pcfiledir": str(path.parent)})
        found[path.stem] = config.fields.get("Version", "")
    return {name: version for name, version in found.items() if version}


def owner_of(sysroot: Path, library: str) -> str | None:
    """Return the package that brings a library of an assembled sysroot, by its path in it."""
    owner: str | None = _tables(sysroot)["owners"].get(library)
    return owner


def archives_of(sysroot: Path, packages: Collection[str]) -> frozenset[str]:
    """Return the file names of the static libraries that some packages of an assembled sysroot bring."""
    owners: dict[str, str] = _tables(sysroot)["owners"]
    return frozenset(
        path.rpartition("/")[2] for path, owner in owners.items() if owner in packages and path.endswith(".a")
    )


def read_packages(sysroot: Path) -> tuple[Mapping[str, str], ...]:
    """Return name, version, sha256 and copyright of each package of an assembled sysroot, by name."""
    packages: list[Mapping[str, str]] = _tables(sysroot)["packages"]
    return tuple(sorted(packages, key=lambda package: package["name"]))


def _tables(sysroot: Path) -> dict[str, Any]:
    """Return what was written down of an assembled sysroot when it was made."""
    tables: dict[str, Any] = json.loads((sysroot / _TABLES).read_bytes())
    return tables
