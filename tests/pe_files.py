"""Writes small valid PE files, right ones and wrong ones, so that tests need no compiler."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

__all__ = ["AMD64", "ARM64_PE", "X86", "pe_file", "windows_module"]

AMD64, ARM64_PE, X86 = 0x8664, 0xAA64, 0x14C
_ADDRESS, _OFFSET = 0x1000, 0x400


class _Section:
    """The bytes of the one section, with the addresses of what is put into it."""

    def __init__(self) -> None:
        self.data = bytearray(8)

    def put(self, data: bytes) -> int:
        """Append `data`, return its address."""
        address = _ADDRESS + len(self.data)
        self.data += data + bytes(-len(data) % 8)
        return address


def pe_file(
    machine: int = AMD64,
    *,
    imports: Mapping[str, Sequence[str]] | None = None,
    delayed: Mapping[str, Sequence[str]] | None = None,
    exports: Sequence[str] = (),
    managed: bool = False,
) -> bytes:
    """Return a library; `imports` and `delayed` are names by library, a name of digits is taken by number."""
    wide, section = machine != X86, _Section()
    directories = [(0, 0)] * 16
    if exports:
        directories[0] = (_exports(section, exports), 40)
    tables = [(library, *_names(section, names, wide)) for library, names in (imports or {}).items()]
    if tables:
        rows = b"".join(struct.pack("<5I", lookup, 0, 0, name, lookup) for name, lookup in
                        ((section.put(library.encode() + b"\0"), lookup) for library, lookup in tables))  # fmt: skip
        directories[1] = (section.put(rows + bytes(20)), len(rows) + 20)
    tables = [(library, *_names(section, names, wide)) for library, names in (delayed or {}).items()]
    if tables:
        rows = b"".join(struct.pack("<8I", 1, name, 0, 0, lookup, 0, 0, 0) for name, lookup in
                        ((section.put(library.encode() + b"\0"), lookup) for library, lookup in tables))  # fmt: skip
        directories[13] = (section.put(rows + bytes(32)), len(rows) + 32)
    if managed:
        directories[14] = (section.put(bytes(72)), 72)
    optional = struct.pack("<H", 0x20B if wide else 0x10B).ljust(108 if wide else 92, b"\0")
    optional += struct.pack("<I", 16) + b"".join(struct.pack("<II", *entry) for entry in directories)
    header = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + b"PE\0\0"
    header += struct.pack("<HHIIIHH", machine, 1, 7, 0, 0, len(optional), 0x2022)
    row = (
        b".rdata\0\0"
        + struct.pack("<4I", len(section.data), _ADDRESS, len(section.data), _OFFSET)
        + bytes(16)
    )
    return (header + optional + row).ljust(_OFFSET, b"\0") + bytes(section.data)


def _names(section: _Section, names: Sequence[str], wide: bool) -> tuple[int]:
    size, layout = (8, "<Q") if wide else (4, "<I")
    entries = b""
    for name in names:
        number = (
            int(name) | 1 << 8 * size - 1 if name.isdigit() else section.put(b"\0\0" + name.encode() + b"\0")
        )
        entries += struct.pack(layout, number)
    return (section.put(entries + bytes(size)),)


def _exports(section: _Section, names: Sequence[str]) -> int:
    addresses = [section.put(name.encode() + b"\0") for name in names]
    table = section.put(b"".join(struct.pack("<I", address) for address in addresses))
    own = section.put(b"demo.dll\0")
    return section.put(struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, own, 1, len(names), len(names), 0, table, 0))


def windows_module(name: str, **changes: object) -> bytes:
    """Return an extension module as Visual C++ makes it; `changes` are arguments of `pe_file`, and ``python``."""
    python = str(changes.pop("python", "python313.dll"))
    arguments: dict[str, object] = {
        "imports": {python: ["PyModule_Create2"], "VCRUNTIME140.dll": ["memcpy"], "KERNEL32.dll": ["Sleep"]},
        "exports": [f"PyInit_{name}"],
        **changes,
    }
    return pe_file(**arguments)  # type: ignore[arg-type]  # the caller's names are those of the function
