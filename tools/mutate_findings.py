"""Break every place where the check says a finding's code, one at a time, and see that a test fails each time.

A maintainer's program, to be run after findings were added; it takes a quarter of an hour::

    python tools/mutate_findings.py                    # all codes
    python tools/mutate_findings.py wrong-libc zip-bomb

It works on a copy of the checkout. What survives is printed last, with file and line: write a test for it.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.check.findings import FINDING_CODES

_ROOT = Path(__file__).parents[1]
_CHECK = Path("python/crosswheel/act/check")
_TESTS = (
    "test_check_*.py",
    "test_finish_wheel.py",
    "test_graft.py",
    "test_silent_wrongness.py",
    "test_stable_abi.py",
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a code stands: columns are counted in bytes, as `ast` does."""

    code: str
    path: Path
    line: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.code} at {self.path}:{self.line}"


def places(root: Path) -> Iterator[Place]:
    """Yield every string of the check's source that is a code, but for the table itself."""
    for path in sorted((root / _CHECK).glob("*.py")):
        if path.name == "findings.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and node.value in FINDING_CODES:
                end = node.end_col_offset or 0
                yield Place(str(node.value), path.relative_to(root), node.lineno, node.col_offset, end)


def mutated(text: str, place: Place) -> str:
    """Return the source with another code in that place."""
    other = "accelerator-code" if place.code != "accelerator-code" else "foreign-format"
    lines = text.splitlines(keepends=True)
    line = lines[place.line - 1].encode()
    lines[place.line - 1] = (line[: place.start] + f'"{other}"'.encode() + line[place.end :]).decode()
    return "".join(lines)


def tests_pass(root: Path, code: str) -> bool:
    """Run the tests that name a code; when none does, it is not tested."""
    found = [path for pattern in _TESTS for path in sorted((root / "tests" / "python").glob(pattern))]
    naming = [str(path) for path in found if code in path.read_text()]
    if not naming:
        return True
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *naming]
    return (
        subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False).returncode == 0
    )


def main(codes: Sequence[str]) -> int:
    """Mutate the places of `codes`, or of all; return 1 when a mutation survived."""
    survivors = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "checkout"
        ignored = shutil.ignore_patterns(".venv*", ".git", ".*_cache", "__pycache__")
        shutil.copytree(_ROOT, root, symlinks=True, ignore=ignored)
        for place in list(places(root)):
            if codes and place.code not in codes:
                continue
            path = root / place.path
            text = path.read_text()
            path.write_text(mutated(text, place))
            survived = tests_pass(root, place.code)
            path.write_text(text)
            print(f"{'SURVIVED' if survived else 'found'}: {place}", flush=True)  # noqa: T201
            survivors += [place] if survived else []
    print(f"{len(survivors)} survived", *survivors, sep="\n  ")  # noqa: T201
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
