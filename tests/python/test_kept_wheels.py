"""What a build left is found again when other findings are accepted, and only then."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crosswheel.act.building.build import RawWheel
from crosswheel.act.building.kept_wheels import keep_wheel, kept_wheel
from crosswheel.act.check.facts import FailedCall
from crosswheel.act.storage.store import Store
from crosswheel.values.digests import digest_of

_KEY = digest_of(b"all that the build depends on")


def _file(store: Store, name: str) -> Path:
    kept = store.artifact(store.add_bytes(name.encode(), name), filename=name)
    assert kept is not None
    return kept


def _raw(store: Store) -> RawWheel:
    return RawWheel(
        path=_file(store, "demo-1.0-cp311-cp311-linux_aarch64.whl"),
        log=_file(store, "demo.log"),
        sysroot=store.make_tree("sysroot", digest_of(b"libraries"), lambda folder: None),
        newer_functions=_file(store, "newer.so"),
        linked=("libz1", "zlib1g-dev"),
        failed=(FailedCall(file="lost.c", of_project=True, error="no", linking=True),),
        compiled=("lost.c", "good.c"),
    )


def test_what_a_build_left_is_found_again_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for raw in (_raw(store), RawWheel(path=_file(store, "pure.whl"), log=_file(store, "pure.log"))):
        keep_wheel(store, _KEY, raw, accept=["store-path"])
        assert kept_wheel(store, _KEY, accept=[]) == raw


def test_the_same_findings_accepted_ask_for_another_try(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep_wheel(store, _KEY, _raw(store), accept=["store-path"])
    assert kept_wheel(store, _KEY, accept=["store-path"]) is None
    assert kept_wheel(store, digest_of(b"another build"), accept=[]) is None


@pytest.mark.parametrize("lost", ["path", "log", "sysroot", "newer_functions"])
def test_nothing_is_found_where_a_part_is_gone(tmp_path: Path, lost: str) -> None:
    store = Store(tmp_path)
    raw = _raw(store)
    keep_wheel(store, _KEY, raw, accept=[])
    part: Path = getattr(raw, lost)
    shutil.rmtree(part if lost == "sysroot" else part.parent)
    assert kept_wheel(store, _KEY, accept=["store-path"]) is None


def test_a_damaged_wheel_is_not_taken(tmp_path: Path) -> None:
    raw = _raw(Store(tmp_path))
    keep_wheel(Store(tmp_path), _KEY, raw, accept=[])
    raw.path.chmod(0o644)
    raw.path.write_bytes(bytes(raw.path.stat().st_size))
    assert kept_wheel(Store(tmp_path), _KEY, accept=["store-path"]) is None
