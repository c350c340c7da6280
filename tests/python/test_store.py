"""The store keeps what it is given, whole, once, and notices damage."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel.act.storage.file_locks import new_owned_directory, sweep_abandoned
from crosswheel.act.storage.store import Store, default_store_root
from crosswheel.act.storage.store_maintenance import prune, store_size, verify
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import InputError, StoreError

HELLO = digest_of(b"hello")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def stored(store: Store, data: bytes, name: str = "a.whl") -> Path:
    path = store.artifact(store.add_bytes(data, name))
    assert path is not None
    return path


def test_bytes_come_back_under_their_name(store: Store) -> None:
    path = stored(store, b"hello")
    assert (path.name, path.read_bytes()) == ("a.whl", b"hello")


def test_files_come_back_under_their_name(store: Store, tmp_path: Path) -> None:
    (tmp_path / "b.tar.gz").write_bytes(b"hello")
    assert store.add_file(tmp_path / "b.tar.gz") == HELLO
    path = store.artifact(HELLO)
    assert path is not None
    assert (path.name, path.read_bytes()) == ("b.tar.gz", b"hello")


def test_an_unknown_digest_is_not_there(store: Store) -> None:
    assert store.artifact(HELLO) is None


def test_reading_makes_nothing_on_disk(store: Store) -> None:
    store.artifact(HELLO)
    store.tree("zig", HELLO)
    store.read_record("wheel", HELLO)
    assert not store.root.exists()


def test_stored_files_are_read_only(store: Store) -> None:
    assert stored(store, b"hello").stat().st_mode & 0o777 == 0o444


def test_one_content_has_many_names_and_one_copy(store: Store) -> None:
    first = stored(store, b"hello", "a.whl")
    second = store.artifact(HELLO, filename="b.whl")
    assert second is not None
    assert second.name == "b.whl"
    assert second.stat().st_ino == first.stat().st_ino


def test_the_empty_file_can_be_kept(store: Store) -> None:
    assert stored(store, b"").read_bytes() == b""


def test_an_unexpected_content_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"other")
    with pytest.raises(StoreError) as caught:
        store.add_file(tmp_path / "a.whl", expected=HELLO)
    assert str(caught.value) == (
        f"cannot store file 'a.whl': its SHA-256 is {digest_of(b'other')}, not {HELLO}; give the file that was meant"
    )
    assert store.artifact(digest_of(b"other")) is None


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InputError, match="its name is not a plain file name"):
        store.add_bytes(b"hello", name)


def test_a_truncated_file_is_dropped_and_can_be_stored_again(store: Store) -> None:
    path = stored(store, b"hello")
    path.chmod(0o644)
    path.write_bytes(b"hell")
    assert store.artifact(HELLO) is None
    assert stored(store, b"hello").read_bytes() == b"hello"


@pytest.mark.parametrize("stray", ["5", "x", "7/a.whl"])
def test_a_damaged_folder_is_dropped_and_can_be_filled_again(store: Store, stray: str) -> None:
    path = stored(store, b"hello")
    folder = path.parent.parent
    path.unlink()
    if stray != "5":
        path.parent.rmdir()
        (folder / stray).mkdir(parents=True)
    assert store.artifact(HELLO) is None
    assert stored(store, b"hello").read_bytes() == b"hello"


def test_damaged_bytes_of_the_same_size_are_dropped_before_use_and_can_be_stored_again(store: Store) -> None:
    path = stored(store, b"hello")
    path.chmod(0o644)
    path.write_bytes(b"jello")
    later = Store(store.root)
    assert later.verified(HELLO) is None
    assert later.artifact(HELLO) is None
    assert stored(later, b"hello").read_bytes() == b"hello"


def test_storing_a_content_again_replaces_the_damaged_one(store: Store) -> None:
    path = stored(store, b"hello")
    path.chmod(0o644)
    path.write_bytes(b"jello")
    assert stored(Store(store.root), b"hello").read_bytes() == b"hello"


def test_a_sound_file_is_verified_under_any_name(store: Store) -> None:
    path = stored(store, b"hello")
    found = Store(store.root).verified(HELLO, filename="other.whl")
    assert found == path.with_name("other.whl")


def test_verify_drops_changed_bytes_and_nothing_else(store: Store) -> None:
    path = stored(store, b"hello")
    stored(store, b"sound")
    path.chmod(0o644)
    path.write_bytes(b"jello")
    assert [folder.name for folder in verify(store)] == [HELLO.hex]
    assert store.artifact(HELLO) is None
    assert store.artifact(digest_of(b"sound")) is not None


def test_a_tree_is_made_once(store: Store) -> None:
    calls: list[Path] = []

    def fill(folder: Path) -> None:
        calls.append(folder)
        (folder / "inner").mkdir()
        (folder / "inner" / "file").write_text("x")

    first = store.make_tree("zig", HELLO, fill)
    assert store.make_tree("zig", HELLO, fill) == first == store.tree("zig", HELLO)
    assert (first / "inner/file").read_text() == "x"
    assert len(calls) == 1


def test_threads_make_a_tree_once(store: Store) -> None:
    calls: list[int] = []

    def fill(folder: Path) -> None:
        calls.append(1)
        time.sleep(0.05)
        (folder / "file").write_text("x")

    threads = [threading.Thread(target=store.make_tree, args=("zig", HELLO, fill)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_a_tree_that_fails_to_fill_is_not_there(store: Store) -> None:
    def fill(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.make_tree("zig", HELLO, fill)
    assert store.tree("zig", HELLO) is None
    assert not list((store.folder / "scratch").iterdir())


def test_trees_lose_write_permission_unless_asked(store: Store) -> None:
    def fill(folder: Path) -> None:
        (folder / "inner").mkdir()
        (folder / "inner/program").write_text("x")
        (folder / "inner/program").chmod(0o755)
        (folder / "link").symlink_to("inner/program")

    closed = store.make_tree("zig", HELLO, fill)
    assert (closed / "inner/program").stat().st_mode & 0o777 == 0o555
    assert (closed / "inner").stat().st_mode & 0o777 == 0o555
    opened = store.make_tree("cache", HELLO, fill, read_only=False)
    assert (opened / "inner/program").stat().st_mode & 0o777 == 0o755


def test_records_come_back(store: Store) -> None:
    assert store.read_record("wheel", HELLO) is None
    store.write_record("wheel", HELLO, {"sha256": "x", "list": [1, None, True]})
    assert store.read_record("wheel", HELLO) == {"sha256": "x", "list": [1, None, True]}
    store.write_record("wheel", HELLO, "new")
    assert store.read_record("wheel", HELLO) == "new"


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"value": 2, "sha256": "00"}', b"\xff"])
def test_a_damaged_record_is_not_there(store: Store, text: bytes) -> None:
    store.write_record("wheel", HELLO, 1)
    next((store.folder / "records").rglob("*.json")).write_bytes(text)
    assert store.read_record("wheel", HELLO) is None


def test_a_kind_is_a_plain_word(store: Store) -> None:
    with pytest.raises(InputError) as caught:
        store.write_record("../x", HELLO, 1)
    assert str(caught.value) == "cannot name store entry '../x': it is not a plain word; use a-z, 0-9, . _ -"


def test_scratch_is_gone_afterwards(store: Store) -> None:
    with store.scratch() as folder:
        (folder / "file").write_text("x")
        (folder / "closed").mkdir(mode=0o500)
    assert not folder.exists()


def test_scratch_of_a_dead_owner_is_swept_and_of_a_living_one_is_not(tmp_path: Path) -> None:
    dead, descriptor = new_owned_directory(tmp_path, "scratch-")
    os.close(descriptor)
    living, descriptor = new_owned_directory(tmp_path, "scratch-")
    assert sweep_abandoned(tmp_path, "scratch-") == 1
    assert not dead.exists()
    assert living.exists()
    os.close(descriptor)


def test_a_lock_keeps_other_threads_out(store: Store) -> None:
    inside = 0
    most = 0

    def work() -> None:
        nonlocal inside, most
        with store.lock("one"):
            inside += 1
            most = max(most, inside)
            time.sleep(0.002)
            inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_prune_removes_what_was_not_used_lately(store: Store) -> None:
    old = stored(store, b"old")
    stored(store, b"hello")
    folder = old.parent.parent
    os.utime(folder, (0, 0))
    summary = prune(store, older_than_days=30)
    assert summary.entries == 1
    assert summary.bytes > 0
    assert store.artifact(digest_of(b"old")) is None
    assert store.artifact(HELLO) is not None


def test_use_keeps_an_old_entry(store: Store) -> None:
    old = stored(store, b"old")
    os.utime(old.parent.parent, (0, 0))
    store.artifact(digest_of(b"old"))
    assert prune(store, older_than_days=30).entries == 0


def test_prune_all_leaves_nothing(store: Store) -> None:
    stored(store, b"hello")
    store.make_tree("zig", HELLO, lambda folder: (folder / "x").mkdir())
    store.write_record("wheel", HELLO, 1)
    with store.partial(HELLO) as folder:
        (folder / "data").write_bytes(b"he")
    assert prune(store, older_than_days=None).entries == 4
    assert sum(size.entries for size in store_size(store)) == 0
    assert stored(store, b"hello").read_bytes() == b"hello"


def test_prune_refuses_while_another_run_uses_the_store(store: Store) -> None:
    other = Store(store.root)
    stored(other, b"hello")
    with pytest.raises(StoreError) as caught:
        prune(store, older_than_days=None)
    assert str(caught.value) == (
        f"cannot prune store '{store.root}': another run of crosswheel is using it; try again when that run has ended"
    )
    assert other.artifact(HELLO) is not None
    other.close()
    prune(store, older_than_days=None)


def test_size_counts_entries_and_bytes_once(store: Store) -> None:
    stored(store, b"x" * 10_000, "a.whl")
    store.artifact(digest_of(b"x" * 10_000), filename="b.whl")
    artifacts = store_size(store)[0]
    assert (artifacts.section, artifacts.entries) == ("artifacts", 1)
    assert 8_000 < artifacts.bytes < 17_000


def test_a_store_that_cannot_be_opened_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError) as caught:
        Store(tmp_path / "file").add_bytes(b"hello", "a.whl")
    assert str(caught.value) == (
        f"cannot open store '{tmp_path / 'file'}': Not a directory; "
        "set CROSSWHEEL_CACHE_DIR or --cache-dir to a folder you can write to"
    )


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.artifact(HELLO),
        lambda store: store.verified(HELLO),
        lambda store: store.read_record("checks", HELLO),
        lambda store: store.write_record("checks", HELLO, 1),
        lambda store: store.make_tree("zig", HELLO, lambda _: None),
        store_size,
        verify,
        lambda store: prune(store, older_than_days=None),
    ],
)
@pytest.mark.parametrize("below", ["", "/deeper"])
def test_whatever_is_asked_of_a_store_that_is_no_folder_says_what_to_set(
    tmp_path: Path, use: Callable[[Store], object], below: str
) -> None:
    (tmp_path / "file").write_text("x")
    root = Path(f"{tmp_path}/file{below}")
    with pytest.raises(StoreError) as caught:
        use(Store(root))
    assert str(caught.value) == (
        f"cannot open store '{root}': Not a directory; "
        "set CROSSWHEEL_CACHE_DIR or --cache-dir to a folder you can write to"
    )


@pytest.mark.parametrize(
    ("part", "use"),
    [
        ("scratch", lambda store: store.add_bytes(b"hello", "a.whl")),
        ("artifacts", lambda store: store.add_bytes(b"hello", "a.whl")),
        ("records", lambda store: store.write_record("checks", HELLO, 1)),
        ("locks", lambda store: store.make_tree("zig", HELLO, lambda _: None)),
        ("trees", lambda store: store.make_tree("zig", HELLO, lambda _: None)),
    ],
)
def test_a_part_of_the_store_that_is_no_folder_is_the_stores_fault(
    store: Store, part: str, use: Callable[[Store], object]
) -> None:
    store.folder.mkdir(parents=True)
    (store.folder / part).write_text("x")
    with pytest.raises(StoreError, match=f"cannot open store '{store.root}': "):
        use(store)


def test_a_home_folder_that_is_nobodys_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", "~no-such-user-here/cache")
    with pytest.raises(StoreError) as caught:
        default_store_root()
    assert str(caught.value) == (
        "cannot open store '~no-such-user-here/cache': its '~' is nobody's home folder; "
        "set CROSSWHEEL_CACHE_DIR or --cache-dir to a folder you can write to"
    )


def test_the_variable_overrides_the_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path))
    assert default_store_root() == tmp_path
    monkeypatch.delenv("CROSSWHEEL_CACHE_DIR")
    assert default_store_root().name == "crosswheel"


def test_the_store_is_marked_as_a_cache(store: Store) -> None:
    stored(store, b"hello")
    assert (
        (store.root / "CACHEDIR.TAG")
        .read_bytes()
        .startswith(b"Signature: 8a477f597d28d172789f06886806bc55\n")
    )


def test_two_stores_keep_the_same_artifact_at_once(tmp_path: Path) -> None:
    stores = [Store(tmp_path / "store") for _ in range(4)]
    faults: list[BaseException] = []

    def work(store: Store) -> None:
        try:
            for number in range(40):
                stored(store, b"%d" % number)
        except BaseException as error:  # noqa: BLE001 # shown below
            faults.append(error)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert all(stores[0].artifact(digest_of(b"%d" % number)) for number in range(40))


def test_digests_are_what_the_paths_say(store: Store) -> None:
    path = stored(store, b"hello")
    assert Digest(path.parent.parent.name) == HELLO


def test_a_store_on_a_read_only_file_system_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add_bytes(b"hello", "hello.txt")
    store.make_tree("kept", HELLO, lambda folder: None)
    own = os.open

    def read_only(path: str | Path, flags: int, *more: int, **named: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, "Read-only file system")
        return own(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", read_only)
    reader = Store(store.root)
    found = reader.verified(digest_of(b"hello"))
    assert found is not None
    assert found.read_bytes() == b"hello"
    assert reader.tree("kept", HELLO) is not None
    for write in (reader.scratch, reader.alone, lambda: reader.lock("one")):
        with (
            pytest.raises(StoreError, match=f"^cannot open store '{store.root}': Read-only file system; "),
            write(),
        ):
            raise AssertionError
    with pytest.raises(StoreError, match="Read-only file system"):
        Store(store.root.parent / "absent").add_bytes(b"a", "a")
