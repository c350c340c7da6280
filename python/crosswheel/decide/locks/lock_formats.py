"""Which lock format a file is, told by its name and, failing that, by how it begins."""

from __future__ import annotations

import re
import shlex
from enum import Enum

from crosswheel.values.errors import InputError

__all__ = ["LockFormat", "lock_format"]


class LockFormat(Enum):
    """A format that can stand where a lock file is asked for."""

    PYLOCK = "pylock.toml"
    UV_LOCK = "uv.lock"
    REQUIREMENTS = "requirements.txt"


_PYLOCK_NAME = re.compile(r"pylock(\.[^.]+)?\.toml")
_PYLOCK_HEAD = re.compile(r"""^\s*lock-version\s*=\s*["']""", re.MULTILINE)
_UV_HEAD = re.compile(
    r"^version\s*=\s*\d+\s*$(?=.*^\s*(requires-python|\[\[package\]\]))", re.MULTILINE | re.DOTALL
)
_REQUIREMENT_HEAD = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?\s*(===?|@)\s*\S", re.MULTILINE)
_HASH = re.compile(r"--hash[= ]sha256:")
# Its mark of the byte order and first letter, read as UTF-8.
_UTF_16 = re.compile("\ufffd\ufffd(?:\0.|.\0)", re.DOTALL)

# File name -> what to do with it instead.
_OTHERS = {
    "poetry.lock": "its format is Poetry's own; export it: `poetry export -o requirements.txt` (since Poetry 2 by its poetry-plugin-export)",
    "pdm.lock": "its format is PDM's own; export it: `pdm export -f pylock -o pylock.toml`",
    "pipfile.lock": "its format is Pipenv's own; export it: `pipenv requirements --hash > requirements.txt`",
    "pixi.lock": "its format is pixi's own and it locks conda packages too; lock with `uv lock`",
    "pyproject.toml": "it asks for packages but locks none; lock it first: `uv lock`, or `uv pip compile`",
}


def lock_format(name: str, head: str) -> LockFormat:
    """Tell the format of a lock file.

    Args:
        name: its file name; folders in front of it are ignored.
        head: its first few thousand characters, or all of it.

    Raises:
        InputError: it is none of the formats, or another tool's; the text says what to do.

    >>> lock_format("pylock.web.toml", "")
    <LockFormat.PYLOCK: 'pylock.toml'>
    >>> lock_format("locked.txt", "idna==3.10 --hash=sha256:00")
    <LockFormat.REQUIREMENTS: 'requirements.txt'>
    """
    base = re.split(r"[/\\]", name)[-1]
    if _PYLOCK_NAME.fullmatch(base):
        return LockFormat.PYLOCK
    if base == "uv.lock":
        return LockFormat.UV_LOCK
    other = _OTHERS.get(base.lower())
    if other is not None:
        why, _, fix = other.partition("; ")
        raise InputError("read lock file", name, why=why, fix=fix)
    if _UTF_16.match(head):
        raise InputError(
            "read lock file",
            name,
            why="it is in UTF-16, as PowerShell's `>` writes it",
            fix="save it as UTF-8, or have the program write it itself: `uv pip compile ... -o FILE`",
        )
    if base.endswith((".txt", ".in")):
        return _requirements(name, head)
    return _by_content(name, head)


def _requirements(name: str, head: str) -> LockFormat:
    if _HASH.search(head):
        return LockFormat.REQUIREMENTS
    base = re.split(r"[/\\]", name)[-1]
    lines = [line for line in map(str.strip, head.splitlines()) if line and not line.startswith("#")]
    if lines and all(line.startswith("-") for line in lines):
        return LockFormat.REQUIREMENTS  # its reader says why an option is refused
    raise InputError(
        "read lock file",
        name,
        why="its requirements carry no hashes, so nothing says which files are meant",
        fix=f"lock them: `uv pip compile --universal --format pylock.toml {shlex.quote(name)} -o {shlex.quote(f'{name[: -len(base)]}pylock.toml')}`",
    )


def _by_content(name: str, head: str) -> LockFormat:
    if _PYLOCK_HEAD.search(head):
        return LockFormat.PYLOCK
    if _UV_HEAD.search(head):
        return LockFormat.UV_LOCK
    if _REQUIREMENT_HEAD.search(head) and _HASH.search(head):
        return LockFormat.REQUIREMENTS
    if head.lstrip().startswith("{"):
        raise InputError(
            "read lock file",
            name,
            why="it begins like a plan, which is no lock",
            fix="give the lock to plan from, or the plan to `crosswheel build` or `install`",
        )
    raise InputError(
        "read lock file",
        name,
        why="it is empty" if not head.strip() else "it is no plan and no lock, by its name and how it begins",
        fix="give a pylock.toml (PEP 751), a uv.lock or a requirements.txt with hashes",
    )
