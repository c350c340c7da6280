"""Bases: the image of a platform is found in a layout, and one that the wheels would not load on is refused."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.images.base_facts import read_base
from crosswheel.act.images.base_images import BaseImage, find_base_image
from crosswheel.act.images.base_sources import BaseKind, bases_for, find_base_source
from crosswheel.act.images.bases import prepared_base
from crosswheel.act.images.entries_on_base import paths_of_entries
from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.images.open_layout import open_layout
from crosswheel.act.images.virtual_environment import outside_environment
from crosswheel.act.layers.layer_entries import BytesContent, LayerEntry, Symlink
from crosswheel.api import Session
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CheckError, CrosswheelError, InputError
from crosswheel.values.oci_descriptors import OciPlatform
from crosswheel.values.platforms import Glibc
from elf_files import elf_file
from image_bases import base_files, base_layout, libc
from layout_files import LayoutMaker, link, tar_of

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
ARM64 = OciPlatform(os="linux", architecture="arm64")


def found(path: Path, *, platform: OciPlatform = ARM64, tag: str | None = None) -> BaseImage:
    with open_layout(path) as layout:
        return find_base_image(layout, platform, tag=tag)


def prepare(source: str | Path, target: str = ARM.id, *, tmp_path: Path, **options: Any) -> Any:
    arguments = {"interpreter": None, "accept": (), **options}
    services = Session(cache_dir=tmp_path / "store").services()
    base = find_base_source(str(source))
    with prepared_base(base, parse_target_id(target), services=services, **arguments) as prepared:
        return prepared


def refusal(kind: type[CrosswheelError], *arguments: Any, **options: Any) -> str:
    with pytest.raises(kind) as error:
        prepare(*arguments, **options)
    return str(error.value)


def test_the_image_of_a_platform_is_found_through_the_inner_index(tmp_path: Path) -> None:
    base = found(base_layout(tmp_path / "base", settings={"User": "app"}))
    assert (base.name, str(base.config.platform), base.config.settings.user) == (
        "example.org/base:1",
        "linux/arm64/v8",
        "app",
    )
    assert base.digest is not None
    assert len(base.layers) == len(base.config.history) == 1


def test_a_base_is_what_runtimes_would_run_whatever_it_is_called(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    image = maker.image(tar_of(base_files()), manifest={"artifactType": "application/x"})
    artifact = maker.document(
        {
            "schemaVersion": 2,
            "artifactType": "application/y",
            "config": maker.blob(b"{}", "application/vnd.oci.empty.v1+json"),
            "layers": [maker.blob(b"{}", "application/vnd.oci.empty.v1+json")],
        },
        "manifest.v1+json",
    )
    maker.write(
        {**image, "artifactType": "application/x"}, {**artifact, "artifactType": "application/y"}, name=None
    )
    assert str(found(maker.folder).config.platform) == "linux/arm64"


def test_a_base_without_the_platform_is_refused(tmp_path: Path) -> None:
    path = base_layout(tmp_path / "base")
    with pytest.raises(InputError) as error:
        found(path, platform=OciPlatform(os="linux", architecture="s390x"))
    assert str(error.value) == (
        f"cannot use base image '{path}': it has no image for linux/s390x, only for linux/arm64, linux/amd64; copy the base with "
        "all its platforms, e.g. `skopeo copy --all`, or name one for linux/s390x"
    )


@pytest.mark.parametrize(
    ("deep", "why"),
    [(9, "its indexes are nested more than 8 deep"), (3, "no image is in it: its indexes lead to none")],
)
def test_indexes_that_lead_nowhere_are_told_as_such(tmp_path: Path, deep: int, why: str) -> None:
    maker = LayoutMaker(tmp_path / "base")
    entry = maker.nested()
    for _ in range(deep):
        entry = maker.nested(entry)
    maker.write(entry)
    with pytest.raises(InputError, match=why):
        found(maker.folder)


@pytest.mark.parametrize("changes", [{"manifest": {"schemaVersion": 1}}, {"config": {"architecture": 7}}])
def test_a_base_with_a_wrong_document_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    maker = LayoutMaker(tmp_path / "base")
    maker.write(maker.image(tar_of(base_files()), **changes))
    with pytest.raises(CrosswheelError) as error:
        found(maker.folder)
    assert f"{maker.folder}: sha256:" in str(error.value)
    assert "cannot read base image" in str(error.value)


def test_of_several_images_one_is_named(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    for tag, user in (("one", "1"), ("two", "2")):
        maker.write(maker.image(tar_of(base_files()), settings={"User": user}), name=tag)
    with pytest.raises(InputError) as error:
        found(maker.folder)
    assert str(error.value) == (
        f"cannot use base image '{maker.folder}': it holds several images: one, two; name one, for example {maker.folder}:one"
    )
    assert found(maker.folder, tag="two").config.settings.user == "2"
    assert find_base_source(f"{maker.folder}:two").tag == "two"
    with pytest.raises(InputError, match="its tags are one, two"):
        found(maker.folder, tag="three")


def test_facts_are_those_of_the_topmost_layer(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    layers = (
        tar_of(
            {
                **base_files(glibc="2.31"),
                "usr/bin/python3.10": elf_file("aarch64"),
                "opt/x/bin/python3.9": b"",
            }
        ),
        tar_of({"usr/lib/aarch64-linux-gnu/libc.so.6": libc(version="2.36"), "usr/bin/.wh.python3.10": b""}),
        tar_of([("opt/.wh..wh..opq", b""), link("usr/local/bin/python3.12", "../../bin/python3.11")]),
    )
    facts = read_base(found(maker.write(maker.image(*layers))))
    assert facts.glibc == Glibc(major=2, minor=36)
    assert facts.pythons == ("/usr/bin/python3.11", "/usr/local/bin/python3.12")
    assert facts.findings == ()


def test_a_glibc_is_found_under_another_name_and_forgotten_when_it_is_replaced(tmp_path: Path) -> None:
    path = "usr/lib/aarch64-linux-gnu/libc.so.6"
    old: list[tuple[str, bytes] | tarfile.TarInfo] = [
        ("data/libc-2.31.so", libc(version="2.31")),
        link(path, "data/libc-2.31.so", tarfile.LNKTYPE),
    ]
    facts = [
        read_base(found(maker.write(maker.image(tar_of(old), *layers))))
        for number, layers in enumerate([(), (tar_of([(path, b"none")]),)])
        for maker in [LayoutMaker(tmp_path / str(number))]
    ]
    assert [one.glibc for one in facts] == [Glibc(major=2, minor=31), None]


def test_a_whiteout_leaves_what_its_own_layer_brings(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    layers = tar_of(base_files()), tar_of({"usr/bin/python3.12": b"#!/bin/sh", "usr/bin/.wh..wh..opq": b""})
    assert read_base(found(maker.write(maker.image(*layers)))).pythons == ("/usr/bin/python3.12",)


def test_links_of_a_base_are_followed(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    layers = (
        tar_of([link("bin", "usr/bin"), link("lib", "usr/lib"), link("usr/lib", "/data/lib")]),
        tar_of({"data/lib/aarch64-linux-gnu/libc.so.6": libc(), "srv/libc.so.6": libc(version="2.5")}),
        tar_of(
            [
                ("usr/bin/python3.11", elf_file("aarch64")),
                link("usr/bin/python3.12", "../../../../host/python3.12"),
                link("usr/bin/python3.13", "python3.13"),
                link("opt/bin/python3.14", "/usr/bin/python3.11"),
            ]
        ),
    )
    facts = read_base(found(maker.write(maker.image(*layers))))
    assert facts.glibc == Glibc(major=2, minor=36)
    assert facts.pythons == ("/bin/python3.11", "/opt/bin/python3.14", "/usr/bin/python3.11")


def test_a_removed_folder_takes_what_links_led_to(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    layers = (
        tar_of([*base_files().items(), link("opt/python3.11", "/usr/bin/python3.11")]),
        tar_of({"usr/.wh.bin": b""}),
    )
    assert read_base(found(maker.write(maker.image(*layers)))).pythons == ()


def test_two_images_for_one_platform_without_a_name_are_refused(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    maker.write(*(maker.image(tar_of({**base_files(), name: b""})) for name in ("a", "b")), name=None)
    assert "it holds several images for linux/arm64 under one name or none" in refusal(
        InputError, maker.folder, tmp_path=tmp_path
    )


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_a_blob_that_is_no_file_is_missing(tmp_path: Path, kind: str) -> None:
    path = base_layout(tmp_path / "base")
    base = found(path)
    blob = path / "blobs" / "sha256" / base.layers[0].digest.hex
    blob.unlink()
    os.mkfifo(blob) if kind == "pipe" else blob.mkdir()
    assert "there is no such blob" in refusal(CheckError, path, tmp_path=tmp_path)
    index = path / "index.json"
    index.unlink()
    os.mkfifo(index)
    assert "it has no index.json" in refusal(InputError, path, tmp_path=tmp_path)
    assert "it is no file and no folder" in refusal(InputError, index, tmp_path=tmp_path)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("base.lock", b'\n {"schema": 1}', BaseKind.LOCK),
        ("base.json", b"", BaseKind.LOCK),
        ("base.lock", b"", BaseKind.LAYOUT),
        ("base.tar", b"blobs\0\0", BaseKind.LAYOUT),
    ],
)
def test_a_base_lock_is_known_by_its_beginning_or_its_name(
    name: str, data: bytes, kind: BaseKind, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    assert find_base_source(str(tmp_path / name)).kind is kind


def test_a_base_lock_has_no_tags(tmp_path: Path) -> None:
    (tmp_path / "base.lock").write_bytes(b"{}")
    with pytest.raises(InputError, match="a base lock has no tags; give it alone"):
        find_base_source(f"{tmp_path / 'base.lock'}:v1")


@pytest.mark.parametrize("text", ["", ":v1"])
def test_a_base_without_a_path_is_none(text: str) -> None:
    with pytest.raises(InputError, match="there is no such file or folder"):
        find_base_source(text)


def test_a_base_with_files_where_the_wheels_go_is_refused(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    site = "opt/venv/lib/python3.11/site-packages"
    maker.write(maker.image(tar_of({**base_files(), f"{site}/old.py": b"", "srv/": b""})))
    prepared = prepare(maker.folder, tmp_path=tmp_path)
    with pytest.raises(InputError) as error:
        prepared.refuse_environment("/opt/venv", ARM)
    assert str(error.value) == (
        f"cannot use base image '{maker.folder}': it has files below /opt/venv already, where the wheels of this image go; "
        "give another place with --prefix, or a base without them"
    )
    prepared.refuse_environment("/srv", ARM)


@pytest.mark.parametrize("prefix", ["/opt/a b", f"/opt/{'a' * 200}"])
def test_programs_that_a_shell_begins_need_one(tmp_path: Path, prefix: str) -> None:
    prepared = prepare(base_layout(tmp_path / "base"), tmp_path=tmp_path)
    with pytest.raises(
        InputError, match="so programs begin with /bin/sh, which it lacks; give a short place without blanks"
    ):
        prepared.refuse_environment(prefix, ARM)
    maker = LayoutMaker(tmp_path / "shell")
    maker.write(maker.image(tar_of({**base_files(), "bin/sh": b""})))
    for base in (str(maker.folder), "scratch"):
        prepare(base, tmp_path=tmp_path, interpreter="/usr/bin/python3.11").refuse_environment(prefix, ARM)


def test_the_python_of_an_environment_is_what_it_leads_to() -> None:
    def paths(*more: LayerEntry) -> LayeredPaths:
        real = LayerEntry(path="usr/local/bin/python3.11", content=BytesContent(b""), mode=0o755)
        return paths_of_entries([[real, *more]])

    settings = LayerEntry(path="opt/x/pyvenv.cfg", content=BytesContent(b""), mode=0o644)
    link = LayerEntry(
        path="opt/x/bin/python3.11", content=Symlink("../../../usr/local/bin/python3.11"), mode=0o777
    )
    copy = LayerEntry(path="opt/x/bin/python3.11", content=BytesContent(b""), mode=0o755)
    name = "/opt/x/bin/python3.11"
    assert outside_environment(name, paths(settings, link)) == "/usr/local/bin/python3.11"
    assert outside_environment(name, paths(settings, copy)) == name
    assert outside_environment(name, paths(link)) == name


def test_the_python_is_the_one_on_the_bases_path(tmp_path: Path) -> None:
    path = base_layout(tmp_path / "base", settings={"Env": ["PATH=/usr/local/bin:/usr/bin"]})
    assert prepare(path, tmp_path=tmp_path).interpreter == "/usr/bin/python3.11"
    elsewhere = base_layout(tmp_path / "other", settings={"Env": ["PATH=/opt/bin"]})
    assert refusal(InputError, elsewhere, tmp_path=tmp_path) == (
        f"cannot use base image '{elsewhere}': there is no python3.11 on its PATH, it has /usr/bin/python3.11; plan for the Python "
        "of the base, use a base with python3.11, or say with --interpreter where it is"
    )
    given = prepare(elsewhere, tmp_path=tmp_path, interpreter="/usr/bin/python3.11")
    assert given.interpreter == "/usr/bin/python3.11"
    assert "it has no /x; give the absolute path of its Python" in refusal(
        InputError, elsewhere, tmp_path=tmp_path, interpreter="/x"
    )


@pytest.mark.parametrize("name", ["/usr/bin/python3.9", "/opt/python2", "/usr/bin/python3.11t"])
def test_a_python_that_is_another_by_its_name_is_refused_on_any_base(tmp_path: Path, name: str) -> None:
    for base in ("scratch", base_layout(tmp_path / "base")):
        assert "the wheels are for python3.11; give the path of python3.11" in refusal(
            InputError, base, tmp_path=tmp_path, interpreter=name
        )


def test_a_base_with_an_older_glibc_than_the_wheels_may_need_is_refused(tmp_path: Path) -> None:
    path = base_layout(tmp_path / "base", glibc="2.17")
    assert refusal(CheckError, path, tmp_path=tmp_path) == (
        f"cannot use base image '{path}': it has glibc 2.17, and the wheels of {ARM.id} may need glibc 2.28; use a newer base, or "
        "plan for a target that it serves"
    )


@pytest.mark.parametrize(
    ("files", "target", "why"),
    [
        ({"usr/bin/python3.11": b""}, ARM.id, ("it has no glibc", "use a base with glibc, or plan")),
        (base_files(), "cp311-linux_aarch64_musl_1_2", ("it has no musl", "use a base with musl, or plan")),
    ],
)
def test_a_base_with_another_c_library_is_refused(
    tmp_path: Path, files: dict[str, bytes], target: str, why: tuple[str, str]
) -> None:
    maker = LayoutMaker(tmp_path / "base")
    path = maker.write(maker.image(tar_of(files)))
    said = refusal(CheckError, path, target, tmp_path=tmp_path)
    assert all(part in said for part in why)


def test_a_binary_of_another_machine_in_a_base_is_refused_or_accepted(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    path = maker.write(maker.image(tar_of({**base_files(), "opt/tool.so": elf_file("x86_64")})))
    assert refusal(CheckError, path, tmp_path=tmp_path).endswith(
        "cannot use file of the base image 'opt/tool.so': it is a binary for x86_64 (64-bit, little-endian), the target is "
        "aarch64; it was compiled for another machine [wrong-machine]; use a base made for the target, or --accept the finding "
        "once you know why it is harmless"
    )
    assert prepare(path, tmp_path=tmp_path, accept=("wrong-machine:opt/*",)).findings[0].accepted


def test_a_base_whose_blob_was_changed_is_refused(tmp_path: Path) -> None:
    path = base_layout(tmp_path / "base")
    layer = found(path).layers[0]
    blob = path / "blobs/sha256" / layer.digest.hex
    blob.write_bytes(blob.read_bytes() + b"\0")
    assert "the blob has the digest" in refusal(CrosswheelError, path, tmp_path=tmp_path)


def test_scratch_needs_to_be_told_where_the_python_is(tmp_path: Path) -> None:
    assert refusal(InputError, "scratch", tmp_path=tmp_path) == (
        "cannot make an image from 'scratch': nothing says where its Python will be; give --interpreter, for example "
        "/usr/local/bin/python3.11"
    )
    assert prepare("scratch", tmp_path=tmp_path, interpreter="/p").interpreter == "/p"


def test_each_target_may_have_a_base_of_its_own(tmp_path: Path) -> None:
    amd = parse_target_id("cp311-linux_x86_64_glibc_2_28")
    one, other = base_layout(tmp_path / "one"), base_layout(tmp_path / "other")
    bases = bases_for([str(one), f"linux/amd64={other}"], [ARM, amd])
    assert [(base.kind, base.path) for base in bases] == [(BaseKind.LAYOUT, one), (BaseKind.LAYOUT, other)]
    with pytest.raises(InputError, match="nothing says what it stands on"):
        bases_for([f"linux/amd64={other}"], [ARM, amd])
    for pair in ([str(one), str(other)], [f"linux/arm64={one}", f"linux_arm64={other}"]):
        with pytest.raises(InputError, match="is the base of the same target; give one of them only"):
            bases_for(pair, [ARM, amd])


def test_a_base_may_have_a_layer_that_lacks_only_padding(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    cut = tar_of({"srv/last": b"1" * 600})
    path = maker.write(maker.image(tar_of(base_files()), cut[: cut.index(b"1" * 600) + 600]))
    base = prepare(path, tmp_path=tmp_path)
    assert [one.code for one in base.findings] == ["layer-unpadded"]
    assert base.paths.has_file("srv/last")


def test_a_damaged_or_exchanged_layer_of_a_base_is_refused(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "damaged")
    path = maker.write(maker.image(tar_of(base_files())[:5000]))
    assert "it cannot be read to its end: it ends within an entry [layer-damaged]" in refusal(
        CheckError, path, tmp_path=tmp_path
    )
    maker = LayoutMaker(tmp_path / "exchanged")
    rootfs = {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}
    path = maker.write(maker.image(tar_of(base_files()), config={"rootfs": rootfs}))
    assert "inflated it has another digest than its diff_id" in refusal(CheckError, path, tmp_path=tmp_path)
