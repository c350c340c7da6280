"""The view document: what the cross Python shows of the target, read by act/building/injected/_crosswheel_view.py.

Its fields are described in that file's header; both sides are of one crosswheel, so that it has no version.
"""

from __future__ import annotations

from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.loaded_libraries import loaded_libraries
from crosswheel.target.architectures import ARCH_NAMES
from crosswheel.target.descriptions import TargetDescription, libc_name
from crosswheel.target.python_names import os_name, sys_platform
from crosswheel.target.system_limits import allocation_granularity, known_sysconf, page_size, thread_info
from crosswheel.target.triples import sysconfig_platform
from crosswheel.values.canonical_json import JsonValue, canonical_json
from crosswheel.values.platforms import Linux, MacOs, OperatingSystem, Windows

__all__ = [
    "KERNEL_RELEASE",
    "KERNEL_VERSION",
    "NODE",
    "SYSTEM_NAMES",
    "WINDOWS_VERSION",
    "render_view_document",
    "target_uname",
]

#: What `os.uname` says of the parts of a target nobody can know before it runs; fixed, so that no build machine's
#: kernel can end up in a wheel.
NODE = "localhost"
KERNEL_RELEASE = "5.10.0"
KERNEL_VERSION = "#1 SMP"
#: Names of the standard library that differ on the target's system; a file in `BuildPaths.target`.
SYSTEM_NAMES = "system-names.json"
#: The oldest Windows that all Pythons in support run on.
WINDOWS_VERSION = "10.0.14393"


def render_view_document(description: TargetDescription, paths: BuildPaths, *, release: str) -> str:
    """Return the JSON document that the environment variable ``CROSSWHEEL_VIEW`` names during a build.

    Args:
        description: the target description.
        paths: where things stand during the build.
        release: the full version of the headers, e.g. ``3.11.7``.
    """
    system = description.platform.os
    root, folder = paths.target, description.python_directory
    configuration = f"config-{description.python.version}{description.python.flags}-{description.multiarch}"
    document: dict[str, JsonValue] = {
        "target": description.target.id,
        "python": [description.python.major, description.python.minor],
        "release": release,
        "abiflags": description.python.flags,
        "byteorder": description.byteorder,
        "pointer_width": description.pointer_width,
        "long_width": 32 if isinstance(system, Windows) else description.pointer_width,
        "sysconfig_platform": sysconfig_platform(description.platform),
        "sysconfigdata_name": description.sysconfigdata_name,
        "variables": f"{root}/lib/{folder}/{_variables_file(description)}",
        "include": f"{root}/include/{folder}",
        "config_h": f"{root}/include/{folder}/pyconfig.h",
        "makefile": f"{root}/lib/{folder}/{configuration}/Makefile",
        "uname": list(target_uname(description)),
        "libc": [libc_name(description.platform), _version(system)],
        "multiarch": description.multiarch,
        "extension_suffixes": list(description.extension_suffixes),
    }
    document["thread_info"] = list(thread_info(description.platform))
    document["wchar_size"] = description.sizeof.get("WCHAR_T", 0)
    document["long_double_size"] = description.sizeof.get("LONG_DOUBLE", 0)
    document["page_size"] = page_size(description.platform)
    document["allocation_granularity"] = allocation_granularity(description.platform)
    sysconf = known_sysconf(description.platform)
    if sysconf is not None:
        document["sysconf"] = dict(sysconf)
    document["libraries"] = dict(loaded_libraries(description.platform))
    if isinstance(system, Linux):
        usr_lib = f"{paths.sysroot}/usr/lib"
        document["library_folders"] = [f"{usr_lib}/{description.multiarch}", usr_lib]
    else:
        document["system"] = {
            "sys_platform": sys_platform(description.platform),
            "os_name": os_name(description.platform),
            "version": _version(system),
            "source": paths.source,
            "names": f"{root}/{SYSTEM_NAMES}",
        }
    return canonical_json(document).decode() + "\n"


def target_uname(description: TargetDescription) -> tuple[str, str, str, str, str]:
    """Return the five fields of `os.uname`, on Windows of `platform.uname`."""
    names = ARCH_NAMES[description.platform.arch]
    match description.platform.os:
        case MacOs(major=major):
            # Darwin 20 is macOS 11, Darwin 19 was 10.15.
            release = f"{major + 9 if major > 10 else 19}.0.0"
            return "Darwin", NODE, release, f"Darwin Kernel Version {release}", names.apple or ""
        case Windows():
            return "Windows", NODE, "10", WINDOWS_VERSION, names.windows_machine or ""
        case _:
            return "Linux", NODE, KERNEL_RELEASE, KERNEL_VERSION, description.platform.arch.value


def _version(system: OperatingSystem) -> str:
    """Return the version of the C library, on macOS and Windows of the system."""
    match system:
        case Linux(libc=libc):
            return f"{libc.major}.{libc.minor}"
        case MacOs(major=major, minor=minor):
            return f"{major}.{minor}"
        case _:
            return WINDOWS_VERSION


def _variables_file(description: TargetDescription) -> str:
    return description.sysconfigdata_name.replace("_sysconfigdata_", "_sysconfig_vars_") + ".json"
