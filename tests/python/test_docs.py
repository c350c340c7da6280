"""The documentation agrees with the code: links lead somewhere, commands parse, generated pages are current."""

from __future__ import annotations

import argparse
import importlib.util
import re
import shlex
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from crosswheel.command_line.commands import command_parser, joined_command

_ROOT = Path(__file__).parents[2]
_DOCS = _ROOT / "docs"
_PAGES = [
    _ROOT / "README.md",
    _ROOT / "CHANGELOG.md",
    *sorted(path for path in _DOCS.rglob("*.md") if ".demo" not in path.parts),
]
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _name(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", _PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(re.sub(_BLOCK, "", page.read_text())):
        path, _, anchor = link.partition("#")
        if path.startswith(("http://", "https://")):
            continue
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists() or (anchor and anchor not in _anchors(linked)):
            broken.append(link)
    assert not broken, f"{_name(page)}: {', '.join(broken)}"


def _commands() -> list[tuple[str, str]]:
    """Return every command line shown in a console block, with its page."""
    found = []
    for page in _PAGES:
        for language, block in _BLOCK.findall(page.read_text()):
            if language == "console":
                joined = block.replace("\\\n", " ")
                found += [(_name(page), line[2:]) for line in joined.splitlines() if line.startswith("$ ")]
    return found


_SHOWN = _commands()


@pytest.mark.parametrize(
    ("page", "line"), [shown for shown in _SHOWN if shown[1].startswith("crosswheel ")], ids=lambda text: text
)
def test_crosswheel_commands_shown_are_understood(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    parsed = command_parser().parse_args(joined_command(words[1:]))
    assert callable(parsed.run)


@pytest.mark.parametrize(
    ("page", "line"), [shown for shown in _SHOWN if shown[1].startswith("make ")], ids=lambda text: text
)
def test_make_targets_shown_exist(page: str, line: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (_ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(shlex.split(line, comments=True)[1:]) <= targets


def test_console_blocks_show_commands_of_known_programs() -> None:
    programs = {line.split()[0] for _page, line in _SHOWN}
    known = {"bazel", "crosswheel", "docker", "make", "nix", "pip", "skopeo", "uv"}
    assert programs <= known | {"apt-get", "cd", "ls", "mkdir", "python3", "rsync", "ssh"}, programs


@pytest.mark.parametrize("page", _PAGES, ids=_name)
def test_toml_shown_is_toml(page: Path) -> None:
    for language, block in _BLOCK.findall(page.read_text()):
        if language == "toml":
            tomllib.loads(block)


@pytest.mark.parametrize("page", _PAGES, ids=_name)
def test_every_page_is_reached_from_the_index_or_the_readme(page: Path) -> None:
    reached = {_ROOT / "README.md"}
    waiting = [_ROOT / "README.md", _DOCS / "index.md"]
    while waiting:
        at = waiting.pop()
        reached.add(at)
        for link in _LINK.findall(at.read_text()):
            linked = (at.parent / link.partition("#")[0]).resolve()
            if linked.suffix == ".md" and linked.exists() and linked not in reached:
                waiting.append(linked)
    assert page in reached


@pytest.mark.parametrize("source", sorted((_ROOT / "python").rglob("*.py")), ids=_name)
def test_pages_that_the_code_names_exist(source: Path) -> None:
    named = re.findall(r"(?<![\w/])docs/[\w./-]+\.md", source.read_text())
    assert [name for name in named if not (_ROOT / name).is_file()] == []


def _generator() -> ModuleType:
    specification = importlib.util.spec_from_file_location("docs_generate", _DOCS / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_generated_pages_are_current() -> None:
    stale = [
        _name(path)
        for path, text in _generator().pages().items()
        if not path.is_file() or path.read_text() != text
    ]
    assert not stale, f"{', '.join(stale)}: run `make docs`"


def test_what_stands_in_code_spans_of_the_command_line_is_as_it_is_typed() -> None:
    text = (_DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    assert [span for span in re.findall(r"`[^`\n]*`", text) if "&lt;" in span] == []


def test_every_rule_tag_attribute_and_field_of_bazel_is_explained() -> None:
    page = (_DOCS / "reference/bazel-rules.md").read_text()
    silent = re.findall(r"^### (?:wheels\.)?(\w+)[^\n]*\n\n\n", page, re.MULTILINE)
    silent += re.findall(r"^\| `(\w+)` \|(?: [^|]* \|)?  \|$", page, re.MULTILINE)
    assert silent == []
    assert page.count("\n### ") > 25


def test_every_argument_and_result_of_nix_functions_is_explained() -> None:
    page = (_DOCS / "reference/nix-functions.md").read_text(encoding="utf-8")
    code = (_DOCS.parent / "rules/nix/wheels.nix").read_text(encoding="utf-8")
    arguments = re.findall(
        r"^  (\w+)(?: \? .+)?,$", code.partition("}:\n{")[2].partition("}:")[0], re.MULTILINE
    )
    results = re.findall(
        r"^      (\w+) =", code.partition("    repository\n")[2].partition("\n    };")[0], re.MULTILINE
    )
    assert len(arguments) > 8
    assert len(results) > 6
    shown = [f"| `{name}` |" for name in arguments] + [f"| `TARGET.{name}` |" for name in results]
    assert [one for one in shown if one not in page] == []


def test_every_argument_of_every_command_is_explained() -> None:
    silent = []

    def visit(parser: argparse.ArgumentParser) -> None:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for subparser in action.choices.values():
                    visit(subparser)
            elif not action.help:
                silent.append(f"{parser.prog}: {action.dest}")

    visit(command_parser())
    # An argument that a command's own description covers has a page to itself nowhere else.
    assert silent == []


def test_readme_names_the_example_as_it_is() -> None:
    requirements = (_DOCS / "examples" / "web-service" / "requirements.txt").read_text()
    pinned = len(re.findall(r"^[a-z][\w.-]*==", requirements, re.MULTILINE))
    for page in (_ROOT / "README.md", _DOCS / "index.md", _DOCS / "examples" / "web-service" / "README.md"):
        assert f"{pinned} " in page.read_text(), f"{_name(page)}: the example pins {pinned} packages"
