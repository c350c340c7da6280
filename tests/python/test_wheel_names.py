"""File names taken apart; `packaging` is the oracle."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import parse_wheel_filename

from crosswheel.decide.locks.wheel_names import variant_label, wheel_name

PARTS = st.lists(
    st.sampled_from(["py2", "py3", "cp312", "abi3", "manylinux_2_17_x86_64", "any"]), min_size=1, max_size=3
)
BUILDS = st.sampled_from(["", "-1", "-20250101", "-3post_1"])


@given(PARTS, PARTS, PARTS, BUILDS)
def test_tags_and_build_number_are_those_of_packaging(
    interpreters: list[str], abis: list[str], platforms: list[str], build: str
) -> None:
    filename = f"a_b-1.0{build}-{'.'.join(interpreters)}-{'.'.join(abis)}-{'.'.join(platforms)}.whl"
    _, _, expected_build, expected_tags = parse_wheel_filename(filename)
    found = wheel_name(filename)
    tags = {(*pair, platform) for pair in found.tags.pairs for platform in found.tags.platforms}
    assert tags == {(tag.interpreter, tag.abi, tag.platform) for tag in expected_tags}
    assert found.build == (expected_build or (-1, ""))
    assert variant_label(filename) is None


@given(PARTS, BUILDS, st.from_regex(r"[a-z0-9._]{1,16}", fullmatch=True))
def test_a_variant_label_is_the_field_after_the_platform(
    platforms: list[str], build: str, label: str
) -> None:
    assert variant_label(f"a-1{build}-cp312-cp312-{'.'.join(platforms)}-{label}.whl") == label
