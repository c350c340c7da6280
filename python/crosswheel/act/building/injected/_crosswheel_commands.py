"""What the command line of a Python says: which program it starts, and with which of Python's own options.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments, on CPython 3.10 and newer.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["TOOLS", "is_build_tool", "without_option"]

#: Build tools and installers, which work on this machine.
TOOLS = frozenset({"cmake", "ensurepip", "meson", "mesonbuild", "ninja", "pip", "uv", "virtualenv"})
#: Python's own options that take the next argument.
_TAKES_ARGUMENT = frozenset({"-X", "-W", "--check-hash-based-pycs"})


def is_build_tool(arguments: Sequence[str], tools: frozenset[str] = TOOLS) -> bool:
    """Tell whether an interpreter started with `arguments` runs a build tool or installer, one of `tools`.

    ``-m pip``, ``-Im mesonbuild``, ``/any/bin/meson``, ``meson.py``, ``pip.pyz``, ``pip.whl/pip``,
    ``pip/__main__.py``.
    """
    rest = iter(arguments[1:])
    for argument in rest:
        if argument.startswith("--"):
            if argument in _TAKES_ARGUMENT:
                next(rest, None)
            continue
        if argument == "-" or not argument.startswith("-"):
            return _names_tool(argument, tools)
        decided = _decided_by_options(argument, rest, tools)
        if decided is not None:
            return decided
    return False


def _decided_by_options(argument: str, rest: Iterator[str], tools: frozenset[str]) -> bool | None:
    """Read one bundle of Python's own options, such as ``-Im``; ``None`` if the program comes after it."""
    for position, letter in enumerate(argument[1:], 2):
        if letter == "c":
            return False
        if letter == "m":
            module = argument[position:] or next(rest, "")
            return module.partition(".")[0] in tools
        if letter in "XW":
            if not argument[position:]:
                next(rest, None)
            return None
    return None


def _names_tool(script: str, tools: frozenset[str]) -> bool:
    parts = script.replace("\\", "/").rstrip("/").split("/")
    name = parts[-1]
    if name.startswith("__") and len(parts) > 1:
        name = parts[-2]
    return name.partition(".")[0] in tools


def without_option(words: Sequence[str], instead: str) -> list[str] | None:
    """Return the words of a Python's command line with ``-X`` and `instead` in place of ``-S``; ``None`` without it."""
    changed = [*words[:1], "-X", instead]
    rest, has_option = list(words[1:]), False
    while rest and rest[0].startswith("-") and rest[0] != "-":
        word = rest.pop(0)
        own = (
            1
            if word.startswith("--")
            else next((i for i, one in enumerate(word) if one in "cmXW"), len(word))
        )
        kept = word[:own].replace("S", "") + word[own:]
        has_option = has_option or kept != word
        changed += [kept] if kept != "-" else []
        if word[own : own + 1] in {"c", "m"} and not word.startswith("--"):
            break
        if (word in _TAKES_ARGUMENT or word[own:] in {"X", "W"}) and rest:
            changed.append(rest.pop(0))
    return [*changed, *rest] if has_option else None
