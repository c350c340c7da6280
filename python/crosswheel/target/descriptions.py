"""A target description: what a build has to know of the target Python that the target's name does not say.

Schema and meaning: docs/reference/description.md. Knows nothing of where descriptions are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crosswheel.target.pyconfig import PyConfig
from crosswheel.target.python_names import (
    LONG_DOUBLE_FORMATS,
    long_double_format,
    soabi_multiarch,
    sys_platform,
)
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.platforms import Glibc, Linux, MacOs, Musl, Platform
from crosswheel.values.python_abi import PythonAbi

__all__ = [
    "LONG_DOUBLE_FORMATS",
    "SCHEMA",
    "TargetDescription",
    "description_id",
    "libc_name",
    "long_double_format",
    "soabi_multiarch",
]

#: Version of the JSON shape; a reader refuses any other.
SCHEMA = 1


def libc_name(platform: Platform) -> str:
    """Return ``glibc``, ``musl`` or, for a platform without a choice of C library, its operating system."""
    match platform.os:
        case Linux(libc=Glibc()):
            return "glibc"
        case Linux(libc=Musl()):
            return "musl"
        case _:
            return type(platform.os).__name__.lower()


def description_id(target: Target) -> str:
    """Return the name of the description that serves `target`: its id without the C library's version.

    >>> from crosswheel.target.targets import parse_target_id
    >>> description_id(parse_target_id("cp311-linux_aarch64_glibc_2_28"))
    'cp311-linux_aarch64_glibc'
    """
    platform = target.platform
    system = type(platform.os).__name__.lower()
    tail = f"_{libc_name(platform)}" if isinstance(platform.os, Linux) else ""
    return f"{target.python}-{system}_{platform.arch.value}{tail}"


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetDescription:
    """Facts of one target Python on one target platform.

    Attributes:
        python: ABI of the target Python.
        platform: the target platform, with the C library version or deployment target that is built for.
        oldest_libc: oldest C library version, on macOS deployment target, this description serves; 0.0 on Windows.
        soabi: `SOABI`, e.g. ``cpython-311-aarch64-linux-gnu``.
        ext_suffix: suffix of extension modules, e.g. ``.cpython-311-aarch64-linux-gnu.so``.
        stable_abi_suffix: suffix of stable ABI extension modules, ``.abi3.so``, on Windows ``.pyd``; empty where the
            target loads none.
        extension_suffixes: what the target's import system tries, in order.
        cache_tag: `sys.implementation.cache_tag`.
        multiarch: `MULTIARCH`; on Windows, which has none, the platform tag.
        gnu_triple: GNU triple of the target platform.
        long_double_format: as numpy's ``longdouble_format`` property spells it.
        pyconfig: the macros of the target's pyconfig.h.
        provenance: where all this comes from.
    """

    python: PythonAbi
    platform: Platform
    oldest_libc: tuple[int, int]
    soabi: str
    ext_suffix: str
    stable_abi_suffix: str
    extension_suffixes: tuple[str, ...]
    cache_tag: str
    multiarch: str
    gnu_triple: str
    long_double_format: str
    pyconfig: PyConfig
    provenance: Mapping[str, JsonValue]

    @property
    def target(self) -> Target:
        """The target this description is for."""
        return Target(python=self.python, platform=self.platform)

    @property
    def id(self) -> str:
        """Its name, e.g. ``cp311-linux_aarch64_glibc``."""
        return description_id(self.target)

    @property
    def digest(self) -> Digest:
        """Digest of its canonical JSON, which a plan pins; the C library version is part of it."""
        return digest_of_json(self.to_json())

    @property
    def python_directory(self) -> str:
        """Name of the target Python's folders below ``include`` and ``lib``, e.g. ``python3.13t``."""
        return f"python{self.python.version}{self.python.flags}"

    @property
    def sysconfigdata_name(self) -> str:
        """Name of the module that CPython keeps its build-time variables in; on Windows one made up likewise."""
        return f"_sysconfigdata_{self.python.flags}_{sys_platform(self.platform)}_{self.multiarch}"

    @property
    def sizeof(self) -> Mapping[str, int]:
        """Size in bytes of each C type whose ``SIZEOF_`` macro pyconfig.h has, e.g. ``{"VOID_P": 8}``."""
        sizes = {
            name.removeprefix("SIZEOF_"): self.pyconfig.number(name)
            for name in sorted(self.pyconfig.macros)
            if name.startswith("SIZEOF_")
        }
        return {name: size for name, size in sizes.items() if size is not None}

    @property
    def pointer_width(self) -> int:
        """Bits of a pointer."""
        return 8 * (self.pyconfig.number("SIZEOF_VOID_P") or 0)

    @property
    def byteorder(self) -> str:
        """``little`` or ``big``, as pyconfig.h has it."""
        return "little" if self.pyconfig.macros.get("WORDS_BIGENDIAN") is None else "big"

    def to_json(self) -> dict[str, JsonValue]:
        """Return the whole document, self-contained, with the C library version that is built for."""
        return {
            "schema": SCHEMA,
            "python": {
                "implementation": "cpython",
                "abi": str(self.python),
                "soabi": self.soabi,
                "ext_suffix": self.ext_suffix,
                "stable_abi_suffix": self.stable_abi_suffix,
                "extension_suffixes": list(self.extension_suffixes),
                "cache_tag": self.cache_tag,
            },
            "platform": {
                "os": type(self.platform.os).__name__.lower(),
                "arch": self.platform.arch.value,
                **self._system_json(),
                "multiarch": self.multiarch,
                "gnu_triple": self.gnu_triple,
                "pointer_width": self.pointer_width,
                "byteorder": self.byteorder,
                "long_double_format": self.long_double_format,
            },
            "pyconfig": {
                "macros": dict(self.pyconfig.macros),
                "guarded": sorted(self.pyconfig.guarded),
            },
            "provenance": dict(self.provenance),
        }

    def _system_json(self) -> dict[str, JsonValue]:
        """Return what tells one version of the system from another."""
        oldest = ".".join(map(str, self.oldest_libc))
        match self.platform.os:
            case Linux(libc=libc):
                return {
                    "libc": libc_name(self.platform),
                    "libc_version": f"{libc.major}.{libc.minor}",
                    "oldest_libc_version": oldest,
                }
            case MacOs(major=major, minor=minor):
                return {"deployment_target": f"{major}.{minor}", "oldest_deployment_target": oldest}
            case _:
                return {}
