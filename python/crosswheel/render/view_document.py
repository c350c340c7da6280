"""The view document: what the cross Python shows of the target, read by act/building/injected/_crosswheel_view.py.

Its fields are described in that file's header; both sides are of one crosswheel, so that it has no version.
"""

from __future__ import annotations

from crosswheel.render.build_paths import BuildPaths
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.triples import sysconfig_platform
from crosswheel.values.canonical_json import JsonValue, canonical_json
from crosswheel.values.platforms import Glibc, Linux, Musl

__all__ = ["KERNEL_RELEASE", "KERNEL_VERSION", "NODE", "render_view_document"]

#: What `os.uname` says of the parts of a target nobody can know before it runs; fixed, so that no build machine's
#: kernel can end up in a wheel.
NODE = "localhost"
KERNEL_RELEASE = "5.10.0"
KERNEL_VERSION = "#1 SMP"


def render_view_document(description: TargetDescription, paths: BuildPaths) -> str:
    """Return the JSON document that the environment variable ``CROSSWHEEL_VIEW`` names during a build."""
    libc = description.platform.os.libc if isinstance(description.platform.os, Linux) else None
    root, folder = paths.target, description.python_directory
    configuration = f"config-{description.python.version}{description.python.flags}-{description.multiarch}"
    document: dict[str, JsonValue] = {
        "target": description.target.id,
        "python": [description.python.major, description.python.minor],
        "abiflags": description.python.flags,
        "byteorder": description.byteorder,
        "pointer_width": description.pointer_width,
        "sysconfig_platform": sysconfig_platform(description.platform),
        "sysconfigdata_name": description.sysconfigdata_name,
        "variables": f"{root}/lib/{folder}/{_variables_file(description)}",
        "include": f"{root}/include/{folder}",
        "config_h": f"{root}/include/{folder}/pyconfig.h",
        "makefile": f"{root}/lib/{folder}/{configuration}/Makefile",
        "uname": ["Linux", NODE, KERNEL_RELEASE, KERNEL_VERSION, description.platform.arch.value],
        "libc": ["glibc" if isinstance(libc, Glibc) else "musl", _version(libc)],
        "multiarch": description.multiarch,
        "extension_suffixes": list(description.extension_suffixes),
    }
    return canonical_json(document).decode() + "\n"


def _version(libc: Glibc | Musl | None) -> str:
    return "" if libc is None else f"{libc.major}.{libc.minor}"


def _variables_file(description: TargetDescription) -> str:
    return description.sysconfigdata_name.replace("_sysconfigdata_", "_sysconfig_vars_") + ".json"
