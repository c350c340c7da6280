"""Which lines tell the faults that ended a command: what many things have in common is told once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crosswheel.values.errors import CheckError, CrosswheelError
from crosswheel.values.printable import one_line, shortened
from crosswheel.values.wording import first_few

__all__ = ["fault_lines"]

_INDENT = "    "


def fault_lines(faults: Sequence[CrosswheelError], *, together: bool) -> Iterator[str]:
    """Yield lines for a person, `faults` in order.

    Args:
        faults: what went wrong.
        together: tell faults that say the same of different things as one, with a list of these things.
    """
    groups: dict[object, list[CrosswheelError]] = {}
    for number, fault in enumerate(faults):
        groups.setdefault(_alike(fault) if together else number, []).append(fault)
    for group in groups.values():
        if len(group) == 1:
            yield f"error: {group[0]}"
            yield from (_INDENT + _detail(line) for line in group[0].details)
        else:
            yield from _of_many(group)


def _alike(fault: CrosswheelError) -> object:
    return type(fault), fault.doing, fault.why, fault.fix, fault.value is None, len(fault.context)


def _of_many(group: Sequence[CrosswheelError]) -> Iterator[str]:
    """Yield the one error of all, then a line for each of what differs."""
    places = list(zip(*(fault.context for fault in group), strict=True))
    common = [len(set(parts)) == 1 for parts in places]
    place = "".join(f"{parts[0]}: " for parts, same in zip(places, common, strict=True) if same)
    values = list(dict.fromkeys(fault.value for fault in group))
    named = "" if values[0] is None else f" '{shortened(values[0])}'"
    more = f" and {len(values) - 1} more" if len(values) > 1 else ""
    first = group[0]
    yield one_line(f"error: {place}cannot {first.doing}{named}{more}: {first.why}; {first.fix}")
    shared = first.details if all(fault.details == first.details for fault in group) else ()
    yield from (_INDENT + _detail(line) for line in shared)
    told = [*_each(group, common, named=len(values) > 1, detailed=not shared)]
    if isinstance(first, CheckError) and len(told) == len(
        group
    ):  # a line each: files that do not fit for one reason
        told = [_INDENT + line.strip() for line in first_few(told, hint="; --json lists all")]
    yield from told


def _each(
    group: Sequence[CrosswheelError], common: Sequence[bool], *, named: bool, detailed: bool
) -> Iterator[str]:
    """Yield a line for each error of what it does not share, and below it its details."""
    for fault in group:
        own = [part for part, same in zip(fault.context, common, strict=True) if not same]
        own += [f"'{shortened(fault.value)}'"] if fault.value is not None and named else []
        own += [fault.particular] if fault.particular else []
        if own:
            yield one_line(_INDENT + ": ".join(own))
        yield from (_INDENT * 2 + _detail(line) for line in fault.details if detailed)


def _detail(line: str) -> str:
    """Return a line of a log as it is but for what moves the cursor elsewhere, or of a list whatever a name in it holds."""
    return "\t".join(map(one_line, line.split("\t")))
