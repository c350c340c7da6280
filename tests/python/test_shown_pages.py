"""A page is done in order, and one that does not say what happens fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.shown_pages import do_page


def _do(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text)
    return do_page(page, folder, folder)


def test_files_are_written_and_a_change_of_folder_lasts(tmp_path: Path) -> None:
    text = """\
```console
$ mkdir inner
$ cd inner
```

<!-- file: src/one.txt -->
```text
first
```

<!-- added to: src/one.txt -->
```text
second
```

```console
$ cat src/one.txt
first
sec...
```
"""
    assert _do(tmp_path, text) == tmp_path / "inner"
    assert (tmp_path / "inner/src/one.txt").read_text() == "first\nsecond\n"


def test_what_says_why_not_is_not_run(tmp_path: Path) -> None:
    _do(tmp_path, "<!-- not run: needs AWS -->\n```console\n$ touch ran\n```\n")
    assert not (tmp_path / "ran").exists()


def test_a_command_that_fails_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"page\.md, line 3: false\nexited 1"):
        _do(tmp_path, "# A page\n\n```console\n$ false\n```\n")


def test_what_is_not_printed_is_told(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"did not print \['bye'\], but\nhello"):
        _do(tmp_path, "```console\n$ echo hello\nbye\n```\n")


def test_every_command_of_a_script_has_to_succeed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="exited 1"):
        _do(tmp_path, "```sh\nfalse | true\ntrue\n```\n")
