"""Settings of all tests, their order, and which of them one process runs when there are several."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from printed_documents import hold_documents
from process_groups import begins, stays_with

# A busy machine may be slow to make inputs, which says nothing about the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def _documents() -> Iterator[None]:
    """Hold what is printed with ``--json`` against its page, in all tests."""
    with pytest.MonkeyPatch.context() as patch:
        hold_documents(patch)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first."""
    items.sort(key=lambda item: begins(item.nodeid))


class ByTool(LoadScopeScheduling):  # type: ignore[misc]  # its package does not say that it is typed
    """Gives a file's tests to one process, and so all end-to-end files of one tool.

    ``test_bazel.py`` and ``test_bazel_images.py`` share a workspace that takes minutes to make: the first word of the name
    after ``test_`` is the tool's.
    """

    def _split_scope(self, nodeid: str) -> str:
        """Return what the tests that stay together have in common, given one test's id."""
        return stays_with(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Return who gives tests to processes."""
    return ByTool(config, log)
