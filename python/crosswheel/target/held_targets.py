"""Which of some targets a name means."""

from __future__ import annotations

from collections.abc import Sequence

from crosswheel.target.spellings import parse_target
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError

__all__ = ["choose_target", "choose_targets"]


def choose_target(name: str | None, held: Sequence[Target]) -> Target:
    """Return the one of `held` that `name` means; a name without a Python means the Python held, no name the only one.

    Raises:
        InputError: it means none of them, or several.
    """
    ids = ", ".join(target.id for target in held)
    if name is None:
        if len(held) == 1:
            return held[0]
        raise InputError("choose target", why=f"there are {len(held)}: {ids}", fix="name one with --target")
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


def choose_targets(names: Sequence[str], held: Sequence[Target]) -> tuple[Target, ...]:
    """Return what each of several names means, in their order, what two of them mean once; all of `held` without names.

    Raises:
        InputError: as `choose_target`.
    """
    return tuple(dict.fromkeys(choose_target(name, held) for name in names)) if names else tuple(held)
