"""Children without `site`: Python's own option ``-S`` leaves out what starts the view, and the child would see the machine.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments, on CPython 3.10 and newer.

Whoever starts such a child of this environment's Python, by `subprocess` or `os`, starts one with `site` instead, that is told by
``-X crosswheel-no-site`` to leave out all of it but the view. Build tools and installers are started as they are.
"""

# ruff: noqa: PTH100, PTH110, PTH118, PTH119, PTH120, SLF001 - `pathlib` would double what start-up costs

from __future__ import annotations

import os
import sys

from _crosswheel_commands import without_option  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_NO_SITE = "crosswheel-no-site"


class Children:
    """How children are started.

    Args:
        is_build_tool: tells from the words of a command whether it runs one.
    """

    def __init__(self, is_build_tool: Callable[[Sequence[str]], bool]) -> None:
        self.is_build_tool = is_build_tool
        self.programs = os.path.join(sys.prefix, "bin")

    def show_os(self, module: Any) -> None:
        """Change what `os` starts."""
        for name in ("execv", "execve", "posix_spawn", "posix_spawnp"):
            setattr(module, name, self._starting(getattr(module, name)))

    def show_subprocess(self, module: Any) -> None:
        """Change what `subprocess` starts."""
        own = module.Popen._execute_child

        def execute_child(popen: Any, args: Any, executable: Any, *more: Any, **named: Any) -> Any:
            if not isinstance(args, (str, bytes, os.PathLike)):  # which is one word, or a shell's
                words = list(args)
                args = self._words(executable or (words or [""])[0], words)
            return own(popen, args, executable, *more, **named)

        module.Popen._execute_child = execute_child

    def _starting(self, own: Any) -> Any:
        def starting(path: Any, argv: Any, *more: Any, **named: Any) -> Any:
            return own(path, self._words(path, argv), *more, **named)

        return starting

    def _words(self, program: Any, words: Any) -> Any:
        """Return the words of a command that starts `program`, changed if they leave out `site`."""
        texts = [os.fsdecode(word) for word in words]
        found = without_option(texts, _NO_SITE)
        if found is None or not self._is_own(os.fsdecode(program)) or self.is_build_tool(texts):
            return words
        return found

    def _is_own(self, program: str) -> bool:
        """Tell whether a program is this environment's Python."""
        if not os.path.basename(program).startswith("python"):
            return False
        if os.sep in program:
            return os.path.dirname(os.path.abspath(program)) == self.programs
        folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
        first = next((one for one in folders if os.path.exists(os.path.join(one, program))), "")
        return os.path.abspath(first) == self.programs


def leave_site() -> None:
    """Leave out what `site` adds, where this process was to be started without it."""
    if _NO_SITE not in sys._xoptions:
        return
    site: Any = sys.modules["site"]
    folders = set(site.getsitepackages([sys.prefix]))
    sys.path[:] = [folder for folder in sys.path if folder not in folders]
    site.addpackage = lambda *_: None  # the .pth files after the view's
    site.addsitepackages = site.addusersitepackages = lambda known, *_: known
