"""A folder of the user's as one canonical file: the same libraries give the same bytes wherever they lie."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

from crosswheel.act.sysroot.apple_sdk import is_sdk, pack_sdk
from crosswheel.act.sysroot.package_files import is_wanted
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import MacOs

__all__ = ["pack_folder"]


def pack_folder(folder: Path, target: Target, *, shown: str) -> bytes:
    """Return an uncompressed tar of the headers and libraries of a folder, with all paths below ``usr/``; of an SDK as it is.

    Args:
        folder: a root (with ``usr`` in it) or a prefix (with ``include`` and ``lib`` in it).
        target: the target, for messages.
        shown: the folder as the user calls it.

    Raises:
        InputError: there is nothing in it, or a link in it leads out.
    """
    if isinstance(target.platform.os, MacOs) and is_sdk(folder):
        return pack_sdk(folder, shown=shown)
    prefix = "" if (folder / "usr").is_dir() else "usr/"
    members: dict[str, Path] = {}
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in (*names, *(one for one in folders if (Path(root) / one).is_symlink())):
            path = Path(root, name)
            inside = prefix + path.relative_to(folder).as_posix()
            inside = f"usr/{inside}" if inside.startswith(("lib/", "bin/")) else inside
            if is_wanted(inside) or (path.is_symlink() and is_wanted(f"{inside}/x.h")):
                members.setdefault(inside, path)
    if not any(name.startswith(("usr/include/", "usr/lib/")) for name in members):
        raise InputError(
            "read sysroot",
            shown,
            why="it has neither headers (include) nor libraries (lib)",
            fix=f"give a folder with libraries for {target.platform.id}",
        )
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(members):
            _add(archive, name, members[name], folder, prefix, shown)
    return buffer.getvalue()


def _add(archive: tarfile.TarFile, name: str, path: Path, folder: Path, prefix: str, shown: str) -> None:
    member = tarfile.TarInfo(name)
    if path.is_symlink():
        text = os.readlink(path)  # noqa: PTH115 # the text matters
        # An absolute link means a place below the folder, as it would once the folder is mounted.
        end = folder / text.lstrip("/") if text.startswith("/") else path.parent / text
        inside = os.path.relpath(os.path.normpath(end), folder)
        if inside.startswith(".."):
            raise InputError(
                "read sysroot",
                shown,
                why=f"'{path.relative_to(folder)}' is a link to '{text}', outside of it",
                fix="replace the link by the file",
            )
        member.type, member.linkname = tarfile.SYMTYPE, f"/{prefix}{inside}"
        archive.addfile(member)
        return
    data = path.read_bytes()
    member.size, member.mode = len(data), 0o755 if os.access(path, os.X_OK) else 0o644
    archive.addfile(member, io.BytesIO(data))
