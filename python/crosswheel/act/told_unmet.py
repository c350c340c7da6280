"""Warnings of what the wheels of a target require and do not find among themselves: overriding that may be meant."""

from __future__ import annotations

from collections.abc import Sequence

from crosswheel.act.ready_wheel import ReadyWheel
from crosswheel.act.reporter import Reporter
from crosswheel.decide.planning.unmet_requirements import Requiring, unmet_requirements
from crosswheel.target.environments import marker_environment
from crosswheel.target.targets import Target

__all__ = ["tell_unmet"]


def tell_unmet(target: Target, wheels: Sequence[ReadyWheel], reporter: Reporter) -> None:
    """Warn of each requirement of a wheel that the lock has nothing for.

    Args:
        target: the target.
        wheels: all its wheels.
        reporter: who is told.
    """
    requiring = [
        Requiring(name=wheel.name, version=wheel.version, requirements=wheel.outcome.requirements)
        for wheel in wheels
    ]
    for sentence in unmet_requirements(requiring, marker_environment(target)):
        reporter.warned(f"{target.id}: {sentence}; was the lock made for this platform?")
