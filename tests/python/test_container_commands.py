"""What a Dockerfile's containers start: both forms, the last one wins, stages begin with what others say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crosswheel.command_line.image_options import words_of_command
from crosswheel.decide.projects.container_commands import ContainerCommand, container_command, option_text
from crosswheel.decide.projects.project_proposal import propose
from crosswheel.values.python_abi import PythonAbi

_SHELL = ("/bin/sh", "-c")


def _said(entrypoint: str | None = None, cmd: str | None = None) -> ContainerCommand:
    return ContainerCommand(
        entrypoint=None if entrypoint is None else tuple(entrypoint.split()),
        cmd=None if cmd is None else tuple(cmd.split()),
    )


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("FROM python:3.12\n", _said()),
        ('CMD ["python", "-m", "app"]\n', _said(cmd="python -m app")),
        ("CMD python -m app", _said(cmd="python -m app")),
        ("cmd\texec python -m app  \r\n", _said(cmd="python -m app")),
        ("CMD one\nCMD two\n", _said(cmd="two")),
        ('ENTRYPOINT ["serve"]\nCMD ["--port", "80"]\n', _said("serve", "--port 80")),
        ('CMD ["--port", "80"]\nENTRYPOINT ["serve"]\n', _said("serve", "--port 80")),
        ("ENTRYPOINT serve\nCMD --port 80\n", _said("serve")),  # no arguments reach what a shell starts
        ("# CMD old\nRUN true\nHEALTHCHECK \\\n  CMD curl localhost\nONBUILD CMD x\n", _said()),
        ('CMD ["python", \\\n  # with what\n  "-m"]\n', _said(cmd="python -m")),
        ("CMD []\n", _said(cmd="")),
        ("CMD python app.py && true", ContainerCommand(cmd=(*_SHELL, "python app.py && true"))),
        ("CMD A=1 python app.py", ContainerCommand(cmd=(*_SHELL, "A=1 python app.py"))),
        ("CMD ['python']", ContainerCommand(cmd=(*_SHELL, "['python']"))),
        ("CMD [1]", ContainerCommand(cmd=(*_SHELL, "[1]"))),
        ('SHELL ["/bin/bash", "-c"]\nCMD a; b', ContainerCommand(cmd=("/bin/bash", "-c", "a; b"))),
        ("FROM a AS one\nCMD a\nFROM b\n", _said()),
        ("FROM a AS one\nCMD a\nFROM --platform=linux/arm64 One AS two\n", _said(cmd="a")),
        ('FROM a AS one\nENTRYPOINT ["e"]\nCMD a\nFROM one\nCMD b\n', _said("e", "b")),
        (
            'FROM a AS one\nCMD a\nFROM one\nENTRYPOINT ["e"]\n',
            _said("e"),
        ),  # which empties what was inherited
        ('FROM gcr.io/distroless/python3-debian12:nonroot\nCMD ["main.py"]\n', _said("python", "main.py")),
        ('FROM gcr.io/distroless/python3-debian12\nCMD ["serve"]\n', _said("python", "serve")),
        ('FROM cgr.dev/chainguard/python AS a\nFROM a\nCMD ["-m", "app"]\n', _said("python", "-m app")),
        ('FROM cgr.dev/chainguard/python\nENTRYPOINT []\nCMD ["serve"]\n', _said("", "serve")),
        ("FROM gcr.io/distroless/python3\n", _said()),
        ('FROM x\nENTRYPOINT ["run"]\nCMD ["main.py"]\n', _said("run", "main.py")),
        ('FROM x\nCMD ["/a/main.py"]\n', replace(_said("python", "/a/main.py"), assumed="x")),
        ('FROM x\nCMD ["-m", "app"]\n', replace(_said("python", "-m app"), assumed="x")),
        ('FROM x\nCMD ["--bind", "0.0.0.0"]\n', _said(cmd="--bind 0.0.0.0")),
    ],
)
def test_what_runs_is_what_the_last_stage_says(text: str, command: ContainerCommand) -> None:
    assert container_command(text) == command


def test_another_stage_may_be_meant() -> None:
    text = "FROM a AS one\nCMD a\nFROM b AS two\nCMD b\n"
    assert container_command(text, "ONE") == _said(cmd="a")
    assert container_command(text, "three") == _said(cmd="b")


@pytest.mark.parametrize("words", [("python", "-m", "app"), ("sh", "-c", "it's $A"), ("[",), ("é",), ()])
def test_an_option_takes_what_is_written_for_it(words: tuple[str, ...]) -> None:
    assert words_of_command(option_text(words)) == words


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"Dockerfile": "CMD a\n", "Dockerfile.two": "CMD a\n"}, _said(cmd="a")),
        ({"Dockerfile": "CMD a\n", "Dockerfile.two": "CMD b\n"}, _said()),
        (
            {"Dockerfile": "FROM python:3.12\nCMD a\n", "web.Dockerfile": "FROM nginx\nCMD b\n"},
            _said(cmd="a"),
        ),
        (
            {
                "Dockerfile": "FROM python:3.12 AS one\nCMD a\nFROM python:3.12\nCMD b\n",
                "compose.yaml": "services:\n  app:\n    build:\n      context: .\n      target: one\n",
            },
            _said(cmd="a"),
        ),
    ],
)
def test_of_several_dockerfiles_those_with_python_count(
    files: dict[str, str], command: ContainerCommand
) -> None:
    lock = {"pylock.toml": "lock-version = '1.0'\ncreated-by = 'x'\npackages = []\n"}
    proposal = propose({**lock, **files}, project="p", running=PythonAbi(major=3, minor=12))
    assert proposal.command == command
