"""The terminal: data to standard output, words and progress to standard error."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TextIO

from crosswheel.act.reporter import Reporter
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.errors import OutputError
from crosswheel.values.printable import one_line, without_control

if TYPE_CHECKING:
    from crosswheel.command_line.progress import Progress
    from crosswheel.values.errors import CrosswheelError

__all__ = ["Canvas", "Console", "Terminal", "Verbosity"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Canvas:
    """What may be drawn on standard output.

    Attributes:
        width: columns of the terminal; ``None`` where it is none: lines may be of any length, and nothing is drawn.
        colour: whether styles are welcome (https://no-color.org).
        ascii: whether its encoding has no lines and marks, for which letters stand then.
    """

    width: int | None = None
    colour: bool = False
    ascii: bool = False


class Console(Protocol):
    """What a subcommand may say, and where."""

    @property
    def canvas(self) -> Canvas:
        """What may be drawn on standard output."""

    def print(self, line: str) -> None:
        """Write one line of data to standard output, whatever a name in it holds."""

    def text(self, text: str) -> None:
        """Write data of several lines to standard output."""

    def print_drawn(self, text: str) -> None:
        """Write what was drawn for the canvas: styles in it are ours, texts of strangers were made harmless."""

    def document(self, data: bytes) -> None:
        """Write what a file would hold to standard output, byte for byte."""

    def note(self, text: str) -> None:
        """Write words for a person to standard error; silent with ``--quiet``."""

    def remark(self, text: str) -> None:
        """Note what nobody asked for: how what was left open was filled, or what else is to be known."""

    def json(self, value: JsonValue) -> None:
        """Write one JSON document to standard output."""

    @property
    def reporter(self) -> Reporter:
        """Where long work reports its progress."""

    @property
    def verbose(self) -> bool:
        """Whether the user asked for more words."""


class Verbosity:
    """How much is said: 0 nothing but errors, 1 warnings, too, 2 what matters, 3 everything."""

    QUIET = 0
    WARNINGS = 1
    NORMAL = 2
    VERBOSE = 3


#: Outcomes that are not worth a line of their own unless the user asks for everything.
_QUIET_OUTCOMES = frozenset({"cached", "current", "checked", "fetched", "ready"})


#: An option as messages name it.
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*[a-z]")
#: Kinds of tasks that are long enough to be told how many are spared.
_TOLD_OF = frozenset({"build"})
#: After so many seconds without a word, a log is told that work goes on: people and CI services give up on silent jobs.
_SILENCE = 60


class Terminal:
    """The real console; on a terminal it keeps one status line, elsewhere it writes plain lines.

    Args:
        verbosity: one of `Verbosity`.
        out: where data goes; ``None`` if there is nothing to write it to.
        err: where words go; a word that cannot be written is lost, for there is nobody to be told.
        live: whether `err` can show a status line.
        canvas: what may be drawn on `out`.
        spelled: what errors and warnings call an option, by its name without dashes, for a caller whose users never see it.
    """

    def __init__(
        self,
        *,
        verbosity: int,
        out: TextIO | None,
        err: TextIO,
        live: bool,
        canvas: Canvas | None = None,
        spelled: Mapping[str, str] | None = None,
    ) -> None:
        self._verbosity = verbosity
        self._canvas = canvas or Canvas()
        self._spellings = {f"--{name}": words for name, words in (spelled or {}).items()}
        self._out = out
        self._err = err
        self._live = live and verbosity >= Verbosity.NORMAL
        self._lock = threading.RLock()
        self._known: Progress | None = None
        self._ticks = False
        self._stop_ticking: threading.Event | None = None
        self._said = time.monotonic()
        self._drawn = 0.0
        self._width = 0

    @property
    def quiet(self) -> bool:
        """Whether the user asked for no words but warnings and errors, or not even warnings."""
        return self._verbosity < Verbosity.NORMAL

    @property
    def verbose(self) -> bool:
        """Whether the user asked for more words."""
        return self._verbosity >= Verbosity.VERBOSE

    @property
    def _warns(self) -> bool:
        return self._verbosity >= Verbosity.WARNINGS

    @property
    def reporter(self) -> Reporter:
        """The console is its own reporter."""
        return self

    @property
    def canvas(self) -> Canvas:
        """What may be drawn on standard output."""
        return self._canvas

    def print(self, line: str) -> None:
        """Write one line of data to standard output; whatever in it is no visible character is escaped.

        Raises:
            BrokenPipeError: its reader has left.
            OutputError: it cannot be written.
        """
        self.print_drawn(one_line(line))

    def text(self, text: str) -> None:
        """Write data of several lines to standard output; what would control a terminal is escaped.

        Raises:
            BrokenPipeError, OutputError: as `print`.
        """
        self.print_drawn(without_control(text))

    def print_drawn(self, text: str) -> None:
        """Write data to standard output as it is.

        Raises:
            BrokenPipeError, OutputError: as `print`.
        """
        with self._lock, _told_of_output():
            self._erase()
            if self._out is None:
                raise _lost("it is closed")
            self._out.write(text if text.endswith("\n") else text + "\n")

    def document(self, data: bytes) -> None:
        """Write data to standard output byte for byte, whatever its encoding is.

        Raises:
            BrokenPipeError, OutputError: as `print`.
        """
        with self._lock, _told_of_output():
            self._erase()
            if self._out is None:
                raise _lost("it is closed")
            self._out.flush()
            self._out.buffer.write(data)

    def flush(self) -> None:
        """Let all data that was printed arrive.

        Raises:
            BrokenPipeError, OutputError: as `print`.
        """
        with self._lock, _told_of_output():
            if self._out is not None:
                self._out.flush()

    def json(self, value: JsonValue) -> None:
        """Write one JSON document to standard output."""
        self.print_drawn(pretty_json(value).decode())  # which is ASCII, and escapes what is not visible

    def note(self, text: str) -> None:
        """Write one line of words to standard error, unless quiet; what in it is no visible character is escaped."""
        if not self.quiet:
            self._line(one_line(text))

    def remark(self, text: str) -> None:
        """Write words to standard error that begin as all do that nobody asked for."""
        self.note(f"note: {text}")

    def error(self, text: str) -> None:
        """Write words to standard error, always."""
        self._line(self._spelled(text))

    def faults(self, faults: Sequence[CrosswheelError]) -> None:
        """Write what ended the command to standard error, always; what many have in common once."""
        self._tell_faults(faults, together=True)

    def _tell_faults(self, faults: Sequence[CrosswheelError], *, together: bool) -> None:
        from crosswheel.command_line.told_faults import fault_lines

        for line in fault_lines(faults, together=together):
            self.error(line)

    def warned(self, message: str) -> None:
        """Say a warning."""
        if self._warns:
            self._line(one_line(f"warning: {self._spelled(message)}"))

    def expected(self, kind: str, count: int, cached: int) -> None:
        """Count the tasks to come; say how many are not needed."""
        with self._lock:
            self._progress.expected(kind, count)
            if kind in _TOLD_OF and cached and (count or self.verbose):
                self.note(f"{kind}: {cached} of {count + cached} are in the store, {count} to do")

    def started(self, task: str, total: int | None = None) -> None:
        """Remember `task`; say so when the user asked for everything."""
        with self._lock:
            self._progress.started(task, total)
            self._begin_ticking()
            if self.verbose:
                self.note(f"{task} ...")
            self._draw()

    def advanced(self, task: str, amount: int) -> None:
        """Move the status line on."""
        with self._lock:
            self._progress.advanced(task, amount)
            self._draw()

    def finished(self, task: str, outcome: str) -> None:
        """Forget `task` and write its line, or after the last of many small ones what they came to."""
        with self._lock:
            ended = self._progress.finished(task, left_out=outcome != "fetched")
            if self.verbose or outcome not in _QUIET_OUTCOMES:
                took = f" in {ended.seconds:.1f} s" if ended.seconds >= 0.1 else ""
                self.note(f"{task}: {outcome}{took}{f' ({ended.place})' if ended.place else ''}")
            if ended.summary and outcome == "fetched":
                self.note(f"fetched {ended.summary}")
            self._draw()

    def found(self, file: str, place: str) -> None:
        """Say where a file came from when the user asked for everything."""
        if self.verbose:
            self.note(f"{file}: from {place}")

    def tick(self) -> None:
        """Let time pass: move the status line on, or where there is none, say now and then that work goes on."""
        with self._lock:
            if self._live:
                self._draw()
            elif time.monotonic() - self._said >= _SILENCE and self._progress.running(longer_than=_SILENCE):
                self.note(f"still running: {', '.join(self._progress.running())}")

    def keep_ticking(self) -> None:
        """Let time pass by itself, from the first task until `close`."""
        self._ticks = not self.quiet

    def _begin_ticking(self) -> None:
        if not self._ticks or self._stop_ticking is not None:
            return
        stop = self._stop_ticking = threading.Event()

        def tick() -> None:
            while not stop.wait(1.0):
                self.tick()

        threading.Thread(target=tick, name="progress", daemon=True).start()

    def close(self) -> None:
        """Remove the status line, and let no more time pass."""
        if self._stop_ticking is not None:
            self._stop_ticking.set()
            self._stop_ticking = None
        with self._lock:
            self._erase()

    @property
    def _progress(self) -> Progress:
        if self._known is None:
            from crosswheel.command_line.progress import Progress

            self._known = Progress()
        return self._known

    def _spelled(self, text: str) -> str:
        return _OPTION.sub(lambda found: self._spellings.get(found[0], found[0]), text)

    def _line(self, text: str) -> None:
        with self._lock:
            self._erase()
            self._say(without_control(text) + "\n")
            self._draw()

    def _say(self, text: str) -> None:
        self._said = time.monotonic()
        with suppress(OSError):
            self._err.write(text)
            self._err.flush()

    def _erase(self) -> None:
        if self._width:
            self._say("\r" + " " * self._width + "\r")
            self._width = 0

    def _draw(self) -> None:
        now = time.monotonic()
        if not self._live or now - self._drawn < 0.1:
            return
        self._drawn = now
        self._erase()
        if text := one_line(self._progress.status()):
            width = max(20, shutil.get_terminal_size().columns - 1)
            self._width = min(len(text), width)
            self._say(text[: self._width])


@contextmanager
def _told_of_output() -> Iterator[None]:
    """Let a failure of standard output be told like any other; that its reader has left is no failure."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _lost((error.strerror or str(error)).lower()) from None


def _lost(why: str) -> OutputError:
    return OutputError("write standard output", why=why, fix="send it to where it can be written")
