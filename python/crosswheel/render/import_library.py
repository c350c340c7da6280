"""Import libraries of Python for Windows: what a linker needs to know of ``pythonXY.dll``, made without that file.

Every name CPython exports is declared in its headers with ``PyAPI_FUNC`` or ``PyAPI_DATA``, the private ones too. The
library is an archive of short import objects, one for each name
(https://learn.microsoft.com/windows/win32/debug/pe-format#import-library-format).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from crosswheel.values.platforms import Arch

__all__ = ["Exports", "declared_exports", "render_import_library"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Exports:
    """The names a library exports.

    Attributes:
        functions: what is called.
        data: what is read; its address is not known before the library is loaded.
    """

    functions: frozenset[str] = field(default_factory=frozenset)
    data: frozenset[str] = field(default_factory=frozenset)

    def __or__(self, other: Exports) -> Exports:
        """Return the names of both; what either calls data is data."""
        data = self.data | other.data
        return Exports(functions=(self.functions | other.functions) - data, data=data)


_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_DIRECTIVES = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_DECLARATION = re.compile(r"\bPyAPI_(?P<kind>FUNC|DATA)\s*\(")
_FUNCTION = re.compile(r"(\w+)\s*\(")
_DATA = re.compile(r"\(\s*\*\s*(?P<pointer>\w+)|(?P<plain>\w+)\s*(?:\[[^\]]*\]\s*)*$")


def declared_exports(headers: Iterable[str]) -> Exports:
    """Return the names that CPython's headers declare as exported.

    Declarations under a condition count whether it holds or not: what another system has alone does no harm, for
    nothing compiled for Windows asks for it.

    Args:
        headers: the texts of all headers.

    >>> declared_exports(["PyAPI_FUNC(PyObject *) PyList_New(Py_ssize_t);"]).functions
    frozenset({'PyList_New'})
    """
    names: dict[str, set[str]] = {"FUNC": set(), "DATA": set()}
    for text in headers:
        plain = _DIRECTIVES.sub("", _COMMENTS.sub(" ", text))
        for match in _DECLARATION.finditer(plain):
            rest = plain[_closed(plain, match.end()) : match.end() + 400].partition(";")[0]
            name = _function_name(rest) if match["kind"] == "FUNC" else _data_name(rest)
            # The other names are of a system's threads, which CPython declares where it has to make do without them.
            if name is not None and name.startswith(("Py", "_Py", "PY_")):
                names[match["kind"]].add(name)
    return Exports(functions=frozenset(names["FUNC"] - names["DATA"]), data=frozenset(names["DATA"]))


def _closed(text: str, start: int) -> int:
    """Return the position behind the parenthesis that closes the one before `start`."""
    depth = 1
    for position in range(start, min(len(text), start + 200)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position + 1
    return start


def _function_name(text: str) -> str | None:
    match = _FUNCTION.search(text)
    return match[1] if match else None


def _data_name(text: str) -> str | None:
    match = _DATA.search(text.strip())
    return (match["pointer"] or match["plain"]) if match else None


_MACHINES: Mapping[Arch, int] = MappingProxyType(
    {Arch.X86_64: 0x8664, Arch.AARCH64: 0xAA64, Arch.I686: 0x14C}
)
_CODE, _DATA_IMPORT, _BY_NAME = 0, 1, 1 << 2
_MEMBER = 60


def render_import_library(library: str, exports: Exports, arch: Arch) -> bytes:
    r"""Return the import library of a DLL.

    Args:
        library: the DLL's file name.
        exports: its names.
        arch: its machine.

    >>> render_import_library("python3.dll", Exports(), Arch.X86_64)[:8]
    b'!<arch>\\n'
    """
    members = [(names, _short_import(library, name, kind, arch)) for name, kind, names in _entries(exports)]
    symbols = [(symbol, index) for index, (names, _) in enumerate(members) for symbol in names]
    texts = b"".join(symbol.encode() + b"\0" for symbol, _ in symbols)
    table_size = 4 + 4 * len(symbols) + len(texts)
    offset = 8 + _MEMBER + table_size + table_size % 2
    offsets = []
    for _, data in members:
        offsets.append(offset)
        offset += _MEMBER + len(data) + len(data) % 2
    table = struct.pack(f">I{len(symbols)}I", len(symbols), *(offsets[index] for _, index in symbols)) + texts
    body = b"".join(_member(f"{library}/", data) for _, data in members)
    return b"!<arch>\n" + _member("/", table) + body


def _entries(exports: Exports) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Yield each name with its kind and the symbols it answers to: of data only the pointer to it."""
    for name in sorted(exports.functions | exports.data):
        if name in exports.data:
            yield name, _DATA_IMPORT, (f"__imp_{name}",)
        else:
            yield name, _CODE, (f"__imp_{name}", name)


def _short_import(library: str, name: str, kind: int, arch: Arch) -> bytes:
    texts = name.encode() + b"\0" + library.encode() + b"\0"
    return struct.pack("<HHHHIIHH", 0, 0xFFFF, 0, _MACHINES[arch], 0, len(texts), 0, kind | _BY_NAME) + texts


def _member(name: str, data: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(data):<10}`\n".encode()
    return header + data + b"\n" * (len(data) % 2)
