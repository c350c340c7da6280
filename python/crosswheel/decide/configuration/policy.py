"""Read ``[tool.crosswheel]`` of a pyproject.toml, or a whole crosswheel.toml, into a `Policy`.

Documented in docs/reference/configuration.md.
"""

from __future__ import annotations

import re
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidName, canonicalize_name

from crosswheel.decide.documents.nearest_name import did_you_mean
from crosswheel.decide.documents.typed_tables import TypedTable
from crosswheel.decide.plans.environment_variables import variable_fault
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.target.spellings import parse_target
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults
from crosswheel.values.python_abi import PythonAbi, parse_python_version
from crosswheel.values.toml_text import TomlError, parse_toml
from crosswheel.values.urls import is_web_url

from .downloads import parse_downloads
from .headers_sources import headers_target_name
from .policy_model import (
    Mirror,
    PackageEntry,
    PackagePolicy,
    Policy,
    SysrootSource,
    with_flags,
)
from .preferences import Handling
from .snapshot_moments import is_snapshot
from .target_keys import is_glob, matches_target
from .toolchain_source import ToolchainEntry, parse_toolchains

__all__ = [
    "ENTRY_KEYS",
    "PROJECT_KEYS",
    "SYSROOT_KEYS",
    "Mirror",
    "PackageEntry",
    "PackagePolicy",
    "Policy",
    "matches_target",
    "parse_entries",
    "parse_policy",
    "with_flags",
]

PROJECT_KEYS = (
    "build-constraints",
    "build-platforms",
    "headers",
    "mirrors",
    "packages",
    "projects",
    "python",
    "rust",
    "sysroot",
    "targets",
    "toolchains",
)
SYSROOT_KEYS = ("mirror", "snapshot", "suite")
_POLICY_KEYS = (
    "accept",
    "accept-build-facts",
    "build",
    "build-constraints",
    "build-requires",
    "config-settings",
    "downloads",
    "environment",
    "link",
    "meson-wraps",
    "patches",
    "prefer",
    "sysroot",
)
ENTRY_KEYS = (*_POLICY_KEYS, "targets", "versions")
_LINK = {kind.value: kind for kind in LinkKind}
_SUITE = re.compile(r"[a-z][a-z0-9-]*")
_PREFER = {"wheel": Handling.WHEEL_FIRST, "sdist": Handling.SDIST_FIRST}

# Only to see whether a spelling can be parsed: which Python it would be given does not matter here.
_ANY_PYTHON = PythonAbi(major=3, minor=13)


def parse_policy(data: bytes, *, name: str, faults: list[CrosswheelError] | None = None) -> Policy:
    """Parse a configuration.

    Args:
        data: bytes of the file.
        name: its file name; a ``pyproject.toml`` keeps the configuration in ``[tool.crosswheel]``, any other
            file at its top level.
        faults: gets what is wrong, and what is returned is the rest; ``None`` to raise it.

    Raises:
        CrosswheelError: `InputError` for the one fault, or `FaultsError` for all of them; or the file is no TOML.
    """
    found: list[CrosswheelError] = []
    document = _toml(data, name)
    place = ""
    if name.replace("\\", "/").rpartition("/")[2] == "pyproject.toml":
        place = "tool.crosswheel"
        document = _tool_table(document, found)
    policy = _policy(TypedTable(document, place, found), name)
    found = [fault.within(name) for fault in found]
    if faults is None:
        raise_faults(found)
    else:
        faults += found
    return policy


def _toml(data: bytes, name: str) -> dict[str, Any]:
    why, fix = "a text of it holds NUL, which no name, path or argument does", "correct it"
    try:
        document = parse_toml(data)
        if not _holds_nul(document):
            return document
    except TomlError as error:
        why, fix = str(error), error.fix or fix
    raise InputError("read configuration", name, why=why, fix=fix)


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_holds_nul(one) for pair in value.items() for one in pair)
        case list():
            return any(map(_holds_nul, value))
        case _:
            return False


def _tool_table(document: dict[str, Any], faults: list[CrosswheelError]) -> dict[str, Any]:
    table: dict[str, Any] = document
    for key in ("tool", "crosswheel"):
        inner = table.get(key, {})
        if not isinstance(inner, dict):
            faults.append(InputError("read", key, why="it is no table", fix="write [tool.crosswheel]"))
            return {}
        table = inner
    return table


def _policy(table: TypedTable, name: str) -> Policy:
    if "tool" in table.table and not table.place:
        why, fix = "it is for a pyproject.toml", "leave `tool.crosswheel.` out of the names of tables here"
        table.fault_here(doing="read key", value="tool", why=why, fix=fix)
    table.refuse_unknown((*PROJECT_KEYS, *(() if table.place else ("tool",))))
    return Policy(
        name=name,
        targets=_spellings(table, "targets"),
        python=_python(table),
        build_platforms=_spellings(table, "build-platforms"),
        headers=_headers(table),
        projects=table.strings("projects") if "projects" in table.table else None,
        rust=table.string("rust"),
        mirrors=tuple(
            Mirror(source=source, replacement=replacement)
            for source, replacement in table.table_of_strings("mirrors").items()
        ),
        build_constraints=_requirements(table, "build-constraints"),
        packages=tuple(_entry(package, entry) for package, entry in table.tables_or_arrays("packages")),
        sysroot=_sysroot_source(table),
        toolchains=_toolchains(table),
    )


def _headers(table: TypedTable) -> tuple[str, ...]:
    one = isinstance(table.table.get("headers"), str)
    sources = tuple(filter(None, [table.string("headers")])) if one else table.strings("headers")
    for name in filter(None, map(headers_target_name, sources)):
        _check_spelling(table, "headers", name)
    return sources


def _toolchains(table: TypedTable) -> tuple[ToolchainEntry, ...]:
    entries = parse_toolchains(table)
    for entry in entries:
        if entry.key is not None and not is_glob(entry.key):
            _check_spelling(table, "toolchains", entry.key)
    return entries


def parse_entries(packages: TypedTable) -> tuple[PackageEntry, ...]:
    """Return the entries of the table ``packages`` below a table, keeping its faults."""
    return tuple(_entry(package, entry) for package, entry in packages.tables_or_arrays("packages"))


def _sysroot_source(table: TypedTable) -> SysrootSource:
    inner = table.inner("sysroot")
    inner.refuse_unknown(SYSROOT_KEYS)
    source = SysrootSource(
        mirror=inner.string("mirror"), suite=inner.string("suite"), snapshot=inner.string("snapshot")
    )
    if source.mirror is not None and not is_web_url(source.mirror):
        why, fix = (
            "it is no URL",
            "write the URL of a Debian archive, for example https://deb.debian.org/debian",
        )
        inner.fault("mirror", doing="use mirror", value=source.mirror, why=why, fix=fix)
    if source.snapshot is not None and not is_snapshot(source.snapshot):
        why, fix = (
            "it is no point of time",
            "write it as snapshot.debian.org does, for example 20261101T000000Z",
        )
        inner.fault("snapshot", doing="use snapshot", value=source.snapshot, why=why, fix=fix)
    if source.suite is not None and not _SUITE.fullmatch(source.suite):
        why, fix = "it is no name of a release", "write for example 'trixie'"
        inner.fault("suite", doing="use Debian release", value=source.suite, why=why, fix=fix)
    if source.mirror is not None and ("{snapshot}" in source.mirror) != (source.snapshot is not None):
        inner.fault(
            "snapshot",
            doing="use mirror",
            value=source.mirror,
            why="a snapshot needs a mirror with {snapshot} in its URL, and such a mirror a snapshot",
            fix="give both or none",
        )
    return source


def _python(table: TypedTable) -> str | None:
    text = table.string("python")
    if text is not None:
        try:
            parse_python_version(text)
        except InputError as error:
            table.refuse("python", error)
    return text


def _spellings(table: TypedTable, key: str) -> tuple[str, ...]:
    values = table.strings(key)
    for value in values:
        _check_spelling(table, key, value)
    return values


def _check_spelling(table: TypedTable, key: str, value: str) -> None:
    try:
        parse_target(value, python=_ANY_PYTHON)
    except CrosswheelError as error:
        table.refuse(key, error)


def _requirements(table: TypedTable, key: str) -> tuple[str, ...]:
    values = table.strings(key)
    for value in values:
        try:
            Requirement(value)
        except InvalidRequirement as error:
            why = str(error).splitlines()[0].rstrip(".")
            fix = "write a requirement (PEP 508), for example 'cython<3.1'"
            table.fault(key, doing="parse requirement", value=value, why=why[:1].lower() + why[1:], fix=fix)
    return values


def _entry(name: str, table: TypedTable) -> PackageEntry:
    table.refuse_unknown(ENTRY_KEYS)
    try:
        normalized = str(canonicalize_name(name, validate=True))
    except InvalidName:
        table.fault_here(
            doing="read package", value=name, why="it is not a package name", fix="write its name"
        )
        normalized = name
    targets: dict[str, PackagePolicy] = {}
    for key, inner in table.tables("targets"):
        inner.refuse_unknown(_POLICY_KEYS)
        if not is_glob(key):
            _check_spelling(inner, "", key)
        targets[key] = _package_policy(inner)
    return PackageEntry(
        place=table.place,
        name=normalized,
        versions=_versions(table),
        policy=_package_policy(table),
        targets=targets,
    )


def _versions(table: TypedTable) -> SpecifierSet | None:
    text = table.string("versions")
    if text is None:
        return None
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        table.fault(
            "versions",
            doing="parse versions",
            value=text,
            why="it is not a version specifier",
            fix="write for example '>=2,<3'",
        )
        return None


def _variables(table: TypedTable) -> dict[str, str]:
    variables = table.table_of_strings("environment")
    for name, value in variables.items():
        if (why := variable_fault(name, value)) is not None:
            table.fault("environment", doing="set variable", value=name, why=why, fix="correct its name")
    return variables


def _package_policy(table: TypedTable) -> PackagePolicy:
    prefer = table.string("prefer")
    if prefer is not None and prefer not in _PREFER:
        fix = did_you_mean(prefer, _PREFER) or "write 'wheel' or 'sdist'"
        table.fault("prefer", doing="prefer", value=prefer, why="there is no such kind of file", fix=fix)
    link = table.string("link")
    if link is not None and link not in _LINK:
        fix = did_you_mean(link, _LINK) or "write 'static' or 'shared'"
        table.fault("link", doing="link", value=link, why="there is no such way to link", fix=fix)
    folder = isinstance(table.table.get("sysroot"), str)
    sysroot: tuple[str, ...] | None = None
    if folder:
        path = table.string("sysroot")
        sysroot = None if path is None else (path,)
    elif "sysroot" in table.table:
        sysroot = table.strings("sysroot")
    return PackagePolicy(
        prefer=_PREFER.get(prefer or ""),
        build=table.boolean("build"),
        config_settings=table.settings("config-settings"),
        environment=_variables(table),
        build_requires=_requirements(table, "build-requires"),
        build_constraints=_requirements(table, "build-constraints"),
        patches=table.strings("patches"),
        accept=table.strings("accept"),
        accept_build_facts=table.boolean("accept-build-facts"),
        sysroot=sysroot,
        sysroot_folder=folder,
        link=_LINK.get(link or ""),
        downloads=parse_downloads(table),
        meson_wraps=table.boolean("meson-wraps"),
    )
