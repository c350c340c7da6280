"""Libraries by name: tells the code of the project what `ctypes.util.find_library` answers on the target, and no other.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments, on CPython 3.10 and newer.

A ``setup.py`` asks for the name of a library that its code is to load later (`ctypes.CDLL`), or whether there is one. Of the C
library the answer is known. A Linux target is not sure to have any other, as a machine that builds for it has none; of the
sysroot's libraries, and of other systems', the answer is not known and the process ends.
"""

# ruff: noqa: PTH112, PTH208, SLF001 - `pathlib` would double what start-up costs

from __future__ import annotations

import os
import sys

from _crosswheel_asking import is_project, place_of  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType
    from typing import Any, NoReturn


class Libraries:
    """The libraries of one target.

    Args:
        document: the view document.
        refuse: ends the process with a message.
    """

    def __init__(self, document: Mapping[str, Any], refuse: Callable[[str], NoReturn]) -> None:
        self.target: str = document["target"]
        self.refuse = refuse
        self.known: Mapping[str, str | None] = document["libraries"]
        self.folders: Sequence[str] | None = document.get("library_folders")

    def show_util(self, module: Any) -> None:
        """Have `ctypes.util.find_library` answer."""
        own = module.find_library

        def find_library(name: Any) -> Any:
            asking = sys._getframe(1)
            if not is_project(asking.f_globals):
                return own(name)
            return self.known[name] if name in self.known else self._of_another(name, asking)

        module.find_library = find_library

    def _of_another(self, name: Any, asking: FrameType) -> None:
        if self.folders is not None:
            folders = [folder for folder in self.folders if os.path.isdir(folder)]
            files = [file for folder in folders for file in os.listdir(folder)]
            if not any(file == f"lib{name}.a" or f"{file}.".startswith(f"lib{name}.so.") for file in files):
                return
        self.refuse(
            f"cannot tell ctypes.util.find_library({name!r}) of '{self.target}': {place_of(asking)}, asks for it, and "
            "the library is the target's; patch it so that it names the file, or asks where it runs"
        )
