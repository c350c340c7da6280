"""``pythonX.Y-config`` of the target Python: the script that makefiles and CMake ask for its flags and suffix."""

from __future__ import annotations

from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.sysconfigdata import build_time_variables
from crosswheel.target.descriptions import TargetDescription

__all__ = ["EMPTY_ARCHIVE", "python_config_names", "render_python_config"]

#: A static library without members, placed as the target's libpython: who insists on linking it gets nothing from
#: it, for an extension module takes its symbols from the interpreter that loads it.
EMPTY_ARCHIVE = b"!<arch>\n"

_OPTIONS = "--prefix --exec-prefix --includes --libs --cflags --ldflags --extension-suffix --abiflags --configdir --embed"

_SCRIPT = """\
#!/bin/sh
# Answers for the target Python as CPython's own script does. Rendered by crosswheel.
usage='Usage: {name} [{options} --help]'
[ $# -gt 0 ] || {{ echo "$usage" >&2; exit 1; }}
for option in "$@"; do
  case $option in
    --help) echo "$usage"; exit 0 ;;
{accepted} ;;
    *) echo "$usage" >&2; exit 1 ;;
  esac
done
for option in "$@"; do
  case $option in
{answers}
  esac
done
"""


def python_config_names(description: TargetDescription) -> tuple[str, ...]:
    """Return the names the script goes by, most exact first."""
    python = description.python
    versions = (f"{python.version}{python.flags}", python.version, str(python.major), "")
    return tuple(dict.fromkeys(f"python{version}-config" for version in versions))


def render_python_config(description: TargetDescription, paths: BuildPaths) -> str:
    """Return the script's text.

    Args:
        description: the target description.
        paths: where things stand during the build.
    """
    variables = build_time_variables(description, paths)
    include, library = f"-I{variables['INCLUDEPY']}", f"-L{variables['LIBDIR']}"
    answers = {
        "--prefix": paths.target,
        "--exec-prefix": paths.target,
        "--includes": include,
        "--cflags": f"{include} {variables['CFLAGS']}",
        "--libs": str(variables["SYSLIBS"]),
        "--ldflags": f"{library} {variables['SYSLIBS']}",
        "--extension-suffix": description.ext_suffix,
        "--abiflags": description.python.flags,
        "--configdir": str(variables["LIBPL"]),
    }
    return _SCRIPT.format(
        name=python_config_names(description)[0],
        options=_OPTIONS,
        accepted=f"    {'|'.join(_OPTIONS.split())})",
        answers="\n".join(f"    {option}) echo '{answer}' ;;" for option, answer in answers.items()),
    )
