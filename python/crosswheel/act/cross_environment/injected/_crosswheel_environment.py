"""A cross environment's Python at start-up: the view and the tools for the target, without anything from the user.

This file lies in ``crosswheel/site`` of a cross environment and runs on CPython 3.10 and newer, in

- the environment's own interpreter (``bin/python``), by a ``.pth`` (before Python 3.15) or ``.start`` (PEP 829) file;
- interpreters of the isolated environments that pip, build and uv make for build backends: by ``sitecustomize``, which
  PYTHONPATH leads to, or by a ``.pth`` file where the one who makes them clears PYTHONPATH (`_plant`).

Whoever installs into the environment or runs a build backend sees the target; whoever installs build requirements into
an isolated environment sees the build machine, and so do all processes it starts: build tools have to run here.
"""

# It patches other modules by design, and `pathlib` alone would double what start-up costs.
# ruff: noqa: PTH100, PTH112, PTH113, PTH119, PTH120, PTH123, RUF007, SLF001

from __future__ import annotations

import os
import sys

import _crosswheel_commands as commands  # type: ignore[import-not-found]
import _crosswheel_view as view  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

#: Names the environment whose variables are in place.
ENTERED = "CROSSWHEEL_ENVIRONMENT"
#: Names the environment whose variables were taken away again: what runs below builds for the build machine.
NATIVE = "CROSSWHEEL_NATIVE"
#: Stands before the name of a variable whose former value is kept.
OLD = "_CROSSWHEEL_OLD_"

_INSTALLERS = frozenset({"ensurepip", "pip", "uv", "virtualenv"})
_MESON = frozenset({"meson", "mesonbuild"})
_NEVER = frozenset({"crosswheel"})

_started = False


def start() -> None:
    """Show the target in this process, or see to it that it does not, as its task demands."""
    global _started  # noqa: PLW0603
    if _started:
        return
    _started = True
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    settings = view._read_json(f"{folder}/environment.json")
    own = os.path.realpath(sys.prefix) == os.path.realpath(settings["prefix"])
    if not _is_same_python(settings) or (not own and sys.prefix == sys.base_prefix):
        return
    arguments = sys.orig_argv
    if _is_native(arguments, own=own):
        leave(settings, os.environ)
        return
    enter(settings, os.environ)
    if commands.is_build_tool(arguments, _MESON):
        _add_cross_file(settings, sys.argv)
        return
    if own:
        sys.meta_path.append(_Hint(settings))
    view.activate(_INSTALLERS if own else frozenset())
    if view._active:
        own_change = view._View.change_for

        def change_for(self: Any, name: str) -> Any:
            return own_change(self, name) or _CHANGES.get(name)

        view._View.change_for = change_for


def _is_same_python(settings: Mapping[str, Any]) -> bool:
    found = [*sys.version_info[:2], getattr(sys, "abiflags", "")]
    return sys.implementation.name == "cpython" and found == [*settings["python"], settings["abiflags"]]


def _is_native(arguments: Sequence[str], *, own: bool) -> bool:
    """Tell whether this process and all it starts are to see the build machine."""
    if os.environ.get(NATIVE) or commands.is_build_tool(arguments, _NEVER):
        return True
    if not own:
        return bool(commands.is_build_tool(arguments, _INSTALLERS))
    if os.path.basename(sys.executable).startswith("build-"):
        return True
    return bool(commands.is_build_tool(arguments, _INSTALLERS)) and fills_build_environment(arguments)


def fills_build_environment(arguments: Sequence[str]) -> bool:
    """Tell whether pip was started by pip, to put build requirements into the environment of one build.

    https://github.com/pypa/pip/blob/main/src/pip/_internal/build_env
    """
    follows = dict(zip(arguments, arguments[1:], strict=False))
    parts = follows.get("--prefix", "").split("/")
    return any(part.startswith("pip-build-env-") for part in parts)


def enter(settings: Mapping[str, Any], environment: Any) -> None:
    """Put the environment's variables in place, for this process and its children, unless they are."""
    if environment.get(ENTERED) == settings["prefix"]:
        return
    for name, value in settings["variables"].items():
        if name in environment:
            environment[OLD + name] = environment[name]
        environment[name] = value
    for name, folders in settings["folders"].items():
        given = environment.get(name)
        environment[name] = os.pathsep.join([*folders, *([given] if given else [])])
    environment[ENTERED] = settings["prefix"]


def leave(settings: Mapping[str, Any], environment: Any) -> None:
    """Take the environment's variables away, for this process and its children."""
    environment[NATIVE] = settings["prefix"]
    if environment.pop(ENTERED, None) is None:
        return
    for name, value in settings["variables"].items():
        if environment.get(name) == value:
            del environment[name]
            if OLD + name in environment:
                environment[name] = environment.pop(OLD + name)
    for name, folders in settings["folders"].items():
        given = environment.get(name, "").split(os.pathsep)
        left = os.pathsep.join(folder for folder in given if folder and folder not in folders)
        if left:
            environment[name] = left
        else:
            environment.pop(name, None)


def _add_cross_file(settings: Mapping[str, Any], arguments: list[str]) -> None:
    """Have ``meson setup`` compile for the target; Meson reads no environment variable for it."""
    if "setup" not in arguments[1:2] or any(word.startswith("--cross-file") for word in arguments):
        return
    arguments[2:2] = [
        f"--cross-file={path}" for path in (settings["meson_cross_file"], _own_programs(settings))
    ]


def _own_programs(settings: Mapping[str, Any]) -> str:
    """Return a second cross file, with the Python that runs Meson: the first one's sees no isolated environment."""
    from hashlib import sha256

    text = f"[binaries]\npython = '{sys.executable}'\n"
    for name in ("numpy-config", "pybind11-config"):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            if os.path.isfile(f"{folder}/{name}"):
                text += f"{name} = '{folder}/{name}'\n"
                break
    path = f"{settings['temporary']}/meson-{sha256(text.encode()).hexdigest()[:12]}.ini"
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
    return path


def _plant(prefix: str) -> None:
    """Have the interpreter of the virtual environment `prefix`, which a build frontend made, start like this one."""
    site = os.path.dirname(os.path.abspath(__file__))
    name = "python{}.{}{}".format(*sys.version_info[:2], "t" if "t" in getattr(sys, "abiflags", "") else "")
    folder = f"{prefix}/lib/{name}/site-packages"
    if os.path.isdir(folder):
        for suffix, text in hooks(site).items():
            with open(f"{folder}/_crosswheel_environment.{suffix}", "w", encoding="utf-8") as stream:
                stream.write(text)


def hooks(site: str) -> dict[str, str]:
    """Return the text of the files in site-packages that start this module in the folder `site`, by suffix."""
    first = "" if sys.version_info >= (3, 15) else "import _crosswheel_environment as e; e.start()\n"
    return {"pth": f"{site}\n{first}", "start": "_crosswheel_environment:start\n"}


def _change_venv(module: Any) -> None:
    own_create = module.EnvBuilder.create

    def create(self: Any, env_dir: Any) -> None:
        own_create(self, env_dir)
        _plant(os.fspath(env_dir))

    module.EnvBuilder.create = create


def _change_build(module: Any) -> None:
    own_enter = module.DefaultIsolatedEnv.__enter__

    def enter_(self: Any) -> Any:
        entered = own_enter(self)
        _plant(self.path)
        return entered

    module.DefaultIsolatedEnv.__enter__ = enter_


_CHANGES = {"venv": _change_venv, "build.env": _change_build}


class _Hint:
    """The last finder: says of an extension module for the target why it is not imported here."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """Raise if there is such an extension module; else leave it to Python to say that there is none."""
        del target
        last = name.rpartition(".")[2]
        for folder in sys.path if path is None else path:
            file = f"{folder}/{last}{self.settings['extension_suffix']}"
            if os.path.isfile(file):
                raise ImportError(
                    f"cannot import '{name}' on the build machine: '{file}' is compiled for "
                    f"{self.settings['target']}; run it by that Python: "
                    f"crosswheel run {self.settings['prefix']} --target-python PATH -- ARGUMENTS",
                    name=name,
                    path=file,
                )
