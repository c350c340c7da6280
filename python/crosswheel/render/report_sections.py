"""The parts of a report's page beside the matrix: builds, image layers, what changed against another plan."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from crosswheel.decide.documents.difference import Difference
from crosswheel.decide.reports.report import Report, ReportBuild, ReportImage, ReportLayer
from crosswheel.values.wording import counted

from .byte_sizes import size_text
from .html_text import html_text

__all__ = ["builds_section", "changes_section", "images_section"]

#: Width of a bar, in its own units.
_BAR = 1000
#: Digits of a digest that are shown; the whole one is its title.
_DIGITS = 19


def builds_section(report: Report) -> str:
    """Return the table of builds; empty if nothing is built."""
    if not report.builds:
        return ""
    rows = "".join(_build_row(build) for build in report.builds.values())
    return (
        '<div class="scroll"><table><thead><tr><th scope="col">Build</th><th scope="col">For</th><th scope="col">Backend</th>'
        '<th scope="col" class="number">Reads</th><th scope="col">Compared with</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _build_row(build: ReportBuild) -> str:
    compared = html_text(build.compared_with) or '<span class="unknown">nothing</span>'
    return (
        f'<tr><th scope="row"><button type="button" class="link" data-build="{html_text(build.id)}">'
        f"{html_text(build.name)} {html_text(build.version)}</button></th><td><code>{html_text(build.target)}</code></td>"
        f'<td class="whole"><code>{html_text(build.backend)}</code></td><td class="number">{len(build.inputs)} files</td>'
        f"<td><code>{compared}</code></td></tr>\n"
    )


def images_section(report: Report) -> str:
    """Return the layers of each image; empty if there is none."""
    return "".join(_image(image) for image in report.images)


def _image(image: ReportImage) -> str:
    largest = max((layer.size for layer in image.layers), default=0)
    rows = "".join(_layer(number, layer, largest) for number, layer in enumerate(image.layers, start=1))
    count = f"{len(image.layers)} layer{'' if len(image.layers) == 1 else 's'}"
    return (
        f'<h3>{html_text(image.name)} <span class="platform">{html_text(image.platform)}</span></h3>'
        f"<p>{count}, {size_text(image.size)} as sent, the lowest first</p>"
        '<div class="scroll"><table class="layers"><thead><tr><th scope="col" class="number">#</th><th scope="col">Layer</th>'
        '<th scope="col" class="number">Size</th><th scope="col"><span class="hidden">Share</span></th>'
        f'<th scope="col">Digest</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _layer(number: int, layer: ReportLayer, largest: int) -> str:
    width = round(_BAR * layer.size / largest) if largest else 0
    wheels = ""
    if len(layer.wheels) > 1:
        items = "".join(f"<li><code>{html_text(wheel)}</code></li>" for wheel in layer.wheels)
        wheels = (
            f"<details><summary>{counted(len(layer.wheels), 'wheel')}</summary><ul>{items}</ul></details>"
        )
    elif layer.wheels:
        wheels = f"<br><code>{html_text(layer.wheels[0])}</code>"
    return (
        f'<tr><td class="number">{number}</td><th scope="row">{html_text(layer.name)}{wheels}</th>'
        f'<td class="number">{size_text(layer.size)}</td><td><svg class="share" viewBox="0 0 {_BAR} 10" '
        f'preserveAspectRatio="none" aria-hidden="true"><rect width="{width}" height="10"/></svg></td>'
        f'<td><code title="{html_text(layer.digest)}">{html_text(layer.digest[:_DIGITS])}</code></td></tr>\n'
    )


def changes_section(report: Report) -> str:
    """Return what differs from the other plan; empty if there is none to compare with."""
    if not report.against:
        return ""
    against = f"<p>Against <code>{html_text(report.against)}</code>"
    if not report.differences:
        return f"{against}: no difference.</p>"
    parts = [
        _changes(where, list(group))
        for where, group in groupby(report.differences, key=lambda one: one.where)
    ]
    count = len(report.differences)
    return f"{against}: {count} difference{'' if count == 1 else 's'}.</p>{''.join(parts)}"


def _changes(where: str, found: Sequence[Difference]) -> str:
    rows = "".join(
        f'<tr class="{_kind(one)}"><th scope="row">{html_text(one.what)}</th><td class="whole">{_kind(one)}</td>'
        f"<td>{html_text(one.old)}</td><td>{html_text(one.new)}</td></tr>\n"
        for one in found
    )
    return (
        f'<h3>{html_text(where) or "The whole plan"}</h3><div class="scroll"><table class="changes"><thead><tr>'
        '<th scope="col">What</th><th scope="col"></th><th scope="col">Before</th><th scope="col">After</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _kind(one: Difference) -> str:
    if not one.old:
        return "added"
    return "changed" if one.new else "removed"
