"""Which sandboxes there are, for those who only ask: loading one takes as long as reading a lock."""

from __future__ import annotations

from crosswheel.values.errors import InputError

__all__ = ["SANDBOX_KINDS", "refuse_unknown_kind"]

#: What ``--sandbox`` takes.
SANDBOX_KINDS = ("bubblewrap", "none")


def refuse_unknown_kind(kind: str) -> None:
    """Raise unless there is a sandbox `kind`, here or elsewhere.

    Raises:
        InputError: names the kinds there are.
    """
    if kind not in SANDBOX_KINDS:
        raise InputError(
            "choose sandbox",
            kind,
            why="there is no such sandbox",
            fix=f"choose one of {', '.join(SANDBOX_KINDS)}",
        )
