"""Threads that work side by side, and end together when the user interrupts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

__all__ = ["worker_pool"]


@contextmanager
def worker_pool(workers: int, *, stop: Callable[[], None] | None = None) -> Iterator[ThreadPoolExecutor]:
    """Yield a pool; an exception in the context, such as Ctrl-C, takes back what has not begun.

    Args:
        workers: how many at a time; at least one.
        stop: called on such an exception: makes what has begun end soon.
    """
    pool = ThreadPoolExecutor(max_workers=max(1, workers))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        if stop is not None:
            stop()
        raise
    finally:
        pool.shutdown()
