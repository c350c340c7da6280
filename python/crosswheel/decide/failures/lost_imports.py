"""Modules that build code does without, where they are not there: what it then leaves out is found missing at the end.

An import within a ``try`` that forgives says nothing in the log. The code is read, not run.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from .failure_causes import FailureCause, causes_in, untried
from .given_build import GivenBuild

__all__ = ["LostImport", "cause_of_lost_import", "lost_imports"]

_SETUP = "setup.py"
#: Handlers of these forgive that a module is not there.
_FORGIVING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


@dataclass(frozen=True, kw_only=True, slots=True)
class LostImport:
    """A module that build code does without.

    Attributes:
        module: its name, dots included.
        place: where the import stands, ``setup.py:12``.
    """

    module: str
    place: str


def lost_imports(files: Mapping[str, ast.Module], available: Collection[str]) -> tuple[LostImport, ...]:
    """Return the modules that ``setup.py``, and the modules beside it that it imports, try to import in vain.

    Where a handler imports another module that is there, nothing is lost.

    Args:
        files: by path below the source tree, build code.
        available: the modules that can be imported, by their names' first parts; those of `files` besides.
    """
    own = {path.removesuffix(".py").partition("/")[0] for path in files}
    there = {*available, *own}
    found: dict[str, LostImport] = {}
    waiting, seen = [_SETUP], {_SETUP}
    while waiting:
        path = waiting.pop(0)
        if (tree := files.get(path)) is None:
            continue
        for module, line in _tried(tree, there):
            found.setdefault(module, LostImport(module=module, place=f"{path}:{line}"))
        for node in ast.walk(tree):
            for name in _names(node):
                near = {f"{name.replace('.', '/')}.py", f"{name.replace('.', '/')}/__init__.py"}
                waiting += sorted(new := (near & files.keys()) - seen)
                seen |= new
    return tuple(found.values())


def cause_of_lost_import(
    lost: LostImport, given: GivenBuild, package: str, target: str
) -> FailureCause | None:
    """Return what it means that a module is not there, as of a build that fails for it; nothing where no setting mends it.

    Args:
        lost: the module.
        given: what the build had.
        package: the normalized name.
        target: id of what was built for.
    """
    said = f"ModuleNotFoundError: No module named '{lost.module}'"
    causes = untried(causes_in(said), given, package, target)
    return causes[0] if causes and causes[0].configuration(package, target) else None


def _tried(tree: ast.Module, there: Collection[str]) -> Iterator[tuple[str, int]]:
    """Yield what is imported in vain below a ``try`` that forgives it, with the line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Try) or not any(map(_forgives, node.handlers)):
            continue
        instead = chain.from_iterable(_names(one) for one in _below(node.handlers))
        if any(_is_there(name, there) for name in instead):
            continue
        for one in _below(node.body):
            for name in _names(one):
                if not _is_there(name, there):
                    yield name, one.lineno


def _below(nodes: Sequence[ast.AST]) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Import | ast.ImportFrom):
                yield one


def _names(node: ast.AST) -> list[str]:
    """Return the modules that a node imports; none of those that are named relative to the package."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []


def _is_there(name: str, there: Collection[str]) -> bool:
    return name.partition(".")[0] in there


def _forgives(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in _FORGIVING for kind in kinds)
