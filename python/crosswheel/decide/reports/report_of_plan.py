"""What a plan says for a report: each package on each target, and what each build reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from crosswheel.decide.locks.platform_tags import read_platform_tag
from crosswheel.decide.locks.wheel_names import wheel_name
from crosswheel.decide.plans.plan import Plan, PlannedBuild, PlannedTarget, PlannedWheel
from crosswheel.decide.selection.target_facts import facts_of_target
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest

from .report import BuildInput, PackageOnTarget, Report, ReportBuild, ReportPackage, State

__all__ = ["UNTRIED", "WheelFacts", "prebuilt_package", "report_of_plan", "tag_floor"]

#: What a report without built wheels cannot know: an sdist may want what no target has.
UNTRIED = "whether its build passes, `crosswheel build` tells"


@dataclass(frozen=True, kw_only=True, slots=True)
class WheelFacts:
    """What a wheel that is there says: its file name, its bytes and its licence (empty if it says none)."""

    filename: str
    size: int
    licence: str


def report_of_plan(
    plan: Plan,
    *,
    source: str,
    targets: Collection[str] = (),
    wheels: Mapping[tuple[str, str], WheelFacts] | None = None,
) -> Report:
    """Return what a plan says.

    Args:
        plan: the plan.
        source: its name.
        targets: ids of the targets that are reported; empty for all.
        wheels: wheels that were made by the plan, by target id and package.
    """
    reported = [one for one in plan.targets if not targets or one.target.id in targets]
    facts = wheels or {}
    tables = {
        one.target.id: {
            wheel.name: _package(plan, one, wheel, facts.get((one.target.id, wheel.name)))
            for wheel in one.wheels
        }
        for one in reported
    }
    names = sorted({name for table in tables.values() for name in table})
    absent = PackageOnTarget(state=State.ABSENT)
    wanted = {wheel.build for one in reported for wheel in one.wheels if wheel.build is not None}
    return Report(
        source=source,
        targets=tuple(one.target for one in reported),
        packages=tuple(
            ReportPackage(name=name, targets={key: table.get(name, absent) for key, table in tables.items()})
            for name in names
        ),
        builds={key: _build(plan, plan.builds[key]) for key in sorted(_with_needed(plan, wanted))},
    )


def prebuilt_package(filename: str, *, version: str, size: int | None, licence: str = "") -> PackageOnTarget:
    """Return what a package is that has a wheel: pure or prebuilt, by the platform its tag names."""
    pure = wheel_name(filename).tags.platforms == ("any",)
    return PackageOnTarget(
        state=State.PURE if pure else State.PREBUILT,
        version=version,
        file=filename,
        tag=_tag(filename),
        floor=tag_floor(filename),
        size=size,
        licence=licence,
    )


def tag_floor(filename: str) -> str:
    """Return the oldest system that a wheel's platform tags promise to run on; empty where they name no version.

    >>> tag_floor("a-1-cp311-cp311-manylinux2014_aarch64.manylinux_2_28_aarch64.whl")
    'glibc 2.17'
    """
    found = [tag for name in wheel_name(filename).tags.platforms if (tag := read_platform_tag(name))]
    versioned = [tag for tag in found if tag.library and tag.version]
    if not versioned:
        return ""
    # Of one library: a wheel with tags of several systems has a floor on each.
    lowest = {
        tag.library: tag.version_text for tag in sorted(versioned, key=lambda one: one.version, reverse=True)
    }
    return ", ".join(f"{library} {version}" for library, version in sorted(lowest.items(), key=str))


def _tag(filename: str) -> str:
    return "-".join(filename.removesuffix(".whl").split("-")[-3:])


def _package(
    plan: Plan, target: PlannedTarget, wheel: PlannedWheel, facts: WheelFacts | None
) -> PackageOnTarget:
    if wheel.artifact is not None:
        artifact = plan.artifacts[wheel.artifact]
        size = artifact.size if facts is None else facts.size
        licence = "" if facts is None else facts.licence
        return prebuilt_package(artifact.filename, version=wheel.version, size=size, licence=licence)
    assert wheel.build is not None, "a wheel is prebuilt or built"
    build = plan.builds[wheel.build]
    sdist = plan.artifacts.get(build.sdist)
    oracle = _name(plan, build.oracle)
    compiler = "zig" if target.toolchain is None else target.toolchain.compiler
    reason = f"{_why_built(oracle, target.target)}, C and C++ with {compiler}"
    if oracle:
        reason += f", and the result compared with {oracle}"
    if facts is None:
        reason += f"; {UNTRIED}"
    filename = "" if facts is None else facts.filename
    return PackageOnTarget(
        state=State.BUILT,
        version=wheel.version,
        file=filename,
        tag=_tag(filename) if filename else "",
        floor=tag_floor(filename) if filename else "",
        size=None if facts is None else facts.size,
        source="" if sdist is None else sdist.filename,
        source_size=None if sdist is None else sdist.size,
        licence="" if facts is None else facts.licence,
        reason=reason,
        build=build.id,
    )


def _why_built(oracle: str, target: Target) -> str:
    """Return why it is built: what a build is compared with fits the target wherever a wheel of the release does."""
    if oracle and facts_of_target(target).rank(wheel_name(oracle).tags) is not None:
        return "a wheel fits, but the configuration or --no-binary asked for the sdist: it is built from that"
    return "no wheel of the release fits, so it is built from its sdist"


def _with_needed(plan: Plan, wanted: Collection[str]) -> set[str]:
    """Return the builds wanted and those they need; a plan has no circles."""
    found: set[str] = set()
    pending = list(wanted)
    while pending:
        key = pending.pop()
        if key not in found:
            found.add(key)
            build = plan.builds[key]
            pending += [one for environment in build.environments.values() for one in environment.builds]
            pending += [overlay.build for overlay in build.overlays if overlay.build]
    return found


def _build(plan: Plan, build: PlannedBuild) -> ReportBuild:
    return ReportBuild(
        id=build.id,
        name=build.name,
        version=build.version,
        target=build.target.id,
        backend=build.backend,
        build_platforms=tuple(build.environments),
        # The environments of several build platforms share most files.
        inputs=tuple(dict.fromkeys(_inputs(plan, build))),
        settings=tuple(_settings(build)),
        compared_with=_name(plan, build.oracle),
    )


def _inputs(plan: Plan, build: PlannedBuild) -> Iterator[BuildInput]:
    yield _file(plan, "sdist", build.sdist)
    for patch in build.patches:
        yield BuildInput(kind="patch", name=patch.path)
    for lock in build.cargo_locks:
        yield BuildInput(kind="Cargo.lock", name=lock.path)
    for environment in build.environments.values():
        yield from (_file(plan, "build requirement", one) for one in environment.requirements)
        yield from (_made(plan, "build requirement", one) for one in environment.builds)
    for overlay in build.overlays:
        if overlay.build:
            yield _made(plan, "target's own", overlay.build)
        elif overlay.artifact:
            yield _file(plan, "target's own", overlay.artifact)
    if build.sysroot is not None:
        for package in build.sysroot.packages:
            artifact = plan.artifacts.get(package.artifact)
            size = None if artifact is None else artifact.size
            yield BuildInput(
                kind="target library", name=f"{package.name} {package.version}".strip(), size=size
            )
    for environment in build.environments.values():
        if environment.toolchain is not None:
            yield _file(plan, "toolchain", environment.toolchain)
        yield from (_file(plan, "toolchain", one) for one in environment.rust)
    yield from (_file(plan, "crate", one) for one in build.crates)
    for download in build.downloads:
        artifact = plan.artifacts.get(download.artifact)
        yield BuildInput(
            kind="download", name=download.filename, size=None if artifact is None else artifact.size
        )


def _file(plan: Plan, kind: str, digest: Digest) -> BuildInput:
    artifact = plan.artifacts.get(digest)
    if artifact is None:
        return BuildInput(kind=kind, name=digest.hex[:12])
    return BuildInput(kind=kind, name=artifact.filename, size=artifact.size)


def _made(plan: Plan, kind: str, key: str) -> BuildInput:
    build = plan.builds[key]
    return BuildInput(kind=kind, name=f"{build.name} {build.version}", build=key)


def _settings(build: PlannedBuild) -> Iterator[str]:
    yield from (f"asks for {one}" for one in build.requires)
    for name, value in sorted(build.config_settings.items()):
        yield f"setting {name}={value if isinstance(value, str) else ' '.join(value)}"
    yield from (f"variable {name}={value}" for name, value in sorted(build.environment.items()))
    yield from (f"accepted finding {one}" for one in build.accept)


def _name(plan: Plan, digest: Digest | None) -> str:
    artifact = None if digest is None else plan.artifacts.get(digest)
    return "" if artifact is None else artifact.filename
