"""A file that a user gives as a path, or as a URL with its digest."""

from __future__ import annotations

from pathlib import Path

from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.reporter import Reporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError
from crosswheel.values.urls import is_web_url, split_url

__all__ = ["find_source", "refuse_unknown_source"]


_DIGEST = "sha256="


def refuse_unknown_source(source: str, *, thing: str, fix: str) -> None:
    """Refuse a source that cannot be found, as far as can be told without fetching it.

    Args:
        source: a path, or ``URL#sha256=DIGEST``.
        thing: what it is, for messages.
        fix: what to do where there is no such path.

    Raises:
        InputError: there is no such path, or a URL comes without a digest.
    """
    if not is_web_url(source):
        if not source or not Path(source).exists():
            raise InputError(f"read {thing}", source, why="there is no such file or folder", fix=fix)
    elif not source.partition("#")[2].startswith(_DIGEST):
        raise InputError(
            f"fetch {thing}",
            source.partition("#")[0],
            why="its SHA-256 is not given, so nothing says which file is meant",
            fix="write URL#sha256=DIGEST",
        )


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
    refuse_unknown_source(source, thing=thing, fix=fix)
    if not is_web_url(source):
        return None, Path(source)
    url, _, fragment = source.partition("#")
    value = fragment.removeprefix(_DIGEST)
    artifact = Artifact(sha256=Digest(value), filename=Path(split_url(url).path).name, url=url)
    files = fetch_artifacts(store, [artifact], base=folder, settings=settings, reporter=reporter)
    return artifact, files[artifact.sha256]
