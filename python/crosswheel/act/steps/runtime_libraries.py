"""The step ``runtime``: the compiler's runtime libraries for a target, compiled once and handed to every build.

They are one file, a tar archive of the store's trees that hold them: a build that is given it finds them made. Leaving it
out changes no byte of any wheel, only how long a build takes.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from crosswheel.act.building.zig import prepare_zig, warm_cache
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.services import Services
from crosswheel.act.steps.given_files import given_files
from crosswheel.act.storage.output_file import replaced_file
from crosswheel.decide.plans.build_platforms import chosen_environment
from crosswheel.decide.plans.plan import BuildEnvironment, Plan
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError

__all__ = ["runtime_step", "take_runtime"]

_KIND = "zig-cache"
#: Build systems that try the build machine's compilers in any case.
_TRY_BUILD_MACHINE = ("meson-", "meson_python-")


def runtime_step(
    plan: Plan, target: Target, *, files: Iterable[Path], output: Path, services: Services
) -> None:
    """Compile the runtime libraries that the builds of `target` link, for C and C++, and Rust if they need it.

    Args:
        plan: the plan.
        target: one that something is built for.
        files: the toolchain of its builds, under any name; others do no harm.
        output: the archive to write.
        services: what to work with; nothing is fetched.

    Raises:
        InputError: nothing is built for the target, or the toolchain was not given.
        BuildError: the compiler failed.
    """
    environments = _environments(plan, target)
    rust = any(one.rust for one in environments)
    tries_build_machine = any(_tries_build_machine(plan, one) for one in environments)
    made: list[Path] = []
    with services.store.scratch() as scratch:
        for toolchain in sorted({one.toolchain for one in environments if one.toolchain is not None}):
            wheel = given_files(files).named([plan.artifacts[toolchain]], scratch)[toolchain]
            warm = partial(
                warm_cache,
                services.store,
                prepare_zig(services.store, wheel, target=target),
                target,
                sandbox=services.sandbox(),
                reporter=services.reporter,
            )
            for cxx in (False, True):
                made.append(warm(cxx=cxx))
                made += [warm(cxx=cxx, rust=True)] if rust else []
                made += [warm(cxx=cxx, for_build_machine=True)] if tries_build_machine else []
    with (
        replaced_file(output, mode=0o644) as fresh,
        tarfile.open(fresh, "w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for tree in made:
            archive.add(tree, arcname=tree.name)


def _environments(plan: Plan, target: Target) -> list[BuildEnvironment]:
    machine = build_machine_platform()
    found = [chosen_environment(build, machine) for build in plan.builds.values() if build.target == target]
    if not found:
        raise InputError(
            "make runtime libraries for",
            target.id,
            why="the plan builds nothing for it",
            fix="leave this step out",
        )
    return found


def _tries_build_machine(plan: Plan, environment: BuildEnvironment) -> bool:
    names = (plan.artifacts[digest].filename for digest in environment.requirements)
    return any(name.startswith(_TRY_BUILD_MACHINE) for name in names)


def take_runtime(archive: Path, services: Services) -> None:
    """Put what `runtime_step` made into the store, where builds look.

    Raises:
        InputError: it is no such archive.
    """
    try:
        with services.store.scratch() as scratch, tarfile.open(archive, "r:") as packed:
            # Sockets and the like are refused, modes are kept. Python 3.11 has filters from 3.11.4 on (PEP 706).
            packed.extraction_filter = getattr(tarfile, "tar_filter", None)
            packed.extractall(scratch)  # noqa: S202 # by the filter
            for tree in sorted(scratch.iterdir()):
                services.store.make_tree(_KIND, Digest(tree.name), partial(_move, tree))
    except (tarfile.TarError, OSError, EOFError) as error:
        raise InputError(
            "read runtime libraries",
            str(archive),
            why=" ".join(str(error).split()),
            fix="give what `crosswheel step runtime` wrote",
        ) from None


def _move(tree: Path, folder: Path) -> None:
    """Move what lies in `tree`: nobody but root may move a folder, or out of one, that is not to be written to."""
    tree.chmod(0o755)
    for entry in list(tree.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            entry.chmod(0o755)
        entry.rename(folder / entry.name)
