"""Bases judged with the layers of other tools that stand on them, which bring, replace and take away what a Python needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from crosswheel.act.images.base_facts import BaseFacts
from crosswheel.act.images.base_refusals import refuse_lessened_glibc, refuse_other_libc, refuse_other_program
from crosswheel.act.images.programs import Programs
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError

__all__ = ["ProgramsAbove", "StackedBase", "stacked_base"]

#: Gives the programs of what is below with those of a layer on it; with the layer's name.
ProgramsAbove: TypeAlias = tuple[str, Callable[[Programs], Programs]]

#: Of a base of which nothing is read but its programs.
_NOTHING = BaseFacts(glibc=None, musl=False, pythons=())


@dataclass(frozen=True, kw_only=True, slots=True)
class StackedBase:
    """A base, and what is there with one layer after the other on it.

    Attributes:
        name: what the base is called in messages.
        target: whose wheels go into the image.
        layers: the names of the layers, lowest first.
        stages: the programs and libraries of the base, and those with each layer.
    """

    name: str
    target: Target
    layers: tuple[str, ...]
    stages: tuple[Programs, ...]

    def judge_libc(self, facts: BaseFacts, python: str | None) -> None:
        """Judge the C library of a base that was read.

        Args:
            facts: what the base brings.
            python: path of the Python that the image will use; ``None`` where there is none.

        Raises:
            CrosswheelError: it does not serve the target, or a layer takes from it what did.
        """
        self._judge(partial(self._refuse_libc, facts, python))

    def judge_program(self, python: str) -> None:
        """Judge whether the Python of a base can be started; errors as of `judge_libc`."""
        self._judge(partial(self._refuse_program, python))

    def judge_locked(self, python: str) -> None:
        """Judge what a lock pins, as `judge_libc`; one without a glibc among its files is judged by its Python alone."""
        below = _NOTHING.with_programs(self.stages[0])

        def judge(programs: Programs) -> None:
            if below.glibcs:
                self._refuse_libc(below, python, programs)
            self._refuse_program(python, programs)

        self._judge(judge)

    def judge_brought(self, python: str) -> None:
        """Judge the system that layers bring where there is no base, from the one on that has the Python in it.

        What comes later, when the image is used, is not known: without that Python nothing is judged.

        Raises:
            CrosswheelError: as `judge_libc`.
        """
        first = next((at for at, one in enumerate(self.stages) if one.at(python) is not None), None)
        if first is None:
            return
        below = _NOTHING.with_programs(self.stages[first])

        def judge(programs: Programs) -> None:
            self._refuse_libc(below, python, programs)
            self._refuse_program(python, programs)

        self._judge(judge, first=first)

    def _refuse_libc(self, below: BaseFacts, python: str | None, programs: Programs) -> None:
        facts = below.with_programs(programs)
        refuse_other_libc(facts, python, self.target, name=self.name)
        refuse_lessened_glibc(below, facts, python, name=self.name)

    def _refuse_program(self, python: str, programs: Programs) -> None:
        refuse_other_program(python, programs, self.target, name=self.name)

    def _judge(self, judge: Callable[[Programs], None], *, first: int = 0) -> None:
        """Judge all stages from `first` on; a fault that a layer brings is told as that layer's.

        Raises:
            CheckError: as `judge`.
            InputError: likewise.
        """
        faults = [None if at < first else _fault(judge, one) for at, one in enumerate(self.stages)]
        last = faults[-1]
        if last is None:
            return
        if None not in faults:
            raise last
        culprit = self.layers[max(at for at, fault in enumerate(faults) if fault is None)]
        raise type(last)(
            "use layer",
            culprit,
            why=f"with it the base image '{self.name}' does not serve any more: {last.why}",
            fix="take out of the layer what replaces or removes that, or leave it away",
        )


def stacked_base(
    programs: Programs, above: Sequence[ProgramsAbove], target: Target, *, name: str
) -> StackedBase:
    """Return a base with layers on it.

    Args:
        programs: those of the base.
        above: the layers on it, lowest first.
        target: whose wheels go into the image.
        name: what the base is called in messages.
    """
    stages = [programs]
    for _, put in above:
        stages.append(put(stages[-1]))
    layers = tuple(layer for layer, _ in above)
    return StackedBase(name=name, target=target, layers=layers, stages=tuple(stages))


def _fault(judge: Callable[[Programs], None], programs: Programs) -> CrosswheelError | None:
    try:
        judge(programs)
    except CrosswheelError as fault:
        return fault
    return None
