"""Layers of zstd are read where Python, or an optional package, can."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
import zstandard

from crosswheel.act.images.layer_pass import pass_over_layer
from crosswheel.act.images.verify_layout import verify_layout
from crosswheel.decide.images.oci_documents import LayerCompression
from crosswheel.values.errors import InputError
from elf_files import elf_file
from layout_files import LayoutMaker, tar_of

FILES = {"usr/lib/_x.so": elf_file("aarch64")}


@pytest.fixture
def maker(tmp_path: Path) -> LayoutMaker:
    return LayoutMaker(tmp_path / "image")


SKIPPABLE = b"\x5e\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"notes"


def _zstd_layer(maker: LayoutMaker, data: bytes | None = None) -> Path:
    """A layout with a layer that holds `data`, or FILES."""
    image = maker.image(tar_of(FILES))
    whole = json.loads(maker.folder.joinpath("blobs/sha256", image["digest"][7:]).read_text())
    data = zstandard.compress(tar_of(FILES)) if data is None else data
    whole["layers"] = [maker.blob(data, "application/vnd.oci.image.layer.v1.tar+zstd")]
    return maker.write({**maker.document(whole, "manifest.v1+json"), "platform": image["platform"]})


def _frames(*, checksum: bool = False, known_size: bool = True) -> list[bytes]:
    """The archive in frames, one of them with blocks of one repeated byte."""
    data = tar_of(FILES)
    packer = zstandard.ZstdCompressor(write_checksum=checksum, write_content_size=known_size)
    return [packer.compress(data[:700]), packer.compress(data[700:])]


@pytest.mark.parametrize(
    "data",
    [
        zstandard.compress(tar_of(FILES)),
        b"".join(_frames(checksum=True)),
        b"".join(_frames(known_size=False)),
        SKIPPABLE + SKIPPABLE.join(_frames()) + SKIPPABLE,
    ],
    ids=["one frame", "frames with checksums", "frames of unknown size", "skippable frames"],
)
def test_a_layer_of_zstd_is_read(maker: LayoutMaker, data: bytes) -> None:
    report = verify_layout(_zstd_layer(maker, data))
    assert ({one.code for one in report.findings}, report.binaries) == ({"blob-unused"}, 1)


def test_a_layer_of_zstd_is_read_wherever_it_is_cut_and_told_so(maker: LayoutMaker) -> None:
    frames = _frames(checksum=True)
    whole = SKIPPABLE + b"".join(frames) + SKIPPABLE
    ends = {0, len(SKIPPABLE), len(SKIPPABLE + frames[0]), len(SKIPPABLE) + sum(map(len, frames)), len(whole)}
    for length in set(range(1, len(whole))) - ends:
        digests = pass_over_layer(
            io.BytesIO(whole[:length]), LayerCompression.ZSTD, lambda *_: None, name="x"
        )
        assert digests.damage, f"{length} of {len(whole)} bytes"
        assert digests.diff_id is None


def test_what_follows_the_frames_of_a_layer_is_told(maker: LayoutMaker) -> None:
    report = verify_layout(_zstd_layer(maker, zstandard.compress(tar_of(FILES)) + b"more"))
    first, *_ = report.findings
    assert first.message.endswith("what follows a frame of zstd, or begins it, is none")


def test_a_layer_of_zstd_that_nothing_can_read_is_told(
    maker: LayoutMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    layout = _zstd_layer(maker)
    (blob,) = json.loads((layout / "index.json").read_text())["manifests"]
    (layer,) = json.loads((layout / "blobs/sha256" / blob["digest"][7:]).read_text())["layers"]
    with pytest.raises(InputError) as error:
        verify_layout(layout)
    assert str(error.value) == (
        f"cannot read layer 'latest linux/arm64, layer 1 of 1 ({layer['digest'][:19]})': it is compressed with zstd, which this Python "
        "cannot read; give it as gzip or uncompressed, or run crosswheel with Python 3.14, or with the package zstandard"
    )
