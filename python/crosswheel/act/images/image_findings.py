"""What a check of an image can find: the one table of codes, and the report.

docs/reference/image-findings.md explains every code; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import MappingProxyType

from crosswheel.act.check.findings import Severity
from crosswheel.decide.documents.nearest_name import did_you_mean
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import CheckError, InputError
from crosswheel.values.printable import one_line

__all__ = [
    "IMAGE_CODES",
    "TOLD_BY_IMAGE_ONLY",
    "ImageCode",
    "ImageFinding",
    "ImageReport",
    "image_errors",
    "judged",
    "refuse_unused",
    "refusing_codes",
]

_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE


@dataclass(frozen=True, slots=True)
class ImageCode:
    """A code, how much it weighs, and whether it can be accepted: what is about the layout itself cannot."""

    code: str
    severity: Severity
    acceptable: bool


#: Every code, in the order of the documentation.
IMAGE_CODES: Mapping[str, ImageCode] = MappingProxyType(
    {
        code: ImageCode(code, severity, acceptable)
        for code, severity, acceptable in (
            # The layout and its documents.
            ("layout-invalid", _E, False),
            ("document-invalid", _E, False),
            ("image-missing", _E, True),
            ("name-ambiguous", _E, False),
            ("blob-missing", _E, False),
            ("blob-mismatch", _E, False),
            ("blob-unused", _N, True),
            ("media-type-unknown", _W, True),
            # Configuration against index and layers.
            ("setting-doubtful", _W, True),
            ("media-type-mismatch", _W, True),
            ("platform-mismatch", _E, False),
            ("platform-unknown", _E, True),
            ("layer-count", _E, False),
            ("history-mismatch", _E, False),
            ("diff-id-mismatch", _E, False),
            # The layers.
            ("layer-damaged", _E, False),
            ("layer-continued", _W, True),
            ("layer-unpadded", _W, True),
            ("unsafe-path", _E, False),
            ("duplicate-path", _E, False),
            ("whiteout-invalid", _E, False),
            ("link-dangling", _E, False),
            ("folder-missing", _E, True),
            ("link-replaced", _W, True),
            ("special-file", _E, True),
            ("file-replaced", _W, True),
            ("store-path", _E, True),
            # The machine code in them.
            ("wrong-machine", _E, True),
            ("wrong-format", _E, True),
            ("damaged-binary", _W, True),
            ("secondary-machine", _W, True),
            ("accelerator-code", _N, True),
            ("foreign-format", _N, True),
            ("machine-not-judged", _W, True),
        )
    }
)
#: What is told of while an image is made, and cannot be told from the image.
TOLD_BY_IMAGE_ONLY = frozenset({"file-replaced", "store-path"})
_WEIGHT = {_E: 2, _W: 1, _N: 0}


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageFinding:
    """One fact about an image that somebody should know.

    Attributes:
        code: a key of `IMAGE_CODES`.
        place: the document, image or layer concerned, e.g. ``latest linux/arm64, layer 2 of 3``.
        file: the file in the layer concerned; empty where none is.
        message: what is wrong.
        accepted: an accept of the caller covers it.
    """

    code: str
    place: str
    message: str
    file: str = ""
    accepted: bool = False

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        return IMAGE_CODES[self.code].severity

    def __str__(self) -> str:
        """One line: ``place: file: message [code]``."""
        return one_line(": ".join(filter(None, (self.place, self.file, self.message)))) + f" [{self.code}]"

    def to_json(self) -> JsonValue:
        """Return the finding as JSON."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "place": self.place,
            "file": self.file,
            "message": self.message,
            "accepted": self.accepted,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageReport:
    """The outcome of checking a layout.

    Attributes:
        layout: its name.
        images: what it holds, e.g. ``latest linux/arm64``.
        findings: errors first, then in the order found.
        layers: number of different layers read.
        inflated: size of the files in these layers, bytes.
        binaries: number of files of machine code in them.
    """

    layout: str
    images: tuple[str, ...]
    findings: tuple[ImageFinding, ...]
    layers: int
    inflated: int
    binaries: int

    @property
    def refused(self) -> bool:
        """Whether the layout must not be used."""
        return any(one.severity is Severity.ERROR and not one.accepted for one in self.findings)

    def to_json(self) -> JsonValue:
        """Return the report as JSON."""
        return {
            "layout": self.layout,
            "refused": self.refused,
            "images": list(self.images),
            "findings": [finding.to_json() for finding in self.findings],
            "layers": self.layers,
            "bytes": self.inflated,
            "binaries": self.binaries,
        }


def judged(
    findings: Iterable[ImageFinding], accepts: Sequence[str], *, all_used: bool = True
) -> tuple[ImageFinding, ...]:
    """Return the findings, errors first, those that `accepts` cover marked.

    Args:
        findings: what was found.
        accepts: ``code`` or ``code:glob of the file``, with a slash before the path or without; ``*`` crosses slashes.
        all_used: refuse an accept that covers no finding.

    Raises:
        InputError: an accept names no known code, one that cannot be accepted, or covers no finding.
    """
    found = list(dict.fromkeys(findings))
    if all_used:
        refuse_unused(accepts, found)
    for accept in accepts:
        _refuse_code(accept)
        found = [replace(one, accepted=True) if _covers(accept, one) else one for one in found]
    return tuple(sorted(found, key=lambda one: -_WEIGHT[one.severity]))


def refuse_unused(accepts: Iterable[str], findings: Collection[ImageFinding]) -> None:
    """Refuse an accept that covers no finding: it is misspelled, or out of date.

    Args:
        accepts: as for `judged`.
        findings: all there are.

    Raises:
        InputError: there is such an accept, or one names no known code or one that cannot be accepted.
    """
    for accept in accepts:
        _refuse_code(accept)
        if not any(_covers(accept, one) for one in findings):
            raise InputError(
                "accept finding",
                accept,
                why="the image has no such finding",
                fix="remove it, or correct its glob",
            )


def _covers(accept: str, finding: ImageFinding) -> bool:
    code, _, glob = accept.partition(":")
    return finding.code == code and fnmatchcase(finding.file, glob.lstrip("/") if glob else "*")


def refusing_codes(accepts: Iterable[str]) -> frozenset[str]:
    """Return the codes of findings accepted elsewhere, in wheels for instance, that refuse an image unless accepted anew.

    >>> sorted(refusing_codes(["wrong-machine:lib/*", "build-path", "damaged-binary"]))
    ['wrong-machine']
    """
    codes = {accept.partition(":")[0] for accept in accepts}
    return frozenset(code for code in codes if code in IMAGE_CODES and IMAGE_CODES[code].severity is _E)


def _refuse_code(accept: str) -> None:
    code = accept.partition(":")[0]
    if not code:
        raise InputError(
            "accept finding", accept, why="it names no finding code", fix="write CODE or CODE:GLOB"
        )
    if code not in IMAGE_CODES:
        fix = (
            did_you_mean(code, IMAGE_CODES)
            or "see the reference 'What a check of an image finds' for the codes"
        )
        raise InputError("accept finding", accept, why=f"there is no finding code {code}", fix=fix)
    if not IMAGE_CODES[code].acceptable:
        why = f"an image with {code} cannot be used, whatever the reason"
        raise InputError("accept finding", accept, why=why, fix="make the image anew")


def image_errors(findings: Iterable[ImageFinding], *, doing: str, fix: str) -> list[CheckError]:
    """Return an error for each finding that refuses an image.

    Args:
        findings: what was found.
        doing: verb and thing, e.g. ``"use base image"``.
        fix: what the user can do about findings that can be accepted; of others something is damaged.
    """
    return [
        CheckError(
            doing,
            one.file or None,
            why=f"{one.message} [{one.code}]",
            fix=fix if IMAGE_CODES[one.code].acceptable else "get it again, or have it made anew",
            context=(one.place,),
        )
        for one in findings
        if one.severity is Severity.ERROR and not one.accepted
    ]
