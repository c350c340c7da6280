"""What is said when something is refused, where the words depend on what was written."""

from __future__ import annotations

import pytest

from starlark_files import function

_FILE = "rules/private/messages.bzl"


@pytest.mark.parametrize(
    ("modules", "why"),
    [
        (["shop", "shop"], "two tags have this name; give one of them another"),
        (["shop", "math"], 'the modules "shop" and "math" both have one of this name'),
        (["", "math"], 'the modules without a name and "math" both have one of this name'),
    ],
)
def test_a_name_that_is_taken_is_told_with_the_modules(modules: list[str], why: str) -> None:
    assert f"cannot make hub 'pypi': {why}" in str(function(_FILE, "name_taken")("hub", "pypi", modules))


def test_what_is_of_the_plan_is_told_with_the_lines_that_say_it() -> None:
    said = function(_FILE, "of_the_plan")("env", "lxml", "environment", {"B": 'a "b"', "A": "1"})
    assert said == (
        "cannot use `env` of package 'lxml': what goes into a wheel is of the plan, so that all who read it make the same bytes; "
        'write environment = { "A" = "1", "B" = "a \\"b\\"" } below [packages.lxml] in crosswheel.toml, and plan anew'
    )
