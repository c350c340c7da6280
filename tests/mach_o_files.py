"""Writes small valid Mach-O files, right ones and wrong ones, so that tests need no compiler."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

__all__ = ["ARM64", "MAC_X86_64", "apple_module", "mach_o_file", "signed", "universal_file"]

ARM64, MAC_X86_64 = 0x0100000C, 0x01000007
_SYSTEM = "/usr/lib/libSystem.B.dylib"
_PAGE = 12


def _path_command(command: int, text: str, fields: bytes) -> bytes:
    start = 8 + 4 + len(fields)
    body = text.encode() + b"\0"
    size = start + len(body) + -(start + len(body)) % 8
    return (struct.pack("<3I", command, size, start) + fields + body).ljust(size, b"\0")


def _library(command: int, name: str) -> bytes:
    return _path_command(command, name, struct.pack("<3I", 2, 0x10000, 0x10000))


def export_trie(names: Sequence[str]) -> bytes:
    """Return an export trie of one level: every name is an edge of the root."""
    edges = b"".join(name.encode() + b"\0" + b"\0\0" for name in names)
    size = 2 + len(edges)
    root, leaves = bytes([0, len(names)]), b""
    for name in names:
        child = size + len(leaves)
        root += name.encode() + b"\0" + bytes([child & 0x7F | 0x80, child >> 7])
        leaves += b"\x02\x00\x10\x00"
    return root + leaves


def signed(data: bytes, *, broken: bool = False) -> bytes:
    """Return an ad-hoc signature of `data`: one code directory with the hash of each page."""
    name = b"demo\0"
    hashes_at = 44 + len(name)
    pages = [data[i : i + (1 << _PAGE)] for i in range(0, len(data), 1 << _PAGE)]
    hashes = b"".join(hashlib.sha256(page).digest() for page in pages)
    if broken:
        hashes = hashes[:-1] + bytes([hashes[-1] ^ 1])
    length = hashes_at + len(hashes)
    directory = struct.pack(
        ">9I4BI", 0xFADE0C02, length, 0x20400, 2, hashes_at, 44, 0, len(pages), len(data), 32, 2, 0, _PAGE, 0
    )
    directory = directory.ljust(44, b"\0") + name + hashes
    blob = struct.pack(">5I", 0xFADE0CC0, 20 + len(directory), 1, 0, 20) + directory
    return blob.ljust(_signature_size(len(data)), b"\0")


def _signature_size(length: int) -> int:
    return 20 + 44 + 5 + 32 * -(-length // (1 << _PAGE)) + 3 & ~3


def mach_o_file(
    cpu: int = ARM64,
    *,
    exports: Sequence[str] = (),
    imports: Sequence[tuple[str, int]] = (),
    weak_imports: Sequence[tuple[str, int]] = (),
    libraries: Sequence[str] = (_SYSTEM,),
    weak_libraries: Sequence[str] = (),
    install_name: str | None = None,
    run_paths: Sequence[str] = (),
    minimum: tuple[int, int] = (11, 0),
    platform: int | None = 1,
    in_trie: bool = False,
    signature: str = "valid",
    file_type: int = 8,
) -> bytes:
    """Return a 64-bit file; `imports` are names and library ordinals, 254 for "any image"."""
    strings, entries = b"\0", b""
    for name in () if in_trie else exports:
        entries += struct.pack("<IBBHQ", len(strings), 0x0F, 1, 0, 0x1000)
        strings += b"_" + name.encode() + b"\0"
    weak = [(name, ordinal << 8 | 0x40) for name, ordinal in weak_imports]
    for name, description in [*((name, ordinal << 8) for name, ordinal in imports), *weak]:
        entries += struct.pack("<IBBHQ", len(strings), 0x01, 0, description, 0)
        strings += b"_" + name.encode() + b"\0"
    trie = export_trie([f"_{name}" for name in exports]) if in_trie else b""
    version = minimum[0] << 16 | minimum[1] << 8
    commands = [_library(0xC, name) for name in libraries]
    commands += [_library(0x80000018, name) for name in weak_libraries]
    commands += [_library(0xD, install_name)] if install_name else []
    commands += [_path_command(0x8000001C, path, b"") for path in run_paths]
    if platform == 0:  # the older command, which has a number of its own for macOS
        commands.append(struct.pack("<4I", 0x24, 16, version, 0))
    elif platform is not None:
        commands.append(struct.pack("<6I", 0x32, 24, platform, version, 0, 0))
    size = sum(map(len, commands)) + 24 + 16 + (16 if signature != "absent" else 0)
    start = 32 + size
    symbols_at, strings_at = start, start + len(entries)
    trie_at = strings_at + len(strings)
    signature_at = trie_at + len(trie) + -(trie_at + len(trie)) % 16
    commands.append(struct.pack("<6I", 0x2, 24, symbols_at, len(entries) // 16, strings_at, len(strings)))
    commands.append(struct.pack("<4I", 0x80000033, 16, trie_at, len(trie)))
    if signature != "absent":
        commands.append(struct.pack("<4I", 0x1D, 16, signature_at, _signature_size(signature_at)))
    header = struct.pack("<8I", 0xFEEDFACF, cpu, 0, file_type, len(commands), size, 0x80, 0)
    data = (header + b"".join(commands) + entries + strings + trie).ljust(signature_at, b"\0")
    return data if signature == "absent" else data + signed(data, broken=signature == "broken")


def apple_module(name: str, **changes: object) -> bytes:
    """Return an extension module as macOS's own compiler makes it."""
    imports = [("PyModule_Create2", 0xFE), ("memcpy", 1)]
    arguments: dict[str, object] = {"exports": [f"PyInit_{name}"], "imports": imports, **changes}
    return mach_o_file(**arguments)  # type: ignore[arg-type]  # the caller's names are those of the function


def universal_file(*parts: tuple[int, bytes]) -> bytes:
    """Return a file of several architectures, each given as its CPU and bytes."""
    offset, entries, body = 0x1000, b"", b""
    for cpu, data in parts:
        entries += struct.pack(">5I", cpu, 0, offset + len(body), len(data), 12)
        body += data.ljust(len(data) + -len(data) % 16, b"\0")
    header = b"\xca\xfe\xba\xbe" + struct.pack(">I", len(parts)) + entries
    return header.ljust(offset, b"\0") + body
