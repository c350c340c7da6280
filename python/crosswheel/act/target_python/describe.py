"""Making a target description from a real target Python's files.

A target Python is only ever parsed, never run: its build-time variables are a literal, its headers are text.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from crosswheel.act.target_python.load_description import functions_since, load_description
from crosswheel.act.target_python.python_files import PythonFiles, open_python_files
from crosswheel.target.description_json import description_faults
from crosswheel.target.descriptions import (
    LONG_DOUBLE_FORMATS,
    TargetDescription,
    long_double_format,
    soabi_multiarch,
)
from crosswheel.target.pyconfig import PyConfig, included_file, parse_pyconfig
from crosswheel.target.triples import debian_multiarch, gnu_triple
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.platforms import Linux, Musl, Platform, glibc_floor
from crosswheel.values.python_abi import PythonAbi

__all__ = ["describe", "find_pyconfig", "load_description", "python_version_of"]

_SYSCONFIGDATA = re.compile(r"(?:.*/)?_sysconfigdata_.*\.py")
_BUILD_DETAILS = re.compile(r"(?:.*/)?build-details.*\.json")
_SOABI = re.compile(r"cpython-(?P<major>\d)(?P<minor>\d+)(?P<flags>t?d?)(?:-(?P<multiarch>.+))?")
_PY_VERSION = re.compile(r'^#\s*define\s+PY_VERSION\s+"(?P<version>[^"]+)"', re.MULTILINE)

_LOOKED_FOR = (
    "a _sysconfigdata_*.py below lib/pythonX.Y (also usr/lib, usr/local/lib, python/lib, install/lib) "
    "and a pyconfig.h below include/pythonX.Y"
)

#: Oldest musl that wheels can name (PEP 656).
_OLDEST_MUSL = Musl(major=1, minor=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """One target Python's build-time variables and where they were."""

    name: str
    variables: Mapping[str, object]
    python: PythonAbi
    multiarch: str


def describe(path: Path) -> TargetDescription:
    """Return the description of the target Python whose files are at `path`.

    Args:
        path: a folder or archive, see `crosswheel.act.target_python.python_files.open_python_files`.

    Raises:
        InputError: no CPython's files are there, several Pythons' are, or they contradict each other;
            all faults at once.
    """
    tree = open_python_files(path)
    found = _find_python(tree, str(path))
    platform = _platform_of(found, str(path))
    pyconfig_name, pyconfig = find_pyconfig(tree, found.python, found.multiarch, str(path))
    oldest, platform = _libc_version(platform), _built_for(platform, found.python, pyconfig)
    python_version = python_version_of(tree, found.python)
    free_threaded = found.python.free_threaded
    description = TargetDescription(
        python=found.python,
        platform=platform,
        oldest_libc=oldest,
        soabi=str(found.variables["SOABI"]),
        ext_suffix=str(found.variables.get("EXT_SUFFIX", "")),
        stable_abi_suffix="" if free_threaded else ".abi3.so",
        extension_suffixes=_suffixes(found),
        cache_tag=f"cpython-{found.python.major}{found.python.minor}",
        multiarch=found.multiarch,
        gnu_triple=gnu_triple(platform),
        long_double_format=long_double_format(platform),
        pyconfig=pyconfig,
        provenance={
            "derived": False,
            "origin": tree.origin,
            "python_version": python_version,
            "files": {name: str(digest_of(tree.read(name))) for name in sorted({found.name, pyconfig_name})},
        },
    )
    raise_faults(
        [
            *description_faults(description, name=str(path)),
            *_variable_faults(found, description, str(path)),
            *_build_details_faults(tree, description, str(path)),
        ]
    )
    return description


def _find_python(tree: PythonFiles, name: str) -> _Found:
    candidates: dict[tuple[PythonAbi, str], _Found] = {}
    foreign: list[str] = []
    for file in filter(_SYSCONFIGDATA.fullmatch, tree.names()):
        variables = _build_time_variables(tree.read(file).decode("utf-8", "replace"))
        soabi = str(variables.get("SOABI", "")) if variables is not None else ""
        match = _SOABI.fullmatch(soabi)
        if variables is None or match is None:
            foreign.append(f"{file} is of '{soabi}'" if soabi else f"{file} holds no build_time_vars")
            continue
        flags = match["flags"]
        python = PythonAbi(
            major=int(match["major"]),
            minor=int(match["minor"]),
            free_threaded="t" in flags,
            debug="d" in flags,
        )
        multiarch = match["multiarch"] or str(variables.get("MULTIARCH", ""))
        candidates.setdefault(
            (python, multiarch),
            _Found(name=file, variables=variables, python=python, multiarch=multiarch),
        )
    if not candidates:
        raise InputError(
            "describe target Python",
            name,
            why=f"no CPython's files are there ({'; '.join(foreign)})"
            if foreign
            else "no Python's files are there",
            fix=f"give the root of a CPython for the target, with {_LOOKED_FOR}",
        )
    if len(candidates) > 1:
        raise InputError(
            "describe target Python",
            name,
            why=f"several Pythons are there: {', '.join(sorted(found.name for found in candidates.values()))}",
            fix="give the folder of one of them",
        )
    return next(iter(candidates.values()))


def _build_time_variables(text: str) -> Mapping[str, object] | None:
    """Return the literal assigned to ``build_time_vars``, or ``None`` if there is none."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    for statement in module.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="build_time_vars")], value=value):
                try:
                    variables = ast.literal_eval(value)
                except (ValueError, RecursionError):
                    return None
                return variables if isinstance(variables, dict) else None
            case _:
                continue
    return None


def _platform_of(found: _Found, name: str) -> Platform:
    """Return the platform that MULTIARCH names: HOST_GNU_TYPE and the tags of Debian's builders do not say it."""
    # CPython 3.10's MULTIARCH does not tell musl from glibc, HOST_GNU_TYPE does.
    musl = "-musl" in f"{found.multiarch} {found.variables.get('HOST_GNU_TYPE', '')}"
    for arch in LONG_DOUBLE_FORMATS:
        platform = Platform(os=Linux(libc=_OLDEST_MUSL if musl else glibc_floor(arch)), arch=arch)
        if soabi_multiarch(found.python, platform) == found.multiarch:
            return platform
    known = ", ".join(
        debian_multiarch(Platform(os=Linux(libc=glibc_floor(arch)), arch=arch))
        for arch in LONG_DOUBLE_FORMATS
    )
    raise InputError(
        "describe target Python",
        name,
        why=f"{found.name} says it is for '{found.multiarch}'",
        fix=f"use a Python for {known} (or -musl in place of -gnu)",
    )


def _built_for(platform: Platform, python: PythonAbi, pyconfig: PyConfig) -> Platform:
    """Return `platform` with the oldest C library that has all the functions pyconfig.h names."""
    system, since = platform.os, functions_since(platform, python)
    if not isinstance(system, Linux):
        return platform
    named = [since[macro] for macro, value in pyconfig.macros.items() if value is not None and macro in since]
    major, minor = max([_libc_version(platform), *named])
    return replace(platform, os=replace(system, libc=replace(system.libc, major=major, minor=minor)))


def _libc_version(platform: Platform) -> tuple[int, int]:
    libc = platform.os.libc if isinstance(platform.os, Linux) else _OLDEST_MUSL
    return (libc.major, libc.minor)


def _suffixes(found: _Found) -> tuple[str, ...]:
    """Return what every CPython of that ABI loads; distributions add more, which no wheel may rely on."""
    own = str(found.variables.get("EXT_SUFFIX", ""))
    return (own, ".so") if found.python.free_threaded else (own, ".abi3.so", ".so")


def find_pyconfig(tree: PythonFiles, python: PythonAbi, multiarch: str, name: str) -> tuple[str, PyConfig]:
    """Return the target's own pyconfig.h, behind a multiarch dispatcher if there is one, and its path.

    Raises:
        InputError: there is none.
    """
    folder = f"python{python.version}{python.flags}"
    names = [file for file in tree.names() if file.endswith(f"{folder}/pyconfig.h")]
    # The architecture's own file goes first: Debian has it beside a dispatcher that only includes it.
    for file in sorted(names, key=lambda file: (multiarch not in file.split("/"), file)):
        text = tree.read(file).decode("utf-8", "replace")
        if included_file(text, multiarch) is None and re.search(
            r"^#\s*define\s+SIZEOF_VOID_P", text, re.MULTILINE
        ):
            return file, parse_pyconfig(text)
    raise InputError(
        "read pyconfig.h of target Python",
        name,
        why=f"{'only a dispatcher to other files is' if names else 'none is'} below include/{folder}",
        fix="add the development files (on Debian libpythonX.Y-dev of the target's architecture)",
    )


def python_version_of(tree: PythonFiles, python: PythonAbi) -> str:
    """Return the full version that patchlevel.h states, or X.Y where there is none."""
    folder = f"python{python.version}{python.flags}"
    for file in tree.names():
        if file.endswith(f"{folder}/patchlevel.h"):
            match = _PY_VERSION.search(tree.read(file).decode("utf-8", "replace"))
            if match is not None:
                return match["version"].rstrip("+")
    return python.version


def _variable_faults(found: _Found, description: TargetDescription, name: str) -> list[CrosswheelError]:
    """Return where the build-time variables and pyconfig.h disagree about the same fact."""
    faults: list[CrosswheelError] = []
    version = found.variables.get("VERSION")
    if version != description.python.version:
        faults.append(_contradiction(name, f"VERSION in {found.name}", version, description.python.version))
    for type_name, size in description.sizeof.items():
        stated = found.variables.get(f"SIZEOF_{type_name}", size)
        if stated != size:
            faults.append(_contradiction(name, f"SIZEOF_{type_name} in {found.name}", stated, size))
    full = str(description.provenance["python_version"])
    if full.split(".")[:2] != description.python.version.split("."):
        faults.append(_contradiction(name, "PY_VERSION in patchlevel.h", full, description.python.version))
    return faults


def _build_details_faults(
    tree: PythonFiles, description: TargetDescription, name: str
) -> list[CrosswheelError]:
    """Return where build-details.json (PEP 739) disagrees; its ``platform`` names the builder's kernel, so is no fact."""
    faults: list[CrosswheelError] = []
    for file in filter(_BUILD_DETAILS.fullmatch, tree.names()):
        try:
            details = json.loads(tree.read(file))
        except ValueError:
            faults.append(_contradiction(name, file, "no JSON", "JSON"))
            continue
        stated = _at(details, "language", "version"), _at(details, "suffixes", "extensions")
        if stated[0] not in {None, description.python.version}:
            faults.append(
                _contradiction(name, f"language.version in {file}", stated[0], description.python.version)
            )
        if isinstance(stated[1], list) and description.ext_suffix not in stated[1]:
            faults.append(
                _contradiction(name, f"suffixes.extensions in {file}", stated[1], description.ext_suffix)
            )
    return faults


def _at(document: JsonValue, *path: str) -> JsonValue:
    for part in path:
        document = document.get(part) if isinstance(document, Mapping) else None
    return document


def _contradiction(name: str, what: str, found: object, wanted: object) -> CrosswheelError:
    return InputError(
        "describe target Python",
        name,
        why=f"{what} is '{found}', where its other files say '{wanted}'",
        fix="give files that are all of one build",
    )
