"""HTTP as fetching needs it: redirects, proxies, certificates and credentials over urllib3.

Knows nothing of artifacts, hashes or indexes.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from crosswheel.act.fetching.fetch_settings import (
    Credentials,
    FetchSettings,
    FoundCredentials,
    credentials_for,
    split_credentials,
    without_secrets,
)
from crosswheel.values.urls import join_url, port_of, split_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    import urllib3

__all__ = ["HttpClient", "HttpResponse", "TransferError"]

_REDIRECTS = 10
_REDIRECT_CODES = frozenset({301, 302, 303, 307, 308})
#: Answers that may be different the next time (RFC 9110, RFC 6585).
_PASSING_CODES = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT = 30.0
#: What helps where a server wants credentials.
_GIVE_CREDENTIALS = (
    "put them into netrc, or into the index's or the mirror's URL (those in the URLs of a lock are left out of its plan, and a keyring "
    "is not asked)"
)


class TransferError(Exception):
    """One transfer failed; its text is a clause without secrets.

    Args:
        why: the clause.
        passing: whether trying again may help.
        wait: seconds the server asked to wait.
        other_file: what is there is another file than the one that is wanted.
        unauthorized: what to do about credentials that are missing, or are not taken; empty where it is not about these.
    """

    def __init__(
        self,
        why: str,
        *,
        passing: bool = False,
        wait: float = 0.0,
        other_file: bool = False,
        unauthorized: str = "",
    ) -> None:
        super().__init__(why)
        self.other_file = other_file
        self.passing = passing
        self.unauthorized = unauthorized
        self.wait = wait


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response whose body is still to be read."""

    status: int
    headers: Mapping[str, str]
    url: str
    body: urllib3.BaseHTTPResponse

    def stream(self, amount: int) -> Iterator[bytes]:
        """Yield the body as it was sent; a body cut short is a `TransferError`."""
        import urllib3.exceptions

        try:
            # Not decoded: some servers label a .tar.gz as gzip-encoded content, and hashes are of files as sent.
            yield from self.body.stream(amount, decode_content=False)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise TransferError(_clause(error), passing=True) from None

    def read(self, limit: int) -> bytes:
        """Return the whole body, decoded, of at most `limit` bytes."""
        import urllib3.exceptions

        try:
            data: bytes = self.body.read(limit + 1, decode_content=True)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise TransferError(_clause(error), passing=True) from None
        if len(data) > limit:
            raise TransferError(f"the answer is longer than {limit} bytes")
        return data


class HttpClient:
    """Connections for many threads; secrets go to the origin they are for and into no message."""

    def __init__(self, settings: FetchSettings) -> None:
        self._settings = settings
        self._pools: dict[tuple[str | None, bool], urllib3.PoolManager] = {}
        self._lock = threading.Lock()

    @contextmanager
    def get(self, url: str, headers: Mapping[str, str]) -> Iterator[HttpResponse]:
        """Give the final response to a GET, redirects followed.

        Raises:
            TransferError: no connection, too many redirects, or a status that is neither 200, 206 nor 416.
        """
        bare, own = split_credentials(urldefrag(url).url)
        for _ in range(_REDIRECTS + 1):
            known = (
                FoundCredentials(credentials=own, place="the URL")
                if own
                else credentials_for(bare, self._settings)
            )
            response = self._request(bare, known.credentials, headers)
            try:
                target = response.headers.get("location")
                if response.status in _REDIRECT_CODES and target:
                    bare, own = split_credentials(join_url(bare, target))
                    continue
                _refuse_status(response, known)
                yield HttpResponse(response.status, response.headers, bare, response)
                return
            finally:
                response.close()
        raise TransferError(f"more than {_REDIRECTS} redirects, the last to {without_secrets(bare)}")

    def _request(
        self, url: str, credentials: Credentials | None, headers: Mapping[str, str]
    ) -> urllib3.BaseHTTPResponse:
        import urllib3

        if split_url(url).scheme not in {"http", "https"}:
            raise TransferError(f"it leads to {without_secrets(url)}, which is not HTTP")
        sent = {"User-Agent": "crosswheel", **headers}
        if credentials:
            pair = f"{credentials.username}:{credentials.password}"
            sent |= urllib3.make_headers(basic_auth=pair)
        timeout = urllib3.Timeout(connect=self._settings.timeout, read=self._settings.timeout)
        try:
            return self._pool(url).request(
                "GET",
                url,
                headers=sent,
                preload_content=False,
                redirect=False,
                retries=False,
                timeout=timeout,
            )
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise TransferError(_clause(error), passing=not isinstance(error, ValueError)) from None

    def _pool(self, url: str) -> urllib3.PoolManager:
        key = (_proxy_for(url, self._settings.proxies), self._is_trusted(url))
        with self._lock:
            if key not in self._pools:
                self._pools[key] = self._open_pool(*key)
            return self._pools[key]

    def _open_pool(self, proxy: str | None, trusted: bool) -> urllib3.PoolManager:
        import ssl

        import urllib3

        options: dict[str, object] = {"maxsize": self._settings.parallel, "block": False}
        authorities = self._settings.certificates
        if authorities is None:
            context = ssl.create_default_context()
        else:
            try:
                folder = Path(authorities).is_dir()
                context = ssl.create_default_context(
                    cafile=None if folder else authorities, capath=authorities if folder else None
                )
            except OSError as error:
                why = (
                    f"the certificate authorities in {authorities} cannot be read ({error.strerror or error})"
                )
                raise TransferError(why) from None
        options["ssl_context"] = context
        if self._settings.client_certificate:
            context.load_cert_chain(self._settings.client_certificate)
        if trusted:
            # The user has said so; a warning per request would say it again.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            options |= {"cert_reqs": "CERT_NONE", "assert_hostname": False}
        if proxy is None:
            return urllib3.PoolManager(**options)  # type: ignore[arg-type]  # one set of options for both
        bare, credentials = split_credentials(proxy if "://" in proxy else f"http://{proxy}")
        if split_url(bare).scheme not in {"http", "https"}:
            raise TransferError(f"the proxy {bare} is not an HTTP proxy")
        pair = f"{credentials.username}:{credentials.password}" if credentials else None
        headers = urllib3.make_headers(proxy_basic_auth=pair) if pair else None
        return urllib3.ProxyManager(bare, proxy_headers=headers, **options)  # type: ignore[arg-type]

    def _is_trusted(self, url: str) -> bool:
        parts = split_url(url)
        host = parts.hostname or ""
        return bool({host, f"{host}:{port_of(parts)}"} & self._settings.trusted_hosts)

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.clear()


def _proxy_for(url: str, proxies: Mapping[str, str]) -> str | None:
    import urllib.request

    parts = split_url(url)
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy is None:
        return None
    # The standard library's reading of NO_PROXY: names, domain suffixes, host:port and ``*``.
    host = parts.netloc.rpartition("@")[2]
    return None if urllib.request.proxy_bypass_environment(host, dict(proxies)) else proxy  # type: ignore[attr-defined]


def _refuse_status(response: urllib3.BaseHTTPResponse, known: FoundCredentials) -> None:
    status = response.status
    if status in {200, 206, 416}:
        return
    if status in {401, 403}:
        if known.credentials is None:
            wants = "it wants credentials" if status == 401 else "it may want credentials"
            why = f"{wants}, and there are none for it in {known.place}"
            raise TransferError(f"the server answered {status}: {why}", unauthorized=_GIVE_CREDENTIALS)
        why = f"it does not take the credentials from {known.place}"
        raise TransferError(f"the server answered {status}: {why}", unauthorized="correct them there")
    waiting = response.headers.get("retry-after", "")
    wait = min(float(waiting), _LONGEST_WAIT) if waiting.isdecimal() else 0.0
    raise TransferError(f"the server answered {status}", passing=status in _PASSING_CODES, wait=wait)


def _clause(error: BaseException) -> str:
    """Return what went wrong in few words; urllib3's own text may repeat a URL with its query."""
    import urllib3.exceptions as kinds

    match error:
        case kinds.SSLError():
            return f"the secure connection failed ({_last(error)})"
        case kinds.ReadTimeoutError():
            return "the server stopped sending"
        case kinds.NameResolutionError():
            return "the host's name does not resolve"
        case kinds.ProxyError():
            return f"the proxy failed ({_last(error)})"
        case kinds.NewConnectionError():  # urllib3 makes it a kind of the next one
            return f"no connection ({_last(error)})"
        case kinds.ConnectTimeoutError():
            return "connecting took too long"
        case kinds.IncompleteRead() | kinds.ProtocolError():
            return "the transfer was cut short"
    return f"the transfer failed ({type(error).__name__})"


def _last(error: BaseException) -> str:
    """Return the innermost cause's own words."""
    inner: BaseException = error
    while (cause := inner.__cause__ or inner.__context__) is not None:
        inner = cause
    return getattr(inner, "strerror", None) or getattr(inner, "reason", None) or type(inner).__name__
