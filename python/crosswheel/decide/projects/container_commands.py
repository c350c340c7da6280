"""What a Dockerfile's containers start: ENTRYPOINT and CMD of the stage that runs, and of those that it begins with.

Followed: https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .dockerfile_text import plain_instructions

__all__ = ["ContainerCommand", "container_command", "option_text"]

_INSTRUCTION = re.compile(
    r"^[ \t]*(FROM|ENTRYPOINT|CMD|SHELL|COPY|ADD|ENV|USER|WORKDIR|EXPOSE)[ \t]+(\S.*?)[ \t\r]*$",
    re.MULTILINE | re.IGNORECASE,
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
        copies: what is copied from the project, in order: its path there, and the absolute one in the image.
        environment: variables.
        user: the user; empty where nothing says one.
        workdir: the working directory, absolute; likewise.
        ports: ports that it listens on.
        folder: where the Dockerfile lies in the project; empty for the project's own folder.
    """

    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    copies: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    user: str = ""
    workdir: str = ""
    ports: tuple[str, ...] = ()
    folder: str = ""


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
            return replace(self.own, entrypoint=self.inherited.entrypoint, cmd=cmd)
        return self.own if self.takes_cmd else replace(self.own, cmd=None)

    @classmethod
    def upon(cls, stage: _Stage) -> _Stage:
        """Return a stage that begins as another ends."""
        before = stage.command
        return cls(inherited=before, own=replace(before, entrypoint=None, cmd=None), shell=stage.shell)


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
    for word, rest in _INSTRUCTION.findall(plain_instructions(text)):
        if word.upper() == "FROM":
            stages[name] = now
            found = _STAGE.match(rest)
            image, alias = (found[1], found[2] or "") if found else ("", "")
            name, now = alias.lower(), _Stage.upon(stages.get(image.lower(), _Stage()))
        else:
            now = _with_instruction(now, word.upper(), rest)
    stages[name] = now
    return stages.get(stage.lower(), now).command if stage else now.command


def _with_instruction(stage: _Stage, word: str, rest: str) -> _Stage:
    if word in {"COPY", "ADD", "ENV", "USER", "WORKDIR", "EXPOSE"}:
        return replace(stage, own=_with_setting(stage.own, word, rest))
    listed = _exec_form(rest)
    if word == "SHELL":
        return stage if listed is None else replace(stage, shell=listed)
    words = _shell_form(rest, stage.shell) if listed is None else listed
    if word == "CMD":
        return replace(stage, own=replace(stage.own, cmd=words))
    return replace(stage, own=replace(stage.own, entrypoint=words), takes_cmd=listed is not None)


def _with_setting(said: ContainerCommand, word: str, rest: str) -> ContainerCommand:
    """Add what an instruction says; what it takes from variables of the build is not known."""
    words = _exec_form(rest) or _split(rest)
    options = [one for one in words if one.startswith("--")]
    plain = [one for one in words if not one.startswith("--")]
    if word == "ENV":
        pairs = (
            [one.partition("=") for one in words]
            if "=" in words[0]
            else [(words[0], "=", " ".join(words[1:]))]
        )
        known = {name: value for name, _, value in pairs if "$" not in value}
        return replace(said, environment=tuple({**dict(said.environment), **known}.items()))
    if word == "EXPOSE":
        known_ports = (one for one in plain if "$" not in one)
        return replace(said, ports=tuple(dict.fromkeys((*said.ports, *known_ports))))
    if not plain or any("$" in one for one in plain):
        return said
    if word == "USER":
        return replace(said, user=plain[0])
    if word == "WORKDIR":
        return replace(said, workdir=_place(said, plain[0]))
    if len(plain) < 2 or any(one.startswith("--from") for one in options):
        return said
    place = _place(said, plain[-1])
    copies = [(one.lstrip("/"), place) for one in plain[:-1] if "<<" not in one]
    return replace(said, copies=(*said.copies, *copies))


def _place(said: ContainerCommand, path: str) -> str:
    return posixpath.normpath(posixpath.join("/", said.workdir, path))


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text)) or (text,)
    except ValueError:
        return tuple(text.split())


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
