"""What `--json` prints is what docs/reference/json.md says, for every command."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from parser_reading import subcommands
from results_schema import ERROR, results_schema

from crosswheel.command_line.commands import command_parser
from crosswheel.command_line.main import main
from printed_documents import refuse_other_document, section_of

#: Commands that print no document: what they are asked for is a program, or files.
_WITHOUT = {
    "run",
    *(
        f"step {one}"
        for one in [
            "runtime",
            "toolchain",
            "check",
            "repository",
            "tree",
            "layer",
            "image",
            "index",
            "lambda",
        ]
    ),
}


def _commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    for name, inner in subcommands(parser):
        below = list(_commands(inner, f"{before}{name} "))
        yield from below or [f"{before}{name}"]


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    sections = {name.removeprefix("crosswheel ") for name in results_schema()["$defs"]} - {ERROR}
    assert sections == set(_commands(command_parser())) - _WITHOUT


def test_it_is_a_schema() -> None:
    schema = results_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for one in schema["$defs"].values():
        jsonschema.Draft202012Validator.check_schema(one)


@pytest.mark.parametrize(
    "words",
    [
        ["target", "list"],
        ["target", "show", "linux_arm64"],
        ["target", "tags", "linux_arm64"],
        ["target", "markers", "linux_arm64"],
        ["target", "export", "linux_arm64"],
        ["cache", "dir"],
        ["cache", "size"],
        ["cache", "verify"],
        ["cache", "prune"],
        ["completion", "zsh"],
        ["why-failed"],
        ["doctor"],
        ["plan", "nothing.toml"],
        ["bake"],
    ],
    ids=" ".join,
)
def test_documents_are_what_the_page_says(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*words, "--json", "--cache-dir", str(tmp_path)])  # is held against the page, as in all tests
    assert json.loads(capsys.readouterr().out) is not None


def test_a_complete_platform_that_differs_is_what_the_page_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["target", "export", "linux_arm64", "--python", "3.12"]) == 0
    document = json.loads(capsys.readouterr().out)
    document["marker_environment"]["os_name"] = "other"
    file = tmp_path / "platform.json"
    file.write_text(json.dumps(document))
    assert main(["target", "import", str(file), "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["differing_markers"]) == ["os_name"]


@pytest.mark.parametrize(
    "value",
    [{"entries": 1}, {"entries": 1, "bytes": "1"}, {"entries": 1, "bytes": 1, "more": 1}, []],
    ids=["missing", "other type", "unknown", "other kind"],
)
def test_another_document_is_refused(value: object) -> None:
    refuse_other_document(["cache", "prune"], {"entries": 1, "bytes": 1})
    with pytest.raises(AssertionError, match="crosswheel cache prune"):
        refuse_other_document(["cache", "prune"], value)


def test_the_section_of_a_command_line_is_the_longest() -> None:
    assert section_of(["-v", "image verify", "x"]) == "crosswheel image verify"
    assert section_of(["--cache-dir", "x", "target", "show", "y"]) == "crosswheel target show"
    assert section_of(["image", "plan"]) == "crosswheel image"
    assert section_of(["--cache-dir", "check", "diff", "plan", "lambda"]) == "crosswheel diff"
    assert section_of(["run", "x"]) == ""
