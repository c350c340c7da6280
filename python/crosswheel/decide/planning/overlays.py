"""Which build requirements must also be had for the target: those whose wheel carries C headers or libraries.

A build that includes numpy's headers of the build platform compiles, exits 0, and may be wrong on the target
(`NPY_SIZEOF_*` of another pointer width): so the same release's wheel for the target is laid over it. Where the
release has none, it is built from the release's sdist; where there is no sdist either, the plan is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from crosswheel.decide.locks.locks import LockedFile
from crosswheel.decide.locks.platform_tags import read_platform_tag
from crosswheel.decide.locks.wheel_names import is_sdist_name, wheel_name
from crosswheel.decide.selection.oracles import oracle_of
from crosswheel.decide.selection.selection import SelectedPackage, best_wheel
from crosswheel.decide.selection.target_facts import facts_of_target
from crosswheel.target.architectures import ARCH_ALIASES
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, ResolutionError, raise_faults
from crosswheel.values.platforms import Arch, Glibc, Linux, MacOs, Musl, OperatingSystem, Platform

__all__ = [
    "ACCEPT_CODE",
    "OverlayBuild",
    "OverlayFile",
    "carries_target_files",
    "choose_overlays",
    "is_platform_specific",
]

#: The finding a user accepts, per package, to compile against the build platform's headers after all.
ACCEPT_CODE = "build-machine-headers"

#: What compilers, linkers and Cython read from a package. Shared libraries are not among them: they are loaded.
_SUFFIXES = frozenset({".h", ".hh", ".hpp", ".hxx", ".h++", ".inc", ".a", ".lib", ".pc", ".pxd", ".pxi"})


@dataclass(frozen=True, kw_only=True, slots=True)
class OverlayFile:
    """A build requirement's wheel for the target."""

    project: str
    file: LockedFile


@dataclass(frozen=True, kw_only=True, slots=True)
class OverlayBuild:
    """A build requirement that is to be built for the target: the release has no wheel for it."""

    package: SelectedPackage


def carries_target_files(members: Iterable[str]) -> bool:
    """Tell whether a wheel with these members holds something a compiler, linker or Cython would read.

    >>> carries_target_files(["numpy/_core/include/numpy/_numpyconfig.h"])
    True
    >>> carries_target_files(["cmake/data/share/cmake-4.4/Modules/CMakeCompilerABI.h"])
    False
    >>> carries_target_files(["kiwisolver/_cext.so", "kiwisolver/__init__.py"])
    False
    """
    return any(_is_read(PurePosixPath(member)) for member in members)


def _is_read(path: PurePosixPath) -> bool:
    # `share` is for architecture-independent data (FHS 3.0, 4.11): CMake keeps the sources of its probes there.
    return path.suffix.lower() in _SUFFIXES and "share" not in path.parts


def is_platform_specific(wheel: LockedFile) -> bool:
    """Tell whether a wheel's tags name a platform."""
    return "any" not in wheel_name(wheel.filename).tags.platforms


def choose_overlays(
    packages: Sequence[SelectedPackage],
    target: Target,
    *,
    build_platform: Target,
    members: Callable[[LockedFile], Mapping[str, str]],
    accepted: bool,
    wanted_by: str,
) -> tuple[OverlayFile | OverlayBuild, ...]:
    """Return the overlays of one build.

    Args:
        packages: its build environment; what is built for it must be there as the wheel that came of it.
        target: what it is built for.
        build_platform: what the environment was chosen for; a target that takes the very same wheel needs no overlay.
        members: names of the files in a wheel, each with something that is the same for the same content.
        accepted: compile against the build platform's files where the target's do not exist as a wheel.
        wanted_by: the sdist, for messages.

    Raises:
        ResolutionError: a build requirement carries headers or libraries and has neither a wheel for the target
            nor an sdist.
    """
    overlays: list[OverlayFile | OverlayBuild] = []
    faults: list[CrosswheelError] = []
    facts = facts_of_target(target)
    for package in packages:
        wheel = package.wheel
        if wheel is None or not is_platform_specific(wheel):
            continue
        wheels = [file for file in (wheel, *package.others) if file.filename.endswith(".whl")]
        # A release that also has a wheel for every platform holds nothing that differs between platforms
        # but speed (Cython compiled with itself, say).
        if not all(is_platform_specific(file) for file in wheels):
            continue
        found = best_wheel(wheels, facts) or best_wheel(wheels, facts_of_target(_newest(target)))
        if found == wheel or not carries_target_files(members(wheel)):
            continue
        if found is not None:
            overlays.append(OverlayFile(project=package.name, file=found))
        elif accepted or _is_neutral(wheel, wheels, target, build_platform, members):
            continue
        elif sdist := next((file for file in package.others if is_sdist_name(file.filename)), None):
            # One that was built here a moment ago is at no place that another machine could fetch it from.
            oracle = oracle_of([file for file in wheels if file.url or file.path], facts)
            overlays.append(OverlayBuild(package=_to_build(package, sdist, oracle)))
        else:
            faults.append(_no_overlay(package, target, build_platform, wanted_by))
    raise_faults(faults)
    return tuple(overlays)


def _is_neutral(
    wheel: LockedFile,
    wheels: Iterable[LockedFile],
    target: Target,
    build_platform: Target,
    members: Callable[[LockedFile], Mapping[str, str]],
) -> bool:
    """Tell whether the release itself shows that its headers are the same everywhere (cffi's are).

    They are if a wheel of it for a third architecture, with the target's C library, pointer width and byte order,
    holds the very same. A static library is machine code and never is.
    """

    def read(file: LockedFile) -> Mapping[str, str]:
        return {name: content for name, content in members(file).items() if _is_read(PurePosixPath(name))}

    def witnesses(file: LockedFile) -> bool:
        tags, own = wheel_name(file.filename).tags, wheel_name(wheel.filename).tags
        if (tags.interpreters, tags.abis) != (own.interpreters, own.abis):
            return False
        return any(_stands_for(tag, target.platform, build_platform.platform.arch) for tag in tags.platforms)

    mine = read(wheel)
    if any(name.lower().endswith((".a", ".lib")) for name in mine):
        return False
    witness = min(filter(witnesses, wheels), key=lambda file: file.filename, default=None)
    return witness is not None and read(witness) == mine


def _stands_for(tag: str, platform: Platform, besides: Arch) -> bool:
    """Tell whether headers for platform tag `tag` differ from those for `platform` by the processor alone, if at all."""
    asked = read_platform_tag(tag)
    arch = None if asked is None else ARCH_ALIASES.get(asked.arch_text)
    if asked is None or arch is None or arch is besides:
        return False
    match platform.os:
        case Linux(libc=Glibc()):
            family = "manylinux"
        case Linux(libc=Musl()):
            family = "musllinux"
        case MacOs():
            family = "macosx"
        case _:
            return False
    wanted = platform.arch.pointer_width, platform.arch.byteorder
    return asked.family == family and (arch.pointer_width, arch.byteorder) == wanted


def _to_build(package: SelectedPackage, sdist: LockedFile, oracle: LockedFile | None) -> SelectedPackage:
    return SelectedPackage(name=package.name, version=package.version, sdist=sdist, oracle=oracle)


def _newest(target: Target) -> Target:
    """Return `target` with a C library newer than any: an overlay is compiled against, never loaded there."""
    match target.platform.os:
        case Linux(libc=Glibc()):
            os: OperatingSystem = Linux(libc=Glibc(major=2, minor=99))
        case Linux(libc=Musl()):
            os = Linux(libc=Musl(major=1, minor=99))
        case MacOs():
            os = MacOs(major=99, minor=0)
        case other:
            os = other
    return Target(python=target.python, platform=Platform(os=os, arch=target.platform.arch))


def _no_overlay(
    package: SelectedPackage, target: Target, build_platform: Target, wanted_by: str
) -> ResolutionError:
    return ResolutionError(
        "compile against build requirement",
        f"{package.name} {package.version}",
        why=f"its wheel for {build_platform.platform.id} carries headers or libraries, the release has no wheel "
        f"for {target.id} and no sdist, and those of the build platform may be silently wrong there",
        fix="ask for a release that has one in build-requires of [tool.crosswheel], or, if they are the same "
        f'on both, write accept = ["{ACCEPT_CODE}"] for this package',
        context=(wanted_by,),
    )
