"""What `--json` prints is what docs/reference/json.md says, for every command."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from parser_reading import subcommands
from results_schema import ERROR, results_schema

from checked_wheels import wheel
from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.storage.store import digest_of_file
from crosswheel.command_line.commands import command_parser
from crosswheel.command_line.main import main
from crosswheel.values.digests import Digest
from lock_texts import HEAD
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


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose lock has one pure wheel."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "cache"))
    made = wheel(tmp_path / "wheels", {"demo/__init__.py": b"answer = 42\n"}, tag="py3-none-any")
    (tmp_path / "pylock.toml").write_text(
        HEAD + '[[packages]]\nname = "demo"\nversion = "1.0"\n'
        f'wheels = [{{ path = "wheels/{made.name}", hashes = {{ sha256 = "{digest_of_file(made)}" }} }}]\n'
    )
    return tmp_path


def _commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[str]:
    for name, inner in subcommands(parser):
        below = list(_commands(inner, f"{before}{name} "))
        yield from below or [f"{before}{name}"]


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    sections = {name.removeprefix("crosswheel ") for name in results_schema()["$defs"]} - {ERROR, "--version"}
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
    "words",
    [
        ["init", "--target", "linux_arm64", "--python", "3.11"],
        ["plan", "pylock.toml", "--check"],
        ["explain", "pylock.toml", "demo"],
        ["report", "wheels.plan.json"],
        ["build", "wheels.plan.json", "-o", "dist"],
        ["install", "wheels.plan.json", "--dest", "site"],
        ["layer", "wheels.plan.json", "-o", "layers"],
        ["lambda", "wheels.plan.json", "-o", "layer.zip"],
        ["diff", "wheels.plan.json", "wheels.plan.json"],
    ],
    ids=lambda words: words[0],
)
def test_documents_about_wheels_are_what_the_page_says(
    words: list[str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project.is_dir()
    if words[0] != "init":
        assert main(["plan", "pylock.toml", "--target", "linux_arm64", "--python", "3.13", "-q"]) == 0
        (project / "crosswheel.toml").write_text('targets = ["linux_arm64"]\npython = "3.13"\n')
        assert main(["plan", "pylock.toml", "-q"]) == 0
    assert main([*words, "--json"]) == 0
    assert section_of(words) == f"crosswheel {words[0]}"
    assert json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    "value",
    [{"entries": 1}, {"entries": 1, "bytes": "1"}, {"entries": 1, "bytes": 1, "more": 1}, []],
    ids=["missing", "other type", "unknown", "other kind"],
)
def test_another_document_is_refused(value: object) -> None:
    refuse_other_document(["cache", "prune"], {"entries": 1, "bytes": 1})
    with pytest.raises(AssertionError, match="crosswheel cache prune"):
        refuse_other_document(["cache", "prune"], value)


def test_the_document_of_a_build_as_a_step_is_what_the_page_says(tmp_path: Path) -> None:
    built = ReadyWheel(
        name="demo",
        version="1.0",
        target="any",
        filename="demo-1.0-py3-none-any.whl",
        path=tmp_path,
        sha256=Digest("0" * 64),
        build="demo-1.0-any",
    )
    refuse_other_document(["step", "build"], built.to_json())
    with pytest.raises(AssertionError, match="prebuilt"):
        refuse_other_document(["step", "build"], replace(built, build=None).to_json())


def test_the_section_of_a_command_line_is_the_longest() -> None:
    assert section_of(["-v", "image verify", "x"]) == "crosswheel image verify"
    assert section_of(["--cache-dir", "x", "target", "show", "y"]) == "crosswheel target show"
    assert section_of(["image", "plan"]) == "crosswheel image"
    assert section_of(["--cache-dir", "check", "diff", "plan", "lambda"]) == "crosswheel diff"
    assert section_of(["run", "x"]) == ""
