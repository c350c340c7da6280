"""Which builds failed and have not succeeded since: kept in the store, for ``crosswheel why-failed``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.storage.store import Store, digest_of_file
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest

__all__ = ["FailedBuild", "failed_builds", "forget_failure", "remember_failure"]

_KIND = "failed-builds"
_KEY = digest_of_json("failed builds")
#: Older ones are forgotten.
_MOST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedBuild:
    """A build that failed.

    Attributes:
        name: normalized name of the package.
        version: its version.
        target: id of what it was built for.
        why: what failed, a clause.
        log: all that the build said, in the store.
        fix: what to do, if the build passed and the check refused its wheel; else empty.
    """

    name: str
    version: str
    target: str
    why: str
    log: Path
    fix: str = ""

    @property
    def refused(self) -> bool:
        """Whether it is the check that refused the wheel, of which the log need not tell."""
        return bool(self.fix)

    @property
    def key(self) -> tuple[str, str, str]:
        """What of two failures makes the later one take the place of the earlier."""
        return (self.name, self.version, self.target)


def failed_builds(store: Store) -> tuple[FailedBuild, ...]:
    """Return the failures whose logs are still there, the latest first."""
    found = []
    for entry in reversed(_entries(store)):
        filename = str(entry["filename"])
        if (log := store.artifact(Digest(str(entry["log"])), filename=filename)) is not None:
            name, version, target, why = (str(entry[key]) for key in ("name", "version", "target", "why"))
            fix = str(entry.get("fix", ""))
            found.append(FailedBuild(name=name, version=version, target=target, why=why, log=log, fix=fix))
    return tuple(found)


def remember_failure(store: Store, failure: FailedBuild) -> None:
    """Remember a failure in place of an earlier one of the same build."""
    entry: dict[str, JsonValue] = {
        "name": failure.name,
        "version": failure.version,
        "target": failure.target,
        "why": failure.why,
        "fix": failure.fix,
        "log": digest_of_file(failure.log).hex,
        "filename": failure.log.name,
    }
    with store.lock(_KIND):
        kept = [one for one in _entries(store) if _key_of(one) != failure.key]
        store.write_record(_KIND, _KEY, {"builds": [*kept, entry][-_MOST:]})


def forget_failure(store: Store, name: str, version: str, target: str) -> None:
    """Forget the failure of a build that succeeded."""
    if not any(_key_of(one) == (name, version, target) for one in _entries(store)):
        return
    with store.lock(_KIND):
        kept = [one for one in _entries(store) if _key_of(one) != (name, version, target)]
        store.write_record(_KIND, _KEY, {"builds": list(kept)})


def _entries(store: Store) -> list[Mapping[str, JsonValue]]:
    record = store.read_record(_KIND, _KEY)
    builds = record.get("builds") if isinstance(record, Mapping) else None
    return [one for one in builds if isinstance(one, Mapping)] if isinstance(builds, list) else []


def _key_of(entry: Mapping[str, JsonValue]) -> tuple[str, str, str]:
    return (str(entry["name"]), str(entry["version"]), str(entry["target"]))
