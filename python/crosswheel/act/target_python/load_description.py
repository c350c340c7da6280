"""Which description serves a target: the user's own first, then the one shipped with crosswheel."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import cast

from crosswheel.target.description_json import description_from_json, parse_version
from crosswheel.target.descriptions import TargetDescription, description_id, libc_name
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, json_fault
from crosswheel.values.errors import CrosswheelError, FaultsError, InputError
from crosswheel.values.platforms import Linux, MacOs, Platform
from crosswheel.values.python_abi import PythonAbi

__all__ = [
    "functions_after",
    "functions_since",
    "load_description",
    "shipped_descriptions",
    "unused_descriptions",
]


def shipped_descriptions() -> tuple[str, ...]:
    """Return the names of the descriptions shipped with crosswheel, sorted, e.g. ``cp311-linux_aarch64_glibc``."""
    names = (entry.name for entry in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.startswith("cp")))


def load_description(target: Target, *, extra: Sequence[Path] = ()) -> TargetDescription:
    """Return the description that serves `target`, for its C library version.

    Args:
        target: where the wheel will run.
        extra: description files of the user's; the first whose name or content fits goes before the shipped one.

    Raises:
        InputError: there is none for this target, or the one there is is not sound.
    """
    version = _libc_version(target)
    wanted = description_id(target)
    for path in extra:
        document = _user_document(path)
        description = description_from_json(document, name=path.name, libc_version=_own_version(document))
        if description.id == wanted:
            return _for_its_libc(description_from_json(document, name=path.name, libc_version=version))
    if wanted not in shipped_descriptions():
        raise InputError(
            "describe target",
            target.id,
            why=f"crosswheel ships no description '{wanted}', only {_summary()}",
            fix="make one with `crosswheel target describe --from` from the files of a target Python",
        )
    name = f"{wanted}.json"
    return _for_its_libc(description_from_json(_shipped(name), name=name, libc_version=version))


def unused_descriptions(extra: Sequence[Path], targets: Sequence[Target]) -> list[CrosswheelError]:
    """Return a fault for each description of the user's that serves none of `targets`, or is not sound."""
    wanted = {description_id(target) for target in targets}
    faults: list[CrosswheelError] = []
    for path in extra:
        try:
            document = _user_document(path)
            own = description_from_json(document, name=path.name, libc_version=_own_version(document)).id
        except FaultsError as error:
            faults += error.faults
            continue
        except CrosswheelError as error:
            faults.append(error)
            continue
        if own not in wanted:
            faults.append(
                InputError(
                    "use target description",
                    str(path),
                    why=f"it describes {own}, and no target that is planned is that",
                    fix=f"leave it out, or give one of {', '.join(sorted(wanted))}",
                )
            )
    return faults


def _summary() -> str:
    names = [name.partition("-") for name in shipped_descriptions()]
    pythons = sorted({abi for abi, _, _ in names}, key=lambda abi: (len(abi), abi))
    return f"{', '.join(pythons)} on {', '.join(sorted({platform for _, _, platform in names}))}"


def _libc_version(target: Target) -> tuple[int, int] | None:
    match target.platform.os:
        case Linux(libc=libc):
            return (libc.major, libc.minor)
        case MacOs(major=major, minor=minor):
            return (major, minor)
        case _:
            return None


def _own_version(document: JsonValue) -> tuple[int, int] | None:
    platform = document.get("platform") if isinstance(document, Mapping) else None
    keys = ("libc_version", "deployment_target")
    own = (
        next((platform[key] for key in keys if key in platform), None)
        if isinstance(platform, Mapping)
        else None
    )
    return parse_version(own) if isinstance(own, str) else None


def _user_document(path: Path) -> JsonValue:
    try:
        document = cast("JsonValue", json.loads(path.read_text("utf-8")))
        json.dumps(document, ensure_ascii=False).encode()
    except OSError as error:
        why = error.strerror or "it cannot be read"
    except UnicodeEncodeError:
        why = "it holds half of a surrogate pair, which is no character"
    except (ValueError, RecursionError) as error:
        why = json_fault(error)
    else:
        return document
    raise InputError(
        "read target description", str(path), why=why, fix="make it with `crosswheel target describe --from`"
    )


def _for_its_libc(description: TargetDescription) -> TargetDescription:
    """Return a description without the functions that the C library it is for has not; a newer one had them."""
    pyconfig, absent = description.pyconfig, functions_after(description.platform, description.python)
    macros = {name: None if name in absent else value for name, value in pyconfig.macros.items()}
    return replace(description, pyconfig=replace(pyconfig, macros=macros))


def functions_after(platform: Platform, python: PythonAbi) -> frozenset[str]:
    """Return the macros of a Python's pyconfig.h for functions which only newer C libraries than `platform`'s have."""
    system = platform.os
    if not isinstance(system, Linux):
        return frozenset()
    own = (system.libc.major, system.libc.minor)
    return frozenset(macro for macro, first in functions_since(platform, python).items() if first > own)


def functions_since(platform: Platform, python: PythonAbi) -> Mapping[str, tuple[int, int]]:
    """Return since which version of the C library of `platform` the functions exist that macros of a pyconfig.h stand for.

    Of a Python that none is shipped of, it is as far as the newest shipped one asks for them.
    """
    if not isinstance(platform.os, Linux):
        return {}
    libc = libc_name(platform)
    suffix = ".json" if libc == "glibc" else f"-{libc}.json"
    shipped = sorted(
        name for name in _baselines() if re.fullmatch(rf"pyconfig-3\.\d+{re.escape(suffix)}", name)
    )
    name = f"pyconfig-{python.version}{suffix}"
    table = _document(name if name in shipped else shipped[-1])[f"since_{libc}"]
    versions = {macro: parse_version(first) for macro, first in cast("Mapping[str, str]", table).items()}
    return {macro: version for macro, version in versions.items() if version is not None}


@cache
def _baselines() -> frozenset[str]:
    return frozenset(entry.name for entry in _folder().iterdir())


def _folder() -> Traversable:
    return files("crosswheel") / "toolchains" / "targets"


@cache
def _document(name: str) -> Mapping[str, JsonValue]:
    return cast("Mapping[str, JsonValue]", json.loads((_folder() / name).read_text("utf-8")))


def _shipped(name: str) -> Mapping[str, JsonValue]:
    """Return a shipped description made whole: the baseline's macros, and the architecture's."""
    document = _document(name)
    own = cast("Mapping[str, JsonValue]", document["pyconfig"])
    baseline = _document(cast("str", own["baseline"]))
    macros = {
        **cast("Mapping[str, JsonValue]", baseline["macros"]),
        **cast("Mapping[str, JsonValue]", own["macros"]),
    }
    return {**document, "pyconfig": {"macros": macros, "guarded": baseline["guarded"]}}
