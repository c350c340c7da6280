"""All faults of a pylock document that `packaging` refuses, where `packaging` itself stops at the first.

Runs only for documents known to be wrong, so it is written for completeness, not for speed.
"""

from __future__ import annotations

import copy
import re
from typing import Any

from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError

from crosswheel.values.errors import CrosswheelError, InputError

__all__ = ["faults_of_document"]

_VALID_HEAD: dict[str, Any] = {"lock-version": "1.0", "created-by": "crosswheel", "packages": []}
_ITEM = re.compile(r"packages\[0\]\.?(wheels\[(\d+)\])?(.*)")


def faults_of_document(document: dict[str, Any]) -> list[CrosswheelError]:
    """Return every fault: of the head, then of each package, and in each package of every wheel."""
    faults = _head_faults(document)
    packages = document.get("packages")
    for position, package in enumerate(packages if isinstance(packages, list) else ()):
        faults += _package_faults(position, package)
    return faults


def _refusal_of(document: dict[str, Any]) -> PylockValidationError | None:
    try:
        Pylock.from_dict(document)
    except PylockValidationError as error:
        return error
    return None


def _head_faults(document: dict[str, Any]) -> list[CrosswheelError]:
    """Mend or drop the key at fault and ask again, until the head is valid."""
    head = {key: value for key, value in document.items() if key != "packages"}
    if isinstance(document.get("packages"), list):
        head["packages"] = []
    elif "packages" in document:
        head["packages"] = document["packages"]
    faults: list[CrosswheelError] = []
    while (error := _refusal_of(head)) is not None:
        version_is_wrong = isinstance(error, PylockUnsupportedVersionError)
        key = "lock-version" if version_is_wrong else re.split(r"[.\[]", error.context or "", maxsplit=1)[0]
        faults.append(_fault(error, (error.context or key,)))
        head.pop(key, None)
        if key in _VALID_HEAD:
            head[key] = _VALID_HEAD[key]
    return faults


def _package_faults(position: int, package: Any) -> list[CrosswheelError]:
    rest = copy.deepcopy(package)
    wheels = rest.get("wheels") if isinstance(rest, dict) else None
    numbers = list(range(len(wheels))) if isinstance(wheels, list) else []
    faults: list[CrosswheelError] = []
    while (error := _refusal_of({**_VALID_HEAD, "packages": [rest]})) is not None:
        match = _ITEM.fullmatch(error.context or "")
        place, wheel, end = (
            f"packages[{position}]",
            match and match[2],
            (match[3] if match else "").lstrip("."),
        )
        if wheel is None or not isinstance(wheels, list):
            faults.append(_fault(error, (f"{place}.{end}" if end else place,)))
            break
        number = numbers.pop(int(wheel))
        faults.append(_fault(error, (f"{place}.wheels[{number}]" + (f".{end}" if end else ""),)))
        wheels.pop(int(wheel))
        if not wheels:
            break  # what would follow is only that the package has no source left
    return faults


def _fault(error: PylockValidationError, context: tuple[str, ...]) -> InputError:
    first_line = error.message.splitlines()[0]  # a marker's further lines draw where it is wrong
    message = first_line[:1].lower() + first_line[1:]
    return InputError(
        "read lock file",
        why=message.rstrip("."),
        fix="make the lock anew with the tool that made it",
        context=context,
    )
