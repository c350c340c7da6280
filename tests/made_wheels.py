"""Small wheels made on the spot, right ones and wrong ones."""

from __future__ import annotations

import base64
import hashlib
import zipfile
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
