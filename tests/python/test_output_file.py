"""Output files: whole or not at all, links followed, and what is no file never replaced."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from crosswheel.act.storage.output_file import read_earlier_output, refuse_no_file, write_output_file
from crosswheel.values.errors import OutputError


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "plan.json", tmp_path / "plan.json"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_output_file(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert [path.name for path in real.parent.iterdir()] == ["plan.json"]


def test_a_device_is_written_into_and_stays() -> None:
    with open(os.devnull, "rb") as null:  # noqa: PTH123 # of a descriptor
        before = os.fstat(null.fileno())
    write_output_file(Path(os.devnull), b"text")
    after = os.stat(os.devnull)  # noqa: PTH116
    assert (before.st_ino, before.st_rdev) == (after.st_ino, after.st_rdev)
    assert stat.S_ISCHR(after.st_mode)


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    write_output_file(pipe, b"text")
    reader.join(30)
    assert heard == [b"text"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_file_that_a_shell_holds_open_is_not_replaced(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        write_output_file(Path(f"/dev/fd/{out.fileno()}"), b"text")
    assert (tmp_path / "out").read_bytes() == b"text"


def test_a_file_that_is_mounted_is_told_as_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, mounts = tmp_path / "plan.json", tmp_path / "mountinfo"
    file.write_bytes(b"{}")
    mounts.write_text(f"36 21 8:1 /plan.json {file} rw - ext4 /dev/sda1 rw\n")
    monkeypatch.setattr("crosswheel.act.storage.mount_points._MOUNTS", mounts)
    said = r"plan.json': it is a mount point, which no other file can take the place of; mount its folder, or name another file"
    with pytest.raises(OutputError, match=said):
        refuse_no_file(file)

    def busy(_one: Path, _other: Path) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(Path, "replace", busy)
    with pytest.raises(OutputError, match=said):
        write_output_file(file, b"new")
    monkeypatch.setattr("crosswheel.act.storage.mount_points._MOUNTS", tmp_path / "absent")  # not Linux
    refuse_no_file(file)


def test_a_stream_is_no_earlier_output(tmp_path: Path) -> None:
    assert read_earlier_output(Path("/dev/zero")) is None
    assert read_earlier_output(tmp_path / "absent") is None
    (tmp_path / "plan.json").write_bytes(b"{}")
    assert read_earlier_output(tmp_path / "plan.json") == b"{}"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="cannot write file"):
        write_output_file(tmp_path / "folder", b"text")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
