"""Rewrites toolchains/musl_symbols.json from Debian packages of musl, of any releases and architectures.

python tools/make_musl_symbols.py musl_1.2.2-1_amd64.deb musl_1.2.3-1_arm64.deb ...
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

from crosswheel.act.check.elf import parse_elf

_DESTINATION = Path(__file__).parents[1] / "toolchains" / "musl_symbols.json"
#: Debian's own additions (musl's project keeps them out), which Alpine does not have.
_DEBIAN_ONLY = frozenset({"fts_children", "fts_close", "fts_open", "fts_read", "fts_set"})


def symbols_of(package: Path) -> frozenset[str]:
    """Return the names that the C library in a Debian package defines."""
    unpacked = subprocess.run(
        ["dpkg-deb", "--fsys-tarfile", str(package)], capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            data = file.read() if file is not None else b""
            if data.startswith(b"\x7fELF") and member.name.rpartition("/")[2].startswith(
                ("libc.so", "ld-musl")
            ):
                return parse_elf(data).defined
    raise SystemExit(f"cannot find musl's libc.so in '{package}'; give Debian's package musl")


def main(packages: Sequence[str]) -> None:
    """Write the union of what the packages' libraries define."""
    symbols = frozenset().union(*(symbols_of(Path(package)) for package in packages)) - _DEBIAN_ONLY
    document = {
        "about": "Every name that musl's loader has, of any release and architecture; tools/make_musl_symbols.py writes it",
        "source": sorted(Path(package).name for package in packages),
        "symbols": sorted(symbols),
    }
    _DESTINATION.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
