"""The store: files and trees kept by what they are, shared by every run of one user.

Layout, guarantees and maintenance are documented in docs/reference/cache.md. It knows nothing of where a
file comes from.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from crosswheel.act.storage.file_locks import exclusive, owned_directory, sweep_abandoned
from crosswheel.act.storage.stored_files import (
    UnexpectedContentError,
    digest_of_file,
    flush,
    has_size,
    is_sound,
    link_as,
    take_write_permission,
    touch,
)
from crosswheel.values.canonical_json import JsonValue, canonical_json, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError, StoreError

__all__ = ["LAYOUT", "Store", "default_store_root", "digest_of_file"]

# A change of layout takes another folder, so that versions of crosswheel never meet in one.
LAYOUT = "v1"
_WORD = re.compile(r"[a-z0-9][a-z0-9._-]*")
_SCRATCH = "scratch-"
# https://bford.info/cachedir/
_CACHEDIR_TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# This folder is the cache of crosswheel.\n"


def default_store_root() -> Path:
    """Return ``CROSSWHEEL_CACHE_DIR`` or crosswheel's folder under the platform's user cache folder."""
    if chosen := os.environ.get("CROSSWHEEL_CACHE_DIR"):
        try:
            return Path(chosen).expanduser().absolute()
        except RuntimeError:  # of ~name, when there is no such user
            raise _unusable(chosen, OSError("its '~' is nobody's home folder")) from None
    import platformdirs

    return platformdirs.user_cache_path("crosswheel", appauthor=False)


class Store:
    """A content-addressed store in `root`; safe for many threads and processes, and for ``kill -9``.

    Nothing is made on disk before the first write. One that cannot be written is read. While a `Store` that has been used lives, no other
    process can prune it.

    Args:
        root: the folder, see `default_store_root`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / LAYOUT
        self._opening = threading.Lock()
        self._use: int | None = None
        self._read_only: OSError | None = None
        self._swept = False
        self._verified: set[Path] = set()

    # Artifacts: artifacts/<2 digits>/<digest>/<size>/<file name>. The size is in the path so that a
    # truncated file is seen with one stat; every name of one content is a hard link to the same bytes.

    def artifact(self, digest: Digest, *, filename: str | None = None) -> Path | None:
        """Return the read-only file whose content is `digest`, or ``None``.

        A file whose size is not the one it was stored with is dropped, as if it had never been there. Its
        content is not read; `verified` does that.

        Args:
            digest: content of the file.
            filename: the name the returned path shall have; otherwise any name it was stored under.
        """
        folder = self._artifact_folder(digest)
        try:
            size = next(iter(os.listdir(folder)), "")  # noqa: PTH208 # the fastest way
            names = sorted(os.listdir(folder / size)) if size.isdecimal() else []  # noqa: PTH208
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(self.root, error) from None
        self._enter(reading=True)
        known = filename if filename in names else names[0] if names else None
        if known is None or not has_size(folder / size / known, int(size)):
            self._drop_damaged(folder)
            return None
        touch(folder)
        path = folder / size / known
        if filename is None or filename == known:
            return path
        with self._refusing():
            return link_as(path, folder / size / _plain_name(filename))

    def verified(self, digest: Digest, *, filename: str | None = None) -> Path | None:
        """Return what `artifact` returns, its content compared with `digest`, once for each `Store` and file.

        What is copied out, installed, unpacked or checked comes from here: a size does not tell a damaged file.
        A file of another content is dropped, as if it had never been there.
        """
        path = self.artifact(digest, filename=filename)
        if path is None or path in self._verified:
            return path
        with self._refusing():
            sound = digest_of_file(path) == digest
        if not sound:
            self._drop_damaged(self._artifact_folder(digest))
            return None
        self._verified.add(path)
        return path

    def add_file(
        self, path: Path, *, filename: str | None = None, expected: Digest | None = None, move: bool = False
    ) -> Digest:
        """Store a copy of `path` and return its digest.

        Args:
            path: the file.
            filename: the name to store it under; `path`'s own otherwise.
            expected: refuse any other content.
            move: take the file itself instead of a copy; it must be in this store's `scratch`.

        Raises:
            UnexpectedContentError: the content is not `expected`.
            StoreError: the store cannot be written.
        """
        with self.scratch() as scratch:
            source = scratch / "file"
            if move:
                path.replace(source)
            else:
                shutil.copyfile(path, source)
            digest = digest_of_file(source)
            if expected is not None and digest != expected:
                raise UnexpectedContentError(
                    "store file",
                    path.name,
                    why=f"its SHA-256 is {digest}, not {expected}",
                    fix="give the file that was meant",
                )
            with self._refusing():
                self._keep(scratch, source, digest, filename or path.name)
        return digest

    def add_bytes(self, data: bytes, filename: str) -> Digest:
        """Store `data` under `filename` and return its digest."""
        with self.scratch() as scratch, self._refusing():
            source = scratch / "file"
            source.write_bytes(data)
            digest = Digest(hashlib.sha256(data).hexdigest())
            self._keep(scratch, source, digest, filename)
        return digest

    def _keep(self, scratch: Path, source: Path, digest: Digest, filename: str) -> None:
        name = _plain_name(filename)
        if self.verified(digest, filename=name) is not None:
            return
        fresh = scratch / "kept"
        size = source.stat().st_size
        (fresh / str(size)).mkdir(parents=True)
        kept = fresh / str(size) / name
        source.replace(kept)
        kept.chmod(0o444)
        flush(kept)
        destination = self._artifact_folder(digest)
        destination.parent.mkdir(parents=True, exist_ok=True)
        while True:
            try:
                fresh.rename(destination)
            except OSError as error:
                if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                    raise
                if self.verified(digest, filename=name) is not None:  # another process was first
                    return
                # What the other one kept was damaged, and has just been dropped.
            else:
                self._verified.add(destination / str(size) / name)
                return

    def _artifact_folder(self, digest: Digest) -> Path:
        return self.folder / "artifacts" / digest.hex[:2] / digest.hex

    def _drop_damaged(self, folder: Path) -> None:
        with self.lock("damage"), self.scratch() as scratch, self._refusing():
            if folder.is_dir() and not is_sound(folder):  # nobody has replaced it since
                folder.rename(scratch / "damaged")

    # Trees: trees/<kind>/<2 digits>/<digest>/

    def tree(self, kind: str, key: Digest) -> Path | None:
        """Return the finished tree made for `key`, or ``None``."""
        path = self._tree_folder(kind, key)
        if not path.is_dir():
            return None
        self._enter(reading=True)
        touch(path)
        return path

    def make_tree(
        self, kind: str, key: Digest, fill: Callable[[Path], None], *, read_only: bool = True
    ) -> Path:
        """Return the tree of `key`, letting `fill` make it if there is none.

        `fill` runs at most once at a time for one key, across threads and processes; the tree appears
        whole or not at all.

        Args:
            kind: what it is a tree of, one word.
            key: digest of everything the tree depends on.
            fill: puts the files into the empty folder it is given.
            read_only: take write permission from all files and folders in it.
        """
        if found := self.tree(kind, key):
            return found
        destination = self._tree_folder(kind, key)
        with self.lock(f"tree-{kind}-{key}"), self.scratch() as scratch:
            if found := self.tree(kind, key):
                return found
            fresh = scratch / "tree"
            fresh.mkdir()
            fill(fresh)
            with self._refusing():
                if read_only:
                    take_write_permission(fresh)
                destination.parent.mkdir(parents=True, exist_ok=True)
                fresh.rename(destination)
        return destination

    def _tree_folder(self, kind: str, key: Digest) -> Path:
        return self.folder / "trees" / _word(kind) / key.hex[:2] / key.hex

    # Records: records/<kind>/<2 digits>/<digest>.json, each with the digest of its value.

    def read_record(self, kind: str, key: Digest) -> JsonValue | None:
        """Return the value last written for `key`, or ``None`` when there is none or it is damaged."""
        path = self._record_path(kind, key)
        try:
            wrapped = json.loads(path.read_bytes())
            value: JsonValue = wrapped["value"]
            sound = wrapped["sha256"] == digest_of_json(value).hex
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        except OSError as error:
            raise _unusable(self.root, error) from None
        if not sound:
            return None
        touch(path)
        return value

    def write_record(self, kind: str, key: Digest, value: JsonValue) -> None:
        """Remember `value` for `key`."""
        path = self._record_path(kind, key)
        text = canonical_json({"sha256": digest_of_json(value).hex, "value": value})
        with self.scratch() as scratch, self._refusing():
            fresh = scratch / "record"
            fresh.write_bytes(text)
            flush(fresh)
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.replace(path)

    def _record_path(self, kind: str, key: Digest) -> Path:
        return self.folder / "records" / _word(kind) / key.hex[:2] / f"{key}.json"

    # Work in progress

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give an empty folder on the store's file system, removed afterwards or by a later run."""
        self._enter()
        with ExitStack() as held:
            with self._refusing():
                if not self._swept:
                    self._swept = True
                    sweep_abandoned(self.folder / "scratch", _SCRATCH)
                folder = held.enter_context(owned_directory(self.folder / "scratch", _SCRATCH))
            yield folder

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock `name` against every other thread and process that uses this store."""
        self._enter()
        with ExitStack() as held:
            with self._refusing():
                held.enter_context(exclusive(self.folder / "locks" / f"{_word(name)}.lock"))
            yield

    @contextmanager
    def partial(self, digest: Digest) -> Iterator[Path]:
        """Give, locked, the folder where the unfinished download of `digest` is kept between runs."""
        with self.lock(f"fetch-{digest}"):
            folder = self.folder / "partial" / digest.hex
            with self._refusing():
                folder.mkdir(parents=True, exist_ok=True)
            yield folder

    def refuse_unusable(self) -> None:
        """Raise unless the store is a folder that can be read, or is not there yet.

        Raises:
            StoreError: says why it cannot be used.
        """
        with self._refusing(), suppress(FileNotFoundError):
            os.scandir(self.folder).close()

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Tell a fault of the file system, in a block that touches nothing but the store, as the store's."""
        try:
            yield
        except OSError as error:
            raise _unusable(self.root, error) from None

    def _enter(self, *, reading: bool = False) -> None:
        """Take a share in the store, which `prune` must not empty under our feet; one that only reads may be read-only."""
        if self._use is None:
            with self._opening:
                if self._use is None:
                    self._use = self._open_use_lock()
        if self._read_only is not None and not reading:
            raise _unusable(self.root, self._read_only)

    def _open_use_lock(self) -> int:
        self._read_only = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            tag = self.root / "CACHEDIR.TAG"
            if not tag.exists():
                tag.write_bytes(_CACHEDIR_TAG)
            descriptor = os.open(self.folder / "use.lock", os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            if error.errno not in {errno.EROFS, errno.EACCES, errno.EPERM}:
                raise _unusable(self.root, error) from None
            try:
                descriptor = os.open(self.folder / "use.lock", os.O_RDONLY)
            except OSError:
                raise _unusable(self.root, error) from None
            self._read_only = error
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the whole store, for pruning.

        Raises:
            StoreError: another process, or another `Store` of this process, uses it.
        """
        self._enter()
        if self._use is None:  # pragma: no cover # `_enter` sets it or raises
            return
        try:
            fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._use, fcntl.LOCK_SH)
            raise StoreError(
                "prune store",
                str(self.root),
                why="another run of crosswheel is using it",
                fix="try again when that run has ended",
            ) from None
        try:
            yield
        finally:
            fcntl.flock(self._use, fcntl.LOCK_SH)

    def close(self) -> None:
        """Give up the share in the store; a later use takes it again."""
        with self._opening:
            if self._use is not None:
                os.close(self._use)
                self._use = None

    def __del__(self) -> None:
        with suppress(AttributeError, OSError):
            self.close()


def _unusable(root: Path | str, error: OSError) -> StoreError:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    return StoreError(
        "open store",
        str(root),
        why=error.strerror or str(error),
        fix=("make room there, or " if full else "")
        + "set CROSSWHEEL_CACHE_DIR or --cache-dir to a folder you can write to",
    )


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise InputError("name store entry", text, why="it is not a plain word", fix="use a-z, 0-9, . _ -")
    return text


def _plain_name(filename: str) -> str:
    if not filename or filename in {".", ".."} or "/" in filename or "\0" in filename:
        raise InputError("store file", filename, why="its name is not a plain file name", fix="rename it")
    return filename
