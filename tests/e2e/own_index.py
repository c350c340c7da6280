"""A simple index of our own, with sdists and nothing else."""

from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

__all__ = ["publish", "serving"]


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve `folder`, made if need be; yield its address."""
    folder.mkdir(exist_ok=True)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def publish(folder: Path, name: str, files: Mapping[str, str]) -> Path:
    """Put the sdist ``<name>-1.0.tar.gz`` of these files on the index, and return it."""
    project = folder / "simple" / name
    project.mkdir(parents=True)
    sdist = project / f"{name}-1.0.tar.gz"
    members = {"PKG-INFO": f"Metadata-Version: 1.0\nName: {name}\nVersion: 1.0\n", **files}
    with tarfile.open(sdist, "w:gz") as archive:
        for path, text in members.items():
            member = tarfile.TarInfo(f"{name}-1.0/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    (project / "index.html").write_text(f'<a href="{name}-1.0.tar.gz">{name}-1.0.tar.gz</a>')
    return sdist
