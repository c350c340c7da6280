"""The installed uv, run with the user's indexes and no other project's settings."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlunsplit

from crosswheel.act.fetching.fetch_settings import FetchSettings, IndexBase
from crosswheel.act.fetching.index_configuration import ResolverIndexes
from crosswheel.values.errors import CrosswheelError, ResolutionError
from crosswheel.values.urls import split_url

__all__ = ["UvProgram"]

#: Variables of uv that would change what is resolved, and not only where it is looked for.
_MEANT_FOR_OTHERS = frozenset(
    {
        "UV_BUILD_CONSTRAINT",
        "UV_CONSTRAINT",
        "UV_EXCLUDE",
        "UV_FORK_STRATEGY",
        "UV_OUTPUT_FILE",
        "UV_OVERRIDE",
        "UV_PRERELEASE",
        "UV_PROJECT",
        "UV_PYTHON",
        "UV_RESOLUTION",
        "UV_TORCH_BACKEND",
        "UV_WORKING_DIR",
        "VIRTUAL_ENV",
    }
)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


@dataclass(frozen=True, kw_only=True, slots=True)
class UvProgram:
    """uv, the user's indexes and the user's way to the network.

    Attributes:
        indexes: where versions are looked for; given to uv in its environment, never on its command line,
            which other users of the machine can read.
        settings: certificates and proxies.
    """

    indexes: ResolverIndexes
    settings: FetchSettings

    @property
    def identity(self) -> tuple[str, ...]:
        """The indexes' addresses: what an answer depends on besides the question."""
        return tuple(index.url for index in self.indexes.all if not index.explicit)

    def run(
        self,
        arguments: Sequence[str],
        *,
        directory: Path,
        failure: CrosswheelError,
        standard_input: str = "",
    ) -> str:
        """Run uv and return what it printed.

        Args:
            arguments: subcommand and options.
            directory: working directory; uv reads project settings there.
            failure: raised, with uv's own words as details, when uv fails.
            standard_input: what it reads.

        Raises:
            CrosswheelError: `failure`, or there is no uv.
        """
        done = subprocess.run(
            [_uv_program(), *arguments, "--quiet", "--no-progress", "--color", "never"],
            cwd=directory,
            env=_environment(self.indexes, self.settings),
            input=standard_input,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise type(failure)(
                failure.doing,
                failure.value,
                why=failure.why,
                fix=failure.fix,
                context=failure.context,
                details=_words(done.stderr),
            )
        return done.stdout


def _words(text: str) -> list[str]:
    return [_CREDENTIALS.sub("", line.rstrip()) for line in text.splitlines() if line.strip()]


# Builds are resolved in threads, and sysconfig, which `find_uv_bin` asks, is half filled for the second thread
# that asks it for the first time: https://github.com/python/cpython/issues/92452
_FINDING = threading.Lock()


def _uv_program() -> str:
    import uv

    try:
        with _FINDING:
            return os.fsdecode(uv.find_uv_bin())
    except FileNotFoundError as error:
        raise ResolutionError(
            "find program", "uv", why=str(error), fix=f"install it: {sys.executable} -m pip install uv"
        ) from None


def _environment(indexes: ResolverIndexes, settings: FetchSettings) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _MEANT_FOR_OTHERS}
    if indexes.default is not None:
        environment["UV_DEFAULT_INDEX"] = _with_credentials(indexes.default)
    searched = [_with_credentials(index) for index in indexes.others if not index.explicit]
    if searched:
        environment["UV_INDEX"] = " ".join(searched)
    if settings.certificates and os.path.isfile(settings.certificates):  # noqa: PTH113 # a setting, not ours
        environment.setdefault("SSL_CERT_FILE", settings.certificates)
    for scheme, proxy in settings.proxies.items():
        environment.setdefault("NO_PROXY" if scheme == "no" else f"{scheme.upper()}_PROXY", proxy)
    return environment


def _with_credentials(index: IndexBase) -> str:
    if index.credentials is None:
        return index.url
    parts = split_url(index.url)
    user = quote(index.credentials.username, safe="")
    password = quote(index.credentials.password, safe="")
    return urlunsplit(parts._replace(netloc=f"{user}:{password}@{parts.netloc}"))
