"""Fetching the plan's artifacts into the store: in parallel, resumed where they stopped, checked by hash and size.

Where a file may come from: docs/guides/mirrors-and-credentials.md.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.fetching.fetch_settings import FetchSettings, origin_of, rewritten, without_secrets
from crosswheel.act.fetching.file_urls import path_of_file_url
from crosswheel.act.fetching.http_client import HttpClient, HttpResponse, TransferError
from crosswheel.act.fetching.index_pages import IndexPages
from crosswheel.act.reporter import Reporter
from crosswheel.act.storage.store import Store
from crosswheel.act.storage.stored_files import UnexpectedContentError
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, FetchError, StoreError, raise_faults

__all__ = ["NOWHERE_FIX", "FetchSettings", "fetch_artifacts", "refuse_other_sizes"]

_BLOCK = 1 << 18
#: Where a file comes from that was fetched before.
_STORE = "the store"
#: What is said of a file that nothing gives.
NOWHERE_FIX = "check the network, the index and mirror settings, or make the plan anew"


def fetch_artifacts(
    store: Store, artifacts: Iterable[Artifact], *, base: Path, settings: FetchSettings, reporter: Reporter
) -> dict[Digest, Path]:
    """Return where each artifact lies in the store, its content verified, fetching those that are not there.

    A file that was damaged in the store is told, and fetched again.

    Args:
        store: the store; also keeps unfinished downloads, which the next call resumes.
        artifacts: what is wanted; each path returned has the artifact's own file name.
        base: folder that `Artifact.path` is relative to.
        settings: indexes, mirrors, credentials, proxies.
        reporter: told of each transfer.

    Raises:
        FetchError: an artifact is nowhere to be had with its hash and size; all that failed are collected.
    """
    wanted = {artifact.sha256: artifact for artifact in artifacts}
    refuse_other_sizes(store, wanted.values())
    found: dict[Digest, Path] = {}
    missing: list[Artifact] = []
    for digest, path in _held(store, wanted, settings, reporter).items():
        if path is None:
            missing.append(wanted[digest])
        else:
            found[digest] = path
            reporter.found(wanted[digest].filename, _STORE)
    if missing:
        reporter.expected("fetch", len(missing), len(found))
        found |= _fetch_missing(store, missing, base, settings, reporter)
    return {digest: found[digest] for digest in wanted}


def refuse_other_sizes(store: Store, artifacts: Iterable[Artifact]) -> None:
    """Refuse artifacts whose file the store holds with another size than was locked.

    A lock gives both, so that a download can be given up early; one of them is wrong, wherever the file comes from.

    Raises:
        FetchError: there are such artifacts; all are collected.
    """
    faults = []
    for artifact in artifacts:
        path = store.artifact(artifact.sha256) if artifact.size is not None else None
        size = None if path is None else path.stat().st_size
        if size is not None and size != artifact.size:
            why = f"the file of its SHA-256 has {size} bytes, not the {artifact.size} that were locked"
            faults.append(FetchError("fetch artifact", artifact.filename, why=why, fix="lock and plan again"))
    raise_faults(faults)


def _held(
    store: Store, wanted: Mapping[Digest, Artifact], settings: FetchSettings, reporter: Reporter
) -> dict[Digest, Path | None]:
    def look(artifact: Artifact) -> Path | None:
        if store.artifact(artifact.sha256, filename=artifact.filename) is None:
            return None
        path = store.verified(artifact.sha256, filename=artifact.filename)
        if path is None:
            reporter.warned(f"{artifact.filename} was damaged in the store; it is dropped and fetched again")
        return path

    with ThreadPoolExecutor(max_workers=max(1, settings.parallel)) as pool:  # hashing lets other threads run
        return dict(zip(wanted, pool.map(look, wanted.values()), strict=True))


def _fetch_missing(
    store: Store, missing: list[Artifact], base: Path, settings: FetchSettings, reporter: Reporter
) -> dict[Digest, Path]:
    client = HttpClient(settings)
    fetching = _Fetching(
        store=store,
        base=base,
        settings=settings,
        reporter=reporter,
        client=client,
        pages=IndexPages(client),
    )
    faults: list[CrosswheelError] = []
    found: dict[Digest, Path] = {}
    pool = ThreadPoolExecutor(max_workers=max(1, min(settings.parallel, len(missing))))
    try:
        for artifact, future in [(artifact, pool.submit(fetching.fetch, artifact)) for artifact in missing]:
            try:
                found[artifact.sha256] = future.result()
            except CrosswheelError as error:
                faults.append(error)
    finally:
        pool.shutdown(cancel_futures=True)
        client.close()
    raise_faults(faults)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fetching:
    """What every transfer of one call shares."""

    store: Store
    base: Path
    settings: FetchSettings
    reporter: Reporter
    client: HttpClient
    pages: IndexPages
    #: How much of each task was told: what is resumed is not told twice, what begins anew is taken back.
    told: dict[str, int] = field(default_factory=dict)
    #: Indexes that took no credentials, each told once.
    refusing: set[str] = field(default_factory=set)

    def _tell(self, task: str, done: int) -> None:
        self.reporter.advanced(task, done - self.told.get(task, 0))
        self.told[task] = done

    def fetch(self, artifact: Artifact) -> Path:
        task = f"fetch {artifact.filename}"
        self.reporter.started(task, artifact.size)
        outcome = "failed"
        try:
            with self.store.partial(artifact.sha256) as folder:
                path = self.store.verified(artifact.sha256, filename=artifact.filename)
                outcome = "cached" if path else "fetched"
                if path:
                    self.reporter.found(artifact.filename, _STORE)
                return path or self._fetch_from_somewhere(artifact, folder, task)
        except CrosswheelError:
            outcome = "failed"
            raise
        except OSError as error:
            outcome = "failed"
            raise StoreError(
                "keep artifact",
                artifact.filename,
                why=error.strerror or str(error),
                fix="make room there, or choose another store with --cache-dir",
            ) from None
        finally:
            self.reporter.finished(task, outcome)

    def _fetch_from_somewhere(self, artifact: Artifact, folder: Path, task: str) -> Path:
        tried: list[_Tried] = []
        for source in self._sources(artifact, tried):
            try:
                if isinstance(source.place, Path):
                    self._take_local(artifact, source.place)
                else:
                    self._download(artifact, source.place, folder, task)
            except TransferError as error:
                local = isinstance(source.place, Path)
                tried.append(_Tried(place=source.shown, error=error, local=local))
                continue
            for leftover in folder.iterdir():
                leftover.unlink()
            folder.rmdir()
            path = self.store.verified(artifact.sha256, filename=artifact.filename)
            if path is not None:
                before = f" (not from {'; '.join(map(str, tried))})" if tried else ""
                self.reporter.found(artifact.filename, f"{source.way}{source.shown}{before}")
                return path
        raise _nowhere(artifact, tried)

    def _sources(self, artifact: Artifact, tried: list[_Tried]) -> Iterator[_Source]:
        """Yield where the file may be, best first; notes in `tried` why an index offers none."""
        if artifact.path is not None:
            yield _Source(place=self.base / artifact.path)
        url = artifact.url
        replacement = rewritten(url, self.settings.mirrors) if url else None
        if replacement is not None:
            # The user said where these files are; the place they replace may not even be reachable.
            yield _as_source(replacement, "mirror ")
            return
        for index in self.settings.indexes if artifact.project else ():
            if index.explicit or (url and origin_of(index.url) == origin_of(url)):
                continue
            try:
                offered = self.pages.find(index, artifact)
            except TransferError as error:
                tried.append(_Tried(place=index.url, error=error, local=False))
                if error.unauthorized and index.url not in self.refusing:
                    self.refusing.add(index.url)
                    self.reporter.warned(
                        f"{tried[-1]}; what it has is looked for elsewhere, as the lock says: {_what_to_do(tried[-1])}"
                    )
            else:
                yield _as_source(offered, "index ")
        if url:
            yield _as_source(url)
        for other in artifact.also:
            moved = rewritten(other, self.settings.mirrors)
            yield _as_source(moved or other, "mirror " if moved else "")

    def _take_local(self, artifact: Artifact, path: Path) -> None:
        try:
            size = path.stat().st_size
            if artifact.size is not None and size != artifact.size:
                raise TransferError(f"it has {size} bytes, not {artifact.size}", other_file=True)
            self.store.add_file(path, filename=artifact.filename, expected=artifact.sha256)
        except UnexpectedContentError as error:
            raise TransferError(error.why, other_file=True) from None
        except OSError as error:
            raise TransferError(error.strerror or "it cannot be read") from None

    def _download(self, artifact: Artifact, url: str, folder: Path, task: str) -> None:
        for attempt in range(self.settings.retries + 1):
            try:
                return self._transfer(artifact, url, folder, task)
            except TransferError as error:
                if not error.passing or attempt == self.settings.retries:
                    raise
                time.sleep(max(error.wait, self.settings.backoff * 2**attempt))
        return None

    def _transfer(self, artifact: Artifact, url: str, folder: Path, task: str) -> None:
        unfinished = _Unfinished(folder, url)
        kept = unfinished.size()
        if artifact.size is not None and kept >= artifact.size:
            unfinished.drop()
            kept = 0
        with self.client.get(url, unfinished.range_headers()) as response:
            resumed = kept > 0 and response.status == 206
            if response.status == 416 or (resumed and not _continues(response, kept)):
                unfinished.drop()
                raise TransferError("the transfer cannot be resumed", passing=True)
            if response.status == 206 and not resumed:
                raise TransferError("the server sent a part nobody asked for")
            self._tell(task, kept if resumed else 0)
            unfinished.begin(response, resumed=resumed)
            self._receive(artifact, response, unfinished, task)
        self._accept(artifact, unfinished, resumed=resumed)

    def _receive(
        self, artifact: Artifact, response: HttpResponse, unfinished: _Unfinished, task: str
    ) -> None:
        size = unfinished.size()
        with unfinished.data.open("ab", buffering=0) as stream:
            for block in response.stream(_BLOCK):
                stream.write(block)
                size += len(block)
                self._tell(task, size)
                if artifact.size is not None and size > artifact.size:
                    break
        if artifact.size is not None and size != artifact.size:
            if size > artifact.size:
                unfinished.drop()
                raise TransferError(f"it is longer than {artifact.size} bytes", other_file=True)
            raise TransferError(f"it has {size} bytes, not {artifact.size}", passing=True, other_file=True)

    def _accept(self, artifact: Artifact, unfinished: _Unfinished, *, resumed: bool) -> None:
        try:
            self.store.add_file(
                unfinished.data, filename=artifact.filename, expected=artifact.sha256, move=True
            )
        except UnexpectedContentError as error:
            unfinished.drop()
            # A resumed file may be two halves of different files: worth one try from the start.
            raise TransferError(error.why, passing=resumed, other_file=True) from None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """A place that may have the file, and what it is besides what the plan names: a mirror or an index, with a blank."""

    place: Path | str
    way: str = ""

    @property
    def shown(self) -> str:
        """The place as it may be told."""
        return str(self.place) if isinstance(self.place, Path) else without_secrets(self.place)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tried:
    """A place that did not give the file, and why."""

    place: str
    error: TransferError
    local: bool

    def __str__(self) -> str:
        return f"{self.place}: {self.error}"


class _Unfinished:
    """A download that may have been begun by an earlier run."""

    def __init__(self, folder: Path, url: str) -> None:
        self.data = folder / "data"
        self._about = folder / "about.json"
        self._url = without_secrets(url)

    def size(self) -> int:
        return self.data.stat().st_size if self.data.exists() else 0

    def range_headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest (RFC 9110, sections 13.1.5 and 14.2)."""
        validator = self._validator()
        if not self.size() or validator is None:
            self.drop()
            return {}
        return {"Range": f"bytes={self.size()}-", "If-Range": validator}

    def begin(self, response: HttpResponse, *, resumed: bool) -> None:
        if resumed:
            return
        self.drop()
        etag = response.headers.get("etag", "")
        validator = etag if etag.startswith('"') else response.headers.get("last-modified")
        if validator:
            self._about.write_text(json.dumps({"url": self._url, "validator": validator}))

    def drop(self) -> None:
        self.data.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)

    def _validator(self) -> str | None:
        try:
            about = json.loads(self._about.read_bytes())
            return str(about["validator"]) if about["url"] == self._url else None
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _continues(response: HttpResponse, kept: int) -> bool:
    return response.headers.get("content-range", "").startswith(f"bytes {kept}-")


def _as_source(url: str, way: str = "") -> _Source:
    return _Source(place=path_of_file_url(url) or url, way=way)


def _nowhere(artifact: Artifact, tried: Sequence[_Tried]) -> FetchError:
    if not tried:
        return FetchError(
            "fetch artifact",
            artifact.filename,
            why="the plan names neither a URL nor a path for it",
            fix="configure an index that has it",
        )
    last = tried[-1]
    return FetchError(
        "fetch artifact",
        artifact.filename,
        particular=f"tried {len(tried)} places, the last: {last.place}" if len(tried) > 1 else last.place,
        why=str(last.error),
        fix=_what_to_do(last),
        details=[str(one) for one in tried[:-1]],
    )


def _what_to_do(tried: _Tried) -> str:
    if tried.local:
        return "put the file that was locked there, or lock and plan again"
    if tried.error.other_file:
        return "ask who serves it why the file has changed; if the change is right, lock and plan again"
    if tried.error.unauthorized:
        return tried.error.unauthorized
    return NOWHERE_FIX
