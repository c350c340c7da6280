"""What can be told of binaries for Windows, macOS, iOS and Android: their machine; nothing of what they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from crosswheel.target.targets import Target
from crosswheel.values.platforms import Android, Arch, Ios, MacOs, Windows

from .binary_kinds import BinaryKind
from .findings import Finding

__all__ = ["MachineFile", "check_other_system"]

_NATIVE = MappingProxyType(
    {Windows: BinaryKind.PE, MacOs: BinaryKind.MACH_O, Ios: BinaryKind.MACH_O, Android: BinaryKind.ELF}
)
_WORDS = MappingProxyType(
    {
        (BinaryKind.PE, Arch.I686): "x86",
        (BinaryKind.PE, Arch.X86_64): "amd64",
        (BinaryKind.PE, Arch.AARCH64): "arm64",
        (BinaryKind.PE, Arch.ARMV7L): "arm",
        (BinaryKind.MACH_O, Arch.X86_64): "x86_64",
        (BinaryKind.MACH_O, Arch.AARCH64): "arm64",
        (BinaryKind.MACH_O, Arch.I686): "i386",
        (BinaryKind.ELF, Arch.I686): "i686",
        (BinaryKind.ELF, Arch.X86_64): "x86_64",
        (BinaryKind.ELF, Arch.AARCH64): "aarch64",
        (BinaryKind.ELF, Arch.ARMV7L): "ARM",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFile:
    """A file of machine code.

    Attributes:
        path: the member.
        kind: its format.
        machines: words of the format for the machines it holds code for.
        is_module: it has an extension module's name.
    """

    path: str
    kind: BinaryKind
    machines: tuple[str, ...]
    is_module: bool


def check_other_system(
    files: Sequence[MachineFile], target: Target, *, pure: bool, built: bool
) -> Iterator[Finding]:
    """Yield what is wrong with the binaries of a wheel for a system whose formats are not read, and say that.

    Args:
        files: all of its machine code.
        target: a target that is not Linux.
        pure: the wheel is for any platform, so that its programs are data.
        built: we built the wheel.
    """
    native = _NATIVE.get(type(target.platform.os))
    arch = target.platform.arch
    word = None if native is None else _WORDS.get((native, arch))
    fitting = [file for file in files if file.kind is native and word in file.machines]
    for file in files:
        if file in fitting:
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
    if not pure:
        message = (
            "of binaries for this system only the machine is read; what they need of libraries and of the system's "
            "version is not checked, and no platform tag is earned"
        )
        yield Finding.of("binaries-not-read", "", message, built=built)
