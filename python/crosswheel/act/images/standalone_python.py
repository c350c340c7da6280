"""A python-build-standalone archive (``install_only``) as entries of a layer: its ``python/`` becomes ``/usr/local``."""

from __future__ import annotations

import posixpath
import tarfile
from pathlib import Path

from crosswheel.act.images.stream_checks import judge_file
from crosswheel.act.layers.layer_entries import FileContent, Folder, LayerEntry, Symlink
from crosswheel.act.storage.machine_errors import is_of_machine
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.platforms import Arch

__all__ = ["PREFIX", "refuse_other_archive", "standalone_entries"]

PREFIX = "usr/local"
_TOP = "python"


def refuse_other_archive(archive: Path) -> None:
    """Refuse what an interpreter cannot be taken from, before it is pinned.

    Raises:
        InputError: it is a folder, no archive that Python can read, or one with another layout, such as that of the full
            archives.
    """
    if archive.is_dir():
        raise _refusal(archive, "it is a folder, and only a file can be pinned by its digest")
    try:
        with tarfile.open(archive, encoding="utf-8") as tar:
            program = f"{PREFIX}/bin/python3"
            is_there = any((_path(info.name, archive) or "").startswith(program) for info in tar)
    except (tarfile.TarError, EOFError):
        raise _refusal(archive, "it is no tar archive that Python can read") from None
    if not is_there:
        raise _refusal(archive, f"it has no {_TOP}/bin/python3")


def standalone_entries(archive: Path, scratch: Path, arch: Arch) -> list[LayerEntry]:
    """Return the entries of an archive.

    Args:
        archive: ``cpython-*-install_only.tar.gz``, or another that has everything below ``python/``.
        scratch: an empty folder, which must stay until the layer is written.
        arch: what its binaries must be for.

    Raises:
        InputError: it is no such archive.
        CheckError: a binary of it is for another machine.
    """
    entries: dict[str, LayerEntry] = {}
    faults: list[CrosswheelError] = []
    try:
        with tarfile.open(archive, encoding="utf-8") as tar:
            for number, info in enumerate(tar):
                path = _path(info.name, archive)
                if path is None:
                    continue
                if info.issym():
                    entries[path] = LayerEntry(path=path, content=Symlink(info.linkname), mode=0o777)
                elif info.isdir():
                    entries[path] = LayerEntry(path=path, content=Folder(), mode=0o755)
                elif info.isfile() or info.islnk():
                    stream = tar.extractfile(info)
                    data = b"" if stream is None else stream.read()
                    faults += judge_file(path, data, arch, owner=archive.name)
                    kept = scratch / str(number)
                    kept.write_bytes(data)
                    mode = 0o755 if info.mode & 0o111 else 0o644
                    entries[path] = LayerEntry(path=path, content=FileContent(kept), mode=mode)
                else:
                    raise _refusal(archive, f"its member '{info.name}' is a special file")
    except (tarfile.TarError, EOFError, OSError) as error:
        if is_of_machine(error):
            raise
        raise _refusal(archive, f"it is damaged ({' '.join(str(error).split())})") from None
    raise_faults(faults)
    if not entries:
        raise _refusal(archive, f"it has no folder {_TOP}/")
    for path in sorted(entries):
        while path := posixpath.dirname(path):
            entries.setdefault(path, LayerEntry(path=path, content=Folder(), mode=0o755))
    return list(entries.values())


def _path(name: str, archive: Path) -> str | None:
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts or name.startswith("/"):
        raise _refusal(archive, f"its member '{name}' leads out of it")
    return None if parts[:1] != [_TOP] else posixpath.join(PREFIX, *parts[1:])


def _refusal(archive: Path, why: str) -> InputError:
    return InputError(
        "use interpreter",
        archive.name or str(archive),
        why=why,
        fix="give an archive of python-build-standalone (install_only)",
    )
