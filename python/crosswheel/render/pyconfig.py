"""The text of a target's pyconfig.h: the same bytes whatever machine renders it."""

from __future__ import annotations

from crosswheel.target.descriptions import TargetDescription
from crosswheel.values.platforms import Windows

__all__ = ["render_pyconfig"]

#: CPython's pyconfig.h for Windows includes these, and its other headers count on it.
_WINDOWS_INCLUDES = ("#include <io.h>", "#include <stdio.h>", "")


def render_pyconfig(description: TargetDescription) -> str:
    """Return the pyconfig.h of the target that `description` describes.

    Every macro of the description is in it, by name; nothing of the build machine's own pyconfig.h is.
    """
    lines = [
        f"/* pyconfig.h of CPython {description.python.version} on {description.platform.id},",
        "   rendered by crosswheel from the target description. */",
        "#ifndef Py_PYCONFIG_H",
        "#define Py_PYCONFIG_H",
        "",
        *(_WINDOWS_INCLUDES if isinstance(description.platform.os, Windows) else ()),
    ]
    for name, value in sorted(description.pyconfig.macros.items()):
        if name == "Py_PYCONFIG_H":
            continue
        if value is None:
            lines.append(f"/* #undef {name} */")
        elif name in description.pyconfig.guarded:
            lines += [f"#ifndef {name}", f"# define {name} {value}".rstrip(), "#endif"]
        else:
            lines.append(f"#define {name} {value}".rstrip())
    return "\n".join([*lines, "", "#endif", ""])
