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
    """One row of the table: a code and its severity on a prebuilt wheel and on one we built.

    Attributes:
        code: the name users see, accept and look up.
        prebuilt: severity on a wheel somebody else built, which may well work for reasons we cannot see.
        built: severity on a wheel we built, where every doubt is ours to remove.
    """

    code: str
    prebuilt: Severity
    built: Severity


_ROWS: tuple[tuple[str, Severity, Severity], ...] = (
    # The archive and its metadata.
    ("not-a-wheel", _E, _E),
    ("hostile-member", _E, _E),
    ("zip-bomb", _E, _E),
    ("case-collision", _E, _E),
    ("dist-info-invalid", _E, _E),
    ("metadata-mismatch", _E, _E),
    ("record-mismatch", _E, _E),
    ("record-incomplete", _E, _E),
    ("record-extra", _W, _E),
    ("tags-disagree", _W, _E),
    ("tag-not-for-target", _E, _E),
    # Every binary.
    ("damaged-binary", _W, _E),
    ("wrong-machine", _E, _E),
    ("secondary-machine", _W, _E),
    ("accelerator-code", _N, _N),
    ("foreign-format", _N, _N),
    ("wrong-format", _E, _E),
    ("elf-in-pure-wheel", _E, _E),
    ("purelib-disagrees", _W, _E),
    ("wrong-libc", _E, _E),
    ("isa-level", _W, _E),
    # Extension modules.
    ("foreign-suffix", _E, _E),
    ("other-python-suffix", _N, _E),
    ("abi3-suffix", _N, _W),
    ("bare-suffix", _W, _E),
    ("missing-init", _W, _E),
    ("no-init", _N, _W),
    ("abi-tag-disagrees", _W, _E),
    ("private-symbol-in-abi3", _W, _W),
    # Linking.
    ("library-not-allowed", _W, _E),
    ("library-unreachable", _N, _W),
    ("libpython-needed", _W, _E),
    ("symbol-too-new", _E, _E),
    ("library-symbol-too-new", _W, _E),
    ("musl-symbol-too-new", _W, _E),
    ("tag-not-earned", _W, _W),
    ("undefined-symbol", _W, _E),
    ("run-path-absolute", _W, _E),
    ("executable-stack", _W, _E),
    ("text-relocations", _W, _E),
    # Only wheels we built.
    ("sanitizer-runtime", _W, _E),
    ("debug-sections", _N, _E),
    ("build-path", _N, _E),
    ("sandbox-path", _N, _W),
    ("build-triple", _N, _W),
    ("platform-tag-without-binary", _N, _E),
    ("extension-dropped", _N, _E),
    ("sources-not-compiled", _N, _W),
    ("compile-failed", _N, _W),
    ("cpu-features-lost", _N, _W),
    ("target-program-refused", _N, _E),
    ("start-up-file", _N, _E),
    ("system-file", _N, _E),
    ("build-leftover", _N, _E),
    ("oracle-unreadable", _N, _W),
    ("oracle-module-missing", _N, _E),
    ("oracle-module-extra", _N, _W),
    ("oracle-module-degraded", _N, _W),
    ("oracle-file-missing", _N, _E),
    ("oracle-file-extra", _N, _W),
    ("oracle-content-differs", _N, _W),
    ("oracle-content-degraded", _N, _E),
    ("oracle-metadata-differs", _N, _E),
)

#: Every code, in the order of the documentation.
FINDING_CODES = MappingProxyType(
    {code: FindingCode(code, prebuilt, built) for code, prebuilt, built in _ROWS}
)


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
    """

    code: str
    severity: Severity
    file: str
    message: str
    symbol: str | None = None
    library: str | None = None
    accepted: bool = False

    def __str__(self) -> str:
        """One line: ``file: message [code]``."""
        return f"{self.file}: {self.message} [{self.code}]" if self.file else f"{self.message} [{self.code}]"

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
        findings: all findings, errors first, then by file.
        earned_tags: the tags its binaries prove, sorted; empty when the wheel could not be read.
        modules: dotted names of its extension modules, sorted.
        unused_accepts: accepts that covered no finding; the caller decides whether that is an error.
    """

    wheel: str
    target: Target
    findings: tuple[Finding, ...]
    earned_tags: tuple[Tag, ...] = ()
    modules: tuple[str, ...] = ()
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
        InputError: a code that no check knows.

    >>> parse_accepts(["bare-suffix", "build-path:pkg/*.so"])
    (('bare-suffix', '*'), ('build-path', 'pkg/*.so'))
    """
    from difflib import get_close_matches

    pairs = []
    for accept in accepts:
        code, _, glob = accept.partition(":")
        if code not in FINDING_CODES:
            near = get_close_matches(code, FINDING_CODES, n=1)
            fix = f"did you mean {near[0]}" if near else "see docs/reference/findings.md for the codes"
            raise InputError("accept finding", accept, why=f"there is no finding code {code}", fix=fix)
        pairs.append((code, glob or "*"))
    return tuple(pairs)


def accept_findings(
    findings: Iterable[Finding], accepts: Sequence[str]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Mark the findings that `accepts` cover; return them all, errors first, and the accepts left over.

    Args:
        findings: what was found.
        accepts: ``code`` or ``code:glob``, the glob matching the finding's file; ``*`` crosses slashes.

    Raises:
        InputError: an accept names no known code.
    """
    pairs = parse_accepts(accepts)
    used = [False] * len(pairs)
    marked = []
    for finding in findings:
        covered = False
        for number, (code, glob) in enumerate(pairs):
            if code == finding.code and fnmatchcase(finding.file, glob):
                used[number] = covered = True
        marked.append(replace(finding, accepted=True) if covered else finding)
    marked.sort(key=lambda f: (-_WEIGHT[f.severity], f.file, f.code, f.message))
    left_over = tuple(accept for accept, was_used in zip(accepts, used, strict=True) if not was_used)
    return tuple(dict.fromkeys(marked)), left_over


def check_error(report: CheckReport) -> CheckError:
    """Return the error that refuses the wheel of `report`, its findings as details."""
    errors = report.errors
    first = errors[0]
    more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    place = f"{first.file}: " if first.file else ""
    return CheckError(
        "use wheel",
        report.wheel,
        why=f"it does not fit {report.target.id}: {place}{first.message}{more}",
        fix=f"use another file of this release, or accept {first.code} for this package once you know why it is harmless",
        details=[str(finding) for finding in errors],
    )
