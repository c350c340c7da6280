"""Meson's cross file: what is compiled for, with what, and facts Meson cannot find out without running a program.

Meson reads no environment variable for it: it has to be named on the command line of ``meson setup``
(https://mesonbuild.com/Cross-compilation.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.render.build_paths import BuildPaths
from crosswheel.target.descriptions import TargetDescription
from crosswheel.values.platforms import Arch, Linux, MacOs, OperatingSystem, Windows

__all__ = ["meson_config_settings", "render_meson_cross_file"]

#: Meson's names of CPU families, where they are not ours (https://mesonbuild.com/Reference-tables.html#cpu-families).
_FAMILIES: Mapping[Arch, str] = MappingProxyType(
    {Arch.ARMV7L: "arm", Arch.I686: "x86", Arch.PPC64LE: "ppc64"}
)

#: Meson's ``system``, ``subsystem`` and ``kernel`` of operating systems.
_SYSTEMS: Mapping[type[OperatingSystem], tuple[str, str, str]] = MappingProxyType(
    {
        Linux: ("linux", "linux", "linux"),
        MacOs: ("darwin", "macos", "xnu"),
        Windows: ("windows", "windows", "nt"),
    }
)

#: Launchers by Meson's name of the tool.
_TOOLS: Mapping[str, str] = MappingProxyType(
    {
        "c": "cc",
        "cpp": "c++",
        **{name: name for name in ("ar", "nm", "objcopy", "ranlib", "strip", "pkg-config")},
    }
)

#: Programs of the build environment that Meson looks for by the cross file alone when it compiles for another
#: machine: the scripts of its own dependency lookups, and the Python it asks about the target, which shows it.
_PROGRAMS = ("python", "numpy-config", "pybind11-config")

_TEXT = """\
# Meson's cross file. Rendered by crosswheel.
[binaries]
{binaries}

[host_machine]
system = '{system}'
subsystem = '{subsystem}'
kernel = '{kernel}'
cpu_family = '{family}'
cpu = '{cpu}'
endian = '{endian}'

[properties]
needs_exe_wrapper = true
longdouble_format = '{long_double}'
"""


def render_meson_cross_file(description: TargetDescription, paths: BuildPaths) -> str:
    """Return the text of the cross file.

    Args:
        description: the target description.
        paths: where things stand during the build.
    """
    arch = description.platform.arch
    system, subsystem, kernel = _SYSTEMS[type(description.platform.os)]
    binaries = {name: f"{paths.toolchain}/bin/{tool}" for name, tool in _TOOLS.items()}
    binaries |= {name: f"{paths.environment}/bin/{name}" for name in _PROGRAMS}
    return _TEXT.format(
        binaries="\n".join(f"{name} = '{path}'" for name, path in binaries.items()),
        system=system,
        subsystem=subsystem,
        kernel=kernel,
        family=_FAMILIES.get(arch, arch.value),
        cpu=arch.value,
        endian=description.byteorder,
        long_double=description.long_double_format,
    )


def meson_config_settings(
    settings: Mapping[str, str | tuple[str, ...]], cross_file: str
) -> dict[str, str | tuple[str, ...]]:
    """Return the config settings of meson-python with the cross file put before the user's own arguments.

    Args:
        settings: the user's settings; a later cross file of theirs overrules this one key by key.
        cross_file: path of the cross file, as the build sees it.

    >>> meson_config_settings({"setup-args": "-Dblas=none"}, "/crosswheel/target/meson-cross.ini")
    {'setup-args': ('--cross-file=/crosswheel/target/meson-cross.ini', '-Dblas=none')}
    """
    own = settings.get("setup-args", ())
    arguments = (own,) if isinstance(own, str) else tuple(own)
    return {**settings, "setup-args": (f"--cross-file={cross_file}", *arguments)}
