"""Sizes of C types: shows those of the target to the code of the project that is built, and to no other.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments where a pointer or a `long` of the
target is another than the interpreter's; on CPython 3.10 and newer.

Whoever asks `struct.calcsize`, `ctypes.sizeof`, cffi or an `array` in a ``setup.py``, an in-tree backend or a ``python -c`` wants to know what
the compiler will say. The standard library and whatever is installed ask because they are about to use memory, so they
are told the truth: ctypes itself compares both when it is imported. What is not known of the target ends the process.
"""

# Its words for the sizes are the standard library's.
# ruff: noqa: SLF001

from __future__ import annotations

import sys

from _crosswheel_asking import derived_array, is_project  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn

#: Types of ctypes that are pointers.
_POINTERS = ("c_void_p", "c_char_p", "c_wchar_p", "py_object")
#: Those that are the same everywhere, by the letter ctypes has for them. Where a `long` has 64 bits, `c_long`, `c_int64` and
#: `c_size_t` are one and the same type, and nothing tells which of them was meant.
_FIXED = frozenset("?cbBhHiIfd")


class Sizes:
    """The sizes of one target, and how `struct`, `ctypes` and `array` are made to tell them.

    Args:
        document: the view document.
        refuse: ends the process with a message.
    """

    def __init__(self, document: Mapping[str, Any], refuse: Callable[[str], NoReturn]) -> None:
        self.document = document
        self.refuse = refuse
        self.pointer = document["pointer_width"] // 8
        self.long = document["long_width"] // 8

    def show_struct(self, module: Any) -> None:
        """Have `struct.calcsize` answer."""
        own = module.calcsize
        letters: dict[str, int] = {**dict.fromkeys("PnN", self.pointer), **dict.fromkeys("lL", self.long)}

        def calcsize(format: Any, /) -> int:  # noqa: A002 - the standard library's name
            text = format.decode() if isinstance(format, bytes) else format
            native = text[:1] not in tuple("=<>!") and not letters.keys().isdisjoint(text)
            if not native or not is_project(sys._getframe(1).f_globals):
                return int(own(format))
            kinds = set(text.lstrip("@"))
            if len(kinds) != 1:
                self._refuse(f"the structure {text!r}")
            return letters[kinds.pop()] * len(text.lstrip("@"))

        module.calcsize = calcsize

    def show_ctypes(self, module: Any) -> None:
        """Have `ctypes.sizeof` answer."""
        own = module.sizeof
        pointers = [getattr(module, name) for name in _POINTERS]

        def sizeof(kind: Any, /) -> int:
            asked = kind if isinstance(kind, type) else type(kind)
            if not is_project(sys._getframe(1).f_globals):
                return int(own(kind))
            if asked in pointers or issubclass(asked, module._Pointer):
                return int(self.pointer)
            if getattr(asked, "_type_", None) not in _FIXED:
                self._refuse(f"{asked.__name__} of ctypes")
            return int(own(kind))

        module.sizeof = sizeof

    def show_cffi(self, module: Any) -> None:
        """Have questions to cffi refused, which knows the sizes of the interpreter that runs it."""

        def guarded(name: str) -> Any:
            own = getattr(module.FFI, name)

            def asked(ffi: Any, cdecl: Any, *fields: Any) -> Any:
                if is_project(sys._getframe(1).f_globals):
                    self._refuse(f"{cdecl!r} (cffi's {name})")
                return own(ffi, cdecl, *fields)

            return asked

        for name in ("sizeof", "alignof", "offsetof"):
            setattr(module.FFI, name, guarded(name))

    def show_array(self, module: Any) -> None:
        """Have the items of an `array` of C's `long` be as wide as the target's."""
        own, width = module.array, self.long

        def itemsize(array: Any) -> int:
            told = array.typecode in "lL" and is_project(sys._getframe(1).f_globals)
            return width if told else int(own.itemsize.__get__(array))

        module.array = derived_array(own, {"itemsize": property(itemsize)})

    def _refuse(self, what: str) -> NoReturn:
        self.refuse(
            f"cannot tell the size of {what} on '{self.document['target']}': it depends on the target; "
            "patch the build code so that the compiler finds out"
        )
