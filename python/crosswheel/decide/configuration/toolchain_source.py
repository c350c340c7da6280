"""Which toolchain of the user's own compiles for which target: ``toolchains`` of the configuration and ``--toolchain``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from crosswheel.decide.configuration.target_keys import matches_target
from crosswheel.decide.documents.nearest_name import did_you_mean
from crosswheel.decide.documents.typed_tables import TypedTable, key_path
from crosswheel.decide.plans.toolchain_pin import TOOLS
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError

__all__ = [
    "TOOLCHAIN_KEYS",
    "ToolchainEntry",
    "ToolchainSource",
    "option_entry",
    "parse_toolchains",
    "toolchain_for",
    "unmatched_toolchains",
]

TOOLCHAIN_KEYS = (
    "c-options",
    "cc",
    "cxx-options",
    "environment",
    "folder",
    "inputs",
    "link-options",
    "options",
    "programs",
    "sysroot",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolchainSource:
    """A toolchain as the user names it; what is not said is found out.

    Attributes:
        path: the C compiler, by path or by a name on PATH; or a folder of a known layout.
        folder: the folder that is shown to builds, which `path`, `inputs` and `programs` are then relative to; ``None`` to
            find out.
        inputs: what of it builds see; empty for all of a folder that is named, else to find out.
        programs: programs other than those beside the compiler, by tool.
        sysroot: the folder with the target's C library and headers; ``None`` where the compiler has its own.
        options: given to the compiler in every call.
        c_options: given to the C compiler in every call, after `options`.
        cxx_options: the same for the C++ compiler.
        link_options: given to it in every call that links.
        environment: variables set for its programs.
    """

    path: str
    folder: str | None = None
    inputs: tuple[str, ...] = ()
    programs: Mapping[str, str] = field(default_factory=dict)
    sysroot: str | None = None
    options: tuple[str, ...] = ()
    c_options: tuple[str, ...] = ()
    cxx_options: tuple[str, ...] = ()
    link_options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolchainEntry:
    """One toolchain, and what it is for.

    Attributes:
        key: spelling of a target or glob over target ids, as a ``targets`` table has them; ``None`` for every target.
        source: the toolchain.
        place: where it was said, for messages.
        configured: whether the configuration says it, whose folder its paths are relative to then.
    """

    key: str | None
    source: ToolchainSource
    place: str
    configured: bool = True


def parse_toolchains(table: TypedTable) -> tuple[ToolchainEntry, ...]:
    """Return the entries of the table ``toolchains`` below `table`, keeping its faults; the keys are not looked at."""
    toolchains = table.inner("toolchains")
    found: list[ToolchainEntry] = []
    for key in toolchains.table:
        if isinstance(toolchains.table[key], str):
            path = toolchains.string(key)
            source = None if path is None else ToolchainSource(path=path)
        else:
            source = _source(toolchains.inner(key))
        if source is not None:
            found.append(ToolchainEntry(key=key, source=source, place=key_path(toolchains.place, key)))
    return tuple(found)


def _source(table: TypedTable) -> ToolchainSource | None:
    table.refuse_unknown(TOOLCHAIN_KEYS)
    programs = table.table_of_strings("programs")
    for tool in programs:
        if tool not in TOOLS[1:]:
            fix = did_you_mean(tool, TOOLS[1:]) or f"name one of {', '.join(TOOLS[1:])}"
            table.fault(
                "programs", doing="use program", value=tool, why="it is no tool of a toolchain", fix=fix
            )
    path = table.string("cc")
    if path is None:
        if "cc" not in table.table:
            fix = 'write for example cc = "aarch64-linux-gnu-gcc"'
            table.fault_here(doing="use toolchain", why="its C compiler is not named", fix=fix)
        return None
    return ToolchainSource(
        path=path,
        folder=table.string("folder"),
        inputs=table.strings("inputs"),
        programs=programs,
        sysroot=table.string("sysroot"),
        options=table.strings("options"),
        c_options=table.strings("c-options"),
        cxx_options=table.strings("cxx-options"),
        link_options=table.strings("link-options"),
        environment=table.table_of_strings("environment"),
    )


def option_entry(text: str) -> ToolchainEntry:
    """Return what ``--toolchain [TARGET=]PATH`` means.

    >>> option_entry("linux_arm64=/opt/ndk").key, option_entry("/opt/a=b/bin/gcc").key
    ('linux_arm64', None)
    """
    name, separator, path = text.partition("=")
    named = bool(separator) and "/" not in name
    return ToolchainEntry(
        key=name if named else None,
        source=ToolchainSource(path=path if named else text),
        place="--toolchain",
        configured=False,
    )


def toolchain_for(entries: Iterable[ToolchainEntry], target: Target) -> ToolchainEntry | None:
    """Return the last entry that is about a target, ``None`` if none is.

    Raises:
        InputError: a key is neither a glob nor a spelling.
    """
    found = None
    for entry in entries:
        if _is_about(entry, target):
            found = entry
    return found


def _is_about(entry: ToolchainEntry, target: Target) -> bool:
    return entry.key is None or matches_target(entry.key, target)


def unmatched_toolchains(
    entries: Iterable[ToolchainEntry], targets: Collection[Target], *, name: str
) -> list[CrosswheelError]:
    """Return a fault for each entry that is about none of the targets.

    Args:
        entries: the entries.
        targets: those of the plan, build platforms too.
        name: the configuration's file name.
    """
    ids = ", ".join(target.id for target in targets)
    faults: list[CrosswheelError] = []
    for entry in entries:
        try:
            if any(_is_about(entry, target) for target in targets):
                continue
            error: CrosswheelError = InputError(
                "use toolchain for target",
                entry.key,
                why=f"it is none of the plan's targets {ids}",
                fix="write one of them or a glob over these ids, or leave it out",
            )
        except CrosswheelError as caught:
            error = caught
        faults.append(error.within(*((name, entry.place) if entry.configured else (entry.place,))))
    return faults
