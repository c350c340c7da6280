"""What Nix knows of targets is what the core knows."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_TOOL = Path(__file__).parents[2] / "tools" / "make_nix_targets.py"


def test_the_table_of_nix_is_made_from_the_core() -> None:
    specification = importlib.util.spec_from_file_location("make_nix_targets", _TOOL)
    assert specification is not None
    assert specification.loader is not None
    tool = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tool)
    assert tool.TABLE.read_bytes() == tool.nix_targets(), "run tools/make_nix_targets.py"
