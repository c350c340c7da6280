"""Fixtures of the end-to-end tests: target Pythons, build Pythons and the crosswheel command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.build_pythons import build_python as find_build_python
from e2e.target_pythons import TargetPython
from e2e.target_pythons import target_python as set_up_target_python


@pytest.fixture(scope="session")
def target_python() -> Callable[..., TargetPython]:
    """Return a function from architecture and version (default 3.11) to a target Python that runs under qemu."""
    return set_up_target_python


@pytest.fixture(scope="session")
def build_python() -> Callable[[str], Path]:
    """Return a function from a version to an interpreter of this machine that has its headers."""
    return find_build_python
