"""A report in the terminal: drawn where there is one, aligned words where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from itertools import groupby

from rich import box
from rich.console import Console as Drawing
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from crosswheel.command_line.console import Canvas, Console
from crosswheel.decide.report import PackageOnTarget, Report, State
from crosswheel.render.byte_sizes import size_text
from crosswheel.render.report_words import MARKS, cell_words, platform_words, target_size, versions_of
from crosswheel.target.targets import Target
from crosswheel.values.printable import one_line

__all__ = ["print_report", "report_drawing"]

_STYLES = {
    State.PURE: "bright_black",
    State.PREBUILT: "green",
    State.BUILT: "bold magenta",
    State.REFUSED: "bold red",
    State.ABSENT: "bright_black",
}
#: As wide as lines are where there is no terminal; nothing is ever as long.
_UNBOUNDED = 100_000
#: What columns and words the matrix has, the first that the terminal has room for.
_WIDTHS = ("version size licence", "version size", "version", "", "marks")


def print_report(report: Report, console: Console) -> None:
    """Print a report as fits where it is read."""
    canvas = console.canvas
    drawing = Drawing(
        file=StringIO(),
        width=canvas.width or _UNBOUNDED,
        force_terminal=canvas.colour,
        color_system="standard" if canvas.colour else None,
        legacy_windows=False,
        _environ={},
    )
    report_drawing(report, drawing, canvas)
    assert isinstance(drawing.file, StringIO), "it is the one above"
    lines = drawing.file.getvalue().splitlines()
    console.print_drawn("\n".join(line.rstrip() for line in lines))


def report_drawing(report: Report, drawing: Drawing, canvas: Canvas) -> None:
    """Draw a report.

    Args:
        report: what it says.
        drawing: what draws it.
        canvas: what it is drawn on.
    """
    shown = _fitting(report, drawing, canvas)
    for number, table in enumerate(_tables(report, canvas, shown)):
        if number and canvas.width is None:
            drawing.print()
        drawing.print(table)


def _tables(report: Report, canvas: Canvas, shown: str) -> Iterator[Table]:
    if report.packages:
        yield _matrix(report, canvas, shown)
    yield _summary(report, canvas, numbered=shown == "marks")
    if any(report.counts(target)[State.REFUSED] for target in report.targets):
        yield _refusals(report, canvas)
    for image in report.images:
        title = f"{image.name}, {image.platform}: {size_text(image.size)}"
        layers = _table(canvas, "#", "size", "digest", title, wraps=True)
        for index, layer in enumerate(image.layers, start=1):
            layers.add_row(*_texts(str(index), size_text(layer.size), layer.digest[:19], layer.name))
        yield layers
    if report.against:
        yield _changes(report, canvas)


def _fitting(report: Report, drawing: Drawing, canvas: Canvas) -> str:
    """Return the most that the terminal has room for."""
    room = drawing.options.update(max_width=_UNBOUNDED)
    for shown in _WIDTHS:
        table = _matrix(report, canvas, shown)
        if Measurement.get(drawing, room, table).maximum <= (canvas.width or _UNBOUNDED):
            break
    return shown


def _matrix(report: Report, canvas: Canvas, shown: str) -> Table:
    """Return the matrix; with marks alone, the targets are numbers that the summary explains."""
    heads = [
        str(number) if shown == "marks" else _head(target, canvas)
        for number, target in enumerate(report.targets, start=1)
    ]
    extra = [word for word in ("version", "licence") if word in shown]
    table = _table(canvas, "package", *extra[:1], *heads, *extra[1:])
    for package in report.packages:
        said = _texts(versions_of(package.targets), package.licence or "unknown")[: len(extra)]
        table.add_row(
            Text(one_line(package.name), style="bold" if canvas.colour else ""),
            *said[:1],
            *(_cell(package.targets[target.id], canvas, shown) for target in report.targets),
            *said[1:],
        )
    return table


def _head(target: Target, canvas: Canvas) -> str:
    if canvas.width is None:
        return target.id
    system, version = platform_words(target.platform)
    return f"{system}\n{f'{version} {target.python}'.strip()}"


def _cell(one: PackageOnTarget, canvas: Canvas, shown: str) -> Text:
    words, size = cell_words(one)
    if canvas.width is None:
        named = one.state.value if words in {one.state.value, ""} else f"{one.state.value}, {words}"
        return Text(one_line(f"{named}, {size}" if size else named))
    text = MARKS[one.state] if shown == "marks" else f"{MARKS[one.state]} {words}"
    text += f" {size}" if size and "size" in shown else ""
    return Text(one_line(text), style=_STYLES[one.state] if canvas.colour else "")


def _summary(report: Report, canvas: Canvas, *, numbered: bool) -> Table:
    table = _table(canvas, *(["#"] if numbered else []), "target", "packages", "size", wraps=numbered)
    for place, target in enumerate(report.targets, start=1):
        counts = []
        for state, number in report.counts(target).items():
            if number:
                counts.append(f"{MARKS[state] + ' ' if numbered else ''}{number} {state.value}")
        words = [target.id, ", ".join(counts) or "none", target_size(report, target)]
        table.add_row(*_texts(*([str(place)] if numbered else []), *words))
    return table


def _refusals(report: Report, canvas: Canvas) -> Table:
    table = _table(canvas, "refused", wraps=True)
    for package in report.packages:
        for target_id, one in package.targets.items():
            if one.state is State.REFUSED:
                table.add_row(*_texts(f"{package.name} on {target_id}: {one.reason}"))
    return table


def _changes(report: Report, canvas: Canvas) -> Table:
    table = _table(canvas, f"changed since {report.against}", wraps=True)
    for where, group in groupby(report.differences, key=lambda one: one.where):
        if where:
            table.add_row(*_texts(where))
        for one in group:
            table.add_row(Text(f"{'  ' if where else ''}{one_line(str(one))}"))
    if not report.differences:
        table.add_row("nothing")
    return table


def _table(canvas: Canvas, *heads: str, wraps: bool = False) -> Table:
    plain = canvas.width is None
    table = Table(
        box=None if plain else box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 2, 0, 0) if plain else (0, 1),
        header_style="bold" if canvas.colour else "",
    )
    for head in heads:
        table.add_column(
            Text("\n".join(one_line(line) for line in head.split("\n"))),
            no_wrap=not wraps or head in {"#", "size", "digest"},
            overflow="fold" if wraps else "ellipsis",
            justify="right" if head == "#" or ("digest" in heads and head == "size") else "left",
        )
    return table


def _texts(*values: str) -> list[Text]:
    """Return texts of strangers: nothing in them is markup or moves the cursor."""
    return [Text(one_line(value)) for value in values]
