"""Why a build failed, read from its log: the lines that show it, what to try, and the configuration that mends it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from packaging.utils import canonicalize_name

from crosswheel.decide.planning.debian_libraries import debian_package_of
from crosswheel.values.canonical_json import JsonValue

from .failure_kinds import OF_LIBRARIES, FailureKind, Sign
from .failure_own_words import of_another, own_advice
from .failure_refusals import REFUSAL_SIGNS, glibc_wanted
from .failure_remedies import (
    GIVEN_ALREADY,
    IN_SYSROOT,
    NOT_BY_PKG_CONFIG,
    OF_A_LIBRARY,
    OLDEST_SUITES,
    OTHER_RELEASE,
    UNDECLARED,
)
from .failure_signs import SIGNS
from .failure_words import (
    BESIDE_OWN,
    LAST_PYTHON,
    LAST_PYTHONS,
    OF_DEBIAN,
    OF_SYSTEM,
    OLDER_PYTHON,
    OTHER_OWN,
    OWN_FOLDER,
)
from .given_build import GivenBuild

__all__ = [
    "CONFIGURATION_PLACE",
    "FailureCause",
    "LogLine",
    "absent_headers",
    "causes_in",
    "is_of_libraries",
    "plain_log",
    "refusal_causes",
    "untried",
]

#: Where the lines of `FailureCause.configuration` belong.
CONFIGURATION_PLACE = (
    "pyproject.toml (in a crosswheel.toml without `tool.crosswheel.`; where the table is there, in that)"
)
#: More lines that show the same say nothing new.
_SHOWN = 3
#: Patterns take their time over lines that a stranger made longer than any that tells something.
_LONGEST = 2000
#: The table of the configuration that says which release of Debian libraries are of.
_LIBRARIES = "sysroot"
_PLAIN = re.compile(r"[\w.+-]+")
_PYTHON = re.compile(r"cp3(\d+)")
#: Where a line has the target with the glibc that a wheel needs.
_RAISED = "{raised}"
_GLIBC = re.compile(r"_glibc_\d+_\d+")
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine:
    """A line of a log, counted from 1."""

    number: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureCause:
    """One thing that a log says went wrong.

    Attributes:
        kind: the class of failure.
        subject: the header, library, program ... it is about; may be empty.
        advice: what it means and what to try, a clause.
        lines: the lines of the log that show it, the first few.
        sign: the pattern by which it was found.
        version: of what the build had of the project that it is about; empty where it had none, or none is known.
        given: what the build had, as far as that is known.
        glibc: the version that all of a wheel needs which the check refused for a newer one than its target's; else empty.
    """

    kind: FailureKind
    subject: str
    advice: str
    lines: tuple[LogLine, ...]
    sign: Sign
    version: str = ""
    given: GivenBuild = field(default_factory=GivenBuild)
    glibc: str = ""

    @property
    def title(self) -> str:
        """The class and what it is about: ``missing header 'yaml.h'``."""
        return f"{self.kind.value} '{self.subject}'" if self.subject else self.kind.value

    def configuration(self, package: str, target: str) -> tuple[str, ...]:
        """Return the table and the line of a ``pyproject.toml`` that mend it; nothing where no setting does.

        What the build was given by the same key is in the line, which takes the place of that. Of a package's table that is
        there it is the line alone, for TOML has every table once: `place` names the table.

        Args:
            package: the normalized name.
            target: id of the target; empty if it is not known.
        """
        line = self._line(package, target)
        if not line:
            return ()
        place = self.sign.place
        if place == "packages":
            place, line = f"packages.{package}", self.given.whole(line)
        if self.table:
            return (line,)
        return (f"[{'.'.join(filter(None, ('tool.crosswheel', place)))}]", line)

    @property
    def place(self) -> str:
        """Where the lines of `configuration` belong."""
        return f"the table '{self.table}' that the configuration has" if self.table else CONFIGURATION_PLACE

    @property
    def table(self) -> str:
        """The table of the package that the configuration has, where the line belongs in it; else empty."""
        return self.given.entry if self.sign.place == "packages" else ""

    def on(self, target: str) -> FailureCause:
        """Return what it means for that target: Debian's packages are for Linux with glibc alone.

        Args:
            target: id of the target; empty if it is not known.
        """
        system = _system_of(target)
        if not self.sign.of_library or not system:
            return self
        return replace(self, advice=self.advice.replace(OF_DEBIAN, OF_SYSTEM[system]))

    def after(self, given: GivenBuild, package: str, target: str) -> FailureCause:
        """Return what it means of a build that was given so much; itself where what mends it was not."""
        if self.subject in given.other_headers and (self.sign.of_no_library or self.sign.of_library):
            return self._as(OF_A_LIBRARY).after(given, package, target)
        if given.own_libraries and (self.sign.of_library or self.sign.place == _LIBRARIES):
            return replace(self._beside(given.own_libraries), given=given)
        if self.sign.advice == OTHER_RELEASE and not given.packages:
            return self._as(UNDECLARED).after(given, package, target)
        cause = self
        while given.has(line := cause._line(package, target), target) or cause._mends_nothing(given, target):
            last = IN_SYSROOT if cause.sign.of_library else GIVEN_ALREADY
            meant = cause.sign.otherwise or last
            cause = replace(
                cause,
                kind=self.kind if meant is last else meant.kind,
                advice=_filled(meant.advice, self.subject).replace("{setting}", line.partition("  #")[0]),
                sign=meant,
                version=given.requirements.get(_project(self.subject), ""),
            )
        return replace(cause, given=given)

    def _as(self, sign: Sign) -> FailureCause:
        """Return it as if that sign had shown it."""
        return replace(self, kind=sign.kind, advice=_filled(sign.advice, self.subject), sign=sign)

    def _beside(self, own: tuple[str, ...]) -> FailureCause:
        """Return it for a build that links libraries of the user's own, to which no setting adds one of Debian."""
        advice = OTHER_OWN
        if self.sign.of_library:
            advice = self.advice.replace(OF_DEBIAN, BESIDE_OWN).replace(OWN_FOLDER, BESIDE_OWN)
        advice = _filled(advice, self.subject).replace("{own}", ", ".join(own))
        return replace(self, advice=advice, sign=replace(self.sign, of_library=False, setting=""))

    def of_own(self) -> FailureCause:
        """Return it for a project of the user's own, whose source is mended where it is."""
        setting = "" if of_another(self.sign.setting) else self.sign.setting
        advice = own_advice(self.advice, self.sign.advice, self.subject)
        return replace(self, advice=advice, sign=replace(self.sign, setting=setting))

    @property
    def exhausted(self) -> bool:
        """Whether the build had all that is known to mend it."""
        return self.sign in {IN_SYSROOT, NOT_BY_PKG_CONFIG, GIVEN_ALREADY}

    def _line(self, package: str, target: str) -> str:
        if self.sign.of_library:
            return _library_setting(self.subject, package, target)
        line = _setting(self.sign, self.subject, package, target).replace("{version}", self.version)
        raised = f"_glibc_{self.glibc.replace('.', '_')}"
        return line.replace(_RAISED, _GLIBC.sub(raised, target.partition("-")[2]))

    def _mends_nothing(self, given: GivenBuild, target: str) -> bool:
        """Whether there is no older release of Debian, or no newer glibc, which would mend it."""
        no_older = self.sign.older_release and given.suite == _oldest_suite(target)
        return no_older or (_RAISED in self.sign.setting and not self.glibc)

    def json_value(self, package: str, target: str) -> JsonValue:
        """Return it for ``--json``."""
        configuration = self.configuration(package, target)
        return {
            "kind": self.kind.value,
            "subject": self.subject,
            "advice": self.advice,
            "lines": [{"number": line.number, "text": line.text} for line in self.lines],
            "configuration": "\n".join(configuration),
            "table": self.table if configuration else "",
        }


def plain_log(text: str) -> str:
    """Return a log without what controls a terminal, line by line as it was shown at last; of very long lines the begin."""
    shown = (line.rstrip("\r").rpartition("\r")[2] for line in _COLOUR.sub("", text).split("\n"))
    lines = [line[:_LONGEST] for line in shown]
    return "\n".join("".join(char for char in line if char.isprintable() or char == "\t") for line in lines)


def refusal_causes(why: str) -> tuple[FailureCause, ...]:
    """Return what the reason means for which the check refused a wheel; nothing where that tells all there is."""
    found = causes_in(why, signs=REFUSAL_SIGNS)
    return tuple(replace(cause, lines=(), glibc=glibc_wanted(why)) for cause in found)


def causes_in(text: str, *, first_line: int = 1, signs: Sequence[Sign] = SIGNS) -> tuple[FailureCause, ...]:
    """Return what a log says went wrong, most telling first; nothing where none of it is known.

    Args:
        text: the log or its end, plain.
        first_line: number of the text's first line.
        signs: what is looked for.
    """
    found: dict[tuple[FailureKind, str], FailureCause] = {}
    explained: set[int] = set()
    for sign in signs:
        if sign.besides is not None and not sign.besides.search(text):
            continue
        for match in sign.pattern.finditer(text):
            subject = next((group for group in match.groups() if group is not None), "")
            subject = subject.lower() if sign.of_package else subject
            if sign.of_no_library and debian_package_of(subject):
                continue
            lines = _lines_of(text, match, first_line)
            numbers = {line.number for line in lines}
            key = (sign.kind, subject)
            if (known := found.get(key)) is not None:
                found[key] = replace(known, lines=tuple(dict.fromkeys((*known.lines, *lines)))[:_SHOWN])
            elif not numbers <= explained:  # else a more telling sign has said what these mean
                found[key] = FailureCause(
                    kind=sign.kind,
                    subject=subject,
                    advice=_filled(sign.advice, subject),
                    lines=lines,
                    sign=sign,
                )
            explained |= numbers
    return _in_order(tuple(found.values()))


def is_of_libraries(text: str) -> bool:
    """Return whether a log, plain, shows what a library of another release may mend."""
    return any(cause.kind in OF_LIBRARIES for cause in causes_in(text))


def absent_headers(text: str) -> frozenset[str]:
    """Return the headers in folders that a log, plain, shows not to be there: of libraries, or as of the project itself."""
    kinds = (FailureKind.HEADER, FailureKind.INCOMPLETE_SDIST)
    causes = (cause for cause in causes_in(text) if cause.kind in kinds)
    signed = (cause for cause in causes if cause.sign.of_library or cause.sign.of_no_library)
    return frozenset(cause.subject for cause in signed if "/" in cause.subject)


def untried(
    causes: tuple[FailureCause, ...], given: GivenBuild, package: str, target: str
) -> tuple[FailureCause, ...]:
    """Return the causes of a failure of a build that was given so much: those come last that all was tried for."""
    meant = sorted(
        (cause.after(given, package, target) for cause in causes), key=lambda cause: cause.exhausted
    )
    return tuple(cause.of_own() for cause in meant) if given.own else tuple(meant)


def _in_order(causes: tuple[FailureCause, ...]) -> tuple[FailureCause, ...]:
    """Return them with archives by name: linkers that work in threads tell of them in another order each time."""

    def of_archive(cause: FailureCause) -> bool:
        return cause.kind is FailureKind.STATIC_LIBRARY

    archives = iter(sorted(filter(of_archive, causes), key=lambda cause: cause.subject))
    return tuple(next(archives) if of_archive(cause) else cause for cause in causes)


def _filled(text: str, subject: str) -> str:
    return text.replace("{0}", subject).replace("{project}", _project(subject))


def _project(subject: str) -> str:
    """Return the normalized name of the project that has a module or program of that name, as most do."""
    return canonicalize_name(subject.partition(".")[0])


def _setting(known: Sign, subject: str, package: str, target: str) -> str:
    """Fill in a line of configuration; a subject that is no plain word, which a stranger wrote, has no place in one."""
    line, words = known.setting, subject.split(", ")
    if re.search(r"\{(?:0|project|each)\}", line) and not all(map(_PLAIN.fullmatch, words)):
        return ""
    each, between = known.each
    line = line.replace("{each}", between.join(_filled(each, word) for word in words))
    minor = _PYTHON.match(target)
    older = f"3.{int(minor[1]) - 1}" if minor else "3.10"
    if line == OLDER_PYTHON and (last := LAST_PYTHONS.get(subject)) is not None:
        line, older = LAST_PYTHON, last
    line = line.replace("{older}", older).replace("{oldest}", _oldest_suite(target))
    return _filled(line, subject).replace("{package}", package)


def _oldest_suite(target: str) -> str:
    """Return the first release of Debian that crosswheel knows for the target's architecture."""
    suites = (suite for name, suite in OLDEST_SUITES.items() if name and f"_{name}_" in target)
    return next(suites, OLDEST_SUITES[""])


def _lines_of(text: str, match: re.Match[str], first_line: int) -> tuple[LogLine, ...]:
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    number = first_line + text.count("\n", 0, start)
    lines = text[start : len(text) if end < 0 else end].split("\n")
    return tuple(LogLine(number=number + at, text=line) for at, line in enumerate(lines))


def _library_setting(name: str, package: str, target: str) -> str:
    """Return the line for a library that lacks: Debian's package, or for targets Debian is not for, a folder."""
    debian, system = debian_package_of(name), _system_of(target)
    if system == "macos" and not debian:
        return 'sysroot = "MacOSX.sdk"  # Apple\'s SDK, for what is of macOS; else a folder with include/ and lib/, made for the target'
    if system:
        return f'sysroot = "sysroots/{package}"  # a folder with include/ and lib/, made for the target'
    if debian:
        return f'sysroot = ["{debian}"]'
    return f'sysroot = ["NAME-dev"]  # the Debian package that has {name}'


def _system_of(target: str) -> str:
    """Return the system of a target that Debian has nothing for; empty for others, and where the target is not known."""
    name = target.partition("-")[2].partition("_")[0]
    return "" if not target or "_glibc_" in target else name if name in OF_SYSTEM else "linux"
