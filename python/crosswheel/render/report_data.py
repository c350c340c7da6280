"""The data of a report's page: what its script shows of one package or build when it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from crosswheel.decide.reports.report import BuildInput, PackageOnTarget, Report, ReportBuild, State
from crosswheel.values.canonical_json import JsonValue, canonical_json
from crosswheel.values.printable import one_line

from .byte_sizes import size_text
from .report_words import state_words, versions_of

__all__ = ["page_data"]

#: Headings of what a build reads; of a kind that is not here the kind is the heading.
_HEADINGS = {
    "sdist": "Source",
    "patch": "Patches",
    "build requirement": "Build requirements",
    "target's own": "Headers and libraries of the target's wheels",
    "target library": "Libraries of the target",
    "toolchain": "Toolchain",
    "crate": "Crates",
    "download": "Pinned downloads",
}


def page_data(report: Report) -> str:
    """Return the data as JSON that can stand in an HTML element: it has no ``<``, ``>`` and ``&``."""
    value = _visible(
        {
            "packages": {
                package.name: {
                    "version": versions_of(package.targets),
                    "licence": package.licence,
                    "targets": {key: _package(one) for key, one in package.targets.items()},
                }
                for package in report.packages
            },
            "builds": {key: _build(one) for key, one in report.builds.items()},
        }
    )
    text = canonical_json(value).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _visible(value: JsonValue) -> JsonValue:
    """Return a value whose texts are one visible line each: a name may hold what turns text around."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, Mapping):
        return {one_line(key): _visible(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_visible(inner) for inner in value]
    return value


def _package(one: PackageOnTarget) -> JsonValue:
    rows = {
        "Wheel": one.file,
        "Tag": one.tag,
        "Runs from": one.floor,
        "Size": size_text(one.size),
        "Licence": one.licence or ("" if one.state in {State.ABSENT, State.REFUSED} else "unknown"),
        "Source": _with_size(one.source, one.source_size),
        "Why": one.reason,
        "Left open": "; ".join(f"whether it is installed {words}" for words in one.open_facts),
    }
    return {
        "key": one.state.key,
        "state": state_words(one),
        "version": one.version,
        "rows": [[label, text] for label, text in rows.items() if text],
        "build": one.build,
    }


def _with_size(name: str, size: int | None) -> str:
    return name if size is None else f"{name} ({size_text(size)})"


def _build(build: ReportBuild) -> JsonValue:
    return {
        "title": f"{build.name} {build.version}",
        "target": build.target,
        "backend": build.backend,
        "platforms": list(build.build_platforms),
        "groups": list(_groups(build.inputs)),
        "settings": list(build.settings),
        "compared_with": build.compared_with,
    }


def _groups(inputs: Sequence[BuildInput]) -> Iterator[JsonValue]:
    for kind, group in groupby(sorted(inputs, key=_order), key=lambda one: one.kind):
        items: list[JsonValue] = [[one.name, size_text(one.size), one.build] for one in group]
        yield {"heading": _HEADINGS.get(kind, kind), "items": items}


def _order(one: BuildInput) -> int:
    kinds = list(_HEADINGS)
    return kinds.index(one.kind) if one.kind in kinds else len(kinds)
