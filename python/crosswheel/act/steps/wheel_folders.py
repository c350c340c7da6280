"""What the step ``build`` leaves: a folder with one wheel and what is known of it, for the steps that follow."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from crosswheel.act.ready_wheel import CheckOutcome, ReadyWheel
from crosswheel.act.storage.output_directory import OutputKind, set_plain_modes
from crosswheel.act.storage.store import digest_of_file
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CheckError, CrosswheelError, InputError

__all__ = ["WHEEL_FACTS", "read_wheel_folder", "write_wheel_folder"]

#: The file that says what a wheel folder holds, and that it is ours to replace.
WHEEL_FACTS = "wheel.json"
_WHEEL = OutputKind(thing="wheel", marker=WHEEL_FACTS)


def write_wheel_folder(destination: Path, wheel: ReadyWheel) -> None:
    """Write `wheel` and its facts to the folder `destination`, whole or not at all.

    Raises:
        OutputError: something else is there, or it cannot be written.
    """
    facts = pretty_json(
        {
            "schema": 1,
            "name": wheel.name,
            "version": wheel.version,
            "target": wheel.target,
            "filename": wheel.filename,
            "sha256": wheel.sha256.hex,
            "build": wheel.build,
            **wheel.outcome.to_json(),
        }
    )
    with _WHEEL.replaced(destination) as folder:
        shutil.copyfile(wheel.path, folder / wheel.filename)
        (folder / WHEEL_FACTS).write_bytes(facts)
        set_plain_modes(folder)


def read_wheel_folder(folder: Path) -> ReadyWheel:
    """Return the wheel in `folder`.

    Raises:
        InputError: it is no wheel folder.
        CheckError: the wheel is not the one that was checked.
    """
    try:
        facts = json.loads((folder / WHEEL_FACTS).read_bytes())
        if facts["schema"] != 1:
            raise ValueError  # noqa: TRY301 # told below
        wheel = _wheel(facts, folder)
    except (OSError, ValueError, KeyError, TypeError, CrosswheelError):
        raise InputError(
            "read wheel folder",
            str(folder),
            why=f"it has no {WHEEL_FACTS} of a wheel",
            fix="give what `crosswheel step build` wrote",
        ) from None
    if not wheel.path.is_file() or digest_of_file(wheel.path) != wheel.sha256:
        raise CheckError(
            "use wheel",
            wheel.filename,
            why=f"it is not the file that {folder.name}/{WHEEL_FACTS} names",
            fix="build it again",
        )
    return wheel


def _wheel(facts: Mapping[str, JsonValue], folder: Path) -> ReadyWheel:
    def text(name: str) -> str:
        value = facts[name]
        if not isinstance(value, str):
            raise TypeError(name)
        return value

    filename = text("filename")
    if Path(filename).name != filename:
        raise ValueError(filename)
    return ReadyWheel(
        name=text("name"),
        version=text("version"),
        target=text("target"),
        filename=filename,
        path=folder / filename,
        sha256=Digest(text("sha256")),
        build=text("build"),
        outcome=CheckOutcome.read(facts),
    )
