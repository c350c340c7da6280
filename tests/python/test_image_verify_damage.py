"""``crosswheel image verify`` on what no honest tool writes: hostile archives, changed blobs, endless indexes."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.images.image_findings import ImageReport
from crosswheel.act.images.verify_layout import verify_layout
from crosswheel.values.errors import InputError
from elf_files import elf_file
from layout_files import LayoutMaker, link, tar_of

FILES = {"usr/": b"", "usr/a.txt": b"text", "usr/lib/_x.so": elf_file("aarch64")}


@pytest.fixture
def maker(tmp_path: Path) -> LayoutMaker:
    return LayoutMaker(tmp_path / "image")


def said(report: ImageReport) -> list[str]:
    return [str(finding) for finding in report.findings if finding.code != "blob-unused"]


def verdict(maker: LayoutMaker, *entries: dict[str, Any]) -> list[str]:
    return said(verify_layout(maker.write(*entries)))


def _entry(name: str, data: bytes, *, kind: bytes = b"0", size: bytes | None = None) -> bytes:
    """One entry with a header made by hand."""
    length = b"%011o\0" % len(data) if size is None else size
    head = name.encode().ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + length + b"00000000000\0"
    tail = kind + bytes(100) + b"ustar\x0000" + bytes(247)
    checksum = b"%06o\0 " % (sum(head) + sum(tail) + 8 * 32)
    return head + checksum + tail + data + bytes(-len(data) % 512)


def test_numbers_in_base_256_are_read(maker: LayoutMaker) -> None:
    size = b"\x80" + (5).to_bytes(11, "big")
    tar = _entry("a", b"12345", size=size) + _entry("a", b"") + bytes(1024)
    (only,) = verdict(maker, maker.image(tar))
    assert only.endswith("a: the layer holds it twice [duplicate-path]")


def test_a_header_of_any_length_is_refused_before_it_is_read(maker: LayoutMaker) -> None:
    tar = _entry("x", b"", kind=b"x", size=b"%011o\0" % (1 << 30))
    (only,) = verdict(maker, maker.image(tar))
    assert "a header of 1073741824 bytes is longer than any path needs [layer-damaged]" in only


def test_global_headers_hold_for_what_follows(maker: LayoutMaker) -> None:
    tar = _entry("g", b"13 path=same\n", kind=b"g") + _entry("a", b"") + _entry("b", b"") + bytes(1024)
    (only,) = verdict(maker, maker.image(tar))
    assert only.endswith("same: the layer holds it twice [duplicate-path]")


def test_sparse_files_and_unknown_kinds_are_told(maker: LayoutMaker) -> None:
    tar = (
        _entry("old", b"", kind=b"S")
        + _entry("x", b"22 GNU.sparse.major=1\n", kind=b"x")
        + _entry("new", b"")
        + _entry("odd", b"", kind=b"Z")
        + bytes(1024)
    )
    assert [line.partition("): ")[2] for line in verdict(maker, maker.image(tar))] == [
        "old: it is of the kind 'sparse file', which not every reader knows [special-file]",
        "new: it is of the kind 'sparse file', which not every reader knows [special-file]",
        "odd: it is of the kind 'unknown', which not every reader knows [special-file]",
    ]


def test_a_changed_document_is_told(maker: LayoutMaker) -> None:
    image = maker.image(tar_of(FILES))
    maker.write(image)
    blob = maker.folder / "blobs/sha256" / image["digest"][7:]
    blob.write_bytes(blob.read_bytes().replace(b"linux", b"Linux").replace(b"layers", b"LAYERS"))
    (only,) = said(verify_layout(maker.folder))
    actual = hashlib.sha256(blob.read_bytes()).hexdigest()
    assert only == (f"index.json: the blob {image['digest']} has the digest sha256:{actual} [blob-mismatch]")


def test_a_changed_blob_of_an_unknown_kind_is_told(maker: LayoutMaker) -> None:
    entry = maker.blob(b"data", "application/x-data")
    maker.write(maker.image(tar_of(FILES)), entry)
    (maker.folder / "blobs/sha256" / entry["digest"][7:]).write_bytes(b"DATA")
    found = verify_layout(maker.folder).findings
    assert [one.code for one in found] == ["blob-mismatch", "media-type-unknown"]


def test_another_version_of_the_layout_is_told(maker: LayoutMaker) -> None:
    maker.write(maker.image(tar_of(FILES)))
    (maker.folder / "oci-layout").write_text('{"imageLayoutVersion": "2.0.0"}')
    assert said(verify_layout(maker.folder)) == [
        "oci-layout: the only version is 1.0.0, not 2.0.0 [layout-invalid]"
    ]


def test_indexes_in_indexes_end(maker: LayoutMaker) -> None:
    inner = maker.image(tar_of(FILES))
    for _ in range(20):
        inner = maker.nested(inner)
    (only,) = verdict(maker, inner)
    assert "its indexes are nested more than 8 deep [layout-invalid]" in only


def test_a_layer_in_a_saved_image_may_be_compressed(tmp_path: Path) -> None:
    layer = tar_of(FILES)
    config = json.dumps(
        {
            "os": "linux",
            "architecture": "arm64",
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
        }
    ).encode()
    manifest = json.dumps([{"Config": "c.json", "Layers": ["l.tar.gz"]}]).encode()
    files = {"l.tar.gz": gzip.compress(layer), "c.json": config, "manifest.json": manifest}
    (tmp_path / "saved.tar").write_bytes(tar_of(files))
    report = verify_layout(tmp_path / "saved.tar")
    assert (report.findings, report.binaries) == ((), 1)


@pytest.mark.parametrize(
    ("target", "why"), [("b", "which the layer does not hold before it"), ("d", "which is a folder")]
)
def test_a_hard_link_that_cannot_be_made_is_refused(maker: LayoutMaker, target: str, why: str) -> None:
    (only,) = verdict(maker, maker.image(tar_of([("d/", b""), link("b", target, tarfile.LNKTYPE)])))
    assert only.endswith(f"b: it is a hard link to {target}, {why} [link-dangling]")


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ("[{", "its manifest.json is no JSON"),
        ("[NaN]", "NaN is no number of JSON"),
        ("7", "its manifest.json is not as docker save writes it"),
        ('[{"Config": "c.json", "Layers": null}]', "its manifest.json is not as docker save writes it"),
        ('[{"Config": "c.json", "Layers": [7]}]', "its manifest.json is not as docker save writes it"),
        ('[{"Layers": []}]', "its manifest.json is not as docker save writes it"),
        (
            '[{"Config": "c", "Layers": [], "layers": ["x"]}]',
            "its manifest.json is not as docker save writes",
        ),
        ('[{"Config": "c", "Config": "d", "Layers": []}]', "an object has the key 'Config' twice"),
    ],
)
def test_a_saved_image_with_a_damaged_manifest_is_refused(tmp_path: Path, manifest: str, why: str) -> None:
    (tmp_path / "saved.tar").write_bytes(tar_of({"manifest.json": manifest.encode()}))
    with pytest.raises(InputError, match=why):
        verify_layout(tmp_path / "saved.tar")


@pytest.mark.parametrize("name", ["manifest.json", "oci-layout", "index.json", "c.json"])
@pytest.mark.parametrize("again", ["{}", "./{}", ".//{}"])
def test_of_two_files_of_one_name_readers_take_either(tmp_path: Path, name: str, again: str) -> None:
    (tmp_path / "saved.tar").write_bytes(tar_of([(name, b"[]"), (again.format(name), b"[1]")]))
    with pytest.raises(InputError, match=f"it holds {name} twice, and readers take one or the other"):
        verify_layout(tmp_path / "saved.tar")


@pytest.mark.parametrize("kind", [b"0", b"x"])
@pytest.mark.parametrize("before", [b"", tar_of({"oci-layout": b"{}"})[:1024]])
def test_a_size_that_no_archive_has_is_damage(tmp_path: Path, kind: bytes, before: bytes) -> None:
    size = b"\x80" + (1 << 80).to_bytes(11, "big")
    (tmp_path / "saved.tar").write_bytes(before + _entry("a", b"", kind=kind, size=size) + bytes(1024))
    with pytest.raises(InputError, match=r"damaged|neither a folder nor an uncompressed tar archive"):
        verify_layout(tmp_path / "saved.tar")


@pytest.mark.parametrize("platform", ["windows/amd64", "linux/arm/v5", "linux/mips64le"])
def test_binaries_of_a_platform_that_is_not_known_are_not_judged(maker: LayoutMaker, platform: str) -> None:
    report = verify_layout(maker.write(maker.image(tar_of(FILES), platform=platform)))
    assert [one.code for one in report.findings] == ["machine-not-judged"]
    assert not report.refused


def test_a_damaged_binary_is_but_a_warning(maker: LayoutMaker) -> None:
    report = verify_layout(maker.write(maker.image(tar_of({"x.so": b"\x7fELF\x02\x01"}))))
    assert [(one.code, one.severity.value) for one in report.findings] == [("damaged-binary", "warning")]


def with_record(key: str, value: str) -> bytes:
    """An archive whose only file has a pax record."""
    info = tarfile.TarInfo("a")
    info.size, info.pax_headers = 1, {key: value}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(b"1"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("size", "-5", "the size in an extended header is no number"),
        ("size", "٣", "the size in an extended header is no number"),
        ("uid", "x", "the uid in an extended header is no number"),
        ("uid", "1" * 5000, "the uid in an extended header is no number"),
        ("path", "x\0y", "a path in an extended header holds a NUL"),
    ],
)
def test_records_that_not_every_reader_takes_are_told(
    maker: LayoutMaker, key: str, value: str, message: str
) -> None:
    (only,) = verdict(maker, maker.image(with_record(key, value)))
    assert only.endswith(f"it cannot be read to its end: {message} [layer-damaged]")


def test_a_record_without_a_value_says_nothing(maker: LayoutMaker) -> None:
    assert verdict(maker, maker.image(with_record("path", ""))) == []


def test_one_image_of_a_layout_is_not_checked_alone(maker: LayoutMaker) -> None:
    path = maker.write(maker.image(tar_of(FILES)))
    with pytest.raises(
        InputError, match=r"a layout is checked whole, not one image of it; give .* without a tag"
    ):
        verify_layout(Path(f"{path}:latest"))
    path.rename(f"{path}:latest")
    assert not verify_layout(Path(f"{path}:latest")).refused


def test_a_folder_of_skopeos_own_kind_is_told(maker: LayoutMaker) -> None:
    path = maker.write(maker.image(tar_of(FILES)))
    path.joinpath("version").write_text("Directory Transport Version: 1.1\n")
    assert not verify_layout(path).refused
    path.joinpath("index.json").unlink()
    with pytest.raises(InputError, match=r"skopeo's `dir:` .* copy it to a layout: `skopeo copy --all dir:"):
        verify_layout(path)


@pytest.mark.parametrize(
    ("data", "ending", "message"),
    [
        (gzip.compress(tar_of({"a": b"1"}), mtime=0), "", "it begins as gzip does, and its media type says a plain tar archive"),
        (b"PK\x03\x04" + bytes(600), "", "it begins as zip does, and its media type says a plain tar archive"),
        (tar_of({"a": b"1"}), "+gzip", "it begins as a plain tar archive does, and its media type says gzip"),
        (b"\x28\xb5\x2f\xfd" + bytes(600), "+gzip", "it begins as zstd does, and its media type says gzip"),
        (b"BZh91AY&SY", "+gzip", "it begins as bzip2 does, and its media type says gzip"),
        (b"usr", "+gzip", "Not a gzipped file (b'us')"),
        (gzip.compress(tar_of({"a": b"1"}), mtime=0)[:20], "+gzip", "Compressed file ended before the end-of-stream marker was reached"),
    ],
    ids=["gzip", "zip", "tar", "zstd", "bzip2", "unknown", "cut"],
)  # fmt: skip
def test_bytes_that_are_not_what_the_media_type_says_are_told(
    maker: LayoutMaker, data: bytes, ending: str, message: str
) -> None:
    layer = maker.blob(data, f"application/vnd.oci.image.layer.v1.tar{ending}")
    (only,) = verdict(maker, maker.image(tar_of({"a": b"1"}), manifest={"layers": [layer]}))
    assert only.endswith(f"it cannot be read to its end: {message} [layer-damaged]")
