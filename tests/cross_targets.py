"""Targets, paths and a small header tree that the tests of the cross Python share."""

from __future__ import annotations

from pathlib import Path

from crosswheel.act.target_python.load_description import load_description
from crosswheel.render.build_paths import BuildPaths, build_paths_under
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.targets import parse_target_id

LINUX_PLATFORMS = (
    "linux_x86_64_glibc_2_28",
    "linux_aarch64_glibc_2_28",
    "linux_armv7l_glibc_2_28",
    "linux_i686_glibc_2_28",
    "linux_ppc64le_glibc_2_28",
    "linux_s390x_glibc_2_28",
    "linux_riscv64_glibc_2_31",
)
MUSL_PLATFORMS = tuple(f"{platform.rpartition('_glibc_')[0]}_musl_1_2" for platform in LINUX_PLATFORMS)

#: Fixed places, so that rendered texts are the same on every machine.
PATHS: BuildPaths = build_paths_under("/fixed", "/scratch")


def description_of(target: str) -> TargetDescription:
    """Return the shipped description of a target id."""
    return load_description(parse_target_id(target))


def write_include_tree(folder: Path, version: str, **others: str) -> Path:
    """Write the least that counts as CPython's Include tree, and other files by name (``__`` for ``/``)."""
    texts = {
        "Python.h": "#include <patchlevel.h>\n#include <pyconfig.h>\n",
        "object.h": "typedef struct _object PyObject;\n",
        "patchlevel.h": f'#define PY_MAJOR_VERSION 3\n#define PY_VERSION "{version}"\n',
        "cpython/object.h": "/* not in the limited API */\n",
        **{name.replace("__", "/").replace("_h", ".h"): text for name, text in others.items()},
    }
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder
