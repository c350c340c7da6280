"""Which packages share a layer: decided so that a change of one package leaves the layers of the others as they are.

A package that is worth it gets a layer of its own. The others are dealt out by their names, so that where a package
goes never depends on what else there is. Nothing here counts places in a list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from crosswheel.values.errors import InputError
from crosswheel.values.wording import counted

__all__ = [
    "DEFAULT_BUDGET",
    "LARGEST_BUDGET",
    "LayerGroup",
    "LayerPackage",
    "crowding",
    "plan_layers",
    "refuse_wrong_budget",
]

#: Enough for the large packages of most projects; every layer is a request of its own when an image is pulled.
DEFAULT_BUDGET = 50
#: Docker takes 127 layers an image; what is left is for the base and the application.
LARGEST_BUDGET = 99

#: Packages below this size, bytes, do not get a layer of their own: a request costs more than they do.
_SMALL = 1 << 18
#: One layer in so many is kept for packages that share one.
_SHARED_PART = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerPackage:
    """A package to put into a layer.

    Attributes:
        name: its normalized name.
        size: bytes of its wheel.
        changes_often: it changes with nearly every image, such as the project's own code.
    """

    name: str
    size: int
    changes_often: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerGroup:
    """The packages of one layer.

    Attributes:
        name: name of its one package, or ``shared_`` and a number, which is no package's name.
        packages: their names, sorted.
    """

    name: str
    packages: tuple[str, ...]


def refuse_wrong_budget(budget: int) -> None:
    """Refuse a number of layers that `plan_layers` cannot plan for.

    Raises:
        InputError: it is none from 1 to `LARGEST_BUDGET`.
    """
    if not 1 <= budget <= LARGEST_BUDGET:
        raise InputError(
            "plan layers with a budget of",
            str(budget),
            why=f"an image takes from 1 to {LARGEST_BUDGET} layers of packages",
            fix=f"give a number in between, or leave it out for {DEFAULT_BUDGET}",
        )


def plan_layers(packages: Iterable[LayerPackage], *, budget: int = DEFAULT_BUDGET) -> tuple[LayerGroup, ...]:
    """Return the layers, lowest first: what costs most and changes least is at the bottom.

    A layer of its own goes to packages that change often, then to the largest ones, by the power of four of their size;
    equals are ordered by a hash of their names. The rest share an eighth of the budget, by that hash. So

    - a package that changes but for its order of magnitude moves nothing;
    - one that comes, goes or changes its order of magnitude moves itself, and at most one other package, which then
      gets or loses a layer of its own because the budget is used up.

    Args:
        packages: the packages, each name once.
        budget: how many layers there may be, from 1 to `LARGEST_BUDGET`.

    Raises:
        InputError: the budget is none.

    >>> [group.name for group in plan_layers([LayerPackage(name="numpy", size=16_000_000)])]
    ['numpy']
    """
    refuse_wrong_budget(budget)
    every = tuple(packages)
    shared_layers = max(1, budget // _SHARED_PART)
    worth_it = sorted((one for one in every if one.changes_often or one.size >= _SMALL), key=_rank)
    alone = worth_it[: budget - shared_layers]
    own = {one.name for one in alone}
    shared: dict[int, list[str]] = {}
    for one in every:
        if one.name not in own:
            shared.setdefault(_hash(one.name) % shared_layers, []).append(one.name)
    return (
        *(_alone(one) for one in alone if not one.changes_often),
        *(
            LayerGroup(name=f"shared_{place}", packages=tuple(sorted(shared[place])))
            for place in sorted(shared)
        ),
        *(_alone(one) for one in alone if one.changes_often),
    )


def crowding(layers: Iterable[str], changes_often: Iterable[str], *, budget: int) -> str:
    """Tell which projects should have had a layer of their own, and why they have none; empty if all have.

    One layer of everything is what a budget of one asks for.

    Args:
        layers: names of the layers that were made.
        changes_often: names of the projects.
        budget: how many layers there might be.

    >>> crowding(["shared_0", "numpy"], ["Flask", "numpy"], budget=2)
    'no layer of its own is left for flask, which changes often: there may be 2 layers, some of which others share; allow more'
    >>> crowding(["shared_0"], ["flask"], budget=1)
    ''
    """
    lost = sorted({canonicalize_name(name) for name in changes_often}.difference(layers))
    if not lost or budget == 1:
        return ""
    whose, change = ("its", "changes") if len(lost) == 1 else ("their", "change")
    room = f"there may be {counted(budget, 'layer')}, some of which others share; allow more"
    return f"no layer of {whose} own is left for {', '.join(lost)}, which {change} often: {room}"


def _alone(package: LayerPackage) -> LayerGroup:
    return LayerGroup(name=package.name, packages=(package.name,))


def _rank(package: LayerPackage) -> tuple[bool, int, int]:
    return not package.changes_often, -((package.size.bit_length() - 1) // 2), _hash(package.name)


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
