"""Packages are dealt out to layers so that a change of one leaves the layers of the others as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crosswheel.decide.images.layer_plan import LayerGroup, LayerPackage, plan_layers
from crosswheel.values.errors import InputError

_NAMES = some.from_regex(r"[a-z]{1,3}", fullmatch=True)
_PACKAGES = some.builds(
    LayerPackage, name=_NAMES, size=some.integers(0, 1 << 28), changes_often=some.booleans()
)
_SETS = some.lists(_PACKAGES, unique_by=lambda package: package.name, max_size=40)
_BUDGETS = some.integers(1, 48)


def layers_of(packages: list[LayerPackage], budget: int) -> dict[str, LayerGroup]:
    """Return the layer of each package."""
    return {name: group for group in plan_layers(packages, budget=budget) for name in group.packages}


def moved(before: dict[str, LayerGroup], after: dict[str, LayerGroup]) -> set[str]:
    """Return the packages that went from one layer to another; a name stands for a layer."""
    return {name for name in before.keys() & after.keys() if before[name].name != after[name].name}


@given(_SETS, _BUDGETS)
def test_each_package_is_in_one_layer_and_the_budget_is_kept(
    packages: list[LayerPackage], budget: int
) -> None:
    groups = plan_layers(packages, budget=budget)
    assert sorted(name for group in groups for name in group.packages) == sorted(one.name for one in packages)
    assert len(groups) <= budget
    assert len({group.name for group in groups}) == len(groups)


@given(_SETS, _BUDGETS, some.randoms())
def test_the_order_of_the_packages_does_not_matter(
    packages: list[LayerPackage], budget: int, random: object
) -> None:
    shuffled = packages.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plan_layers(packages, budget=budget) == plan_layers(shuffled, budget=budget)


@given(_SETS, _BUDGETS, some.data())
def test_a_new_release_of_the_same_magnitude_changes_nothing(
    packages: list[LayerPackage], budget: int, data: some.DataObject
) -> None:
    changed = [
        replace(one, size=min(one.size + data.draw(some.integers(0, one.size)), _largest_alike(one.size)))
        for one in packages
    ]
    assert plan_layers(changed, budget=budget) == plan_layers(packages, budget=budget)


def _largest_alike(size: int) -> int:
    """Return the largest size of the same power of four."""
    return (4 << ((size.bit_length() - 1) // 2 * 2)) - 1 if size else 0


@given(_SETS, _BUDGETS, some.integers(0, 1 << 28), some.data())
def test_a_package_that_changes_moves_itself_and_one_other_at_most(
    packages: list[LayerPackage], budget: int, size: int, data: some.DataObject
) -> None:
    if not packages:
        return
    place = data.draw(some.integers(0, len(packages) - 1))
    changed = [replace(one, size=size) if number == place else one for number, one in enumerate(packages)]
    others = moved(layers_of(packages, budget), layers_of(changed, budget)) - {packages[place].name}
    assert len(others) <= 1


@given(_SETS, _BUDGETS, _PACKAGES)
def test_a_package_that_comes_or_goes_moves_one_other_at_most(
    packages: list[LayerPackage], budget: int, package: LayerPackage
) -> None:
    without = [one for one in packages if one.name != package.name]
    assert len(moved(layers_of(without, budget), layers_of([*without, package], budget))) <= 1


def test_with_room_for_all_large_packages_no_other_ever_moves() -> None:
    packages = [LayerPackage(name=f"package-{number}", size=1 << (number % 26)) for number in range(100)]
    before = layers_of(packages, 99)
    for number, package in enumerate(packages):
        for size in (0, 1 << 17, 1 << 18, 1 << 27):
            changed = [*packages[:number], replace(package, size=size), *packages[number + 1 :]]
            assert moved(before, layers_of(changed, 99)) <= {package.name}


def test_large_packages_are_at_the_bottom_and_what_changes_often_on_top() -> None:
    groups = plan_layers(
        [
            LayerPackage(name="own-code", size=1000, changes_often=True),
            LayerPackage(name="tiny", size=1000),
            LayerPackage(name="large", size=1 << 20),
            LayerPackage(name="largest", size=1 << 25),
        ]
    )
    assert [group.name for group in groups] == ["largest", "large", "shared_1", "own-code"]


def test_one_layer_holds_everything() -> None:
    packages = [LayerPackage(name="a", size=1 << 25), LayerPackage(name="b", size=1, changes_often=True)]
    assert plan_layers(packages, budget=1) == (LayerGroup(name="shared_0", packages=("a", "b")),)


@pytest.mark.parametrize("budget", [0, 100])
def test_a_budget_that_is_none_is_refused(budget: int) -> None:
    with pytest.raises(InputError) as caught:
        plan_layers([], budget=budget)
    assert str(caught.value) == (
        f"cannot plan layers with a budget of '{budget}': an image takes from 1 to 99 layers of packages; give a number "
        "in between, or leave it out for 50"
    )
