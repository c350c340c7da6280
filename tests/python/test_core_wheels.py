"""The wheels of the core's libraries that Bazel and Nix fetch are those it is tested with."""

from __future__ import annotations

import json
import re
import tomllib
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


def command_pins() -> dict[str, dict[str, Any]]:
    """What the command of Nix needs besides: ``any`` by import package, ``uv`` by machine."""
    text = (_ROOT / "rules" / "toolchains" / "command_wheels.json").read_text()
    return cast("dict[str, dict[str, Any]]", json.loads(text))


def test_the_command_of_nix_has_all_dependencies_in_the_versions_of_the_tests() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.sub(r"[-.]", "_", re.split(r"[<>=]", one)[0]) for one in project["dependencies"]}
    wheels = [wheel for group in (*pins().values(), *command_pins().values()) for wheel in group.values()]
    assert wanted - {wheel["filename"].split("-")[0] for wheel in wheels} == set()
    for wheel in wheels:
        name, version = wheel["filename"].split("-")[:2]
        assert f"\n{name.replace('_', '-')}=={version} " in _REQUIREMENTS
        assert wheel["sha256"] in _REQUIREMENTS
        assert wheel["url"].endswith("/" + wheel["filename"])


def test_there_is_a_uv_for_every_machine_of_nix_and_on_linux_it_needs_no_loader() -> None:
    machines = command_pins()["uv"]
    assert sorted(machines) == sorted(pins()["deflate"])
    assert [
        name for name, one in machines.items() if ("musllinux" in one["filename"]) != ("linux" in name)
    ] == []


def test_the_wheels_are_pinned_for_development_too() -> None:
    digests = [wheel["sha256"] for wheel in wheels()]
    assert len(digests) == 16
    assert [one for one in digests if one not in _REQUIREMENTS] == []


def test_a_wheel_is_fetched_by_its_own_name() -> None:
    assert [wheel for wheel in wheels() if not wheel["url"].endswith("/" + wheel["filename"])] == []
