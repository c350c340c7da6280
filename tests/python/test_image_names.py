"""What images are called in layouts that other tools wrote, and what stands beside them there."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.images.base_images import BaseImage, find_base_image
from crosswheel.act.images.image_difference import image_differences
from crosswheel.act.images.open_layout import open_layout
from crosswheel.act.images.verify_layout import verify_layout
from crosswheel.decide.images.image_references import full_reference
from crosswheel.values.errors import InputError
from crosswheel.values.oci_descriptors import OciPlatform
from image_bases import base_files, base_layout
from layout_files import LayoutMaker, digest_text, tar_of

ARM64 = OciPlatform(os="linux", architecture="arm64")
_WHOLE_NAME = "io.containerd.image.name"


def found(path: Path, tag: str | None = None) -> BaseImage:
    with open_layout(path) as layout:
        return find_base_image(layout, ARM64, tag=tag)


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("app", "docker.io/library/app:latest"),
        ("app:1", "docker.io/library/app:1"),
        ("me/app", "docker.io/me/app:latest"),
        ("docker.io/app", "docker.io/library/app:latest"),
        ("docker.io/library/app:1", "docker.io/library/app:1"),
        ("example.org/app", "example.org/app:latest"),
        ("localhost/app:1", "localhost/app:1"),
        ("registry:5000/app", "registry:5000/app:latest"),
        ("example.org/app@sha256:00", "example.org/app@sha256:00"),
    ],
)
def test_short_names_are_those_of_docker(name: str, whole: str) -> None:
    assert full_reference(name) == whole


def saved(path: Path, *images: Sequence[str]) -> Path:
    """What ``docker save`` writes: each image has a user of its own, and is called as it says."""
    layer = tar_of(base_files())
    files = {"layer.tar": layer}
    manifest = []
    for number, names in enumerate(images):
        config = {
            "os": "linux",
            "architecture": "arm64",
            "config": {"User": str(number)},
            "rootfs": {"type": "layers", "diff_ids": [digest_text(layer)]},
        }
        files[f"{number}.json"] = json.dumps(config).encode()
        manifest.append({"Config": f"{number}.json", "RepoTags": list(names), "Layers": ["layer.tar"]})
    files["manifest.json"] = json.dumps(manifest).encode()
    path.write_bytes(tar_of(files))
    return path


@pytest.mark.parametrize("tag", ["app:1", "library/app:1", "docker.io/library/app:1"])
def test_a_saved_image_is_found_by_any_spelling_of_its_name(tmp_path: Path, tag: str) -> None:
    # skopeo writes whole names, docker short ones.
    for name in ("docker.io/library/app:1", "app:1"):
        path = saved(tmp_path / "app.tar", [name], ["other:1"])
        assert found(path, tag).config.settings.user == "0"
    with pytest.raises(InputError, match="its tags are app:1, other:1; name one"):
        found(path, "app:2")
    with pytest.raises(InputError, match="app means app:latest, and its tags are app:1, other:1; name one"):
        found(path, "app")
    with pytest.raises(InputError, match="': its tags are app:1, other:1; name one"):
        found(path, "web")


def test_one_image_of_several_names_needs_none_of_them(tmp_path: Path) -> None:
    assert found(saved(tmp_path / "app.tar", ["app:1", "app:2"])).config.settings.user == "0"
    with pytest.raises(InputError, match="it holds several images: app:1, app:2, other:1; name one"):
        found(saved(tmp_path / "app.tar", ["app:1", "app:2"], ["other:1"]))


def whole_names(maker: LayoutMaker, *names: str) -> Path:
    """A layout as Docker and containerd write it: the tag alone says little."""
    for number, name in enumerate(names):
        image = maker.image(tar_of(base_files()), settings={"User": str(number)})
        path = maker.write(image, name=name.rpartition(":")[2])
        maker.index["manifests"][-1]["annotations"][_WHOLE_NAME] = name
    (path / "index.json").write_text(json.dumps(maker.index))
    return path


def test_whole_names_tell_images_of_one_tag_apart(tmp_path: Path) -> None:
    path = whole_names(LayoutMaker(tmp_path / "both"), "docker.io/library/app:1", "docker.io/library/db:1")
    assert found(path, "db:1").config.settings.user == "1"
    assert found(path, "docker.io/library/app:1").name == "docker.io/library/app:1"
    several = "it holds several images: docker.io/library/app:1, docker.io/library/db:1; name one"
    for tag in (None, "1"):
        with pytest.raises(InputError, match=several):
            found(path, tag)
    report = verify_layout(path)
    assert report.findings == ()
    assert report.images == ("docker.io/library/app:1 linux/arm64", "docker.io/library/db:1 linux/arm64")


def test_two_images_of_one_whole_name_are_told(tmp_path: Path) -> None:
    path = whole_names(LayoutMaker(tmp_path / "both"), "example.org/app:1", "example.org/app:1")
    assert [one.code for one in verify_layout(path).findings] == ["name-ambiguous"]


def attested(maker: LayoutMaker) -> Path:
    """A layout as BuildKit makes it: beside each image stands what it attests about it."""
    images = [
        maker.image(tar_of(base_files(arch)), platform=platform)
        for arch, platform in (("aarch64", "linux/arm64"), ("x86_64", "linux/amd64"))
    ]
    attestations: list[dict[str, Any]] = []
    for image in images:
        statement = maker.blob(json.dumps(image).encode(), "application/vnd.in-toto+json")
        unknown = {"os": "unknown", "architecture": "unknown"}
        config = {**unknown, "config": {}, "rootfs": {"type": "layers", "diff_ids": [statement["digest"]]}}
        manifest = {
            "schemaVersion": 2,
            "config": maker.document(config, "config.v1+json"),
            "layers": [statement],
        }
        annotations = {
            "vnd.docker.reference.digest": image["digest"],
            "vnd.docker.reference.type": "attestation-manifest",
        }
        attestation = maker.document(manifest, "manifest.v1+json")
        attestations.append({**attestation, "platform": unknown, "annotations": annotations})
    return maker.write(maker.nested(*images, *attestations), name="example.org/base:1")


def test_what_buildkit_attests_of_an_image_is_no_image(tmp_path: Path) -> None:
    path = attested(LayoutMaker(tmp_path / "image"))
    report = verify_layout(path)
    assert report.findings == ()
    assert report.images == ("example.org/base:1 linux/arm64", "example.org/base:1 linux/amd64")
    assert str(found(path).config.platform) == "linux/arm64"
    assert image_differences(path, path) == ()


def test_a_damaged_attestation_is_told(tmp_path: Path) -> None:
    path = attested(LayoutMaker(tmp_path / "image"))
    statement = next(
        one for one in (path / "blobs/sha256").iterdir() if one.read_bytes().startswith(b'{"mediaType"')
    )
    statement.write_bytes(statement.read_bytes()[::-1])
    assert [one.code for one in verify_layout(path).findings] == ["blob-mismatch"]


def test_a_base_whose_documents_are_not_what_their_digests_say_is_refused(tmp_path: Path) -> None:
    path = base_layout(tmp_path / "base")
    digest = found(path).digest
    assert digest is not None
    manifest = path / "blobs/sha256" / digest.hex
    manifest.write_bytes(manifest.read_bytes() + b" ")
    with pytest.raises(InputError, match=f"the blob {digest.oci} has the digest sha256:"):
        found(path)


def multiplied(maker: LayoutMaker, depth: int) -> Path:
    """A layout whose indexes lead to one image by 50 to the power of `depth` ways."""
    entry = maker.image(tar_of(base_files()))
    for _ in range(depth):
        index = {"schemaVersion": 2, "manifests": [entry] * 50}
        entry = maker.document(index, "index.v1+json")
    return maker.write(entry, name="example.org/base:1")


def test_indexes_that_lead_to_one_image_by_many_ways_are_read_once(tmp_path: Path) -> None:
    path = multiplied(LayoutMaker(tmp_path / "image"), 7)
    report = verify_layout(path)
    assert (report.findings, report.images) == ((), ("example.org/base:1 linux/arm64",))
    assert found(path).name == "example.org/base:1"
    assert image_differences(path, path) == ()


def test_a_base_without_an_image_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="it holds no image"):
        found(LayoutMaker(tmp_path / "image").write())


def test_a_base_whose_index_tells_another_size_is_refused(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "image")
    image = maker.image(tar_of(base_files()))
    with pytest.raises(InputError, match=r"has \d+ bytes, its descriptor says 7"):
        found(maker.write({**image, "size": 7}))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.encode("utf-16"), "it is not JSON: 'utf-8' codec can't decode byte 0xff"),
        (lambda text: text.encode("utf-8-sig"), "it is not JSON: Unexpected UTF-8 BOM"),
        (lambda text: (text[:-1] + ', "manifests": []}').encode(), "an object has the key 'manifests' twice"),
    ],
)
def test_what_readers_would_not_all_read_alike_is_told(
    tmp_path: Path, change: Callable[[str], bytes], why: str
) -> None:
    path = base_layout(tmp_path / "base")
    index = path / "index.json"
    index.write_bytes(change(index.read_text()))
    told = [one for one in verify_layout(path).findings if one.code != "blob-unused"]
    assert [(one.code, why in one.message) for one in told] == [("document-invalid", True)]
