"""Platforms in the words of container images, and back to the architecture that their binaries are for."""

from __future__ import annotations

from crosswheel.values.oci_descriptors import OciPlatform
from crosswheel.values.platforms import Arch, Platform

from .architectures import ARCH_NAMES
from .triples import oci_platform

__all__ = ["arch_of_oci", "is_oci_architecture", "oci_platform_of"]

#: Values of GOARCH that images for Linux, Windows and others exist for (https://go.dev/doc/install/source#environment).
_GO_ARCHITECTURES = frozenset(
    [
        *("386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle"),
        *("ppc64", "ppc64le", "riscv64", "s390x", "wasm"),
    ]
)
_BY_NAME = {names.oci: arch for arch, names in ARCH_NAMES.items() if names.oci is not None}


def oci_platform_of(platform: Platform) -> OciPlatform:
    """Return what an image for a platform says it runs on.

    Raises:
        InputError: no container image runs on that platform.

    >>> from .targets import parse_target_id
    >>> str(oci_platform_of(parse_target_id("cp312-linux_armv7l_glibc_2_28").platform))
    'linux/arm/v7'
    """
    system, architecture, variant = (*oci_platform(platform).split("/"), "")[:3]
    return OciPlatform(os=system, architecture=architecture, variant=variant)


def arch_of_oci(platform: OciPlatform) -> Arch | None:
    """Return the architecture of the binaries of an image for Linux; ``None`` for what none is known of.

    ARM without a variant is version 7; binaries of version 6 are told apart from those by nothing but their code.

    >>> arch_of_oci(OciPlatform(os="linux", architecture="arm64", variant="v8"))
    <Arch.AARCH64: 'aarch64'>
    """
    if platform.os != "linux":
        return None
    if platform.architecture == "arm":
        return Arch.ARMV7L if platform.variant in {"", "v6", "v7"} else None
    return _BY_NAME.get(platform.architecture)


def is_oci_architecture(name: str) -> bool:
    """Tell whether images may name an architecture so."""
    return name in _GO_ARCHITECTURES
