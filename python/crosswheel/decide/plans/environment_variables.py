"""Which names and values an environment variable can have."""

from __future__ import annotations

__all__ = ["variable_fault"]


def variable_fault(name: str, value: str) -> str | None:
    """Return why no program can be given the variable, a clause; ``None`` if one can (POSIX.1-2024, section 8.1).

    >>> variable_fault("A=B", ""), variable_fault("A", "b")
    ("a variable's name is not empty and holds neither '=' nor NUL", None)
    """
    if not name or "=" in name or "\0" in name:
        return "a variable's name is not empty and holds neither '=' nor NUL"
    return "a variable's value holds no NUL" if "\0" in value else None
