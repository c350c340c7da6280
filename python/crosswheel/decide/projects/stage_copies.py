"""What a Dockerfile copies from one of its stages: files of the project, or packages, which are layers of their own here."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["StagedCopy", "followed_copies", "holds_packages", "installed_places", "is_within"]

#: Folders that packages are installed into, wherever they lie.
_PACKAGE_FOLDERS = frozenset({".venv", "venv", "virtualenvs", "site-packages", "dist-packages", ".local"})
#: Those of the Python of an image, and of Debian's.
_PYTHONS_OWN = re.compile(r"/usr(?:/local)?(?:/(?:bin|lib(?:/python3[^/]*)?))?")
#: What installs and is nothing of what runs: programs, the locks that they read, and wheels.
_INSTALLING = re.compile(r"uvx?|pip3?|poetry|pdm|[^/]*(?:requirements|constraints)[^/]*\.txt|[^/]*\.whl")
#: Variables that say where packages, or the Python that they are for, are installed.
_PLACES = (
    "VIRTUAL_ENV",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON_INSTALL_DIR",
    "POETRY_VIRTUALENVS_PATH",
    "PYTHONUSERBASE",
    "PIP_PREFIX",
    "PIP_TARGET",
)
#: How commands say it: ``python -m venv --copies /opt/venv``, ``pip install --prefix=/install``, ``pip wheel -w /wheels``.
_MADE = re.compile(
    r"\b(?:venv|virtualenv)\b(?:[ \t]+-\S+)*[ \t]+([^\s;&|\-]\S*)"
    r"|\bpip3?\b[^;&|]*?[ \t](?:--prefix|--target|--wheel-dir|-t|-w)[= \t]+([^\s;&|]+)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedCopy:
    """A copy from another stage, or from another image, that is none of packages.

    Attributes:
        stage: the stage or image.
        source: the path there.
        paths: paths in the project of what may lie there; where none of them exists, it is made while the image is built.
    """

    stage: str
    source: str
    paths: tuple[str, ...] = ()


def installed_places(command: str, environment: Mapping[str, str], workdir: str) -> tuple[str, ...]:
    """Return where a command of a stage, and the stage's variables, put packages.

    >>> installed_places("python -m venv env && pip install --prefix=/install .", {}, "/app")
    ('/app/env', '/install')
    """
    named = [first or second for first, second in _MADE.findall(command)]
    named += [environment[name] for name in _PLACES if name in environment]
    return tuple(posixpath.normpath(posixpath.join("/", workdir, path.strip("\"'"))) for path in named)


def holds_packages(source: str, installed: Sequence[str]) -> bool:
    """Tell whether what a copy takes are packages, or what installs them.

    Args:
        source: an absolute path.
        installed: where its stage puts packages.
    """
    name = posixpath.basename(source)
    return (
        not _PACKAGE_FOLDERS.isdisjoint(source.split("/"))
        or _PYTHONS_OWN.fullmatch(source) is not None
        or "/lib/python3" in source
        or _INSTALLING.fullmatch(name) is not None
        or any(is_within(source, place) for place in installed)
    )


def is_within(path: str, folder: str) -> bool:
    """Tell whether a path is a folder, or lies below it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def followed_copies(
    copies: Sequence[tuple[str, str]], source: str, place: str
) -> tuple[tuple[str, str], ...]:
    """Return what of the project a copy takes that a stage has copied before: paths there, and where each comes to lie.

    Args:
        copies: those of the stage.
        source: an absolute path in it.
        place: where that comes to lie.

    >>> followed_copies([(".", "/build")], "/build/web", "/srv")
    (('web', '/srv'),)
    """
    found = []
    for path, at in copies:
        if is_within(at, source):
            found.append((path, posixpath.normpath(posixpath.join(place, posixpath.relpath(at, source)))))
        elif is_within(source, at):
            inside = posixpath.relpath(source, at)
            # A file lies in the folder by its own name.
            whole = posixpath.basename(path) == inside
            found.append((path if whole else posixpath.normpath(posixpath.join(path, inside)), place))
    return tuple(found)
