"""Loads the pure .bzl files without Bazel, by starlark-pyo3: those that name no rule, provider, label or context."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import starlark

__all__ = ["PURE", "ROOT", "function", "refused_by_bazel"]

ROOT = Path(__file__).parents[1]

#: Files that can be run here; `test_bazel_dialect.py` looks that none is forgotten.
PURE = (
    "rules/platforms/versions.bzl",
    "rules/private/base_files.bzl",
    "rules/private/build_text.bzl",
    "rules/private/hub_files.bzl",
    "rules/private/known_platforms.bzl",
    "rules/private/library_places.bzl",
    "rules/private/messages.bzl",
    "rules/private/names.bzl",
    "rules/private/plan.bzl",
    "rules/private/python_runtimes.bzl",
    "rules/private/target_ids.bzl",
)

_GLOBALS = starlark.Globals.extended_by(
    [starlark.LibraryExtension.StructType, starlark.LibraryExtension.Json]
)
_DIALECT = starlark.Dialect.extended()
_DIALECT.enable_keyword_only_arguments = True

#: What the library here takes and Bazel does not. https://bazel.build/rules/language
_REFUSED = {
    "a method that Bazel's lists lack": re.compile(r"\.count\(\w+\) > "),
    "a statement of Python": re.compile(
        r"^\s*(while|import|from|class|try|with|yield|raise|assert|del)\b", re.MULTILINE
    ),
    "a string with a prefix": re.compile(r"""(?<![\w"'])[fbu]["']"""),
    "`is`": re.compile(r"\bis (not )?(None|True|False)\b"),
}


@cache
def _module(path: str) -> starlark.FrozenModule:
    folder = path.rpartition("/")[0]
    module = starlark.Module()
    parsed = starlark.parse(path, (ROOT / path).read_text(), _DIALECT)
    starlark.eval(module, parsed, _GLOBALS, starlark.FileLoader(lambda label: _module(_path(label, folder))))
    return module.freeze()


def _path(label: str, folder: str) -> str:
    package, _, name = label.rpartition(":")
    return f"{package.removeprefix('//') or folder}/{name}"


class Function:
    """A function of a .bzl file, called with and returning plain values."""

    def __init__(self, path: str, name: str) -> None:
        self.path, self.name = path, name

    def __call__(self, *positional: object, **named: object) -> object:
        return _module(self.path).call(self.name, *positional, **named)


def function(path: str, name: str) -> Function:
    """Return a function of a pure .bzl file."""
    return Function(path, name)


def refused_by_bazel(text: str) -> list[str]:
    """Return what of `text` Bazel would refuse although it may run here: Python's own, and recursion."""
    code = re.sub(r'""".*?"""', '""""""', text, flags=re.DOTALL)
    code = re.sub(r"#[^\n]*", "", code)
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', code)
    found = [what for what, pattern in _REFUSED.items() if pattern.search(bare)]
    return found + [f"recursion of {name}" for name in _recursive(bare)]


def _recursive(code: str) -> list[str]:
    """Return the functions of a file that lead to themselves."""
    bodies = dict(re.findall(r"^def (\w+)\(.*?\):\n((?:(?:[ \t].*)?\n)*)", code, flags=re.MULTILINE))
    calls = {name: set(re.findall(r"\b(\w+)\(", body)) & set(bodies) for name, body in bodies.items()}

    def reached(name: str) -> set[str]:
        seen: set[str] = set()
        pending = set(calls[name])
        while pending:
            one = pending.pop()
            seen.add(one)
            pending |= calls[one] - seen
        return seen

    return sorted(name for name in calls if name in reached(name))
