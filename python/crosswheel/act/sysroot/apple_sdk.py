"""Apple's SDK of macOS, given by the user: packed as one canonical file, and unpacked as a build sees it.

An SDK is headers and text stubs (``.tbd``) of the system's libraries and frameworks. Apple's licence lets nobody pass it on:
it comes with Xcode or the Command Line Tools.
"""

from __future__ import annotations

import io
import os
import posixpath
import tarfile
from pathlib import Path

from crosswheel.values.errors import InputError

__all__ = ["is_sdk", "is_sdk_pack", "pack_sdk", "unpack_sdk"]

#: Every SDK says here what it is for.
_SETTINGS = "SDKSettings.json"
_FRAMEWORKS = "System/Library/Frameworks/"
_SUFFIXES = (".tbd", ".h", ".hh", ".hpp", ".modulemap", ".inc", ".def")


def is_sdk(folder: Path) -> bool:
    """Tell whether a folder is an SDK of Apple's."""
    return (folder / _SETTINGS).is_file() and (folder / "usr").is_dir()


def is_sdk_pack(pack: Path) -> bool:
    """Tell whether a file is what `pack_sdk` made."""
    try:
        with tarfile.open(pack, "r:") as archive:
            first = archive.next()
    except (OSError, tarfile.TarError, EOFError):
        return False
    return first is not None and first.name == _SETTINGS


def pack_sdk(folder: Path, *, shown: str) -> bytes:
    """Return an uncompressed tar of the headers and stubs of an SDK.

    Args:
        folder: the SDK.
        shown: the folder as the user calls it.

    Raises:
        InputError: it is no SDK, or a link in it leads out.
    """
    if not is_sdk(folder):
        raise InputError(
            "read SDK",
            shown,
            why=f"it is no SDK of macOS: it has no {_SETTINGS} beside usr",
            fix="give the folder MacOSX.sdk of Xcode or of the Command Line Tools (`xcrun --show-sdk-path` on a Mac)",
        )
    members: dict[str, Path] = {}
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in (*names, *(one for one in folders if (Path(root) / one).is_symlink())):
            path = Path(root, name)
            inside = path.relative_to(folder).as_posix()
            if _is_wanted(inside) or (path.is_symlink() and inside.startswith(("usr/", _FRAMEWORKS))):
                members[inside] = path
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(members, key=lambda name: (name != _SETTINGS, name)):
            _add(archive, name, members[name], shown)
    return buffer.getvalue()


def _is_wanted(name: str) -> bool:
    if name == _SETTINGS or name.startswith("usr/include/"):
        return True
    return name.startswith(("usr/lib/", _FRAMEWORKS)) and name.endswith(_SUFFIXES)


def _add(archive: tarfile.TarFile, name: str, path: Path, shown: str) -> None:
    member = tarfile.TarInfo(name)
    if path.is_symlink():
        link = os.readlink(path)  # noqa: PTH115 - the text matters
        if not _stays_inside(name, link):
            raise InputError(
                "read SDK",
                shown,
                why=f"'{name}' is a link to '{link}', outside of it",
                fix="replace the link by what it leads to",
            )
        member.type, member.linkname = tarfile.SYMTYPE, link
        archive.addfile(member)
        return
    data = path.read_bytes()
    member.size, member.mode = len(data), 0o644
    archive.addfile(member, io.BytesIO(data))


def _stays_inside(name: str, link: str) -> bool:
    end = posixpath.normpath(posixpath.join(posixpath.dirname(name), link))
    return not link.startswith("/") and end != ".." and not end.startswith("../")


def unpack_sdk(pack: Path, destination: Path) -> None:
    """Unpack what `pack_sdk` made.

    Raises:
        InputError: it is damaged, or something in it leads out.
    """
    try:
        with tarfile.open(pack, "r:") as archive:
            for member in archive:
                place = destination / member.name
                safe = _stays_inside(member.name, ".") and not member.name.startswith("/")
                place.parent.mkdir(parents=True, exist_ok=True)
                # A link made before must not carry a file out of the folder.
                safe = safe and place.parent.resolve().is_relative_to(destination.resolve())
                if safe and member.issym() and _stays_inside(member.name, member.linkname):
                    place.symlink_to(member.linkname)
                elif safe and member.isreg():
                    content = archive.extractfile(member)
                    place.write_bytes(b"" if content is None else content.read())
                else:
                    raise _damaged(pack, f"its member '{member.name}' leads out of it")
    except (OSError, tarfile.TarError, EOFError) as error:
        raise _damaged(pack, f"it is damaged ({' '.join(str(error).split())})") from None


def _damaged(pack: Path, why: str) -> InputError:
    return InputError("unpack SDK", pack.name, why=why, fix="plan again with a sound SDK")
