"""What builds left, remembered as it was before the check: who accepts what the check found need not compile again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from crosswheel.act.building.build import RawWheel
from crosswheel.act.check.facts import FailedCall
from crosswheel.act.storage.store import Store, digest_of_file
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest

__all__ = ["keep_wheel", "kept_wheel"]

_KIND = "raw-wheels"
#: The kind of tree that a build's sysroot is.
_SYSROOT = "sysroot"


def keep_wheel(store: Store, key: Digest, raw: RawWheel, *, accept: Sequence[str]) -> None:
    """Remember what a build left.

    Args:
        store: it has the build's files already.
        key: digest of everything that the build depends on; what is accepted is no part of it.
        raw: what the build left.
        accept: the findings that are accepted in the check to come.
    """
    record: dict[str, JsonValue] = {
        "accept": list(accept),
        "wheel": _reference(raw.path),
        "log": _reference(raw.log),
        "sysroot": None if raw.sysroot is None else raw.sysroot.name,
        "newer_functions": None if raw.newer_functions is None else _reference(raw.newer_functions),
        "linked": list(raw.linked),
        "failed": [asdict(call) for call in raw.failed],
        "compiled": list(raw.compiled),
    }
    store.write_record(_KIND, key, record)


def kept_wheel(store: Store, key: Digest, *, accept: Sequence[str]) -> RawWheel | None:
    """Return what a build left, if it is all there, undamaged, and was checked with other findings accepted.

    Who runs a refused build again with the same findings accepted wants another try: its compiler may have been killed for memory.
    """
    record = store.read_record(_KIND, key)
    if not isinstance(record, Mapping) or record["accept"] == list(accept):
        return None
    wheel, log = _file(store, record["wheel"]), _file(store, record["log"])
    newer, sysroot = _file(store, record["newer_functions"]), _tree(store, record["sysroot"])
    lost = (newer is None and record["newer_functions"]) or (sysroot is None and record["sysroot"])
    if wheel is None or log is None or lost:
        return None
    return RawWheel(
        path=wheel,
        log=log,
        sysroot=sysroot,
        newer_functions=newer,
        linked=_texts(record["linked"]),
        failed=tuple(_failed_call(call) for call in _list(record["failed"])),
        compiled=_texts(record["compiled"]),
    )


def _reference(file: Path) -> JsonValue:
    return [digest_of_file(file).hex, file.name]


def _file(store: Store, reference: JsonValue) -> Path | None:
    if reference is None:
        return None
    digest, filename = _texts(reference)
    return store.verified(Digest(digest), filename=filename)


def _tree(store: Store, name: JsonValue) -> Path | None:
    return None if name is None else store.tree(_SYSROOT, Digest(str(name)))


def _failed_call(call: JsonValue) -> FailedCall:
    assert isinstance(call, Mapping), "`keep_wheel` writes nothing else"
    return FailedCall(
        file=str(call["file"]),
        of_project=bool(call["of_project"]),
        error=str(call["error"]),
        linking=bool(call["linking"]),
    )


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(map(str, _list(value)))


def _list(value: JsonValue) -> list[JsonValue]:
    assert isinstance(value, list), "`keep_wheel` writes nothing else"
    return value
