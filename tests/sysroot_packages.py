"""Makes small Debian packages with object code in archives, so that tests need neither dpkg nor a compiler."""

from __future__ import annotations

import io
import struct
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from crosswheel.act.sysroot.assembly import PackageFile
from elf_files import ARCHITECTURES

__all__ = ["archive", "debian_package", "object_file", "package_file"]


def object_file(
    defined: Sequence[str] = (), undefined: Sequence[str] = (), *, arch: str = "aarch64"
) -> bytes:
    """A relocatable ELF file with a symbol table and nothing else."""
    machine, bits, order, flags = ARCHITECTURES[arch]
    wide = bits == 64
    names = b"\0" + b"".join(name.encode() + b"\0" for name in (*defined, *undefined))
    symbols = bytes(24 if wide else 16)
    place = 1
    for name in (*defined, *undefined):
        section = 1 if name in defined else 0
        if wide:
            symbols += struct.pack(f"{order}IBBHQQ", place, 0x10, 0, section, 0, 0)
        else:
            symbols += struct.pack(f"{order}IIIBBH", place, 0, 0, 0x10, 0, section)
        place += len(name) + 1
    head = 64 if wide else 52
    tables = [(2, head, len(symbols), 2), (3, head + len(symbols), len(names), 0)]
    form = f"{order}IIQQQQIIQQ" if wide else f"{order}10I"
    sections = bytes(struct.calcsize(form))
    for kind, offset, size, link in tables:
        sections += struct.pack(form, 0, kind, 0, 0, offset, size, link, 0, 1, 0)
    start = head + len(symbols) + len(names)
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    fields = struct.pack(f"{order}HHI{'QQQ' if wide else 'III'}IHHHHHH", 1, machine, 1, 0, 0, start, flags, head, 0, 0, struct.calcsize(form), 3, 0)  # fmt: skip
    return ident + fields + symbols + names + sections


def archive(members: Mapping[str, bytes]) -> bytes:
    """An ar archive."""
    result = b"!<arch>\n"
    for name, data in members.items():
        result += b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (f"{name}/".encode(), 0, 0, 0, b"100644", len(data))
        result += data + b"\n" * (len(data) % 2)
    return result


def debian_package(
    path: Path,
    files: Mapping[str, bytes | str],
    *,
    compression: str = "xz",
    extra: Sequence[tarfile.TarInfo] = (),
    control: str = "",
    postinst: str = "",
) -> Path:
    """A ``.deb`` at `path`; a text is the target of a symbolic link, `control` further lines of its paragraph."""
    buffer = io.BytesIO()
    mode = {"xz": "w:xz", "gz": "w:gz", "": "w"}.get(compression, "w")
    with tarfile.open(fileobj=buffer, mode=mode) as tar:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(f"./{name}")
            if isinstance(data, str):
                member.type, member.linkname = tarfile.SYMTYPE, data
                tar.addfile(member)
            else:
                member.size, member.mode = len(data), 0o755 if "/bin/" in name else 0o644
                tar.addfile(member, io.BytesIO(data))
        for member in extra:
            tar.addfile(member)
    suffix = f".{compression}" if compression else ""
    paragraph = f"Package: {path.name.partition('_')[0]}\nVersion: 1.0\n{control}"
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": _control({"control": paragraph, **({"postinst": postinst} if postinst else {})}),
        f"data.tar{suffix}": buffer.getvalue(),
    }
    path.write_bytes(archive(members))
    return path


def _control(files: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def package_file(path: Path, name: str, files: Mapping[str, bytes | str]) -> PackageFile:
    """A package of a sysroot, made in the folder `path`."""
    made = debian_package(path / f"{name}_1.0_arm64.deb", files)
    return PackageFile(name=name, version="1.0", path=made, sha256="a" * 64)
