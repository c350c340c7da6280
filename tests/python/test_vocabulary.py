"""The word "host" appears only as other people's identifier, and only where it is translated (docs/vocabulary.md)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SUFFIXES = {".py", ".json", ".bzl", ".nix", ".md", ".toml", ".sh", ".c", ".in"}

#: Identifiers of others, which have to be written as they are.
_FOREIGN = (
    "_PYTHON_HOST_PLATFORM",  # CPython's sysconfig
    "HOST_GNU_TYPE",  # CPython's Makefile
    "CMAKE_HOST_SYSTEM_NAME",
    "CMAKE_HOST_SYSTEM_PROCESSOR",
    "host_machine",  # Meson
    "host_alias",  # GNU configure
    "host_cpu",
    "host_os",
    "hostPlatform",  # Nix
    "--host",  # GNU configure
    "HOST_AR",  # the crate cc
    "HOST_CC",
    "HOST_CXX",
    "MAKE_HOST",  # GNU make
    "trusted-host",  # pip
    "/etc/hosts",  # POSIX
)
#: Where the host of a URL is meant (RFC 3986), which has no other name.
_URL_HOSTS = (
    "python/crosswheel/act/fetching/fetch_settings.py",
    "python/crosswheel/act/fetching/http_client.py",
    "python/crosswheel/act/fetching/index_configuration.py",
)
#: Where our words are translated into GNU configure's.
_TRANSLATING = ("python/crosswheel/render/config_site.py",)
#: Where other people's vocabulary is the subject.
_ABOUT_WORDS = ("docs/vocabulary.md", "docs/contributing.md", "docs/decisions/0001-build-and-target.md")
#: Tables of the names that the standard library has.
_TABLES = tuple(
    f"python/crosswheel/act/building/injected/names-{system}.json" for system in ("darwin", "win32")
)
_ALLOWED = (*_URL_HOSTS, *_TRANSLATING, *_ABOUT_WORDS, *_TABLES)

_TREES = ("python", "toolchains", "rules", "docs", "tools")
_FILES = sorted(
    path
    for tree in _TREES
    for path in (_ROOT / tree).rglob("*")
    if path.suffix in _SUFFIXES
    and path.is_file()
    and ".demo" not in path.parts
    and path.name != "requirements.txt"
)
_WORD = re.compile(r"(?<![A-Za-z])hosts?(?![a-z])|(?<![A-Z])Hosts?(?![a-z])|(?<![A-Z])HOSTS?(?![A-Z])")


def breaches(text: str) -> list[str]:
    """Return the lines of `text` that say "host" other than in a foreign identifier, as a word or part of a name."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        rest = line
        for identifier in _FOREIGN:
            rest = re.sub(rf"(?<![\w]){re.escape(identifier)}(?!\w)", "", rest)
        if _WORD.search(rest):
            found.append(f"{number}: {line.strip()}")
    return found


def _name(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()


@pytest.mark.parametrize("path", _FILES, ids=_name)
def test_build_and_target_are_never_called_host(path: Path) -> None:
    if _name(path) in _ALLOWED:
        return
    assert not breaches(path.read_text()), f"{_name(path)} says host"


@pytest.mark.parametrize(
    "text",
    ["the host compiler", "host_python = 1", "isHost", "targetHost()", "HOST_LD", "_PYTHON_HOST_PLATFORMS"],
)
def test_a_breach_is_seen(text: str) -> None:
    assert breaches(text)


@pytest.mark.parametrize(
    "text",
    [
        "localhost",
        "a hostile sdist",
        "hostname",
        "ghosts",
        'env["_PYTHON_HOST_PLATFORM"]',
        "./configure --host=x",
    ],
)
def test_words_that_only_look_alike_pass(text: str) -> None:
    assert not breaches(text)


@pytest.mark.parametrize("name", _ALLOWED)
def test_every_exception_is_still_needed(name: str) -> None:
    assert _WORD.search((_ROOT / name).read_text()), f"{name} no longer says host: take it off the list"
