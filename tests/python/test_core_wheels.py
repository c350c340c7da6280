"""The wheels of the core's libraries that Bazel and Nix fetch are those it is tested with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

_ROOT = Path(__file__).parents[2]
_REQUIREMENTS = (_ROOT / "requirements" / "development.txt").read_text()


def pins() -> dict[str, dict[str, Any]]:
    """By group: ``any`` and ``image`` (what images need besides) by import package, ``deflate`` by machine."""
    text = (_ROOT / "rules" / "toolchains" / "core_wheels.json").read_text()
    return cast("dict[str, dict[str, Any]]", json.loads(text))


def wheels() -> list[dict[str, str]]:
    return [wheel for group in pins().values() for wheel in group.values()]


def test_the_versions_are_those_of_the_tests() -> None:
    assert sorted(pins()) == ["any", "deflate", "image"]
    tested = re.findall(r"^([a-z-]+)==(\S+)", _REQUIREMENTS, re.MULTILINE)
    named = {f"{name.replace('-', '_')}-{version}-" for name, version in tested}
    assert [one for one in wheels() if not any(one["filename"].startswith(name) for name in named)] == []


def test_the_wheels_are_pinned_for_development_too() -> None:
    digests = [wheel["sha256"] for wheel in wheels()]
    assert len(digests) == 16
    assert [one for one in digests if one not in _REQUIREMENTS] == []


def test_a_wheel_is_fetched_by_its_own_name() -> None:
    assert [wheel for wheel in wheels() if not wheel["url"].endswith("/" + wheel["filename"])] == []
