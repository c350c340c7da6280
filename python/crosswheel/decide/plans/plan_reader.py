"""Whether a text is a plan of schema 1, and the plan it is.

Every fault is reported with its place; nothing is guessed or read past.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from crosswheel.decide.documents.json_fields import Faults, Fields
from crosswheel.decide.plans.content_names import is_content_name
from crosswheel.decide.plans.environment_variables import variable_fault
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.decide.plans.plan import (
    BUILD_PYTHON_HEADERS,
    Artifact,
    BuildEnvironment,
    CargoLock,
    HeadersPin,
    Overlay,
    Patch,
    Plan,
    PlannedBuild,
    PlannedDownload,
    PlannedTarget,
    PlannedWheel,
    Sysroot,
    SysrootPackage,
)
from crosswheel.decide.plans.required_builds import cycle_of_builds
from crosswheel.decide.plans.toolchain_pin import read_toolchain
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.canonical_json import JsonValue, json_fault
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError, raise_faults
from crosswheel.values.file_times import LATEST_TIME

__all__ = ["SCHEMA", "read_artifact", "read_plan"]

#: The schema this crosswheel writes, and the only one it reads.
SCHEMA = 1
#: Sources a `HeadersPin` may have.
HEADERS_SOURCES = (BUILD_PYTHON_HEADERS, "artifact")
#: What no plain file name holds: folders, and characters that control a terminal or end a C string.
_UNFIT_IN_NAMES = re.compile(r"[/\\\x00-\x1f\x7f]")
#: NAME_MAX of every system in use, in bytes.
_LONGEST_NAME = 255


def read_plan(data: bytes, *, name: str) -> Plan:
    """Read a plan; see `crosswheel.decide.plans.plan_json.plan_from_json`."""
    document = _document(data, name)
    faults = Faults("read plan", name)
    root = Fields(document, faults)
    root.whole_number("schema", required=True)
    artifacts = {
        digest: artifact
        for key, fields in root.inner("artifacts").members()
        if (digest := fields.parsed("", Digest, key)) and (artifact := read_artifact(digest, fields))
    }
    builds = dict(_builds(root.inner("builds")))
    targets = tuple(target for fields in root.inners("targets") if (target := _target(fields)))
    # The plan of one build, as build systems hand it to an action, has no target.
    if not targets and not builds:
        root.fault(None, "a plan is for one target at least", "targets")
    platforms = tuple(target for fields in root.inners("build_platforms") if (target := _pins(fields)))
    inputs = root.inner("inputs")
    accept = root.inner("accept")
    plan = Plan(
        inputs={key: inputs.digest(key) for key in inputs},
        source_date_epoch=_time(root),
        artifacts=artifacts,
        builds=builds,
        targets=targets,
        accept={key: accept.texts(key) for key in accept},
        build_platforms=platforms,
    )
    root.close()
    raise_faults(faults.found)
    for place, value, why in _dangling(plan):
        faults.add(value, why=why, place=place)
    raise_faults(faults.found)
    return plan


def _time(root: Fields) -> int:
    seconds = root.whole_number("source_date_epoch", required=True) or 0
    if seconds > LATEST_TIME:
        root.fault(
            str(seconds), "it is later than 2107, the last year a zip archive can hold", "source_date_epoch"
        )
        return 0
    return seconds


def _document(data: bytes, name: str) -> JsonValue:
    try:
        document: JsonValue = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(
            "read plan",
            name,
            why=json_fault(error),
            fix="make it with `crosswheel plan`",
        ) from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if isinstance(document, dict) and "bases" in document and "targets" not in document:
        raise InputError(
            "read plan", name, why="it is a base lock", fix="give it with --base, and a plan here"
        )
    if schema is None:
        raise InputError(
            "read plan",
            name,
            why="it has no 'schema', so it is not a plan",
            fix="make one with `crosswheel plan`",
        )
    if schema != SCHEMA or isinstance(schema, bool):
        newer = isinstance(schema, int) and schema > SCHEMA
        raise InputError(
            "read plan",
            name,
            why=f"it has schema {json.dumps(schema)}, and this crosswheel reads schema {SCHEMA}",
            fix="upgrade crosswheel, or make the plan anew with this one"
            if newer
            else "make it anew with `crosswheel plan`",
        )
    return document


def read_artifact(digest: Digest, fields: Fields) -> Artifact:
    """Return an artifact of a plan or another lock; its faults go where those of `fields` go."""
    url, path = fields.optional_text("url"), fields.optional_text("path")
    if (url is None) == (path is None):
        fields.fault(None, "exactly one of 'url' and 'path' is wanted")
    if path is not None and not _is_relative(path):
        fields.fault(path, "the path is not relative to the plan's folder with '/' between its parts")
    filename = fields.text("filename")
    if not _is_plain(filename):
        fields.fault(filename, "it is not a plain file name", "filename")
    artifact = Artifact(
        sha256=digest,
        filename=filename,
        project=fields.optional_text("project"),
        url=url,
        path=path,
        size=fields.whole_number("size", required=False),
        also=fields.texts("also"),
    )
    fields.close()
    return artifact


def _is_plain(filename: str) -> bool:
    """Whether a file can be called so anywhere, and no program takes the name for an option or a folder."""
    if filename in {"", ".", ".."} or filename[0] == "-" or len(filename.encode()) > _LONGEST_NAME:
        return False
    return _UNFIT_IN_NAMES.search(filename) is None


def _is_relative(path: str) -> bool:
    """Whether `path` is relative, with ``/`` between its parts."""
    return path[:1] not in {"", "/"} and path[1:2] != ":" and "\\" not in path and "\0" not in path


def _target_of(fields: Fields, key: str) -> Target | None:
    return fields.parsed(key, parse_target_id, fields.text(key))


def _builds(builds: Fields) -> Iterable[tuple[str, PlannedBuild]]:
    for id_, fields in builds.members():
        target = _target_of(fields, "target")
        name, version = fields.text("name"), fields.text("version")
        if target is not None:
            wanted = f"{name}-{version}-{target.id}"
            if id_ != wanted:
                fields.fault(id_, f"the build's id must be {wanted}")
            yield id_, _build(id_, name, version, target, fields)
            fields.close()


def _build(id_: str, name: str, version: str, target: Target, fields: Fields) -> PlannedBuild:
    return PlannedBuild(
        id=id_,
        name=name,
        version=version,
        target=target,
        sdist=fields.digest("sdist"),
        inputs=fields.digest("inputs"),
        backend=fields.text("backend"),
        backend_path=fields.texts("backend_path"),
        requires=fields.texts("requires"),
        listed={key: listed.texts(key) for listed in (fields.inner("listed"),) for key in listed},
        entry=fields.optional_text("entry") or "",
        declared={key: inner.texts(key) for inner in (fields.inner("declared"),) for key in inner},
        environments={key: _environment(key, one) for key, one in fields.inner("environments").members()},
        overlays=tuple(_overlay(one) for one in fields.inners("overlays")),
        crates=fields.digests("crates"),
        sysroot=_sysroot(fields.inner("sysroot")) if fields.has("sysroot") else None,
        cargo_locks=tuple(_cargo_lock(one) for one in fields.inners("cargo_locks")),
        config_settings=_config_settings(fields.inner("config_settings")),
        environment=_variables(fields.inner("environment")),
        patches=tuple(_patch(one) for one in fields.inners("patches")),
        downloads=tuple(_download(one) for one in fields.inners("downloads")),
        oracle=fields.optional_digest("oracle"),
        accept=fields.texts("accept"),
        known=fields.texts("known"),
        accept_build_facts=fields.flag("accept_build_facts"),
    )


def _variables(fields: Fields) -> Mapping[str, str]:
    variables = {key: fields.text(key) for key in fields}
    for name, value in variables.items():
        if (why := variable_fault(name, value)) is not None:
            fields.fault(name, why)
    return variables


def _download(fields: Fields) -> PlannedDownload:
    filename = fields.text("filename")
    if not _is_plain(filename):
        fields.fault(filename, "it is not a plain file name", "filename")
    content = fields.optional_text("fetch_content") or ""
    if content and not is_content_name(content):
        fields.fault(content, "no FetchContent_Declare has such a name", "fetch_content")
    download = PlannedDownload(artifact=fields.digest("artifact"), filename=filename, fetch_content=content)
    fields.close()
    return download


def _environment(id_: str, fields: Fields) -> BuildEnvironment:
    fields.parsed("", parse_target_id, id_)
    environment = BuildEnvironment(
        requirements=fields.digests("requirements"),
        toolchain=fields.optional_digest("toolchain"),
        builds=fields.texts("builds"),
        rust=fields.digests("rust"),
    )
    fields.close()
    return environment


def _overlay(fields: Fields) -> Overlay:
    overlay = Overlay(
        project=fields.text("project"),
        artifact=fields.optional_digest("artifact"),
        build=fields.optional_text("build"),
    )
    _exactly_one(fields, overlay.artifact, overlay.build)
    fields.close()
    return overlay


def _sysroot(fields: Fields) -> Sysroot:
    sysroot = Sysroot(
        packages=tuple(_sysroot_package(one) for one in fields.inners("packages")),
        link=fields.text("link"),
        wanted=fields.texts("wanted"),
        origin=fields.optional_text("origin") or "",
        index=fields.optional_digest("index"),
    )
    if sysroot.link and sysroot.link not in {kind.value for kind in LinkKind}:
        known = ", ".join(kind.value for kind in LinkKind)
        fields.fault(sysroot.link, f"the known ways to link are {known}", "link")
    fields.close()
    return sysroot


def _sysroot_package(fields: Fields) -> SysrootPackage:
    package = SysrootPackage(
        name=fields.text("name"),
        version=fields.optional_text("version") or "",
        artifact=fields.digest("artifact"),
    )
    fields.close()
    return package


def _cargo_lock(fields: Fields) -> CargoLock:
    lock = CargoLock(path=fields.text("path"), artifact=fields.digest("artifact"))
    if not _is_relative(lock.path) or ".." in lock.path.split("/"):
        fields.fault(lock.path, "the path does not lie in the source tree", "path")
    fields.close()
    return lock


def _patch(fields: Fields) -> Patch:
    patch = Patch(path=fields.text("path"), sha256=fields.digest("sha256"))
    if not _is_relative(patch.path):
        fields.fault(patch.path, "the path is not relative to the plan's folder", "path")
    fields.close()
    return patch


def _config_settings(fields: Fields) -> Mapping[str, str | tuple[str, ...]]:
    return {
        key: fields.text(key) if isinstance(fields.raw(key), str) else fields.texts(key) for key in fields
    }


def _target(fields: Fields) -> PlannedTarget | None:
    wheels = tuple(_wheel(one) for one in fields.inners("wheels"))
    names = [wheel.name for wheel in wheels]
    if names != sorted(set(names)):
        fields.fault(None, "the wheels are not sorted by name, each name once", "wheels")
    planned = _pins(fields)
    return None if planned is None else replace(planned, wheels=wheels)


def _pins(fields: Fields) -> PlannedTarget | None:
    """Read a target without wheels, which is all there is of a build platform."""
    target = _target_of(fields, "id")
    headers = fields.inner("headers") if fields.has("headers") else None
    description = fields.optional_digest("description")
    pin = None if headers is None else _headers(headers)
    toolchain = read_toolchain(fields.inner("toolchain")) if fields.has("toolchain") else None
    fields.close()
    if target is None:
        return None
    return PlannedTarget(target=target, description=description, headers=pin, toolchain=toolchain)


def _headers(fields: Fields) -> HeadersPin:
    pin = HeadersPin(
        source=fields.text("source"),
        python_version=fields.text("python_version"),
        sha256=fields.digest("sha256"),
        origin=fields.optional_text("origin") or "",
    )
    if pin.source and pin.source not in HEADERS_SOURCES:
        fields.fault(pin.source, f"the known sources are {', '.join(HEADERS_SOURCES)}", "source")
    fields.close()
    return pin


def _wheel(fields: Fields) -> PlannedWheel:
    wheel = PlannedWheel(
        name=fields.text("name"),
        version=fields.text("version"),
        artifact=fields.optional_digest("artifact"),
        build=fields.optional_text("build"),
    )
    _exactly_one(fields, wheel.artifact, wheel.build)
    fields.close()
    return wheel


def _exactly_one(fields: Fields, artifact: Digest | None, build: str | None) -> None:
    if (artifact is None) == (build is None):
        fields.fault(None, "exactly one of 'artifact' and 'build' is wanted")


def _dangling(plan: Plan) -> Iterable[tuple[tuple[str, ...], str, str]]:
    """Yield place, value and reason of everything that names what the plan does not hold."""
    for place, digest in _named_artifacts(plan):
        if digest not in plan.artifacts:
            yield place, digest.hex, "no artifact of the plan has this digest"
    seen: set[str] = set()
    for place, planned in _planned_targets(plan):
        if planned.target.id in seen:
            yield place, planned.target.id, "the target occurs twice"
        seen.add(planned.target.id)
        for wheel in planned.wheels:
            file = None if wheel.artifact is None else plan.artifacts.get(wheel.artifact)
            if file is not None and not _is_wheel_of(file.filename, wheel):
                yield (*place, wheel.name), file.filename, "the file is no wheel of that name and version"
            build = None if wheel.build is None else plan.builds.get(wheel.build)
            if wheel.build is not None and build is None:
                yield (*place, wheel.name), wheel.build, "no build of the plan has this id"
            elif build is not None and (build.name, build.version, build.target) != (
                wheel.name,
                wheel.version,
                planned.target,
            ):
                yield (*place, wheel.name), build.id, "the build is another package's or target's"
    yield from _dangling_builds(plan)


def _is_wheel_of(filename: str, wheel: PlannedWheel) -> bool:
    try:
        name, version, _, _ = parse_wheel_filename(filename)
        return (name, version) == (wheel.name, Version(wheel.version))
    except (InvalidWheelFilename, InvalidVersion):
        return False


def _planned_targets(plan: Plan) -> Iterable[tuple[tuple[str, str], PlannedTarget]]:
    for key, several in (("targets", plan.targets), ("build_platforms", plan.build_platforms)):
        for index, planned in enumerate(several):
            yield (key, f"[{index}]"), planned


def _dangling_builds(plan: Plan) -> Iterable[tuple[tuple[str, ...], str, str]]:
    """Yield place, value and reason of every build that another one names and cannot use."""
    for build in plan.builds.values():
        place = ("builds", build.id)
        for id_, environment in build.environments.items():
            for name in environment.builds:
                found = plan.builds.get(name)
                if found is None:
                    yield (*place, "environments", id_, "builds"), name, "no build of the plan has this id"
                elif found.target.id != id_ or id_ not in found.environments:
                    yield (*place, "environments", id_, "builds"), name, "the build is not for this platform"
        for overlay in build.overlays:
            found = None if overlay.build is None else plan.builds.get(overlay.build)
            if overlay.build is not None and found is None:
                yield (*place, "overlays"), overlay.build, "no build of the plan has this id"
            elif found is not None and (found.name, found.target) != (overlay.project, build.target):
                yield (*place, "overlays"), found.id, "the build is another package's or target's"
    if cycle := cycle_of_builds(plan):
        yield ("builds",), " -> ".join(cycle), "these builds need each other"


def _named_artifacts(plan: Plan) -> Iterable[tuple[tuple[str, ...], Digest]]:
    for build in plan.builds.values():
        place = ("builds", build.id)
        yield (*place, "sdist"), build.sdist
        for id_, environment in build.environments.items():
            for digest in environment.requirements:
                yield (*place, "environments", id_, "requirements"), digest
            if environment.toolchain is not None:
                yield (*place, "environments", id_, "toolchain"), environment.toolchain
            for digest in environment.rust:
                yield (*place, "environments", id_, "rust"), digest
        for overlay in build.overlays:
            if overlay.artifact is not None:
                yield (*place, "overlays"), overlay.artifact
        for digest in (*build.crates, *(lock.artifact for lock in build.cargo_locks)):
            yield (*place, "crates"), digest
        for package in () if build.sysroot is None else build.sysroot.packages:
            yield (*place, "sysroot", package.name), package.artifact
        for download in build.downloads:
            yield (*place, "downloads"), download.artifact
        if build.oracle is not None:
            yield (*place, "oracle"), build.oracle
    for (key, _), planned in _planned_targets(plan):
        place = (key, planned.target.id)
        if planned.headers is not None and planned.headers.source == "artifact":
            yield (*place, "headers"), planned.headers.sha256
        for wheel in planned.wheels:
            if wheel.artifact is not None:
                yield (*place, wheel.name), wheel.artifact
