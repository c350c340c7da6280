"""What of the target build code wants to load or to run: nothing here can, and the build may go on without.

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
    from typing import Any


def tell_unloaded(name: str) -> None:
    """Say that a module was asked for in vain; the check of the wheel knows these words."""
    sys.stderr.write(f"crosswheel: module of the target not loaded: {name}\n")


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
                    tell_unloaded(name)
                    return


def show_config(module: Any) -> None:
    """Have `config.try_run` of distutils say that the program was not run: its answer would be that it failed."""
    own = module.config.try_run

    def try_run(self: Any, body: str, *more: Any, **named: Any) -> Any:
        words = " ".join(body.split())
        sys.stderr.write(f"crosswheel: program of the target not run: {words[:80]}\n")
        return own(self, body, *more, **named)

    module.config.try_run = try_run
