"""The one kind of URL that needs no network."""

from __future__ import annotations

from pathlib import Path

from crosswheel.values.urls import split_url

__all__ = ["path_of_file_url"]


def path_of_file_url(url: str) -> Path | None:
    """Return the path that a ``file:`` URL names; ``None`` for another URL.

    >>> path_of_file_url("file:///srv/a%20b.whl"), path_of_file_url("https://example.org/a.whl")
    (PosixPath('/srv/a b.whl'), None)
    """
    if url[:5].lower() != "file:":  # of thousands of URLs in a lock, few or none are taken apart
        return None
    # Loading it loads an HTTP client, too, which takes longer than reading a plan.
    from urllib.request import url2pathname

    return Path(url2pathname(split_url(url).path))
