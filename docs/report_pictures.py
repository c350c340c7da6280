"""Makes the pictures of the guides from real runs: `make pictures`. Needs the network and Chromium.

The page is that of docs/examples/web-service, the terminal's table that of docs/examples/ten-packages; what terminals show of planning and
building is of a small project that is made here, and what they show of a failure is of a log that tests/golden keeps.
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

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
    pictures_of_a_project()
    picture_of_an_explanation()
    picture_of_a_failure()
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
    write_drawing(drawing, "report-terminal", title="crosswheel report")


def write_drawing(drawing: Console, name: str, *, title: str) -> None:
    """Write what was drawn as a picture that loads nothing: no fonts of a server either."""
    text = drawing.export_svg(title=title, unique_id=name)
    text = re.sub(r"@font-face \{.*?\}\s*", "", text, flags=re.DOTALL)
    (_PICTURES / f"{name}.svg").write_text(text, encoding="utf-8")


def pictures_of_a_project() -> None:
    """Draw what a terminal shows of a plan, and of builds while they run."""
    target = ["--target", "linux_arm64", "--python", "3.11"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.joinpath("requirements.in").write_text("flask\nnumpy\nkiwisolver\nmsgpack\npyyaml\n")
        # A variable that no build had before: what a store holds would be no work to show.
        folder.joinpath("crosswheel.toml").write_text(
            "".join(
                f'[packages.{one}]\nprefer = "sdist"\nenvironment = {{ PICTURE_OF = "{time.time_ns()}" }}\n'
                for one in ("kiwisolver", "markupsafe", "msgpack", "pyyaml")
            )
        )
        lock_in(folder)
        draw_run("terminal-plan", ["plan", "pylock.toml", *target], folder)
        draw_run("terminal-build", ["build", "wheels.plan.json", "-o", "dist/"], folder, working=True)


def picture_of_an_explanation() -> None:
    """Draw what a terminal shows of a package that has wheels, none of them for the target."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "requirements.in").write_text("pycairo==1.27.0\n")
        lock_in(Path(folder))
        words = ["explain", "pylock.toml", "pycairo", "--target", "linux_arm64", "--python", "3.11"]
        draw_run("terminal-explain", words, Path(folder))


def lock_in(folder: Path) -> None:
    """Lock the requirements in a folder."""
    words = [
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--python-version",
        "3.11",
        "--format",
        "pylock.toml",
    ]
    uv = str(crosswheel().with_name("uv"))
    subprocess.run([uv, *words, "requirements.in", "-o", "pylock.toml"], cwd=folder, check=True)


def picture_of_a_failure() -> None:
    """Draw what a terminal shows of a build that failed."""
    (log,) = (_DOCS.parent / "tests" / "golden" / "why_failed").glob("pycairo-*.log")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(log, folder)
        draw_run("terminal-why-failed", ["why-failed", log.name], Path(folder))


def draw_run(name: str, words: list[str], folder: Path, *, working: bool = False) -> None:
    """Run a command in a terminal and draw what that shows at the end, or `working` at the last moment at which builds run."""
    from rich.console import Console
    from rich.text import Text

    shown = ""
    for screen in screens(words, folder):
        if not working or re.search(r"^\[build \d.*,.* build ", screen.rpartition("\n")[2]):
            shown = screen
    drawing = Console(record=True, width=_COLUMNS, file=StringIO(), force_terminal=True, legacy_windows=False)
    drawing.print(Text.assemble("$ ", (f"crosswheel {' '.join(words)}", "bold")))
    # The picture ends a little above the end of its last line.
    drawing.print(Text(f"{shown.rstrip()}\n"))
    write_drawing(drawing, name, title=f"crosswheel {words[0]}")


def screens(words: list[str], folder: Path) -> Iterator[str]:
    """Run a command in a terminal, and yield what that shows whenever it changes.

    Raises:
        CalledProcessError: the command failed.
    """
    ours, theirs = pty.openpty()
    environment = {**path_with_programs(), "TERM": "xterm", "COLUMNS": str(_COLUMNS), "LINES": "50"}
    command = [str(crosswheel()), *words]
    with subprocess.Popen(
        command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as running:
        os.close(theirs)
        written = b""
        try:
            while data := os.read(ours, 1 << 16):
                written += data
                yield shown_of(written.decode(errors="ignore"))
        except OSError:  # what a terminal says to its reader when the last writer has left
            pass
        finally:
            os.close(ours)
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command, output=written)


def shown_of(written: str) -> str:
    """Return what a terminal shows: of each line what was written last at each place."""
    lines = []
    for line in written.replace("\r\n", "\n").split("\n"):
        shown: list[str] = []
        for part in line.split("\r"):
            shown[: len(part)] = part
        lines.append("".join(shown).rstrip())
    return "\n".join(lines)


def path_with_programs() -> dict[str, str]:
    """The environment, with this interpreter's programs first on the path."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


if __name__ == "__main__":
    main()
