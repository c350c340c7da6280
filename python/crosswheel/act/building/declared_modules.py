"""Which extension modules an sdist's build code speaks of: read, never run.

A `setup.py` that loses an import, or asks for a header first, leaves its extensions out without a word, and no compiler is
ever called. That the code names them is all there is to be seen of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crosswheel.act.building.build_code import parsed_code
from crosswheel.act.check.facts import DeclaredModule
from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["declared_modules"]

#: What asks for another platform or for a variable of the environment: the author's own condition.
_CONDITION = re.compile(
    r"platform|\bos\.name\b|uname|machine|getenv|environ|argv|windows|\bwin\d*\b|win(?:32|64)|mingw|cygwin|macos|darwin|osx"
    r"|linux|posix|bsd|\bARCH\b",
    re.IGNORECASE,
)
#: What asks for another implementation of Python than CPython, which every target is.
_IMPLEMENTATION = re.compile(r"pypy|implementation|graalpy|jython|cpython", re.IGNORECASE)
#: In code that cannot be read as Python of today.
_CALL = re.compile(r"\b\w*Extension\s*\(|\bcythonize\s*\(|\bext_modules\s*=")


def declared_modules(files: Mapping[str, str]) -> tuple[DeclaredModule, ...]:
    """Return the extension modules that build code names, in the order of the files' names and of the lines.

    Args:
        files: by path below the source tree, the texts of build code and of `pyproject.toml`.
    """
    found: list[DeclaredModule] = []
    for path, text in sorted(files.items()):
        found += _of_settings(path, text) if path.endswith(".toml") else _of_code(path, text)
    return tuple(found)


def _of_settings(path: str, text: str) -> Iterator[DeclaredModule]:
    """Yield the modules of setuptools' and setuptools-rust's tables, which no condition can leave out."""
    try:
        tools = parse_toml(text.encode()).get("tool", {})
        tables = [
            *tools.get("setuptools", {}).get("ext-modules", ()),
            *tools.get("setuptools-rust", {}).get("ext-modules", ()),
        ]
        for table in tables:
            name, sources = table.get("name", table.get("target", "")), table.get("sources", ())
            yield DeclaredModule(name=str(name), sources=tuple(map(str, sources)), place=path)
    except (TomlError, AttributeError, TypeError):
        return


def _of_code(path: str, text: str) -> Iterator[DeclaredModule]:
    tree = parsed_code(text)
    if tree is None:
        if (match := _CALL.search(text)) is not None:
            line = text.count("\n", 0, match.start()) + 1
            yield DeclaredModule(name="", place=f"{path}:{line}", conditional=True)
        return
    code = _Code(tree=tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (named := _named_by(node)) is not None:
            name, sources = named
            yield DeclaredModule(
                name=name,
                sources=sources,
                place=f"{path}:{node.lineno}",
                conditional=code.is_conditional(node),
            )


def _named_by(call: ast.Call) -> tuple[str, tuple[str, ...]] | None:
    """Return name and sources, as far as they are literals, of a call that makes an extension module."""
    callee = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    first = call.args[0] if call.args else keywords.get("name", keywords.get("target"))
    if callee.endswith("Extension"):
        sources = call.args[1] if len(call.args) > 1 else keywords.get("sources")
        return (_text(first), _texts(sources)) if first is not None else None
    if callee == "cythonize" and first is not None and (patterns := _texts(first)):
        return "", patterns
    # cffi writes C only where it is given some: https://cffi.readthedocs.io/en/stable/cdef.html
    if callee == "set_source" and len(call.args) > 1 and not _is_none(call.args[1]):
        return _text(first), _texts(keywords.get("sources"))
    return None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _texts(node: ast.expr | None) -> tuple[str, ...]:
    items: Sequence[ast.expr] = (
        node.elts if isinstance(node, ast.List | ast.Tuple) else [node] if node else ()
    )
    return tuple(text for item in items if (text := _text(item)))


def _names_modules(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) and _named_by(part) is not None for part in ast.walk(node))


@dataclass(slots=True, kw_only=True)
class _Code:
    """One file of build code, with what leads to each of its parts."""

    tree: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    asking: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and not _names_modules(node.value) and self._asks(node.value):
                self.asking |= {target.id for target in node.targets if isinstance(target, ast.Name)}

    def is_conditional(self, call: ast.Call) -> bool:
        """Tell whether what `call` makes, or each use of it, depends on the platform or on a variable."""
        if self._is_guarded(call):
            return True
        parent = self.parents[call]
        if not isinstance(parent, ast.Assign) or not isinstance(parent.targets[0], ast.Name):
            return False
        name = parent.targets[0].id
        uses = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
        ]
        return bool(uses) and all(self._is_guarded(use) for use in uses)

    def _is_guarded(self, node: ast.AST) -> bool:
        child, parent = node, self.parents.get(node)
        while parent is not None:
            if (
                isinstance(parent, ast.If | ast.IfExp)
                and child is not parent.test
                and self._asks(parent.test)
            ):
                return True
            if isinstance(parent, ast.FunctionDef) and self._returns_early(parent, child):
                return True
            child, parent = parent, self.parents.get(parent)
        return False

    def _returns_early(self, function: ast.FunctionDef, before: ast.AST) -> bool:
        for statement in function.body:
            if statement is before:
                return False
            asks = isinstance(statement, ast.If) and self._asks(statement.test)
            if asks and any(isinstance(node, ast.Return) for node in ast.walk(statement)):
                return True
        return False

    def _asks(self, test: ast.expr) -> bool:
        """Tell whether an expression asks for the platform or for a variable of the environment."""
        names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        text = ast.unparse(test)
        return bool(names & self.asking) or (
            _CONDITION.search(text) is not None and _IMPLEMENTATION.search(text) is None
        )
