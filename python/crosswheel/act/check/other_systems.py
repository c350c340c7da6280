"""Judges the machine code of a wheel for Windows, macOS, iOS, Android or Emscripten, each by its own format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crosswheel.target.architectures import ARCH_NAMES
from crosswheel.target.targets import Target
from crosswheel.values.platforms import Android, Arch, Emscripten, Ios, MacOs, Windows

from .android_checks import check_android
from .elf import Elf
from .findings import Finding
from .mach_o import MachO
from .mach_o_checks import MachOBundle, MachOFile, check_mach_o, deployment_target, oldest_macos
from .machine_files import MachineFile, native_kind, native_word
from .pe import Pe
from .pe_checks import PeBundle, PeFile, check_pe

__all__ = ["check_other_system", "earned_platforms", "fitting_files"]


def fitting_files(files: Sequence[MachineFile], target: Target) -> tuple[MachineFile, ...]:
    """Return the files with code for the target's system and machine."""
    word = native_word(target)
    return tuple(file for file in files if file.kind is native_kind(target) and word in file.machines)


def check_other_system(
    files: Sequence[MachineFile],
    target: Target,
    *,
    pure: bool,
    built: bool,
    abis: tuple[str, ...] = (),
    python_names: frozenset[str] | None = None,
) -> Iterator[Finding]:
    """Yield what is wrong with the binaries of a wheel.

    Args:
        files: all of its machine code.
        target: a target that is not Linux.
        pure: the wheel is for any platform, so that its programs are data.
        built: we built the wheel.
        abis: its ABI tags.
        python_names: the C API's names by the target's headers, ``None`` when not known.
    """
    fitting = fitting_files(files, target)
    yield from _machines(files, fitting, target, pure=pure, built=built)
    if pure:
        return
    yield from _by_format(fitting, target, built=built, abis=abis, python_names=python_names)
    for file in fitting:
        if file.sanitizer is not None:
            message = f"it was compiled with a sanitizer ({file.sanitizer}); compile with -fno-sanitize=all"
            yield Finding.of("sanitizer-runtime", file.path, message, built=built, symbol=file.sanitizer)
    if isinstance(target.platform.os, Emscripten):
        message = "of WebAssembly only the format is read; what it needs is not checked, and no platform tag is earned"
        yield Finding.of("binaries-not-read", "", message, built=built)


def _machines(
    files: Sequence[MachineFile],
    fitting: Sequence[MachineFile],
    target: Target,
    *,
    pure: bool,
    built: bool,
) -> Iterator[Finding]:
    native, word = native_kind(target), native_word(target)
    for file in files:
        if file in fitting or (isinstance(file.image, Pe) and file.image.is_managed):
            continue
        name = f"a {file.kind.value} file for {' and '.join(file.machines)}"
        if file.is_module or (file.kind is native and not pure and not fitting):
            message = f"it is {name}, the target is {target.platform.arch.value} of {target.id}"
            yield Finding.of("wrong-machine", file.path, message, built=built)
        elif file.kind is native and not pure:
            message = f"it is {name} beside those for {word}; only processes of that machine can load it"
            yield Finding.of("secondary-machine", file.path, message, built=built)
        else:
            message = f"it is {name}, which the target carries but need not be able to run"
            yield Finding.of("foreign-format", file.path, message, built=built)


def _by_format(
    fitting: Sequence[MachineFile],
    target: Target,
    *,
    built: bool,
    abis: tuple[str, ...],
    python_names: frozenset[str] | None,
) -> Iterator[Finding]:
    apple = MachOBundle.of(target, _mach_o_files(fitting), built=built, python_names=python_names)
    for mach_o in apple.files:
        yield from check_mach_o(mach_o, apple)
    windows = PeBundle.of(target, _pe_files(fitting), built=built, abis=abis, python_names=python_names)
    for pe in windows.files:
        yield from check_pe(pe, windows)
    elves = [(file.path, file.image) for file in fitting if isinstance(file.image, Elf)]
    names = [name for path, elf in elves for name in (path.rpartition("/")[2], elf.soname) if name]
    for path, elf in elves:
        yield from check_android(path, elf, names, target, built=built)


def _mach_o_files(files: Sequence[MachineFile]) -> tuple[MachOFile, ...]:
    return tuple(MachOFile(file.path, file.image) for file in files if isinstance(file.image, MachO))


def _pe_files(files: Sequence[MachineFile]) -> tuple[PeFile, ...]:
    return tuple(PeFile(file.path, file.image) for file in files if isinstance(file.image, Pe))


def earned_platforms(files: Sequence[MachineFile], target: Target) -> tuple[str, ...]:
    """Return the platform tags that the binaries of a wheel prove; none where they prove nothing.

    Args:
        files: all of its machine code.
        target: a target that is not Linux.
    """
    fitting = fitting_files(files, target)
    arch = ARCH_NAMES[target.platform.arch]
    match target.platform.os:
        case Windows() if fitting and arch.windows:
            return (arch.windows,)
        case MacOs() if fitting:
            major, minor = _macos_tag_version(oldest_macos(_mach_o_files(fitting)), target.platform.arch)
            both = all({"arm64", "x86_64"} <= set(file.machines) for file in fitting)
            return (f"macosx_{major}_{minor}_{'universal2' if both else arch.apple}",)
        case Ios(sdk=sdk) if fitting:
            major, minor = max(deployment_target(_mach_o_files(fitting)), (13, 0))
            return (f"ios_{major}_{minor}_{arch.apple}_{sdk}",)
        case Android(api_level=level) if fitting:
            return (f"android_{level}_{arch.android}",)
        case _:
            return ()


def _macos_tag_version(minimum: tuple[int, int], arch: Arch) -> tuple[int, int]:
    """Return the version of the tag: since macOS 11 tags count major versions only, so 11.3 is first kept by 12.0."""
    major, minor = max(minimum, (11, 0) if arch is Arch.AARCH64 else (10, 9))
    return (major + 1, 0) if major >= 11 and minor else (major, minor)
