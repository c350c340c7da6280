"""A user interrupts while a plan is made: no backend is asked any more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from crosswheel.act.building import build
from crosswheel.act.planning.backend_questions import BackendQuestions


class _Sandbox:
    stopped = False

    def stop(self) -> None:
        """Remember that it was stopped."""
        self.stopped = True


def test_a_question_that_comes_after_the_interruption_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(_: object, *, sandbox: _Sandbox, **others: object) -> tuple[str, ...]:
        return ("stopped",) if sandbox.stopped else ("asked",)

    monkeypatch.setattr(build, "requires_for_build_wheel", asked)
    services: Any = SimpleNamespace(sandbox=_Sandbox, store=None, reporter=None)
    question: Any = None
    questions = BackendQuestions(services=services)
    assert questions.ask(question) == ("asked",)
    questions.stop()
    assert questions.ask(question) == ("stopped",)
