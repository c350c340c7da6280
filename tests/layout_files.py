"""Small OCI layouts made on the spot, right ones and wrong ones."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["LayoutMaker", "digest_text", "link", "tar_of"]

_TYPE = "application/vnd.oci.image."


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    """A symbolic link, or a hard one."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def tar_of(
    files: Mapping[str, bytes] | Sequence[tuple[str, bytes] | tarfile.TarInfo], *, mode: int = 0o755
) -> bytes:
    """A tar archive of files, in order; a name that ends in a slash is a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for item in files.items() if isinstance(files, Mapping) else files:
            if isinstance(item, tarfile.TarInfo):
                archive.addfile(item)
                continue
            name, data = item
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            if name.endswith("/"):
                info.type = tarfile.DIRTYPE
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def digest_text(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass
class LayoutMaker:
    """Writes a layout piece by piece; what its methods return may be changed before it is used."""

    folder: Path
    index: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "blobs" / "sha256").mkdir(parents=True)
        (self.folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        self.index = {"schemaVersion": 2, "mediaType": f"{_TYPE}index.v1+json", "manifests": []}

    def blob(self, data: bytes, media_type: str) -> dict[str, Any]:
        """Write a blob; return its descriptor."""
        (self.folder / "blobs" / "sha256" / digest_text(data).partition(":")[2]).write_bytes(data)
        return {"mediaType": media_type, "digest": digest_text(data), "size": len(data)}

    def document(self, document: object, media_type: str) -> dict[str, Any]:
        """Write a JSON blob; return its descriptor."""
        return self.blob(json.dumps(document).encode(), f"{_TYPE}{media_type}")

    def image(
        self,
        *tars: bytes,
        platform: str = "linux/arm64",
        config: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        manifest: Mapping[str, Any] | None = None,
        compress: bool = True,
    ) -> dict[str, Any]:
        """Write an image of layers; return its descriptor, with the platform."""
        system, architecture, variant = (*platform.split("/"), "")[:3]
        about = {"os": system, "architecture": architecture, **({"variant": variant} if variant else {})}
        layers = [
            self.blob(gzip.compress(tar, mtime=0), f"{_TYPE}layer.v1.tar+gzip")
            if compress
            else self.blob(tar, f"{_TYPE}layer.v1.tar")
            for tar in tars
        ]
        document = {
            **about,
            "config": settings or {},
            "rootfs": {"type": "layers", "diff_ids": [digest_text(tar) for tar in tars]},
            "history": [{"created_by": "test"} for _ in tars],
            **(config or {}),
        }
        whole = {
            "schemaVersion": 2,
            "mediaType": f"{_TYPE}manifest.v1+json",
            "config": self.document(document, "config.v1+json"),
            "layers": layers,
            **(manifest or {}),
        }
        return {**self.document(whole, "manifest.v1+json"), "platform": about}

    def nested(self, *images: dict[str, Any]) -> dict[str, Any]:
        """Write an index of images; return its descriptor."""
        index = {"schemaVersion": 2, "mediaType": f"{_TYPE}index.v1+json", "manifests": list(images)}
        return self.document(index, "index.v1+json")

    def write(self, *entries: dict[str, Any], name: str | None = "latest") -> Path:
        """Write index.json with `entries`, the first of which gets a name; return the folder."""
        for number, entry in enumerate(entries):
            annotations = {"org.opencontainers.image.ref.name": name} if name and not number else {}
            self.index["manifests"].append({**entry, "annotations": annotations} if annotations else entry)
        (self.folder / "index.json").write_text(json.dumps(self.index))
        return self.folder
