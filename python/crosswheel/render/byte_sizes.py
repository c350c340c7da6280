"""Numbers of bytes as people read them."""

from __future__ import annotations

__all__ = ["size_text"]

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size_text(size: int | None) -> str:
    """Return a number of bytes in three digits or fewer and a decimal unit; empty for ``None``.

    >>> size_text(70442), size_text(999), size_text(1_449_999)
    ('70 kB', '999 B', '1.4 MB')
    """
    if size is None:
        return ""
    value = float(size)
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.1f} {unit}" if value < 9.95 and unit != "B" else f"{value:.0f} {unit}"
