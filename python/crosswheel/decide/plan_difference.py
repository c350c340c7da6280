"""What differs between two plans, so that a reviewer reads what a change of the lock comes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)

from crosswheel.values.digests import Digest
from crosswheel.values.wording import counted

from .difference import Difference, differences
from .plan import Artifact, Plan, PlannedBuild, PlannedTarget, PlannedWheel

__all__ = ["plan_differences"]


def plan_differences(old: Plan, new: Plan) -> tuple[Difference, ...]:
    """Return what differs, the whole plan's first, then by target, then where the files of both are to be had."""
    found = [*differences("", _whole(old), _whole(new))]
    targets = [{one.target.id: one for one in plan.targets} for plan in (old, new)]
    for target_id in sorted({*targets[0], *targets[1]}):
        pair = targets[0].get(target_id), targets[1].get(target_id)
        found += _targets(target_id, (old, pair[0]), (new, pair[1]))
    found += differences("", _addresses(old, new), _addresses(new, old))
    return tuple(found)


def _whole(plan: Plan) -> Mapping[str, str]:
    return {
        **{f"input {name}": _short(digest) for name, digest in sorted(plan.inputs.items())},
        "source-date-epoch": str(plan.source_date_epoch),
        **{f"accepted of {name}": ", ".join(codes) for name, codes in sorted(plan.accept.items())},
        "build platforms": ", ".join(one.target.id for one in plan.build_platforms),
    }


def _addresses(plan: Plan, other: Plan) -> Mapping[str, str]:
    """Return where the files are that both plans have."""
    return {
        f"address of {artifact.filename}": artifact.url or artifact.path or ""
        for digest, artifact in plan.artifacts.items()
        if digest in other.artifacts
    }


def _targets(
    target_id: str, old: tuple[Plan, PlannedTarget | None], new: tuple[Plan, PlannedTarget | None]
) -> Iterator[Difference]:
    if old[1] is None or new[1] is None:
        words = ["" if one is None else counted(len(one.wheels), "wheel") for _, one in (old, new)]
        yield Difference(where=target_id, what="target", old=words[0], new=words[1])
        return
    yield from differences(target_id, _of_target(old[1]), _of_target(new[1]))
    wheels = [{wheel.name: wheel for wheel in one.wheels} for one in (old[1], new[1])]
    for name in sorted({*wheels[0], *wheels[1]}):
        before, after = wheels[0].get(name), wheels[1].get(name)
        words = [_wheel(old[0], before), _wheel(new[0], after)]
        if words[0] != words[1]:
            yield Difference(where=target_id, what=name, old=words[0], new=words[1])
        if before and after and before.build and after.build:
            builds = old[0].builds[before.build], new[0].builds[after.build]
            facts = _of_build(old[0], builds[0]), _of_build(new[0], builds[1])
            yield from (
                Difference(where=target_id, what=f"{name}, {one.what}", old=one.old, new=one.new)
                for one in differences(target_id, *facts)
            )


def _of_target(target: PlannedTarget) -> Mapping[str, str]:
    headers = target.headers
    return {
        "target description": _short(target.description),
        "headers": "" if headers is None else f"{headers.source} ({headers.python_version})",
        "toolchain": "" if target.toolchain is None else target.toolchain.compiler,
    }


def _wheel(plan: Plan, wheel: PlannedWheel | None) -> str:
    if wheel is None:
        return ""
    if wheel.artifact is not None:
        return f"{wheel.version}, {_file(plan, wheel.artifact)}"
    assert wheel.build is not None, "a wheel is prebuilt or built"
    return f"{wheel.version}, built from {_file(plan, plan.builds[wheel.build].sdist)}"


def _of_build(plan: Plan, build: PlannedBuild) -> Mapping[str, str]:
    facts = {
        "backend": build.backend,
        "asks for": ", ".join(build.requires),
        "compared with": _file(plan, build.oracle),
        "crates": _crates(plan, build.crates),
        "accepted": ", ".join(build.accept),
        "patches": ", ".join(f"{patch.path} {_short(patch.sha256)}" for patch in build.patches),
        "downloads": ", ".join(f"{one.filename} {_short(one.artifact)}" for one in build.downloads),
        "Rust": "",
        "compiler": "",
    }
    for number, environment in enumerate(build.environments.values()):
        if number == 0:
            facts["compiler"] = _file(plan, environment.toolchain)
            facts["Rust"] = ", ".join(_file(plan, one) for one in environment.rust)
        for digest in environment.requirements:
            project, version = _release(plan.artifacts.get(digest))
            facts[f"build requirement {project}"] = version
    facts |= {f"variable {name}": value for name, value in build.environment.items()}
    facts |= {f"setting {name}": str(value) for name, value in build.config_settings.items()}
    facts |= {
        f"overlay {one.project}": _file(plan, one.artifact) or one.build or "" for one in build.overlays
    }
    if build.sysroot is not None:
        facts["sysroot is linked"] = build.sysroot.link
        facts |= {f"library {one.name}": one.version for one in build.sysroot.packages}
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
