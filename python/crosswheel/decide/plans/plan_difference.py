"""What differs between two plans, so that a reviewer reads what a change of the lock comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, cast

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from crosswheel.decide.documents.difference import Difference, differences
from crosswheel.decide.documents.document_difference import (
    ABSENT,
    document_differences,
    is_same,
    shown,
    without,
)
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest
from crosswheel.values.wording import counted

from .plan import Artifact, Plan, PlannedBuild, PlannedTarget, PlannedWheel
from .plan_json import artifact_to_json, plan_to_json

__all__ = ["plan_differences"]


#: A fact about part of a plan, by the key it stands at and by what it is called.
_Facts: TypeAlias = "Mapping[str, Mapping[str, str]]"
_Object: TypeAlias = "Mapping[str, JsonValue]"


def plan_differences(old: Plan, new: Plan) -> tuple[Difference, ...]:
    """Return what differs, the whole plan's first, then by target, then where the files of both are to be had.

    Whatever key of the two documents differs is told: in words of its own where there are some, else leaf by leaf. Plans
    that are not equal always differ in something.
    """
    sides = _Side(old), _Side(new)
    whole = [without(side.document, ("artifacts", "builds", "targets")) for side in sides]
    found = [*_told("", "", (whole[0], whole[1]), (_whole(old), _whole(new)))]
    targets = [{one.target.id: one for one in plan.targets} for plan in (old, new)]
    for target_id in sorted({*targets[0], *targets[1]}):
        found += _targets(target_id, sides, (targets[0].get(target_id), targets[1].get(target_id)))
    found += _other_builds(sides)
    for digest in old.artifacts:
        if digest in new.artifacts:
            found += _artifacts(old.artifacts[digest], new.artifacts[digest])
    return tuple(found or document_differences("", sides[0].document, sides[1].document))


class _Side:
    """A plan, its document, and the builds that its wheels have told of."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.document = cast("_Object", json.loads(plan_to_json(plan)))
        self.told: set[str] = set()

    def part(self, key: str, name: str) -> _Object:
        """Return a part of the document, one of several that `key` has by name or as a list."""
        parts = self.document[key]
        if isinstance(parts, Mapping):
            return cast("_Object", parts[name])
        return next(one for one in cast("list[dict[str, JsonValue]]", parts) if one["id"] == name)


_Sides: TypeAlias = "tuple[_Side, _Side]"


def _told(
    where: str, prefix: str, documents: tuple[_Object, _Object], facts: tuple[_Facts, _Facts]
) -> Iterator[Difference]:
    """Yield what differs at each key: the facts that there are about it, or its leaves."""
    for key in dict.fromkeys([*facts[0], *facts[1], *sorted({*documents[0], *documents[1]})]):
        values = [document.get(key, ABSENT) for document in documents]
        if is_same(values[0], values[1]):
            continue
        told = [*differences(where, facts[0].get(key, {}), facts[1].get(key, {}))]
        for one in told or document_differences(where, values[0], values[1], place=key):
            yield replace(one, what=f"{prefix}{one.what}")


def _whole(plan: Plan) -> _Facts:
    return {
        "inputs": {f"input {name}": _short(digest) for name, digest in sorted(plan.inputs.items())},
        "source_date_epoch": {"source-date-epoch": str(plan.source_date_epoch)},
        "accept": {f"accepted of {name}": ", ".join(codes) for name, codes in sorted(plan.accept.items())},
        "build_platforms": {"build platforms": ", ".join(one.target.id for one in plan.build_platforms)},
    }


def _artifacts(old: Artifact, new: Artifact) -> Iterator[Difference]:
    """Yield what plans say otherwise of one file."""
    address = f"address of {old.filename}"
    yield from differences("", {address: old.url or old.path or ""}, {address: new.url or new.path or ""})
    documents = [
        without(cast("_Object", artifact_to_json(artifact)), ("url", "path")) for artifact in (old, new)
    ]
    yield from document_differences("", documents[0], documents[1], place=f"file {old.filename}")


def _targets(
    target_id: str, sides: _Sides, targets: tuple[PlannedTarget | None, PlannedTarget | None]
) -> Iterator[Difference]:
    for side, target in zip(sides, targets, strict=True):
        side.told |= {wheel.build for wheel in target.wheels if wheel.build} if target else set()
    old, new = targets
    if old is None or new is None:
        words = ["" if one is None else counted(len(one.wheels), "wheel") for one in targets]
        yield Difference(where=target_id, what="target", old=words[0], new=words[1])
        return
    parts = [side.part("targets", target_id) for side in sides]
    rest = [without(part, ("wheels",)) for part in parts]
    yield from _told(target_id, "", (rest[0], rest[1]), (_of_target(old), _of_target(new)))
    if is_same(parts[0]["wheels"], parts[1]["wheels"]) and is_same(
        *(one.document["builds"] for one in sides)
    ):
        return
    told = False
    wheels = [{wheel.name: wheel for wheel in one.wheels} for one in (old, new)]
    for name in sorted({*wheels[0], *wheels[1]}):
        for one in _wheels(target_id, name, sides, (wheels[0].get(name), wheels[1].get(name))):
            told = True
            yield one
    if not told:
        yield from document_differences(target_id, parts[0]["wheels"], parts[1]["wheels"], place="wheels")


def _wheels(
    target_id: str, name: str, sides: _Sides, wheels: tuple[PlannedWheel | None, PlannedWheel | None]
) -> Iterator[Difference]:
    words = [_wheel(side.plan, wheel) for side, wheel in zip(sides, wheels, strict=True)]
    if words[0] != words[1]:
        yield Difference(where=target_id, what=name, old=words[0], new=words[1])
    builds = [wheel.build for wheel in wheels if wheel is not None and wheel.build is not None]
    if len(builds) == len(wheels):
        yield from _builds(target_id, name, sides, builds, is_told=words[0] != words[1])


def _other_builds(sides: _Sides) -> Iterator[Difference]:
    """Yield what differs in builds that no wheel of a target comes from: those of build requirements."""
    builds = [
        {id_: build for id_, build in side.plan.builds.items() if id_ not in side.told} for side in sides
    ]
    for id_ in sorted({*builds[0], *builds[1]}):
        if id_ in builds[0] and id_ in builds[1]:
            build = builds[0][id_]
            yield from _builds(build.target.id, build.name, sides, (id_, id_), is_told=False)
            continue
        words = [
            "" if id_ not in mine else f"{mine[id_].version}, {_built(side.plan, mine[id_])}"
            for side, mine in zip(sides, builds, strict=True)
        ]
        yield Difference(where="", what=f"build {id_}", old=words[0], new=words[1])


def _builds(
    where: str, name: str, sides: _Sides, ids: Sequence[str], *, is_told: bool
) -> Iterator[Difference]:
    """Yield what differs in two builds; that they were resolved from other inputs, where nothing else says it."""
    documents = [side.part("builds", id_) for side, id_ in zip(sides, ids, strict=True)]
    facts = [_of_build(side.plan, side.plan.builds[id_]) for side, id_ in zip(sides, ids, strict=True)]
    # Version and sdist are the wheel's, which tells them.
    for keys in (("inputs", *(("version", "sdist") if is_told else ())), ()):
        rest = [without(document, keys) for document in documents]
        for one in _told(where, f"{name}, ", (rest[0], rest[1]), (facts[0], facts[1])):
            is_told = True
            yield one
        if is_told:
            return


def _of_target(target: PlannedTarget) -> _Facts:
    headers = target.headers
    return {
        "description": {"target description": _short(target.description)},
        "headers": {
            "headers": "" if headers is None else f"{headers.source} ({headers.python_version})",
        },
        "toolchain": {"toolchain": "" if target.toolchain is None else target.toolchain.compiler},
    }


def _wheel(plan: Plan, wheel: PlannedWheel | None) -> str:
    if wheel is None:
        return ""
    if wheel.artifact is not None:
        return f"{wheel.version}, {_file(plan, wheel.artifact)}"
    assert wheel.build is not None, "a wheel is prebuilt or built"
    return f"{wheel.version}, {_built(plan, plan.builds[wheel.build])}"


def _built(plan: Plan, build: PlannedBuild) -> str:
    return f"built from {_file(plan, build.sdist)}"


def _of_build(plan: Plan, build: PlannedBuild) -> _Facts:
    sysroot = build.sysroot
    return {
        "backend": {"backend": build.backend},
        "requires": {"asks for": ", ".join(build.requires)},
        "declared": {key: ", ".join(items) for key, items in build.declared.items()},
        "oracle": {"compared with": _file(plan, build.oracle)},
        "crates": {"crates": _crates(plan, build.crates)},
        "accept": {"accepted": ", ".join(build.accept)},
        "accept_build_facts": {
            "facts of the build Python": "accepted" if build.accept_build_facts else "",
        },
        "patches": {"patches": ", ".join(f"{one.path} {_short(one.sha256)}" for one in build.patches)},
        "downloads": {
            "downloads": ", ".join(f"{one.filename} {_short(one.artifact)}" for one in build.downloads),
        },
        "environments": _environments(plan, build),
        "environment": {
            f"variable {name}": value or shown(value) for name, value in build.environment.items()
        },
        "config_settings": {f"setting {name}": shown(value) for name, value in build.config_settings.items()},
        "overlays": {
            f"overlay {one.project}": _file(plan, one.artifact) or one.build or "" for one in build.overlays
        },
        "sysroot": {}
        if sysroot is None
        else {
            "sysroot is linked": sysroot.link,
            **{f"library {one.name}": one.version for one in sysroot.packages},
        },
    }


def _environments(plan: Plan, build: PlannedBuild) -> Mapping[str, str]:
    """Return what a build is built with, on the first build platform; what differs on others alone is told leaf by leaf."""
    facts: dict[str, str] = {}
    for environment in [*build.environments.values()][:1]:
        facts["compiler"] = _file(plan, environment.toolchain)
        facts["Rust"] = ", ".join(_file(plan, one) for one in environment.rust)
    for environment in build.environments.values():
        for digest in environment.requirements:
            project, version = _release(plan.artifacts.get(digest))
            facts[f"build requirement {project}"] = version
    return facts


def _release(artifact: Artifact | None) -> tuple[str, str]:
    """Return project and version of a wheel or an sdist, by its file name."""
    if artifact is None:
        return "?", "?"
    try:
        name, version, *_ = parse_wheel_filename(artifact.filename)
    except InvalidWheelFilename:
        try:
            name, version = parse_sdist_filename(artifact.filename)
        except InvalidSdistFilename:
            return artifact.filename, _short(artifact.sha256)
    return name, str(version)


def _file(plan: Plan, digest: Digest | None) -> str:
    if digest is None:
        return ""
    artifact = plan.artifacts.get(digest)
    return f"{artifact.filename if artifact else '?'} {_short(digest)}"


def _crates(plan: Plan, crates: Sequence[Digest]) -> str:
    names = [plan.artifacts[one].filename.removesuffix(".crate") for one in crates if one in plan.artifacts]
    return ", ".join(names)


def _short(digest: Digest | None) -> str:
    return "" if digest is None else digest.hex[:12]
