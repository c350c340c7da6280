"""--no-binary and --only-binary, as pip and uv understand them."""

from __future__ import annotations

import pytest

from crosswheel.decide.configuration.build_flags import build_flags
from crosswheel.decide.configuration.preferences import Handling, Preference
from crosswheel.values.errors import CrosswheelError

ONLY_SDIST = Handling.ONLY_SDIST


def test_names_are_normalized_and_lists_split() -> None:
    flags = build_flags(no_binary=["NumPy, ruamel.yaml", "x"], only_binary=[])
    assert flags.names == {
        name: Preference(handling=ONLY_SDIST, reason=f"--no-binary {name}")
        for name in ("numpy", "ruamel-yaml", "x")
    }


def test_all_is_the_default_and_a_name_beats_it() -> None:
    flags = build_flags(no_binary=["x"], only_binary=[":all:"])
    assert flags.default == Preference(handling=Handling.ONLY_WHEEL, reason="--only-binary :all:")
    assert flags.names["x"].handling is ONLY_SDIST


def test_none_empties_what_was_said_before() -> None:
    flags = build_flags(no_binary=["x,:all:", ":none:", "y"], only_binary=[])
    assert (flags.default, list(flags.names)) == (None, ["y"])


def test_both_flags_for_one_package_are_refused() -> None:
    with pytest.raises(CrosswheelError) as caught:
        build_flags(no_binary=["x", ":all:"], only_binary=["x", ":all:"])
    assert str(caught.value) == (
        "cannot use --no-binary and --only-binary for ':all:': together they leave no file to choose; drop one of them\n"
        "cannot use --no-binary and --only-binary for 'x': together they leave no file to choose; drop one of them"
    )


def test_a_value_that_is_no_name_is_refused() -> None:
    with pytest.raises(CrosswheelError) as caught:
        build_flags(no_binary=["a b"], only_binary=[])
    assert str(caught.value) == (
        "cannot use --no-binary 'a b': it is not a package name; give a name, :all: or :none:"
    )
