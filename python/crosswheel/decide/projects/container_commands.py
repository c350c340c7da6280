"""What a Dockerfile's containers start: ENTRYPOINT and CMD of the stage that runs, and of those that it begins with.

Followed: https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

__all__ = ["ContainerCommand", "container_command", "option_text"]

_COMMENT = re.compile(r"^[ \t]*#.*\n", re.MULTILINE)
_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
_INSTRUCTION = re.compile(
    r"^[ \t]*(FROM|ENTRYPOINT|CMD|SHELL)[ \t]+(\S.*?)[ \t\r]*$", re.MULTILINE | re.IGNORECASE
)
_STAGE = re.compile(r"(?:--\S+[ \t]+)*[\"']?([^\s\"']+)[\"']?(?:[ \t]+AS[ \t]+(\S+))?", re.IGNORECASE)
#: A command that a shell reads as its words, and does nothing else with.
_PLAIN = re.compile(r"[\w@%+=:,./\- \t]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerCommand:
    """What containers start.

    Attributes:
        entrypoint: the command; ``None`` where nothing says one.
        cmd: its default arguments, or the command; likewise.
    """

    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stage:
    """What one stage says itself, and what it begins with."""

    inherited: ContainerCommand = ContainerCommand()
    own: ContainerCommand = ContainerCommand()
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    takes_cmd: bool = True

    @property
    def command(self) -> ContainerCommand:
        if self.own.entrypoint is None:
            cmd = self.inherited.cmd if self.own.cmd is None else self.own.cmd
            return ContainerCommand(entrypoint=self.inherited.entrypoint, cmd=cmd)
        return self.own if self.takes_cmd else replace(self.own, cmd=None)


def container_command(text: str, stage: str = "") -> ContainerCommand:
    r"""Return what containers of a Dockerfile start, as far as it says so itself: of its images nothing is known.

    Args:
        text: the Dockerfile.
        stage: the stage that runs; empty for the last one.

    >>> container_command('FROM python:3.12\nCMD python -m app').cmd
    ('python', '-m', 'app')
    """
    stages: dict[str, _Stage] = {}
    name, now = "", _Stage()
    for word, rest in _INSTRUCTION.findall(_CONTINUED.sub(" ", _COMMENT.sub("", text))):
        if word.upper() == "FROM":
            stages[name] = now
            found = _STAGE.match(rest)
            image, alias = (found[1], found[2] or "") if found else ("", "")
            before = stages.get(image.lower(), _Stage())
            name, now = alias.lower(), _Stage(inherited=before.command, shell=before.shell)
        else:
            now = _with_instruction(now, word.upper(), rest)
    stages[name] = now
    return stages.get(stage.lower(), now).command if stage else now.command


def _with_instruction(stage: _Stage, word: str, rest: str) -> _Stage:
    listed = _exec_form(rest)
    if word == "SHELL":
        return stage if listed is None else replace(stage, shell=listed)
    words = _shell_form(rest, stage.shell) if listed is None else listed
    if word == "CMD":
        return replace(stage, own=replace(stage.own, cmd=words))
    return replace(stage, own=replace(stage.own, entrypoint=words), takes_cmd=listed is not None)


def _exec_form(text: str) -> tuple[str, ...] | None:
    try:
        listed = json.loads(text)
    except ValueError:
        return None
    if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
        return tuple(listed)
    return None


def _shell_form(text: str, shell: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a command that needs no shell, which an image need not have; else the shell with the command."""
    first, *others = text.split()
    if _PLAIN.fullmatch(text) is None or "=" in first:
        return (*shell, text)
    return tuple(others) if first == "exec" else (first, *others)


def option_text(words: Sequence[str]) -> str:
    """Return words as an option of a command takes them: as they are, or as a Dockerfile's list where they need quotes.

    >>> option_text(["python", "-m", "app"]), option_text(["sh", "-c", "a b"])
    ('python -m app', '["sh", "-c", "a b"]')
    """
    plain = " ".join(words)
    return plain if shlex.join(words) == plain else json.dumps(list(words), ensure_ascii=False)
