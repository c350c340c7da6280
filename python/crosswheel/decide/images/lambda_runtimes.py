"""What AWS Lambda runs Python wheels on, and how much a layer may hold.

Followed: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html and gettingstarted-limits.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from packaging.utils import parse_wheel_filename

from crosswheel.decide.locks.platform_tags import read_platform_tag
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError
from crosswheel.values.platforms import Arch, Glibc, Linux

__all__ = [
    "LARGEST_UNPACKED",
    "LARGEST_UPLOAD",
    "LambdaRuntime",
    "lambda_runtime",
    "not_on",
    "too_new_faults",
]

#: What a function and all its layers may be together, unpacked, in bytes.
LARGEST_UNPACKED = 262_144_000
#: Archives above this many bytes are not taken directly, but from S3.
LARGEST_UPLOAD = 50 * 1024 * 1024

_ARCHITECTURES: Mapping[Arch, str] = MappingProxyType({Arch.X86_64: "x86_64", Arch.AARCH64: "arm64"})
_AMAZON_LINUX_2 = ("Amazon Linux 2", 26)
_AMAZON_LINUX_2023 = ("Amazon Linux 2023", 34)
#: The first minor version of Python 3 whose runtime is built on Amazon Linux 2023.
_FIRST_ON_2023 = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class LambdaRuntime:
    """What a Lambda function runs on.

    Attributes:
        name: as Lambda calls it, e.g. ``python3.13``.
        architecture: as Lambda calls it: ``x86_64`` or ``arm64``.
        system: the operating system, for people.
        glibc: its glibc.
    """

    name: str
    architecture: str
    system: str
    glibc: Glibc


def lambda_runtime(target: Target) -> LambdaRuntime:
    """Return the runtime that functions for `target` run on.

    Raises:
        InputError: Lambda has none.

    >>> from crosswheel.target.targets import parse_target_id
    >>> lambda_runtime(parse_target_id("cp313-linux_aarch64_glibc_2_28")).system
    'Amazon Linux 2023'
    """
    system, architecture = target.platform.os, _ARCHITECTURES.get(target.platform.arch)
    if not isinstance(system, Linux) or not isinstance(system.libc, Glibc) or architecture is None:
        raise _no_runtime(target, "Lambda runs on Linux with glibc, on x86_64 and arm64")
    if target.python.flags:
        why, version = f"Lambda's Python has another ABI than {target.python}", target.python.version
        raise _no_runtime(target, why, fix=f"plan for it with --python {version}")
    name, minor = _AMAZON_LINUX_2023 if target.python.minor >= _FIRST_ON_2023 else _AMAZON_LINUX_2
    return LambdaRuntime(
        name=f"python{target.python.version}",
        architecture=architecture,
        system=name,
        glibc=Glibc(major=2, minor=minor),
    )


def _no_runtime(
    target: Target, why: str, *, fix: str = "name a target such as linux_arm64 or linux_amd64"
) -> InputError:
    return InputError("make a Lambda layer for", target.id, why=why, fix=fix)


def too_new_faults(filenames: Iterable[str], runtime: LambdaRuntime) -> list[CrosswheelError]:
    """Return a fault for each wheel that promises to run on newer systems than the runtime's only.

    Args:
        filenames: names of checked wheels of the target.
        runtime: what they would run on.
    """
    own = (runtime.glibc.major, runtime.glibc.minor)
    faults: list[CrosswheelError] = []
    for filename in filenames:
        oldest = _oldest_glibc(filename)
        if oldest is not None and oldest > own:
            faults.append(not_on(runtime, filename, f"it needs glibc {oldest[0]}.{oldest[1]}"))
    return faults


def not_on(runtime: LambdaRuntime, filename: str, why: str) -> InputError:
    """Return the refusal of a wheel that needs a newer system than a runtime's.

    Args:
        runtime: what it would run on.
        filename: the wheel's.
        why: what it needs.
    """
    floor = f"{runtime.glibc.major}_{runtime.glibc.minor}"
    return InputError(
        "put into a Lambda layer",
        filename,
        why=f"{why}, and {runtime.name} runs on {runtime.system} with glibc {floor.replace('_', '.')}",
        fix=f"plan for manylinux_{floor}_{_tag_architecture(runtime)}, or for a newer Python",
    )


def _tag_architecture(runtime: LambdaRuntime) -> str:
    return next(arch.value for arch, name in _ARCHITECTURES.items() if name == runtime.architecture)


def _oldest_glibc(filename: str) -> tuple[int, ...] | None:
    """Return the oldest glibc that one of the wheel's tags names; ``None`` for a wheel that names none."""
    _, _, _, tags = parse_wheel_filename(filename)
    found = [read_platform_tag(tag.platform) for tag in tags]
    if any(one is None for one in found):
        return None
    return min((one.version for one in found if one is not None and one.family == "manylinux"), default=None)
