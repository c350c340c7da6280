"""What identifies crosswheel itself in the identity of a build."""

from __future__ import annotations

from importlib.resources import files

import pytest

from crosswheel.act.building import recipe


@pytest.mark.parametrize("folder", recipe._FOLDERS)
def test_every_folder_of_the_recipe_holds_source(folder: str) -> None:
    assert recipe._sources(files("crosswheel").joinpath(folder), folder)


def test_sources_that_are_not_python_count_too() -> None:
    folder = "act/building/injected"
    names = {name for name, _ in recipe._sources(files("crosswheel").joinpath(folder), folder)}
    assert {f"{folder}/drive.py", f"{folder}/ibm128.c"} <= names
    assert not any("__pycache__" in name for name in names)


def test_the_digest_is_the_same_when_asked_again() -> None:
    first = recipe.recipe_digest()
    recipe.recipe_digest.cache_clear()
    assert recipe.recipe_digest() == first
