"""Results of the corpus: one JSON document per target, an entry per package."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["RESULTS", "add_record", "read_records"]

RESULTS = Path(__file__).with_name("results")


def read_records(target: str, folder: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """Return the entries of `target` by package."""
    path = folder / f"{target}.json"
    if not path.is_file():
        return {}
    document: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return document


def add_record(target: str, name: str, record: Mapping[str, Any], folder: Path = RESULTS) -> None:
    """Write the entry of one package; others may do the same at the same time."""
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        records = {**read_records(target, folder), name: dict(record)}
        text = json.dumps(dict(sorted(records.items())), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        scratch = folder / f".{target}.json"
        scratch.write_text(text, "utf-8")
        scratch.replace(folder / f"{target}.json")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
