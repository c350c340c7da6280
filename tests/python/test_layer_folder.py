"""The layers of wheels hold what an installed tree holds, at a place that other layers keep their folders of."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import stat
import tarfile
from pathlib import Path

import pytest

from crosswheel.act.layers.layer_folder import LayerFolder
from crosswheel.act.layers.layer_writer import Compression
from crosswheel.act.layers.wheel_place import wheel_place
from crosswheel.act.wheels.schemes import TreeLayout
from crosswheel.act.wheels.tree import install_wheels
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError
from installing import ARM, ENTRY_POINTS, PROGRAMS, WINDOWS
from layer_entries import listing
from layer_wheels import checked, write
from made_wheels import make_wheel

_SITE = "usr/local/lib/python3.11/site-packages"


@pytest.fixture
def wheels(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "wheels"
    return [
        make_wheel(
            folder,
            "demo",
            files={
                **PROGRAMS,
                "space/one/a.py": b"one = 1\n",
                "tests/__init__.py": b"",
                "demo-1.0.dist-info/entry_points.txt": ENTRY_POINTS,
                "demo-1.0.data/scripts/run": b"#!python -u\nprint()\n",
                "demo-1.0.data/data/share/demo/words": b"words\n",
                "demo-1.0.data/headers/demo.h": b"int demo;\n",
            },
        ),
        make_wheel(
            folder,
            "other",
            files={"space/two/b.py": b"two = 2\n", "tests/__init__.py": b"", "other": b"\x7fprogram"},
            executable=["other"],
        ),
    ]


def union(folder: Path, made: LayerFolder) -> dict[str, tuple[str, int, bytes | str]]:
    """Return what an image made of the layers would hold."""
    return {
        path: (kind, mode, content)
        for layer in made.layers
        for path, kind, mode, content in listing(folder / layer.filename)
    }


def refusal(tmp_path: Path, *wheels: Path, **options: object) -> str:
    with pytest.raises(CrosswheelError) as caught:
        write(tmp_path, *wheels, **options)
    assert not (tmp_path / "layers").exists()
    assert not any(".crosswheel-" in path.name for path in tmp_path.iterdir())
    return str(caught.value)


@pytest.mark.parametrize("compression", Compression)
@pytest.mark.parametrize("budget", [1, 2, 50])
def test_layers_hold_what_a_tree_holds(
    wheels: list[Path], tmp_path: Path, budget: int, compression: Compression
) -> None:
    tree = tmp_path / "tree"
    install_wheels(wheels, tree, target=ARM, layout=TreeLayout.PREFIX)
    installed = {
        f"usr/local/{path.relative_to(tree).as_posix()}": (path.stat().st_mode & 0o777, path.read_bytes())
        for path in tree.rglob("*")
        if path.is_file() and path.name != ".crosswheel-tree.json"
    }
    made = write(tmp_path, *wheels, budget=budget, compression=compression)
    found = union(tmp_path / "layers", made)
    assert {path: (mode, data) for path, (kind, mode, data) in found.items() if kind == "0"} == installed


def test_a_layer_holds_the_folders_that_are_the_wheels_own_and_no_others(
    wheels: list[Path], tmp_path: Path
) -> None:
    made = write(tmp_path, *wheels, budget=1)
    found = union(tmp_path / "layers", made)
    assert [path for path, (kind, _, _) in found.items() if kind == "5"] == [
        "usr/local/include/python3.11",
        "usr/local/include/python3.11/demo",
        f"{_SITE}/demo-1.0.dist-info",
        f"{_SITE}/other-1.0.dist-info",
        f"{_SITE}/space",
        f"{_SITE}/space/one",
        f"{_SITE}/space/two",
        f"{_SITE}/tests",
        "usr/local/share/demo",
    ]


def test_a_prefix_of_ones_own_is_the_wheels_own(wheels: list[Path], tmp_path: Path) -> None:
    made = write(tmp_path, *wheels[1:], prefix="/opt/app/", layout=TreeLayout.TARGET)
    found = union(tmp_path / "layers", made)
    folders = [path for path, (kind, _, _) in found.items() if kind == "5"]
    assert folders == [
        "opt/app",
        *(f"opt/app/{name}" for name in ("other-1.0.dist-info", "space", "space/two", "tests")),
    ]
    assert (made.site, made.scripts) == ("/opt/app", "/opt/app/bin")


def test_everybody_may_read_the_folder_whatever_the_umask(wheels: list[Path], tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        write(tmp_path, *wheels)
    finally:
        os.umask(umask)
    folder = tmp_path / "layers"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o644}


def test_a_project_that_no_layer_of_its_own_is_left_for_is_told(wheels: list[Path], tmp_path: Path) -> None:
    told = "there may be 2 layers, some of which others share; allow more"
    both = write(tmp_path, *wheels, budget=2, changes_often=["Demo", "other"])
    assert len(both.layers) == 2
    (lost,) = {"demo", "other"}.difference(layer.name for layer in both.layers)
    assert both.crowding == f"no layer of its own is left for {lost}, which changes often: {told}"
    assert write(tmp_path, *wheels, budget=2, changes_often=["Demo"]).crowding == ""
    assert write(tmp_path, *wheels, budget=1, changes_often=["Demo"]).crowding == ""


def test_the_folder_has_each_layer_its_description_and_an_index(wheels: list[Path], tmp_path: Path) -> None:
    made = write(tmp_path, *wheels, budget=8, changes_often=["Demo"])
    folder = tmp_path / "layers"
    assert sorted(path.name for path in folder.iterdir()) == [
        "demo.json",
        "demo.mtree",
        "demo.tar.gz",
        "layers.json",
        "shared_0.json",
        "shared_0.mtree",
        "shared_0.tar.gz",
    ]
    index = json.loads((folder / "layers.json").read_bytes())
    assert [layer["name"] for layer in index["layers"]] == ["shared_0", "demo"]
    blob = (folder / "demo.tar.gz").read_bytes()
    assert (
        json.loads((folder / "demo.json").read_bytes())
        == index["layers"][1]
        == {
            "name": "demo",
            "file": "demo.tar.gz",
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
            "digest": f"sha256:{hashlib.sha256(blob).hexdigest()}",
            "size": len(blob),
            "diff_id": f"sha256:{hashlib.sha256(gzip.decompress(blob)).hexdigest()}",
            "annotations": {"org.opencontainers.image.title": "demo"},
            "wheels": [
                {
                    "filename": "demo-1.0-py3-none-any.whl",
                    "sha256": hashlib.sha256(wheels[0].read_bytes()).hexdigest(),
                }
            ],
        }
    )
    assert index["target"] == ARM.id
    assert index["site"] == f"/{_SITE}"
    assert index["interpreter"] == made.interpreter == "/usr/bin/env python3.11"


def test_the_mtree_lists_the_layer(wheels: list[Path], tmp_path: Path) -> None:
    write(tmp_path, wheels[1], prefix="/app", layout=TreeLayout.TARGET)
    lines = (tmp_path / "layers/shared_4.mtree").read_text().splitlines()
    assert lines[:2] == ["#mtree", "./app uid=0 gid=0 mode=0755 time=315532800.0 type=dir"]
    digest = hashlib.sha256(b"\x7fprogram").hexdigest()
    assert (
        f"./app/other uid=0 gid=0 mode=0755 time=315532800.0 type=file size=8 sha256digest={digest}" in lines
    )
    assert len(lines) == 1 + len(listing(tmp_path / "layers/shared_4.tar.gz"))


def test_two_runs_in_two_folders_make_the_same_bytes(wheels: list[Path], tmp_path: Path) -> None:
    def written(name: str, jobs: int) -> dict[str, bytes]:
        write(tmp_path / name, *wheels, budget=16, jobs=jobs)
        return {path.name: path.read_bytes() for path in (tmp_path / name / "layers").iterdir()}

    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    assert written("one", 1) == written("two", 2)


def test_times_are_the_earliest_and_owners_root(wheels: list[Path], tmp_path: Path) -> None:
    made = write(tmp_path, *wheels, budget=1)
    data = gzip.decompress((tmp_path / "layers" / made.layers[0].filename).read_bytes())
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert {info.mtime for info in archive} == {315_532_800}
        assert {(info.uid, info.gid, info.uname, info.gname) for info in archive} == {(0, 0, "", "")}


def test_what_two_wheels_of_a_layer_bring_is_a_program_if_it_is_one_of_either(tmp_path: Path) -> None:
    wheels = [
        make_wheel(tmp_path / "wheels", name, files={"run": b"#!/bin/sh\n"}, executable=program)
        for name, program in (("one", ["run"]), ("two", []))
    ]
    for order in (wheels, wheels[::-1]):
        made = write(tmp_path, *order, budget=1)
        assert union(tmp_path / "layers", made)[f"{_SITE}/run"][1] == 0o755
        install_wheels(order, tmp_path / "tree", target=ARM)
        assert (tmp_path / "tree/run").stat().st_mode & 0o777 == 0o755


def test_another_version_of_one_wheel_changes_its_layer_only(wheels: list[Path], tmp_path: Path) -> None:
    def digests(*some_wheels: Path) -> dict[str, str]:
        made = write(tmp_path, *some_wheels, changes_often=["demo", "other"])
        return {layer.name: layer.descriptor.digest.hex for layer in made.layers}

    before = digests(*wheels)
    after = digests(wheels[0], make_wheel(tmp_path / "new", "other", "2.0", {"other.py": b"2"}))
    assert [name for name in before if before[name] != after[name]] == ["other"]


def test_wheels_of_two_layers_that_disagree_on_a_file_are_refused(wheels: list[Path], tmp_path: Path) -> None:
    third = make_wheel(tmp_path / "wheels", "third", files={"tests/__init__.py": b"differs"})
    assert refusal(tmp_path, *wheels, third, changes_often=["third"]) == (
        "cannot install file 'usr/local/lib/python3.11/site-packages/tests/__init__.py': demo-1.0-py3-none-any.whl and "
        "third-1.0-py3-none-any.whl both bring it, with different content; leave one of them out"
    )


def test_a_wheel_whose_content_differs_from_record_leaves_nothing(tmp_path: Path) -> None:
    good = make_wheel(tmp_path / "good", files={"a.py": b"a"})
    text = gzip.decompress(gzip.compress(_record_of(good)))
    bad = make_wheel(tmp_path / "bad", files={"a.py": b"b"}, record=text)
    assert refusal(tmp_path, bad) == (
        "cannot install wheel 'demo-1.0-py3-none-any.whl': the content of a.py does not match the hash in RECORD; get the "
        "file again, or have its author repair it"
    )


def _record_of(wheel: Path) -> bytes:
    import zipfile

    with zipfile.ZipFile(wheel) as archive:
        return archive.read("demo-1.0.dist-info/RECORD")


def test_a_wheel_with_a_name_that_removes_files_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "wheels", files={"a/.wh.b": b""})
    assert refusal(tmp_path, wheel, prefix="/app", layout=TreeLayout.TARGET) == (
        "cannot put into a layer 'app/a/.wh.b': a name that starts with .wh. removes files of other layers; leave "
        "demo-1.0-py3-none-any.whl out"
    )


def test_a_project_that_is_not_there_is_told(wheels: list[Path], tmp_path: Path) -> None:
    assert refusal(tmp_path, *wheels, changes_often=["dmeo"]) == (
        f"cannot give a layer of its own to project 'dmeo': there is no wheel of it for {ARM.id}; did you mean 'demo'?"
    )


@pytest.mark.parametrize("prefix", ["", "/", "app", "/a/../b", "/a//b"])
def test_prefixes_that_are_none_are_refused(tmp_path: Path, prefix: str) -> None:
    assert refusal(tmp_path, prefix=prefix) == (
        f"cannot put wheels at prefix '{prefix}': it is not an absolute path of a folder below the root; give for example "
        "/usr/local or /app"
    )


@pytest.mark.parametrize("target", [WINDOWS, parse_target_id("cp313-macos_aarch64_11_0")])
def test_targets_that_have_no_images_are_refused(target: object) -> None:
    with pytest.raises(CrosswheelError) as caught:
        wheel_place(target)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"cannot put into a layer wheels for '{target.id}': layers are for images of Linux; name a Linux target, or use "  # type: ignore[attr-defined]
        "`crosswheel install`"
    )


def test_a_folder_with_something_else_is_left_alone(wheels: list[Path], tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers/mine").touch()
    with pytest.raises(CrosswheelError) as caught:
        write(tmp_path, *wheels)
    assert "the folder holds something else (it has no layers.json)" in str(caught.value)
    assert [path.name for path in (tmp_path / "layers").iterdir()] == ["mine"]


@pytest.mark.parametrize("index", ["{}", "[", '["site"]', '{"layers": []}'])
def test_a_folder_with_another_programs_index_is_not_replaced(
    wheels: list[Path], tmp_path: Path, index: str
) -> None:
    folder = tmp_path / "layers"
    folder.mkdir()
    (folder / "layers.json").write_text(index)
    with pytest.raises(CrosswheelError, match=r"its layers\.json is not one that crosswheel wrote"):
        write(tmp_path, *wheels)
    assert (folder / "layers.json").read_text() == index


def test_the_wheels_of_a_target_keep_their_order() -> None:
    assert checked().paths == ()
