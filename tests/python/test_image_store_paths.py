"""What the user's own files name of the stores of Nix and Guix is refused, where the image does not have it."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from crosswheel.act.images.store_paths import StoreNames, store_names
from crosswheel.act.images.tar_stream import TarStream
from crosswheel.command_line.main import main
from image_bases import base_layout
from image_projects import enter_image_project
from layout_files import link, tar_of

BASH = f"/nix/store/{'0' * 32}-bash-5.2"
GUILE = f"/gnu/store/{'1' * 32}-guile-3.0"
SCRIPT = f"#!{BASH}/bin/bash\n".encode()
FIX = "name what the image has, as `#!/usr/bin/env python3` does, or --accept the finding once you know why it is harmless"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project as the working directory, and a store of its own."""
    enter_image_project(tmp_path, monkeypatch)


def image(*words: str) -> int:
    return main(["image", "dist", "--base", "base", "-o", "image", "--app", "src", "-q", *words])


def test_a_program_of_the_application_that_names_the_store_is_refused_unless_accepted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("src", "run").write_bytes(SCRIPT * 9)
    assert image() == 8
    assert capsys.readouterr().err == (
        f"error: the application: cannot put into an image 'app/run': it names {BASH}, which is not in the image "
        f"[store-path]; {FIX}\n"
    )
    assert not Path("image").exists()
    words = ["image", "dist", "--base", "base", "-o", "image", "--app", "src"]
    assert main([*words, "--accept", "store-path:app/run"]) == 0
    said = capsys.readouterr().err
    assert "to be accepted by `crosswheel image verify`" not in said


def test_one_file_that_names_the_store_is_refused() -> None:
    Path("tool").write_bytes(b"\0" * 100 + GUILE.encode())
    assert image("--app-program", "/usr/local/bin/tool=tool") == 8


def test_a_layer_that_names_the_store_is_refused_unless_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    tar = tar_of([("srv/a", b"-" * (3 << 20) + SCRIPT), ("srv/b", b"b"), link("srv/c", GUILE)])
    Path("layer.tar.gz").write_bytes(gzip.compress(tar))
    assert image("--layer", "layer.tar.gz") == 8
    said = capsys.readouterr().err
    assert f"layer.tar.gz: cannot put into an image 'srv/a': it names {BASH}," in said
    assert f"layer.tar.gz: cannot put into an image 'srv/c': it names {GUILE}," in said
    assert "srv/b" not in said
    assert image("--layer", "layer.tar.gz", "--accept", "store-path:srv/[ac]") == 0


def test_what_the_image_itself_has_may_be_named() -> None:
    Path("src", "run").write_bytes(SCRIPT)
    Path("layer").write_bytes(tar_of([(f"{BASH[1:]}/bin/bash", b"it is there")]))
    assert image("--layer", "layer") == 0
    base_layout(Path("built"), more={f"{BASH[1:]}/bin/bash": b"it is there"})
    assert main(["image", "dist", "--base", "built", "-o", "other", "--app", "src", "-q"]) == 0


def test_names_are_found_whole_wherever_they_stand() -> None:
    longest = f"/nix/store/{'a' * 32}-{'n' * 211}"
    for text in (BASH, GUILE, longest):
        assert list(store_names(b"/store/" + text.encode() + b"/x")) == [(7, text)]
    assert [name for _, name in store_names(f"see {BASH}. Or {GUILE}?".encode())] == [BASH, GUILE]
    for text in ("/nix/store/readme", f"/nix/store/{'0' * 32}", "/store/", "/opt/store/x"):
        assert list(store_names(text.encode())) == []


def test_names_are_found_across_the_pieces_of_an_archive() -> None:
    text = f"{BASH}/bin {GUILE}".encode()
    for size in range(1, len(text) + 1):
        tar, names = (
            TarStream(io.BytesIO(tar_of([("./a", text), ("b", b"/"), ("c", text[1:])]))),
            StoreNames(),
        )
        for entry in tar:
            names.show(entry, tar)
            while tar.read(size):
                pass
        names.end()
        assert {path: list(found) for path, found in names.found.items()} == {
            "a": [BASH, GUILE],
            "c": [GUILE],
        }
