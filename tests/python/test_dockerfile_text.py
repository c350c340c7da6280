"""Instructions of a Dockerfile, each on one line, without comments and the documents within it."""

from __future__ import annotations

import pytest

from crosswheel.decide.projects.dockerfile_text import plain_instructions
from crosswheel.decide.projects.place_hints import container_hints


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("FROM a\r\n# FROM b\nRUN a \\\n  # no\n  b\n", "FROM a\nRUN a    b"),
        ("# escape=`\nCMD a `\n b\n", "CMD a   b"),
        ("# syntax=x\n# ESCAPE = `\nCMD a \\\nCMD b\n", "CMD a \\\nCMD b"),
        ('COPY <<-"E" /a\n\tFROM b\n\tE\nCMD a\n', 'COPY <<-"E" /a\nCMD a'),
        ("COPY <<A <<B /c/\nCMD a\nA\nCMD b\nB\nCMD c\n", "COPY <<A <<B /c/\nCMD c"),
        ("RUN <<E\ncat <<I\nFROM x\nI\nE\nCMD a\n", "RUN <<E\nCMD a"),
        ("RUN echo $((1<<X))\nFROM b\n", "RUN echo $((1<<X))\nFROM b"),
        ("RUN cat <<NEVER\nFROM b\n", "RUN cat <<NEVER\nFROM b"),
        ("CMD a \\\n", "CMD a  "),
        ("", ""),
    ],
)
def test_each_instruction_is_a_line(text: str, plain: str) -> None:
    assert plain_instructions(text) == plain


def test_a_document_is_no_stage() -> None:
    text = "FROM python:3.11\nCOPY <<E /inner\nFROM python:3.9\nE\n"
    assert container_hints("Dockerfile", text).python == "3.11"
