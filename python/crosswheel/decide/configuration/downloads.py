"""Files that a build would download, pinned by the configuration: ``downloads`` of a package.

Documented in docs/guides/pinned-downloads.md.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from crosswheel.decide.documents.typed_tables import TypedTable
from crosswheel.decide.plans.content_names import is_content_name
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError
from crosswheel.values.urls import is_web_url

__all__ = ["ARCHIVES", "Download", "is_plain_name", "laid_over", "parse_downloads"]

DOWNLOAD_KEYS = ("fetch-content", "filename", "sha256", "url")
#: Endings of the archives that can be unpacked for CMake.
ARCHIVES = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar", ".zip")
_UNFIT = re.compile(r"[/\\\x00-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Download:
    """A file that a build finds in its sandbox.

    Attributes:
        url: where it is to be had.
        sha256: its digest.
        filename: its name in the folder of downloads.
        fetch_content: name of the content that CMake's ``FetchContent_Declare`` takes it for; empty for none.
    """

    url: str
    sha256: Digest
    filename: str
    fetch_content: str = ""


def laid_over(lower: Iterable[Download], upper: Iterable[Download]) -> tuple[Download, ...]:
    """Return all downloads; of two with one file name, or for one content of CMake's, the upper."""
    upper = tuple(upper)
    names = {one.filename for one in upper}
    contents = {one.fetch_content.upper() for one in upper if one.fetch_content}
    kept = (one for one in lower if one.filename not in names and one.fetch_content.upper() not in contents)
    return (*kept, *upper)


def parse_downloads(table: TypedTable) -> tuple[Download, ...]:
    """Return the downloads of a package's table, in the file's order, keeping its faults."""
    found: list[Download] = []
    for inner in table.array_of_tables("downloads"):
        inner.refuse_unknown(DOWNLOAD_KEYS)
        one = _download(inner)
        if one is None:
            continue
        if len(laid_over(found, [one])) <= len(found):
            inner.fault_here(
                doing="read download",
                value=one.filename,
                why="another one before it has its name or its content",
                fix="give it another `filename` or `fetch-content`, or remove one",
            )
        found.append(one)
    return tuple(found)


def _download(table: TypedTable) -> Download | None:
    url, digest = _url(table), _digest(table)
    named = table.string("filename")
    filename = named or (unquote(posixpath.basename(urlsplit(url).path)) if url else "")
    if url and not is_plain_name(filename):
        table.fault(
            "filename" if named else "url",
            doing="name download",
            value=filename or url,
            why="it is not a plain file name" if filename else "its URL does not end with a file name",
            fix="give its name with `filename`",
        )
    content = table.string("fetch-content") or ""
    if content and not is_content_name(content):
        why, fix = "no FetchContent_Declare has such a name", "write the name that the project declares"
        table.fault("fetch-content", doing="use content", value=content, why=why, fix=fix)
    elif content and url and not filename.endswith(ARCHIVES):
        why = f"it is unpacked for CMake, and is no archive ({', '.join(ARCHIVES)})"
        table.fault("fetch-content", doing="unpack", value=filename, why=why, fix="give its `filename`")
    if url is None or digest is None:
        return None
    return Download(url=url, sha256=digest, filename=filename, fetch_content=content)


def _url(table: TypedTable) -> str | None:
    url = table.string("url")
    if url is None:
        if "url" not in table.table:
            table.fault_here(doing="read download", why="it gives no url", fix="write where it is to be had")
        return None
    if not is_web_url(url):
        why, fix = "it is no address that HTTP fetches", "write one that begins with https:// or http://"
        table.fault("url", doing="use download", value=url, why=why, fix=fix)
        return None
    return url


def _digest(table: TypedTable) -> Digest | None:
    text = table.string("sha256")
    if text is None:
        if "sha256" not in table.table:
            fix = "write the 64 hexadecimal digits that `sha256sum` prints of the file"
            table.fault_here(doing="read download", why="it gives no sha256", fix=fix)
        return None
    try:
        return Digest(text)
    except InputError as error:
        table.refuse("sha256", error)
        return None


def is_plain_name(filename: str) -> bool:
    """Tell whether a file may have this name in the folder of downloads."""
    return filename not in {"", ".", ".."} and filename[0] != "-" and _UNFIT.search(filename) is None
