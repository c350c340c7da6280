"""Wheels as `wheels_of_repository` gives them, and the layers made of them, for tests."""

from __future__ import annotations

from pathlib import Path

from crosswheel.act.layers.layer_folder import LayerFolder, write_layers
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.target_wheels import CheckedWheel, TargetWheels
from installing import ARM


def checked(*wheels: Path) -> TargetWheels:
    return TargetWheels(
        target=ARM, wheels=tuple(CheckedWheel(path=wheel, sha256=digest_of_file(wheel)) for wheel in wheels)
    )


def write(tmp_path: Path, *wheels: Path, **options: object) -> LayerFolder:
    return write_layers(checked(*wheels), tmp_path / "layers", **options)  # type: ignore[arg-type]
