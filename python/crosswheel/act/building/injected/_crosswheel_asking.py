"""Who asks: tells the code of the project that is built from the standard library and from whatever is installed.

Part of the view (``_crosswheel_view.py``), imported by those of its parts that answer the project's code alone, inside build
environments, on CPython 3.10 and newer.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType
    from typing import Any

__all__ = ["derived_array", "is_project", "place_of"]


def is_project(asking: Mapping[str, Any]) -> bool:
    """Tell from the names of the module that asks whether it is neither the standard library nor installed."""
    if asking.get("__name__") == "_crosswheel_scope":  # a stand-in asks for who was given it
        return True
    file = asking.get("__file__")
    if file is None:  # an `exec` with names of its own has no name either
        return bool(asking.get("__name__", "__main__") == "__main__")
    return not str(file).startswith((f"{sys.prefix}/", f"{sys.base_prefix}/"))


def place_of(frame: FrameType) -> str:
    """Return where someone asks, for a message: ``setup.py, line 4``."""
    while frame.f_globals.get("__name__") == "_crosswheel_scope" and frame.f_back is not None:
        frame = frame.f_back  # a stand-in asks for who was given it
    name = frame.f_code.co_filename
    if name.startswith("<"):  # setuptools executes a setup.py as a text
        name = str(frame.f_globals.get("__file__", name))
    return f"{name.rpartition('/')[2]}, line {frame.f_lineno}"


def derived_array(own: Any, members: Mapping[str, Any]) -> Any:
    """Return a class in place of `array.array` that has `members` besides; slices and copies, which are `own`, are of it."""

    class Kind(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, own)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, own)

    names = {"__module__": "array", "__qualname__": "array", "__slots__": (), "__doc__": own.__doc__}
    return Kind("array", (own,), {**names, **members})
