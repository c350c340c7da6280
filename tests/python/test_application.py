"""The application's own files: what is left out, and that a binary which would not load on the target is refused."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crosswheel.act.images.application import Application, application_entries
from crosswheel.act.layers.layer_entries import Folder, LayerEntry, Symlink
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError, FaultsError
from elf_files import Need, elf_file, extension_module
from mach_o_files import mach_o_file

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")


def entries(folder: Path, **options: object) -> dict[str, LayerEntry]:
    application = Application(source=folder, **options)  # type: ignore[arg-type]
    return {entry.path: entry for entry in application_entries(application, ARM)}


def write(folder: Path, *names: str, data: bytes = b"1") -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def test_a_tree_goes_below_its_place_with_folders_and_modes(tmp_path: Path) -> None:
    write(tmp_path, "main.py", "pkg/run")
    (tmp_path / "pkg/run").chmod(0o700)
    found = entries(tmp_path, place="/srv/web")
    assert {path: entry.mode for path, entry in found.items()} == {
        "srv": 0o755,
        "srv/web": 0o755,
        "srv/web/main.py": 0o644,
        "srv/web/pkg": 0o755,
        "srv/web/pkg/run": 0o755,
    }
    assert isinstance(found["srv/web/pkg"].content, Folder)
    assert {(entry.uid, entry.gid) for entry in found.values()} == {(0, 0)}


def test_what_is_no_part_of_an_application_is_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        "main.py",
        ".git/config",
        "pkg/__pycache__/a.cpython-311.pyc",
        "pkg/a.pyc",
        "env/pyvenv.cfg",
        "env/bin/python",
        ".mypy_cache/CACHEDIR.TAG",
        ".mypy_cache/x.json",
        "image/oci-layout",
    )
    assert list(entries(tmp_path)) == ["app", "app/main.py", "app/pkg"]


def test_more_can_be_left_out_by_name_and_by_path(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "docs/b.md", "docs/c.txt", "pkg/data/d.bin", "pkg/e.py")
    found = entries(tmp_path, exclude=("*.md", "pkg/data", "docs/*.txt"))
    assert list(found) == ["app", "app/docs", "app/pkg", "app/pkg/e.py"]


def test_links_within_are_kept(tmp_path: Path) -> None:
    write(tmp_path, "pkg/a.py")
    (tmp_path / "pkg/b.py").symlink_to("a.py")
    (tmp_path / "c").symlink_to("pkg/../pkg")
    found = entries(tmp_path)
    assert (found["app/pkg/b.py"].content, found["app/c"].content) == (Symlink("a.py"), Symlink("pkg/../pkg"))


@pytest.mark.parametrize("target", ["/etc/passwd", "../../x", "a/../../x"])
def test_a_link_that_leads_out_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "x").symlink_to(target)
    assert refusal(tmp_path) == (
        f"cannot put into an image '{tmp_path}/x': it is a link to {target}, which leads out of the application; make it a "
        "relative link within, or exclude it"
    )
    write(tmp_path, "y")
    assert list(entries(tmp_path, exclude=("x",))) == ["app", "app/y"]


def refusal(folder: Path, **options: object) -> str:
    with pytest.raises(CrosswheelError) as error:
        entries(folder, **options)
    return str(error.value)


def test_a_special_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "it is a device, a pipe or another special file; exclude it" in refusal(tmp_path)


def test_an_extension_module_for_another_machine_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "pkg/_x.so", data=extension_module("_x", "x86_64"))
    assert refusal(tmp_path) == (
        "cannot put into an image 'app/pkg/_x.so': it is a binary for x86_64 (64-bit, little-endian), the target is aarch64; it was "
        "compiled for another machine [wrong-machine]; use a file of the application that is made for aarch64, or leave it out"
    )


def test_a_right_binary_is_taken(tmp_path: Path) -> None:
    write(tmp_path, "pkg/_x.so", data=extension_module("_x"))
    assert "app/pkg/_x.so" in entries(tmp_path)


def test_a_binary_that_needs_a_newer_glibc_is_refused(tmp_path: Path) -> None:
    data = elf_file(imports=[Need("pidfd_open", "GLIBC_2.36", "libc.so.6")])
    write(tmp_path, "tool.so", data=data)
    assert "it needs pidfd_open@GLIBC_2.36 of libc.so.6" in refusal(tmp_path)


def test_a_library_of_another_system_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "_x.so", data=mach_o_file())
    assert "it is a Mach-O file for arm64 under a name that Linux loads or runs [wrong-format]" in refusal(
        tmp_path
    )


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a.so", "b.so", data=elf_file("s390x"))
    (tmp_path / "link").symlink_to("/x")
    with pytest.raises(FaultsError) as error:
        entries(tmp_path, exclude=("nothing",))
    assert [fault.value for fault in error.value.faults] == [
        "app/a.so",
        "app/b.so",
        f"{tmp_path}/link",
        "nothing",
    ]


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone") == (
        f"cannot read application '{tmp_path}/gone': there is no such folder; give the folder whose content shall be in the image"
    )
    write(tmp_path, "start.sh")
    assert "/start.sh': it is a file; give a folder that holds it" in refusal(tmp_path / "start.sh")
    assert refusal(Path(f"{tmp_path}:srv/web")).endswith(
        f": there is no such folder; what follows a colon is the absolute path of a folder in the image, {tmp_path}:/srv/web"
    )


def test_an_exclusion_of_nothing_says_where_its_path_begins(tmp_path: Path) -> None:
    write(tmp_path, "tests/a.py")
    assert refusal(tmp_path, exclude=("./tests/*",)) == (
        "cannot exclude './tests/*': the application has no such file; remove or correct it: a name, or a path that begins below the "
        "application's folder, without ./"
    )


def test_names_are_the_same_bytes_in_every_locale(tmp_path: Path) -> None:
    write(tmp_path, "\u00fc.py", "\u65e5/a.py")
    (tmp_path / "link").symlink_to("\u00fc.py")
    code = (
        "import sys; from pathlib import Path; from crosswheel.act.images.application import *\n"
        "from crosswheel.target.targets import parse_target_id\n"
        f"found = application_entries(Application(source=Path(sys.argv[1])), parse_target_id('{ARM.id}'))\n"
        "print([(one.path.encode(), getattr(one.content, 'target', '').encode()) for one in found])\n"
    )
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, env=plain, capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == [
        (b"app", b""),
        (b"app/link", "\u00fc.py".encode()),
        ("app/\u00fc.py".encode(), b""),
        ("app/\u65e5".encode(), b""),
        ("app/\u65e5/a.py".encode(), b""),
    ]
