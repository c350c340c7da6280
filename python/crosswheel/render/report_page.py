"""A report as one HTML page that loads nothing: the matrix, builds, image layers and differences.

All that is read stands in the page; the script only filters it and shows what a package or a build is made of. The page's
policy lets nothing else be loaded or run: https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256

from crosswheel.decide.reports.report import PackageOnTarget, Report, ReportPackage, State
from crosswheel.target.targets import Target

from .html_text import html_text
from .report_data import page_data
from .report_mark import REPORT_MARK
from .report_sections import builds_section, changes_section, images_section
from .report_words import (
    MARKS,
    cell_words,
    counts_of,
    platform_words,
    python_words,
    state_words,
    target_size,
    versions_of,
)

__all__ = ["report_page"]

#: Width of a bar of the summary, in its own units.
_BAR = 1000


def report_page(report: Report, *, style: str, script: str) -> str:
    """Return the page; the same report makes the same text.

    Args:
        report: what it says.
        style: the style sheet.
        script: the program that filters.
    """
    title = f"{html_text(report.source)} \N{EN DASH} crosswheel"
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    sections = {
        "packages": ("Packages", _matrix(report)),
        "builds": ("Builds", builds_section(report)),
        "images": ("Image layers", images_section(report)),
        "changes": ("Changes", changes_section(report)),
    }
    shown = {key: one for key, one in sections.items() if one[1]}
    tabs = "".join(
        f'<button type="button" role="tab" id="tab-{key}" aria-controls="{key}" aria-selected="false">{name}</button>'
        for key, (name, _) in shown.items()
    )
    panels = "".join(
        f'<section id="{key}" aria-labelledby="tab-{key}"><h2>{name}</h2>{content}</section>\n'
        for key, (name, content) in shown.items()
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"{REPORT_MARK}\n<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header><p class=brand>crosswheel report</p><h1>{html_text(report.source)}</h1>"
        f"<p class=lead>{_lead(report)}</p></header>\n"
        f"<main>{_cards(report)}\n"
        f'<div class="tabs" role="tablist" aria-label="Parts of the report" hidden>{tabs}</div>\n{panels}</main>\n'
        '<dialog id="details" aria-labelledby="details-title"></dialog>\n'
        f'<script type="application/json" id="data">{page_data(report)}</script>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def _lead(report: Report) -> str:
    parts = [_counted(len(report.packages), "package"), _counted(len(report.targets), "target")]
    counts = [report.counts(target) for target in report.targets]
    wheels = sum(sum(one.values()) - one[State.ABSENT] - one[State.REFUSED] for one in counts)
    refused = sum(one[State.REFUSED] for one in counts)
    parts.append(_counted(wheels, "wheel"))
    if built := sum(one[State.BUILT] for one in counts):
        waiting = any(
            one.state is State.BUILT and not one.file
            for package in report.packages
            for one in package.targets.values()
        )
        parts.append(f"{built} of them {'to be ' if waiting else ''}cross built")
    if refused:
        parts.append(f"<strong>{refused} refused</strong>")
    return " \N{MIDDLE DOT} ".join(parts)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _cards(report: Report) -> str:
    cards = "".join(f"<li>{_card(report, target)}</li>" for target in report.targets)
    return f'<ul class="cards" aria-label="Targets">{cards}</ul>'


def _card(report: Report, target: Target) -> str:
    system, version = platform_words(target.platform)
    counts = report.counts(target)
    legend = "".join(
        f'<li class="{state.key}"><span class="mark" aria-hidden="true">{MARKS[state]}</span> {number} {words}</li>'
        for state, words, number in counts_of(report, [target])
    )
    about = ", ".join(word for word in (version, python_words(target.python)) if word)
    return (
        f"<h3>{html_text(system)}</h3><p>{html_text(about)}</p>{_bar(counts)}<ul class=legend>{legend}</ul>"
        f'<p class="size">{target_size(report, target)}</p><p class="id">{html_text(target.id)}</p>'
    )


def _bar(counts: Mapping[State, int]) -> str:
    """Return the shares of the states as a drawing; the legend beside it says the same in words."""
    total = sum(counts.values()) or 1
    parts, at = [], 0
    for state, number in counts.items():
        width = round(_BAR * number / total)
        if number:
            parts.append(f'<rect class="{state.key}" x="{at}" width="{width}" height="10"/>')
        at += width
    return (
        f'<svg class="bar" viewBox="0 0 {_BAR} 10" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )


def _matrix(report: Report) -> str:
    if not report.packages:
        return '<p class="empty">There is no package in it.</p>'
    heads = "".join(_head(target) for target in report.targets)
    rows = "".join(_row(report, package) for package in report.packages)
    return (
        f"{_tools(report)}"
        '<div class="scroll"><table id="matrix" aria-describedby="keys"><thead><tr><th scope="col">Package</th>'
        f'<th scope="col">Version</th>{heads}<th scope="col">Licence</th></tr></thead><tbody>{rows}</tbody></table></div>'
        '<p class="empty" id="nothing" hidden>Nothing matches. <button type="button" id="reset">Show all</button></p>'
    )


def _head(target: Target) -> str:
    system, version = platform_words(target.platform)
    about = ", ".join(word for word in (version, str(target.python)) if word)
    return f'<th scope="col" data-t="{html_text(target.id)}" title="{html_text(target.id)}">{html_text(system)}<small>{html_text(about)}</small></th>'


def _tools(report: Report) -> str:
    found: dict[State, list[str]] = {}
    for state, words, _ in counts_of(report, report.targets):
        found.setdefault(state, []).append(words)
    states = "".join(
        f'<button type="button" class="chip {state.key}" data-state="{state.key}" aria-pressed="false">'
        f'<span class="mark" aria-hidden="true">{MARKS[state]}</span> {" or ".join(words)}</button>'
        for state, words in found.items()
    )
    return (
        '<div class="tools" role="search" hidden>'
        '<label class="search"><span>Search</span><input type="search" id="search" placeholder="name, licence, tag, version" '
        'autocomplete="off" spellcheck="false"></label>'
        f'<div class="chips" role="group" aria-label="Show packages that are somewhere">{states}</div>'
        '<button type="button" class="chip" id="differing" aria-pressed="false">targets differ</button>'
        '<label class="sort">Sort by <select id="sort"><option value="name">name</option>'
        '<option value="size">size</option></select></label>'
        '<output id="count" aria-live="polite"></output></div>'
        '<p id="keys" class="keys" hidden><kbd>/</kbd> searches, the arrow keys move, <kbd>Enter</kbd> shows why it is so and what it is made of.</p>'
    )


def _row(report: Report, package: ReportPackage) -> str:
    cells = "".join(_cell(package, target, package.targets[target.id]) for target in report.targets)
    size = max((one.size or 0 for one in package.targets.values()), default=0)
    licence = html_text(package.licence) if package.licence else '<span class="unknown">unknown</span>'
    return (
        f'<tr data-p="{html_text(package.name)}" data-size="{size}"><th scope="row">{html_text(package.name)}</th>'
        f'<td class="version">{html_text(versions_of(package.targets))}</td>{cells}<td class="licence">{licence}</td></tr>\n'
    )


def _cell(package: ReportPackage, target: Target, one: PackageOnTarget) -> str:
    words, size = cell_words(one)
    said = " ".join(_said(package, target, one))
    small = f"<small>{size}</small>" if size else ""
    return (
        f'<td><button type="button" tabindex="-1" class="cell {one.state.key}" data-t="{html_text(target.id)}" '
        f'title="{html_text(said)}"><span class="mark" aria-hidden="true">{MARKS[one.state]}</span>'
        f'<span class="words">{html_text(words)}</span>{small}</button></td>'
    )


def _said(package: ReportPackage, target: Target, one: PackageOnTarget) -> Iterator[str]:
    """Yield what a cell says where there is more room."""
    yield f"{package.name} on {target.id}: {state_words(one)}"
    if one.reason:
        yield f"\N{EN DASH} {one.reason}"
    for words in one.open_facts:
        yield f"\N{EN DASH} whether it is installed {words}"
