"""Layers of zstd are read where Python, or an optional package, can."""

from __future__ import annotations

import gzip
import json
import sys
import types
import zlib
from pathlib import Path
from typing import IO, cast

import pytest

from crosswheel.act.images.verify_layout import verify_layout
from crosswheel.values.errors import InputError
from elf_files import elf_file
from layout_files import LayoutMaker, tar_of

FILES = {"usr/lib/_x.so": elf_file("aarch64")}


@pytest.fixture
def maker(tmp_path: Path) -> LayoutMaker:
    return LayoutMaker(tmp_path / "image")


class _Package(types.ModuleType):
    """Stands in for the package zstandard, which is optional; what it reads is gzip."""

    ZstdError = zlib.error

    def ZstdDecompressor(self) -> _Package:  # noqa: N802 # the package's name
        return self

    def stream_reader(self, stream: IO[bytes], *, read_across_frames: bool) -> IO[bytes]:
        assert read_across_frames
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))


def _zstd_layer(maker: LayoutMaker) -> Path:
    image = maker.image(tar_of(FILES))
    whole = json.loads(maker.folder.joinpath("blobs/sha256", image["digest"][7:]).read_text())
    whole["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar+zstd"
    return maker.write({**maker.document(whole, "manifest.v1+json"), "platform": image["platform"]})


def test_a_layer_of_zstd_is_read_where_python_or_a_package_can(
    maker: LayoutMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, "zstandard", _Package("zstandard"))
    report = verify_layout(_zstd_layer(maker))
    assert (report.binaries, report.refused) == (1, False)


def test_a_layer_of_zstd_that_nothing_can_read_is_told(
    maker: LayoutMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(InputError) as error:
        verify_layout(_zstd_layer(maker))
    assert str(error.value) == (
        "cannot read layer: it is compressed with zstd, which this Python cannot read; install the package zstandard, or run crosswheel "
        "with Python 3.14"
    )
