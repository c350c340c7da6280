"""A build of a plan whose sdist is replaced by the project's own source as it is now.

For build systems that hold the source themselves: a change of it needs no new plan, as long as it is built with the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from crosswheel.act.planning.project_folders import pack_files
from crosswheel.decide.plan import Artifact, Plan
from crosswheel.values.digests import digest_of

__all__ = ["with_own_source"]


def with_own_source(
    plan: Plan, id_: str, files: Mapping[str, Path], programs: Mapping[str, Path], *, folder: Path
) -> tuple[Plan, Path]:
    """Return a plan in which a build is one of these files, and the sdist that they are packed into.

    Args:
        plan: the plan.
        id_: the build.
        files: path in the project's folder to the file.
        programs: the same for those that can be executed.
        folder: where the sdist is put.

    Raises:
        InputError: a path leads out of the folder, or a file cannot be read.
    """
    build = plan.builds[id_]
    packed = pack_files(build.name, build.version, files, programs=programs)
    sdist = folder / packed.filename
    sdist.write_bytes(packed.data)
    digest = digest_of(packed.data)
    artifact = Artifact(sha256=digest, filename=packed.filename, path=packed.filename)
    changed = replace(
        plan,
        artifacts={**plan.artifacts, digest: artifact},
        builds={**plan.builds, id_: replace(build, sdist=digest)},
    )
    return changed, sdist
