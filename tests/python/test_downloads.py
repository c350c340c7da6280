"""Downloads that a configuration pins: what may be said of them, and what becomes of it in the plan."""

from __future__ import annotations

import pytest

from crosswheel.act.target_python.load_description import load_description
from crosswheel.decide.configuration.downloads import Download
from crosswheel.decide.configuration.policy import parse_policy
from crosswheel.decide.configuration.policy_model import PackagePolicy
from crosswheel.decide.planning.planner import ResolvedBuild, TargetChoice, assemble_plan
from crosswheel.decide.selection.selection import SelectedPackage, Selection
from crosswheel.render.build_paths import SANDBOX_PATHS
from crosswheel.render.cmake_toolchain import render_cmake_toolchain
from crosswheel.render.download_settings import render_fetch_content
from crosswheel.values.errors import CrosswheelError
from lock_texts import locked_file
from plan_values import ARM64, digest

A = f'{{ url = "https://files.example/a-1.tar.gz", sha256 = "{digest("a")}", fetch-content = "A" }}'
B = f'{{ url = "https://files.example/get?b", filename = "b.zip", sha256 = "{digest("b")}" }}'


def policy(*downloads: str, more: str = "") -> PackagePolicy:
    text = f"[[packages.x]]\ndownloads = [{', '.join(downloads)}]\n{more}"
    return parse_policy(text.encode(), name="crosswheel.toml").for_package("x", ARM64)


def refusal(download: str) -> str:
    with pytest.raises(CrosswheelError) as caught:
        policy(download)
    return str(caught.value).removeprefix("crosswheel.toml: packages.x[0].")


def test_a_file_is_called_as_its_address_ends_unless_it_is_given_a_name() -> None:
    assert policy(A, B).downloads == (
        Download(
            url="https://files.example/a-1.tar.gz",
            sha256=digest("a"),
            filename="a-1.tar.gz",
            fetch_content="A",
        ),
        Download(url="https://files.example/get?b", sha256=digest("b"), filename="b.zip"),
    )


@pytest.mark.parametrize(
    "key", ['filename = "a-1.tar.gz"', 'filename = "other.zip", fetch-content = "a"'], ids=["name", "content"]
)
def test_a_later_entry_replaces_the_file_of_its_name_or_content(key: str) -> None:
    other = f'{{ url = "http://mirror.example/x", sha256 = "{digest("c")}", {key} }}'
    found = policy(A, B, more=f"[[packages.x]]\ndownloads = [{other}]\n").downloads
    assert [one.sha256 for one in found] == [digest("b"), digest("c")]


@pytest.mark.parametrize(
    ("download", "told"),
    [
        (
            f'{{ sha256 = "{digest("a")}" }}',
            "downloads[0]: cannot read download: it gives no url; write where it is to be had",
        ),
        (
            '{ url = "https://files.example/a" }',
            (
                "downloads[0]: cannot read download: it gives no sha256; write the 64 hexadecimal digits that `sha256sum` "
                "prints of the file"
            ),
        ),
        (
            f'{{ url = "files.example/a", sha256 = "{digest("a")}" }}',
            "downloads[0].url: cannot use download 'files.example/a': it is no address that HTTP fetches; write one that begins with https:// or http://",
        ),
        (
            '{ url = "https://files.example/a", sha256 = "12" }',
            (
                "downloads[0].sha256: cannot read digest '12': it is not 64 hexadecimal digits; give the SHA-256 in "
                "lower-case hex"
            ),
        ),
        (
            f'{{ url = "https://files.example/", sha256 = "{digest("a")}" }}',
            (
                "downloads[0].url: cannot name download 'https://files.example/': its URL does not end with a file name; "
                "give its name with `filename`"
            ),
        ),
        (
            f'{{ url = "https://files.example/a", filename = "../a", sha256 = "{digest("a")}" }}',
            (
                "downloads[0].filename: cannot name download '../a': it is not a plain file name; give its name with "
                "`filename`"
            ),
        ),
        (
            f'{{ url = "https://files.example/a", fetch-content = "a", sha256 = "{digest("a")}" }}',
            (
                "downloads[0].fetch-content: cannot unpack 'a': it is unpacked for CMake, and is no archive (.tar.gz, .tgz, "
                ".tar.bz2, .tbz2, .tar.xz, .txz, .tar, .zip); give its `filename`"
            ),
        ),
        (
            f'{{ url = "https://files.example/a.zip", fetch-content = "a)", sha256 = "{digest("a")}" }}',
            (
                "downloads[0].fetch-content: cannot use content 'a)': no FetchContent_Declare has such a name; write the name "
                "that the project declares"
            ),
        ),
        ('"a"', "downloads[0]: cannot read 'downloads[0]': it is a string; write a table"),
        (
            f"{A}, {A}",
            (
                "downloads[1]: cannot read download 'a-1.tar.gz': another one before it has its name or its content; give it "
                "another `filename` or `fetch-content`, or remove one"
            ),
        ),
    ],
)
def test_what_cannot_be_pinned_is_refused(download: str, told: str) -> None:
    assert refusal(download) == told


def test_a_build_names_its_downloads_and_the_plan_holds_them() -> None:
    text = f"[packages.x]\ndownloads = [{B}, {A}]\n"
    package = SelectedPackage(name="x", version="1", sdist=locked_file("x-1.tar.gz"))
    resolved = ResolvedBuild(inputs=digest("inputs"), backend="b")
    choice = TargetChoice(selection=Selection(target=ARM64, packages=(package,)), builds={"x": resolved})
    plan = assemble_plan([choice], policy=parse_policy(text.encode(), name="crosswheel.toml"), inputs={})
    (build,) = plan.builds.values()
    assert [(one.filename, one.artifact, one.fetch_content) for one in build.downloads] == [
        ("a-1.tar.gz", digest("a"), "A"),
        ("b.zip", digest("b"), ""),
    ]
    assert plan.artifacts[digest("b")].url == "https://files.example/get?b"


def test_what_wraps_download_is_the_builds_too_and_the_users_own_goes_before_it() -> None:
    wraps = tuple(
        Download(url=f"https://wraps.example/{name}", sha256=digest(f"wrapped {name}"), filename=name)
        for name in ("b.zip", "c.tar")
    )
    package = SelectedPackage(name="x", version="1", sdist=locked_file("x-1.tar.gz"))
    resolved = ResolvedBuild(inputs=digest("inputs"), backend="b", wraps=wraps)
    choice = TargetChoice(selection=Selection(target=ARM64, packages=(package,)), builds={"x": resolved})
    own = parse_policy(f"[packages.x]\ndownloads = [{B}]\n".encode(), name="crosswheel.toml")
    plan = assemble_plan([choice], policy=own, inputs={})
    (build,) = plan.builds.values()
    assert [(one.filename, one.artifact) for one in build.downloads] == [
        ("b.zip", digest("b")),
        ("c.tar", digest("wrapped c.tar")),
    ]
    assert plan.artifacts[digest("wrapped c.tar")].url == "https://wraps.example/c.tar"
    assert digest("wrapped b.zip") not in plan.artifacts


def test_cmake_is_told_where_the_content_is() -> None:
    assert render_fetch_content(["Parts", "absl-cpp"], SANDBOX_PATHS).splitlines()[1:] == [
        'set(FETCHCONTENT_SOURCE_DIR_PARTS "/crosswheel/downloads/sources/Parts" CACHE PATH "")',
        'set(FETCHCONTENT_SOURCE_DIR_ABSL-CPP "/crosswheel/downloads/sources/absl-cpp" CACHE PATH "")',
    ]
    toolchain = render_cmake_toolchain(load_description(ARM64), SANDBOX_PATHS)
    assert "include(/crosswheel/downloads/fetch-content.cmake OPTIONAL)\n" in toolchain
