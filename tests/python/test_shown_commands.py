"""Every command that tutorials and guides show is run by a test, or says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from shown_commands import REASONS, Block, Command, blocks_of, commands_of, matches, pages

_ROOT = Path(__file__).parents[2]
_PAGE = """\
# A page

<!-- file: src/app.py -->
```python
print(1)
```

```console
$ crosswheel plan a.lock \\
    -o plan.json
plan.json: written; ... wheels
$ crosswheel build plan.json
```

<!-- not run: needs AWS -->
```sh
aws lambda
```

```text
no command
```
"""


def test_blocks_are_files_commands_and_texts() -> None:
    file, shown, marked, text = blocks_of(_PAGE)
    assert (file.file, file.text, file.line) == ("src/app.py", "print(1)\n", 4)
    assert (shown.shows_commands, shown.reason) == (True, None)
    assert (marked.shows_commands, marked.reason) == (True, "needs AWS")
    assert (file.shows_commands, text.shows_commands) == (False, False)


def test_commands_have_what_they_print() -> None:
    assert commands_of(blocks_of(_PAGE)[1]) == [
        Command(
            text="crosswheel plan a.lock \\\n    -o plan.json", prints=("plan.json: written; ... wheels",)
        ),
        Command(text="crosswheel build plan.json"),
    ]


def test_a_script_is_one_command() -> None:
    assert commands_of(blocks_of(_PAGE)[2]) == [Command(text="aws lambda\n")]


def test_a_block_may_be_added_to_a_file() -> None:
    (block,) = blocks_of("<!-- added to: MODULE.bazel -->\n```starlark\nuse_repo()\n```\n")
    assert (block.file, block.added) == ("MODULE.bazel", True)


def test_dots_stand_for_anything_within_a_line() -> None:
    printed = "first\n  built in 1.5 s\n"
    assert matches("built in ... s", printed)
    assert not matches("built in ...", "first\n")
    assert not matches("built", printed)


def test_an_unknown_comment_before_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="not_run"):
        blocks_of("<!-- not_run: needs AWS -->\n```sh\naws\n```\n")


def test_text_with_a_prompt_shows_commands() -> None:
    assert Block(line=1, language="text", text="$ pip install numpy\n").shows_commands


@pytest.mark.parametrize("page", pages(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_command_is_run_or_says_why_not(page: Path) -> None:
    wrong = []
    for block in blocks_of(page.read_text()):
        if not block.shows_commands:
            if block.reason is not None or not block.language:
                wrong.append(
                    f"line {block.line}: say the block's language (`console`, `text`), and no reason"
                )
        elif block.reason is None:
            if block.language not in {"console", "sh"}:
                wrong.append(f"line {block.line}: commands that are run are in a block of `console` or `sh`")
        elif block.reason not in REASONS and not _is_a_test(block.reason):
            wrong.append(f"line {block.line}: '{block.reason}' is neither a known reason nor a test")
    assert wrong == []


def _is_a_test(reason: str) -> bool:
    return reason.startswith("tests/") and (_ROOT / reason).is_file()
