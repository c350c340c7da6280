"""Texts of strangers for HTML."""

from __future__ import annotations

from html import escape

from crosswheel.values.printable import one_line

__all__ = ["html_text"]


def html_text(value: str) -> str:
    r"""Return a text for an element or a quoted attribute: one line, nothing in it that is markup or turns text around.

    >>> html_text('<b title="x">\n')
    '&lt;b title=&quot;x&quot;&gt;\\n'
    """
    return escape(one_line(value), quote=True)
