"""Small wheels made on the spot, right ones and wrong ones."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path


def record_line(path: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(data)}"


def make_wheel(
    folder: Path,
    name: str = "demo",
    version: str = "1.0",
    files: Mapping[str, bytes] | None = None,
    *,
    tag: str = "py3-none-any",
    metadata: str = "",
    executable: Sequence[str] = (),
    unrecorded: Mapping[str, bytes] | None = None,
    extra_lines: Sequence[str] = (),
    record: bytes | None = None,
) -> Path:
    """Write a wheel; `unrecorded`, `extra_lines` and `record` make RECORD say something else."""
    dist_info = f"{name}-{version}.dist-info"
    content = {
        **({f"{name}.py": f"NAME = {name!r}\n".encode()} if files is None else files),
        f"{dist_info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}\n".encode(),
        f"{dist_info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
    }
    lines = [record_line(path, data) for path, data in content.items()]
    text = "\n".join([*lines, *extra_lines, f"{dist_info}/RECORD,,"]) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        members = {**content, **(unrecorded or {}), f"{dist_info}/RECORD": record or text.encode()}
        for path, data in members.items():
            info = zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o100755 if path in executable else 0o100644) << 16
            archive.writestr(info, data)
    return wheel


def stored(wheel: Path) -> Path:
    """Write the members of a wheel anew, without compression."""
    with zipfile.ZipFile(wheel) as archive:
        content = {info: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for info, data in content.items():
            archive.writestr(info, data, compress_type=zipfile.ZIP_STORED)
    return wheel


def raw_deflate(data: bytes) -> bytes:
    """Return the deflate stream that a zip archive would hold of `data`."""
    return zlib.compress(data, wbits=-zlib.MAX_WBITS)


def repacked(wheel: Path, name: str, packed: bytes, *, crc: int, size: int) -> Path:
    """Write a wheel anew with `packed` as the compressed bytes of a member, and what the archive says of it."""
    with zipfile.ZipFile(wheel) as archive:
        content = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for member, data in content.items():
            archive.writestr(zipfile.ZipInfo(member), packed if member == name else data)
    written = bytearray(wheel.read_bytes())
    for signature, method, numbers, label in ((b"PK\3\4", 8, 14, 30), (b"PK\1\2", 10, 16, 46)):
        place = re.search(re.escape(signature) + b".{%d}" % (label - 4) + name.encode(), written, re.DOTALL)
        assert place is not None
        struct.pack_into("<H", written, place.start() + method, zipfile.ZIP_DEFLATED)
        struct.pack_into("<3L", written, place.start() + numbers, crc, len(packed), size)
    wheel.write_bytes(written)
    return wheel
