"""Words of an image's configuration that only Python can give: the command line parts a variable at its first ``=``."""

from __future__ import annotations

import pytest

from crosswheel.decide.images.image_config import ContainerSettings
from crosswheel.decide.images.image_words import doubtful_settings


@pytest.mark.parametrize("name", ["A=B", "=", "", "A B"])
def test_a_variable_has_a_name_that_is_one_word(name: str) -> None:
    (told,) = doubtful_settings(ContainerSettings(env={name: "x"}), [])
    assert told == (name, "the name of a variable is a word without blanks and without '='")


def test_a_variable_with_a_name_may_hold_anything() -> None:
    assert list(doubtful_settings(ContainerSettings(env={"A": "b=c d"}), [])) == []
