"""What the standard library has on the target's operating system and not on Linux, and the other way round.

Part of the view (``_crosswheel_view.py``), imported by its scope inside build environments, on CPython 3.10 and newer. The names
are those of typeshed's conditions on `sys.platform` (tools/make_system_names.py).

``try: import fcntl`` and ``hasattr(os, "fork")`` decide what is compiled. So the code of the project finds neither on Windows.
What only the target has cannot be had here: a module of that kind is asked for in vain, and that is said; a function or a class
is there, and ends the build when it is used.
"""

from __future__ import annotations

from _crosswheel_unloaded import tell_unloaded  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, NoReturn


class SystemNames:
    """The names of one system.

    Args:
        table: as the tool writes it: words, by module where they are names in one.
        target: id of the target.
        refuse: ends the process with a message.
    """

    def __init__(self, table: Mapping[str, Any], target: str, refuse: Callable[[str], NoReturn]) -> None:
        self.target = target
        self.refuse = refuse
        self.lacking_modules = frozenset(table["lacking_modules"].split())
        self.own_modules = frozenset(table["own_modules"].split())
        self.lacking: Mapping[str, str] = table["lacking"]
        self.own: Mapping[str, str] = table["own"]

    def lacks(self, name: str) -> bool:
        """Tell whether a module of the standard library is none on the target."""
        return name.partition(".")[0] in self.lacking_modules

    def refuse_module(self, name: str) -> None:
        """Raise what `import` raises on the target, if the module `name` of the standard library is none there."""
        if self.lacks(name):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    def missed(self, name: str) -> None:
        """Say that a module was asked for in vain, if the target would have it."""
        if name.partition(".")[0] in self.own_modules:
            tell_unloaded(name)

    def differ_in(self, module: str) -> bool:
        """Tell whether a module has other names on the target."""
        return module in self.lacking or module in self.own

    def lacking_in(self, module: str) -> frozenset[str]:
        """Return the names that a module has here and not on the target."""
        return frozenset(self.lacking.get(module, "").split())

    def own_of(self, module: str) -> dict[str, Any]:
        """Return what stands for the functions and classes that a module has on the target alone."""
        return {
            name: _Elsewhere(f"{module}.{name}", self._refuse_use)
            for name in self.own.get(module, "").split()
        }

    def _refuse_use(self, name: str) -> NoReturn:
        self.refuse(
            f"cannot use {name} of '{self.target}': the code of the project does, and the build runs on another system; "
            "patch it so that it does not need the target"
        )


class _Elsewhere:
    """A function or a class of another system, or an object with functions of it."""

    def __init__(self, name: str, refuse: Callable[[str], NoReturn]) -> None:
        self.__name__ = name
        self._refuse = refuse

    def __call__(self, *arguments: Any, **named: Any) -> NoReturn:
        del arguments, named
        self._refuse(self.__name__)

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse(self.__name__)
