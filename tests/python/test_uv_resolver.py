"""What uv is asked for build requirements, and that it is asked once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from crosswheel.act.planning.uv_resolver import UvResolver, uv_platform
from crosswheel.act.storage.store import Store
from crosswheel.decide.locks.locks import LockedPackage
from crosswheel.decide.planning.build_requirements import ReleaseMetadata
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import ResolutionError
from lock_texts import HEAD, package
from plan_values import AMD64, MACOS
from uv_answers import answering_uv

VERSIONS = HEAD + package("setuptools", "80.0", "setuptools-80.0-py3-none-any.whl")
FILES = HEAD + package("setuptools", "80.0", "setuptools-80.0-py3-none-any.whl", "setuptools-80.0.tar.gz")


def no_sdist(package: LockedPackage) -> ReleaseMetadata:
    raise AssertionError(f"{package.name} has a wheel")


def answer(arguments: Sequence[str], text: str) -> str:
    return (
        {"setuptools==80.0\n": FILES}[text] if "--no-deps" in arguments else {"setuptools\n": VERSIONS}[text]
    )


def test_versions_are_asked_for_the_build_platform_and_wheels_only_then_every_file(tmp_path: Path) -> None:
    uv = answering_uv(answer)
    lock = UvResolver(uv=uv, store=Store(tmp_path)).resolve(
        ["setuptools"], build_platform=AMD64, metadata=no_sdist
    )
    (found,) = lock.packages
    assert (found.name, found.version, found.sdist is not None) == ("setuptools", "80.0", True)
    first, second = (set(arguments) for arguments, _ in uv.asked)
    assert {"--no-build", "--python-version=3.11", "--python-platform=x86_64-manylinux_2_28"} <= first
    assert {"--no-deps", "--universal", "--python-version=3.11"} <= second
    assert "--no-deps" not in first


def test_an_answer_is_kept_for_the_next_run(tmp_path: Path) -> None:
    UvResolver(uv=answering_uv(answer), store=Store(tmp_path)).resolve(
        ["setuptools"], build_platform=AMD64, metadata=no_sdist
    )
    uv = answering_uv(answer)
    UvResolver(uv=uv, store=Store(tmp_path)).resolve(["setuptools"], build_platform=AMD64, metadata=no_sdist)
    assert uv.asked == []


def test_upgrading_asks_again_but_each_question_once(tmp_path: Path) -> None:
    UvResolver(uv=answering_uv(answer), store=Store(tmp_path)).resolve(
        ["setuptools"], build_platform=AMD64, metadata=no_sdist
    )
    uv = answering_uv(answer)
    resolver = UvResolver(uv=uv, store=Store(tmp_path), upgrade=True)
    resolver.resolve(["setuptools"], build_platform=AMD64, metadata=no_sdist)
    resolver.resolve(["setuptools"], build_platform=AMD64, metadata=no_sdist)
    assert len(uv.asked) == 2


@pytest.mark.parametrize(
    "change", [{"exclude_newer": "2026-01-01"}, {"platform": MACOS}, {"constraints": ("a==1",)}]
)
def test_another_question_is_asked_anew(tmp_path: Path, change: dict[str, object]) -> None:
    uv = answering_uv(lambda arguments, _: FILES if "--no-deps" in arguments else VERSIONS)
    UvResolver(uv=uv, store=Store(tmp_path)).resolve(["setuptools"], build_platform=AMD64, metadata=no_sdist)
    date = change.get("exclude_newer")
    platform = MACOS if "platform" in change else AMD64
    resolver = UvResolver(uv=uv, store=Store(tmp_path), exclude_newer=date if isinstance(date, str) else None)
    resolver.resolve(
        ["setuptools"],
        build_platform=platform,
        constraints=["a==1"] if "constraints" in change else (),
        metadata=no_sdist,
    )
    assert len(uv.asked) == 4


def test_constraints_reach_uv(tmp_path: Path) -> None:
    uv = answering_uv(
        lambda arguments, text: (
            FILES if "--no-deps" in arguments else {"setuptools\nsetuptools<81\n": VERSIONS}[text]
        )
    )
    UvResolver(uv=uv, store=Store(tmp_path)).resolve(
        ["setuptools"], build_platform=AMD64, constraints=["setuptools<81"], metadata=no_sdist
    )
    assert "--constraints=constraints.txt" in uv.asked[0][0]


def test_nothing_is_asked_for_no_requirements(tmp_path: Path) -> None:
    uv = answering_uv(answer)
    assert (
        UvResolver(uv=uv, store=Store(tmp_path)).resolve([], build_platform=AMD64, metadata=no_sdist).packages
        == ()
    )
    assert uv.asked == []


def test_requirements_without_an_answer_are_a_resolution_error(tmp_path: Path) -> None:
    resolver = UvResolver(uv=answering_uv(answer), store=Store(tmp_path))
    with pytest.raises(ResolutionError) as caught:
        resolver.resolve(["nothing"], build_platform=AMD64, metadata=no_sdist)
    assert str(caught.value) == (
        "cannot resolve build requirements 'nothing': uv found no set of wheels for "
        "cp311-linux_x86_64_glibc_2_28; read uv's reasons below; another release or a missing requirement can be "
        "named in build-requires of [tool.crosswheel], a wheel of your own can be served from an index"
    )


HINT = "hint: Wheels are required for `docopt` because building from source is disabled for all packages"
DOCOPT = HEAD + package("docopt", "0.6.2", "docopt-0.6.2.tar.gz")
IDNA = package("idna", "3.10", "idna-3.10-py3-none-any.whl")


def answer_with_sdist(arguments: Sequence[str], text: str) -> str:
    """What uv says of a project without wheels, that requires idna once this is known."""
    if "--no-deps" in arguments:
        return {"docopt==0.6.2\n": DOCOPT, "docopt==0.6.2\nidna==3.10\n": DOCOPT + IDNA}[text]
    if "--no-build" in arguments:
        raise ResolutionError("x", why="x", fix="x", details=[HINT])
    assert {"--only-binary=:all:", "--no-binary=docopt"} <= set(arguments)
    return DOCOPT + (IDNA if "idna" in text else "")


def test_a_project_without_wheels_is_resolved_by_what_its_sdist_requires(tmp_path: Path) -> None:
    uv = answering_uv(answer_with_sdist)
    asked: list[str] = []

    def metadata(package: LockedPackage) -> ReleaseMetadata:
        assert package.sdist is not None
        asked.append(package.sdist.filename)
        return ReleaseMetadata(requires=("idna",), extras=("all",))

    resolver = UvResolver(uv=uv, store=Store(tmp_path))
    lock = resolver.resolve(["docopt"], build_platform=AMD64, metadata=metadata)
    assert [one.name for one in lock.packages] == ["docopt", "idna"]
    assert asked == ["docopt-0.6.2.tar.gz"]
    # The next run asks uv nothing, and whether the sdist still requires the same.
    again = answering_uv(answer_with_sdist)
    kept = UvResolver(uv=again, store=Store(tmp_path))
    assert kept.resolve(["docopt"], build_platform=AMD64, metadata=metadata) == lock
    assert again.asked == []
    assert asked == 2 * ["docopt-0.6.2.tar.gz"]


def test_an_sdist_that_requires_something_else_by_now_is_resolved_anew(tmp_path: Path) -> None:
    uv = answering_uv(answer_with_sdist)
    store = Store(tmp_path)
    idna = ReleaseMetadata(requires=("idna",))
    UvResolver(uv=uv, store=store).resolve(["docopt"], build_platform=AMD64, metadata=lambda _: idna)
    lock = UvResolver(uv=uv, store=store).resolve(
        ["docopt"], build_platform=AMD64, metadata=lambda _: ReleaseMetadata()
    )
    assert [one.name for one in lock.packages] == ["docopt"]


def test_no_answer_with_sdists_either_is_told_in_uvs_last_words(tmp_path: Path) -> None:
    def refuse(arguments: Sequence[str], text: str) -> str:
        hint = HINT if "--no-build" in arguments else "docopt==0.6.2 depends on idna>99"
        raise ResolutionError("resolve", "x", why="x", fix="x", details=[hint])

    resolver = UvResolver(uv=answering_uv(refuse), store=Store(tmp_path))
    with pytest.raises(ResolutionError) as caught:
        resolver.resolve(["docopt"], build_platform=AMD64, metadata=lambda _: ReleaseMetadata())
    assert caught.value.details == ("docopt==0.6.2 depends on idna>99",)


@pytest.mark.parametrize(
    ("target_id", "name"),
    [
        ("cp311-linux_x86_64_glibc_2_28", "x86_64-manylinux_2_28"),
        ("cp311-linux_aarch64_glibc_2_30", "aarch64-manylinux_2_28"),
        ("cp311-linux_x86_64_musl_1_2", "x86_64-unknown-linux-musl"),
        ("cp311-macos_aarch64_11_0", "aarch64-apple-darwin"),
        ("cp311-windows_x86_64", "x86_64-pc-windows-msvc"),
        ("cp311-linux_ppc64le_glibc_2_28", None),
        ("cp311-linux_x86_64_glibc_2_5", None),
    ],
)
def test_uv_is_told_a_platform_not_newer_than_the_build_platform(target_id: str, name: str | None) -> None:
    assert uv_platform(parse_target_id(target_id).platform) == name
