"""The shipped table of known quirks: what popular packages need besides their sdist to be cross built.

Its entries are those of a user's ``packages`` table and lie under them; docs/reference/quirks.md shows them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crosswheel.decide.configuration.policy import parse_entries
from crosswheel.decide.configuration.policy_model import PackageEntry
from crosswheel.decide.configuration.target_keys import matches_target
from crosswheel.decide.documents.typed_tables import TypedTable
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["Quirk", "applied_quirks_digest", "parse_quirks", "quirk_words"]

_SAYING = ("reason", "reference")


@dataclass(frozen=True, kw_only=True, slots=True)
class Quirk:
    """One entry of the table.

    Attributes:
        entry: what holds for the package.
        table: the entry as the file has it, without `reason` and `reference`.
        reason: why, a sentence.
        reference: a URL where the package says so.
    """

    entry: PackageEntry
    table: Mapping[str, Any]
    reason: str
    reference: str


def parse_quirks(data: bytes, *, name: str) -> tuple[Quirk, ...]:
    """Return the entries of a table of quirks, in its order.

    Args:
        data: its text.
        name: its file name, for messages.

    Raises:
        CrosswheelError: it is not TOML, or an entry is wrong or gives no reason; all faults collected.
    """
    faults: list[CrosswheelError] = []
    try:
        document = parse_toml(data)
    except TomlError as error:
        raise InputError("read quirks", name, why=str(error), fix=error.fix or "correct it") from None
    root = TypedTable(document, "", faults)
    root.refuse_unknown(("packages",))
    told: list[tuple[str, str]] = []
    tables: dict[str, list[dict[str, Any]]] = {}
    for package, table in root.tables_or_arrays("packages"):
        for key in _SAYING:
            if table.string(key) is None:
                table.fault_here(doing="read quirk", value=package, why=f"it gives no {key}", fix="give one")
        told.append((table.string("reason") or "", table.string("reference") or ""))
        rest = {key: value for key, value in table.table.items() if key not in _SAYING}
        tables.setdefault(package, []).append(rest)
    entries = parse_entries(TypedTable({"packages": tables}, "quirks", faults))
    raise_faults([fault.within(name) for fault in faults])
    flat = [table for name_ in tables for table in tables[name_]]
    return tuple(
        Quirk(entry=entry, table=table, reason=reason, reference=reference)
        for entry, table, (reason, reference) in zip(entries, flat, told, strict=True)
    )


def quirk_words(
    quirks: Iterable[Quirk], name: str, versions: Collection[str], target: Target
) -> tuple[str, ...]:
    """Return lines that say what the table knows of a package, for `crosswheel explain`.

    Args:
        quirks: the table.
        name: normalized name of the package.
        versions: its releases in the lock.
        target: the target.
    """
    lines = []
    for quirk in quirks:
        if any(quirk.entry.is_about(name, version) for version in versions):
            table = {key: value for key, value in quirk.table.items() if key not in {"targets", "versions"}}
            for key, inner in quirk.table.get("targets", {}).items():
                table |= inner if matches_target(key, target) else {}
            if table:
                told = ", ".join(f"{key} = {json.dumps(value)}" for key, value in sorted(table.items()))
                lines.append(f"  known quirk when built, unless your configuration says otherwise: {told}")
                lines.append(f"    {quirk.reason} ({quirk.reference})")
    return tuple(lines)


def applied_quirks_digest(quirks: Collection[Quirk], releases: Collection[tuple[str, str]]) -> Digest | None:
    """Return the digest of the entries that are about one of the releases built, ``None`` if there are none."""
    applied: list[JsonValue] = [
        [quirk.entry.name, dict(quirk.table)]
        for quirk in quirks
        if any(quirk.entry.is_about(name, version) for name, version in releases)
    ]
    return digest_of_json(applied) if applied else None
