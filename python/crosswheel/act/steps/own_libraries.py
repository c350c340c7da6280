"""A build of a plan that links libraries which are given, in place of those that the plan names.

For build systems that make the libraries themselves: a change of one needs no new plan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from crosswheel.act.sysroot.folder_pack import pack_libraries, places_of
from crosswheel.decide.plans.plan import Artifact, Plan, Sysroot, SysrootPackage
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import InputError

__all__ = ["with_own_libraries"]


def with_own_libraries(
    plan: Plan, id_: str, files: Iterable[tuple[str, Path]], *, folder: Path
) -> tuple[Plan, list[Path]]:
    """Return a plan in which a build links these libraries, and the archives that they are packed into.

    They are linked as the plan says, statically if it says nothing.

    Args:
        plan: the plan.
        id_: the build.
        files: name of a library and path in its folder, ``z/include/zlib.h``, and the file or a folder of files. A path
            may come with several folders, ``z/usr``: one library that was installed into two prefixes.
        folder: where the archives are put.

    Raises:
        InputError: a path leads out, or a library has neither headers nor object code.
    """
    build = plan.builds[id_]
    by_name: dict[str, list[tuple[str, Path]]] = {}
    for text, path in files:
        name, slash, place = text.partition("/")
        if not slash or not name or not place:
            raise InputError(
                "read library",
                text,
                why="it is not of the form NAME/PATH=FILE",
                fix="write e.g. z/include/zlib.h=FILE",
            )
        by_name.setdefault(name, []).append((place, _prefix(path) if place == "usr" else path))
    # One library's texts may tell where another one's files are, and one library may be several folders.
    places = {path: place for own in by_name.values() for path, place in places_of(own).items()}
    artifacts, archives, packages = dict(plan.artifacts), [], []
    for name, own in by_name.items():
        data = pack_libraries(own, build.target, shown=name, places=places)
        digest = digest_of(data)
        # The name that a folder has when it is packed beside a plan.
        archive = folder / f"{name}-{digest.hex[:12]}.tar"
        archive.write_bytes(data)
        archives.append(archive)
        artifacts[digest] = Artifact(sha256=digest, filename=archive.name, path=archive.name, size=len(data))
        packages.append(SysrootPackage(name=name, version="", artifact=digest))
    sysroot = Sysroot(
        packages=tuple(packages),
        link="static" if build.sysroot is None else build.sysroot.link,
        wanted=tuple(by_name),
        origin="folder",
    )
    changed = replace(plan, artifacts=artifacts, builds={**plan.builds, id_: replace(build, sysroot=sysroot)})
    return changed, archives


def _prefix(folder: Path) -> Path:
    """Return the prefix that a folder is, or that is in it where it is the root of a system."""
    return folder / "usr" if (folder / "usr").is_dir() else folder
