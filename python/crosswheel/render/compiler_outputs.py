"""What a compiler call is to make, told from its arguments alone; copied beside the compiler launchers."""

from __future__ import annotations

from .compiler_flags import OPTIONS_WITH_VALUE, SOURCE_SUFFIXES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["first_error", "in_turn", "into_file", "links", "made_by"]

#: Calls that make nothing that is linked.
_ASKING = frozenset(["-E", "-M", "-MM", "-fsyntax-only", "-", "-v", "--version", "-dumpversion"])
_LONGEST = 200


def made_by(arguments: Sequence[str]) -> tuple[list[str], str] | None:
    """Return the sources of a call and its output (``""`` by default); ``None`` where nothing is to be made.

    >>> made_by(["-c", "a.c", "-I", "b.c", "-o", "a.o"])
    (['a.c'], 'a.o')
    >>> made_by(["-E", "a.c"]) is None
    True
    """
    sources: list[str] = []
    output, inputs = "", 0
    rest = list(reversed(arguments))
    while rest:
        word = rest.pop()
        if word in _ASKING:
            return None
        if word in OPTIONS_WITH_VALUE and rest:
            value = rest.pop()
            output = value if word == "-o" else output
        elif word.startswith("-o") and not word.startswith(("-object", "-order")):
            output = word[2:]
        elif not word.startswith("-"):
            inputs += 1
            dot = word.rfind(".")
            if dot > word.rfind("/") and word[dot:] in SOURCE_SUFFIXES:
                sources.append(word)
    return (sources, output) if inputs else None


def links(arguments: Sequence[str]) -> bool:
    """Tell whether a call that makes something links it.

    >>> links(["-shared", "a.o", "-o", "a.so"]), links(["-c", "a.c"])
    (True, False)
    """
    return "-c" not in arguments and "-S" not in arguments


def in_turn(arguments: Sequence[str], making: tuple[list[str], str]) -> list[list[str]]:
    """Return the arguments of a call for each source of one that makes a file of each; none for any other call.

    Args:
        arguments: of the call.
        making: what `made_by` says of it.

    >>> in_turn(["-c", "a.c", "-O2", "b.c"], (["a.c", "b.c"], ""))
    [['-c', 'a.c', '-O2'], ['-c', '-O2', 'b.c']]
    >>> in_turn(["a.c", "b.c"], (["a.c", "b.c"], "")), in_turn(["-c", "a.c"], (["a.c"], ""))
    ([], [])
    """
    sources, output = making
    if links(arguments) or output or len(sources) < 2:
        return []
    return [[word for word in arguments if word == one or word not in sources] for one in sources]


def into_file(arguments: Sequence[str], path: str) -> list[str] | None:
    """Return the arguments of a call that writes to `path` what this one writes to standard output; ``None`` if it does not.

    >>> into_file(["-S", "-o", "-", "a.c"], "/t/out")
    ['-S', '-o', '/t/out', 'a.c']
    """
    if links(arguments) or "-E" in arguments:
        return None
    for place, word in enumerate(arguments):
        if word == "-o" and arguments[place + 1 : place + 2] in (["-"], ["/dev/stdout"]):
            return [*arguments[:place], "-o", path, *arguments[place + 2 :]]
    return None


def first_error(text: str) -> str:
    """Return the line of a compiler's words that says what is wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line), lines[0] if lines else "")[:_LONGEST]
