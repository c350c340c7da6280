"""Reading pylock.toml: what is supported, what is refused, and that every fault is told at once."""

from __future__ import annotations

import contextlib
import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswheel.decide.locks.locks import LockedFile, Refusal, parse_pylock
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, FaultsError, InputError
from lock_texts import HEAD, entry, lock_of, locked_file, package, sha256

GOLDEN = Path(__file__).parent.parent / "golden" / "locks"


def refusal_of(text: str) -> str:
    with pytest.raises(CrosswheelError) as caught:
        parse_pylock(text.encode(), name="pylock.toml")
    return str(caught.value)


def test_an_index_package_keeps_its_files_in_the_locks_order() -> None:
    (found,) = lock_of(
        package("a", "1", "a-1.tar.gz", "a-1-py3-none-win32.whl", "a-1-py3-none-any.whl")
    ).packages
    assert found.wheels == (locked_file("a-1-py3-none-win32.whl"), locked_file("a-1-py3-none-any.whl"))
    assert found.sdist == locked_file("a-1.tar.gz")
    assert (found.name, found.version, found.refusal, found.place) == ("a", "1", None, "packages[0]")


def test_sizes_are_kept() -> None:
    files = f'[{{ url = "https://index.example/a-1-py3-none-any.whl", size = 7, hashes = {{ sha256 = "{"0" * 64}" }} }}]'
    assert lock_of(package("a", "1", wheels=files)).packages[0].wheels[0].size == 7


def test_a_path_is_used_before_a_url_and_with_forward_slashes() -> None:
    text = (
        r"{ path = 'dist\a-1.tar.gz', url = 'https://index.example/x', hashes = { sha256 = '"
        + "0" * 64
        + "' } }"
    )
    assert lock_of(package("a", "1", sdist=text)).packages[0].sdist == LockedFile(
        filename="a-1.tar.gz", sha256=Digest("0" * 64), path="dist/a-1.tar.gz"
    )


def test_a_file_name_is_the_decoded_end_of_the_url_without_its_query() -> None:
    hashes = f'hashes = {{ sha256 = "{"0" * 64}" }}'
    text = f'[{{ url = "https://index.example/a-1%2Blocal-py3-none-any.whl?token=x", {hashes} }}]'
    assert (
        lock_of(package("a", "1+local", wheels=text)).packages[0].wheels[0].filename
        == "a-1+local-py3-none-any.whl"
    )


@pytest.mark.parametrize("suffix", [".tar.bz2", ".tar.xz", ".tgz"])
def test_an_sdist_with_a_legacy_suffix_keeps_its_name(suffix: str) -> None:
    (found,) = lock_of(package("a", "1", f"a-1{suffix}")).packages
    assert found.sdist == locked_file(f"a-1{suffix}")


def test_an_archive_of_an_sdist_is_an_sdist() -> None:
    (found,) = lock_of(package("a", "1", archive=entry("release-1.tar.gz"))).packages
    assert (found.sdist, found.wheels, found.refusal) == (locked_file("release-1.tar.gz"), (), None)


def test_an_archive_of_a_wheel_is_a_wheel() -> None:
    (found,) = lock_of(package("a", "1", archive=entry("a-1-py3-none-any.whl"))).packages
    assert (found.sdist, found.wheels) == (None, (locked_file("a-1-py3-none-any.whl"),))


@pytest.mark.parametrize(
    "filename", ["b-1-py3-none-any.whl", "a-2-py3-none-any.whl", "a.exe", "..%2Fa-1.tar.gz"]
)
def test_an_archive_that_is_neither_of_this_release_nor_an_sdist_is_refused(filename: str) -> None:
    (found,) = lock_of(package("a", "1", archive=entry(filename))).packages
    shown = filename.replace("%2F", "/")
    assert (found.sdist, found.wheels) == (None, ())
    assert found.refusal == Refusal(
        why=f"its archive '{shown}' is neither a wheel of this release nor an archive that sdists come in",
        fix="lock a wheel (.whl) or an sdist (.tar.gz, .zip)",
    )


def test_a_version_control_source_is_refused_by_name() -> None:
    (found,) = lock_of(
        package("a", "1", vcs='{ type = "git", url = "https://code.example/a", commit-id = "abc" }')
    ).packages
    assert found.refusal == Refusal(
        why="it is locked from git (https://code.example/a at abc), which names no file and so has no hash to check",
        fix="build its sdist once (`python -m build --sdist`) and lock that file by path or URL",
    )


def test_a_directory_source_is_refused_by_name() -> None:
    (found,) = lock_of(package("a", "1", directory='{ path = "../a" }')).packages
    assert found.refusal == Refusal(
        why="it is locked from the folder '../a', whose content has no hash to check",
        fix="give that folder, or what `uv build` makes of it, with --project, or lock without it "
        "(`uv export --package NAME --format pylock.toml -o pylock.NAME.toml` for one project of a workspace, "
        "else `uv export --no-emit-package a`)",
        folder="../a",
    )


def test_a_source_tree_inside_an_archive_is_refused() -> None:
    archive = entry("a-1.tar.gz").replace("}  }", "} }").removesuffix(" }") + ', subdirectory = "py" }'
    (found,) = lock_of(package("a", "1", archive=archive)).packages
    assert found.refusal is not None
    assert found.refusal.why == "its archive holds the project in the subdirectory 'py'"


def test_a_variant_wheel_is_read_past_with_a_note() -> None:
    lock = lock_of(
        package(
            "a",
            "1",
            "a-1-cp312-cp312-linux_x86_64-cu126.whl",
            "a-1-2-py3-none-any-null.whl",
            "a-1-py3-none-any.whl",
        )
    )
    assert [wheel.filename for wheel in lock.packages[0].wheels] == ["a-1-py3-none-any.whl"]
    assert lock.notes == (
        "'a-1-cp312-cp312-linux_x86_64-cu126.whl' is read past: variant wheels (PEP 825, 'cu126') are not supported",
        "'a-1-2-py3-none-any-null.whl' is read past: variant wheels (PEP 825, 'null') are not supported",
    )


def test_a_package_of_variant_wheels_only_is_refused() -> None:
    (found,) = lock_of(package("a", "1", "a-1-cp312-cp312-linux_x86_64-cu126.whl")).packages
    assert found.refusal is not None
    assert found.refusal.why == "all its files are wheels with a variant label (PEP 825)"


def test_a_newer_minor_lock_version_is_noted_and_read() -> None:
    lock = parse_pylock(HEAD.replace("1.0", "1.7").encode() + b"packages = []\n", name="pylock.toml")
    assert lock.notes == ("pylock.toml has lock-version 1.7; what is newer than 1.0 in it was read past",)


def test_a_lock_of_pip_is_of_one_machine_and_the_user_is_told() -> None:
    (note,) = parse_pylock(
        (HEAD.replace("hand", "pip") + "packages = []\n").encode(), name="pylock.toml"
    ).notes
    assert note.startswith("pylock.toml was made by pip, which locks for the machine it runs on")
    assert parse_pylock((HEAD + "packages = []\n").encode(), name="pylock.toml").notes == ()


def test_users_in_urls_do_not_get_into_the_lock_and_that_is_told() -> None:
    text = package("a", "1", "a-1-py3-none-any.whl", "a-1.tar.gz")
    lock = lock_of(text.replace("https://", "https://ada:secret@"))
    assert lock.packages == lock_of(text).packages
    (note,) = lock.notes
    assert note.startswith("the user names and passwords in URLs of pylock.toml are left out")
    assert lock_of(text).notes == ()


def test_a_file_of_less_than_nothing_is_refused() -> None:
    hashes = f'hashes = {{ sha256 = "{"0" * 64}" }}'
    wheels = f'[{{ url = "https://index.example/a-1-py3-none-any.whl", size = -1, {hashes} }}]'
    assert "no file has -1 bytes; lock again, or correct its size" in refusal_of(
        HEAD + package("a", "1", wheels=wheels)
    )


def test_a_file_without_a_sha256_hash_is_refused() -> None:
    text = package(
        "a", "1", wheels='[{ url = "https://index.example/a-1-py3-none-any.whl", hashes = { md5 = "0" } }]'
    )
    assert refusal_of(HEAD + text) == (
        "pylock.toml: packages[0].wheels[0]: cannot use file 'a-1-py3-none-any.whl': it has no sha256 hash (only md5); "
        "lock again with a tool that records sha256 hashes"
    )


def test_a_hash_in_capitals_is_the_same_hash() -> None:
    text = package("a", "1", "a-1.tar.gz").replace(sha256("a-1.tar.gz"), sha256("a-1.tar.gz").upper())
    assert lock_of(text).packages[0].sdist == locked_file("a-1.tar.gz")


def test_a_broken_sha256_hash_is_refused() -> None:
    text = package("a", "1", "a-1.tar.gz").replace(sha256("a-1.tar.gz"), "12")
    assert refusal_of(HEAD + text) == (
        "pylock.toml: packages[0].sdist: cannot use file 'a-1.tar.gz': "
        "its sha256 hash '12' is not 64 hexadecimal digits; lock again with a tool that records sha256 hashes"
    )


def test_a_file_that_is_not_toml_is_refused_without_a_traceback() -> None:
    assert refusal_of("]]") == (
        "cannot read lock file 'pylock.toml': it is not TOML: Invalid statement (at line 1, column 1); "
        "make the lock anew, for example with `uv export --format pylock.toml`"
    )


def test_a_number_nobody_writes_is_refused_without_a_traceback() -> None:
    assert "cannot read lock file 'pylock.toml': it is not TOML: " in refusal_of(f"{HEAD}a = {'9' * 5000}")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_named(encoding: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_pylock(HEAD.encode(encoding), name="pylock.toml")
    assert str(caught.value) == (
        "cannot read lock file 'pylock.toml': it is not TOML: it begins with a byte order mark, which TOML has not; "
        "save it as UTF-8 without one"
    )


def test_bytes_that_are_not_utf8_are_refused_without_a_traceback() -> None:
    with pytest.raises(InputError, match="it is not TOML: 'utf-8' codec"):
        parse_pylock(b"\xff", name="pylock.toml")


@pytest.mark.parametrize(
    "text", ["packages = 3", "packages = [3]", "[[packages]]\nwheels = 3", "[[packages]]\nwheels = [3]"]
)
def test_a_document_of_the_wrong_shape_is_refused_without_a_traceback(text: str) -> None:
    assert "cannot read lock file" in refusal_of(HEAD + text)


def test_all_faults_of_a_lock_are_told_at_once() -> None:
    text = (GOLDEN / "faults.toml").read_text()
    expected = (GOLDEN / "faults.txt").read_text()
    with pytest.raises(FaultsError) as caught:
        parse_pylock(text.encode(), name="faults.toml")
    assert f"{caught.value}\n" == expected


VALUES = st.sampled_from(
    [0, "", "x", True, 1.5, [], [[]], [3], {}, {"x": {}}, "\\", "../x", "a-1-py3-none-any.whl"]
)


def inline(value: object) -> str:
    """The inline TOML of a value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


def places(value: object) -> list[tuple[object, object]]:
    """Every container of a document with each of its keys."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, item in pairs for place in ((value, key), *places(item))]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), VALUES, st.booleans())
def test_whatever_is_wrong_in_a_lock_ends_in_an_error_of_ours(
    number: int, value: object, drops: bool
) -> None:
    text = HEAD + package("a", "1", "a-1.tar.gz", "a-1-py3-none-any.whl", marker="\"os_name == 'nt'\"")
    text += package("b", "1", archive=entry("b-1.tgz")) + package("c", "1", directory='{ path = "." }')
    document = tomllib.loads(text)
    container, key = places(document)[number % len(places(document))]
    assert isinstance(container, dict | list)
    if drops:
        del container[key]  # type: ignore[arg-type]  # the key is this container's own
    else:
        container[key] = value  # type: ignore[call-overload]  # the key is this container's own
    lines = "".join(f"{json.dumps(key)} = {inline(item)}\n" for key, item in document.items())
    with contextlib.suppress(CrosswheelError):
        parse_pylock(lines.encode(), name="pylock.toml")
