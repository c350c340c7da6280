"""Why nothing can be built for a target, known without planning anything."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from crosswheel.act.target_python.load_description import load_description
from crosswheel.target.support import refuse_without_toolchain
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError

__all__ = ["build_fault", "build_obstacle"]


def build_obstacle(
    target: Target, *, descriptions: Sequence[Path] = (), toolchains: Sequence[str] = ()
) -> str:
    """Return why no sdist can be built for `target` and what to do, two clauses; nothing where one can.

    Args:
        target: the target.
        descriptions: target descriptions of the user's own.
        toolchains: toolchains of the user's own; which target each is for is seen when planning.
    """
    fault = build_fault(target, descriptions=descriptions, toolchains=toolchains)
    return "" if fault is None else f"{fault.why}; {fault.fix}"


def build_fault(
    target: Target, *, descriptions: Sequence[Path] = (), toolchains: Collection[object] = ()
) -> InputError | None:
    """Return the refusal to build any sdist for `target`; ``None`` where one can be built.

    Args:
        target: the target.
        descriptions: target descriptions of the user's own.
        toolchains: toolchains of the user's own; which target each is for is seen when planning.
    """
    try:
        if not toolchains:
            refuse_without_toolchain(target)
        load_description(target, extra=descriptions)
    except InputError as error:
        return error
    return None
