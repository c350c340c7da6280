"""Which files a simple index offers for a project: PEP 503 HTML and PEP 691 JSON pages.

Knows nothing of versions or tags; a file is looked up by its name and hash.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag

from packaging.utils import canonicalize_name

from crosswheel.act.fetching.fetch_settings import IndexBase, without_secrets
from crosswheel.act.fetching.file_urls import path_of_file_url
from crosswheel.act.fetching.http_client import HttpClient, TransferError
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.urls import join_url, split_url

__all__ = ["IndexPages", "OfferedFile", "parse_project_page"]

# PEP 691: JSON preferred, HTML understood.
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_LONGEST_PAGE = 256 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferedFile:
    """A file on a project page; `sha256` is ``None`` when the page does not say."""

    url: str
    sha256: str | None


class IndexPages:
    """The project pages of the configured indexes, each read at most once."""

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self._pages: dict[str, Mapping[str, OfferedFile]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def find(self, base: IndexBase, artifact: Artifact) -> str:
        """Return the URL under which `base` offers `artifact`.

        Raises:
            TransferError: its page cannot be read, or does not list the file with this hash.
        """
        url = f"{base.url}/{canonicalize_name(artifact.project or '')}/"
        with self._lock:
            lock = self._locks.setdefault(url, threading.Lock())
        with lock:
            if url not in self._pages:
                self._pages[url] = self._read(url)
        offered = self._pages[url].get(artifact.filename)
        if offered is None:
            raise TransferError("its page does not list the file")
        if offered.sha256 not in {None, artifact.sha256.hex}:
            raise TransferError(
                f"its page lists the file with another SHA-256, {offered.sha256}", other_file=True
            )
        return offered.url

    def _read(self, url: str) -> Mapping[str, OfferedFile]:
        folder = path_of_file_url(url)
        if folder is not None:
            try:
                return parse_project_page((folder / "index.html").read_bytes(), "text/html", url)
            except OSError as error:
                raise TransferError(f"its page cannot be read ({error.strerror})") from None
        with self._client.get(url, {"Accept": _ACCEPT}) as response:
            data = response.read(_LONGEST_PAGE)
            return parse_project_page(data, response.headers.get("content-type", ""), response.url)


def parse_project_page(data: bytes, content_type: str, url: str) -> dict[str, OfferedFile]:
    """Return the files of a project page by name.

    Args:
        data: the page.
        content_type: its media type; JSON if that ends in ``json``, else HTML.
        url: where it was found, what its links are relative to.

    Raises:
        TransferError: the page is neither.

    >>> parse_project_page(b'<a href="../a.whl#sha256=00">a.whl</a>', "text/html", "https://index.example/simple/a/")
    {'a.whl': OfferedFile(url='https://index.example/simple/a.whl', sha256='00')}
    """
    if content_type.partition(";")[0].strip().endswith("json"):
        return _parse_json(data, url)
    parser = _Anchors(url)
    parser.feed(data.decode("utf-8", "replace"))
    parser.close()
    return parser.files


def _parse_json(data: bytes, url: str) -> dict[str, OfferedFile]:
    try:
        return {
            file["filename"]: OfferedFile(
                url=join_url(url, file["url"]), sha256=(file.get("hashes") or {}).get("sha256")
            )
            for file in json.loads(data)["files"]
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise TransferError(f"its page {without_secrets(url)} is not a PEP 691 document") from None


class _Anchors(HTMLParser):
    """Collects the anchors of a PEP 503 page."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.files: dict[str, OfferedFile] = {}
        self._base = url

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if not href:
            return
        if tag == "base":
            self._base = join_url(self._base, href)
        elif tag == "a":
            link, fragment = urldefrag(join_url(self._base, href.strip()))
            name = unquote(split_url(link).path.rpartition("/")[2])
            algorithm, _, value = fragment.partition("&")[0].partition("=")
            self.files[name] = OfferedFile(url=link, sha256=value if algorithm == "sha256" else None)
