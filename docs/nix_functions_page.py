"""The page of docs/reference about the flake, from the doc comments of its Nix files (Nix RFC 145)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["nix_functions_page"]

_ARGUMENT = re.compile(r"(?P<name>[\w-]+)(?: \? (?P<default>.+))?,$")
_ATTRIBUTE = re.compile(r"(?P<name>[\w.-]+) =(?: |$)")
_ITEM = re.compile(r'"(?P<name>[\w-]+)"$')
_OTHER_OVERRIDES = (
    "What Nix knows of the references of a result (`allowedReferences`, `disallowedRequisites` ...) and attributes that begin with `__` "
    "are taken, too; anything else is refused, with the place where it belongs."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Documented:
    """What a doc comment is about.

    Attributes:
        kind: the expression that its line is of.
        name: with those of the sets around it.
        default: of an argument, if it has one.
        words: the comment.
    """

    kind: re.Pattern[str]
    name: str
    default: str
    words: str


def nix_functions_page(root: Path, note: str) -> str:
    """Return the text of docs/reference/nix-functions.md.

    Args:
        root: the folder with `rules`.
        note: the first lines.

    Raises:
        ValueError: a doc comment stands before what is neither an argument nor an attribute.
    """
    folder = root / "rules/nix"
    outputs, default, wheels, overrides = (
        list(_documented((folder / name).read_text(encoding="utf-8")))
        for name in ("outputs.nix", "default.nix", "wheels.nix", "overrides.nix")
    )
    lines = [
        note,
        "# The Nix functions",
        "",
        "How they go together: [the guide](../guides/nix.md).",
        "",
        *_table("## Outputs of the flake", "output", _of(outputs, _ATTRIBUTE)),
        *_table("## Without a flake", "argument", _of(default, _ARGUMENT)),
        "`import crosswheel/rules/nix { inherit pkgs; }` is the command, with these attributes:",
        "",
        *_table("", "attribute", _of(default, _ATTRIBUTE)),
        *_table("## Arguments of `mkWheels`", "argument", _of(wheels, _ARGUMENT)),
        *_table("## Attributes of an override", "attribute", _of(overrides, _ITEM)),
        _OTHER_OVERRIDES,
        "",
        *_table("## What `mkWheels` gives", "attribute", _of(wheels, _ATTRIBUTE)),
        "The whole is a folder with the repository of each target that is wanted.",
        "",
    ]
    return "\n".join(lines)


def _documented(text: str) -> Iterator[_Documented]:
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if line.strip() != "/**":
            continue
        end = next(number for number in range(start, len(lines)) if lines[number].strip() == "*/")
        about = lines[end + 1].strip()
        for kind in (_ARGUMENT, _ATTRIBUTE, _ITEM):
            if (match := kind.match(about)) is not None:
                path = (
                    [*_around(lines[:start], _indent(line)), match["name"]]
                    if kind is _ATTRIBUTE
                    else [match["name"]]
                )
                words = " ".join(" ".join(lines[start + 1 : end]).split())
                default = match.groupdict().get("default") or ""
                # What is made for a target goes by any name of that.
                name = ".".join(path).replace("ofTarget", "TARGET")
                yield _Documented(kind=kind, name=name, default=default, words=words)
                break
        else:
            raise ValueError(f"a doc comment is about neither an argument nor an attribute: {about}")


def _around(before: list[str], indent: int) -> list[str]:
    """Return the names of the sets that a line lies in, outermost first, told by the indentation of nixfmt."""
    names: list[str] = []
    for line in reversed(before):
        if line.strip() and _indent(line) < indent:
            indent = _indent(line)
            if (match := _ATTRIBUTE.match(line.strip())) is not None:
                names.insert(0, match["name"])
    return names


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _of(documented: Iterable[_Documented], kind: re.Pattern[str]) -> list[_Documented]:
    return [one for one in documented if one.kind is kind]


def _table(heading: str, column: str, documented: list[_Documented]) -> list[str]:
    defaults = any(one.default for one in documented)
    lines = [heading, ""] if heading else []
    lines += [
        f"| {column} |{' default |' if defaults else ''} meaning |",
        "|---|---|---|" if defaults else "|---|---|",
    ]
    for one in documented:
        default = f" {f'`{one.default}`' if one.default else ''} |" if defaults else ""
        lines.append(f"| `{one.name}` |{default} {one.words.replace('|', chr(92) + '|')} |")
    return [*lines, ""]
