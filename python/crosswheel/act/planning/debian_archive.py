"""A Debian archive: which packages a release has, as its index says at one moment.

The index is not verified by Debian's signature: it comes over HTTPS, its digest is kept in the plan, and what is
taken is pinned by the digests in it. Followed: https://wiki.debian.org/DebianRepository/Format
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from crosswheel.act.fetching.fetch_settings import FetchSettings, rewritten, without_secrets
from crosswheel.act.fetching.http_client import HttpClient, TransferError
from crosswheel.act.reporter import Reporter
from crosswheel.decide.configuration.policy_model import SysrootSource
from crosswheel.decide.images.base_packages import ImagePackages
from crosswheel.decide.planning.debian_index import DebianIndex
from crosswheel.decide.planning.debian_suites import DebianSuite
from crosswheel.decide.projects.image_systems import python_of_debian
from crosswheel.values.digests import Digest
from crosswheel.values.errors import FetchError, ResolutionError
from crosswheel.values.platforms import Glibc

__all__ = ["DebianArchive", "ReadIndex", "image_packages", "past_archive", "shipped_suites"]

_LONGEST_RELEASE = 4 << 20
_LONGEST_INDEX = 256 << 20
_LINE = re.compile(r"^ (?P<sha256>[0-9a-f]{64}) +(?P<size>\d+) (?P<path>\S+)$", re.MULTILINE)
_DATE = re.compile(r"^Date: (?P<date>.+)$", re.MULTILINE)


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(
        (files("crosswheel") / "toolchains" / "debian.json").read_text("utf-8")
    )
    return table


@cache
def shipped_suites() -> tuple[DebianSuite, ...]:
    """Return the releases crosswheel knows, oldest first."""
    found = []
    for name, about in _table()["suites"].items():
        major, _, minor = about["glibc"].partition(".")
        found.append(
            DebianSuite(
                name=name,
                glibc=Glibc(major=int(major), minor=int(minor)),
                architectures=tuple(about["architectures"]),
                automatic=about.get("automatic", False),
                wide_time=tuple(about.get("wide_time", ())),
                python=python_of_debian(name),
            )
        )
    return tuple(sorted(found, key=lambda suite: suite.glibc or Glibc(major=9, minor=9)))


@cache
def image_packages() -> ImagePackages:
    """Return the shipped table."""
    table = _table()["image"]
    return ImagePackages(
        system=tuple(table["system"]),
        interpreter=tuple(table["interpreter"]),
        program=table["program"],
        without=tuple(table["without"]),
        script_tools=tuple(table["script_tools"]),
    )


def past_archive(moment: str) -> str:
    """Return the address of Debian's archive of the past, ``{snapshot}`` in it replaced by `moment`."""
    history: str = _table()["history"]
    return history.replace("{snapshot}", moment)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadIndex:
    """The index of one release and architecture.

    Attributes:
        index: the packages.
        digest: of the compressed index.
        mirror: what the packages' paths are relative to.
        history: the same for an archive that keeps what `mirror` drops; ``None`` if none is known.
    """

    index: DebianIndex
    digest: Digest
    mirror: str
    history: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DebianArchive:
    """Reads indexes, each once.

    Attributes:
        source: where from.
        settings: how files are fetched.
        reporter: hears of the progress.
        place: where users say which release they want and from where, and `release` which of it names the release:
            words for errors.
    """

    source: SysrootSource
    settings: FetchSettings
    reporter: Reporter
    place: str = "suite, snapshot or mirror in [tool.crosswheel.sysroot]"
    release: str = "suite in [tool.crosswheel.sysroot]"
    _read: dict[tuple[str, str], ReadIndex] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def index(self, suite: DebianSuite, architecture: str) -> ReadIndex:
        """Return the packages of the main component of a release.

        Raises:
            FetchError: the index cannot be fetched, or is another than the release says.
            ResolutionError: there is no such release, or it lacks the architecture.
        """
        with self._lock:
            key = (suite.name, architecture)
            if key not in self._read:
                task = f"fetch the index of Debian {suite.name} {architecture}"
                self.reporter.started(task)
                outcome = "failed"
                try:
                    self._read[key] = self._fetched(suite, architecture)
                    outcome = "fetched"
                finally:
                    self.reporter.finished(task, outcome)
            return self._read[key]

    def _fetched(self, suite: DebianSuite, architecture: str) -> ReadIndex:
        mirror = (self.source.mirror or _table()["mirror"]).rstrip("/")
        mirror = mirror.replace("{snapshot}", self.source.snapshot or "")
        base = f"{mirror}/dists/{suite.name}"
        client = HttpClient(self.settings)
        try:
            release = self._get(client, f"{base}/InRelease", _LONGEST_RELEASE, suite, architecture).decode(
                "utf-8", "replace"
            )
            listed = {match["path"]: match["sha256"] for match in _LINE.finditer(release)}
            path = f"main/binary-{architecture}/Packages.xz"
            if path not in listed:
                raise ResolutionError(
                    "use Debian release",
                    suite.name,
                    why=f"its archive has no index for {architecture}",
                    fix=f"use another release ({self.release})",
                )
            data = self._get(client, f"{base}/{path}", _LONGEST_INDEX, suite, architecture)
        finally:
            client.close()
        digest = hashlib.sha256(data).hexdigest()
        if digest != listed[path]:
            raise FetchError(
                "use Debian index",
                f"{without_secrets(base)}/{path}",
                why=f"its SHA-256 is {digest}, the release says {listed[path]}",
                fix="try again later, a mirror that is being updated is not whole; or use another mirror",
            )
        text = lzma.decompress(data).decode("utf-8", "replace")
        words = ("Debian", suite.name, architecture, self.source.snapshot)
        return ReadIndex(
            index=DebianIndex(text, name=" ".join(filter(None, words))),
            digest=Digest(digest),
            mirror=mirror,
            history=self._history(release),
        )

    def _history(self, release: str) -> str | None:
        """Return the archive of the past that has the packages of this release, a day after it was made."""
        match = _DATE.search(release)
        if match is None or self.source.mirror is not None:
            return None
        from email.utils import parsedate_to_datetime

        try:
            made = parsedate_to_datetime(match["date"]).astimezone(UTC) + timedelta(days=1)
        except ValueError:
            return None
        return past_archive(made.strftime("%Y%m%dT%H%M%SZ"))

    def _get(self, client: HttpClient, url: str, limit: int, suite: DebianSuite, architecture: str) -> bytes:
        place = rewritten(url, self.settings.mirrors) or url
        for attempt in range(self.settings.retries + 1):
            try:
                with client.get(place, {}) as response:
                    return b"".join(_limited(response.stream(1 << 20), limit))
            except TransferError as error:
                if error.passing and attempt < self.settings.retries:
                    continue
                raise FetchError(
                    "fetch the index of Debian",
                    f"{suite.name} {architecture}",
                    why=f"{without_secrets(place)}: {error}",
                    fix=f"correct {self.place}, or say with --mirror where the archive is",
                ) from None
        raise AssertionError("the last attempt raises")


def _limited(blocks: Any, limit: int) -> Any:
    size = 0
    for block in blocks:
        size += len(block)
        if size > limit:
            raise TransferError(f"the answer is longer than {limit} bytes")
        yield block
