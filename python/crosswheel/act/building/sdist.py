"""Unpacking an sdist: only plain files, folders and links that stay inside come out of it.

Refuses what could write or point outside; times and modes are made the same for all, so that builds cannot differ by
them. Archives: ``.tar.gz``, ``.tgz``, ``.tar.bz2``, ``.tar.xz``, ``.zip``.
"""

from __future__ import annotations

import os
import posixpath
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crosswheel.act.storage.machine_errors import is_of_machine
from crosswheel.values.errors import BuildError

__all__ = ["normalize_tree", "unpack_archive", "unpack_crate", "unpack_sdist"]

_TAR_SUFFIXES = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar", ".crate")
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class _Member:
    """A member of an archive; `link` is the text of a symbolic link, `same_as` the name a hard link refers to."""

    name: str
    folder: bool = False
    executable: bool = False
    link: str | None = None
    same_as: str | None = None
    forbidden: str | None = None
    stream: IO[bytes] | None = None


def _go_on() -> None:
    """Do nothing between two members."""


def unpack_sdist(
    archive: Path, destination: Path, *, source_date_epoch: int, between: Callable[[], None] = _go_on
) -> Path:
    """Unpack `archive` into the empty folder `destination` and return the source tree in it.

    Args:
        archive: the sdist.
        destination: an existing, empty folder.
        source_date_epoch: time given to every file and folder, seconds.
        between: called before each member: may raise to end it early.

    Raises:
        BuildError: the archive cannot be read, holds what could escape `destination` (absolute paths, ``..``, links
            that leave, devices), holds a name twice with different content, or has not one source tree.
    """
    written = _unpack(archive, destination, between)
    tree = _source_tree(archive, destination)
    _refuse_leaving_chains(archive, destination, written)
    normalize_tree(tree, source_date_epoch)
    return tree


def unpack_crate(
    archive: Path, destination: Path, *, name: str, between: Callable[[], None] = _go_on
) -> Path:
    """Unpack a ``.crate`` into the folder `destination` and return the folder in it, called as cargo demands.

    Args:
        archive: the crate's archive.
        destination: an existing folder; it may hold other crates.
        name: ``<name>-<version>``.
        between: as of `unpack_sdist`.

    Raises:
        BuildError: as `unpack_sdist`; or it holds another folder than `name`.
    """
    written = _unpack(archive, destination, between)
    if strange := sorted(path for path in written if path.split("/")[0] != name):
        raise _refusal(archive, f"its member '{strange[0]}' is not in the folder '{name}'")
    _refuse_leaving_chains(archive, destination, written)
    return destination / name


def unpack_archive(archive: Path, destination: Path, *, source_date_epoch: int) -> None:
    """Unpack an archive as the new folder `destination`; a single folder that everything is in counts for nothing.

    Args:
        archive: the archive, of any kind an sdist can be.
        destination: a folder that is not there yet, in one that is.
        source_date_epoch: time given to every file and folder, seconds.

    Raises:
        BuildError: it cannot be read, or holds what could escape `destination`.
    """
    scratch = destination.with_name(f".{destination.name}.unpacked")
    scratch.mkdir()
    try:
        written = _unpack(archive, scratch, _go_on)
        _refuse_leaving_chains(archive, scratch, written)
    except BuildError as error:
        raise BuildError("unpack download", archive.name, why=error.why, fix="pin a sound one") from None
    inside = sorted(scratch.iterdir())
    if len(inside) == 1 and inside[0].is_dir() and not inside[0].is_symlink():
        inside[0].rename(destination)
        scratch.rmdir()
    else:
        scratch.rename(destination)
    normalize_tree(destination, source_date_epoch)


def _unpack(archive: Path, destination: Path, between: Callable[[], None]) -> dict[str, str]:
    """Write what is in `archive`, and return what each path became."""
    written: dict[str, str] = {}
    try:
        for member in _members(archive):
            between()
            _write(archive, member, destination, written)
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,  # a link to a name that holds NUL
    ) as error:
        if is_of_machine(error):
            raise
        # tarfile tells what each compression makes of it, a line for each.
        raise _refusal(archive, f"it is damaged ({', '.join(str(error).splitlines())})") from None
    return written


def normalize_tree(tree: Path, source_date_epoch: int) -> None:
    """Give everything in `tree` one time, and modes 0755 or 0644 that depend on nothing but the executable bit."""
    times = (source_date_epoch, source_date_epoch)
    for root, folders, files in os.walk(tree, topdown=False):
        for name in [*files, *folders]:
            path = f"{root}/{name}"
            mode = os.lstat(path).st_mode
            if not stat.S_ISLNK(mode):
                os.chmod(path, 0o755 if stat.S_ISDIR(mode) or mode & 0o111 else 0o644)  # noqa: PTH101
            os.utime(path, times, follow_symlinks=False)
    os.utime(tree, times)


def _members(archive: Path) -> Iterator[_Member]:
    if archive.name.endswith(".zip"):
        return _zip_members(archive)
    if archive.name.endswith(_TAR_SUFFIXES):
        return _tar_members(archive)
    raise _refusal(archive, "it is no kind of archive an sdist can be (.tar.gz, .tar.bz2, .tar.xz, .zip)")


def _tar_members(archive: Path) -> Iterator[_Member]:
    with tarfile.open(archive) as tar:
        for info in tar:
            if info.isdir():
                yield _Member(name=info.name, folder=True)
            elif info.issym():
                yield _Member(name=info.name, link=info.linkname)
            elif info.islnk():
                yield _Member(name=info.name, same_as=info.linkname)
            elif info.isfile():
                yield _Member(
                    name=info.name, executable=bool(info.mode & 0o111), stream=tar.extractfile(info)
                )
            else:
                yield _Member(name=info.name, forbidden="a device, a pipe or another special file")


def _zip_members(archive: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(archive) as container:
        for info in container.infolist():
            mode = info.external_attr >> 16
            if info.is_dir():
                yield _Member(name=info.filename, folder=True)
            elif stat.S_ISLNK(mode):
                yield _Member(
                    name=info.filename, link=container.read(info).decode("utf-8", "surrogateescape")
                )
            else:
                with container.open(info) as stream:
                    yield _Member(name=info.filename, executable=bool(mode & 0o111), stream=stream)


def _write(archive: Path, member: _Member, destination: Path, written: dict[str, str]) -> None:
    name = _safe_name(archive, member.name)
    if member.forbidden is not None:
        raise _refusal(archive, f"its member '{member.name}' is {member.forbidden}")
    if name == ".":
        return
    path = destination / name
    _refuse_linked_parents(archive, member.name, name, written)
    if member.folder:
        if written.get(name, "folder") != "folder":
            raise _refusal(
                archive, f"its member '{member.name}' is there twice, as a folder and as something else"
            )
        written[name] = "folder"
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    for parent in list(Path(name).parents)[:-1]:
        written.setdefault(parent.as_posix(), "folder")
    if member.link is not None:
        _refuse_leaving(archive, member, name)
        _claim(archive, member, name, written, "link")
        path.symlink_to(member.link)
    elif member.same_as is not None:
        said = f"'{member.name}', a hard link to '{member.same_as}',"
        original = _safe_name(archive, member.same_as, said=said)
        if written.get(original) != "file":
            raise _refusal(
                archive, f"its member '{member.name}' is a link to '{member.same_as}', no file before it"
            )
        _claim(archive, member, name, written, "file")
        path.write_bytes((destination / original).read_bytes())
    elif member.stream is not None:
        _write_file(archive, member, path, name, written)


def _write_file(archive: Path, member: _Member, path: Path, name: str, written: dict[str, str]) -> None:
    if written.get(name) == "file" and member.stream is not None:
        if path.read_bytes() != member.stream.read():
            raise _refusal(archive, f"its member '{member.name}' is there twice, with different content")
        return
    _claim(archive, member, name, written, "file")
    with path.open("xb") as out:
        while member.stream is not None and (chunk := member.stream.read(_CHUNK)):
            out.write(chunk)
    path.chmod(0o755 if member.executable else 0o644)


def _claim(archive: Path, member: _Member, name: str, written: dict[str, str], kind: str) -> None:
    if name in written:
        raise _refusal(archive, f"its member '{member.name}' is there twice")
    written[name] = kind


def _safe_name(archive: Path, name: str, *, said: str = "") -> str:
    plain, said = posixpath.normpath(name), said or f"'{name}'"
    if name.startswith("/") or "\0" in name or not name:
        raise _refusal(archive, f"its member {said} is an absolute path")
    if ".." in name.split("/"):
        raise _refusal(archive, f"its member {said} leads out of the source tree")
    return plain


def _refuse_linked_parents(archive: Path, said: str, name: str, written: dict[str, str]) -> None:
    """A file may not be written through a link of the same archive, wherever that link points."""
    for parent in list(Path(name).parents)[:-1]:
        if written.get(parent.as_posix(), "folder") != "folder":
            raise _refusal(archive, f"its member '{said}' lies behind '{parent}', which is no folder")


def _refuse_leaving(archive: Path, member: _Member, name: str) -> None:
    target = member.link or ""
    top = name.split("/", maxsplit=1)[0]
    landed = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
    if target.startswith("/") or landed.split("/")[0] != top or "/" not in name:
        raise _refusal(
            archive, f"its member '{member.name}' is a link to '{target}', outside the source tree"
        )


def _refuse_leaving_chains(archive: Path, destination: Path, written: dict[str, str]) -> None:
    """Refuse links that lead out only together: ``a -> ..`` and ``b -> a/..`` each look harmless."""
    for name in (name for name, kind in written.items() if kind == "link"):
        top = os.path.realpath(destination / name.split("/")[0])
        if os.path.commonpath([top, os.path.realpath(destination / name)]) != top:
            raise _refusal(archive, f"its member '{name}' is a link that leads outside the source tree")


def _source_tree(archive: Path, destination: Path) -> Path:
    folders = [entry for entry in sorted(destination.iterdir()) if entry.is_dir() and not entry.is_symlink()]
    likely = [
        folder
        for folder in folders
        if (folder / "pyproject.toml").is_file() or (folder / "setup.py").is_file()
    ]
    if len(likely) == 1:
        return likely[0]
    if len(folders) == 1 and not likely:
        raise _refusal(archive, "its folder holds neither a pyproject.toml nor a setup.py")
    raise _refusal(archive, "it does not hold one folder with a pyproject.toml or a setup.py in it")


def _refusal(archive: Path, why: str) -> BuildError:
    kind = "crate" if archive.name.endswith(".crate") else "sdist"
    return BuildError(
        f"unpack {kind}",
        archive.name,
        why=why,
        fix="ask its authors for a sound one, or lock another release",
    )
