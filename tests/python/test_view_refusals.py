"""What crosswheel itself writes into a build's log as it ends the build: why-failed knows all of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import crosswheel.act.building.injected as injected
from crosswheel.decide.configuration.policy import parse_policy
from crosswheel.decide.failures.failure_causes import causes_in
from crosswheel.decide.failures.failure_kinds import FailureKind

_FOLDER = Path(injected.__file__).parent
_TOLD = "crosswheel: "


def _texts(file: Path) -> Iterator[str]:
    """Yield what a module writes into the log, with a word in place of each thing that is filled in."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.JoinedStr):
            continue
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "word" for part in node.values)
        if text.startswith(_TOLD):
            yield text.rstrip("\n")
        elif text.startswith("cannot "):
            yield f"{_TOLD}{text}"


#: All of them but the one that holds the others.
TEXTS = sorted(
    {text for file in _FOLDER.glob("_crosswheel_*.py") for text in _texts(file)} - {f"{_TOLD}word"}
)


def test_all_refusals_are_found() -> None:
    assert len([text for text in TEXTS if text.startswith(f"{_TOLD}cannot ")]) >= 8
    assert all("word" in text for text in TEXTS)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: "-".join(text.split()[1:5]))
def test_why_failed_knows_every_refusal_of_the_view(text: str) -> None:
    (cause,) = causes_in(f"running build\n{text}\n")
    assert [line.text for line in cause.lines] == [text]
    assert cause.subject
    lines = cause.configuration("my-package", "cp311-linux_s390x_glibc_2_28")
    parse_policy("\n".join(lines).encode(), name="pyproject.toml")
    assert bool(lines) == (cause.kind is not FailureKind.VIEW)


def test_a_refusal_is_told_before_what_the_build_code_said_besides() -> None:
    log = "/bin/sh: 1: bison: not found\ncrosswheel: cannot tell the byte order of 'x': setup.py, line 1, asks for it (y), and\n"
    assert [cause.title for cause in causes_in(log)] == [
        "fact of the target 'byte order'",
        "missing program 'bison'",
    ]


def test_the_byte_order_is_accepted_by_a_line_of_the_package() -> None:
    (cause,) = causes_in(
        "crosswheel: cannot tell the byte order of 'x': setup.py, line 1, asks for it (y), and\n"
    )
    table, line = cause.configuration("bor", "cp311-linux_s390x_glibc_2_28")
    assert table == "[tool.crosswheel.packages.bor]"
    assert line.startswith("accept-build-facts = true  # only if")
