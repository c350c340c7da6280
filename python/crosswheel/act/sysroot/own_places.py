"""Texts of a library that say where on this machine it was put, such as ``prefix=/home/me/libs/yaml`` in a ``.pc`` file.

Its folder is gone once it is packed: what is in it stands below ``/usr`` of the sysroot, and so the texts are made to
say. They come to be the same wherever the folder lies.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from crosswheel.act.sysroot.package_files import place_pattern, tells_of_places

__all__ = ["OwnPlaces", "packed_data"]

#: Folder of this machine, absolute, and where it stands once it is packed.
OwnPlaces = Mapping[Path, str]


def packed_data(name: str, path: Path, places: OwnPlaces) -> bytes:
    r"""Return what is packed of a file.

    Args:
        name: where it is packed, e.g. ``usr/lib/pkgconfig/yaml-0.1.pc``.
        path: the file.
        places: what its text may call the folders that are packed with it.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "y.pc")
    ...     _ = file.write_text("prefix=/nix/store/x-yaml\nLibs: -L/nix/store/x-yaml/lib -L/nix/store/x-yaml2/lib\n")
    ...     print(packed_data("usr/lib/pkgconfig/y.pc", file, {Path("/nix/store/x-yaml"): "/usr"}).decode(), end="")
    prefix=/usr
    Libs: -L/usr/lib -L/nix/store/x-yaml2/lib
    """
    data = path.read_bytes()
    if not tells_of_places(name) or data.startswith(b"\x7fELF"):
        return data
    told = {
        spelled: place
        for folder, place in places.items()
        for spelled in (os.path.abspath(folder), os.path.realpath(folder))  # noqa: PTH100  # with and without links
        if spelled != "/"
    }
    if not told:
        return data
    # The longest first: what lies below another one's folder is not that one's.
    words = "|".join(re.escape(spelled) for spelled in sorted(told, key=len, reverse=True))
    return place_pattern(words).sub(lambda found: (found[1] or b"") + told[found[2].decode()].encode(), data)
