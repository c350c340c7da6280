"""Which of a build's environments this machine can run."""

from __future__ import annotations

from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.decide.plan import BuildEnvironment, PlannedBuild
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Platform

__all__ = ["chosen_environment"]


def chosen_environment(build: PlannedBuild) -> BuildEnvironment:
    """Return the build environment for this machine: that of its system and architecture.

    Raises:
        InputError: the plan holds none.
    """
    machine = build_machine_platform()
    fitting = [id_ for id_ in sorted(build.environments) if _alike(parse_target_id(id_).platform, machine)]
    if not fitting:
        raise InputError(
            "build",
            build.id,
            why=f"this machine is {machine.id}, and the plan holds build requirements for "
            + (", ".join(sorted(build.environments)) or "no build platform"),
            fix=f"plan again with --build-platform {machine.id}",
        )
    return build.environments[fitting[0]]


def _alike(one: Platform, other: Platform) -> bool:
    return one.arch == other.arch and type(one.os) is type(other.os)
