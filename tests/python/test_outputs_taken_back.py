"""An output that cannot be finished leaves nothing: no part, and no folder made on the way to it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from crosswheel.act.storage.file_locks import new_owned_directory
from crosswheel.act.storage.made_folders import make_folders, remove_made
from crosswheel.act.storage.output_directory import OutputKind, folder_in_place, refuse_no_folder
from crosswheel.act.storage.output_file import replaced_file
from crosswheel.act.storage.output_files import files_together
from crosswheel.values.errors import OutputError

_TREE = OutputKind(thing="tree", marker="marker")
_FULL = OSError(errno.ENOSPC, "No space left on device")


def _folder(place: Path, failure: BaseException) -> None:
    with _TREE.replaced(place) as fresh:
        (fresh / "half").write_bytes(b"half")
        raise failure


def _file(place: Path, failure: BaseException) -> None:
    with replaced_file(place) as fresh:
        fresh.write_bytes(b"half")
        raise failure


def _files(place: Path, failure: BaseException) -> None:
    with files_together() as files:
        files.write(place / "first" / "one", b"whole")
        raise failure


def _in_place(place: Path, failure: BaseException) -> None:
    with folder_in_place(place):
        (place / "half").write_bytes(b"half")
        raise failure


_WAYS = (_folder, _file, _files, _in_place)


def _below(folder: Path) -> list[str]:
    return sorted(os.fspath(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize(
    "failure", [_FULL, KeyboardInterrupt(), ValueError()], ids=["full", "interrupt", "fault"]
)
@pytest.mark.parametrize("write", _WAYS)
def test_folders_made_on_the_way_are_removed(
    tmp_path: Path, write: Callable[[Path, BaseException], None], failure: BaseException
) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises((OutputError, OSError, KeyboardInterrupt, ValueError)):
        write(tmp_path / "there" / "new" / "newer" / "output", failure)
    assert _below(tmp_path) == ["there"]


@pytest.mark.parametrize("write", [_folder, _in_place])
def test_an_empty_folder_that_was_there_stays_the_same_one(
    tmp_path: Path, write: Callable[[Path, BaseException], None]
) -> None:
    place = tmp_path / "output"
    place.mkdir()
    same = place.stat().st_ino
    with pytest.raises(OutputError, match="no space left on device"):
        write(place, _FULL)
    assert _below(tmp_path) == ["output"]
    assert place.stat().st_ino == same


def test_what_is_filled_in_place_is_put_back_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "output"
    place.mkdir()
    (place / "earlier").write_bytes(b"whole")
    with pytest.raises(OutputError, match="no space left on device"):
        _in_place(place, _FULL)
    assert _below(tmp_path) == ["output", "output/earlier"]
    with folder_in_place(place):
        (place / "later").write_bytes(b"whole")
    assert _below(tmp_path) == ["output", "output/later"]


def test_what_is_filled_in_place_may_be_an_empty_mount_or_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refuse_no_folder(tmp_path)
    (tmp_path / "earlier").write_bytes(b"whole")
    with pytest.raises(OutputError, match="it is the working directory"):
        refuse_no_folder(tmp_path)
    monkeypatch.chdir("/")
    refuse_no_folder(tmp_path)
    monkeypatch.setattr(
        "crosswheel.act.storage.output_directory.is_mount_point", lambda place: place == tmp_path
    )
    with pytest.raises(OutputError, match=r"it is a mount point, .* e\.g\. .*/folder$"):
        refuse_no_folder(tmp_path)


def test_what_is_filled_in_place_by_way_of_a_link_leaves_the_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "output")
    with folder_in_place(tmp_path / "link"):
        (tmp_path / "link" / "file").write_bytes(b"whole")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "output" / "file").read_bytes() == b"whole"


def test_a_folder_that_got_something_else_meanwhile_stays(tmp_path: Path) -> None:
    with (
        suppress(OutputError),
        _TREE.replaced(tmp_path / "new" / "output"),
    ):
        (tmp_path / "new" / "of another").write_bytes(b"")
        raise _FULL
    assert _below(tmp_path) == ["new", "new/of another"]


def test_folders_that_cannot_all_be_made_are_none(tmp_path: Path) -> None:
    long = "x" * 300
    with pytest.raises(OSError, match="too long"):
        make_folders(tmp_path / "new" / "newer" / long / "output")
    assert _below(tmp_path) == []


def test_folders_that_were_there_are_not_counted_as_made(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    made = make_folders(tmp_path / "there" / "new" / "newer")
    assert made == (tmp_path / "there" / "new", tmp_path / "there" / "new" / "newer")
    assert make_folders(tmp_path / "there" / "new" / "newer") == ()
    remove_made(made)
    assert _below(tmp_path) == ["there"]


def test_a_folder_that_another_run_takes_back_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, real = tmp_path / "new", Path.mkdir
    calls: list[Path] = []

    def mkdir(self: Path, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        if self.parent == parent and not calls:
            calls.append(self)
            parent.rmdir()
        real(self, mode, parents, exist_ok)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    path, descriptor = new_owned_directory(parent, ".output-")
    os.close(descriptor)
    assert calls
    assert path.is_dir()


def test_a_folder_where_nothing_can_be_made_is_not_tried_for_ever() -> None:
    with pytest.raises(FileNotFoundError):
        new_owned_directory(Path("/proc"), ".output-")


def test_a_stream_that_was_written_to_is_not_removed(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with suppress(ValueError), files_together() as files:
        files.write(pipe, b"text")
        raise ValueError
    assert os.read(reader, 10) == b"text"
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["image.tar", "image.TAR", "layer.tar.gz", "layer.zip"])
def test_a_folder_has_no_name_of_an_archive(name: str, tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError) as error,
        _TREE.replaced(tmp_path / "new" / name),
    ):
        raise AssertionError
    ending = Path(name).suffix
    assert str(error.value) == (
        f"cannot write tree '{tmp_path}/new/{name}': it is a folder, and {ending} is how an archive's name ends; name a folder, and "
        "make an archive of it afterwards, e.g. with `tar -C FOLDER -cf ARCHIVE .`"
    )
    assert _below(tmp_path) == []
