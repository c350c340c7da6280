"""A project's folder as an sdist: the same bytes wherever and whenever, and nothing in it that is no source."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from crosswheel.act.building.sdist import unpack_sdist
from crosswheel.act.planning.own_projects import packed_path, packed_projects, project_digests
from crosswheel.act.planning.project_folders import pack_files, pack_project
from crosswheel.decide.plans.plan_json import plan_to_json
from crosswheel.render.report_mark import REPORT_MARK
from crosswheel.values.errors import CrosswheelError, InputError
from plan_values import whole_plan

PYPROJECT = '[project]\nname = "My.App"\nversion = "1.0.0-rc1"\n'


def project(folder: Path, *names: str, pyproject: str = PYPROJECT) -> Path:
    for name in ("pyproject.toml", "my_app/__init__.py", *names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(pyproject if name == "pyproject.toml" else name)
    return folder


def digests_of(folder: Path) -> list[str]:
    return project_digests([folder], packed_projects([folder]))


def members(folder: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(pack_project(folder).data)) as archive:
        return {info.name.partition("/")[2]: info for info in archive}


def test_it_is_called_like_an_sdist_and_unpacks_like_one(tmp_path: Path) -> None:
    folder = project(tmp_path / "in", "my_app/run.sh")
    (folder / "my_app/run.sh").chmod(0o700)
    (folder / "my_app/link").symlink_to("run.sh")
    packed = pack_project(folder)
    assert (packed.name, packed.version, packed.filename) == ("my-app", "1.0.0rc1", "my_app-1.0.0rc1.tar.gz")
    (tmp_path / packed.filename).write_bytes(packed.data)
    (tmp_path / "out").mkdir()
    tree = unpack_sdist(tmp_path / packed.filename, tmp_path / "out", source_date_epoch=315532800)
    assert (tree / "pyproject.toml").read_text() == PYPROJECT
    assert os.access(tree / "my_app/run.sh", os.X_OK)
    assert (tree / "my_app/link").readlink() == Path("run.sh")


def test_files_wherever_they_lie_are_the_folder_they_are_named_in(tmp_path: Path) -> None:
    folder = project(tmp_path / "in", "my_app/run.sh", "a-b", "a/c")
    (folder / "my_app/run.sh").chmod(0o755)
    files = {}
    for number, path in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        files[path.relative_to(folder).as_posix()] = place = tmp_path / str(number)
        place.symlink_to(path)
    programs = {"my_app/run.sh": files.pop("my_app/run.sh")}
    assert pack_files("My.App", "1.0.0rc1", files, programs=programs) == pack_project(folder)


def test_files_that_cannot_be_taken_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files = {"../a": tmp_path / "file", "b": tmp_path / "missing", "c": tmp_path}
    with pytest.raises(CrosswheelError) as caught:
        pack_files("app", "1.0", files, programs={"/d": tmp_path / "file"})
    assert str(caught.value).splitlines() == [
        "cannot take source file '../a': it leads out of the project; name it as in the project's folder",
        "cannot take source file '/d': it leads out of the project; name it as in the project's folder",
        f"cannot take source file '{tmp_path / 'missing'}': no such file or directory; name a file that can be read",
        f"cannot take source file '{tmp_path}': is a directory; name a file that can be read",
    ]


def test_the_same_source_is_the_same_bytes(tmp_path: Path) -> None:
    folder = project(tmp_path / "in", "b", "a/c", "a-b")
    shutil.copytree(folder, tmp_path / "copy")
    for number, path in enumerate(sorted((tmp_path / "copy").rglob("*"), reverse=True)):
        os.utime(path, (number, number))
    (tmp_path / "copy/b").chmod(0o600)
    assert pack_project(tmp_path / "copy") == pack_project(folder)
    assert digests_of(tmp_path / "copy") == digests_of(folder)
    (tmp_path / "copy/b").write_text("changed")
    assert digests_of(tmp_path / "copy") != digests_of(folder)


def test_names_are_the_same_bytes_in_every_locale(tmp_path: Path) -> None:
    folder = project(tmp_path, "my_app/\u00fc.py")
    (folder / "my_app/link").symlink_to("\u00fc.py")
    code = (
        "import sys; from pathlib import Path; from crosswheel.act.planning.project_folders import pack_project\n"
        "print(pack_project(Path(sys.argv[1])).data.hex())"
    )
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], env=plain, capture_output=True, text=True, check=True
    )
    assert bytes.fromhex(done.stdout) == pack_project(folder).data


def test_what_is_no_source_is_left_out(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        ".git/config",
        "my_app/__pycache__/a.pyc",
        "my_app/build/kept.py",
        "build/lib/x.py",
        "dist/old.whl",
        "my_app.egg-info/PKG-INFO",
        "env/pyvenv.cfg",
        "env/bin/python",
        ".ruff_cache/CACHEDIR.TAG",
        "image/oci-layout",
        "layers/layers.json",
        "site/.crosswheel-tree.json",
        "repositories/cp311-linux_aarch64_glibc_2_28/manifest.json",
        "repositories/cp311-linux_aarch64_glibc_2_28/simple/index.html",
        "repositories/cp311-linux_aarch64_glibc_2_28/a-1-py3-none-any.whl",
        "static/manifest.json",
        "wheels.plan.json",
        "base.lock.json",
        "headers/cp311-linux_aarch64_glibc_2_28-0123456789ab.tar",
        "headers/kept.h",
        "projects/my_app-1.0.0rc1-0123456789ab.tar.gz",
        "headers.linux_arm64.tar",
        "flake.lock",
        "MODULE.bazel.lock",
    )
    for name in ("result", "result-2", "bazel-bin", "bazel-my-app"):
        (folder / name).symlink_to("/nowhere")
    assert sorted(members(folder)) == [
        "headers/kept.h",
        "my_app/__init__.py",
        "my_app/build/kept.py",
        "pyproject.toml",
        "static/manifest.json",
    ]


def test_what_files_are_going_to_hold_is_packed_as_if_they_did(tmp_path: Path) -> None:
    folder = project(tmp_path, "a.py")
    before = {*members(folder)}
    pending = {
        folder / "a.py": b"A = 1\n",
        folder / "b.py": b"",
        folder / "flake.lock": b"{}",
        tmp_path / "c": b"",
    }
    (packed,) = packed_projects([folder], pending).values()
    assert {*members(folder)} == before
    for path, data in pending.items():
        path.write_bytes(data)
    (written,) = packed_projects([folder]).values()
    assert packed.data == written.data


def test_plans_and_reports_of_any_name_are_left_out(tmp_path: Path) -> None:
    folder = project(tmp_path, "data.json", "page.html", "damaged.json")
    (folder / "other.json").write_bytes(plan_to_json(whole_plan()))
    (folder / "report.html").write_text(f"<html><head>{REPORT_MARK}</head></html>")
    (folder / "data.json").write_text('{"artifacts": {}}')
    assert sorted(members(folder)) == [
        "damaged.json",
        "data.json",
        "my_app/__init__.py",
        "page.html",
        "pyproject.toml",
    ]


def test_a_project_of_poetry_says_what_it_is_in_poetrys_own_table(tmp_path: Path) -> None:
    project(tmp_path, pyproject='[tool.poetry]\nname = "Weather_Board"\nversion = "0.3"\n')
    assert pack_project(tmp_path).filename == "weather_board-0.3.tar.gz"


@pytest.mark.parametrize(
    ("pyproject", "why"),
    [
        ("[project", "pyproject.toml: it is not TOML"),
        ("", "its pyproject.toml does not say name and version under [project]"),
        (
            '[project]\nname = "x"\ndynamic = ["version"]\n',
            "its pyproject.toml does not say name and version under [project]",
        ),
        ('[project]\nname = "x"\nversion = "new"\n', "new is no version"),
    ],
)
def test_a_project_that_does_not_say_what_it_is_is_refused(tmp_path: Path, pyproject: str, why: str) -> None:
    project(tmp_path, pyproject=pyproject)
    with pytest.raises(InputError) as caught:
        pack_project(tmp_path)
    assert str(caught.value).startswith(f"cannot plan project '{tmp_path}': {why}")
    assert str(caught.value).endswith("; make an sdist with `uv build --sdist` and give that")


def test_links_that_lead_out_and_special_files_are_refused(tmp_path: Path) -> None:
    folder = project(tmp_path / "in")
    (folder / "my_app/up").symlink_to("../../elsewhere")
    with pytest.raises(InputError, match="which leads out of the project"):
        pack_project(folder)
    (folder / "my_app/up").unlink()
    os.mkfifo(folder / "pipe")
    with pytest.raises(InputError, match="it is a device, a pipe or another special file"):
        pack_project(folder)


def test_all_folders_that_cannot_be_planned_are_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with pytest.raises(CrosswheelError) as caught:
        packed_projects([tmp_path / "a", tmp_path / "b"])
    assert [line.partition(": ")[2] for line in str(caught.value).splitlines()] == [
        "pyproject.toml: no such file or directory; make an sdist with `uv build --sdist` and give that"
    ] * 2


def test_each_content_has_a_path_of_its_own(tmp_path: Path) -> None:
    first = packed_path(pack_project(project(tmp_path)))
    (tmp_path / "more").touch()
    second = packed_path(pack_project(tmp_path))
    assert first != second
    assert first.startswith("projects/my_app-1.0.0rc1-")
    assert first.endswith(".tar.gz")
