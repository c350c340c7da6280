"""URLs taken apart and joined whatever they are: who uses one finds out whether it leads anywhere."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

__all__ = ["is_web_url", "join_url", "port_of", "split_url", "without_user_info"]

#: RFC 3986, appendix B.
_PARTS = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)


def is_web_url(text: str) -> bool:
    """Tell whether a text is the address of something that HTTP fetches.

    >>> is_web_url("https://example.org/a.whl"), is_web_url("file:///a.whl"), is_web_url("a.whl")
    (True, False, False)
    """
    return text.startswith(("https://", "http://"))


def split_url(url: str) -> SplitResult:
    """Return the parts of `url`, also of one that the standard library does not take apart.

    >>> split_url("http://ada@[::1/a").netloc, split_url("https://[::1]/a").path
    ('ada@[::1', '/a')
    """
    try:
        return urlsplit(url)
    except ValueError:
        found = _PARTS.fullmatch(url)
        assert found is not None, "every text matches"
        return SplitResult(*(part or "" for part in found.groups()))


def join_url(base: str, target: str) -> str:
    """Return the URL that `target` means in a document at `base`; `target` itself if it is none."""
    try:
        return urljoin(base, target)
    except ValueError:
        return target


def port_of(parts: SplitResult) -> int | None:
    """Return the port of a URL, ``None`` without one or with one that is no port."""
    try:
        return parts.port
    except ValueError:
        return None


def without_user_info(url: str) -> str:
    """Return `url` without the user and password that may stand before its server's name (RFC 3986, section 3.2.1).

    >>> without_user_info("https://ada:secret@files.example/a.whl")
    'https://files.example/a.whl'
    """
    parts = split_url(url)
    _, separator, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=place)) if separator else url
