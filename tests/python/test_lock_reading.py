"""Every lock format becomes one kind of lock, and its files keep their place wherever the plan is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from crosswheel.act.planning.lock_reading import LockRequest, read_lock, rebased
from crosswheel.act.storage.store import Store
from crosswheel.decide.locks.locks import LockedFile, parse_pylock
from crosswheel.values.errors import FaultsError, InputError
from crosswheel.values.python_abi import PythonAbi
from lock_texts import HEAD, package, sha256
from uv_answers import answering_uv

ANY = "a-1-py3-none-any.whl"
CP311 = PythonAbi(major=3, minor=11)


def silent(arguments: Sequence[str], text: str) -> str:
    raise AssertionError((arguments, text))


def test_a_pylock_is_read_without_uv(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(HEAD + package("a", "1", ANY))
    read = read_lock(LockRequest(path=path, groups=("dev",)), uv=answering_uv(silent), store=Store(tmp_path))
    assert (read.lock.packages[0].name, read.extras, read.groups) == ("a", (), ("dev",))


def test_a_lock_that_is_not_there_is_named_as_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    with pytest.raises(InputError) as caught:
        read_lock(LockRequest(path=path), uv=answering_uv(silent), store=Store(tmp_path))
    assert str(caught.value) == (
        f"cannot read lock file '{path}': No such file or directory; "
        "give the path of a pylock.toml, uv.lock or requirements.txt"
    )


def test_a_lock_that_is_empty_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "pylock.toml").write_text("\n")
    with pytest.raises(InputError) as caught:
        read_lock(LockRequest(path=tmp_path / "pylock.toml"), uv=answering_uv(silent), store=Store(tmp_path))
    assert "cannot read lock file 'pylock.toml': it is empty; make the lock anew" in str(caught.value)


def test_all_extras_of_a_pylock_are_those_it_lists(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(HEAD + 'extras = ["web", "tls"]\n' + package("a", "1", ANY))
    request = LockRequest(path=path, all_extras=True)
    assert set(read_lock(request, uv=answering_uv(silent), store=Store(tmp_path)).extras) == {"web", "tls"}


def test_requirements_are_looked_up_once_and_only_their_hashes_kept(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(f"a==1 --hash=sha256:{sha256(ANY)}\n")
    uv = answering_uv(lambda _, text: {"a==1\n": HEAD + package("a", "1", ANY, "a-1.tar.gz")}[text])
    for _ in range(2):
        read = read_lock(LockRequest(path=path, pythons=(CP311,)), uv=uv, store=Store(tmp_path / "store"))
        (found,) = read.lock.packages
        assert ([file.filename for file in found.wheels], found.sdist) == ([ANY], None)
    assert len(uv.asked) == 1
    assert "--no-deps" in uv.asked[0][0]


def test_requirements_have_no_extras(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(f"a==1 --hash=sha256:{'0' * 64}\n")
    request = LockRequest(path=path, extras=("web",), pythons=(CP311,))
    with pytest.raises(InputError) as caught:
        read_lock(request, uv=answering_uv(silent), store=Store(tmp_path / "store"))
    assert str(caught.value) == (
        "cannot select extras or groups of 'requirements.txt': a requirements.txt has none; "
        "leave --extra, --all-extras and --group out, or give a pylock.toml or uv.lock"
    )


def test_a_uv_lock_is_exported_without_the_project_and_default_groups(tmp_path: Path) -> None:
    path = tmp_path / "uv.lock"
    path.write_text('version = 1\nrequires-python = ">=3.11"\n')
    uv = answering_uv(lambda *_: HEAD + package("a", "1", ANY))
    request = LockRequest(path=path, extras=("web",), groups=("dev",))
    for _ in range(2):
        read = read_lock(request, uv=uv, store=Store(tmp_path / "store"))
        # The export has resolved extras and groups away: nothing is left to select.
        assert (read.extras, read.groups) == ((), None)
    (arguments, _) = uv.asked[0]
    assert len(uv.asked) == 1
    assert {"export", "--frozen", "--offline", "--no-emit-project", "--no-default-groups"} <= set(arguments)
    assert {"--extra=web", "--group=dev"} <= set(arguments)


UV_LOCK = """
version = 1
requires-python = ">=3.11"
[[package]]
name = "app"
version = "1"
source = { virtual = "." }
[package.optional-dependencies]
web = [{ name = "idna" }]
[package.metadata]
provides-extras = ["web", "empty"]
[package.metadata.requires-dev]
dev = []
[[package]]
name = "idna"
version = "3.10"
source = { registry = "https://pypi.org/simple" }
[package.optional-dependencies]
all = []
"""


def test_unknown_extras_and_groups_of_a_uv_lock_are_told_with_those_it_has(tmp_path: Path) -> None:
    path = tmp_path / "uv.lock"
    path.write_text(UV_LOCK)

    def refuses(*_: object) -> str:
        raise InputError("read lock file", "uv.lock", why="uv could not export it", fix="read uv's reasons")

    request = LockRequest(path=path, extras=("wbe", "Empty", "all"), groups=("deev",))
    with pytest.raises(FaultsError) as caught:
        read_lock(request, uv=answering_uv(refuses), store=Store(tmp_path / "store"))
    assert [str(fault) for fault in caught.value.faults] == [
        "uv.lock: cannot select extra 'wbe': the lock has empty, web; did you mean 'web'?",
        "uv.lock: cannot select extra 'all': the lock has empty, web; lock again with that extra",
        "uv.lock: cannot select dependency group 'deev': the lock has dev; did you mean 'dev'?",
    ]
    with pytest.raises(InputError, match="uv could not export it"):
        read_lock(LockRequest(path=path), uv=answering_uv(refuses), store=Store(tmp_path / "store"))


def file_entry(place: str, filename: str = ANY) -> str:
    return f'{{ {place}, name = "{filename}", hashes = {{ sha256 = "{sha256(filename)}" }} }}'


def moved(entry: str, *, source: Path, destination: Path) -> LockedFile:
    lock = parse_pylock((HEAD + package("a", "1", wheels=f"[{entry}]")).encode(), name="pylock.toml")
    (found,) = rebased(lock, source=source, destination=destination).packages[0].wheels
    return found


def test_paths_of_a_lock_are_made_relative_to_the_plan(tmp_path: Path) -> None:
    found = moved(
        file_entry(f'path = "./wheels/{ANY}"'), source=tmp_path / "app", destination=tmp_path / "plans"
    )
    assert (found.path, found.url) == (f"../app/wheels/{ANY}", None)


def test_file_urls_become_paths(tmp_path: Path) -> None:
    url = (tmp_path / "links" / ANY).as_uri()
    found = moved(file_entry(f'url = "{url}"'), source=tmp_path, destination=tmp_path)
    assert (found.path, found.url) == (f"links/{ANY}", None)


def test_urls_stay_as_they_are(tmp_path: Path) -> None:
    found = moved(file_entry(f'url = "https://index.example/{ANY}"'), source=tmp_path, destination=tmp_path)
    assert (found.path, found.url) == (None, f"https://index.example/{ANY}")


def test_of_two_places_of_one_file_the_one_every_machine_can_reach_is_kept(tmp_path: Path) -> None:
    local = file_entry(f'url = "{(tmp_path / ANY).as_uri()}"')
    remote = file_entry(f'url = "https://index.example/{ANY}"')
    found = moved(f"{local}, {remote}", source=tmp_path, destination=tmp_path)
    assert found.url == f"https://index.example/{ANY}"
