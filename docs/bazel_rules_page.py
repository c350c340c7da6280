"""The page of docs/reference about the Bazel rules, from their own words.

Starlark is near enough to Python that a .bzl file can be run as one when it only declares: Bazel's functions are stood in for
by ones that keep what they are given.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

__all__ = ["bazel_rules_page"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Declared:
    """What a call of `rule`, `tag_class`, `attr.label` and their like was given."""

    kind: str
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def doc(self) -> str:
        return inspect.cleandoc(self.said.get("doc", ""))


class _Attributes:
    """Stands in for Bazel's `attr`."""

    def __getattr__(self, kind: str) -> Callable[..., _Declared]:
        return partial(_declare, kind)


def _declare(kind: str, *_positional: object, **said: Any) -> _Declared:
    return _Declared(kind=kind, said=said)


class _Files:
    """The .bzl files below a folder, each run once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._run: dict[Path, dict[str, Any]] = {}

    def names(self, path: Path) -> dict[str, Any]:
        """Return what a file declares, by name."""
        if path not in self._run:
            names: dict[str, Any] = self._run.setdefault(path, self._builtins(path))
            exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
        return self._run[path]

    def _builtins(self, path: Path) -> dict[str, Any]:
        ignored = partial(_declare, "ignored")
        kinds = ("rule", "tag_class", "module_extension", "provider", "repository_rule")
        return {
            **{kind: partial(_declare, kind) for kind in kinds},
            "Label": str,
            "attr": _Attributes(),
            "config": SimpleNamespace(exec=ignored),
            "config_common": SimpleNamespace(toolchain_type=ignored),
            "load": lambda label, *names, **renamed: self._load(
                path, label, {name: name for name in names} | renamed
            ),
            "native": SimpleNamespace(),
            "platform_common": SimpleNamespace(PlatformInfo=None, ToolchainInfo=None),
            "struct": SimpleNamespace,
            "transition": ignored,
        }

    def _load(self, path: Path, label: str, wanted: Mapping[str, str]) -> None:
        into = self._run[path]
        if label.startswith("@"):
            into.update(dict.fromkeys(wanted))
            return
        package, _, name = label.rpartition(":")
        folder = self.root / package.removeprefix("//") if package else path.parent
        names = self.names(folder / name)
        into.update({own: names[theirs] for own, theirs in wanted.items()})


def bazel_rules_page(root: Path, note: str) -> str:
    """Return the text of docs/reference/bazel-rules.md.

    Args:
        root: the folder with `rules`.
        note: the first lines.
    """
    files = _Files(root)
    rules = files.names(root / "rules/defs.bzl")
    extension = files.names(root / "rules/extensions.bzl")["wheels"]
    lines = [
        note,
        "# The Bazel rules",
        "",
        "How they go together: [the guide](../guides/bazel.md). `name`, `tags`, `visibility` and the other attributes of every rule are Bazel's.",
        "",
        "## Rules",
        "",
        "```starlark",
        'load("@crosswheel//rules:defs.bzl", ...)',
        "```",
        "",
    ]
    for name in sorted(_public(rules, "rule")):
        lines += _declared(name, rules[name], level=3)
    # Loaded from a hub, which knows the providers of C++ rules.
    headers = files.names(root / "rules/private/wheel_headers.bzl")["wheel_headers_rule"](None, None)
    lines += _declared("wheel_headers", headers, level=3, loaded="@HUB//:wheel_headers.bzl")
    lines += [
        "## The module extension `wheels`",
        "",
        "```starlark",
        'wheels = use_extension("@crosswheel//rules:extensions.bzl", "wheels")',
        "```",
        "",
    ]
    for name, tag in sorted(extension.said["tag_classes"].items()):
        lines += _declared(f"wheels.{name}", tag, level=3)
    lines += ["## Platforms", ""]
    platforms = root / "rules/platforms/defs.bzl"
    lines += [*_module_words(platforms), ""]
    for name in ("glibc", "musl", "macos"):
        lines += _function(name, files.names(platforms)[name])
    lines += ["## Toolchains", ""]
    for name in ("core_toolchain", "build_pythons", "target_python"):
        label = f"@crosswheel//rules/toolchains:{name}.bzl"
        declared = files.names(root / f"rules/toolchains/{name}.bzl")[name]
        lines += _declared(name, declared, level=3, loaded=label)
    lines += ["## Providers", "", "```starlark", 'load("@crosswheel//rules:providers.bzl", ...)', "```", ""]
    providers = files.names(root / "rules/providers.bzl")
    for name in sorted(_public(providers, "provider")):
        lines += [f"### {name}", "", providers[name].doc, "", "| field | what |", "|---|---|"]
        lines += [
            f"| `{one}` | {_cell(text)} |" for one, text in sorted(providers[name].said["fields"].items())
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _public(names: Mapping[str, Any], kind: str) -> Iterator[str]:
    for name, one in names.items():
        if isinstance(one, _Declared) and one.kind == kind and not name.startswith("_"):
            yield name


def _declared(name: str, one: _Declared, *, level: int, loaded: str = "") -> list[str]:
    lines = [f"{'#' * level} {name}", ""]
    lines += [f"From `{loaded}`.", ""] if loaded else []
    lines += [one.doc, "", "| attribute | kind | what |", "|---|---|---|"]
    shown = {key: said for key, said in one.said["attrs"].items() if not key.startswith("_")}
    lines += [
        f"| `{key}` | {_kind(said)} | {_cell(said.doc)}{_limits(said)} |"
        for key, said in sorted(shown.items())
    ]
    return [*lines, ""]


def _kind(attribute: _Declared) -> str:
    words = attribute.kind.replace("_", " ").replace("keyed string dict", "to string")
    return words + (", required" if attribute.said.get("mandatory") else "")


def _limits(attribute: _Declared) -> str:
    said = attribute.said
    found = []
    if said.get("values"):
        found.append("one of " + ", ".join(f"`{value}`" for value in said["values"]))
    if said.get("default"):
        found.append(f"default: {_value(said['default'])}")
    return f" ({'; '.join(found)})" if found else ""


def _value(value: Any) -> str:
    return ", ".join(f"`{one}`" for one in (value if isinstance(value, list) else [value]))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _module_words(path: Path) -> list[str]:
    words = path.read_text(encoding="utf-8").removeprefix('"""').partition('"""')[0]
    return words.strip().splitlines()


def _function(name: str, function: Callable[..., Any]) -> list[str]:
    first, _, rest = inspect.cleandoc(function.__doc__ or "").partition("\n")
    arguments = re.findall(r"^    (\w+): (.+)$", rest, re.MULTILINE)
    lines = [f"### {name}{str(inspect.signature(function)).replace(chr(39), chr(34))}", "", first, ""]
    return (
        lines
        + [f"- `{one}`: {text}" for one, text in arguments if one in inspect.signature(function).parameters]
        + [""]
    )
