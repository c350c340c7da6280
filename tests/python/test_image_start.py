"""``crosswheel image`` tells of an image that starts nothing by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.command_line.image_options import words_of_command
from crosswheel.command_line.main import main
from crosswheel.values.errors import InputError
from image_bases import base_layout
from image_projects import enter_image_project


@pytest.mark.parametrize(
    ("base", "words", "is_told"),
    [
        ("bare", (), True),
        ("bare", ("--cmd", "python"), False),
        ("bare", ("--entrypoint", "python"), False),
        ("base", (), False),
    ],
)
def test_an_image_that_starts_nothing_by_itself_is_told(
    base: str,
    words: tuple[str, ...],
    is_told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    base_layout(tmp_path / "bare", settings={"Env": ["PATH=/usr/bin"]})
    assert main(["image", "dist", "--base", base, "-o", "image", *words]) == 0
    assert ("note: nothing says what containers of the image start" in capsys.readouterr().err) == is_told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, None),
        ("python -m 'a b'", ("python", "-m", "a b")),
        ('["gunicorn", "-b", ":80 ", "$X"]', ("gunicorn", "-b", ":80 ", "$X")),
        ("[ -f x ]", ("[", "-f", "x", "]")),
        ("5", ("5",)),
    ],
)
def test_a_command_is_in_a_shells_quotes_or_a_dockerfiles_list(
    text: str | None, words: tuple[str, ...] | None
) -> None:
    assert words_of_command(text) == words


@pytest.mark.parametrize(
    "text", ["['app.py', '--port']", '["worker", 3]', '["app.py"', "[python,-m,app]", "[1]", '[ "a", 3 ]']
)
def test_what_looks_like_a_list_and_is_none_of_strings_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"begins like a Dockerfile's list, and is no list of strings"):
        words_of_command(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("python \\\n -m app", ("python", "-m", "app")),
        ("py\\\nthon", ("python",)),
        ('"a\\\nb" it\\\'s \\\n c', ("ab", "it's", "c")),
        ("'a\\\nb'", ("a\\\nb",)),
        ('"it\'s" \\\n x', ("it's", "x")),
        ("a\\\\\nb", ("a\\", "b")),
    ],
    ids=["between", "within", "quoted", "single", "quote", "backslash"],
)
def test_a_backslash_at_the_end_of_a_line_joins_it_to_the_next(text: str, words: tuple[str, ...]) -> None:
    assert words_of_command(text) == words
