"""The text of docs/reference/corpus.md, from the results that `make corpus` wrote."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]

#: More packages of a backend on a target than these are counted, not named.
_NAMED = 6
#: The same of packages that were not tried.
_MISSING_NAMED = 40


def corpus_page(
    results: Mapping[str, Mapping[str, Record]],
    listed: Sequence[str],
    reasons: Sequence[tuple[str, str]],
    note: str,
) -> str:
    """Return the page.

    Args:
        results: records by package, by target.
        listed: the packages of the corpus.
        reasons: reason classes and their meaning.
        note: the line that says the page is generated.
    """
    lines = [
        note,
        "# The corpus",
        "",
        (
            f"{len(listed)} of the most downloaded projects of the package index that ship native code, each forced from its sdist with no "
            "configuration at all (`crosswheel plan pylock.toml --target T --no-binary NAME`, then `crosswheel build`), "
            "verified, installed, and used by the target's Python 3.11 under qemu: every extension module is imported, and most have an exercise "
            "that makes the native code answer. What it depends on comes as prebuilt wheels where there are any. Written by `make corpus` on x86_64; "
            "`tests/corpus/packages.toml` is the list. A package whose library Debian has too old for glibc 2.28 fails on `linux_arm64` and "
            "is tried once more for a glibc whose Debian has it, as its user would; that row counts for its own target. A result that "
            "says *configured* was had with a `crosswheel.toml`, which stands in the list beside its reason."
        ),
        "",
        "| target | tried | pass | built twice, equal |",
        "|---|---|---|---|",
        *(_summary(target, records) for target, records in results.items()),
        "",
        (
            "CPU is that of `crosswheel build` with all its processes, in seconds. *Twice* is whether a second build in another "
            "folder with another store gave the same bytes. *When* is the day of the run and the commit it was made with, `+` "
            "for changes on top that landed later; rows differ in it, for a package is tried again only when there is a reason."
        ),
        "",
        *_backends(results),
    ]
    for target, records in results.items():
        lines += _target(target, records, listed)
    lines += _reasons(results, reasons)
    return "\n".join(lines).rstrip() + "\n"


def _summary(target: str, records: Mapping[str, Record]) -> str:
    passed = [record for record in records.values() if record["result"] == "pass"]
    again = [record["again"] for record in passed if "again" in record]
    share = f" ({100 * len(passed) / len(records):.0f} %)" if records else ""
    return f"| {target} | {len(records)} | {len(passed)}{share} | {again.count('equal')} of {len(again)} |"


def _backends(results: Mapping[str, Mapping[str, Record]]) -> list[str]:
    """Return the table of what each backend, with its helpers, was shown to work on."""
    passed: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for target, records in results.items():
        for name, record in sorted(records.items()):
            if record["result"] == "pass":
                passed[record.get("backend", "")][target].append(name)
    rows = [
        f"| {' | '.join([backend, *(_names(passed[backend][target]) for target in results)])} |"
        for backend in sorted(passed)
    ]
    return [
        "## Backends",
        "",
        "What passes, by what builds it.",
        "",
        f"| build backend | {' | '.join(results)} |",
        f"|{'---|' * (len(results) + 1)}",
        *rows,
        "",
    ]


def _names(packages: Sequence[str]) -> str:
    if len(packages) <= _NAMED:
        return ", ".join(packages)
    return f"{len(packages)} packages, {packages[0]} to {packages[-1]}"


def _target(target: str, records: Mapping[str, Record], listed: Sequence[str]) -> list[str]:
    rows = [_row(name, record) for name, record in sorted(records.items())]
    missing = [name for name in listed if name not in records]
    return [
        f"## {target}",
        "",
        "| package | version | build backend | result | tag earned | CPU, s | twice | when |",
        "|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        *_missing(missing),
        *_failures(records),
    ]


def _missing(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    told = f"{len(names)} packages" if len(names) > _MISSING_NAMED else ", ".join(names)
    return [f"Not tried yet: {told}.", ""]


def _row(name: str, record: Record) -> str:
    cpu = record.get("cpu")
    cells = [
        name,
        record["version"],
        record.get("backend", ""),
        _result(record),
        record.get("tag", "") if record["result"] == "pass" else "",
        "" if cpu is None else f"{cpu:.1f}",
        record.get("again", ""),
        _when(record),
    ]
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _result(record: Record) -> str:
    result = "pass" if record["result"] == "pass" else f"**fail**: {record['reason']}"
    return f"{result}, configured" if record.get("configured") else result


def _when(record: Record) -> str:
    """Return the day, with the commit that was tried where it is known."""
    return " ".join(filter(None, (record.get("when"), record.get("commit"))))


def _failures(records: Mapping[str, Record]) -> list[str]:
    failed = sorted((name, record) for name, record in records.items() if record["result"] != "pass")
    if not failed:
        return []
    rows = [f"| {name} | {record['reason']} | {_cell(record['said'])} |" for name, record in failed]
    return ["What the failures said:", "", "| package | reason | said |", "|---|---|---|", *rows, ""]


def _reasons(results: Mapping[str, Mapping[str, Record]], reasons: Sequence[tuple[str, str]]) -> list[str]:
    counted = Counter(
        record["reason"]
        for records in results.values()
        for record in records.values()
        if record["result"] != "pass"
    )
    rows = [f"| {name} | {meaning} | {counted[name]} |" for name, meaning in reasons if counted[name]]
    if not rows:
        return []
    return ["## Reasons", "", "| class | meaning | failures |", "|---|---|---|", *rows]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
