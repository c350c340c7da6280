"""Which of a plan's build environments serves a given build machine."""

from __future__ import annotations

from crosswheel.decide.plans.plan import BuildEnvironment, PlannedBuild
from crosswheel.target.targets import format_platform, parse_target_id
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Linux, MacOs, Platform

__all__ = ["chosen_environment"]


def chosen_environment(build: PlannedBuild, machine: Platform) -> BuildEnvironment:
    """Return the build environment that the plan holds for a machine of the kind of `machine`.

    An environment for an older libc or macOS serves as well; of several the newest is taken.

    Raises:
        InputError: the plan holds none.
    """
    fitting = {
        target_id: environment
        for target_id, environment in build.environments.items()
        if _kind(parse_target_id(target_id).platform) == _kind(machine)
    }
    if not fitting:
        raise InputError(
            "build",
            build.id,
            why=f"the plan holds build requirements for {', '.join(sorted(build.environments)) or 'no platform'}",
            fix=f"plan again with --build-platform {format_platform(machine)}",
        )
    return fitting[max(fitting, key=_version)]


def _kind(platform: Platform) -> tuple[object, ...]:
    if isinstance(platform.os, Linux):
        return (platform.arch, Linux, type(platform.os.libc))
    return (platform.arch, type(platform.os))


def _version(target_id: str) -> tuple[int, int]:
    match parse_target_id(target_id).platform.os:
        case Linux(libc=libc):
            return (libc.major, libc.minor)
        case MacOs(major=major, minor=minor):
            return (major, minor)
        case _:
            return (0, 0)
