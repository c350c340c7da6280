"""Every name that musl's loader gives to a program: musl is one library, so what is not there is nowhere."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

__all__ = ["is_musl_name"]


@cache
def _names() -> frozenset[str]:
    text = (files("crosswheel") / "toolchains" / "musl_symbols.json").read_text("utf-8")
    return frozenset(json.loads(text)["symbols"])


def is_musl_name(symbol: str) -> bool:
    """Tell whether any musl has `symbol`, on any architecture.

    >>> is_musl_name("memcpy"), is_musl_name("__memcpy_chk")
    (True, False)
    """
    return symbol in _names()
