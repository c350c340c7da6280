"""The guard of the byte order: ends the process when the code of the project asks for that of the machine it runs on.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments where the byte order of the target is
another than the interpreter's, unless the configuration accepts such questions; on CPython 3.10 and newer.

No answer would be right. A ``setup.py`` that derives a macro from `sys.byteorder` wants the target's, one that goes on to turn
bytes it has in memory wants its own. So it is told none, however it asks: `sys.byteorder` by any name, a format of `struct` in
native order, the bytes of an `array`, the marks of `codecs`. What is in the memory of `ctypes`, of a `memoryview` or of numpy is not guarded. The
standard library and whatever is installed are told the truth.
"""

from __future__ import annotations

import sys

from _crosswheel_asking import derived_array, is_project, place_of  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn

#: Formats of `struct` that say their order.
_ORDERED = tuple("<>!")
#: Those of single bytes, which have none.
_SINGLE = frozenset("xcbB?sp=@ 0123456789\t\n")
#: Functions of `struct` whose first argument is a format.
_FUNCTIONS = ("pack", "pack_into", "unpack", "unpack_from", "iter_unpack")
#: Methods of `array.array` that show or take bytes as they are in memory.
_METHODS = ("tobytes", "tofile", "frombytes", "fromfile", "byteswap")


class ByteOrder:
    """The guard for one target.

    Args:
        target: its id.
        refuse: ends the process with a message.
    """

    def __init__(self, target: str, refuse: Callable[[str], NoReturn]) -> None:
        self.target = target
        self.refuse = refuse

    def show_sys(self) -> None:
        """Guard `sys.byteorder`: a property of the module's class goes before what stands in the module."""
        own, asked = sys.byteorder, self._asked

        class Sys(type(sys)):  # type: ignore[misc]  # the class of modules has no name without an import
            @property
            def byteorder(self) -> str:
                asked("sys.byteorder", sys._getframe(1))  # noqa: SLF001 - there is no other way to know who asks
                return own

        sys.__class__ = Sys
        vars(sys).pop("byteorder")  # who looks there is told nothing

    def show_codecs(self, module: Any) -> None:
        """Guard the marks of `codecs` that are one or the other by the byte order."""
        asked = self._asked

        def mark(name: str) -> property:
            own: bytes = getattr(module, name)

            def value(_: Any) -> bytes:
                asked(f"codecs.{name}", sys._getframe(1))  # noqa: SLF001
                return own

            return property(value)

        members = {name: mark(name) for name in ("BOM", "BOM_UTF16", "BOM_UTF32")}
        module.__class__ = type("codecs", (type(module),), members)
        for name in members:
            vars(module).pop(name)

    def show_struct(self, module: Any) -> None:
        """Guard the formats of `struct` in native order."""
        for name in _FUNCTIONS:
            setattr(module, name, self._guarded_function(getattr(module, name), f"struct.{name}"))
        asked = self._asked_by_format
        own_class: Any = module.Struct

        class Struct(own_class):  # type: ignore[misc]  # it is a class
            def __new__(cls, format: Any, /) -> Any:  # noqa: A002 - the standard library's name
                asked("struct.Struct", format, sys._getframe(1))  # noqa: SLF001
                return own_class.__new__(cls, format)

        module.Struct = Struct

    def show_array(self, module: Any) -> None:
        """Guard the bytes of an `array`."""
        own = module.array
        module.array = derived_array(own, {name: self._guarded_method(own, name) for name in _METHODS})

    def _guarded_function(self, own: Any, name: str) -> Any:
        def guarded(format: Any, /, *arguments: Any, **named: Any) -> Any:  # noqa: A002
            self._asked_by_format(name, format, sys._getframe(1))  # noqa: SLF001
            return own(format, *arguments, **named)

        return guarded

    def _guarded_method(self, own: Any, name: str) -> Any:
        method = getattr(own, name)

        def guarded(array: Any, /, *arguments: Any) -> Any:
            if array.typecode not in "bB":
                self._asked(f"array.{name}", sys._getframe(1))  # noqa: SLF001
            return method(array, *arguments)

        return guarded

    def _asked_by_format(self, name: str, format: Any, frame: FrameType) -> None:  # noqa: A002
        text = format.decode("latin-1") if isinstance(format, bytes) else format
        if isinstance(text, str) and text[:1] not in _ORDERED and not _SINGLE.issuperset(text):
            self._asked(f"{name}({text!r})", frame)

    def _asked(self, what: str, frame: FrameType) -> None:
        if is_project(frame.f_globals):
            self.refuse(
                f"cannot tell the byte order of '{self.target}': {place_of(frame)}, asks for it ({what}), and what it does "
                "with the answer cannot be told; patch it, or, if it does not decide what is compiled, set accept-build-facts for the package"
            )
