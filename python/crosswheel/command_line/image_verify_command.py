"""``crosswheel image verify``: the check of an OCI layout."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.values.printable import one_line
from crosswheel.values.wording import counted

if TYPE_CHECKING:
    from crosswheel.act.images.image_findings import ImageFinding, ImageReport
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``image verify``."""
    parser = subparsers.add_parser(
        "image verify",
        help="check an OCI layout, whoever made it",
        description="Check an image, whoever made it: every document, digest, size and layer of an OCI layout, and that every binary "
        "in it is for the platform it says. Nothing of it is executed. The findings: docs/reference/image-findings.md.",
    )
    parser.add_argument(
        "layout",
        metavar="LAYOUT",
        type=Path,
        help="an OCI layout: a folder or an uncompressed tar archive; or what docker save wrote; all of its images, so without :TAG",
    )
    parser.add_argument(
        "--accept",
        metavar="CODE[:GLOB]",
        action="append",
        default=[],
        help="accept findings of a code, in files that match; repeatable",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print what was found; fail if the layout must not be used."""
    from crosswheel.act.images.verify_layout import verify_layout
    from crosswheel.values.errors import CheckError

    report = verify_layout(arguments.layout, accept=arguments.accept)
    if arguments.json:
        console.json(report.to_json())
    else:
        _say(report, console)
    return CheckError.exit_code if report.refused else 0


def _say(report: ImageReport, console: Console) -> None:
    images = one_line(", ".join(report.images)) or "no image"
    verdict = "refused" if report.refused else "sound"
    binaries = f"{report.binaries} binar{'y' if report.binaries == 1 else 'ies'}"
    size = f"{counted(report.layers, 'layer')}, {report.inflated / 1e6:.1f} MB unpacked, {binaries}"
    console.print(f"{report.layout}: {verdict}: {images}; {size}")
    groups: dict[tuple[str, str, str], list[ImageFinding]] = {}
    for finding in report.findings:
        if finding.severity.value == "note" and not console.verbose:
            continue
        weight = "accepted" if finding.accepted else finding.severity.value
        groups.setdefault((weight, finding.code, finding.message), []).append(finding)
    for (weight, code, message), alike in groups.items():
        if len(alike) == 1:
            console.print(f"  {weight}: {alike[0]}")
            continue
        console.print(f"  {weight}: in {len(alike)} places: {message} [{code}]")
        for finding in alike:
            console.print(f"    {': '.join(filter(None, (finding.place, finding.file)))}")
