"""The files for CI are YAML of the shape that their systems read, and their crosswheel commands parse."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from crosswheel.command_line.commands import command_parser, joined_command

_ROOT = Path(__file__).parents[2]
_EXAMPLES = _ROOT / "docs" / "examples" / "ci"
_HOOKS = _ROOT / ".pre-commit-hooks.yaml"
_NAMES = sorted(path.name for path in _EXAMPLES.iterdir())


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def _parsed(command: str) -> None:
    words = shlex.split(command, comments=True)
    assert callable(command_parser().parse_args(joined_command(words[1:])).run)


def _scripts(document: Any) -> Iterator[str]:
    """Yield what a job gives to a shell, on GitHub or GitLab."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key in {"run", "script", "before_script"}:
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _scripts(value)
    elif isinstance(document, list):
        for value in document:
            yield from _scripts(value)


def _commands(name: str) -> list[str]:
    """Return the crosswheel commands of an example."""
    lines = "\n".join(_scripts(_read(_EXAMPLES / name))).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("crosswheel ")]


@pytest.mark.parametrize("name", [*_NAMES, _HOOKS.name])
def test_it_is_yaml_without_a_key_twice(name: str) -> None:
    path = _HOOKS if name == _HOOKS.name else _EXAMPLES / name
    node = yaml.compose(path.read_text(), Loader=yaml.SafeLoader)

    def visit(one: yaml.Node) -> None:
        if isinstance(one, yaml.MappingNode):
            keys = [key.value for key, _ in one.value]
            assert len(keys) == len(set(keys)), keys
            for _, value in one.value:
                visit(value)
        elif isinstance(one, yaml.SequenceNode):
            for value in one.value:
                visit(value)

    assert node is not None
    visit(node)


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
def test_crosswheel_commands_parse(name: str) -> None:
    commands = _commands(name)
    shown = [command.split()[1] for command in commands]
    assert {"plan", "build", "image", "doctor"} <= set(shown)
    assert any("--check" in command for command in commands)
    for command in commands:
        _parsed(command)


@pytest.mark.parametrize("name", ["github.yml", "release.yml"])
def test_jobs_of_github_run_somewhere_and_each_step_does_one_thing(name: str) -> None:
    workflow = _read(_EXAMPLES / name)
    assert {"name", "permissions", "jobs"} <= set(workflow)
    for job in workflow["jobs"].values():
        assert job["runs-on"].startswith("ubuntu-")
        assert set(job.get("needs", "").split()) <= set(workflow["jobs"])
        for step in job["steps"]:
            assert ("run" in step) is not ("uses" in step)
            assert "@" in step.get("uses", "@")


def test_jobs_of_gitlab_are_in_its_stages() -> None:
    pipeline = _read(_EXAMPLES / "gitlab.yml")
    jobs = {name: job for name, job in pipeline.items() if isinstance(job, dict) and "stage" in job}
    assert [job["stage"] for job in jobs.values()] == pipeline["stages"]
    assert all(isinstance(line, str) for job in jobs.values() for line in job["script"])


def test_the_hook_with_the_example_s_arguments_is_a_command() -> None:
    (hook,) = _read(_HOOKS)
    (repository,) = _read(_EXAMPLES / "pre-commit-config.yaml")["repos"]
    (used,) = repository["hooks"]
    assert used["id"] == hook["id"]
    words = joined_command([*hook["entry"].split()[1:], *used["args"]])
    parsed = command_parser().parse_args(words)
    assert parsed.check is True
    assert hook["pass_filenames"] is False


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("pylock.toml", True),
        ("app/pylock.dev.toml", True),
        ("uv.lock", True),
        ("wheels.plan.json", True),
        ("crosswheel.toml", True),
        ("requirements-dev.txt", True),
        ("src/app.py", False),
        ("my-pylock.toml", False),
    ],
)
def test_the_hook_runs_when_what_a_plan_is_made_from_changes(path: str, fits: bool) -> None:
    (hook,) = _read(_HOOKS)
    assert (re.search(hook["files"], path) is not None) is fits


def test_the_programs_that_the_release_runs_exist() -> None:
    scripts = "\n".join(_scripts(_read(_EXAMPLES / "release.yml")))
    named = re.findall(r"(?:tools/|\.ci/)\w+(?:\.py)?", scripts)
    assert len(named) == 3
    assert all((_ROOT / name).is_file() for name in named)


def test_the_release_runs_everything_as_root_with_what_it_needs_to_begin() -> None:
    job = _read(_EXAMPLES / "release.yml")["jobs"]["make"]
    # A user cannot install what is missing, and elsewhere Debian's packages have other names.
    assert job["container"] == {"image": "debian:bookworm", "options": "--privileged"}
    first = job["steps"][0]["run"]
    assert {"git", "make", "python3", "python3-venv"} <= set(first.split())


def test_the_versions_that_a_tag_is_compared_with_are_there() -> None:
    scripts = "\n".join(_scripts(_read(_EXAMPLES / "release.yml")))
    patterns = re.findall(r"sed -n 's/\^(.*?)\\\(\.\*\\\)", scripts)
    assert [
        _starts(name, pattern)
        for name, pattern in zip(
            ("pyproject.toml", "MODULE.bazel", "python/crosswheel/__init__.py"), patterns, strict=True
        )
    ] == [1, 1, 1]


def _starts(name: str, prefix: str) -> int:
    return sum(line.startswith(prefix) for line in (_ROOT / name).read_text().splitlines())
