"""Reading a target description's JSON: every fault of the document is named before it is refused.

Knows nothing of where descriptions are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from crosswheel.target.descriptions import SCHEMA, TargetDescription, soabi_multiarch
from crosswheel.target.pyconfig import PyConfig
from crosswheel.target.python_names import extension_suffixes, soabi_of
from crosswheel.target.triples import gnu_triple
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.platforms import Arch, Glibc, Linux, MacOs, Musl, Platform, Windows
from crosswheel.values.python_abi import PythonAbi, parse_python_abi

__all__ = ["description_faults", "description_from_json", "parse_version"]

#: Stands for a version that could not be read and is a fault already.
_NO_VERSION = (0, 0)
_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})")


def parse_version(text: str) -> tuple[int, int] | None:
    """Return ``X.Y`` as two numbers, or ``None``."""
    match = _VERSION.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


class _Reader:
    """Reads typed fields of a document and notes every fault instead of stopping at the first."""

    def __init__(self, document: JsonValue, name: str) -> None:
        self.document = document
        self.name = name
        self.faults: list[CrosswheelError] = []

    def fault(self, path: str, why: str, fix: str) -> None:
        self.faults.append(InputError("read target description", self.name, why=f"{path} {why}", fix=fix))

    def value(self, path: str) -> JsonValue:
        value = self.document
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def text(self, path: str) -> str:
        value = self.value(path)
        if not isinstance(value, str) or not value:
            self.fault(
                path,
                "is missing or no text",
                "make it with `crosswheel target describe --from` (the reference 'Target descriptions')",
            )
            return ""
        return value

    def texts(self, path: str) -> tuple[str, ...]:
        value = self.value(path)
        if isinstance(value, str) or not isinstance(value, Sequence):
            self.fault(
                path,
                "is missing or no list",
                "make it with `crosswheel target describe --from` (the reference 'Target descriptions')",
            )
            return ()
        return tuple(str(item) for item in value)

    def mapping(self, path: str) -> Mapping[str, JsonValue]:
        value = self.value(path)
        if not isinstance(value, Mapping):
            self.fault(
                path,
                "is missing or no object",
                "make it with `crosswheel target describe --from` (the reference 'Target descriptions')",
            )
            return {}
        return value

    def version(self, path: str) -> tuple[int, int]:
        text = self.text(path)
        version = parse_version(text)
        if version is None and text:
            self.fault(path, f"is '{text}'", "write a version as X.Y")
        return version or _NO_VERSION


def description_from_json(
    document: JsonValue, *, name: str, libc_version: tuple[int, int] | None = None
) -> TargetDescription:
    """Return the description a document holds, for a C library version.

    Args:
        document: the parsed JSON.
        name: what to call the document in errors, usually its file name.
        libc_version: the C library version or deployment target; by default the document's own, else its oldest.

    Raises:
        InputError: the document is of another schema, incomplete or contradicts itself; all faults at once.
    """
    reader = _Reader(document, name)
    schema = reader.value("schema")
    if schema != SCHEMA:
        raise InputError(
            "read target description",
            name,
            why=f"its schema is {schema!r}, not {SCHEMA}",
            fix="make it again with `crosswheel target describe --from`",
        )
    python = _abi(reader)
    system = reader.value("platform.os")
    key = "deployment_target" if system == "macos" else "libc_version"
    oldest = _NO_VERSION if system == "windows" else reader.version(f"platform.oldest_{key}")
    own = reader.value(f"platform.{key}")
    version = libc_version or (parse_version(own) if isinstance(own, str) else None) or oldest
    platform = _platform(reader, version)
    description = TargetDescription(
        python=python,
        platform=platform,
        oldest_libc=oldest,
        soabi=reader.text("python.soabi"),
        ext_suffix=reader.text("python.ext_suffix"),
        stable_abi_suffix=str(reader.value("python.stable_abi_suffix") or ""),
        extension_suffixes=reader.texts("python.extension_suffixes"),
        cache_tag=reader.text("python.cache_tag"),
        multiarch=reader.text("platform.multiarch"),
        gnu_triple=reader.text("platform.gnu_triple"),
        long_double_format=reader.text("platform.long_double_format"),
        pyconfig=_pyconfig(reader),
        provenance=reader.mapping("provenance"),
    )
    raise_faults(reader.faults)
    raise_faults(description_faults(description, name=name))
    return description


def _abi(reader: _Reader) -> PythonAbi:
    text = reader.text("python.abi")
    try:
        return parse_python_abi(text or "cp30")
    except InputError as error:
        reader.faults.append(error.within(reader.name))
        return PythonAbi(major=3, minor=0)


def _platform(reader: _Reader, version: tuple[int, int]) -> Platform:
    arch_name, system = reader.text("platform.arch"), reader.text("platform.os")
    arch = next((arch for arch in Arch if arch.value == arch_name), None)
    if arch is None and arch_name:
        known = ", ".join(arch.value for arch in Arch)
        reader.fault("platform.arch", f"is '{arch_name}'", f"use one of {known}")
    if system and system not in {"linux", "macos", "windows"}:
        reader.fault(
            "platform.os", f"is '{system}'", "descriptions of schema 1 are for linux, macos and windows"
        )
    libc = "" if system in {"macos", "windows"} else reader.text("platform.libc")
    if libc and libc not in {"glibc", "musl"}:
        reader.fault("platform.libc", f"is '{libc}'", "use glibc or musl")
    kind = Musl if libc == "musl" else Glibc
    arch = arch or Arch.X86_64
    try:
        if system == "windows":
            return Platform(os=Windows(), arch=arch)
        if system == "macos":
            return Platform(os=MacOs(major=version[0], minor=version[1]), arch=arch)
        return Platform(os=Linux(libc=kind(major=version[0], minor=version[1])), arch=arch)
    except InputError as error:
        if version != _NO_VERSION:
            reader.faults.append(error.within(reader.name))
        return Platform(os=Linux(libc=Musl(major=1, minor=2)), arch=Arch.X86_64)


def _pyconfig(reader: _Reader) -> PyConfig:
    macros: dict[str, str | None] = {}
    for macro, value in reader.mapping("pyconfig.macros").items():
        if value is not None and not isinstance(value, str):
            reader.fault(f"pyconfig.macros.{macro}", "is no text and not null", "write values as C has them")
            continue
        macros[macro] = value
    return PyConfig(macros=macros, guarded=frozenset(reader.texts("pyconfig.guarded")))


def description_faults(description: TargetDescription, *, name: str) -> list[CrosswheelError]:
    """Return what in a description contradicts something else in it; empty for a sound one.

    The invariants: extension suffixes follow SOABI, SOABI follows version, flags and MULTIARCH, MULTIARCH and the
    GNU triple follow architecture and C library, and pyconfig.h agrees on pointer width, byte order and threads.
    """
    python, platform, macros = description.python, description.platform, description.pyconfig.macros
    interpreter = f"cpython-{python.major}{python.minor}"
    free_threaded = macros.get("Py_GIL_DISABLED") not in {None, "0"}
    expected: tuple[tuple[str, object, object], ...] = (
        ("soabi", description.soabi, soabi_of(python, platform)),
        ("ext_suffix", description.ext_suffix, extension_suffixes(python, platform)[0]),
        ("extension_suffixes[0]", (description.extension_suffixes or ("",))[0], description.ext_suffix),
        ("cache_tag", description.cache_tag, interpreter),
        ("multiarch", description.multiarch, soabi_multiarch(python, platform)),
        ("gnu_triple", description.gnu_triple, gnu_triple(platform)),
        ("pointer width of pyconfig.h", description.pointer_width, platform.arch.pointer_width),
        ("byte order of pyconfig.h", description.byteorder, platform.arch.byteorder),
        ("Py_GIL_DISABLED of pyconfig.h", free_threaded, python.free_threaded),
        ("Py_DEBUG of pyconfig.h", macros.get("Py_DEBUG") is not None, python.debug),
    )
    faults: list[CrosswheelError] = [
        InputError(
            "use target description",
            name,
            why=f"{what} is '{found}', where the rest of it says '{wanted}'",
            fix="describe the target Python's own files, all of one build",
        )
        for what, found, wanted in expected
        if found != wanted
    ]
    system = platform.os.libc if isinstance(platform.os, Linux) else platform.os
    what = "macOS" if isinstance(system, MacOs) else "C library"
    if isinstance(system, Glibc | Musl | MacOs) and (system.major, system.minor) < description.oldest_libc:
        oldest = ".".join(map(str, description.oldest_libc))
        faults.append(
            InputError(
                "use target description",
                name,
                why=f"it serves {what} version {oldest} and newer, not {system.major}.{system.minor}",
                fix=f"raise the target's {what} version to {oldest}",
            )
        )
    return faults
