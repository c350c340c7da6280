"""Settings of all tests, and which of them run in one process when several do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, settings

# A busy machine may be slow to make inputs, which says nothing about the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

#: A fixture that is slow to make and shared by files of tests, which therefore stay together.
_SHARED = "built"


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Keep the tests of a file in one process, for they share its fixtures (https://pytest-xdist.readthedocs.io)."""
    for item in items:
        shared = _SHARED in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group(_SHARED if shared else item.path.name))
