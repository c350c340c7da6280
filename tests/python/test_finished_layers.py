"""Files and layers that other tools made, on top of an image: judged like everything else, taken over as they are."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import sys
from pathlib import Path
from typing import Any

import pytest
import zstandard

from crosswheel.act.images.placed_files import PlacedFile, placed_entries
from crosswheel.act.images.verify_layout import verify_layout
from crosswheel.command_line.main import main
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CheckError, InputError
from elf_files import extension_module
from image_bases import base_files, base_layout
from layout_files import LayoutMaker, link, tar_of
from made_wheels import make_wheel

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
TAR = tar_of([("./srv/", b""), ("./srv/app.py", b"1\n"), link("srv/link", "app.py")])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a plan of one wheel for two targets and a base, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSWHEEL_CACHE_DIR", str(tmp_path / "store"))
    wheel = make_wheel(tmp_path, "pure")
    lock = 'lock-version = "1.0"\ncreated-by = "t"\n[[packages]]\nname = "pure"\nversion = "1.0"\n'
    archive = f'wheels = [{{ path = "{wheel.name}", hashes = {{ sha256 = "{_sha256(wheel)}" }} }}]\n'
    (tmp_path / "pylock.toml").write_text(lock + archive)
    targets = ["-t", ARM.id, "-t", "cp311-linux_x86_64_glibc_2_28"]
    assert main(["plan", "pylock.toml", *targets, "-o", "p.json", "--quiet"]) == 0
    base_layout(tmp_path / "base")
    return tmp_path


def _sha256(path: Path) -> str:
    from crosswheel.act.storage.stored_files import digest_of_file

    return digest_of_file(path).hex


def image(*words: str) -> int:
    return main(["image", "p.json", "--base", "base", "-o", "image", "--quiet", *words])


def top_layer() -> dict[str, Any]:
    def document(digest: str) -> dict[str, Any]:
        path = Path("image/blobs/sha256", digest.partition(":")[2])
        found: dict[str, Any] = json.loads(path.read_text())
        return found

    entry = json.loads(Path("image/index.json").read_text())["manifests"][0]
    manifest = document(entry["digest"])
    while "layers" not in manifest:
        manifest = document(manifest["manifests"][0]["digest"])
    layer: dict[str, Any] = manifest["layers"][-1]
    return layer


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (TAR, "tar"),
        (gzip.compress(TAR), "tar+gzip"),
        (zstandard.compress(TAR), "tar+zstd"),
        (b"\x50\x2a\x4d\x18\1\0\0\0x" + zstandard.compress(TAR), "tar+zstd"),
    ],
)
def test_a_layer_is_taken_over_as_it_is(folder: Path, data: bytes, kind: str) -> None:
    Path("layer").write_bytes(data)
    assert image("--layer", "layer") == 0
    layer = top_layer()
    blob = Path("image/blobs/sha256", layer["digest"].partition(":")[2])
    assert (blob.read_bytes(), layer["mediaType"]) == (data, f"application/vnd.oci.image.layer.v1.{kind}")
    assert verify_layout(Path("image")).findings == ()


def test_a_layer_with_a_file_for_another_machine_is_refused_unless_accepted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("layer").write_bytes(tar_of({"srv/_x.so": extension_module("_x", "x86_64")}))
    assert image("-t", "linux/arm64", "--layer", "layer") == 8
    assert capsys.readouterr().err == (
        "error: layer: cannot use file of the layer 'srv/_x.so': it is a binary for x86_64 (64-bit, little-endian), the target is aarch64; it was "
        "compiled for another machine [wrong-machine]; use a layer made for the target, or --accept the finding once you know why it is harmless\n"
    )
    assert not Path("image").exists()
    assert image("-t", "linux/arm64", "--layer", "layer", "--accept", "wrong-machine:srv/*") == 0
    assert image("-t", "linux/amd64", "--layer", "layer") == 0


def test_what_is_accepted_is_found_in_a_target(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("layer").write_bytes(tar_of({"srv/_x.so": extension_module("_x", "x86_64")}))
    words = ["--layer", "layer", "--accept", "wrong-machine:/srv/*"]
    assert image(*words) == 0  # found in one of two targets
    image_before = Path("image/index.json").read_bytes()
    for other in (["-t", "linux/amd64"], ["--accept", "store-path:zzz"]):
        capsys.readouterr()
        assert image(*words, *other) == 3
        assert capsys.readouterr().err == (
            f"error: cannot accept finding '{'store-path:zzz' if 'store-path:zzz' in other else words[-1]}': the image has no such "
            "finding; remove it, or correct its glob\n"
        )
    assert Path("image/index.json").read_bytes() == image_before


@pytest.mark.parametrize(
    "data", [b"", b"text", b"\x50*", gzip.compress(TAR)[:-9], zstandard.compress(TAR)[:-1], TAR[:700]]
)
def test_what_is_no_layer_is_told(folder: Path, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    Path("layer").write_bytes(data)
    assert image("--layer", "layer") == 3
    assert "cannot read layer 'layer': it is no tar archive, or damaged: " in capsys.readouterr().err


def test_layers_of_zstd_that_nothing_can_read_are_told_by_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one.tar.zst", "two.tar.zst"):
        Path(name).write_bytes(zstandard.compress(TAR))
    for module in ("compression.zstd", "zstandard"):
        monkeypatch.setitem(sys.modules, module, None)
    assert image("--layer", "one.tar.zst", "--layer", "two.tar.zst") == 3
    assert capsys.readouterr().err == (
        "error: cannot read layer 'one.tar.zst' and 1 more: it is compressed with zstd, which this Python cannot read; give it as gzip or "
        "uncompressed, or run crosswheel with Python 3.14, or with the package zstandard\n    'one.tar.zst'\n    'two.tar.zst'\n"
    )


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (lzma.compress(TAR), "xz"),
        (bz2.compress(TAR), "bzip2"),
        (b"LZIP\1", "lzip"),
        (b"\x04\x22\x4d\x18", "lz4"),
        (b"PK\3\4" + bytes(600), "zip"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    ],
)
def test_what_a_layer_is_compressed_with_is_named(
    folder: Path, data: bytes, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("layer").write_bytes(data)
    assert image("--layer", "layer") == 3
    assert capsys.readouterr().err == (
        f"error: cannot read layer 'layer': it is compressed with {name}, which layers are not; give a tar archive, as it is or "
        "compressed with gzip or zstd\n"
    )


@pytest.mark.parametrize(
    "files",
    [
        {
            "manifest.json": b"[]",
            f"{'0' * 64}.json": b"{}",
            f"{'1' * 64}/layer.tar": b"",
            "repositories": b"",
        },
        {"./oci-layout": b"{}", "./index.json": b"{}", f"./blobs/sha256/{'0' * 64}": b""},
        {"oci-layout": b"{}", "index.json": b"{}", "sbom/linux_arm64.cdx.json": b"{}"},
    ],
)
def test_a_whole_image_is_no_layer(
    folder: Path, files: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("layer").write_bytes(tar_of(files))
    assert image("--layer", "layer") == 3
    assert "cannot read layer 'layer': it is a whole image, as docker save" in capsys.readouterr().err
    Path("layer").write_bytes(tar_of({f"srv/{path}": data for path, data in files.items()}))
    assert image("--layer", "layer") == 0


def test_a_path_that_leaves_the_image_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("layer").write_bytes(tar_of({"../x": b""}))
    assert image("--layer", "layer") == 8
    assert "[unsafe-path]" in capsys.readouterr().err


def test_folders_of_the_system_keep_their_modes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    placed = [PlacedFile(path=path, source=tmp_path / "x") for path in ("/tmp/a", "/etc/b", "/root/c/d")]
    entries = placed_entries(placed, ARM)
    assert [entry.path for entry in entries] == ["tmp/a", "etc", "etc/b", "root/c", "root/c/d"]


@pytest.mark.parametrize(
    ("path", "source", "message"),
    [
        ("app/x", "x", "cannot put into an image 'app/x': it is not the absolute path of a file; "),
        ("/app/", "x", "cannot put into an image '/app/': it is not the absolute path of a file; "),
        ("/a/../x", "x", "cannot put into an image '/a/../x': it is not the absolute path of a file; "),
        ("/x", "gone", "cannot put into an image '{folder}/gone': there is no such file; "),
        ("/x", ".", "cannot put into an image '{folder}': it is no file; "),
    ],
)
def test_what_cannot_be_placed_is_told(tmp_path: Path, path: str, source: str, message: str) -> None:
    (tmp_path / "x").write_bytes(b"")
    with pytest.raises(InputError) as caught:
        placed_entries([PlacedFile(path=path, source=tmp_path / source)], ARM)
    assert str(caught.value).startswith(message.format(folder=tmp_path))


def test_a_placed_file_for_another_machine_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(extension_module("_x", "x86_64"))
    with pytest.raises(CheckError, match=r"cannot put into an image 'app/x': it is a binary for x86_64"):
        placed_entries([PlacedFile(path="/app/x", source=tmp_path / "x")], ARM)


def test_a_file_cannot_take_the_place_of_another(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("src").mkdir()
    Path("src/a").write_text("1")
    Path("b").write_text("2")
    assert image("--app", "src", "--app-file", "/app/a=b") == 3
    assert "cannot put into a layer 'app/a': the application brings it twice" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["x", "/x=", "=x"])
def test_the_words_of_an_option_are_told(folder: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert image("--app-file", text) == 3
    assert capsys.readouterr().err == (
        f"error: cannot read file of the application '{text}': it is not of the form PATH=FILE; write it so\n"
    )


def test_python_makes_the_same_of_its_keywords(folder: Path) -> None:
    import crosswheel.api
    from crosswheel.act.planning.plan_files import read_plan
    from crosswheel.image_api import image as make

    Path("layer").write_bytes(TAR)
    Path("a").write_text("1")
    words = ["--app-file", "/app/a=a", "--app-program", "/app/b=a", "--layer", "layer", "-t", "linux/arm64"]
    assert image(*words) == 0
    made = make(
        read_plan(Path("p.json")),
        output="image2",
        bases="base",
        targets="linux/arm64",
        session=crosswheel.api.Session(cache_dir="store"),
        files={"/app/a": "a"},
        programs={"/app/b": Path("a")},
        layers=["layer"],
    )
    index = json.loads(Path("image/index.json").read_text())
    assert index["manifests"][0]["digest"] == made.digest.oci


@pytest.mark.parametrize("entries", [[("lib/own", b"1")], [("./lib/", b""), ("./lib/own", b"1")]])
def test_a_layer_that_would_replace_a_link_of_the_base_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], entries: list[tuple[str, bytes]]
) -> None:
    maker = LayoutMaker(folder / "merged")
    maker.write(maker.image(tar_of([*base_files().items(), link("lib", "usr/lib")])))
    (folder / "own.tar").write_bytes(tar_of(entries))
    words = ["image", "p.json", "-t", ARM.id, "--base", "merged", "-o", "image", "--quiet"]
    assert main([*words, "--layer", "own.tar"]) == 3
    assert capsys.readouterr().err == (
        "error: cannot put on top of other layers 'own.tar': it has the folder lib, where the layers below have a symbolic link to usr/lib; "
        "make it with the paths that links lead to\n"
    )
    (folder / "own.tar").write_bytes(tar_of([("usr/lib/own", b"1")]))
    assert main([*words, "--layer", "own.tar"]) == 0


def test_a_layer_that_would_replace_a_link_of_another_one_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "one.tar").write_bytes(tar_of([("srv/v1/", b""), link("srv/now", "v1")]))
    (folder / "two.tar").write_bytes(tar_of([("srv/now/x", b"")]))
    assert image("--layer", "two.tar", "--layer", "one.tar") == 0
    assert image("--layer", "one.tar", "--layer", "two.tar") == 3
    assert "'two.tar': it has the folder srv/now, where the layers below have a symbolic link to v1; " in (
        capsys.readouterr().err
    )
