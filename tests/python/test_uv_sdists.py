"""Which projects uv may take as sdists, and what it is told of them so that it builds none."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence

import pytest

from crosswheel.act.planning.uv_sdists import AllowedSdists, names_without_wheels, versions_with_sdists
from crosswheel.decide.planning.build_requirements import ReleaseMetadata
from crosswheel.values.errors import ResolutionError

NOTHING = ReleaseMetadata()


def refusal(*names: str) -> ResolutionError:
    words = [
        f"hint: Wheels are required for `{name}` because building is disabled (`--no-build`)"
        for name in names
    ]
    return ResolutionError("resolve", why="no", fix="none", details=words or ["no version fits"])


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (refusal("docopt", "Foo.Bar").details, ("docopt", "foo-bar")),
        (["Because all versions of docopt have no usable wheels and you require docopt, ..."], ("docopt",)),
        (["cause: Because numpy==1.19.5 has", "   no usable wheels and ..."], ("numpy",)),
        (["Because a==2 depends on b and b was not found, ..."], ()),
    ],
)
def test_projects_without_wheels_are_read_from_what_uv_says(
    words: Sequence[str], names: tuple[str, ...]
) -> None:
    assert names_without_wheels(words) == names


def test_nothing_allowed_forbids_every_build() -> None:
    assert AllowedSdists().options() == ["--no-build"]


def test_a_release_not_looked_into_requires_nothing_so_that_uv_need_not_build_it() -> None:
    allowed = AllowedSdists().with_name("b").with_name("a")
    allowed = allowed.with_release("a", "1", ReleaseMetadata(requires=('c; extra == "x"',), extras=("x",)))
    assert allowed.options() == ["--only-binary=:all:", "--no-binary=a", "--no-binary=b"]
    assert tomllib.loads(allowed.settings()) == {
        "dependency-metadata": [
            {"name": "a", "requires-dist": []},
            {"name": "a", "version": "1", "requires-dist": ['c; extra == "x"'], "provides-extra": ["x"]},
            {"name": "b", "requires-dist": []},
        ]
    }


def found(
    index: Mapping[str, ReleaseMetadata], *required: str, first: ResolutionError
) -> tuple[AllowedSdists, list[list[str]]]:
    """Search in an index of projects without wheels that have one release each."""
    asked: list[list[str]] = []

    def ask(allowed: AllowedSdists) -> list[tuple[str, str]]:
        asked.append(sorted(allowed.releases))
        pending, chosen = list(required), list[str]()
        while pending:
            name = pending.pop()
            if name in index and name not in allowed.releases:
                raise refusal(name)
            chosen.append(name)
            pending += allowed.releases.get(name, {}).get("1", NOTHING).requires
        return [(name, "1") for name in sorted(chosen)]

    return versions_with_sdists(first, ask, lambda name, _: index[name]), asked


def test_what_an_sdist_requires_may_be_an_sdist_too() -> None:
    index = {"a": ReleaseMetadata(requires=("b", "wheel")), "b": NOTHING}
    allowed, _ = found(index, "a", first=refusal("a"))
    assert allowed.releases == {"a": {"1": index["a"]}, "b": {"1": NOTHING}}


def test_a_project_that_helps_alone_is_preferred_to_one_that_has_wheels_of_other_releases() -> None:
    allowed, asked = found({"a": NOTHING}, "a", first=refusal("b", "a"))
    assert sorted(allowed.releases) == ["a"]
    assert asked[:2] == [["b"], ["a"]]


def test_a_refusal_about_something_else_stands() -> None:
    with pytest.raises(ResolutionError) as caught:
        found({}, "a", first=refusal())
    assert caught.value.details == ("no version fits",)


def test_a_project_that_always_turns_out_wrong_is_given_up() -> None:
    versions = iter(range(100))

    def ask(allowed: AllowedSdists) -> list[tuple[str, str]]:
        return [("a", str(next(versions)))]

    with pytest.raises(ResolutionError):
        versions_with_sdists(refusal("a"), ask, lambda *_: NOTHING)
