"""The log of a build that failed in a step, whose store is gone with it: printed, or not named."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from crosswheel.command_line.chosen_console import terminal
from crosswheel.command_line.step_inputs import step_services
from crosswheel.values.errors import WHOLE_LOG, BuildError

_LOG = "demo-1.log"


def _fail(cache_dir: Path | None, *, verbose: bool) -> None:
    """Let a build fail in a step."""
    console = terminal(quiet=not verbose, verbose=verbose)
    with step_services(argparse.Namespace(cache_dir=cache_dir), console) as services:
        digest = services.store.add_bytes(b"first\n\xff\nlast\n", filename=_LOG)
        log = services.store.artifact(digest, filename=_LOG)
        details = ["last", f"{WHOLE_LOG}{log}"]
        raise BuildError("build", "demo 1", why="it failed", fix="mend it", details=details)


def test_a_log_that_is_gone_is_not_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BuildError) as caught:
        _fail(None, verbose=False)
    assert caught.value.details == (
        "last",
        "`crosswheel build` of the plan keeps the whole log; the step by itself prints it with --verbose",
    )
    assert str(caught.value) == "cannot build 'demo 1': it failed; mend it"
    assert capsys.readouterr().err == ""


def test_a_log_that_is_about_to_go_is_printed_to_who_wants_more_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(BuildError) as caught:
        _fail(None, verbose=True)
    assert caught.value.details == ("last", "the whole log stands above")
    assert capsys.readouterr().err == "demo-1.log:\nfirst\n\ufffd\nlast\n"


def test_a_log_that_stays_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        _fail(tmp_path, verbose=True)
    assert Path(caught.value.details[1].removeprefix(WHOLE_LOG)).read_bytes() == b"first\n\xff\nlast\n"
