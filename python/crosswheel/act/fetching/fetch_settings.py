"""How files may be fetched: indexes, mirrors, credentials, proxies and certificates, as values.

Knows nothing of where these were configured; `crosswheel.act.fetching.index_configuration` reads that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlunsplit

from crosswheel.values.errors import InputError
from crosswheel.values.urls import port_of, split_url, without_user_info

__all__ = ["Credentials", "FetchSettings", "IndexBase", "Mirror", "mirror", "parse_mirror", "without_secrets"]

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """A user name and password; no text form of it shows them.

    >>> Credentials(username="ada", password="secret")
    Credentials(***)
    """

    username: str = field(repr=False)
    password: str = field(repr=False)

    def __repr__(self) -> str:
        return "Credentials(***)"


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexBase:
    """A simple index (PEP 503, PEP 691) the user configured.

    Attributes:
        url: base of the project pages, without credentials and without a final slash.
        credentials: for this index's origin.
        explicit: only lends its credentials; no project is looked up on it (uv's ``explicit``).
    """

    url: str
    credentials: Credentials | None = None
    explicit: bool = False

    @classmethod
    def from_url(
        cls, url: str, *, credentials: Credentials | None = None, explicit: bool = False
    ) -> IndexBase:
        """Return the index at `url`, whose user-info part becomes its credentials.

        >>> IndexBase.from_url("https://ada:secret@index.example/simple/")
        IndexBase(url='https://index.example/simple', credentials=Credentials(***), explicit=False)
        """
        bare, own = split_credentials(url)
        return cls(url=bare.rstrip("/"), credentials=credentials or own, explicit=explicit)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """A rewrite rule: a URL that starts with `source` is fetched from `replacement` instead."""

    source: str
    replacement: str
    credentials: Credentials | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchSettings:
    """Everything that decides how a file is fetched; with none of it only the plan's own URLs are used.

    Attributes:
        indexes: looked at in this order before the plan's URL.
        mirrors: rewrite rules; the longest `source` that fits wins, and nothing else is tried then.
        proxies: proxy URL by scheme (``http``, ``https``, ``all``), and ``no``: hosts reached directly.
        certificates: file (or folder) of certificate authorities; ``None`` for the platform's.
        client_certificate: file with a client certificate and its key.
        trusted_hosts: hosts, or ``host:port``, whose certificate is not checked.
        netrc: a netrc file.
        timeout: seconds without a byte after which a connection is given up.
        retries: how often a failed transfer is tried again.
        parallel: how many files are fetched at once.
        backoff: seconds before the first retry; doubled for each further one.
    """

    indexes: tuple[IndexBase, ...] = ()
    mirrors: tuple[Mirror, ...] = ()
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificates: str | None = None
    client_certificate: str | None = None
    trusted_hosts: frozenset[str] = frozenset()
    netrc: str | None = None
    timeout: float = 30.0
    retries: int = 4
    parallel: int = 8
    backoff: float = 0.25


def parse_mirror(text: str) -> Mirror:
    """Parse a rewrite rule ``FROM=TO``, two URL prefixes.

    Raises:
        InputError: `text` is not one.

    >>> parse_mirror("https://files.example/=https://mirror.example/files/").replacement
    'https://mirror.example/files/'
    """
    source, separator, replacement = text.partition("=")
    if not separator:
        raise _no_mirror(without_secrets(source))
    return mirror(source, replacement)


def mirror(source: str, replacement: str) -> Mirror:
    """Return the rule from two URL prefixes; the user-info part of `replacement` becomes its credentials.

    Raises:
        InputError: one of them is not a URL, or nothing is fetched by the way that the second one names.
    """
    bare, credentials = split_credentials(replacement)
    shown, way = f"{without_secrets(source)}={without_secrets(bare)}", split_url(bare).scheme
    if not split_url(source).scheme or not way:
        raise _no_mirror(shown)
    if way not in {"https", "http", "file"}:
        raise InputError(
            "read mirror",
            shown,
            why=f"nothing is fetched by {way}",
            fix="name a mirror by https, http or file",
        )
    return Mirror(source=source, replacement=bare, credentials=credentials)


def _no_mirror(shown: str) -> InputError:
    return InputError(
        "read mirror",
        shown,
        why="it is not two URLs joined by '='",
        fix="write FROM=TO, for example https://files.example/=https://mirror.example/files/",
    )


def split_credentials(url: str) -> tuple[str, Credentials | None]:
    """Return `url` without its user-info part, and the credentials that part held."""
    user, separator, _ = split_url(url).netloc.rpartition("@")
    if not separator:
        return url, None
    name, _, password = user.partition(":")
    return without_user_info(url), Credentials(username=unquote(name), password=unquote(password))


def without_secrets(url: str) -> str:
    """Return `url` fit for a message: without user-info, query and fragment.

    >>> without_secrets("https://ada:secret@files.example/a.whl?signature=1#x")
    'https://files.example/a.whl'
    """
    return urlunsplit(split_url(without_user_info(url))._replace(query="", fragment=""))


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port: what credentials are valid for (RFC 6454)."""
    parts: SplitResult = split_url(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), port_of(parts) or _DEFAULT_PORTS.get(scheme)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundCredentials:
    """What is sent to a server, and where it was looked for.

    Attributes:
        credentials: what is sent; ``None`` where nothing was found.
        place: words for where they are from, or else for where there are none.
    """

    credentials: Credentials | None
    place: str


def credentials_for(url: str, settings: FetchSettings) -> FoundCredentials:
    """Return the credentials for `url`: its own, an index's or a mirror's of the same origin, or netrc's."""
    _, own = split_credentials(url)
    if own is not None:
        return FoundCredentials(credentials=own, place="the URL")
    places = [("index", base.url, base.credentials) for base in settings.indexes]
    places += [("mirror", mirror.replacement, mirror.credentials) for mirror in settings.mirrors]
    fitting = [one for one in places if one[2] and origin_of(one[1]) == origin_of(url)]
    # Of several on one origin, the one whose path is nearest, as pip and uv choose.
    best = max(fitting, key=lambda one: (url.startswith(one[1]), len(one[1])), default=None)
    if best is not None:
        kind, place, found = best
        return FoundCredentials(
            credentials=found, place=f"what is configured for the {kind} {without_secrets(place)}"
        )
    return _from_netrc(url, settings.netrc)


def _from_netrc(url: str, path: str | None) -> FoundCredentials:
    host = split_url(url).hostname
    others = "the URL, the indexes of pip and uv, the mirrors"
    if path is None or host is None:
        return FoundCredentials(credentials=None, place=f"{others} or netrc (there is no such file)")
    import netrc

    try:
        found = netrc.netrc(path).authenticators(host)
    except (OSError, netrc.NetrcParseError) as error:
        why = (error.strerror if isinstance(error, OSError) else error.msg) or type(error).__name__
        return FoundCredentials(
            credentials=None, place=f"{others} or {path} (which cannot be read: {why.lower()})"
        )
    if found is None:
        return FoundCredentials(credentials=None, place=f"{others} or {path}")
    return FoundCredentials(
        credentials=Credentials(username=found[0], password=found[2] or ""), place=str(path)
    )


def rewritten(url: str, mirrors: tuple[Mirror, ...]) -> str | None:
    """Return where the longest fitting rule sends `url`, or ``None`` when no rule fits."""
    fitting = [mirror for mirror in mirrors if url.startswith(mirror.source)]
    if not fitting:
        return None
    rule = max(fitting, key=lambda mirror: len(mirror.source))
    return rule.replacement + url[len(rule.source) :]
