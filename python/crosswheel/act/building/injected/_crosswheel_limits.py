"""Limits of the system: tells the code of the project those of the target where they are known, and no other.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments, on CPython 3.10 and newer.

A ``setup.py`` that asks `os.sysconf` writes the answer into a macro (posix_ipc: the size of a page, the largest semaphore). What
is about this machine at this moment, how many processors and how much memory, is told as it is. The standard library and
whatever is installed are told the truth. So are what `sys` tells of hashes, threads and integers.
"""

# ruff: noqa: SLF001 - there is no other way to know who asks

from __future__ import annotations

import sys

from _crosswheel_asking import is_project, place_of  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType
    from typing import Any, NoReturn

#: What a build may well want to know of the machine it runs on.
_OF_THIS_MACHINE = frozenset(
    {
        "SC_NPROCESSORS_CONF",
        "SC_NPROCESSORS_ONLN",
        "SC_PHYS_PAGES",
        "SC_AVPHYS_PAGES",
        "SC_OPEN_MAX",
        "SC_CHILD_MAX",
    }
)
_PAGE = ("SC_PAGESIZE", "SC_PAGE_SIZE")


class Limits:
    """The limits of one target.

    Args:
        document: the view document.
        refuse: ends the process with a message.
    """

    def __init__(self, document: Mapping[str, Any], refuse: Callable[[str], NoReturn]) -> None:
        self.target: str = document["target"]
        self.refuse = refuse
        self.page: int = document["page_size"]
        self.granularity: int = document["allocation_granularity"]
        self.known: Mapping[str, int] | None = document.get("sysconf")
        self.long: int = document["long_width"]
        self.pointer: int = document["pointer_width"]
        self.threads: tuple[str | None, ...] = tuple(document["thread_info"])

    def show_sys(self) -> None:
        """Have `sys` tell of threads and integers, and the code of the project of hashes, which `fractions` computes by."""
        facts: Any = sys
        facts.thread_info = type(sys.thread_info)(self.threads)
        if (own_width := 64 if sys.maxsize > 2**32 else 32) == self.pointer:
            return
        if sys.version_info < (3, 11) and own_width == 64:
            # Until then a digit had 15 bits where a pointer has 32. https://docs.python.org/3/whatsnew/3.11.html
            facts.int_info = type(sys.int_info)((15, 2, *sys.int_info[2:]))
        own = sys.hash_info
        # https://github.com/python/cpython/blob/main/Include/cpython/pyhash.h
        told = type(own)((self.pointer, 2 ** (31 if self.pointer == 32 else 61) - 1, *own[2:]))

        import types  # which takes the class of `sys` for that of all modules, when it is loaded

        module: type = types.ModuleType

        class OfModules(type):
            """What is asked of the class of `sys`, which `importlib` calls for each module, is meant of modules."""

            def __call__(cls, *arguments: Any, **named: Any) -> Any:
                return module(*arguments, **named) if cls is Sys else type.__call__(cls, *arguments, **named)

            def __instancecheck__(cls, one: object) -> bool:
                return isinstance(one, module) if cls is Sys else type.__instancecheck__(cls, one)

        class Sys(module, metaclass=OfModules):  # type: ignore[misc]
            @property
            def hash_info(self) -> Any:
                return told if is_project(sys._getframe(1).f_globals) else own

        sys.__class__ = Sys

    def show_os(self, module: Any) -> None:
        """Have `os.sysconf` answer."""
        own = module.sysconf
        names = {number: name for name, number in module.sysconf_names.items()}

        def sysconf(name: Any, /) -> int:
            asking = sys._getframe(1)
            asked = names.get(name, name)
            if asked in _OF_THIS_MACHINE or not is_project(asking.f_globals):
                return int(own(name))
            answer = self._answer(asked, asking)
            return int(own(name)) if answer is None else answer

        module.sysconf = sysconf

    def show_resource(self, module: Any) -> None:
        """Have `resource.getpagesize` answer."""
        own = module.getpagesize

        def getpagesize() -> int:
            return self.page if is_project(sys._getframe(1).f_globals) else int(own())

        module.getpagesize = getpagesize

    def show_mmap(self, module: Any) -> None:
        """Have the constants of `mmap` tell: a property of the module's class goes before what stands in the module."""
        answers = {"PAGESIZE": self.page, "ALLOCATIONGRANULARITY": self.granularity}

        def told(own: int, answer: int) -> property:
            return property(lambda _: answer if is_project(sys._getframe(1).f_globals) else own)

        members = {name: told(getattr(module, name), answer) for name, answer in answers.items()}
        module.__class__ = type("mmap", (type(module),), members)

    def _answer(self, name: Any, asking: FrameType) -> int | None:
        """Return the target's answer; ``None`` if it is that of any Linux."""
        if name in _PAGE:
            return self.page
        if name == "SC_LONG_BIT":
            return self.long
        if str(name).startswith("SC_LEVEL"):
            return 0  # caches of a processor: "not told", as Linux says of most of them
        if self.known is None:
            return None
        if name not in self.known:
            self.refuse(
                f"cannot tell os.sysconf({name!r}) of '{self.target}': {place_of(asking)}, asks for it, and the build runs on "
                "another system; patch it so that the compiler finds out"
            )
        return self.known[name]
