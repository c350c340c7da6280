"""Layers hold what they are told, byte for byte the same everywhere, with every content checked."""

from __future__ import annotations

import gzip
import hashlib
import struct
import sys
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.layers.layer_entries import FileContent, LayerEntry
from crosswheel.act.layers.layer_writer import Compression, write_layer
from crosswheel.act.wheels.wheel_archive import WheelArchive
from crosswheel.values.errors import CrosswheelError, InputError
from crosswheel.values.oci_descriptors import LayerDescriptor, MediaType
from crosswheel.values.printable import one_line
from layer_entries import file, folder, link, listing, member_entries
from made_wheels import make_wheel, raw_deflate, repacked, stored

#: Of content that compresses well, and is larger than what is inflated at once.
_LARGE = b"".join(b"%09d\n" % number for number in range(600_000))


def write(
    tmp_path: Path, *entries: LayerEntry, compression: Compression = Compression.GZIP
) -> LayerDescriptor:
    return write_layer(entries, tmp_path / "layer", compression=compression)


def refusal(tmp_path: Path, *entries: LayerEntry) -> str:
    with pytest.raises(CrosswheelError) as caught:
        write(tmp_path, *entries)
    return str(caught.value)


def wheel_with(tmp_path: Path, files: dict[str, bytes], **options: object) -> Path:
    return make_wheel(tmp_path / "wheels", files=files, **options)  # type: ignore[arg-type]


def test_a_layer_lists_as_what_it_was_made_of(tmp_path: Path) -> None:
    write(tmp_path, link("a/link", "../b"), folder("a"), file("b", b"content", mode=0o755), file("a/c"))
    assert listing(tmp_path / "layer") == [
        ("a", "5", 0o755, ""),
        ("a/c", "0", 0o644, b"x\n"),
        ("a/link", "2", 0o777, "../b"),
        ("b", "0", 0o755, b"content"),
    ]


def test_the_descriptor_is_that_of_the_bytes(tmp_path: Path) -> None:
    descriptor = write(tmp_path, file("a"), file("b", b"b" * 3_000_000))
    blob = (tmp_path / "layer").read_bytes()
    assert descriptor == LayerDescriptor(
        media_type=MediaType.LAYER_GZIP,
        digest=type(descriptor.digest)(hashlib.sha256(blob).hexdigest()),
        size=len(blob),
        diff_id=type(descriptor.digest)(hashlib.sha256(gzip.decompress(blob)).hexdigest()),
    )


def test_a_layer_has_this_digest_whatever_zlib_and_python_there_are(tmp_path: Path) -> None:
    wheel = wheel_with(tmp_path, {"empty.py": b"", "b.py": b"b" * 300, "run": b"#!/bin/sh\n"})
    packed = bytes.fromhex("4b4a1a05c40200")
    with WheelArchive(repacked(wheel, "b.py", packed, crc=zlib.crc32(b"b" * 300), size=300)) as archive:
        entries = [*member_entries(archive), file("made", b"m" * 70_000), folder("long/" * 30 + "f")]
        descriptor = write(tmp_path, *entries)
    assert descriptor.digest.hex == "1d509e8520f66a6477ef4a50b629b4f918bd6cc63d45159b0de2ee52da8e2827"
    assert descriptor.diff_id.hex == "290e4727303bbbdb6f4bec8792408a7ba8b38083908ee48ebf0f5bc5b523ba15"


def test_zstd_of_the_pinned_version_has_this_digest(tmp_path: Path) -> None:
    entries = [file("a", b"".join(b"%d" % number for number in range(300_000))), folder("b")]
    assert (
        write(tmp_path, *entries, compression=Compression.ZSTD).digest.hex
        == "1c4e59f0f2b196274c237b56b30217d929f1c9ccbe4c7e8060c6db797ad51504"
    )


def test_without_its_package_zstd_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(InputError) as caught:
        write(tmp_path, file("a"), compression=Compression.ZSTD)
    assert str(caught.value) == (
        "cannot compress layers with 'zstd': the package zstandard is not installed; install crosswheel[zstd], or use gzip, "
        "which compresses nothing anew"
    )


@pytest.mark.parametrize("compression", Compression)
@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 65_535, 65_536, 1 << 20, len(_LARGE)])
@pytest.mark.parametrize("method", ["deflated", "stored"])
def test_members_of_any_size_arrive(tmp_path: Path, size: int, method: str, compression: Compression) -> None:
    wheel = wheel_with(tmp_path, {"data": _LARGE[:size], "next": b"after"})
    with WheelArchive(stored(wheel) if method == "stored" else wheel) as archive:
        descriptor = write(tmp_path, *member_entries(archive), compression=compression)
    found = {path: content for path, _, _, content in listing(tmp_path / "layer")}
    assert (found["data"], found["next"]) == (_LARGE[:size], b"after")
    assert descriptor.media_type is compression.media_type


def test_compressed_bytes_of_a_wheel_are_taken_over(tmp_path: Path) -> None:
    with WheelArchive(wheel_with(tmp_path, {"data": _LARGE[:100_000]})) as archive:
        packed = bytes(archive.packed(archive.members["data"]))
        write(tmp_path, *member_entries(archive))
    assert packed in (tmp_path / "layer").read_bytes()


def test_files_on_disk_are_compressed_in_pieces(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(_LARGE)
    descriptor = write(tmp_path, LayerEntry(path="x", content=FileContent(tmp_path / "large"), mode=0o644))
    assert listing(tmp_path / "layer") == [("x", "0", 0o644, _LARGE)]
    assert descriptor.size < len(_LARGE) / 3


@pytest.mark.parametrize("data", [b"x" * 100, _LARGE], ids=["small", "large"])
@pytest.mark.parametrize("method", ["deflated", "stored"])
def test_content_that_record_does_not_promise_is_refused(tmp_path: Path, data: bytes, method: str) -> None:
    other = data[:-1] + b"!"
    wheel = wheel_with(tmp_path, {"data": data})
    with zipfile.ZipFile(wheel) as archive:
        record = archive.read("demo-1.0.dist-info/RECORD")
    wheel = wheel_with(tmp_path, {"data": other}, record=record)
    with WheelArchive(stored(wheel) if method == "stored" else wheel) as opened:
        said = refusal(tmp_path, *member_entries(opened))
    assert said == (
        "cannot install wheel 'demo-1.0-py3-none-any.whl': the content of data does not match the hash in RECORD; "
        "get the file again, or have its author repair it"
    )


@pytest.mark.parametrize("data", [b"x" * 100, _LARGE], ids=["small", "large"])
@pytest.mark.parametrize(
    "wrong", ["crc", "longer", "shorter", "cut off", "followed", "followed by a trailer"]
)
def test_compressed_bytes_that_are_not_the_members_are_refused(
    tmp_path: Path, data: bytes, wrong: str
) -> None:
    packed = raw_deflate(data)
    packed = {
        "cut off": packed[:-2],
        "followed": packed + b"\0",
        "followed by a trailer": packed + struct.pack("<2L", zlib.crc32(data), len(data)) + b"and more",
    }.get(wrong, packed)
    crc = zlib.crc32(data) ^ (wrong == "crc")
    size = len(data) + {"longer": 1, "shorter": -1}.get(wrong, 0)
    wheel = repacked(wheel_with(tmp_path, {"data": data}), "data", packed, crc=crc, size=size)
    with WheelArchive(wheel) as archive:
        said = refusal(tmp_path, *member_entries(archive))
    assert said == (
        "cannot read wheel 'demo-1.0-py3-none-any.whl': the compressed data of data is damaged; get the file again, "
        "or have its author repair it"
    )


def test_all_damaged_files_are_told(tmp_path: Path) -> None:
    wheel = wheel_with(tmp_path, {"one": b"1", "two": b"2", "three": b"3"})
    with zipfile.ZipFile(wheel) as archive:
        record = archive.read("demo-1.0.dist-info/RECORD")
    wheel = wheel_with(tmp_path, {"one": b"1", "two": b"x", "three": b"x"}, record=record)
    with WheelArchive(wheel) as opened:
        said = refusal(tmp_path, *member_entries(opened))
    assert [line.split(" of ")[1].split(" ")[0] for line in said.splitlines()] == ["three", "two"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/etc/passwd", "it is no plain path below the root"),
        ("a/../b", "it is no plain path below the root"),
        ("a/b\\c", "a name with a backslash is several folders to some tools"),
        ("a/.wh.b", "a name that starts with .wh. removes files of other layers"),
        (".wh..wh..opq", "a name that starts with .wh. removes files of other layers"),
        ("a\udcff", "its name is not UTF-8"),
    ],
)
def test_paths_that_a_layer_must_not_have_are_refused(tmp_path: Path, path: str, why: str) -> None:
    assert refusal(tmp_path, file(path, owner="demo.whl")) == (
        f"cannot put into a layer '{one_line(path)}': {why}; leave demo.whl out"
    )


def test_equal_entries_are_one(tmp_path: Path) -> None:
    write(tmp_path, folder("a"), file("a/b"), folder("a"), file("a/b"))
    assert [path for path, *_ in listing(tmp_path / "layer")] == ["a", "a/b"]


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (
            file("a", b"1"),
            file("a", b"2"),
            "cannot put into a layer 'a': {} both bring it, with different content",
        ),
        (
            file("a"),
            file("a", mode=0o755),
            "cannot put into a layer 'a': {} both bring it, with different modes",
        ),
        (
            file("a"),
            file("a/b"),
            "cannot put into a layer 'a': {} both bring it, one as a file, one as a folder",
        ),
        (
            folder("a"),
            folder("a", mode=0o700),
            "cannot put into a layer 'a': {} both bring it, with different modes",
        ),
        (folder("a"), link("a", "b"), "cannot put into a layer 'a': {} both bring it, as different things"),
        (
            link("a", "b"),
            file("a/b"),
            "cannot put into a layer 'a': {} both bring it, one as a file, one as a folder",
        ),
    ],
)
def test_entries_that_exclude_each_other_are_told_with_their_owners(
    tmp_path: Path, one: LayerEntry, other: LayerEntry, said: str
) -> None:
    one, other = replace(one, owner="one.whl"), replace(other, owner="two.whl")
    assert refusal(tmp_path, one, other) == said.format("one.whl and two.whl") + "; leave one of them out"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert refusal(tmp_path, LayerEntry(path="x", content=FileContent(missing), mode=0o644)) == (
        f"cannot put into a layer '{missing}': No such file or directory; name a file that can be read"
    )


def test_the_order_in_which_entries_come_does_not_matter(tmp_path: Path) -> None:
    entries = [file("b"), folder("a"), file("a-b"), file("a/c"), file("ä"), file("z")]
    digests = set()
    for number, order in enumerate((entries, entries[::-1])):
        digests.add(write_layer(order, tmp_path / str(number)).digest)
    assert len(digests) == 1
    assert [path for path, *_ in listing(tmp_path / "0")] == ["a", "a-b", "a/c", "b", "z", "ä"]
