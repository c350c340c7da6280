"""The classes of what the API returns: all can be imported and are explained."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import crosswheel
from crosswheel import api_types

_DOCS = Path(__file__).parents[2] / "docs"
#: What annotations name that is not ours.
_OTHERS = frozenset(
    [
        "Any",
        "Enum",
        "Iterator",
        "Iterable",
        "Mapping",
        "None",
        "Path",
        "Pattern",
        "Protocol",
        "Sequence",
        "Tag",
        "TypeAlias",
        "Unpack",
    ]
)
#: What the API hands on to the layers below, and what only errors have.
_NOT_RETURNED = frozenset({"Services", "CrosswheelError"})


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    sys.path.insert(0, str(_DOCS))
    return importlib.import_module("api_pages")


@pytest.mark.parametrize(
    "name", [name for name in crosswheel.__all__ if name not in {*_NOT_RETURNED, "Session"}]
)
def test_what_annotations_name_can_be_imported(name: str, pages: ModuleType) -> None:
    known = {*crosswheel.__all__, *_OTHERS, *_NOT_RETURNED}
    assert pages.words_of(getattr(crosswheel, name)) - known == set()


@pytest.mark.parametrize("name", api_types.__all__)
def test_each_class_is_that_of_the_package_and_in_the_reference(name: str) -> None:
    assert getattr(crosswheel, name) is getattr(api_types, name)
    page = (_DOCS / "reference" / "api-types.md").read_text()
    assert f"\n## `{name}`\n" in page


@pytest.mark.parametrize("name", api_types.__all__)
def test_where_fields_are_explained_all_are(name: str) -> None:
    thing: type = getattr(api_types, name)
    text = inspect.getdoc(thing) or ""
    if hasattr(thing, "__dataclass_fields__") and "Attributes:" in text:
        explained = set(re.findall(r"^    (\w+): ", text.partition("Attributes:")[2], re.MULTILINE))
        assert set(inspect.get_annotations(thing)) <= explained


def test_a_user_may_annotate_and_write_a_reporter(tmp_path: Path) -> None:
    module = tmp_path / "mine.py"
    module.write_text(
        "import crosswheel\n"
        "from crosswheel import Plan\n"
        "def names(plan: Plan, report: crosswheel.Report) -> list[str]:\n"
        "    return [package.name for package in report.packages]\n"
        "class Mine(crosswheel.Reporter):\n"
        "    pass\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(module)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
