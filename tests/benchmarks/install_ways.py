"""Ways to unpack wheels that `crosswheel install` is measured against; run as a program, its start included.

install_ways.py floor WHEELS DESTINATION        read with zipfile, write the files: what cannot be avoided
install_ways.py installer WHEELS DESTINATION    the `installer` library, verifying RECORD
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path


def floor(wheels: Path, destination: Path) -> None:
    """Read every member of every wheel and write it down."""
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                path = destination / member.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                if not member.is_dir():
                    path.write_bytes(archive.read(member))


def by_installer(wheels: Path, destination: Path) -> None:
    """Install by the `installer` library, which has to be there."""
    from installer import install
    from installer.destinations import SchemeDictionaryDestination
    from installer.sources import WheelFile

    scheme = {name: str(destination) for name in ("purelib", "platlib", "headers", "data")}
    scheme["scripts"] = str(destination / "bin")
    target = SchemeDictionaryDestination(scheme, interpreter="/usr/bin/python3.11", script_kind="posix")
    for wheel in sorted(wheels.glob("*.whl")):
        with WheelFile.open(wheel) as source:
            source.validate_record(validate_contents=True)
            install(source, target, additional_metadata={})


if __name__ == "__main__":
    {"floor": floor, "installer": by_installer}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
