"""Writes a report as a page, whole or not at all."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from crosswheel.act.storage.output_file import read_earlier_output, refuse_no_file, write_output_file
from crosswheel.decide.reports.report import Report
from crosswheel.render.report_mark import REPORT_MARK
from crosswheel.render.report_page import report_page
from crosswheel.values.errors import OutputError

__all__ = ["page_of", "refuse_other_report", "write_report"]

_FOLDER = files("crosswheel") / "render" / "page"


def page_of(report: Report) -> bytes:
    """Return the page of a report."""
    style, script = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    return report_page(report, style=style, script=script).encode()


def write_report(report: Report, path: Path) -> None:
    """Write the page of a report to `path`.

    Raises:
        OutputError: it cannot be written, or what stands there is no report.
    """
    refuse_other_report(path)
    write_output_file(path, page_of(report))


def refuse_other_report(path: Path) -> None:
    """Refuse a place that `write_report` would refuse.

    Raises:
        OutputError: what stands there is no report, or no file can be written.
    """
    refuse_no_file(path)
    try:
        there = read_earlier_output(path) or b""
    except OSError:
        return  # the writing says why
    if there.strip() and REPORT_MARK.encode() not in there:
        raise OutputError(
            "write report",
            str(path),
            why="a file that is no report stands there",
            fix="name another file with -o, or remove that one",
        )
