"""Modules of the target that build code asks for: no Python here loads them, and the build may go on without.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments, on CPython 3.10 and newer.
"""

# ruff: noqa: PTH113, PTH118 - `pathlib` would double what start-up costs

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class Unloaded:
    """Comes after all finders, finds nothing, and says that a module was asked for which is there for the target alone."""

    def __init__(self, suffixes: Sequence[str]) -> None:
        self.suffixes = suffixes

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        """Answer `importlib`."""
        del target
        last = name.rpartition(".")[2]
        for folder in sys.path if path is None else path:
            for suffix in self.suffixes:
                if os.path.isfile(os.path.join(folder, last + suffix)):
                    sys.stderr.write(f"crosswheel: module of the target not loaded: {name}\n")
                    return
