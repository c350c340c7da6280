"""Which folders were made by tools, and are no part of what people wrote: told by files in them."""

from __future__ import annotations

import os

__all__ = ["is_made_tree"]

#: Files that say, all of a line, of their folder that it was made: a cache (https://bford.info/cachedir/), a virtual environment, an
#: image, what crosswheel wrote.
_MARKERS = (
    ("CACHEDIR.TAG",),
    ("pyvenv.cfg",),
    ("oci-layout",),
    ("layers.json",),
    (".crosswheel-tree.json",),
    ("manifest.json", "simple/index.html"),
)


def is_made_tree(folder: str | os.PathLike[str]) -> bool:
    """Tell whether a folder is such a one."""
    path = os.fspath(folder)
    # `pathlib` would cost as much as all else that is asked of a folder.
    return any(all(os.path.isfile(f"{path}/{file}") for file in files) for files in _MARKERS)  # noqa: PTH113
