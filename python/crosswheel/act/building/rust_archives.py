"""The Rust toolchain unpacked from its archives, once for all builds.

The official distribution's archives are installers (``rustc-1.95.0-<target>/rustc/bin/rustc``); an archive of the
user's may have the folders ``bin`` and ``lib`` at any depth. Either way what is left of them is dropped.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.storage.machine_errors import is_of_machine
from crosswheel.values.canonical_json import digest_of_json
from crosswheel.values.errors import InputError

if TYPE_CHECKING:
    from crosswheel.act.storage.store import Store

__all__ = ["place_in_toolchain", "prepare_rust", "toolchain_members"]

_FOLDERS = frozenset({"bin", "lib", "lib64", "libexec"})
_CHUNK = 1 << 20


def place_in_toolchain(member: str) -> str | None:
    """Return where a member of an archive stands in the toolchain, or ``None`` if it is no part of it.

    >>> place_in_toolchain("rustc-1.95.0-x86_64-unknown-linux-gnu/rustc/bin/rustc")
    'bin/rustc'
    >>> place_in_toolchain("rustc-1.95.0-x86_64-unknown-linux-gnu/rustc/share/man/man1/rustc.1")
    """
    parts = [part for part in member.split("/") if part not in {"", "."}]
    if ".." in parts or member.startswith("/"):
        return None
    start = next((index for index, part in enumerate(parts) if part in _FOLDERS), None)
    return None if start is None or "share" in parts[:start] else "/".join(parts[start:])


def toolchain_members(archive: Path) -> tuple[str, ...]:
    """Return the places of everything in `archive` that is part of a toolchain, sorted.

    Raises:
        InputError: it is no archive.
    """
    with _opened(archive) as tar:
        places = {place_in_toolchain(info.name) for info in tar if not info.isdir()}
    return tuple(sorted(filter(None, places)))


def prepare_rust(store: Store, archives: Sequence[Path], check: Callable[[], None] = lambda: None) -> Path:
    """Return the folder of the toolchain made of `archives`, unpacking each the first time.

    Every archive is kept unpacked once; toolchains share their files by hard links.

    Args:
        store: where they are kept.
        archives: laid over each other in this order.
        check: called between files; what it raises ends the unpacking.

    Raises:
        InputError: one is no archive, or holds what cannot be part of a toolchain.
    """
    from crosswheel.act.storage.store import digest_of_file

    digests = [digest_of_file(archive) for archive in archives]
    parts = [
        store.make_tree("rust-part", digest, lambda folder, archive=archive: _unpack(archive, folder, check))  # type: ignore[misc]
        for digest, archive in zip(digests, archives, strict=True)
    ]
    if len(parts) == 1:
        return parts[0]
    key = digest_of_json([digest.hex for digest in digests])
    return store.make_tree("rust", key, lambda folder: _compose(parts, folder), read_only=False)


def _compose(parts: Iterable[Path], folder: Path) -> None:
    for part in parts:
        for root, folders, names in os.walk(part):
            place = folder / Path(root).relative_to(part)
            links = [name for name in folders if Path(root, name).is_symlink()]
            for name in set(folders) - set(links):
                (place / name).mkdir(exist_ok=True)
            for name in (*names, *links):
                (place / name).unlink(missing_ok=True)
                os.link(f"{root}/{name}", place / name, follow_symlinks=False)


def _unpack(archive: Path, folder: Path, check: Callable[[], None]) -> None:
    with _opened(archive) as tar:
        for info in tar:
            check()
            place = place_in_toolchain(info.name)
            if place is None or info.isdir():
                continue
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            if info.issym():
                landed = posixpath.normpath(posixpath.join(posixpath.dirname(place), info.linkname))
                if info.linkname.startswith("/") or landed.startswith(".."):
                    raise _unfit(
                        archive, f"its member '{info.name}' is a link to '{info.linkname}', outside it"
                    )
                path.symlink_to(info.linkname)
            elif info.islnk() and (original := place_in_toolchain(info.linkname)) is not None:
                os.link(folder / original, path)
            elif (stream := tar.extractfile(info)) is not None:
                with path.open("xb") as out:
                    shutil.copyfileobj(stream, out, _CHUNK)
                path.chmod(0o755 if info.mode & 0o111 else 0o644)
                os.utime(path, (0, 0))


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(archive) as tar:
            yield tar
    except (tarfile.TarError, LZMAError, zlib.error, EOFError, OSError, KeyError) as error:
        if is_of_machine(error):
            raise
        raise _unfit(archive, f"it cannot be read as a tar archive ({error})") from None


def _unfit(archive: Path, why: str) -> InputError:
    return InputError(
        "unpack Rust toolchain",
        archive.name,
        why=why,
        fix="give a tar archive of a toolchain's folders bin and lib (.tar, .tar.gz, .tar.xz)",
    )
