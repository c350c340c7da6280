"""A file that a user gives as a path, or as a URL with its digest."""

from __future__ import annotations

from pathlib import Path

from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.reporter import Reporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.plan import Artifact
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError
from crosswheel.values.urls import split_url

__all__ = ["find_source"]


def find_source(
    source: str,
    *,
    thing: str,
    fix: str,
    folder: Path,
    store: Store,
    settings: FetchSettings,
    reporter: Reporter,
) -> tuple[Artifact | None, Path]:
    """Return the source on this machine, and its artifact if it came from the web.

    Args:
        source: a path, or ``URL#sha256=DIGEST``.
        thing: what it is, for messages.
        fix: what to do where there is no such path.
        folder: what relative paths of artifacts start from.
        store: keeps what is fetched.
        settings: how it is fetched.
        reporter: hears of the progress.

    Raises:
        InputError: there is no such path, or a URL comes without a digest.
        FetchError: it cannot be fetched.
    """
    if not source.startswith(("https://", "http://")):
        path = Path(source)
        if not source or not path.exists():
            raise InputError(f"read {thing}", source, why="there is no such file or folder", fix=fix)
        return None, path
    url, _, fragment = source.partition("#")
    key, _, value = fragment.partition("=")
    if key != "sha256":
        raise InputError(
            f"fetch {thing}",
            url,
            why="its SHA-256 is not given, so nothing says which file is meant",
            fix="write URL#sha256=DIGEST",
        )
    artifact = Artifact(sha256=Digest(value), filename=Path(split_url(url).path).name, url=url)
    files = fetch_artifacts(store, [artifact], base=folder, settings=settings, reporter=reporter)
    return artifact, files[artifact.sha256]
