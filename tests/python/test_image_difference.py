"""What differs between two images: layouts of other digests always differ in something, and a damaged one is refused."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from changed_documents import changed
from crosswheel.difference_api import diff
from crosswheel.values.errors import CrosswheelError, InputError
from layout_files import LayoutMaker, digest_text, tar_of

_ARM, _AMD = "linux/arm64", "linux/amd64"
_BASE, _APP = tar_of({"etc/os": b"1"}), tar_of({"app/main.py": b"print(1)\n", "app/x": b""})
_SETTINGS: Mapping[str, Any] = {
    "Env": ["A=1", "B=2"],
    "ExposedPorts": {"5000/tcp": {}},
    "Volumes": {"/data": {}},
    "Labels": {"name": "x"},
    "Entrypoint": ["python"],
    "User": "1000",
}


def lines(old: Path, new: Path) -> list[str]:
    return [f"{one.where}|{one}" for one in diff(old, new)]


@pytest.fixture
def layout(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the layout of one image."""
    count = 0

    def write(*tars: bytes, name: str = "app:1", platform: str = _ARM, **about: Any) -> Path:
        nonlocal count
        count += 1
        maker = LayoutMaker(tmp_path / f"layout{count}")
        settings = {**_SETTINGS, **about.pop("settings", {})}
        image = maker.image(*(tars or (_BASE, _APP)), platform=platform, settings=settings, **about)
        return maker.write(image, name=name)

    return write


def tar_with(**about: Any) -> bytes:
    """The application's archive, the headers of which say something else."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=about.pop("format", tarfile.GNU_FORMAT)) as archive:
        for name, data in (("app/main.py", b"print(1)\n"), ("app/x", b"")):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o755
            for key, value in about.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"settings": {"ExposedPorts": {"80/tcp": {}}}}, ["- ExposedPorts.5000/tcp: {}", "+ ExposedPorts.80/tcp: {}"]),
        ({"settings": {"Volumes": {}}}, ["- Volumes./data: {}"]),
        ({"settings": {"Labels": {"name": "x", "e": ""}}}, ['+ Labels.e: ""']),
        ({"settings": {"Env": ["B=2", "A=1"]}}, ["  order of Env: A, B -> B, A"]),
        ({"settings": {"User": ""}}, ['  User: "1000" -> ""']),
        ({"manifest": {"annotations": {"a": ""}}}, ['+ manifest.annotations.a: ""']),
        ({"config": {"history": [{"created_by": "test"}, {"created_by": "x"}]}}, ["  history.1.created_by: test -> x"]),
        ({"config": {"history": []}}, ["- history.0.created_by: test", "- history.1.created_by: test"]),
        ({"config": {"created": "2020-01-01T00:00:00Z"}}, ["+ created: 2020-01-01T00:00:00Z"]),
        ({"name": "app:2"}, ["  entry.annotations.org.opencontainers.image.ref.name: app:1 -> app:2"]),
    ],
)  # fmt: skip
def test_what_an_image_says_is_told(
    layout: Callable[..., Path], about: dict[str, Any], told: list[str]
) -> None:
    assert lines(layout(), layout(**about)) == [f"{_ARM}|{line}" for line in told]


def test_a_subject_and_annotations_of_layers_are_told(tmp_path: Path) -> None:
    layouts = []
    for name in ("old", "new"):
        maker = LayoutMaker(tmp_path / name)
        image = maker.image(_BASE, _APP)
        manifest = json.loads((maker.folder / "blobs" / image["digest"].replace(":", "/")).read_text())
        if name == "new":
            manifest["layers"][1]["annotations"] = {"a": ""}
            manifest["subject"] = {"mediaType": "x/y", "digest": digest_text(b""), "size": 0}
        layouts.append(
            maker.write({**maker.document(manifest, "manifest.v1+json"), "platform": image["platform"]})
        )
    told = lines(*layouts)
    assert f'{_ARM}|+ layer 2.annotations.a: ""' in told
    assert f"{_ARM}|+ manifest.subject.digest: {digest_text(b'')}" in told


def test_the_order_of_layers_and_of_images_is_told(layout: Callable[..., Path], tmp_path: Path) -> None:
    old, new = layout(_BASE, _APP), layout(_APP, _BASE)
    one, other = (digest_text(gzip.compress(tar, mtime=0))[7:19] for tar in (_BASE, _APP))
    assert lines(old, new) == [f"{_ARM}|  order of the layers: {one}, {other} -> {other}, {one}"]
    layouts = []
    for number, platforms in enumerate(((_ARM, _AMD), (_AMD, _ARM))):
        maker = LayoutMaker(tmp_path / f"two{number}")
        layouts.append(maker.write(maker.nested(*(maker.image(_BASE, platform=one) for one in platforms))))
    assert lines(*layouts) == [f"|  order of the images: {_ARM}, {_AMD} -> {_AMD}, {_ARM}"]


def test_indexes_that_lead_to_the_same_in_another_way_are_told(tmp_path: Path) -> None:
    layouts = []
    for name in ("nested", "beside"):
        maker = LayoutMaker(tmp_path / name)
        arm, amd = maker.image(_BASE), maker.image(_BASE, platform=_AMD)
        entries = [maker.nested(arm, amd)] if name == "nested" else [maker.nested(arm), amd]
        layouts.append(maker.write(*entries))
    told = lines(*layouts)
    assert f"|+ index.manifests.1.digest: {amd['digest']}" in told


def test_layers_tell_why_their_digests_differ(layout: Callable[..., Path]) -> None:
    old = layout()
    told = lines(old, layout(compress=False))
    assert told[:2] == [
        f"{_ARM}|  layer 1.mediaType: application/vnd.oci.image.layer.v1.tar+gzip -> application/vnd.oci.image.layer.v1.tar",
        f"{_ARM}|  layer 2.mediaType: application/vnd.oci.image.layer.v1.tar+gzip -> application/vnd.oci.image.layer.v1.tar",
    ]
    assert told[3].startswith(f"{_ARM}|  layer 1, the same archive: compression gzip, ")
    assert " -> compression none, 10240 bytes " in told[3]
    assert len(told) == 5

    def why(**about: Any) -> list[str]:
        plain = layout(_BASE, tar_with())
        found = [line.partition("|")[2] for line in lines(plain, layout(_BASE, tar_with(**about)))]
        assert (
            found[0]
            == "  layers: 2 layers, 1 of them not in the other -> 2 layers, 1 of them not in the other"
        )
        return found[1:]

    assert why(mtime=86400) == [
        "  app/main.py, time: 1970-01-01 00:00:00 -> 1970-01-02 00:00:00",
        "  app/x, time: 1970-01-01 00:00:00 -> 1970-01-02 00:00:00",
    ]
    assert why(uname="root", gname="") == [
        "+ app/main.py, names of the owner: root:",
        "+ app/x, names of the owner: root:",
    ]
    assert why(format=tarfile.PAX_FORMAT, pax_headers={"SCHILY.xattr.user.a": "1"}) == [
        "+ app/main.py, record SCHILY.xattr.user.a: 1",
        "+ app/x, record SCHILY.xattr.user.a: 1",
    ]
    (line,) = why(format=tarfile.USTAR_FORMAT)
    assert line.startswith("  bytes of the layers (the same files with the same facts): ")


def test_many_times_share_a_line(layout: Callable[..., Path]) -> None:
    def tar(time: int, step: int) -> bytes:
        infos = [tarfile.TarInfo(f"f{number}") for number in range(30)]
        for number, info in enumerate(infos):
            info.mtime = time + step * number
        return tar_of(infos)

    old = layout(tar(0, 0))
    alike = "  time of 30 files: 1970-01-01 00:00:00 -> 1970-01-01 00:00:09"
    assert lines(old, layout(tar(9, 0)))[1:] == [f"{_ARM}|{alike}"]
    assert lines(old, layout(tar(9, 1)))[-1] == f"{_ARM}|+ time of files: 18 more differ"


def test_the_order_of_files_in_a_layer_is_told(layout: Callable[..., Path]) -> None:
    old, new = (layout(tar_of(dict.fromkeys(names, b""))) for names in ("abc", "acb"))
    assert lines(old, new)[1:] == [f"{_ARM}|  order of the files in the layers: b, c -> c, b"]


def test_artifacts_are_told_and_compared(tmp_path: Path) -> None:
    def write(name: str, bills: list[object]) -> Path:
        maker = LayoutMaker(tmp_path / name)
        image = maker.image(_BASE)
        entries = [image]
        for bill in bills:
            manifest = {
                "schemaVersion": 2,
                "artifactType": "x/bill",
                "config": maker.blob(b"{}", "application/vnd.oci.empty.v1+json"),
                "layers": [maker.blob(json.dumps(bill).encode(), "x/bill")],
                "subject": {key: image[key] for key in ("mediaType", "digest", "size")},
            }
            entries.append({**maker.document(manifest, "manifest.v1+json"), "artifactType": "x/bill"})
        return maker.write(*entries)

    none, one, other = write("none", []), write("one", [{"a": 1, "b": {}}]), write("other", [{"a": 2}])
    label = f"x/bill of {_ARM}"
    (line,) = lines(none, one)
    assert line.startswith(f"{label}|+ artifact: sha256 ")
    assert lines(one, other) == [f"{label}|  layer 1.a: 1 -> 2", f"{label}|- layer 1.b: {{}}"]
    many = write("many", [dict.fromkeys(map(str, range(40)), "")])
    assert lines(one, many)[-1] == f"{label}|+ leaves of layer 1: 30 more differ"


def test_a_document_in_another_layout_of_json_is_told(tmp_path: Path) -> None:
    def write(number: int, *, spaced: str) -> Path:
        maker = LayoutMaker(tmp_path / f"{spaced}{number}")
        image = maker.image(_BASE)
        place = maker.folder / "blobs" / image["digest"].replace(":", "/")
        manifest = json.loads(place.read_text())
        if spaced == "config":
            config = (place.parent / manifest["config"]["digest"][7:]).read_bytes()
            manifest["config"] = maker.blob(config + b" ", manifest["config"]["mediaType"])
        data = json.dumps(manifest).encode() + (b" " if spaced == "manifest" else b"")
        entry = {**maker.blob(data, image["mediaType"]), "platform": image["platform"]}
        path = maker.write(entry)
        if spaced == "index":
            (path / "index.json").write_text(f"{(path / 'index.json').read_text()} ")
        return path

    plain = write(0, spaced="none")
    for spaced, what in (
        ("config", f"{_ARM}|  bytes (the same configuration in another layout of JSON)"),
        ("manifest", f"{_ARM}|  bytes (the same manifest in another layout of JSON)"),
        ("index", "|  bytes (index.json, the same in another layout of JSON)"),
    ):
        told = [line for line in lines(plain, write(1, spaced=spaced)) if "that nothing" not in line]
        assert [line.partition(": sha256")[0] for line in told if "blob" not in line] == [what]


def test_archives_of_one_layout_differ_in_their_bytes(layout: Callable[..., Path], tmp_path: Path) -> None:
    path = layout()
    archives = tmp_path / "old.tar", tmp_path / "new.tar"
    for number, place in enumerate(archives):
        with tarfile.open(place, "w") as archive:
            for one in sorted(path.rglob("*"), reverse=bool(number)):
                archive.add(one, str(one.relative_to(path)), recursive=False)
    (line,) = lines(*archives)
    assert line.startswith("|  bytes (archives of the same layout): sha256 ")
    assert lines(path, archives[0]) == []


def test_blobs_that_nothing_leads_to_are_told(layout: Callable[..., Path]) -> None:
    old, new = layout(), layout()
    (new / "blobs/sha256" / digest_text(b"x")[7:]).write_bytes(b"x")
    assert lines(old, new) == [f"|+ blob {digest_text(b'x')}: is there, and nothing leads to it"]


def test_layouts_whose_documents_differ_always_differ_in_something(tmp_path: Path) -> None:
    def write(number: int, part: str, document: Any) -> Path:
        """Write the layout with one of its documents replaced, and all that names it made anew."""
        folder = tmp_path / f"{part}{number}"
        maker = LayoutMaker(folder)
        image = maker.image(_BASE, _APP, settings=_SETTINGS, manifest={"annotations": {"a": "b"}})
        manifest = json.loads((folder / "blobs" / image["digest"].replace(":", "/")).read_text())
        config = json.loads((folder / "blobs" / manifest["config"]["digest"].replace(":", "/")).read_text())
        if part == "config":
            config = config if document is None else document
            manifest["config"] = maker.document(config, "config.v1+json")
        manifest = document if part == "manifest" and document is not None else manifest
        entry = {**maker.document(manifest, "manifest.v1+json"), "platform": image["platform"]}
        nested = maker.nested(entry, maker.image(_BASE, platform=_AMD))
        path = maker.write(nested)
        index = json.loads((path / "index.json").read_text())
        parts[part] = {"config": config, "manifest": manifest, "index": index}[part]
        if part == "index" and document is not None:
            (path / "index.json").write_text(json.dumps(document))
        return path

    parts: dict[str, Any] = {}
    told = 0
    for part in ("config", "manifest", "index"):
        whole = write(0, part, None)
        for number, document in enumerate(changed(parts[part]), 1):
            other = write(number, part, document)
            with suppress(CrosswheelError):
                found = diff(whole, other)
                is_changed = (whole / "index.json").read_bytes() != (other / "index.json").read_bytes()
                about = [
                    one
                    for one in found
                    if "that nothing" not in one.what and not one.what.startswith("blob ")
                ]
                assert bool(about) == is_changed, document
                told += is_changed
            shutil.rmtree(other)
    assert told > 60


@pytest.mark.parametrize("which", ["manifest", "config", "shared layer", "changed layer"])
@pytest.mark.parametrize("damage", ["missing", "longer", "other"])
def test_damaged_layouts_are_refused(layout: Callable[..., Path], which: str, damage: str) -> None:
    old, new = layout(), layout(_BASE, tar_of({"app/main.py": b"2"}))
    (entry,) = json.loads((new / "index.json").read_text())["manifests"]
    manifest = json.loads((new / "blobs" / entry["digest"].replace(":", "/")).read_text())
    digest = {
        "manifest": entry["digest"],
        "config": manifest["config"]["digest"],
        "shared layer": manifest["layers"][0]["digest"],
        "changed layer": manifest["layers"][1]["digest"],
    }[which]
    blob = new / "blobs" / digest.replace(":", "/")
    data = blob.read_bytes()
    blob.unlink()
    if damage != "missing":
        blob.write_bytes(data + b"\0" if damage == "longer" else data[:4] + bytes([data[4] ^ 1]) + data[5:])
    for pair in ((old, new), (new, old), (new, new)):
        with pytest.raises(InputError, match=f"cannot compare image '{new}': .*{digest}"):
            diff(*pair)


def test_a_layer_that_its_diff_id_denies_is_refused(layout: Callable[..., Path]) -> None:
    ids = {"type": "layers", "diff_ids": [digest_text(_BASE), digest_text(b"")]}
    wrong = layout(_BASE, tar_of({"app/main.py": b"2"}), config={"rootfs": ids})
    with pytest.raises(InputError, match=r"is another one: inflated it has the digest sha256:"):
        diff(layout(), wrong)
