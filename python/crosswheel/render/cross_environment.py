"""The texts of a cross environment: its settings, the shell script that activates it, the programs in front of others.

What reads the settings: act/cross_environment/injected/_crosswheel_environment.py. Both sides are of one crosswheel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from crosswheel.render.build_paths import BuildPaths, build_paths_under
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.uv_platforms import UV_PLATFORMS
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.platforms import Arch, Platform

__all__ = [
    "CMAKE_ROOTS",
    "OWN_FOLDER",
    "QEMU_NAMES",
    "environment_paths",
    "environment_settings",
    "environment_variables",
    "render_activate",
    "render_meson",
    "render_program_runner_of_environment",
    "render_uv",
    "uv_platform",
]

#: Folder of a cross environment with all that a virtual environment does not have.
OWN_FOLDER = "crosswheel"

#: qemu's names of architectures, where they are not ours.
QEMU_NAMES: Mapping[Arch, str] = MappingProxyType({Arch.ARMV7L: "arm", Arch.I686: "i386"})

#: What of a build's environment makes compilers and build systems work for the target; the rest is the sandbox's.
_OF_BUILDS = frozenset(
    [
        "AR",
        "CC",
        "CC_FOR_BUILD",
        "CMAKE_TOOLCHAIN_FILE",
        "CONFIG_SITE",
        "CPP",
        "CROSSWHEEL_VIEW",
        "CXX",
        "CXX_FOR_BUILD",
        "LD",
        "LDCXXSHARED",
        "LDSHARED",
        "NM",
        "PKG_CONFIG",
        "RANLIB",
        "STRIP",
    ]  # twenty quotes would say no more
)

#: What of a Rust build's environment is the sandbox's: by hand, crates come from the network, as the user's cargo is set up.
_OF_BUILDS_WITHOUT_NETWORK = frozenset(["CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_TERM_COLOR"])

#: Appended to CMake's toolchain file: build requirements lie in isolated environments, whose programs are on PATH.
CMAKE_ROOTS = """
# A cross environment: the project lies anywhere, and so do the isolated environments with build requirements.
list(APPEND CMAKE_FIND_ROOT_PATH "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
string(REPLACE ":" ";" _folders "$ENV{PATH}")
foreach(_folder IN LISTS _folders)
  get_filename_component(_prefix "${_folder}" DIRECTORY)
  if(_folder MATCHES "/bin$" AND NOT _prefix MATCHES "^(/usr|/usr/local|/opt/[^/]+|/)?$"
     AND (EXISTS "${_prefix}/pyvenv.cfg" OR _prefix MATCHES "/pip-build-env-"))
    list(APPEND CMAKE_FIND_ROOT_PATH "${_prefix}")
  endif()
endforeach()
unset(_folders)
unset(_folder)
unset(_prefix)
"""

_ACTIVATE = """\
# Activates the cross environment for {target}: `. {prefix}/bin/activate`. Rendered by crosswheel.
# For sh, dash, bash, ksh and zsh; `deactivate` undoes it.
if [ -n "${{CROSSWHEEL_ENVIRONMENT:-}}" ]; then
  deactivate 2>/dev/null || true
fi
{exports}
export CROSSWHEEL_ENVIRONMENT={prefix_quoted}
deactivate() {{
{restores}
  unset CROSSWHEEL_ENVIRONMENT
  unset -f deactivate
  hash -r 2>/dev/null || true
}}
hash -r 2>/dev/null || true
"""

_FIND_OWN = """\
#!/bin/sh
# {what} Rendered by crosswheel.
own={bin}
rest=
IFS=:
for folder in $PATH; do
  [ "$folder" = "$own" ] || rest=$rest:$folder
done
unset IFS
rest=${{rest#:}}
program=$(PATH=$rest command -v {name}) || {{ echo "crosswheel: there is no '{name}' on PATH besides this one" >&2; exit 127; }}
"""

_RUNNER = """\
#!/bin/sh
# Stands where CMake expects an emulator of the target (policy CMP0190). Rendered by crosswheel.
# Runs Pythons of the build machine, which show the target, never a program that was compiled for the target.
case $1 in
  */bin/*) [ ! -f "${{1%/bin/*}}/pyvenv.cfg" ] || exec "$@" ;;
esac
case $1 in
  {python}/bin/python*) shift; exec {environment}/bin/python "$@" ;;
esac
echo "crosswheel: '$1' is compiled for {target} and is not run; give the build what it would answer" >&2
exit 126
"""


def environment_paths(prefix: str, python: str) -> BuildPaths:
    """Return where things stand in the cross environment `prefix`, made from the build Python in the prefix `python`."""
    folder = f"{prefix}/{OWN_FOLDER}"
    return replace(build_paths_under(folder, folder), environment=prefix, python=python)


def uv_platform(platform: Platform) -> str | None:
    """Return uv's ``--python-platform`` that means `platform`; ``None`` if uv has no word for it."""
    names = [name for name, meant in UV_PLATFORMS.items() if meant == platform]
    return min(
        names, key=lambda name: "manylinux_" not in name, default=None
    )  # with a version where there is one


def environment_variables(
    of_build: Mapping[str, str],
    description: TargetDescription,
    paths: BuildPaths,
    *,
    rust: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Return the variables of an active environment that replace the caller's.

    Args:
        of_build: the whole environment of a build, see `build_environment_variables`.
        description: the target description.
        paths: see `environment_paths`.
        rust: the variables of a build that compiles Rust, see `rust_environment`; none without Rust.
    """
    chosen = {name: value for name, value in of_build.items() if name in _OF_BUILDS}
    chosen |= {name: value for name, value in rust.items() if name not in _OF_BUILDS_WITHOUT_NETWORK}
    chosen["MESON_CROSS_FILE"] = f"{paths.target}/meson-cross.ini"
    chosen["VIRTUAL_ENV"] = paths.environment
    # `linux_aarch64` names neither the C library nor what was linked: what is built here is for this environment alone.
    chosen["PIP_CACHE_DIR"] = f"{paths.environment}/{OWN_FOLDER}/wheels/pip"
    chosen["UV_CACHE_DIR"] = f"{paths.environment}/{OWN_FOLDER}/wheels/uv"
    if uv_platform(description.target.platform) is not None:
        chosen["UV_PYTHON"] = f"{paths.environment}/bin/build-python"
    return dict(sorted(chosen.items()))


def environment_settings(
    description: TargetDescription,
    paths: BuildPaths,
    variables: Mapping[str, str],
    *,
    programs: Sequence[str] = (),
) -> dict[str, JsonValue]:
    """Return the contents of ``crosswheel/environment.json``.

    Args:
        description: the target description.
        paths: see `environment_paths`.
        variables: what `environment_variables` returned.
        programs: further folders with programs, before the machine's own.
    """
    own = f"{paths.environment}/{OWN_FOLDER}"
    python = description.python
    return {
        "target": description.target.id,
        "prefix": paths.environment,
        "python": [python.major, python.minor],
        "abiflags": python.flags,
        "extension_suffix": description.ext_suffix,
        "modules": f"{paths.environment}/lib/{description.python_directory}/site-packages",
        "temporary": paths.temporary,
        "meson_cross_file": variables["MESON_CROSS_FILE"],
        "variables": dict(variables),
        "folders": {
            "PATH": [
                *(f"{folder}/bin" for folder in (paths.environment, paths.target, paths.toolchain)),
                *programs,
            ],
            "PYTHONPATH": [f"{own}/path"],
        },
    }


def render_activate(settings: Mapping[str, JsonValue]) -> str:
    """Return ``bin/activate``, a shell script that exports what `settings` hold."""
    variables, folders = settings["variables"], settings["folders"]
    assert isinstance(variables, dict) and isinstance(folders, dict)  # noqa: PT018  # of environment_settings
    exports, restores = [], []
    for name, value in variables.items():
        exports.append(_keep(name))
        exports.append(f"export {name}={_quoted(str(value))}")
        restores.append(_restore(name))
    for name, added in folders.items():
        assert isinstance(added, list)
        front = ":".join(str(folder) for folder in added)
        exports.append(_keep(name))
        exports.append(f"export {name}={_quoted(front)}${{{name}:+:${name}}}")
        restores.append(_restore(name))
    return _ACTIVATE.format(
        target=settings["target"],
        prefix=settings["prefix"],
        prefix_quoted=_quoted(str(settings["prefix"])),
        exports="\n".join(exports),
        restores="\n".join(restores),
    )


def _keep(name: str) -> str:
    return f'if [ -n "${{{name}+set}}" ]; then export _CROSSWHEEL_OLD_{name}="${name}"; fi'


def _restore(name: str) -> str:
    old = f"_CROSSWHEEL_OLD_{name}"
    return f'  if [ -n "${{{old}+set}}" ]; then export {name}="${old}"; unset {old}; else unset {name}; fi'


def _quoted(text: str) -> str:
    """Quote for a shell; text that needs none stays as it is."""
    if text and all(char.isalnum() or char in "@%+=:,./-_" for char in text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"


def render_uv(description: TargetDescription, paths: BuildPaths) -> str | None:
    """Return ``bin/uv``, which tells uv the target of what it installs; ``None`` if uv has no word for it.

    uv installs build requirements by the interpreter's tags and everything else by ``--python-platform``: given the
    build machine's view of this environment and the target as the platform, both are right.
    """
    name = uv_platform(description.target.platform)
    if name is None:
        return None
    head = _FIND_OWN.format(what="uv, told the target.", bin=_quoted(f"{paths.environment}/bin"), name="uv")
    return head + (
        'if [ -z "${CROSSWHEEL_NATIVE:-}" ] && [ "$1" = pip ]; then\n'
        "  case $2 in\n"
        f'    install|sync|compile) verb=$2; shift 2; exec "$program" pip "$verb" --python-platform {name} "$@" ;;\n'
        "  esac\n"
        "fi\n"
        'exec "$program" "$@"\n'
    )


def render_meson(paths: BuildPaths) -> str:
    """Return ``bin/meson``, which gives the cross file to a Meson that is not the environment's."""
    head = _FIND_OWN.format(
        what="Meson, told the target.", bin=_quoted(f"{paths.environment}/bin"), name="meson"
    )
    return head + (
        'if [ -z "${CROSSWHEEL_NATIVE:-}" ] && [ "$1" = setup ]; then\n'
        '  case " $* " in\n'
        '    *" --cross-file"*) ;;\n'
        '    *) shift; exec "$program" setup --cross-file "$MESON_CROSS_FILE" "$@" ;;\n'
        "  esac\n"
        "fi\n"
        'exec "$program" "$@"\n'
    )


def render_program_runner_of_environment(description: TargetDescription, paths: BuildPaths) -> str:
    """Return the script CMake is given as ``CMAKE_CROSSCOMPILING_EMULATOR`` in a cross environment."""
    return _RUNNER.format(python=paths.python, environment=paths.environment, target=description.target.id)
