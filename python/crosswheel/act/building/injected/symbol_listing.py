"""The launcher `nm` of a toolchain that has none, as zig: lists the symbols of ELF files and of archives of them.

Words and order are those of GNU's `nm`, as far as configure scripts, libtool and makefiles ask for them. An option it does
not know is refused: a listing without what was asked for would be taken for one. Copied beside the compiler launchers.
"""

# ruff: noqa: PTH123

from __future__ import annotations

import struct

from crosswheel_launcher.ar_archives import (  # type: ignore[import-not-found]
    ArchiveFormatError,
    ar_members,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["list_symbols"]

_VERSION = "crosswheel nm (compatible with GNU nm)\n"
_SYMBOL_TABLE, _NO_BITS = 2, 8
_WRITE, _ALLOCATED, _EXECUTABLE = 1, 2, 4
_ABSOLUTE, _COMMON = 0xFFF1, 0xFFF2
_LOCAL, _WEAK, _UNIQUE = 0, 2, 10
_OBJECT, _SECTION, _FILE, _INDIRECT = 1, 3, 4, 10
#: Machines whose assemblers mark code and data with symbols (``$x``, ``$d.3``) that nobody means: ARM, AArch64, RISC-V.
_MARKED = frozenset({40, 183, 243})

#: What options ask for; nothing where it is so in any case.
_OPTIONS = {
    **dict.fromkeys(["-B", "--format=bsd", "--no-demangle"], ""),
    **dict.fromkeys(["-A", "-o", "--print-file-name"], "files"),
    **dict.fromkeys(["-P", "--portability", "--format=posix"], "posix"),
    **dict.fromkeys(["-g", "--extern-only"], "global"),
    **dict.fromkeys(["-n", "-v", "--numeric-sort"], "numeric"),
    **dict.fromkeys(["-p", "--no-sort"], "unsorted"),
    **dict.fromkeys(["-r", "--reverse-sort"], "reverse"),
    **dict.fromkeys(["-u", "--undefined-only"], "undefined"),
    **dict.fromkeys(["--defined-only"], "defined"),
}


def list_symbols(arguments: Sequence[str]) -> tuple[str, str, int]:
    """Return what a call of `nm` prints, what it says on standard error, and its exit status."""
    if "--version" in arguments or "-V" in arguments:
        return _VERSION, "", 0
    wanted: set[str] = set()
    files: list[str] = []
    for argument in arguments:
        short = argument[:1] == "-" and argument[:2] != "--"
        for word in [f"-{letter}" for letter in argument[1:]] if short else [argument]:
            if word[:1] != "-":
                files.append(word)
            elif word not in _OPTIONS:
                return (
                    "",
                    f"nm: error: the toolchain of this build has no option '{word}'; do without it\n",
                    1,
                )
            else:
                wanted.add(_OPTIONS[word])
    printed, said = "", ""
    for file in files or ["a.out"]:
        try:
            printed += _listing(file, wanted, several=len(files) > 1)
        except OSError as error:
            said += f"nm: '{file}': {error.strerror}\n"
        except (ArchiveFormatError, ValueError, struct.error, IndexError):
            said += f"nm: {file}: file format not recognized\n"
    return printed, said, 1 if said else 0


def _listing(file: str, wanted: set[str], *, several: bool) -> str:
    with open(file, "rb") as stream:
        data = stream.read()
    posix, named = "posix" in wanted, "files" in wanted
    blank = "" if posix else "\n"
    if not data.startswith(b"!<"):
        heading = f"{blank}{file}:\n" if several and not named else ""
        return heading + _lines(data, wanted, f"{file}:")
    text = f"{blank}{file}:\n" if several and not posix else ""
    for member in ar_members(data):
        name = f"{file}[{member.name}]" if posix else member.name
        text += "" if named else f"{blank}{name}:\n"
        text += _lines(member.data, wanted, f"{name}:" if posix else f"{file}:{name}:")
    return text


def _lines(data: bytes, wanted: set[str], place: str) -> str:
    """Return the lines about one ELF file; `place` stands in front of them where that is asked for."""
    width = 16 if data[4:5] == b"\2" else 8
    symbols = [symbol for symbol in _symbols(data) if symbol.is_wanted(wanted)]
    if "unsorted" not in wanted:
        symbols.sort(key=lambda symbol: symbol.name)
        if "numeric" in wanted:
            symbols.sort(key=lambda symbol: (symbol.defined, symbol.value))
        if "reverse" in wanted:
            symbols.reverse()
    return "".join(
        f"{_before(place, wanted)}{symbol.in_posix() if 'posix' in wanted else symbol.in_bsd(width)}\n"
        for symbol in symbols
    )


def _before(place: str, wanted: set[str]) -> str:
    return "" if "files" not in wanted else f"{place} " if "posix" in wanted else place


class _Symbol:
    """A symbol: its name, `nm`'s letter for what it is, where it is and how long."""

    __slots__ = ("defined", "letter", "name", "size", "value")

    def __init__(self, name: str, letter: str, value: int, size: int, *, defined: bool) -> None:
        self.name, self.letter, self.value, self.size, self.defined = name, letter, value, size, defined

    def in_bsd(self, width: int) -> str:
        value = f"{self.value:0{width}x}" if self.defined else " " * width
        return f"{value} {self.letter} {self.name}"

    def in_posix(self) -> str:
        numbers = f"{self.value:x} {self.size:x}" if self.size else f"{self.value:x} "
        return f"{self.name} {self.letter} {numbers if self.defined else ' ' * 8}"

    def is_wanted(self, wanted: set[str]) -> bool:
        if "global" in wanted and self.letter.islower() and self.letter not in "uvwi":
            return False
        return not ("undefined" in wanted and self.defined) and not ("defined" in wanted and not self.defined)


def _symbols(data: bytes) -> Iterator[_Symbol]:
    """Yield the symbols of an ELF file, but for those that name a section or a source.

    Raises:
        ValueError: it is no ELF file.
    """
    if data[:4] != b"\x7fELF":
        raise ValueError
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    (machine,) = struct.unpack_from(f"{order}H", data, 18)
    sections = _sections(data, wide=wide, order=order)
    table = next((section for section in sections if section.kind == _SYMBOL_TABLE), None)
    if table is None:
        return
    entry = struct.Struct(f"{order}IBBHQQ" if wide else f"{order}IIIBBH")
    texts = sections[table.link]
    for place in range(table.offset + entry.size, table.offset + table.size, entry.size):
        fields = entry.unpack_from(data, place)
        name, info, index, value, size = (
            (fields[0], fields[1], fields[3], fields[4], fields[5])
            if wide
            else (fields[0], fields[3], fields[5], fields[1], fields[2])
        )
        text = _text(data, texts.offset + name)
        marks = machine in _MARKED and text[:1] == "$" and text[1:2] in set("adtx") and text[2:3] in {"", "."}
        if text and not marks and info & 15 not in {_SECTION, _FILE}:
            section = sections[index] if 0 < index < len(sections) else None
            yield _Symbol(text, _letter(info, index, section), value, size, defined=index != 0)


class _Section:
    """A section: what it holds, its flags, where it is in the file, and the section it goes with."""

    __slots__ = ("flags", "kind", "link", "offset", "size")

    def __init__(self, kind: int, flags: int, offset: int, size: int, link: int) -> None:
        self.kind, self.flags, self.offset, self.size, self.link = kind, flags, offset, size, link


def _sections(data: bytes, *, wide: bool, order: str) -> list[_Section]:
    (offset,) = struct.unpack_from(f"{order}{'Q' if wide else 'I'}", data, 40 if wide else 32)
    size, count = struct.unpack_from(f"{order}HH", data, 58 if wide else 46)
    header = f"{order}IIQQQQI" if wide else f"{order}IIIIIII"
    if offset and not count:  # more sections than fit: the first one holds their number
        count = struct.unpack_from(header, data, offset)[5]
    found = []
    for index in range(count):
        _, kind, flags, _, place, length, link = struct.unpack_from(header, data, offset + index * size)
        found.append(_Section(kind, flags, place, length, link))
    return found


def _letter(info: int, index: int, section: _Section | None) -> str:
    """Return `nm`'s letter of a symbol by its type and binding and by the section it is in."""
    kind, binding = info & 15, info >> 4
    if index == _COMMON:
        return "C"
    if binding == _WEAK:
        letter = "v" if kind == _OBJECT else "w"
        return letter.upper() if index else letter
    if index == 0:
        return "U"
    if binding == _UNIQUE:
        return "u"
    if kind == _INDIRECT:
        return "i"
    if index == _ABSOLUTE or section is None:
        letter = "a"
    elif section.flags & _EXECUTABLE:
        letter = "t"
    elif not section.flags & _ALLOCATED:
        letter = "n"
    elif section.kind == _NO_BITS:
        letter = "b"
    else:
        letter = "d" if section.flags & _WRITE else "r"
    return letter if binding == _LOCAL else letter.upper()


def _text(data: bytes, offset: int) -> str:
    return data[offset : data.index(b"\0", offset)].decode(errors="surrogateescape")
