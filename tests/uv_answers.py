"""A uv that answers from a table and counts what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.fetching.fetch_settings import FetchSettings, IndexBase
from crosswheel.act.fetching.index_configuration import ResolverIndexes
from crosswheel.act.planning.uv_program import UvProgram
from crosswheel.values.errors import CrosswheelError


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweringUv(UvProgram):
    """Stands in for the program.

    Attributes:
        answer: text for arguments and standard input.
        asked: arguments and standard input of every call.
    """

    answer: Callable[[Sequence[str], str], str]
    asked: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    def run(
        self,
        arguments: Sequence[str],
        *,
        directory: Path,
        failure: CrosswheelError,
        standard_input: str = "",
    ) -> str:
        """Answer, or raise `failure` where the table has no answer."""
        self.asked.append((tuple(arguments), standard_input))
        files = (directory / "constraints.txt", directory / "uv.toml")
        more = "".join(file.read_text() for file in files if file.is_file())
        try:
            return self.answer(arguments, standard_input + more)
        except KeyError:
            raise failure from None


def answering_uv(answer: Callable[[Sequence[str], str], str]) -> AnsweringUv:
    """A uv with one index."""
    indexes = ResolverIndexes(default=IndexBase(url="https://index.example/simple"))
    return AnsweringUv(indexes=indexes, settings=FetchSettings(), answer=answer)
