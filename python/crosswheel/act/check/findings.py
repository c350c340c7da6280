"""What a check can find: the one table of finding codes with their severities, and the report that holds them.

docs/reference/findings.md explains every code; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING

from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import CheckError, InputError
from crosswheel.values.printable import one_line
from crosswheel.values.wording import first_few

if TYPE_CHECKING:
    from packaging.tags import Tag

__all__ = [
    "FINDING_CODES",
    "CheckReport",
    "Finding",
    "FindingCode",
    "Severity",
    "accept_findings",
    "check_error",
    "parse_accepts",
]


class Severity(Enum):
    """How much a finding weighs; only an error refuses the wheel."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True)
class FindingCode:
    """One row of the table: a code, its severity on a prebuilt wheel and on one we built, whether it can be accepted.

    Attributes:
        code: the name users see, accept and look up.
        prebuilt: severity on a wheel somebody else built, which may well work for reasons we cannot see.
        built: severity on a wheel we built, where every doubt is ours to remove.
        acceptable: a user may accept it; not so where the wheel is damaged, hostile, another release or for another
            target, so that no installer could use it or nobody knows what it would install.
    """

    code: str
    prebuilt: Severity
    built: Severity
    acceptable: bool


_ROWS: tuple[tuple[str, Severity, Severity, bool], ...] = (
    # code, prebuilt, built, acceptable
    # The archive and its metadata.
    ("not-a-wheel", _E, _E, False),
    ("hostile-member", _E, _E, False),
    ("zip-bomb", _E, _E, False),
    ("case-collision", _E, _E, True),
    ("dist-info-invalid", _E, _E, False),
    ("metadata-mismatch", _E, _E, False),
    ("metadata-unreadable", _E, _E, True),
    ("requires-other-python", _E, _E, True),
    ("record-mismatch", _E, _E, False),
    ("record-incomplete", _E, _E, False),
    ("record-extra", _E, _E, False),
    ("not-installable", _E, _E, False),
    ("tags-disagree", _W, _E, True),
    ("tag-not-for-target", _E, _E, False),
    # Every binary.
    ("damaged-binary", _E, _E, True),
    ("not-loadable", _E, _E, True),
    ("wrong-machine", _E, _E, True),
    ("secondary-machine", _W, _E, True),
    ("binaries-not-read", _N, _W, True),
    ("accelerator-code", _N, _N, True),
    ("foreign-format", _N, _N, True),
    ("wrong-format", _E, _E, True),
    ("elf-in-pure-wheel", _E, _E, True),
    ("module-in-pure-wheel", _E, _E, True),
    ("purelib-disagrees", _W, _E, True),
    ("wrong-libc", _E, _E, True),
    ("isa-level", _W, _E, True),
    ("deployment-target-too-new", _W, _E, True),
    ("signature-missing", _E, _E, True),
    ("signature-broken", _W, _E, True),
    # Extension modules.
    ("foreign-suffix", _E, _E, True),
    ("other-python-suffix", _N, _E, True),
    ("no-module-for-python", _E, _E, True),
    ("abi3-suffix", _N, _W, True),
    ("bare-suffix", _W, _E, True),
    ("missing-init", _W, _E, True),
    ("no-init", _N, _W, True),
    ("abi-tag-disagrees", _W, _E, True),
    ("abi3-violation", _W, _W, True),
    # Linking.
    ("library-not-allowed", _W, _E, True),
    ("library-unreachable", _N, _W, True),
    ("libpython-needed", _W, _E, True),
    ("wrong-python-library", _E, _E, True),
    ("symbol-too-new", _E, _E, True),
    ("library-symbol-too-new", _W, _E, True),
    ("musl-symbol-too-new", _W, _E, True),
    ("tag-not-earned", _W, _W, True),
    ("undefined-symbol", _W, _E, True),
    ("run-path-absolute", _W, _E, True),
    ("install-name-path", _N, _E, True),
    ("executable-stack", _W, _E, True),
    ("text-relocations", _W, _E, True),
    # Only wheels we built.
    ("sanitizer-runtime", _W, _E, True),
    ("debug-sections", _N, _E, True),
    ("build-path", _N, _E, True),
    ("sandbox-path", _N, _W, True),
    ("build-triple", _N, _W, True),
    ("platform-tag-without-binary", _N, _E, True),
    ("extension-dropped", _N, _E, True),
    ("sources-not-compiled", _N, _E, True),
    ("compile-failed", _N, _W, True),
    ("cpu-features-lost", _N, _W, True),
    ("target-program-refused", _N, _E, True),
    ("target-module-refused", _N, _E, True),
    ("start-up-file", _W, _E, True),
    ("system-file", _E, _E, True),
    ("build-leftover", _N, _E, True),
    ("oracle-unreadable", _N, _W, True),
    ("oracle-module-missing", _N, _E, True),
    ("oracle-module-extra", _N, _W, True),
    ("oracle-module-degraded", _N, _W, True),
    ("oracle-file-missing", _N, _E, True),
    ("oracle-file-extra", _N, _W, True),
    ("oracle-content-differs", _N, _W, True),
    ("oracle-content-degraded", _N, _E, True),
    ("oracle-metadata-differs", _N, _E, True),
)

#: Every code, in the order of the documentation.
FINDING_CODES = MappingProxyType(
    {code: FindingCode(code, prebuilt, built, acceptable) for code, prebuilt, built, acceptable in _ROWS}
)

#: What a headline says first: whatever makes the rest follow. The others come after these, in the table's order.
_FIRST = (
    "not-a-wheel",
    "hostile-member",
    "zip-bomb",
    "dist-info-invalid",
    "record-mismatch",
    "not-installable",
    "not-loadable",
    "wrong-machine",
    "elf-in-pure-wheel",
    "module-in-pure-wheel",
    "wrong-format",
    "wrong-libc",
    "wrong-python-library",
    "signature-missing",
    "symbol-too-new",
    "undefined-symbol",
    "extension-dropped",
    "platform-tag-without-binary",
    "oracle-module-missing",
    "sources-not-compiled",
    "start-up-file",
    "system-file",
)
_RANK = {code: rank for rank, code in enumerate(dict.fromkeys([*_FIRST, *FINDING_CODES]))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fact about a wheel that somebody should know.

    Attributes:
        code: a key of `FINDING_CODES`.
        severity: how much it weighs in this wheel.
        file: the wheel's member concerned, ``""`` for the wheel as a whole.
        message: what is wrong and what to do, without the file.
        symbol: the symbol concerned, e.g. ``preadv2`` or ``pow@GLIBC_2.29``.
        library: the library concerned, e.g. ``libm.so.6``.
        accepted: an accept of the caller covers it; it does not refuse the wheel any more.
        glibc: N of the glibc 2.N that has what the target's lacks; ``None`` where no glibc mends it.
    """

    code: str
    severity: Severity
    file: str
    message: str
    symbol: str | None = None
    library: str | None = None
    accepted: bool = False
    glibc: int | None = None

    def __str__(self) -> str:
        """One line: ``file: message [code]``, whatever a file is called."""
        return one_line(f"{f'{self.file}: ' if self.file else ''}{self.message} [{self.code}]")

    @classmethod
    def of(
        cls,
        code: str,
        file: str,
        message: str,
        *,
        built: bool,
        symbol: str | None = None,
        library: str | None = None,
        at_most: Severity = Severity.ERROR,
    ) -> Finding:
        """Return a finding with the severity the table gives, lowered to `at_most` where the case is weaker."""
        row = FINDING_CODES[code]
        severity = row.built if built else row.prebuilt
        if _WEIGHT[severity] > _WEIGHT[at_most]:
            severity = at_most
        return cls(code=code, severity=severity, file=file, message=message, symbol=symbol, library=library)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the finding as JSON."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "file": self.file,
            "message": self.message,
            "symbol": self.symbol,
            "library": self.library,
            "accepted": self.accepted,
        }


_WEIGHT = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The outcome of checking one wheel for one target.

    Attributes:
        wheel: file name of the wheel.
        target: the target it was checked for.
        findings: all findings, errors first, what matters most of them before the rest, then by file.
        earned_tags: the tags its binaries prove, sorted; empty when the wheel could not be read.
        modules: dotted names of its extension modules, sorted.
        requirements: its Requires-Dist lines, as they are written.
        unused_accepts: accepts that covered no finding; the caller decides whether that is an error.
    """

    wheel: str
    target: Target
    findings: tuple[Finding, ...]
    earned_tags: tuple[Tag, ...] = ()
    modules: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    unused_accepts: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refuse the wheel."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR and not f.accepted)

    @property
    def refused(self) -> bool:
        """Whether the wheel must not be used for the target."""
        return bool(self.errors)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the report as JSON."""
        return {
            "wheel": self.wheel,
            "target": self.target.id,
            "refused": self.refused,
            "findings": [finding.to_json() for finding in self.findings],
            "earned_tags": [str(tag) for tag in self.earned_tags],
            "modules": list(self.modules),
            "unused_accepts": list(self.unused_accepts),
        }


def parse_accepts(accepts: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Split accepts of the form ``code`` or ``code:glob`` and check their codes.

    Raises:
        InputError: a code that no check knows, or one that cannot be accepted.

    >>> parse_accepts(["bare-suffix", "build-path:pkg/*.so"])
    (('bare-suffix', '*'), ('build-path', 'pkg/*.so'))
    """
    from difflib import get_close_matches

    pairs = []
    for accept in accepts:
        code, _, glob = accept.partition(":")
        if code not in FINDING_CODES:
            near = get_close_matches(code, FINDING_CODES, n=1)
            fix = f"did you mean {near[0]}" if near else "see the reference 'Findings' for the codes"
            raise InputError("accept finding", accept, why=f"there is no finding code {code}", fix=fix)
        if not FINDING_CODES[code].acceptable:
            why = f"a wheel with {code} cannot be used, whatever the reason"
            raise InputError("accept finding", accept, why=why, fix="use another wheel")
        pairs.append((code, glob or "*"))
    return tuple(pairs)


def accept_findings(
    findings: Iterable[Finding], accepts: Sequence[str]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Mark the findings that `accepts` cover; return them all, errors first, and the accepts left over.

    Args:
        findings: what was found.
        accepts: ``code`` or ``code:glob``, the glob matching the finding's file, or its module or symbol where it is
            about no file; ``*`` crosses slashes.

    Raises:
        InputError: an accept names no known code, or one that cannot be accepted.
    """
    pairs = parse_accepts(accepts)
    used = [False] * len(pairs)
    marked = []
    for finding in findings:
        covered = False
        for number, (code, glob) in enumerate(pairs):
            if code == finding.code and fnmatchcase(finding.file or finding.symbol or "", glob):
                used[number] = covered = True
        marked.append(replace(finding, accepted=True) if covered else finding)
    marked.sort(key=lambda f: (-_WEIGHT[f.severity], _RANK[f.code], f.file, f.message))
    left_over = tuple(accept for accept, was_used in zip(accepts, used, strict=True) if not was_used)
    return tuple(dict.fromkeys(marked)), left_over


def check_error(
    report: CheckReport,
    *,
    prebuilt: str = "",
    fix: str = "use another file of this release",
    accepts: bool = True,
) -> CheckError:
    """Return the error that refuses the wheel of `report`, its findings as details.

    Args:
        report: what the check found.
        prebuilt: name of the project whose prebuilt wheel of a lock it is; empty for any other wheel.
        fix: what to do, where a wheel is of no release.
        accepts: whether findings of the wheel can be accepted where it is used.
    """
    errors = report.errors
    first = errors[0]
    more = f", and {len(errors) - 1} more findings" if len(errors) > 2 else ", and one more finding"
    more = more if len(errors) > 1 else ""
    if prebuilt:
        fix += f" (--no-binary {prebuilt} builds its sdist, where the lock has one)"
        levels = [finding.glibc for finding in errors if finding.glibc is not None]
        if len(levels) == len(errors):
            fix += f", plan for a target with glibc 2.{max(levels)}"
    if accepts and all(FINDING_CODES[finding.code].acceptable for finding in errors):
        codes = " and ".join(dict.fromkeys(finding.code for finding in errors))
        fix += f", or accept {codes} for this package once you know why it is harmless"
    place = f"{first.file}: " if first.file else ""
    return CheckError(
        "use wheel",
        report.wheel,
        why=f"it does not fit {report.target.id}: {place}{first.message}{more}",
        fix=fix,
        details=first_few([str(finding) for finding in errors]),
    )
