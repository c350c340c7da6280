"""Words of the machine that builds, which have no place in what it builds."""

from __future__ import annotations

import socket
from pathlib import Path

from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.target.targets import Target
from crosswheel.target.triples import debian_multiarch

__all__ = ["foreign_triples", "machine_words"]


def machine_words() -> tuple[str, ...]:
    """Return the user's home folder, if there is one, and the machine's name."""
    try:
        return (str(Path.home()), socket.gethostname())
    except RuntimeError:  # a sandbox may have neither HOME nor a list of users
        return (socket.gethostname(),)


def foreign_triples(target: Target) -> tuple[str, ...]:
    """Return names of the build platform that have no place in a wheel for another architecture, `target`'s."""
    here = build_machine_platform()
    return () if here.arch is target.platform.arch else (debian_multiarch(here),)
