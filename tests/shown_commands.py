"""What README.md and the pages of the documentation show: files, commands and what these print, and why a command is not run by the tests.

A comment on the line before a block says what is special about it; readers do not see it.

- ``<!-- file: src/app.py -->``: the block is that file of the reader's project.
- ``<!-- added to: MODULE.bazel -->``: the block is added at the end of that file.
- ``<!-- not run: needs AWS -->``: the tests do not run the block's commands; the reason is one of :data:`REASONS`, or the path
  of the test that runs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["REASONS", "Block", "Command", "blocks_of", "commands_of", "matches", "pages"]

_ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(
    r"(?:^<!-- (?P<say>[^>]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
#: Why a command is not run, and what is meant.
REASONS = {
    "another tool": "shown for those who come from it",
    "changes this machine": "installs programs or packages for good",
    "needs AWS": "an account there",
    "needs a container engine": "Docker or podman with emulation of the target",
    "needs a registry": "one that images can be pushed to",
    "needs GitHub": "a repository there",
    "needs files of yours": "something that is not to be had here, such as Apple's SDK",
    "needs a server of yours": "a mirror, an index or a web server",
    "on the target": "a machine of the target's kind",
    "recorded": "other tools' answers on a day that the page names",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A fenced block of a page.

    Attributes:
        line: where it begins, counted from 1.
        language: what stands after the fence.
        text: what is inside.
        file: the file that it is, relative to the reader's project.
        added: whether it is added to the end of `file` instead.
        reason: why its commands are not run.
    """

    line: int
    language: str
    text: str
    file: str | None = None
    added: bool = False
    reason: str | None = None

    @property
    def shows_commands(self) -> bool:
        """Whether a reader would type something of it into a shell."""
        return self.file is None and (
            self.language in {"console", "sh", "bash"}
            or re.search(r"^\$ ", self.text, re.MULTILINE) is not None
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command that is shown.

    Attributes:
        text: for the shell.
        prints: the lines that it prints, as far as they are shown; ``...`` stands for anything.
    """

    text: str
    prints: tuple[str, ...] = ()


def pages() -> list[Path]:
    """Return the pages whose commands are run."""
    kinds = ("tutorials", "guides", "concepts", "reference")
    shown = sorted(page for kind in kinds for page in (_ROOT / "docs" / kind).glob("*.md"))
    return [_ROOT / "README.md", *shown, *sorted((_ROOT / "docs" / "examples").glob("*/README.md"))]


def blocks_of(page: str) -> list[Block]:
    """Return the fenced blocks of a page in order.

    Raises:
        ValueError: a comment before a block says something else than it may.
    """
    return list(_blocks(page))


def _blocks(page: str) -> Iterator[Block]:
    for found in _BLOCK.finditer(page):
        said: dict[str, str | None] = {"file": None, "added to": None, "not run": None}
        if found["say"] is not None:
            name, _, value = found["say"].partition(": ")
            if name not in said or not value:
                raise ValueError(f"cannot tell what a block is by '<!-- {found['say']} -->'")
            said[name] = value
        yield Block(
            line=page.count("\n", 0, found.start("language")) + 1,
            language=found["language"],
            text=found["text"],
            file=said["file"] or said["added to"],
            added=said["added to"] is not None,
            reason=said["not run"],
        )


def commands_of(block: Block) -> list[Command]:
    """Return the commands of a block: the lines after ``$``, or all of a script as one."""
    if block.language != "console":
        return [Command(text=block.text)]
    shown = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    if shown[0].strip():
        raise ValueError(f"cannot tell what prints '{shown[0].splitlines()[0]}': no command is before it")
    return [_command(text) for text in shown[1:]]


def _command(shown: str) -> Command:
    found = re.match(r"(?:[^\n]*\\\n)*[^\n]*\n", shown)
    assert found is not None, shown
    prints = tuple(line for line in shown[found.end() :].splitlines() if line.strip())
    return Command(text=found[0].strip(), prints=prints)


def matches(shown: str, printed: str) -> bool:
    """Tell whether one of the lines that were printed is the one that is shown."""
    pattern = ".*".join(re.escape(part) for part in shown.strip().split("..."))
    return any(re.fullmatch(pattern, line.strip()) for line in printed.splitlines())
