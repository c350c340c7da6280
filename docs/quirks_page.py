"""The page of docs/reference that shows the shipped table of quirks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from crosswheel.decide.configuration.quirks import Quirk

__all__ = ["quirks_page"]


def quirks_page(quirks: Iterable[Quirk], note: str) -> str:
    """Return the text of docs/reference/quirks.md."""
    lines = [
        note,
        "# Known quirks",
        "",
        "What popular packages need besides their sdist to be cross built: the table `toolchains/quirks.toml`, which",
        "comes with crosswheel. It lies under [your own configuration](configuration.md), which wins key by key:",
        '`sysroot = []` takes no library, `link = "shared"` links another way. The entries about packages that a plan',
        "builds are an input of the plan (`quirks`); when a new crosswheel knows them otherwise, the plan is stale.",
        "",
        "| package | releases | what | why |",
        "|---|---|---|---|",
    ]
    for quirk in quirks:
        versions = f"`{quirk.entry.versions}`" if quirk.entry.versions else "all"
        what = "<br>".join(_told(quirk.table))
        why = f"{quirk.reason} [Source]({quirk.reference})"
        lines.append(f"| {quirk.entry.name} | {versions} | {what} | {why} |")
    return "\n".join(lines) + "\n"


def _told(table: Mapping[str, Any]) -> list[str]:
    return [f"`{key} = {_toml(value)}`" for key, value in table.items() if key != "versions"]


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(key)} = {_toml(one)}" for key, one in value.items())
        return f"{{ {inner} }}"
    return json.dumps(value)


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() else json.dumps(key)
