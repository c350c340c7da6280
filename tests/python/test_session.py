"""A session refuses what no function could work with, before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.api import Session
from crosswheel.command_line.main import main
from crosswheel.values.errors import InputError


@pytest.mark.parametrize(
    "mirrors", ["https://a.example/=https://b.example/", ["https://a.example/=https://b.example/"]]
)
def test_one_mirror_needs_no_list(mirrors: str | list[str], tmp_path: Path) -> None:
    session = Session(mirrors=mirrors, cache_dir=tmp_path)
    (rule,) = session.services().settings.mirrors
    assert (rule.source, rule.replacement) == ("https://a.example/", "https://b.example/")


def test_a_sandbox_there_is_not_is_refused_before_anything_is_built() -> None:
    with pytest.raises(InputError) as caught:
        Session(sandbox="docker")
    assert str(caught.value) == (
        "cannot choose sandbox 'docker': there is no such sandbox; choose one of bubblewrap, none"
    )


@pytest.mark.parametrize("jobs", [0, -1])
def test_a_number_of_jobs_below_one_is_refused(jobs: int) -> None:
    with pytest.raises(InputError) as caught:
        Session(jobs=jobs)
    assert str(caught.value) == (
        f"cannot run jobs '{jobs}': it is not a number above 0; "
        "give how many builds run at a time, or None for one a core"
    )


@pytest.mark.parametrize("command", [["build", "x"], ["plan", "x"], ["install", "x", "--dest", "y"]])
def test_the_command_line_names_the_sandboxes_there_are(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--sandbox", "docker"]) == 2
    assert "argument --sandbox: there is no 'docker'; choose from bubblewrap, none" in (
        capsys.readouterr().err
    )
