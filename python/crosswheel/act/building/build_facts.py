"""Which lines of a build's own Python code read facts of the interpreter that cannot be the target's.

The byte order is the interpreter's own and is never pretended (docs/decisions/0006-the-view.md); a `setup.py` that derives
macros from it would build a wrong wheel without a word. The width of a pointer is not among them: the view answers with the
target's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from crosswheel.act.building.build_python import BuildPython
from crosswheel.target.targets import Target
from crosswheel.values.errors import BuildError

__all__ = ["refuse_build_facts"]

_BYTE_ORDER = re.compile(r"\bsys\s*\.\s*byteorder\b|\bfrom\s+sys\s+import\b.*\bbyteorder\b")


def refuse_build_facts(
    source: Path, backend_path: Sequence[str], *, target: Target, python: BuildPython
) -> None:
    """Refuse a source tree whose `setup.py` or in-tree backend reads facts that differ for the target.

    Args:
        source: the unpacked sdist.
        backend_path: folders of an in-tree backend.
        target: the target.
        python: the build Python.

    Raises:
        BuildError: a line reads one of them; file and line are named.
    """
    if target.platform.arch.byteorder == python.byteorder:
        return
    found = list(_matching_lines(source, backend_path, _BYTE_ORDER))
    if found:
        raise BuildError(
            "build for target",
            target.id,
            why=f"its build code reads a fact of the build Python that is another on the target, in {found[0]}",
            fix="patch it, or, if it does not decide what is compiled, set accept-build-facts for the package",
            details=found,
        )


def _matching_lines(source: Path, backend_path: Sequence[str], pattern: re.Pattern[str]) -> Iterator[str]:
    for file in _build_code(source, backend_path):
        for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), start=1):
            if pattern.search(line.partition("#")[0]):
                yield f"{file.relative_to(source).as_posix()}:{number}: {line.strip()}"


def _build_code(source: Path, backend_path: Sequence[str]) -> Iterator[Path]:
    if (source / "setup.py").is_file():
        yield source / "setup.py"
    for folder in backend_path:
        # `.` holds the whole project: what is imported from there for the build cannot be told from the rest
        pattern = "*.py" if folder in {".", ""} else "**/*.py"
        for file in sorted((source / folder).glob(pattern)):
            if file.is_file() and not file.is_symlink() and file != source / "setup.py":
                yield file
