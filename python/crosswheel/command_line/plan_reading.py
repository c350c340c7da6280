"""Plans named on the command line: read, and their targets found by any spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crosswheel.values.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crosswheel.decide.plan import Plan
    from crosswheel.target.targets import Target

__all__ = ["choose_target", "read_plan"]


def read_plan(path: Path) -> Plan:
    """Return the plan at `path`.

    Raises:
        InputError: it cannot be read, or is no plan.
    """
    from crosswheel.decide.plan_json import plan_from_json

    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            "read plan", str(path), why=error.strerror or str(error), fix="make one with `crosswheel plan`"
        ) from None
    return plan_from_json(data, name=str(path))


def choose_target(name: str, held: Sequence[Target]) -> Target:
    """Return the one of `held` that `name` means; a name without a Python means the Python held.

    Raises:
        InputError: it means none of them, or several.
    """
    from crosswheel.target.spellings import parse_target

    ids = ", ".join(target.id for target in held)
    found = [target for target in held if parse_target(name, python=target.python).target == target]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(target.id for target in found)
        raise InputError("choose target", name, why=f"it may be {names}", fix="write one of these")
    raise InputError(
        "choose target",
        name,
        why=f"what is there is for {ids or 'no target'}",
        fix="name one of these, or plan again with this target",
    )
