"""Which format a lock file is."""

from __future__ import annotations

import pytest

from crosswheel.decide.locks.lock_formats import LockFormat, lock_format
from crosswheel.values.errors import InputError

PYLOCK = 'lock-version = "1.0"\ncreated-by = "uv"\n'
UV_LOCK = 'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n'
REQUIREMENTS = "# made by uv\nidna==3.10 \\\n    --hash=sha256:00\n"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("pylock.toml", "", LockFormat.PYLOCK),
        ("a/b/pylock.web.toml", "", LockFormat.PYLOCK),
        (r"a\pylock.toml", "", LockFormat.PYLOCK),
        ("uv.lock", "", LockFormat.UV_LOCK),
        ("requirements.txt", REQUIREMENTS, LockFormat.REQUIREMENTS),
        ("requirements-locked.in", REQUIREMENTS, LockFormat.REQUIREMENTS),
        ("stdin", PYLOCK, LockFormat.PYLOCK),
        ("stdin", UV_LOCK, LockFormat.UV_LOCK),
        ("stdin", REQUIREMENTS, LockFormat.REQUIREMENTS),
    ],
)
def test_a_lock_is_told_by_its_name_and_else_by_its_head(name: str, head: str, expected: LockFormat) -> None:
    assert lock_format(name, head) is expected


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        (
            "poetry.lock",
            "",
            (
                "cannot read lock file 'poetry.lock': its format is Poetry's own; "
                "export it: `poetry export -o requirements.txt` (since Poetry 2 by its poetry-plugin-export)"
            ),
        ),
        (
            "pyproject.toml",
            "",
            (
                "cannot read lock file 'pyproject.toml': it asks for packages but locks none; "
                "lock it first: `uv lock`, or `uv pip compile`"
            ),
        ),
        (
            "requirements.txt",
            "idna==3.10",
            (
                "cannot read lock file 'requirements.txt': its requirements carry no hashes, so nothing says which files "
                "are meant; lock them: `uv pip compile --universal --format pylock.toml requirements.txt -o pylock.toml`"
            ),
        ),
        (
            "web/base requirements.in",
            "idna",
            (
                "cannot read lock file 'web/base requirements.in': its requirements carry no hashes, so nothing says which files "
                "are meant; lock them: `uv pip compile --universal --format pylock.toml 'web/base requirements.in' -o web/pylock.toml`"
            ),
        ),
        *(
            (
                name,
                REQUIREMENTS.encode(encoding).decode("utf-8", "replace"),
                (
                    f"cannot read lock file '{name}': it is in UTF-16, as PowerShell's `>` writes it; "
                    "save it as UTF-8, or have the program write it itself: `uv pip compile ... -o FILE`"
                ),
            )
            for name, encoding in (("requirements.txt", "utf-16"), ("stdin", "utf-16"))
        ),
        (
            "notes.md",
            "# Notes",
            (
                "cannot read lock file 'notes.md': it is no plan and no lock, by its name and how it begins; "
                "give a pylock.toml (PEP 751), a uv.lock or a requirements.txt with hashes"
            ),
        ),
    ],
)
def test_any_other_file_is_refused_with_what_to_do(name: str, head: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        lock_format(name, head)
    assert str(caught.value) == expected


def test_a_file_of_options_alone_is_left_to_the_reader_of_requirements() -> None:
    assert lock_format("r.txt", "# all\n-r other.txt\n") is LockFormat.REQUIREMENTS
