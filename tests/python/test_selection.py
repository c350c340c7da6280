"""Which file each package becomes on a target, and the words when it can become none."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.pylock import PackageSdist, PackageWheel, Pylock, PylockSelectError

from crosswheel.decide.configuration.preferences import Handling, Preference, Preferences
from crosswheel.decide.locks.locks import Lock, parse_pylock
from crosswheel.decide.selection.selection import SelectedPackage, select
from crosswheel.target.environments import marker_environment
from crosswheel.target.tags import supported_tags
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError, SelectionError
from lock_texts import HEAD, lock_of, locked_file, package

LINUX = parse_target_id("cp312-linux_aarch64_glibc_2_28")
OLD_LINUX = parse_target_id("cp312-linux_aarch64_glibc_2_17")
MUSL = parse_target_id("cp312-linux_x86_64_musl_1_2")
FREE_THREADED = parse_target_id("cp313t-linux_x86_64_glibc_2_28")
MAC = parse_target_id("cp312-macos_aarch64_11_0")


def only(handling: Handling, reason: str) -> Preferences:
    return Preferences(default=Preference(handling=handling, reason=reason))


ONLY_WHEEL = only(Handling.ONLY_WHEEL, "--only-binary :all:")
ONLY_SDIST = only(Handling.ONLY_SDIST, "--no-binary :all:")
SDIST_FIRST = only(Handling.SDIST_FIRST, '`prefer = "sdist"`')


def chosen(lock: Lock, target: object = LINUX, **options: object) -> list[str]:
    selection = select(lock, target, **options)  # type: ignore[arg-type]  # options are those of select
    files = [selected.wheel or selected.sdist for selected in selection.packages]
    return [file.filename for file in files if file is not None]


def refusal(lock: Lock, target: object = LINUX, **options: object) -> str:
    with pytest.raises(CrosswheelError) as caught:
        select(lock, target, **options)  # type: ignore[arg-type]  # options are those of select
    assert caught.value.exit_code == (
        SelectionError.exit_code if "select extra" not in str(caught.value) else 3
    )
    return str(caught.value)


def test_the_wheel_with_the_best_tag_is_chosen() -> None:
    files = [
        "a-1-py3-none-any.whl",
        "a-1-cp312-abi3-manylinux_2_17_aarch64.whl",
        "a-1-cp312-cp312-manylinux_2_17_aarch64.whl",
    ]
    assert chosen(lock_of(package("a", "1", *files))) == [files[2]]


def test_of_equal_tags_the_higher_build_number_is_chosen() -> None:
    files = [
        "a-1-py3-none-any.whl",
        "a-1-9-py3-none-any.whl",
        "a-1-10a-py3-none-any.whl",
        "a-1-10-py3-none-any.whl",
    ]
    assert chosen(lock_of(package("a", "1", *files))) == ["a-1-10a-py3-none-any.whl"]


def test_of_equal_tags_and_build_numbers_the_first_name_is_chosen_in_any_order() -> None:
    files = ["a-1.0-py3-none-any.whl", "a-1-py3-none-any.whl"]
    assert chosen(lock_of(package("a", "1", *files))) == chosen(lock_of(package("a", "1", *files[::-1])))


def test_a_selected_wheel_keeps_the_other_files() -> None:
    wheel, other, sdist = "a-1-py3-none-any.whl", "a-1-py3-none-win32.whl", "a-1.tar.gz"
    assert select(lock_of(package("a", "1", wheel, other, sdist)), LINUX).packages == (
        SelectedPackage(
            name="a", version="1", wheel=locked_file(wheel), others=(locked_file(other), locked_file(sdist))
        ),
    )


def test_packages_are_sorted_by_name() -> None:
    lock = lock_of(package("b", "1", "b-1.tar.gz"), package("a", "1", "a-1.tar.gz"))
    assert chosen(lock) == ["a-1.tar.gz", "b-1.tar.gz"]


@pytest.mark.parametrize(
    ("preferences", "expected"),
    [
        (Preferences(), "a-1-py3-none-any.whl"),
        (ONLY_WHEEL, "a-1-py3-none-any.whl"),
        (ONLY_SDIST, "a-1.tar.gz"),
        (SDIST_FIRST, "a-1.tar.gz"),
    ],
)
def test_preferences_choose_between_wheel_and_sdist(preferences: Preferences, expected: str) -> None:
    lock = lock_of(package("a", "1", "a-1-py3-none-any.whl", "a-1.tar.gz"))
    assert chosen(lock, preferences=preferences) == [expected]


def test_sdist_first_takes_a_wheel_where_there_is_no_sdist() -> None:
    assert chosen(lock_of(package("a", "1", "a-1-py3-none-any.whl")), preferences=SDIST_FIRST) == [
        "a-1-py3-none-any.whl"
    ]


def test_a_release_beats_a_name_in_preferences() -> None:
    wheel = Preference(handling=Handling.WHEEL_FIRST)
    sdist = Preference(handling=Handling.ONLY_SDIST, reason="x")
    preferences = Preferences(default=sdist, names={"a": wheel}, releases={("a", "1"): sdist})
    assert [preferences.of(*release) for release in [("a", "1"), ("a", "2"), ("b", "1")]] == [
        sdist,
        wheel,
        sdist,
    ]


def test_entries_of_one_name_with_disjoint_markers_choose_by_target() -> None:
    lock = lock_of(
        package("a", "1", "a-1.tar.gz", marker="\"sys_platform == 'linux'\""),
        package("a", "2", "a-2.tar.gz", marker="\"sys_platform != 'linux'\""),
    )
    assert (chosen(lock), chosen(lock, MAC)) == (["a-1.tar.gz"], ["a-2.tar.gz"])


def test_two_living_entries_of_one_name_are_an_error() -> None:
    lock = lock_of(package("a", "1", "a-1.tar.gz"), package("a", "2", "a-2.tar.gz"))
    assert refusal(lock) == (
        "pylock.toml: packages[1]: cp312-linux_aarch64_glibc_2_28: cannot select 'a': both packages[0] (1) and "
        "packages[1] (2) are meant for this target; choose extras and groups that do not conflict, or lock again"
    )


def test_extras_and_groups_make_entries_alive() -> None:
    lock = lock_of(
        package("a", "1", "a-1.tar.gz", marker="\"'web' in extras\""),
        package("b", "1", "b-1.tar.gz", marker="\"'dev' in dependency_groups\""),
        package("c", "1", "c-1.tar.gz", marker="\"'main' in dependency_groups\""),
        head='extras = ["web"]\ndependency-groups = ["dev"]\ndefault-groups = ["main"]\n',
    )
    assert chosen(lock) == ["c-1.tar.gz"]
    assert chosen(lock, extras=["web"]) == ["a-1.tar.gz", "c-1.tar.gz"]
    assert chosen(lock, groups=["dev"]) == ["b-1.tar.gz"]
    assert chosen(lock, groups=[]) == []


def test_extras_and_groups_are_found_in_any_spelling() -> None:
    lock = lock_of(
        package("a", "1", "a-1.tar.gz", marker="\"'web-app' in extras\""),
        package("b", "1", "b-1.tar.gz", marker="\"'Dev' in dependency_groups\""),
        head='extras = ["web-app"]\ndependency-groups = ["Dev"]\n',
    )
    assert chosen(lock, extras=["Web_App"], groups=["dev"]) == ["a-1.tar.gz", "b-1.tar.gz"]


def test_an_unknown_extra_and_an_unknown_group_are_refused_together() -> None:
    lock = lock_of(head='extras = ["web"]\npackages = []\n')
    assert refusal(lock, extras=["wbe"], groups=["dev"]) == (
        "pylock.toml: cannot select extra 'wbe': the lock has web; did you mean 'web'?\n"
        "pylock.toml: cannot select dependency group 'dev': the lock has no dependency groups; "
        "lock again with that dependency group"
    )


def test_a_lock_for_another_python_is_refused() -> None:
    assert refusal(lock_of(head='requires-python = ">=3.12.1"\npackages = []\n')) == (
        "pylock.toml: cannot use lock for 'cp312-linux_aarch64_glibc_2_28': it requires Python >=3.12.1, and the target's "
        "Python counts as 3.12.0; lock for Python 3.12 as such (`uv pip compile --python-version 3.12`), or choose another (--python)"
    )


def test_a_lock_for_other_environments_is_refused_naming_them() -> None:
    lock = lock_of(head="environments = [\"sys_platform == 'win32'\", \"os_name == 'nt'\"]\npackages = []\n")
    assert refusal(lock) == (
        "pylock.toml: cannot use lock for 'cp312-linux_aarch64_glibc_2_28': it was made only for the environments "
        '`sys_platform == "win32"`, `os_name == "nt"`; choose a target among them or lock again for this one'
    )


def test_a_living_package_for_another_python_is_refused() -> None:
    assert refusal(lock_of(package("a", "1", "a-1.tar.gz", requires_python='">=3.13"'))) == (
        "pylock.toml: packages[0]: cp312-linux_aarch64_glibc_2_28: cannot use 'a 1': it requires Python >=3.13, and the "
        "target's Python counts as 3.12.0; choose another Python (--python) or lock again for this one"
    )


def test_a_refused_source_matters_only_where_it_is_alive() -> None:
    lock = lock_of(package("a", "1", directory='{ path = "." }', marker="\"sys_platform == 'darwin'\""))
    assert chosen(lock) == []
    assert refusal(lock, MAC).startswith(
        "pylock.toml: packages[0]: cp312-macos_aarch64_11_0: cannot use 'a 1': it is locked from the folder '.'"
    )


def test_a_marker_that_cannot_be_evaluated_names_its_place() -> None:
    lock = lock_of(package("a", "1", "a-1.tar.gz", marker="\"extra == 'x'\""))
    with pytest.raises(CrosswheelError, match=r"^pylock.toml: packages\[0\].marker: cannot evaluate marker"):
        select(lock, LINUX)


def test_an_unknowable_fact_that_decides_is_warned_of_by_name() -> None:
    lock = lock_of(
        package("a", "1", "a-1.tar.gz", marker="\"platform_release >= '5'\""),
        package("b", "1", "b-1.tar.gz", marker="\"platform_release >= '5' and sys_platform == 'darwin'\""),
    )
    assert select(lock, LINUX).warnings == (
        (
            "whether a 1 is installed on cp312-linux_aarch64_glibc_2_28 depends on platform_release "
            "(`platform_release >= \"5\"`), which the target leaves open; '' was taken for it"
        ),
    )


OFFER = (
    "a-1-cp312-cp312-manylinux_2_28_aarch64.whl",
    "a-1-cp312-cp312-musllinux_1_2_aarch64.whl",
    "a-1-cp312-cp312-win_amd64.whl",
    "a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
    "a-1-cp312-cp312d-manylinux_2_17_aarch64.whl",
    "a-1-cp311-cp311-manylinux2014_aarch64.whl",
    "a-1-pp311-pypy311_pp73-win_amd64.whl",
)


def test_the_nearest_miss_is_told_for_each_file_nearest_first() -> None:
    with pytest.raises(SelectionError) as caught:
        select(lock_of(package("a", "1", *OFFER[::-1])), OLD_LINUX)
    assert str(caught.value) == (
        "pylock.toml: packages[0]: cp312-linux_aarch64_glibc_2_17: cannot select a wheel for 'a 1': wheels exist for "
        "manylinux_2_28_aarch64 (needs glibc 2.28, the target has 2.17), musllinux_1_2_aarch64 (for musl, the target has "
        "glibc), manylinux_2_17_x86_64, win_amd64 and for the ABI cp312d and for cp311 on this platform and for pp311 on "
        "other platforms, and there is no sdist; raise the target's glibc to 2.28, or choose another Python "
        "(--python 3.11), or lock an sdist, if the project publishes one"
    )
    assert caught.value.details == (
        f"{OFFER[0]}: it needs glibc 2.28, the target has 2.17",
        f"{OFFER[1]}: it is for musl, the target has glibc",
        f"{OFFER[3]}: it is for Linux on x86_64",
        f"{OFFER[2]}: it is for Windows",
        f"{OFFER[4]}: its ABI is cp312d, the target's is cp312",
        f"{OFFER[5]}: it is for CPython 3.11, the target has 3.12",
        f"{OFFER[6]}: it is for PyPy 3.11; it is for Windows",
    )


@pytest.mark.parametrize(
    ("filename", "target", "expected"),
    [
        (
            "a-1-cp313-abi3-manylinux_2_17_aarch64.whl",
            LINUX,
            "it needs CPython 3.13 or newer, the target has 3.12",
        ),
        (
            "a-1-cp39-abi3-manylinux_2_17_x86_64.whl",
            FREE_THREADED,
            "its ABI abi3 does not load in the free-threaded cp313t",
        ),
        (
            "a-1-cp313-cp313-manylinux_2_17_x86_64.whl",
            FREE_THREADED,
            "its ABI is cp313, the target's is cp313t",
        ),
        (
            "a-1-cp314-cp314t-manylinux_2_17_x86_64.whl",
            FREE_THREADED,
            "it is for CPython 3.14t, the target has 3.13",
        ),
        ("a-1-py2-none-any.whl", LINUX, "it is for Python 2, the target has 3.12"),
        ("a-1-cp312-cp312-manylinux_2_17_x86_64.whl", MUSL, "it is for glibc, the target has musl"),
        ("a-1-cp312-cp312-musllinux_1_3_x86_64.whl", MUSL, "it needs musl 1.3, the target has 1.2"),
        ("a-1-cp312-cp312-macosx_12_0_arm64.whl", MAC, "it needs macOS 12.0, the target has 11.0"),
        ("a-1-cp312-cp312-macosx_10_9_x86_64.whl", MAC, "it is for macOS on x86_64"),
        (
            "a-1-cp312-cp312-manylinux_2_5_aarch64.whl",
            LINUX,
            "no such platform as manylinux_2_5_aarch64 is among the target's",
        ),
        (
            "a-1-cp312-cp312-manylinux_2_31_aarch64.manylinux_2_30_aarch64.whl",
            LINUX,
            "it needs glibc 2.30, the target has 2.28",
        ),
        ("a-1-cp312-cp312-any.whl", LINUX, "its tags do not go together on the target"),
        ("a-1-cp312-cp312-freebsd_14_amd64.whl", LINUX, "it is for freebsd"),
        ("a-1-brand_new-none-any.whl", LINUX, "it is for brand_new"),
    ],
)
def test_what_differs_is_said(filename: str, target: object, expected: str) -> None:
    with pytest.raises(SelectionError) as caught:
        select(lock_of(package("a", "1", filename)), target)  # type: ignore[arg-type]
    assert caught.value.details == (f"{filename}: {expected}",)


def test_a_forbidden_sdist_is_named_with_who_forbade_it() -> None:
    assert refusal(lock_of(package("a", "1", "a-1.tar.gz")), preferences=ONLY_WHEEL) == (
        "pylock.toml: packages[0]: cp312-linux_aarch64_glibc_2_28: cannot select a wheel for 'a 1': the lock lists no wheel, "
        "and --only-binary :all: forbids building its sdist; allow its sdist to be built (drop --only-binary :all:)"
    )


def test_an_sdist_asked_for_that_does_not_exist_is_refused() -> None:
    assert refusal(lock_of(package("a", "1", "a-1-py3-none-any.whl")), preferences=ONLY_SDIST) == (
        "pylock.toml: packages[0]: cp312-linux_aarch64_glibc_2_28: cannot select an sdist for 'a 1': --no-binary :all: asks "
        "for its sdist, and the lock lists only wheels; drop --no-binary :all: for it or lock its sdist"
    )


def test_the_faults_of_all_packages_are_told_at_once() -> None:
    lock = lock_of(package("a", "1", "a-1-py2-none-any.whl"), package("b", "1", "b-1-py2-none-any.whl"))
    assert [line.split(": ")[1] for line in refusal(lock).splitlines()] == ["packages[0]", "packages[1]"]


ORACLES = (
    "a-1-cp312-cp312-manylinux_2_17_aarch64.whl",
    "a-1-cp312-cp312-manylinux_2_34_aarch64.whl",
    "a-1-cp312-cp312-manylinux_2_17_x86_64.whl",
    "a-1-cp312-cp312-musllinux_1_2_aarch64.whl",
    "a-1-cp312-cp312-macosx_11_0_arm64.whl",
)


@pytest.mark.parametrize("missing", range(len(ORACLES)))
def test_the_oracle_is_the_closest_wheel_of_the_release(missing: int) -> None:
    files = ORACLES[missing:]
    (found,) = select(
        lock_of(package("a", "1", *files[::-1], "a-1.tar.gz")), LINUX, preferences=ONLY_SDIST
    ).packages
    assert found.oracle == locked_file(files[0])


@pytest.mark.parametrize(
    "filename", ["a-1-cp311-cp311-manylinux_2_17_aarch64.whl", "a-1-cp312-cp312d-win32.whl"]
)
def test_a_wheel_for_another_python_or_abi_is_no_oracle(filename: str) -> None:
    (found,) = select(
        lock_of(package("a", "1", filename, "a-1.tar.gz")), LINUX, preferences=ONLY_SDIST
    ).packages
    assert found.oracle is None


def test_a_pure_wheel_is_an_oracle() -> None:
    lock = lock_of(package("a", "1", "a-1-py3-none-any.whl", "a-1.tar.gz"))
    (found,) = select(lock, LINUX, preferences=ONLY_SDIST).packages
    assert found.oracle == locked_file("a-1-py3-none-any.whl")


PAIRS = [
    "cp312-cp312",
    "cp311-cp311",
    "cp312-abi3",
    "cp39-abi3",
    "py3-none",
    "py2.py3-none",
    "cp312-none",
    "cp313-cp313t",
]
PLATFORMS = [
    "manylinux_2_17_aarch64.manylinux2014_aarch64",
    "manylinux_2_28_aarch64",
    "musllinux_1_1_x86_64",
    "linux_aarch64",
    "any",
    "win32",
    "macosx_11_0_arm64",
]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PAIRS), st.sampled_from(PLATFORMS)), unique=True, max_size=8),
    st.booleans(),
)
def test_the_choice_is_that_of_packaging(combinations: Iterable[tuple[str, str]], with_sdist: bool) -> None:
    # Sorted, because packaging breaks ties by the lock's order, and we by the file name.
    files = sorted(f"a-1-{pair}-{platform}.whl" for pair, platform in combinations)
    files += ["a-1.tar.gz"] if with_sdist or not files else []
    text = HEAD + package("a", "1", *files)
    for target in (LINUX, OLD_LINUX, MUSL, MAC, FREE_THREADED):
        oracle = Pylock.from_dict(tomllib.loads(text))
        try:
            ((_, expected),) = oracle.select(
                environment=marker_environment(target),  # type: ignore[arg-type]  # a plain dict is enough
                tags=supported_tags(target),
            )
        except PylockSelectError:
            with pytest.raises(SelectionError):
                select(parse_pylock(text.encode(), name="pylock.toml"), target)
            continue
        assert isinstance(expected, PackageWheel | PackageSdist)
        assert chosen(parse_pylock(text.encode(), name="pylock.toml"), target) == [expected.filename]


def test_the_work_grows_as_the_lock_does() -> None:
    """Twice the packages are at most little more than twice the calls; seconds are for the benchmark."""
    platforms = [
        f"manylinux_2_{minor}_{arch}" for minor in (17, 28) for arch in ("x86_64", "aarch64", "s390x")
    ]
    platforms += ["win_amd64", "macosx_11_0_arm64", "musllinux_1_2_x86_64"]
    pairs = ["cp311-cp311", "cp312-cp312", "cp313-cp313", "cp313-cp313t"]

    def calls(packages: int) -> int:
        text = HEAD + "".join(
            package(
                f"p{number}",
                "1",
                *(f"p{number}-1-{pair}-{platform}.whl" for pair in pairs for platform in platforms),
                f"p{number}-1.tar.gz",
                marker="\"python_full_version >= '3.11'\"",
            )
            for number in range(packages)
        )
        lock = parse_pylock(text.encode(), name="pylock.toml")
        counted = 0

        def count(_: object, event: str, __: object) -> None:
            nonlocal counted
            counted += event == "call"

        sys.setprofile(count)
        try:
            for target in (LINUX, OLD_LINUX, MUSL):
                select(lock, target)
        finally:
            sys.setprofile(None)
        return counted

    calls(1)  # what is made once per process
    assert calls(20) < 2.2 * calls(10)
