"""Sizes of C types: shows those of the target to the code of the project that is built, and to no other.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments where a pointer, a `long`, a `wchar_t` or a
`long double` of the target is another than the interpreter's; on CPython 3.10 and newer.

Whoever asks `struct`, `ctypes.sizeof`, cffi or an `array` in a ``setup.py``, an in-tree backend or a ``python -c`` wants to know what
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
#: What `struct` has in native order besides pointers and `long`: letters, and the size of each.
_LETTERS = {**dict.fromkeys("xcbBsp?", 1), **dict.fromkeys("hHe", 2), **dict.fromkeys("iIf", 4)}
_LETTERS |= dict.fromkeys("qQd", 8)
#: Those of them whose size or alignment is not the same everywhere.
_DIFFERENT = frozenset("PnNlLqQd")
_FUNCTIONS = ("calcsize", "pack", "pack_into", "unpack", "unpack_from", "iter_unpack")
#: Methods of `array.array` that show or take bytes as they are in memory.
_METHODS = ("tobytes", "tofile", "frombytes", "fromfile")
#: Bytes of a pointer of the interpreter; this is imported before the target's is shown.
_OWN = 8 if sys.maxsize > 2**32 else 4
#: Instructions that look up a name in a module; on Python 3.10, what comes before one with a large argument is what runs.
_BY_NAME = ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM", "EXTENDED_ARG")
#: numpy's words for a `long double`.
_LONG_DOUBLES = frozenset(
    ["g", "G", "longdouble", "clongdouble", "longfloat", "clongfloat", "float128", "complex256", "f16", "c32"]
)
#: Names of C, as cffi is asked for them, by what they are as large as.
_SAME_EVERYWHERE = {
    1: "char, signed char, unsigned char, bool, _Bool, int8_t, uint8_t",
    2: "short, unsigned short, short int, unsigned short int, int16_t, uint16_t",
    4: "int, unsigned, unsigned int, int32_t, uint32_t, float",
    8: "long long, unsigned long long, long long int, unsigned long long int, int64_t, uint64_t, double",
}
_AS_LONG = ("long", "unsigned long", "long int", "unsigned long int")
_AS_POINTER = ("size_t", "ssize_t", "intptr_t", "uintptr_t", "ptrdiff_t")


class Sizes:
    """The sizes of one target, and how `struct`, `ctypes`, cffi and `array` are made to tell them.

    Args:
        document: the view document.
        refuse: ends the process with a message.
    """

    def __init__(self, document: Mapping[str, Any], refuse: Callable[[str], NoReturn]) -> None:
        self.document = document
        self.refuse = refuse
        self.pointer = document["pointer_width"] // 8
        self.long = document["long_width"] // 8
        self.wide: int = document["wchar_size"]
        self.long_double: int = document["long_double_size"]
        #: Whether a pointer or a `long`, which are in most structures, is another than the interpreter's.
        self.differs = not _OWN == self.pointer == self.long
        #: No type is aligned to more.
        self.alignment = 4 if document["uname"][4] == "i686" else 16

    def show_struct(self, module: Any) -> None:
        """Have `struct` read, write and measure formats in native order as the target's does."""
        if not self.differs:
            return
        own = module.calcsize

        def meant(format: Any, asking: Mapping[str, Any]) -> Any:  # noqa: A002 - the standard library's name
            text = format.decode("latin-1") if isinstance(format, bytes) else format
            if not isinstance(text, str) or text[:1] in tuple("=<>!") or _DIFFERENT.isdisjoint(text):
                return format
            if not is_project(asking):
                return format
            own(text)  # says what is wrong with it
            return self._in_standard_sizes(text)

        def shown(function: Any) -> Any:
            def called(format: Any, /, *arguments: Any, **named: Any) -> Any:  # noqa: A002
                return function(meant(format, sys._getframe(1).f_globals), *arguments, **named)

            return called

        class Kind(type):
            def __call__(cls, format: Any) -> Any:  # noqa: A002
                return super().__call__(meant(format, sys._getframe(1).f_globals))

        for name in _FUNCTIONS:
            setattr(module, name, shown(getattr(module, name)))
        module.Struct = Kind("Struct", (module.Struct,), {"__module__": "struct"})

    def show_ctypes(self, module: Any) -> None:
        """Have `ctypes.sizeof` and `ctypes.alignment` answer."""
        pointers = [getattr(module, name) for name in _POINTERS]

        def shown(own: Any) -> Any:
            def asked(kind: Any, /) -> int:
                if not is_project(sys._getframe(1).f_globals):
                    return int(own(kind))
                told = self._of_ctypes(module, pointers, kind if isinstance(kind, type) else type(kind))
                told = int(own(kind)) if told is None else told
                return told if own is sizeof else min(told, self.alignment)

            return asked

        sizeof = module.sizeof
        module.sizeof, module.alignment = shown(sizeof), shown(module.alignment)

    def show_cffi(self, module: Any) -> None:
        """Have cffi, which knows the sizes of the interpreter that runs it, tell those of C's own types, and no other."""
        sizes = {name: size for size, names in _SAME_EVERYWHERE.items() for name in names.split(", ")}
        sizes |= {**dict.fromkeys(_AS_LONG, self.long), **dict.fromkeys(_AS_POINTER, self.pointer)}
        sizes |= {"wchar_t": self.wide} | ({"long double": self.long_double} if self.long_double else {})

        def guarded(name: str) -> Any:
            own = getattr(module.FFI, name)

            def asked(ffi: Any, cdecl: Any, *fields: Any) -> Any:
                if not is_project(sys._getframe(1).f_globals):
                    return own(ffi, cdecl, *fields)
                words = " ".join(cdecl.replace("*", " * ").split()) if isinstance(cdecl, str) else ""
                size = self.pointer if words.endswith("*") else sizes.get(words)
                if size is None or name == "offsetof":
                    if self.differs:
                        self._refuse(f"{cdecl!r} (cffi's {name})")
                    return own(ffi, cdecl, *fields)
                return size if name == "sizeof" else min(size, self.alignment)

            return asked

        for name in ("sizeof", "alignof", "offsetof"):
            setattr(module.FFI, name, guarded(name))

    def show_numpy(self, module: Any) -> None:
        """Have numpy refuse `dtype`, `iinfo` and `finfo` of what C says otherwise on the target, as far as a word for it is given.

        numpy's own `intp` and `int_` are one and the same as `int64` here, and nothing tells which of them was meant.
        """
        if is_project(vars(module)) or not hasattr(module, "dtype"):  # numpy itself is built
            return
        other_size = self._other_words_of_numpy(int(module.__version__.partition(".")[0]))
        x86 = self.document["uname"][4] in ("x86_64", "i686") and self.long_double != 8
        other_format = other_size if x86 else other_size | _LONG_DOUBLES
        words = self._reader_of_words(module)
        sets = {"dtype": other_size, "iinfo": other_size, "finfo": other_format}
        members = {
            name: self._guarded_of_numpy(name, getattr(module, name), refused, words)
            for name, refused in sets.items()
            if refused
        }
        module.__class__ = type("numpy", (type(module),), members)

    def _reader_of_words(self, module: Any) -> Callable[[Any], list[str]]:
        """Return what finds numpy's words for types in what stands for a type."""
        own_dtype = module.dtype
        wide = (module.longdouble, module.clongdouble)

        def words(asked: Any) -> list[str]:
            if isinstance(asked, str):
                plain = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in asked)
                return [word.lstrip("0123456789") for word in plain.split()]
            if isinstance(asked, own_dtype):
                return [asked.char] if asked.char in "gG" else []
            if asked is int:
                return ["int"]
            if any(asked is one for one in wide) or isinstance(asked, wide):
                return ["longdouble"]
            items = asked.get("formats", ()) if isinstance(asked, dict) else asked
            if isinstance(items, list):  # fields, each a name and a type, or of a mapping a type alone
                items = [item[1] if isinstance(item, tuple) and len(item) > 1 else item for item in items]
                return [word for item in items for word in words(item)]
            return words(items[0]) if isinstance(items, tuple) and items else []

        return words

    def _guarded_of_numpy(
        self, name: str, own: Any, refused: frozenset[str], words: Callable[[Any], list[str]]
    ) -> property:
        """Return what stands for the class `own` of numpy: in front of the code of the project, one that refuses some words."""
        import opcode

        by_name = {opcode.opmap.get(name) for name in _BY_NAME}

        class Kind(type):
            def __call__(cls, *given: Any, **named: Any) -> Any:
                if is_project(sys._getframe(1).f_globals):
                    for word in (word for asked in (*given, *named.values()) for word in words(asked)):
                        if word in refused:
                            self._refuse(f"numpy.{name}({word!r})")
                return own(*given, **named)

            def __getattr__(cls, attribute: str) -> Any:
                return getattr(own, attribute)

            def __getitem__(cls, item: Any) -> Any:
                return own[item]

            def __instancecheck__(cls, instance: object) -> bool:
                return isinstance(instance, own)

            def __subclasscheck__(cls, subclass: type) -> bool:
                return subclass is cls or issubclass(subclass, own)

        told = Kind(name, (), {"__module__": "numpy", "__doc__": own.__doc__})

        def value(_: Any) -> Any:
            frame = sys._getframe(1)
            # Not what a function in C, as that of pickle, looks up on behalf of the project.
            named = frame.f_code.co_code[frame.f_lasti] in by_name
            return told if named and is_project(frame.f_globals) else own

        return property(value)

    def _other_words_of_numpy(self, release: int) -> frozenset[str]:
        """Return numpy's words for the types that have another size on the target; its own integer is C's `long` before 2."""
        words = _LONG_DOUBLES if self.long_double != 16 else frozenset()
        if self.long != _OWN:
            words |= frozenset({"l", "L", "long", "ulong"})
        if self.pointer != _OWN:
            words |= frozenset({"p", "P", "n", "N", "intp", "uintp"})
        own_integer = self.long if release < 2 else self.pointer
        return words if own_integer == _OWN else words | {"int", "uint", "int_", "uint_"}

    def show_array(self, module: Any) -> None:
        """Have the items of an `array` of C's `long` or `wchar_t` be as wide as the target's, and their bytes not be told."""
        own, widths = module.array, {"l": self.long, "L": self.long, "u": self.wide}

        def itemsize(array: Any) -> int:
            width = widths.get(array.typecode)
            told = width is not None and is_project(sys._getframe(1).f_globals)
            return width if told and width else int(own.itemsize.__get__(array))

        def guarded(name: str) -> Any:
            method = getattr(own, name)

            def called(array: Any, /, *arguments: Any) -> Any:
                width = widths.get(array.typecode)
                if width and width != own.itemsize.__get__(array) and is_project(sys._getframe(1).f_globals):
                    self._refuse(f"array({array.typecode!r}) in bytes ({name})")
                return method(array, *arguments)

            return called

        members = {name: guarded(name) for name in _METHODS}
        module.array = derived_array(own, {**members, "itemsize": property(itemsize)})

    def _in_standard_sizes(self, text: str) -> str:
        """Return a format in native order as one of the sizes and the alignment that the target has.

        A target whose sizes differ is in the order of the interpreter: little.
        """
        sizes = _LETTERS | dict.fromkeys("PnN", self.pointer) | dict.fromkeys("lL", self.long)
        spelled = {letter: "iq" if letter in "nl" else "IQ" for letter in "PnNlL"}
        made, total, count = "<", 0, ""
        for letter in text.removeprefix("@"):
            if letter.isdigit():
                count += letter
            elif not letter.isspace():
                size = sizes[letter]  # its own `calcsize` has read the format without a word
                padding = -total % min(size, self.alignment)
                total += padding + size * int(count or 1)
                made += "x" * padding + count + spelled.get(letter, letter * 2)[size == 8]
                count = ""
        return made

    def _of_ctypes(self, module: Any, pointers: list[Any], asked: Any) -> int | None:
        """Return how large a type of ctypes is; ``None`` if it is as large as it is here."""
        if asked in pointers or issubclass(asked, (module._Pointer, module._CFuncPtr)):
            return int(self.pointer)
        if issubclass(asked, module.c_wchar):
            return self.wide
        if issubclass(asked, module.c_longdouble) and self.long_double:
            return self.long_double
        if self.differs and getattr(asked, "_type_", None) not in _FIXED:
            self._refuse(f"{asked.__name__} of ctypes")
        return None

    def _refuse(self, what: str) -> NoReturn:
        self.refuse(
            f"cannot tell the size of {what} on '{self.document['target']}': it depends on the target; "
            "patch the build code so that the compiler finds out"
        )
