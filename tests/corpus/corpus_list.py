"""The packages of the corpus, read from packages.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Package", "read_packages"]

_LIST = Path(__file__).with_name("packages.toml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A release that is forced from its sdist.

    Attributes:
        name: the project.
        version: the release.
        needs: further requirements that its exercise uses; they come as prebuilt wheels.
        configuration: the text of a crosswheel.toml, for a package that cannot be built without; empty for none.
        exercise: code that proves its native code at work; every extension module is imported anyway.
        not_imported: extension modules that cannot be imported even from the project's own wheel, and why.
    """

    name: str
    version: str
    needs: tuple[str, ...] = ()
    configuration: str = ""
    exercise: str = ""
    not_imported: Mapping[str, str]

    @property
    def requirement(self) -> str:
        """The release as a requirement."""
        return f"{self.name}=={self.version}"


def read_packages(text: str | None = None) -> dict[str, Package]:
    """Return the packages by name, in the order of the list."""
    document = tomllib.loads(_LIST.read_text("utf-8") if text is None else text)
    packages = [_package(table) for table in document["package"]]
    names = [package.name for package in packages]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"packages.toml names {', '.join(sorted(twice))} twice")
    return {package.name: package for package in packages}


def _package(table: Mapping[str, Any]) -> Package:
    unknown = set(table) - {"name", "version", "needs", "configuration", "exercise", "not-imported"}
    if unknown:
        raise ValueError(f"packages.toml: {table['name']} has unknown keys {', '.join(sorted(unknown))}")
    return Package(
        name=table["name"],
        version=table["version"],
        needs=tuple(table.get("needs", ())),
        configuration=table.get("configuration", ""),
        exercise=table.get("exercise", ""),
        not_imported=table.get("not-imported", {}),
    )
