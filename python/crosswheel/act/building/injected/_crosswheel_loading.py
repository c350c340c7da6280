"""How a module is changed around its loading, whatever loads it.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments, on CPython 3.10 and newer.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from typing import Any

    Change = Callable[[Any], None]


class _OwnLoader:
    """A loader of one module, in place of the class that loads all those that are part of the interpreter."""

    def __init__(self, own: Any) -> None:
        self.own = own

    def __getattr__(self, name: str) -> Any:
        return getattr(self.own, name)


def change_around_loading(spec: ModuleSpec, before: Change | None, after: Change | None) -> None:
    """Have a module changed before and after it is executed; a namespace package has nothing to execute."""
    loader: Any = spec.loader
    own_exec = getattr(loader, "exec_module", None)
    if own_exec is None or (before is None and after is None):
        return
    if isinstance(loader, type):
        loader = _OwnLoader(loader)
        spec.loader = loader

    def exec_module(module: Any) -> None:
        del loader.exec_module
        if before is not None:
            before(module)
        own_exec(module)
        if after is not None:
            after(module)

    loader.exec_module = exec_module
