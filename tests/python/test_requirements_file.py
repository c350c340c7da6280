"""requirements.txt as a lock: pins with hashes, and a line number for everything else."""

from __future__ import annotations

import pytest
from packaging.version import Version

from crosswheel.decide.locks.requirements_file import parse_requirements_file, with_hashes_of
from crosswheel.values.errors import CrosswheelError
from lock_texts import lock_of, package, sha256

A, B = "a" * 64, "b" * 64


def refusal_of(text: str) -> str:
    with pytest.raises(CrosswheelError) as caught:
        parse_requirements_file(text, name="r.txt")
    return str(caught.value)


def test_continued_lines_comments_and_several_hashes_are_read() -> None:
    read = parse_requirements_file(
        f"# made by hand\nIdna==3.10 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B.upper()}\n    # via x\n\n"
        f"uvloop==0.21 ; sys_platform != 'win32' --hash=sha256:{A} # why\n",
        name="r.txt",
    )
    assert read.lines == ("Idna==3.10", 'uvloop==0.21 ; sys_platform != "win32"')
    assert read.hashes == {
        ("idna", Version("3.10")): frozenset({A, B}),
        ("uvloop", Version("0.21")): frozenset({A}),
    }


def test_index_options_are_kept_and_harmless_ones_dropped() -> None:
    text = "--index-url https://index.example/simple\n--require-hashes\n"
    assert parse_requirements_file(text, name="r.txt").lines == ("--index-url https://index.example/simple",)


def test_extras_of_a_pin_do_not_matter() -> None:
    read = parse_requirements_file(f"uvicorn[standard]==1 --hash=sha256:{A}", name="r.txt")
    assert read.lines == ("uvicorn==1",)


def test_a_line_without_hash_is_named() -> None:
    assert refusal_of(f"a==1 --hash=sha256:{A}\nb==2\n") == (
        "r.txt: line 2: cannot read requirement 'b==2': it has no --hash=sha256:...; "
        "make the file with `uv pip compile --universal --generate-hashes`"
    )


@pytest.mark.parametrize("pin", ["a>=1", "a", "a==1.*", "a==1,<2"])
def test_a_line_that_pins_no_release_is_named(pin: str) -> None:
    assert refusal_of(f"{pin} --hash=sha256:{A}").startswith(
        f"r.txt: line 1: cannot read requirement '{pin}': "
    )


def test_a_weaker_hash_alone_is_none() -> None:
    assert "it has no --hash=sha256:" in refusal_of(f"a==1 --hash=md5:{'a' * 32}")


def test_a_place_instead_of_a_release_is_refused() -> None:
    assert refusal_of(f"a @ https://files.example/a-1.tar.gz --hash=sha256:{A}").endswith(
        "it names a place instead of a release; lock a release, or lock into a pylock.toml, "
        "which can hold archives by URL"
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("-r other.txt", "it includes another file"),
        ("--requirement=other.txt", "it includes another file"),
        ("-c constraints.txt", "it names constraints, and a lock has none"),
        ("-e ./here", "an editable folder has no hash to check"),
        ("--find-links ./wheels", "links may point anywhere on this machine"),
        ("--no-binary :all:", "it is a choice for one run"),
        (
            f"--hash=sha256:{A}",
            "no requirement stands before it; end the line of the requirement that it is of",
        ),
        ("--surprise", "it is not an option crosswheel knows here"),
    ],
)
def test_options_that_would_change_the_lock_are_refused_by_name(line: str, why: str) -> None:
    text = refusal_of(line)
    assert text.startswith(f"r.txt: line 1: cannot read option '{line.partition(' ')[0].partition('=')[0]}'")
    assert why in text


def test_all_lines_at_fault_are_told() -> None:
    assert len(refusal_of("a\nb\n-e c\n").splitlines()) == 3


def test_a_file_whose_hash_is_not_given_is_left_out() -> None:
    lock = lock_of(
        package("a", "1.0", "a-1.0.tar.gz", "a-1.0-py3-none-any.whl", "a-1.0-cp311-cp311-win32.whl")
    )
    wanted = parse_requirements_file(f"a==1 --hash=sha256:{sha256('a-1.0-py3-none-any.whl')}", name="r.txt")
    (kept,) = with_hashes_of(lock, wanted).packages
    assert ([file.filename for file in kept.wheels], kept.sdist) == (["a-1.0-py3-none-any.whl"], None)


def test_a_release_of_which_no_file_has_a_given_hash_is_refused() -> None:
    lock = lock_of(package("a", "1", "a-1-py3-none-any.whl"))
    with pytest.raises(CrosswheelError) as caught:
        with_hashes_of(lock, parse_requirements_file(f"a==1 --hash=sha256:{A}", name="r.txt"))
    assert str(caught.value) == (
        "pylock.toml: cannot use requirement 'a==1': none of the files the index offers for it has one of its "
        "hashes; lock again; if the index is a mirror, see that it serves the same files"
    )
