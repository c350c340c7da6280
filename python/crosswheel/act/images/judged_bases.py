"""Bases judged with the layers of other tools that stand on them, which bring, replace and take away what a Python needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from crosswheel.act.images.base_facts import BaseFacts
from crosswheel.act.images.base_refusals import refuse_lessened_glibc, refuse_other_libc, refuse_other_program
from crosswheel.act.images.programs import Programs
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError

__all__ = ["ProgramsAbove", "judge_brought", "judge_libc_of", "judge_locked", "judge_program"]

#: Gives the programs of what is below with those of a layer on it; with the layer's name.
ProgramsAbove: TypeAlias = tuple[str, Callable[[Programs], Programs]]


#: Of a base of which nothing is read but its programs.
_NOTHING = BaseFacts(glibc=None, musl=False, pythons=())


def judge_libc_of(
    facts: BaseFacts, python: str | None, above: Sequence[ProgramsAbove], target: Target, *, name: str
) -> None:
    """Judge the C library of a base that was read.

    Args:
        facts: what the base brings.
        python: path of the Python that the image will use; ``None`` where there is none.
        above: the layers on it, lowest first.
        target: whose wheels go into the image.
        name: what the base is called in messages.

    Raises:
        CrosswheelError: it does not serve the target, or a layer takes from it what did.
    """
    _judge_stacked(partial(_judge_libc, facts, python, target, name), facts.programs, above, name=name)


def judge_program(
    python: str, programs: Programs, above: Sequence[ProgramsAbove], target: Target, *, name: str
) -> None:
    """Judge whether the Python of a base can be started; arguments and errors as of `judge_libc_of`."""
    _judge_stacked(
        partial(refuse_other_program, python, target=target, name=name), programs, above, name=name
    )


def judge_locked(
    python: str, programs: Programs, above: Sequence[ProgramsAbove], target: Target, *, name: str
) -> None:
    """Judge what a lock pins, as `judge_libc_of`; one without a glibc among its files is judged by its Python alone."""
    below = _NOTHING.with_programs(programs)

    def judge(programs: Programs) -> None:
        if below.glibcs:
            _judge_libc(below, python, target, name, programs)
        refuse_other_program(python, programs, target, name=name)

    _judge_stacked(judge, programs, above, name=name)


def judge_brought(python: str, above: Sequence[ProgramsAbove], target: Target) -> None:
    """Judge the system that layers bring where there is no base, from the one on that has the Python in it.

    What comes later, when the image is used, is not known: without that Python nothing is judged.

    Raises:
        CrosswheelError: as `judge_libc_of`.
    """
    below = next((_NOTHING.with_programs(one) for one in _stages(above) if one.at(python) is not None), None)
    if below is None:
        return

    is_there = False

    def judge(programs: Programs) -> None:  # of one layer after the other
        nonlocal is_there
        is_there = is_there or programs.at(python) is not None
        if is_there:
            _judge_libc(below, python, target, "scratch", programs)
            refuse_other_program(python, programs, target, name="scratch")

    _judge_stacked(judge, Programs(), above, name="scratch")


def _stages(above: Sequence[ProgramsAbove]) -> Iterator[Programs]:
    programs = Programs()
    for _, put in above:
        programs = put(programs)
        yield programs


def _judge_libc(below: BaseFacts, python: str | None, target: Target, name: str, programs: Programs) -> None:
    facts = below.with_programs(programs)
    refuse_other_libc(facts, python, target, name=name)
    refuse_lessened_glibc(below, facts, python, name=name)


def _judge_stacked(
    judge: Callable[[Programs], None], programs: Programs, above: Sequence[ProgramsAbove], *, name: str
) -> None:
    """Judge a base with what stands on it; a fault that a layer on it brings is told as that layer's.

    Raises:
        CheckError: as `judge`.
        InputError: likewise.
    """
    faults = [_fault(judge, programs)]
    for _, put in above:
        programs = put(programs)
        faults.append(_fault(judge, programs))
    last = faults[-1]
    if last is None:
        return
    if None not in faults:
        raise last
    culprit = above[max(place for place, fault in enumerate(faults) if fault is None)][0]
    raise type(last)(
        "use layer",
        culprit,
        why=f"with it the base image '{name}' does not serve any more: {last.why}",
        fix="take out of the layer what replaces or removes that, or leave it away",
    )


def _fault(judge: Callable[[Programs], None], programs: Programs) -> CrosswheelError | None:
    try:
        judge(programs)
    except CrosswheelError as fault:
        return fault
    return None
