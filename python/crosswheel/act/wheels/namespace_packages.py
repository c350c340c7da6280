"""Namespace packages that declare themselves: several wheels bring the same ``__init__.py``, seldom with the same bytes.

https://packaging.python.org/en/latest/guides/packaging-namespace-packages/, "pkgutil-style" and "pkg_resources-style". Which of
the declarations is installed makes no difference, so the first is taken for all.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from crosswheel.act.wheels.wheel_archive import WheelArchive
from crosswheel.act.wheels.wheel_files import InstalledFile, WheelFiles
from crosswheel.act.wheels.wheel_record import RecordEntry, format_record

__all__ = ["declares_namespace", "with_one_declaration"]

_DECLARING = frozenset({"extend_path", "declare_namespace"})


def declares_namespace(source: bytes) -> bool:
    """Tell whether a module's source declares a namespace package and does nothing else.

    >>> declares_namespace(b"__path__ = __import__('pkgutil').extend_path(__path__, __name__)")
    True
    >>> declares_namespace(b"from .core import run")
    False
    """
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    names = {node.attr for node in ast.walk(module) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    return not names.isdisjoint(_DECLARING) and all(map(_only_declares, module.body))


def _only_declares(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
        case ast.Import(names=names):
            return all(name.name in {"pkgutil", "pkg_resources"} for name in names)
        case ast.ImportFrom(module=module, level=0):
            return module in {"pkgutil", "pkg_resources", "__future__"}
        case ast.Assign(targets=[ast.Name(id="__path__")]):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name in _DECLARING
        case ast.Try(body=body, handlers=handlers, orelse=[], finalbody=[]):
            return all(map(_only_declares, [*body, *(one for handler in handlers for one in handler.body)]))
        case _:
            return False


def with_one_declaration(opened: Sequence[tuple[WheelArchive, WheelFiles]]) -> list[WheelFiles]:
    """Return the files of the wheels, each path that several bring as a declaration with the content of the first.

    Args:
        opened: each wheel and its files, in their order.
    """
    brought: dict[str, list[tuple[WheelArchive, InstalledFile]]] = {}
    for archive, files in opened:
        for file in files.files:
            if file.path.endswith("/__init__.py") and file.member is not None:
                brought.setdefault(file.path, []).append((archive, file))
    chosen = {
        path: declaration
        for path, several in brought.items()
        if len({file.entry.hash for _, file in several}) > 1
        and (declaration := _declaration(several)) is not None
    }
    return [_with(files, chosen) for _, files in opened]


def _declaration(several: Sequence[tuple[WheelArchive, InstalledFile]]) -> InstalledFile | None:
    sources = [archive.read_checked(file.member) for archive, file in several if file.member is not None]
    entry = several[0][1].entry
    is_recorded = hashlib.new(entry.algorithm, sources[0]).digest() == entry.digest
    if not is_recorded or not all(map(declares_namespace, sources)):
        return None
    return replace(several[0][1], member=None, data=sources[0])


def _with(files: WheelFiles, chosen: Mapping[str, InstalledFile]) -> WheelFiles:
    if not any(file.path in chosen for file in files.files):
        return files
    # Each wheel has a file of its own, for wheels that bring the same are told by that.
    *found, record = (replace(chosen[file.path]) if file.path in chosen else file for file in files.files)
    entries: list[RecordEntry] = [record.entry, *(file.entry for file in found)]
    return replace(files, files=(*found, replace(record, data=format_record(entries))))
