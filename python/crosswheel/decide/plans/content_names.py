"""Names of what CMake's FetchContent fetches."""

from __future__ import annotations

import re

__all__ = ["is_content_name"]

_CONTENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


def is_content_name(text: str) -> bool:
    """Tell whether ``FetchContent_Declare`` can name a content so, and no text around it is another for that.

    >>> is_content_name("abseil-cpp"), is_content_name('a" ")')
    (True, False)
    """
    return _CONTENT.fullmatch(text) is not None
