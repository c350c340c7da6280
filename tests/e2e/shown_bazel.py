"""The ``bazel`` that pages of the documentation call: as ``python -m e2e.shown_bazel STATE WORD...``, in a workspace.

It has all that the plan and the base lock name at hand, for tests let Bazel download nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from crosswheel.api import read_plan
from crosswheel.decide.images.base_lock import base_lock_from_json
from e2e.bazel_workspace import Workspace, open_workspace

__all__ = ["workspace_of"]


def workspace_of(folder: Path, state: Path) -> Workspace:
    """Return the workspace of a reader."""
    downloads = list(read_plan(folder / "wheels.plan.json").artifacts.values())
    base = folder / "base.lock.json"
    if base.is_file():
        downloads += base_lock_from_json(base.read_bytes(), name=base.name).artifacts.values()
    return open_workspace(folder, state, downloads)


def main(state: str, *words: str) -> None:
    """Call Bazel, and say what it says."""
    answer = workspace_of(Path.cwd(), Path(state)).bazel(*words)
    print(answer.printed, answer.said, sep="", end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
