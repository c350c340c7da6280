"""The ``nix`` that pages of the documentation call: as ``python -m e2e.shown_nix PROJECT STANDIN WORD...``.

crosswheel is the flake in PROJECT, nixpkgs the one in STANDIN, and all that the plan and the base lock name is in the store.
"""

from __future__ import annotations

import sys
from pathlib import Path

from e2e.nix_program import set_up_nix
from e2e.nix_project import add_fetched

__all__: list[str] = []


def main(project: str, standin: str, *words: str) -> None:
    """Call Nix and say what it says."""
    nix = set_up_nix()
    base = Path("base.lock.json").resolve()
    add_fetched(nix, Path("wheels.plan.json").resolve(), base if base.is_file() else None)
    print(
        nix(
            *words,
            *("--override-input", "crosswheel", f"path:{project}"),
            *("--override-input", "crosswheel/nixpkgs", f"path:{standin}", "--no-write-lock-file"),
            cwd=Path.cwd(),
        ),
        end="",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
