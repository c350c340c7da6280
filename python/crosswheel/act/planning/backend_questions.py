"""What backends are asked while a plan is made, and how that ends when the user interrupts."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crosswheel.act.services import Services

if TYPE_CHECKING:
    from crosswheel.act.building.build_request import BuildRequest
    from crosswheel.act.building.sandbox import Sandbox

__all__ = ["BackendQuestions"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BackendQuestions:
    """Asks them, each in a sandbox of its own.

    Attributes:
        services: give the sandboxes.
        sandboxes: those so far.
        stopped: the user has interrupted.
    """

    services: Services
    sandboxes: list[Sandbox] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self, question: BuildRequest) -> tuple[str, ...]:
        """Return what a backend requires besides."""
        from crosswheel.act.building.build import requires_for_build_wheel

        sandbox = self.services.sandbox()
        self.sandboxes.append(sandbox)
        if self.stopped.is_set():
            sandbox.stop()
        services = self.services
        return requires_for_build_wheel(
            question, store=services.store, sandbox=sandbox, reporter=services.reporter
        )

    def stop(self) -> None:
        """End the questions that are being asked, and those that threads come to ask yet."""
        self.stopped.set()
        for sandbox in self.sandboxes:
            sandbox.stop()
