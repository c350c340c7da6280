"""RECORD: the list of a distribution's files with hashes and sizes, in a wheel and once installed.

Standard: https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["RECORD_ALGORITHMS", "RecordEntry", "format_record", "parse_record"]

#: The hashes a file may be recorded with.
RECORD_ALGORITHMS = frozenset({"sha256", "sha384", "sha512"})
#: More digits than the size of any file has.
_MANY_DIGITS = 20


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """One line: `algorithm` and `digest` are empty where the standard lets the hash be left out."""

    path: str
    algorithm: str
    digest: bytes
    size: int | None

    @property
    def hash(self) -> str:
        """The hash field, e.g. ``sha256=47DEQ...``."""
        if not self.algorithm:
            return ""
        return f"{self.algorithm}={base64.urlsafe_b64encode(self.digest).rstrip(b'=').decode()}"


def parse_record(data: bytes) -> tuple[dict[str, RecordEntry], list[str]]:
    """Return the entries by path, and what is wrong with the file as clauses.

    >>> parse_record(b"a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0")[1]
    []
    """
    entries: dict[str, RecordEntry] = {}
    faults: list[str] = []
    try:
        # Decoded line by line: as one text it would take four bytes a letter.
        for row in csv.reader(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")):
            if not row:
                continue
            entry = _entry(row)
            if entry is None:
                faults.append(f"RECORD has the line {','.join(row)!r}, which is not path, hash and size")
            elif entries.setdefault(entry.path, entry) != entry:
                faults.append(f"RECORD lists {entry.path} twice with different hashes")
    except (UnicodeDecodeError, csv.Error) as error:
        return {}, [f"RECORD cannot be read ({error})"]
    return entries, faults


def _entry(row: list[str]) -> RecordEntry | None:
    if len(row) != 3 or not row[0]:
        return None
    path, hash_, size = row
    algorithm, _, value = hash_.partition("=")
    if (hash_ and algorithm not in RECORD_ALGORITHMS) or not (size == "" or _is_size(size)):
        return None
    try:
        digest = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (binascii.Error, ValueError):
        return None
    # One text for all lines: a layer may have tens of thousands.
    return RecordEntry(path, sys.intern(algorithm), digest, int(size) if size else None)


def _is_size(text: str) -> bool:
    return text.isdecimal() and len(text) < _MANY_DIGITS


def format_record(entries: Iterable[RecordEntry]) -> bytes:
    """Return the text of a RECORD, sorted by path."""
    data = io.BytesIO()
    text = io.TextIOWrapper(data, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    for entry in sorted(entries, key=lambda entry: entry.path):
        writer.writerow((entry.path, entry.hash, "" if entry.size is None else entry.size))
    text.flush()
    return data.getvalue()
