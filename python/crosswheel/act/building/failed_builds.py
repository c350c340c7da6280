"""Which builds failed and have not succeeded since: kept in the store, for ``crosswheel why-failed``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from crosswheel.act.building.build_request import BuildRequest
from crosswheel.act.building.log_end import TAIL_BYTES, log_end
from crosswheel.act.storage.store import Store, digest_of_file
from crosswheel.act.sysroot.assembly import SysrootRequest
from crosswheel.act.sysroot.package_files import read_package
from crosswheel.decide.failures.failure_causes import absent_headers, is_of_libraries, plain_log
from crosswheel.decide.failures.given_build import GivenBuild, given_from_json
from crosswheel.decide.planning.debian_suites import suite_of
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError

__all__ = ["FailedBuild", "failed_builds", "failure_of", "forget_failure", "remember_failure"]

_KIND = "failed-builds"
_KEY = digest_of_json("failed builds")
#: Older ones are forgotten.
_MOST = 200
#: Those of one architecture stand in a folder of its name, where compilers look, too.
_HEADER = re.compile(r"usr/include/(?:\w+-linux-gnu\w*/)?([^/]+/.+)")


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
        given: what the build had; ``None`` if that is not known.
    """

    name: str
    version: str
    target: str
    why: str
    log: Path
    fix: str = ""
    given: GivenBuild | None = None

    @property
    def own(self) -> bool:
        """Whether it is known to be a project of the user's own."""
        return self.given is not None and self.given.own

    @property
    def refused(self) -> bool:
        """Whether it is the check that refused the wheel, of which the log need not tell."""
        return bool(self.fix)

    @property
    def key(self) -> tuple[str, str, str]:
        """What of two failures makes the later one take the place of the earlier."""
        return (self.name, self.version, self.target)


def failure_of(request: BuildRequest, *, why: str, log: Path, fix: str = "") -> FailedBuild:
    """Return the failure of a build."""
    return FailedBuild(
        name=request.name,
        version=request.version,
        target=request.target.id,
        why=why,
        log=log,
        fix=fix,
        given=_given(request, log),
    )


def failed_builds(store: Store) -> tuple[FailedBuild, ...]:
    """Return the failures whose logs are still there, the latest first."""
    found = []
    for entry in reversed(_entries(store)):
        filename = str(entry["filename"])
        if (log := store.artifact(Digest(str(entry["log"])), filename=filename)) is not None:
            name, version, target, why = (str(entry[key]) for key in ("name", "version", "target", "why"))
            found.append(
                FailedBuild(
                    name=name,
                    version=version,
                    target=target,
                    why=why,
                    log=log,
                    fix=str(entry.get("fix", "")),
                    given=given_from_json(entry.get("given")),
                )
            )
    return tuple(found)


def remember_failure(store: Store, failure: FailedBuild) -> FailedBuild:
    """Remember a failure in place of an earlier one of the same build, and return it with what that had been given."""
    with store.lock(_KIND):
        entries = _entries(store)
        earlier = next((one for one in entries if _key_of(one) == failure.key), {})
        if failure.given is not None:
            given = failure.given.after(given_from_json(earlier.get("given")))
            failure = replace(failure, given=given)
        kept = [one for one in entries if _key_of(one) != failure.key]
        store.write_record(_KIND, _KEY, {"builds": [*kept, _entry(failure)][-_MOST:]})
    return failure


def forget_failure(store: Store, name: str, version: str, target: str) -> None:
    """Forget the failure of a build that succeeded."""
    if not any(_key_of(one) == (name, version, target) for one in _entries(store)):
        return
    with store.lock(_KIND):
        kept = [one for one in _entries(store) if _key_of(one) != (name, version, target)]
        store.write_record(_KIND, _KEY, {"builds": list(kept)})


def _entry(failure: FailedBuild) -> Mapping[str, JsonValue]:
    return {
        "name": failure.name,
        "version": failure.version,
        "target": failure.target,
        "why": failure.why,
        "fix": failure.fix,
        "given": None if failure.given is None else failure.given.json_value(),
        "log": digest_of_file(failure.log).hex,
        "filename": failure.log.name,
    }


def _given(request: BuildRequest, log: Path) -> GivenBuild:
    sysroot = request.sysroot
    suite = "" if sysroot is None else suite_of(sysroot.origin)
    said = plain_log(log_end(log, TAIL_BYTES)[0])
    others = () if sysroot is None else _other_headers(sysroot, said)
    in_vain = suite and (others or is_of_libraries(said))
    return GivenBuild(
        requirements=dict(
            found for wheel in request.requirements if (found := _project_and_version(wheel.name)) is not None
        ),
        environment=request.environment,
        config_settings={
            name: value if isinstance(value, str) else "\n".join(value)
            for name, value in request.config_settings.items()
        },
        packages=() if sysroot is None else tuple(one.name for one in sysroot.packages),
        own_libraries=() if sysroot is None or suite else tuple(one.name for one in sysroot.packages),
        suite=suite,
        link="" if sysroot is None else sysroot.link.value,
        other_headers=others,
        listed={
            **request.listed,
            **({"sysroot": sysroot.wanted} if sysroot is not None and suite and sysroot.wanted else {}),
            **({"downloads": names} if (names := tuple(one.name for one in request.downloads)) else {}),
        },
        tried=(suite,) if in_vain else (),
        own=request.own,
        entry=request.entry,
    )


def _other_headers(sysroot: SysrootRequest, said: str) -> tuple[str, ...]:
    """Return the headers that a log shows not to be there, and whose folders the libraries have without them."""
    asked = absent_headers(said)
    if not asked:
        return ()
    there: set[str] = set()
    for package in sysroot.packages:
        # A damaged one has failed the build before; what it has is not known.
        with suppress(InputError):
            there.update(
                told[1] for file in read_package(package.path) if (told := _HEADER.fullmatch(file.path))
            )
    folders = {header.partition("/")[0] for header in there}
    return tuple(sorted(one for one in asked - there if one.partition("/")[0] in folders))


def _project_and_version(filename: str) -> tuple[str, str] | None:
    try:
        name, version, _, _ = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return None
    return name, str(version)


def _entries(store: Store) -> list[Mapping[str, JsonValue]]:
    record = store.read_record(_KIND, _KEY)
    builds = record.get("builds") if isinstance(record, Mapping) else None
    return [one for one in builds if isinstance(one, Mapping)] if isinstance(builds, list) else []


def _key_of(entry: Mapping[str, JsonValue]) -> tuple[str, str, str]:
    return (str(entry["name"]), str(entry["version"]), str(entry["target"]))
