"""Makes the pictures of docs/guides/report.md from the examples: `make pictures`. Needs the network and Chromium.

The page is that of docs/examples/web-service, the terminal's table that of docs/examples/ten-packages.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

_DOCS = Path(__file__).resolve().parent
_EXAMPLES = _DOCS / "examples"
_PICTURES = _DOCS / "guides" / "pictures"
sys.path[:0] = [str(_DOCS.parent / "tests"), str(_EXAMPLES / "web-service")]

from browser import browser  # noqa: E402

#: Larger ones are no help for whoever clones the repository.
_LARGEST = 200_000
_COLUMNS = 104


def main() -> None:
    """Make them all."""
    _PICTURES.mkdir(exist_ok=True)
    page_pictures()
    terminal_picture()
    for path in sorted(_PICTURES.iterdir()):
        size = path.stat().st_size
        print(f"{path.relative_to(_DOCS.parent)}: {size} bytes")
        if size > _LARGEST:
            raise SystemExit(f"{path.name} is larger than {_LARGEST} bytes")


def page_pictures() -> None:
    """Photograph the matrix and the build of a package."""
    from demo import lock, plan_and_build

    lock()
    plan_and_build(".demo/dist")
    example = _EXAMPLES / "web-service"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, browser(Path(folder)) as page:
        report = Path(folder) / "report.html"
        words = ["report", "wheels.plan.json", "--wheels", ".demo/dist", "-o", str(report)]
        subprocess.run([str(crosswheel()), *words], cwd=example, check=True)
        page.open(report.as_uri(), width=1180, height=820)
        page.screenshot(_PICTURES / "report.png")
        page.open(report.as_uri(), width=1180, height=700, dark=True)
        page.click('[data-p="kiwisolver"] .cell')
        page.screenshot(_PICTURES / "report-build.png")


def crosswheel() -> Path:
    """The command."""
    return Path(sys.executable).with_name("crosswheel")


def terminal_picture() -> None:
    """Draw what a terminal shows."""
    from rich.console import Console
    from rich.text import Text

    from crosswheel.act.reporting.make_report import report_on_plan
    from crosswheel.command_line.console import Canvas
    from crosswheel.command_line.report_tables import report_drawing

    example = _EXAMPLES / "ten-packages"
    subprocess.run(["bash", "plan.sh"], cwd=example, check=True, env=path_with_programs())
    drawing = Console(record=True, width=_COLUMNS, file=StringIO(), force_terminal=True, legacy_windows=False)
    drawing.print(Text("$ crosswheel report wheels.plan.json"))
    report_drawing(report_on_plan(example / "wheels.plan.json"), drawing, Canvas(width=_COLUMNS, colour=True))
    text = drawing.export_svg(title="crosswheel report", unique_id="report")
    # Fonts of a server: a picture loads nothing either.
    text = re.sub(r"@font-face \{.*?\}\s*", "", text, flags=re.DOTALL)
    (_PICTURES / "report-terminal.svg").write_text(text, encoding="utf-8")


def path_with_programs() -> dict[str, str]:
    """The environment, with this interpreter's programs first on the path."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


if __name__ == "__main__":
    main()
