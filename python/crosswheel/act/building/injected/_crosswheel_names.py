"""Names of temporary files and folders: the same in every build, for they end up in wheels.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments, on CPython 3.10 and newer.

meson-python builds in a folder that `tempfile` names, and contourpy writes down where it was built. Nobody but the build is in
the folder for temporary files, and a name that is taken is passed over (`tempfile` tries the next one), so that names need
not be hard to guess.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def show_tempfile(module: Any) -> None:
    """Have `tempfile` take one name after the other."""
    module._name_sequence = _Names()  # noqa: SLF001 - made on first use otherwise, and private


class _Names:
    """Names as long as those of `tempfile`; one sequence for all threads."""

    def __init__(self) -> None:
        from itertools import count

        self._numbers = count()

    def __iter__(self) -> _Names:
        return self

    def __next__(self) -> str:
        return f"{next(self._numbers):08d}"
