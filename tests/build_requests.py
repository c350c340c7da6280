"""Builds that are asked for and never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crosswheel.act.building.build_request import BuildRequest
from crosswheel.target.targets import parse_target_id

__all__ = ["asked_build"]


def asked_build(file: Path, target: str, **more: Any) -> BuildRequest:
    """Return the build of `demo`, whose sdist and headers are `file`, for a target by its id."""
    nothing: Any = None
    return BuildRequest(
        name="demo",
        version="1.0",
        sdist=file,
        target=parse_target_id(target),
        description=nothing,
        headers=file,
        build_python=nothing,
        source_date_epoch=0,
        **more,
    )
