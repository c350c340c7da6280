"""Where the headers of target Pythons come from, as options and the configuration say it: ``SOURCE`` or ``TARGET=SOURCE``."""

from __future__ import annotations

from collections.abc import Iterable

from crosswheel.decide.plans.plan import BUILD_PYTHON_HEADERS
from crosswheel.target.spellings import parse_target
from crosswheel.target.targets import Target

__all__ = ["headers_place", "headers_source_for", "headers_target_name"]


def headers_target_name(text: str) -> str | None:
    """Return TARGET of ``TARGET=SOURCE``, or ``None`` of a plain ``SOURCE``.

    >>> headers_target_name("linux_arm64=packs/a.tar")
    'linux_arm64'
    """
    name, separator, _ = text.partition("=")
    return name if separator and "/" not in name and "#" not in name else None


def headers_place(text: str) -> str:
    """Return SOURCE, of which TARGET may stand before.

    >>> headers_place("linux_arm64=packs/a.tar")
    'packs/a.tar'
    """
    name = headers_target_name(text)
    return text if name is None else text.removeprefix(f"{name}=")


def headers_source_for(target: Target, *said: Iterable[str]) -> str:
    """Return the source meant for a target: ``TARGET=SOURCE`` before a plain ``SOURCE``.

    Args:
        target: the target.
        said: what each place says, in the order in which they go before each other.

    Raises:
        InputError: a TARGET is no spelling of a target.
    """
    for sources in said:
        plain = None
        for text in sources:
            name = headers_target_name(text)
            if name is None:
                plain = text
            elif parse_target(name, python=target.python).target == target:
                return headers_place(text)
        if plain is not None:
            return plain
    return BUILD_PYTHON_HEADERS
