"""A report in the terminal: drawn where there is one, aligned words where there is none."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from io import StringIO
from itertools import groupby

from rich import box
from rich.console import Console as Drawing
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from crosswheel.command_line.console import Canvas, Console
from crosswheel.decide.reports.report import PackageOnTarget, Report, ReportImage, State
from crosswheel.render.byte_sizes import size_text
from crosswheel.render.report_words import (
    MARKS,
    cell_words,
    counts_of,
    platform_words,
    state_words,
    target_size,
    versions_of,
)
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
#: What stands for lines and marks where the terminal's encoding has none, each as wide.
_IN_ASCII = str.maketrans(
    {
        "\N{BOX DRAWINGS LIGHT HORIZONTAL}": "-",
        MARKS[State.PURE]: "o",
        MARKS[State.PREBUILT]: "*",
        MARKS[State.BUILT]: "+",
        MARKS[State.REFUSED]: "x",
        MARKS[State.ABSENT]: "-",
    }
)
#: As wide as lines are where there is no terminal; nothing is ever as long.
_UNBOUNDED = 100_000
#: Room for what the summary says beside a target's id, in lines of a word or two.
_OTHER_COLUMNS = 30


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
    text = drawing.file.getvalue()
    lines = (text.translate(_IN_ASCII) if canvas.ascii else text).splitlines()
    console.print_drawn("\n".join(line.rstrip() for line in lines))


def report_drawing(report: Report, drawing: Drawing, canvas: Canvas) -> None:
    """Draw a report.

    Args:
        report: what it says.
        drawing: what draws it.
        canvas: what it is drawn on.
    """
    for number, table in enumerate(_tables(report, drawing, canvas)):
        if number and canvas.width is None:
            drawing.print()
        drawing.print(table)


def _tables(report: Report, drawing: Drawing, canvas: Canvas) -> Iterator[Table]:
    if report.packages:
        yield from _matrix(report, drawing, canvas)
    yield _summary(report, canvas)
    if any(report.counts(target)[State.REFUSED] for target in report.targets):
        yield _refusals(report, canvas)
    for image in report.images:
        yield _layers(image, drawing, canvas)
    if report.against:
        yield _changes(report, canvas)


def _matrix(report: Report, drawing: Drawing, canvas: Canvas) -> Iterator[Table]:
    """Yield the matrix: as one table, or where the terminal is too narrow for it as several, one below the other.

    Each has the packages and as many of the other columns as there is room for, at least one.
    """
    names = [Text(one_line(one.name), style="bold" if canvas.colour else "") for one in report.packages]
    columns = [("version", _texts(*(versions_of(one.targets) for one in report.packages)))]
    for target in report.targets:
        cells = [_cell(package.targets[target.id], canvas) for package in report.packages]
        columns.append((_head(target, canvas), cells))
    columns.append(("licence", _texts(*(one.licence or "unknown" for one in report.packages))))
    shown: list[tuple[str, list[Text]]] = []
    for column in columns:
        if shown and not _fits(_columns(canvas, ("package", names), *shown, column), drawing, canvas):
            yield _columns(canvas, ("package", names), *shown)
            shown = []
        shown.append(column)
    yield _columns(canvas, ("package", names), *shown)


def _columns(canvas: Canvas, *columns: tuple[str, list[Text]]) -> Table:
    table = _table(canvas, *(head for head, _ in columns))
    for row in zip(*(cells for _, cells in columns), strict=True):
        table.add_row(*row)
    return table


def _fits(table: Table, drawing: Drawing, canvas: Canvas) -> bool:
    room = drawing.options.update(max_width=_UNBOUNDED)
    return Measurement.get(drawing, room, table).maximum <= (canvas.width or _UNBOUNDED)


def _head(target: Target, canvas: Canvas) -> str:
    if canvas.width is None:
        return target.id
    system, version = platform_words(target.platform)
    return f"{system}\n{f'{version} {target.python}'.strip()}"


def _cell(one: PackageOnTarget, canvas: Canvas) -> Text:
    words, size = cell_words(one)
    if canvas.width is None:
        alone = state_words(one)
        named = alone if words in {alone, ""} else f"{alone}, {words}"
        return Text(one_line(f"{named}, {size}" if size else named))
    text = f"{MARKS[one.state]} {words}{f' {size}' if size else ''}"
    return Text(one_line(text), style=_STYLES[one.state] if canvas.colour else "")


def _summary(report: Report, canvas: Canvas) -> Table:
    # A broken id is hard to read, but better than one that lacks its end.
    longest = max((len(target.id) for target in report.targets), default=0)
    whole = ("target",) if longest + _OTHER_COLUMNS <= (canvas.width or _UNBOUNDED) else ()
    table = _table(canvas, "target", "packages", "size", whole=whole)
    for target in report.targets:
        counts = [f"{number} {words}" for _, words, number in counts_of(report, [target])]
        table.add_row(*_texts(target.id, ", ".join(counts) or "none", target_size(report, target)))
    return table


def _layers(image: ReportImage, drawing: Drawing, canvas: Canvas) -> Table:
    """Return the layers of an image; where there is no room beside its name, a layer's digest stands below it."""
    title = f"{image.name}, {image.platform}: {size_text(image.size)}"
    beside = _table(canvas, "#", "size", "digest", title)
    below = _table(canvas, "#", title)
    for number, layer in enumerate(image.layers, start=1):
        beside.add_row(*_texts(str(number), size_text(layer.size), layer.digest, layer.name))
        (words,) = _texts(f"{layer.name}, {size_text(layer.size)}")
        below.add_row(str(number), words.append(f"\n{one_line(layer.digest)}"))
    return beside if _fits(beside, drawing, canvas) else below


def _refusals(report: Report, canvas: Canvas) -> Table:
    table = _table(canvas, "refused")
    for package in report.packages:
        for target_id, one in package.targets.items():
            if one.state is State.REFUSED:
                table.add_row(*_texts(f"{package.name} on {target_id}: {one.reason}"))
    return table


def _changes(report: Report, canvas: Canvas) -> Table:
    table = _table(canvas, f"changed since {report.against}")
    for where, group in groupby(report.differences, key=lambda one: one.where):
        if where:
            table.add_row(*_texts(where))
        for one in group:
            table.add_row(Text(f"{'  ' if where else ''}{one_line(str(one))}"))
    if not report.differences:
        table.add_row("nothing")
    return table


def _table(canvas: Canvas, *heads: str, whole: Collection[str] = ("#",)) -> Table:
    """Return a table without rows; what is too long for its column goes on in the next line, and nothing is left out."""
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
            no_wrap=head in whole,
            overflow="fold",
            justify="right" if head == "#" or ("digest" in heads and head == "size") else "left",
        )
    return table


def _texts(*values: str) -> list[Text]:
    """Return texts of strangers: nothing in them is markup or moves the cursor."""
    return [Text(one_line(value)) for value in values]
