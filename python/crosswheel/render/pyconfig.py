"""The text of a target's pyconfig.h: the same bytes whatever machine renders it."""

from __future__ import annotations

from crosswheel.target.descriptions import TargetDescription

__all__ = ["render_pyconfig"]


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
