"""Two owners of one place in an image: the base and the wheels, the wheels and the application."""

from __future__ import annotations

import json
import stat
import tarfile
from pathlib import Path

import pytest

from crosswheel.command_line.main import main
from elf_files import elf_file
from image_bases import base_files
from image_projects import enter_image_project
from layout_files import LayoutMaker, link, tar_of

MODULE = "/opt/venv/lib/python3.11/site-packages/demo/__init__.py"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project as the working directory, and a store of its own."""
    enter_image_project(tmp_path, monkeypatch)


def image(*words: str, base: str = "base") -> int:
    return main(["image", "dist", "--base", base, "-o", "image", "--quiet", "--max-layers", "1", *words])


def test_a_base_of_ours_is_not_mixed_with_the_new_wheels(capsys: pytest.CaptureFixture[str]) -> None:
    assert image() == 0
    Path("image").rename("mine")
    assert image(base="mine") == 3
    assert "cannot use base image 'mine': it has files below /opt/venv already" in capsys.readouterr().err
    assert image("--prefix", "/opt/other", base="mine") == 0


def test_blobs_of_a_base_that_others_may_not_read_are_copied() -> None:
    for blob in Path("base/blobs/sha256").iterdir():
        blob.chmod(0o600)
    assert image() == 0
    assert {stat.S_IMODE(blob.stat().st_mode) for blob in Path("image/blobs/sha256").iterdir()} == {0o644}


def test_more_layers_than_runtimes_mount_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    maker = LayoutMaker(Path("deep"))
    maker.write(maker.image(tar_of(base_files()), *(tar_of({f"srv/{n}": b""}) for n in range(125))))
    assert image(base="deep") == 3
    assert "runtimes mount at most 127, and the base has 126; give fewer layers" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("place", "owner", "how"),
    [
        (MODULE, "demo-1.0-cp311-cp311-linux_aarch64.whl", "with different content"),
        ("/opt/venv/bin/python3.11", "the virtual environment", "as different things"),
        ("/opt/venv/pyvenv.cfg", "the virtual environment", "with different content"),
    ],
)
def test_the_application_does_not_replace_what_others_bring(
    place: str, owner: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert image("--app-file", f"{place}=src/app.py") == 3
    error = capsys.readouterr().err
    assert error.startswith(f"error: cannot put into a layer '{place[1:]}': {owner} and ")
    assert f" both bring it, {how}; leave one of them out" in error
    assert not Path("image").exists()


def test_the_application_may_stand_beside_the_wheels() -> None:
    assert image("--app-file", f"{MODULE.removesuffix('__init__.py')}data.txt=src/app.py") == 0


def names_above_the_base() -> set[str]:
    blobs = [one.read_bytes() for one in Path("image/blobs/sha256").iterdir() if one.stat().st_size < 10_000]
    layers = next(json.loads(data)["layers"] for data in blobs if b'"layers":' in data)
    names: set[str] = set()
    for layer in layers[1:]:
        with tarfile.open(Path("image/blobs/sha256", layer["digest"].partition(":")[2])) as archive:
            names |= set(archive.getnames())
    return names


def merged_usr() -> LayoutMaker:
    """A base whose /lib and /bin are links, and whose /opt is one to another place."""
    maker = LayoutMaker(Path("merged"))
    links = [link("lib", "usr/lib"), link("bin", "usr/bin"), link("opt", "/var/opt"), link("loop", "loop")]
    files = {**base_files(), "var/opt/": b""}
    maker.write(maker.image(tar_of([*files.items(), *links])))
    return maker


def test_what_lies_below_a_link_of_the_base_is_put_where_it_leads() -> None:
    merged_usr()
    words = ("--app-file", "/lib/own/data=src/app.py", "--app-program", "/bin/own=src/app.py")
    assert image(*words, base="merged") == 0
    names = names_above_the_base()
    assert {"usr/lib/own/data", "usr/bin/own", "var/opt/venv/pyvenv.cfg"} <= names
    assert not {"lib", "bin", "opt", "lib/own", "opt/venv"} & names


def test_a_link_of_the_base_to_what_is_not_there_is_followed() -> None:
    maker = LayoutMaker(Path("ahead"))
    maker.write(maker.image(tar_of([*base_files().items(), link("opt/venv", "/srv/venv")])))
    assert image(base="ahead") == 0
    names = names_above_the_base()
    assert {"srv/venv", "srv/venv/pyvenv.cfg", "srv/venv/bin/python3.11"} <= names
    assert "opt/venv" not in names


def test_what_lies_below_a_circle_of_links_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    merged_usr()
    assert image("--app-file", "/loop/x=src/app.py", base="merged") == 3
    assert "cannot put into an image '/loop': /loop of the base leads to nothing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--app", "src:/proc"), "/proc/app.py"),
        (("--app", "src:/sys/fs/own"), "/sys/fs"),
        (("--app-file", "/dev/own=src/app.py"), "/dev/own"),
        (("--app-file", "/kernel/own=src/app.py"), "/kernel"),
    ],
)
def test_what_a_container_would_not_see_is_refused(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    maker = LayoutMaker(Path("linked"))
    maker.write(maker.image(tar_of([*base_files().items(), link("kernel", "/proc")])))
    assert image(*words, base="linked") == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"error: cannot put into an image '{told}': containers have another file system at /"
    )
    assert not Path("image").exists()


def test_a_device_is_not_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lambda", "dist", "-o", "/dev/null", "-q"]) == 12
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert "what stands there is a device, a pipe or a socket; name a file" in capsys.readouterr().err


def test_an_interpreter_that_would_lead_to_itself_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert image("--interpreter", "/opt/venv/bin/python3.11", base="scratch") == 3
    assert "has a link of that name, which would lead to itself" in capsys.readouterr().err


def test_a_folder_of_the_base_keeps_its_mode_and_a_file_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    maker = LayoutMaker(Path("kept"))
    maker.write(maker.image(tar_of({**base_files(), "srv/": b"", "opt/": b"", "etc/x": b""})))
    assert image("--app-file", "/srv/data=src/app.py", base="kept") == 0
    names = names_above_the_base()
    assert "srv/data" in names
    assert not {"srv", "opt"} & names
    assert image("--app-file", "/etc/x/y=src/app.py", base="kept") == 3
    assert "cannot put into an image '/etc/x': /etc/x of the base leads to a file" in capsys.readouterr().err


@pytest.mark.parametrize("prefix", ["/.wh.x", "/a\nb", "relative", "/a/../b", "/dev/venv"])
def test_a_wrong_prefix_is_one_line(prefix: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert image("--prefix", prefix) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: cannot put wheels at prefix '")


def test_files_of_the_base_that_the_application_replaces_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    maker = LayoutMaker(Path("system"))
    files = {**base_files(), "etc/passwd": b"app:x:1:1:::\n", "etc/motd": b"hello"}
    maker.write(maker.image(tar_of(files), tar_of([link("etc/own", "motd")])))
    own = [
        "--app-file",
        "/etc/motd=src/app.py",
        "--app-file",
        "/etc/own=src/app.py",
        "--app-file",
        "/etc/new=src/app.py",
    ]
    words = ["image", "dist", "--base", "system", "-o", "image", *own]
    assert main(words) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning")]
    assert told == [
        f"warning: the application: etc/{name}: the application brings it in place of the base's [file-replaced]"
        for name in ("motd", "own")
    ]
    assert main([*words, "--accept", "file-replaced:etc/*"]) == 0
    assert "warning" not in capsys.readouterr().err
    assert main(["image", "verify", "image"]) == 0


def test_the_application_takes_no_folder_of_the_base_away(capsys: pytest.CaptureFixture[str]) -> None:
    assert image("--app-file", "/usr/lib=src/app.py") == 3
    assert "'/usr/lib': it is a folder of the base, and all in it would be lost" in capsys.readouterr().err


def test_what_was_accepted_in_the_base_is_told_to_be_accepted_anew(
    capsys: pytest.CaptureFixture[str],
) -> None:
    maker = LayoutMaker(Path("mixed"))
    maker.write(maker.image(tar_of({**base_files(), "srv/helper": elf_file("x86_64")})))
    words = ["image", "dist", "--base", "mixed", "-o", "image", "--accept", "wrong-machine:srv/*"]
    assert main(words) == 0
    told = "note: accepted here, and to be accepted by `crosswheel image verify`, too: wrong-machine"
    assert told in capsys.readouterr().err.splitlines()
    assert main(["image", "verify", "image"]) == 8
    assert main(["image", "verify", "image", "--accept", "wrong-machine"]) == 0


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("demo", False),
        ("/opt/venv/bin/demo", False),
        ("python -m demo", False),
        ("dmo", True),
        ("bin/demo", True),
        ("/bin/demo", True),
    ],
)
def test_a_program_that_no_layer_has_is_told(
    program: str, told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["image", "dist", "--base", "base", "-o", "image", "--entrypoint", program]) == 0
    words = f"warning: linux/arm64: no program '{program}' is there, which containers start"
    assert (words in capsys.readouterr().err.splitlines()) is told


@pytest.mark.parametrize(
    ("script", "mode", "lack"),
    [
        (b"#!/bin/sh\n", 0o755, None),
        (b"#!/bin/sh\n", 0o644, " nobody may execute"),
        (b"#!/usr/bin/env bash\n", 0o755, " is a script for /usr/bin/env, which is not there"),
        (b"#!/bin/bash\n", 0o755, " is a script for /bin/bash, which is not there"),
        (b"exec demo\n", 0o755, " is neither ELF nor a script that names what runs it"),
        (b"#!/opt/venv/bin/python3.11\n", 0o755, None),
        (b"#!/opt/venv/bin/demo\n", 0o755, None),
        (
            elf_file(interpreter="/opt/ld.so"),
            0o755,
            " asks for the program loader /opt/ld.so, which is not there",
        ),
        (elf_file(), 0o755, None),
    ],
)
def test_a_program_that_cannot_be_started_is_told(
    script: bytes, mode: int, lack: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    maker = LayoutMaker(Path("shell"))
    maker.write(maker.image(tar_of({**base_files(), "bin/sh": elf_file()})))
    Path("src/start").write_bytes(script)
    Path("src/start").chmod(mode)
    words = ["--base", "shell", "-o", "image", "--app", "src", "--entrypoint", "./start"]
    assert main(["image", "dist", *words]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "containers start" in line]
    wanted = f"warning: linux/arm64: the program './start', which containers start,{lack}"
    assert told == ([] if lack is None else [wanted])


def test_a_search_goes_on_where_a_file_cannot_be_executed(capsys: pytest.CaptureFixture[str]) -> None:
    for name, mode in (("one", 0o644), ("two", 0o755)):
        Path("src", name).mkdir(parents=True)
        Path("src", name, "start").write_text("#!/opt/venv/bin/python")
        Path("src", name, "start").chmod(mode)
    words = ["--base", "base", "-o", "image", "--app", "src", "--entrypoint", "start"]
    assert main(["image", "dist", *words, "--env", "PATH=/opt/venv/bin:/app/one:/app/two"]) == 0
    assert "containers start" not in capsys.readouterr().err
    assert main(["image", "dist", *words, "--env", "PATH=/opt/venv/bin:/app/one"]) == 0
    assert "the program 'start', which containers start, nobody may execute" in capsys.readouterr().err


@pytest.mark.parametrize("has_python", [True, False])
def test_on_scratch_a_program_is_missed_where_a_layer_brings_the_python(
    has_python: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("system.tar").write_bytes(tar_of(base_files() if has_python else {"etc/motd": b"hello"}))
    words = ["image", "dist", "--base", "scratch", "-o", "image", "--interpreter", "/usr/bin/python3.11"]
    words += ["--layer", "system.tar", "--entrypoint"]
    assert main([*words, "nosuch"]) == 0
    assert ("no program 'nosuch' is there" in capsys.readouterr().err) is has_python
    assert main([*words, "python"]) == 0
    assert "warning: " not in capsys.readouterr().err
