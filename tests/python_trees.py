"""Made-up target Pythons on disk, in the layouts that real ones have."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

from cross_targets import description_of, write_include_tree
from crosswheel.render.pyconfig import render_pyconfig
from crosswheel.target.descriptions import TargetDescription

DISPATCHER = """\
#if defined(__linux__)
# if defined(__x86_64__)
#  include <x86_64-linux-gnu/python3.11/pyconfig.h>
# elif defined(__aarch64__)
#  include <aarch64-linux-gnu/python3.11/pyconfig.h>
# endif
#endif
"""


def build_time_variables_of(description: TargetDescription, **changes: object) -> str:
    """Return the text of a sysconfigdata module as a target Python has it."""
    variables = {
        "EXT_SUFFIX": description.ext_suffix,
        "HOST_GNU_TYPE": "armv8l-unknown-linux-gnueabihf",
        "MULTIARCH": description.multiarch,
        "SIZEOF_VOID_P": description.pointer_width // 8,
        "SOABI": description.soabi,
        "VERSION": description.python.version,
        **changes,
    }
    return f"# generated\nbuild_time_vars = {variables!r}\n"


def write_debian_tree(root: Path, target: str, release: str = "2", **changes: object) -> TargetDescription:
    """Write a Python as Debian's packages unpack: a dispatching pyconfig.h, odd file names, a link."""
    description = description_of(target)
    version, multiarch = description.python.version, description.multiarch
    library = root / f"usr/lib/python{version}"
    library.mkdir(parents=True)
    (library / f"_sysconfigdata__{multiarch}.py").write_text(build_time_variables_of(description, **changes))
    (library / f"_sysconfigdata__linux_{multiarch}.py").symlink_to(f"_sysconfigdata__{multiarch}.py")
    include = write_include_tree(root / f"usr/include/python{version}", f"{version}.{release}")
    (include / "pyconfig.h").write_text(DISPATCHER)
    own = root / f"usr/include/{multiarch}/python{version}"
    own.mkdir(parents=True)
    (own / "pyconfig.h").write_text(render_pyconfig(description))
    return description


def write_plain_prefix(root: Path, target: str, release: str = "2", **changes: object) -> TargetDescription:
    """Write a Python as ``make install``, Nix and python-build-standalone leave it."""
    description = description_of(target)
    folder = description.python_directory
    (root / f"lib/{folder}").mkdir(parents=True)
    (root / f"lib/{folder}/{description.sysconfigdata_name}.py").write_text(
        build_time_variables_of(description, **changes)
    )
    include = write_include_tree(root / f"include/{folder}", f"{description.python.version}.{release}")
    (include / "pyconfig.h").write_text(render_pyconfig(description))
    return description


def write_build_details(root: Path, description: TargetDescription, **changes: object) -> None:
    """Write build-details.json as Debian names it, with the builder's kernel as its platform."""
    document = {
        "schema_version": "1.0",
        "platform": "linux-armv8l",
        "language": {"version": description.python.version},
        "suffixes": {"extensions": list(description.extension_suffixes)},
        **changes,
    }
    name = f"usr/lib/python{description.python.version}/build-details..{description.multiarch}.json"
    (root / name).write_text(json.dumps(document))


def tar_of(root: Path, top: str) -> bytes:
    """Return a gzipped tar of a folder, below the folder `top`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.add(root, arcname=top)
    return buffer.getvalue()


def deb_of(root: Path) -> bytes:
    """Return a Debian package whose data are the files below `root`."""
    members: Mapping[str, bytes] = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": b"odd sized",
        "data.tar.gz": tar_of(root, "."),
    }
    data = b"!<arch>\n"
    for name, content in members.items():
        data += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode()
        data += content + b"\n" * (len(content) % 2)
    return data
