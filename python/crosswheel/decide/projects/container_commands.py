"""What a Dockerfile's containers start: ENTRYPOINT and CMD of the stage that runs, and of those that it begins with.

Followed: https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .dockerfile_text import plain_instructions
from .stage_copies import StagedCopy, followed_copies, holds_packages, installed_places, is_within

__all__ = ["ContainerCommand", "container_command", "option_text"]

_INSTRUCTION = re.compile(
    r"^[ \t]*(FROM|ENTRYPOINT|CMD|SHELL|RUN|COPY|ADD|ENV|USER|WORKDIR|EXPOSE)[ \t]+(\S.*?)[ \t\r]*$",
    re.MULTILINE | re.IGNORECASE,
)
_STAGE = re.compile(r"(?:--\S+[ \t]+)*[\"']?([^\s\"']+)[\"']?(?:[ \t]+AS[ \t]+(\S+))?", re.IGNORECASE)
#: A command that a shell reads as its words, and does nothing else with.
_PLAIN = re.compile(r"[\w@%+=:,./\- \t]+")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
#: Images that start Python with what CMD says.
_STARTS_PYTHON = re.compile(r"(?:^|/)(?:distroless/python3|chainguard/python(?![\w-]))")
#: What is an argument of Python's and no program: a module's file, or one of its options.
_ARGUMENT_OF_PYTHON = re.compile(r"(?:.*/)?[^/]+\.py|-[mcuOBEIsSXWv]\w*")
_PYTHON = "python"


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
        staged: what is copied from other stages and images, but for packages; what of it the project has is in `copies`, too.
        assumed: the image that is taken to start Python, as its `cmd` has only arguments; empty where that is known, or is not so.
    """

    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    copies: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    user: str = ""
    workdir: str = ""
    ports: tuple[str, ...] = ()
    folder: str = ""
    staged: tuple[StagedCopy, ...] = ()
    assumed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stage:
    """What one stage says itself, and what it begins with."""

    inherited: ContainerCommand = ContainerCommand()
    own: ContainerCommand = ContainerCommand()
    shell: tuple[str, ...] = ("/bin/sh", "-c")
    takes_cmd: bool = True
    base: str = ""
    installed: tuple[str, ...] = ()

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
        return cls(
            inherited=before,
            own=replace(before, entrypoint=None, cmd=None),
            shell=stage.shell,
            base=stage.base,
            installed=stage.installed,
        )


def container_command(text: str, stage: str = "") -> ContainerCommand:
    r"""Return what containers of a Dockerfile start, as far as it says so itself: of its images nothing is known.

    Args:
        text: the Dockerfile.
        stage: the stage that runs; empty for the last one.

    >>> container_command('FROM python:3.12\nCMD python -m app').cmd
    ('python', '-m', 'app')
    """
    stages: dict[str, _Stage] = {}
    name, number, now = "", -1, _Stage()
    for word, rest in _INSTRUCTION.findall(plain_instructions(text)):
        if word.upper() == "FROM":
            stages |= {name: now, str(number): now}
            found = _STAGE.match(rest)
            image, alias = (found[1], found[2] or "") if found else ("", "")
            before = stages.get(image.lower(), _Stage(base=image))
            name, number, now = alias.lower(), number + 1, _Stage.upon(before)
        else:
            now = _with_instruction(now, word.upper(), rest, stages)
    stages[name] = now
    return _started(stages.get(stage.lower(), now) if stage else now)


def _started(stage: _Stage) -> ContainerCommand:
    """Return what is started, with the Python that an image starts where only its arguments are said."""
    said = stage.command
    if said.entrypoint is not None or not said.cmd:
        return said
    if _STARTS_PYTHON.search(stage.base) is not None:
        return replace(said, entrypoint=(_PYTHON,))
    if _ARGUMENT_OF_PYTHON.fullmatch(said.cmd[0]) is not None:
        return replace(said, entrypoint=(_PYTHON,), assumed=stage.base or "scratch")
    return said


def _with_instruction(stage: _Stage, word: str, rest: str, stages: Mapping[str, _Stage]) -> _Stage:
    if word == "RUN":
        known = dict(stage.own.environment)
        places = installed_places(_filled(rest, known), known, stage.own.workdir)
        return replace(stage, installed=(*stage.installed, *places))
    if word in {"COPY", "ADD", "ENV", "USER", "WORKDIR", "EXPOSE"}:
        return replace(stage, own=_with_setting(stage.own, word, rest, stages))
    listed = _exec_form(rest)
    if word == "SHELL":
        return stage if listed is None else replace(stage, shell=listed)
    words = _shell_form(rest, stage.shell) if listed is None else listed
    if word == "CMD":
        return replace(stage, own=replace(stage.own, cmd=words))
    return replace(stage, own=replace(stage.own, entrypoint=words), takes_cmd=listed is not None)


def _with_setting(
    said: ContainerCommand, word: str, rest: str, stages: Mapping[str, _Stage]
) -> ContainerCommand:
    """Add what an instruction says; variables have the values that ENV said before, and what those of the build have is not known."""
    known_before = dict(said.environment)
    words = tuple(_filled(one, known_before) for one in _exec_form(rest) or _split(rest))
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
    origin = next((one.removeprefix("--from=") for one in options if one.startswith("--from=")), "")
    if origin and len(plain) > 1:
        return _with_copies_of_stage(said, plain, origin, stages)
    if not plain or any("$" in one for one in plain):
        return said
    if word == "USER":
        return replace(said, user=plain[0])
    if word == "WORKDIR":
        return replace(said, workdir=_place(said, plain[0]))
    if len(plain) < 2 or origin:
        return said
    place = _place(said, plain[-1])
    copies = [(one.lstrip("/"), place) for one in plain[:-1] if "<<" not in one]
    return replace(said, copies=(*said.copies, *copies))


def _with_copies_of_stage(
    said: ContainerCommand, plain: Sequence[str], origin: str, stages: Mapping[str, _Stage]
) -> ContainerCommand:
    """Follow a copy to the files of the project that its stage has copied; packages are what crosswheel's layers hold."""
    stage = stages.get(origin.lower(), _Stage())
    place = _place(said, plain[-1])
    for named in plain[:-1]:
        source = posixpath.normpath(posixpath.join("/", named))
        if holds_packages(source, stage.installed):
            continue
        found = followed_copies(stage.own.copies, source, place) if "$" not in source + place else ()
        if not found and any(is_within(made, source) for made in stage.installed):
            continue
        staged = StagedCopy(stage=origin, source=named, paths=tuple(path for path, _ in found))
        # What the stage itself could not follow is lost here, too.
        inner = [one for one in stage.own.staged if one not in said.staged] if found else []
        said = replace(said, copies=(*said.copies, *found), staged=(*said.staged, staged, *inner))
    return said


def _filled(text: str, known: Mapping[str, str]) -> str:
    """Return a text with the values of variables that are known."""
    return _VARIABLE.sub(lambda found: known.get(found[1] or found[2], found[0]), text)


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
