"""Writes the archive that Bazel's users fetch: `tools/make_release_archive.py crosswheel-0.1.0.tar.gz`.

It holds what a build reads, as it lies in the checkout: rules, core and toolchains, no tests and no documentation. The same files
give the same bytes. `.bcr/` says where a registry finds it.
"""

from __future__ import annotations

import gzip
import io
import re
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What is held of the checkout.
_HELD = (
    "BUILD.bazel",
    "LICENSE",
    "MODULE.bazel",
    "README.md",
    "pyproject.toml",
    "python",
    "rules",
    "toolchains",
)


def release_archive() -> bytes:
    """Return the archive of the checkout's files that git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *_HELD],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    (version,) = re.findall(r'^    version = "(.*)",$', (ROOT / "MODULE.bazel").read_text(), re.MULTILINE)
    written = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=written, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name in sorted(listed.stdout.split("\0")[:-1]):
            archive.add(ROOT / name, f"crosswheel-{version}/{name}", recursive=False, filter=_reproducible)
    return written.getvalue()


def _reproducible(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = 0
    member.mode = 0o755 if member.mode & 0o100 else 0o644
    return member


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(release_archive())
