"""What a failed build comes to: its causes, the lines that show them, the configuration that mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import canonicalize_name

from crosswheel.act.building.build_log import causes_of, hint_for, refusal_in, refusal_of, tail_of
from crosswheel.act.building.failed_builds import FailedBuild, failed_builds
from crosswheel.act.storage.store import Store
from crosswheel.decide.documents.nearest_name import near_names
from crosswheel.decide.failures.failure_causes import FailureCause
from crosswheel.decide.failures.failure_refusals import without_remedy
from crosswheel.decide.failures.told_refusal import ToldRefusal
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import WHOLE_LOG, InputError
from crosswheel.values.printable import one_line

__all__ = ["FailureReport", "report_failures"]

#: Logs in the store are named so (`crosswheel.act.building.build`).
_LOG_NAME = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-(?P<target>cp3\d+t?-\w+)\.log")


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureReport:
    """A failed build, explained.

    Attributes:
        name: normalized name of the package; empty where only a log was given, whose file name does not tell it.
        version: its version, or empty.
        target: id of the target, or empty.
        why: what failed, a clause, or empty.
        log: the whole log.
        causes: what the log says went wrong, most telling first.
        advice: what to try.
        tail: the last lines of the log.
        refused: whether the build passed and the check refused its wheel, which `why` says.
        mending: lines of configuration that the log itself gives, where nothing else is known of the build.
        place: where these belong.
    """

    name: str
    version: str
    target: str
    why: str
    log: Path
    causes: tuple[FailureCause, ...]
    advice: str
    tail: tuple[str, ...]
    refused: bool = False
    mending: tuple[str, ...] = ()
    place: str = ""

    @property
    def package(self) -> str:
        """The name that the configuration is shown for."""
        return self.name or "NAME"

    def json_value(self) -> JsonValue:
        """Return it for ``--json``."""
        return {
            "name": self.name,
            "version": self.version,
            "target": self.target,
            "why": self.why,
            "log": str(self.log),
            "advice": self.advice,
            "causes": [cause.json_value(self.package, self.target) for cause in self.causes],
            "tail": list(self.tail),
        }

    def text(self) -> str:
        """Return it for a person: the first cause in full, the title of the others."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        what = " ".join(filter(None, (self.name, self.version))) or self.log.name
        unknown = "no cause that crosswheel knows" if self.tail else "its log is empty"
        unknown = "its wheel is refused" if self.refused else unknown
        title = self.causes[0].title if self.causes else unknown
        yield f"{one_line(what)}{f' for {self.target}' if self.target else ''}: {title}"
        if self.why:
            yield f"  {self.why}"
        if self.causes and self.causes[0].lines:
            yield "  the log says:"
            yield from (f"    {line.number}: {line.text.strip()}" for line in self.causes[0].lines)
        elif not self.causes and self.tail and not self.refused:
            yield "  the log ends with:"
            yield from (f"    {line}" for line in self.tail)
        yield f"  what to do: {self.advice}"
        place, mending = self._configuration()
        if mending:
            yield f"  in {place}:"
            yield from (f"    {line}" for line in mending)
        if others := [cause.title for cause in self.causes[1:]]:
            yield f"  the log also shows: {', '.join(others)}"
        if self.tail:
            yield f"  {WHOLE_LOG}{one_line(str(self.log))}"
        elif title != unknown or self.refused:
            yield "  its log is empty"

    def _configuration(self) -> tuple[str, tuple[str, ...]]:
        """Return where lines of configuration belong, and the lines."""
        if self.causes:
            return self.causes[0].place, self.causes[0].configuration(self.package, self.target)
        return self.place, self.mending


def report_failures(given: list[str], store: Store) -> list[FailureReport]:
    """Return what became of the builds named, or of all that failed and have not succeeded since.

    Args:
        given: logs, by path, or packages, by name.
        store: has the logs.

    Raises:
        InputError: there is no such log, or no build of such a package failed.
    """
    known = failed_builds(store)
    if not given:
        return [_report(failure) for failure in known]
    named: list[FailedBuild] = []  # some cannot be hashed
    for word in given:
        named += [failure for failure in _named(word, known) if failure not in named]
    return [_report(failure) for failure in named]


def _named(word: str, known: tuple[FailedBuild, ...]) -> list[FailedBuild]:
    path = Path(word)
    name = canonicalize_name(word)
    found = [failure for failure in known if failure.name == name]
    # What lies in the working folder may have the name of a package, as where that was unpacked.
    if "/" in word or word.endswith((".log", ".txt")) or path.is_file() or (path.exists() and not found):
        return [_of_log(path, known)]
    if found:
        return found
    names = {failure.name for failure in known}
    raise InputError(
        "explain failure of",
        word,
        why="no build of it failed, or a later one succeeded",
        fix=near_names(name, names)
        or (f"what failed: {', '.join(sorted(names))}" if names else "name a log"),
    )


def _of_log(path: Path, known: tuple[FailedBuild, ...]) -> FailedBuild:
    if (same := next((one for one in known if one.log == path.absolute()), None)) is not None:
        return same
    if not path.is_file():
        why = "it is no file" if path.exists() else "there is no such file"
        raise InputError("read log", str(path), why=why, fix="name a log or a package")
    told = _LOG_NAME.fullmatch(path.name)
    name, version, target = told.group("name", "version", "target") if told else ("", "", "")
    return FailedBuild(name=name, version=version, target=target, why="", log=path)


def _report(failure: FailedBuild) -> FailureReport:
    try:
        told = None if failure.why else refusal_in(failure.log)
        failure = failure if told is None else _with(failure, told)
        causes = causes_of(failure)
        if told is not None and not _as_told(causes, told, failure):
            causes = ()
        advice, tail = hint_for(failure.log, causes, own=failure.own), tail_of(failure.log)
        if failure.refused and not causes:
            advice = failure.fix
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError("read log", str(failure.log), why=why, fix="name a file that can be read") from None
    return FailureReport(
        name=failure.name,
        version=failure.version,
        target=failure.target,
        why=without_remedy(failure.why) if failure.refused and causes else failure.why,
        log=failure.log,
        causes=causes,
        advice=advice,
        tail=tuple(tail),
        refused=failure.refused,
        mending=() if told is None else told.mending,
        place="" if told is None else told.place,
    )


def _with(failure: FailedBuild, told: ToldRefusal) -> FailedBuild:
    """Return what is known of a log alone with what it tells."""
    return replace(
        failure,
        name=failure.name or told.name,
        version=failure.version or told.version,
        target=failure.target or told.target,
        why=told.why,
        fix=told.fix,
    )


def _as_told(causes: tuple[FailureCause, ...], told: ToldRefusal, failure: FailedBuild) -> bool:
    """Return whether causes mend a refusal as its error does, which knew what the build was given as the log does not."""
    if not refusal_of(failure) or not told.findings:
        return True
    return causes[0].configuration(failure.name or "NAME", failure.target) == told.mending
