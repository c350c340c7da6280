"""The virtual environment that an image's wheels are in: what makes a folder of packages one for any interpreter.

A file and links are all it takes (PEP 405, https://docs.python.org/3/library/venv.html): it works in the same way on top of
any base, wherever the base keeps its own packages, and needs no ``PYTHONPATH``.
"""

from __future__ import annotations

import posixpath
import re

from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.layers.layer_entries import BytesContent, Folder, LayerEntry, Symlink
from crosswheel.act.wheels.wheel_scripts import first_line
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError

__all__ = [
    "environment_entries",
    "environment_python",
    "needs_shell",
    "outside_environment",
    "python_name",
    "refuse_other_python",
]


def python_name(target: Target) -> str:
    """Return the name of the target's interpreter, ``python3.13t``."""
    return f"python{target.python.version}{target.python.flags}"


#: Who brings the files, for messages.
_OWNER = "the virtual environment"


def environment_python(prefix: str, target: Target) -> str:
    """Return the path of an environment's interpreter."""
    return posixpath.join(prefix, "bin", python_name(target))


def environment_entries(prefix: str, target: Target, interpreter: str) -> list[LayerEntry]:
    """Return what makes `prefix` a virtual environment.

    Args:
        prefix: absolute path of the environment in the image.
        target: whose interpreter it is.
        interpreter: absolute path of the base's interpreter.
    """
    root = prefix.strip("/")
    text = (
        f"home = {posixpath.dirname(interpreter)}\n"
        "include-system-site-packages = false\n"
        f"version = {target.python.version}\n"
    )
    folders = [root, f"{root}/bin"]
    while parent := posixpath.dirname(folders[0]):
        folders.insert(0, parent)
    name = python_name(target)
    links = {name: interpreter, "python3": name, "python": name}
    return [
        *(LayerEntry(path=path, content=Folder(), mode=0o755, owner=_OWNER) for path in folders),
        LayerEntry(path=f"{root}/pyvenv.cfg", content=BytesContent(text.encode()), mode=0o644, owner=_OWNER),
        *(
            LayerEntry(path=f"{root}/bin/{link}", content=Symlink(to), mode=0o777, owner=_OWNER)
            for link, to in links.items()
        ),
    ]


def outside_environment(interpreter: str, paths: LayeredPaths) -> str:
    """Return the interpreter that one in a base's own virtual environment is a link to: environments are made of that.

    Args:
        interpreter: its absolute path.
        paths: the paths of the base.
    """
    environment = posixpath.dirname(posixpath.dirname(interpreter)).strip("/")
    real = paths.real(interpreter.strip("/"))
    if not paths.is_file(f"{environment}/pyvenv.cfg") or real is None or real.startswith(f"{environment}/"):
        return interpreter
    return f"/{real}"


def needs_shell(prefix: str, target: Target) -> bool:
    """Tell whether the environment's programs are begun by a shell, because no first line can name the interpreter."""
    try:
        return first_line(environment_python(prefix, target)).startswith("#!/bin/sh")
    except InputError:  # a prefix that is refused where it is used
        return False


def refuse_other_python(interpreter: str | None, target: Target) -> None:
    """Refuse a path whose name says that its Python is not the target's."""
    said = re.fullmatch(r"python(\d+(?:\.\d+t?)?)", posixpath.basename(interpreter or ""))
    wanted = python_name(target)
    if said is not None and said[0] not in ("python3", wanted):
        raise InputError(
            "use interpreter",
            interpreter,
            why=f"by its name it is Python {said[1]}, and the wheels are for {wanted}",
            fix=f"give the path of {wanted}, or plan for that Python",
        )
