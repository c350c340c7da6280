"""``crosswheel image verify`` finds whatever is wrong with a layout, and reads every binary in it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.images.image_findings import IMAGE_CODES, ImageReport
from crosswheel.act.images.verify_layout import verify_layout
from crosswheel.command_line.main import main
from crosswheel.values.errors import InputError
from elf_files import ARCHITECTURES, elf_file
from layout_files import LayoutMaker, link, tar_of
from mach_o_files import mach_o_file
from pe_files import pe_file

FILES = {"usr/": b"", "usr/a.txt": b"text", "usr/lib/_x.so": elf_file("aarch64")}


@pytest.fixture
def maker(tmp_path: Path) -> LayoutMaker:
    return LayoutMaker(tmp_path / "image")


def said(report: ImageReport) -> list[str]:
    return [str(finding) for finding in report.findings if finding.code != "blob-unused"]


def verdict(maker: LayoutMaker, *entries: dict[str, Any], **options: Any) -> list[str]:
    return said(verify_layout(maker.write(*entries), **options))


def test_a_right_image_has_no_finding(maker: LayoutMaker) -> None:
    report = verify_layout(maker.write(maker.image(tar_of(FILES), tar_of({"app/main.py": b"1"}))))
    assert (report.findings, report.images) == ((), ("latest linux/arm64",))
    assert (report.layers, report.binaries, report.refused) == (2, 1, False)
    assert report.inflated == sum(len(data) for data in FILES.values()) + 1


def test_a_multi_platform_image_is_read_through_its_inner_index(maker: LayoutMaker) -> None:
    images = [
        maker.image(tar_of({"a": elf_file(arch)}), platform=platform)
        for arch, platform in (("aarch64", "linux/arm64"), ("x86_64", "linux/amd64"))
    ]
    report = verify_layout(maker.write(maker.nested(*images)))
    assert report.findings == ()
    assert report.images == ("latest linux/arm64", "latest linux/amd64")


@pytest.mark.parametrize(
    ("arch", "platform"),
    [
        ("x86_64", "linux/amd64"),
        ("aarch64", "linux/arm64/v8"),
        ("armv7l", "linux/arm/v7"),
        ("i686", "linux/386"),
        ("ppc64le", "linux/ppc64le"),
        ("s390x", "linux/s390x"),
        ("riscv64", "linux/riscv64"),
    ],
)
def test_only_the_platforms_own_binaries_fit(maker: LayoutMaker, arch: str, platform: str) -> None:
    layer = tar_of({f"lib/{name}.so": elf_file(name) for name in ARCHITECTURES})
    report = verify_layout(maker.write(maker.image(layer, platform=platform)))
    # A 32-bit helper beside 64-bit code is but a warning.
    bad = {one.file for one in report.findings if one.code in {"wrong-machine", "secondary-machine"}}
    assert bad == {f"lib/{name}.so" for name in ARCHITECTURES if name != arch}
    assert report.refused


def test_a_binary_for_another_machine_is_told_with_layer_path_and_machine(maker: LayoutMaker) -> None:
    layers = tar_of(FILES), tar_of({"app/_y.so": elf_file("x86_64")})
    image = maker.image(*layers)
    digest = json.loads(maker.folder.joinpath("blobs/sha256", image["digest"][7:]).read_text())["layers"][1][
        "digest"
    ]
    (only,) = verdict(maker, image)
    assert only == (
        f"latest linux/arm64, layer 2 of 2 ({digest[:19]}): app/_y.so: it is a binary for x86_64 (64-bit, little-endian), "
        "the target is aarch64; it was compiled for another machine [wrong-machine]"
    )


def test_binaries_in_a_static_archive_are_read(maker: LayoutMaker) -> None:
    def member(name: str, data: bytes) -> bytes:
        return (
            b"%-16s%-12d%-6d%-6d%-8s%-10d`\n" % (name.encode(), 0, 0, 0, b"644", len(data))
            + data
            + b"\n" * (len(data) % 2)
        )

    def archive(arch: str) -> bytes:
        return b"!<arch>\n" + member("text/", b"x" * 9001) + member("a.o/", elf_file(arch))

    layer = tar_of({"lib/right.a": archive("aarch64"), "lib/wrong.a": archive("x86_64")})
    report = verify_layout(maker.write(maker.image(layer)))
    assert [(one.code, one.file) for one in report.findings] == [("wrong-machine", "lib/wrong.a")]


@pytest.mark.parametrize("data", [mach_o_file(), pe_file()])
def test_other_systems_code_is_refused_where_linux_would_load_it(maker: LayoutMaker, data: bytes) -> None:
    layer = tar_of({"site/_z.so": data, "bin/tool": data, "site/setup.exe": data})
    report = verify_layout(maker.write(maker.image(layer)))
    assert {one.file: one.code for one in report.findings} == {
        "site/_z.so": "wrong-format",
        "bin/tool": "wrong-format",
        "site/setup.exe": "foreign-format",
    }


def test_an_accepted_finding_does_not_refuse(maker: LayoutMaker) -> None:
    path = maker.write(
        maker.image(tar_of({"share/test/data.elf": elf_file("x86_64"), "b.so": elf_file("s390x")}))
    )
    report = verify_layout(path, accept=["wrong-machine:share/test/*"])
    assert [(one.file, one.accepted) for one in report.findings] == [
        ("share/test/data.elf", True),
        ("b.so", False),
    ]
    assert report.refused
    assert not verify_layout(path, accept=["wrong-machine"]).refused


@pytest.mark.parametrize(
    ("accept", "message"),
    [
        (
            "wrong-machin",
            "cannot accept finding 'wrong-machin': there is no finding code wrong-machin; did you mean 'wrong-machine'?",
        ),
        (
            "blob-mismatch",
            "cannot accept finding 'blob-mismatch': an image with blob-mismatch cannot be used, whatever the reason; make the image anew",
        ),
        (
            ":x",
            "cannot accept finding ':x': it names no finding code; write CODE or CODE:GLOB",
        ),
        (
            "wrong-machine:x",
            "cannot accept finding 'wrong-machine:x': the image has no such finding; remove it, or correct its glob",
        ),
    ],
)
def test_a_wrong_accept_is_told(maker: LayoutMaker, accept: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        verify_layout(maker.write(maker.image(tar_of(FILES))), accept=[accept])
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([("a", b"1"), ("./a", b"2")], "a: the layer holds it twice [duplicate-path]"),
        (
            [("d", b"1"), ("d/x", b"2"), ("d/y", b"3")],
            "d: the layer holds it as a file and has files below it [duplicate-path]",
        ),
        (
            [("d/e/x", b"2"), ("d", b"1")],
            "d: the layer holds it as a file and has files below it [duplicate-path]",
        ),
        (
            [("d/x", b"1"), link("d", "e")],
            "d: the layer holds it as a symbolic link and has files below it [duplicate-path]",
        ),
        (
            [link("d", "/etc"), ("d/x", b"1")],
            (
                "d: the layer holds it as a symbolic link to /etc and has paths below it: readers put them in different places "
                "[folder-missing]"
            ),
        ),
        ([(".", b"1")], ".: it is the root, which is a folder [unsafe-path]"),
        ([("/etc/passwd", b"1")], "/etc/passwd: it is absolute [unsafe-path]"),
        ([("a/../../b", b"1")], "a/../../b: it goes up by '..' [unsafe-path]"),
        ([("etc/.wh.", b"")], "etc/.wh.: there is no whiteout .wh. [whiteout-invalid]"),
        (
            [("etc/.wh..wh.plnk", b"")],
            "etc/.wh..wh.plnk: there is no whiteout .wh..wh.plnk [whiteout-invalid]",
        ),
        ([("etc/.wh.x", b"1")], "etc/.wh.x: it is a whiteout, yet has content [whiteout-invalid]"),
        ([("etc/.wh.x/", b"")], "etc/.wh.x: it is a whiteout, yet a folder [whiteout-invalid]"),
        (
            [("etc/.wh.x/y", b"")],
            "etc/.wh.x/y: it lies below a whiteout, which is no folder [whiteout-invalid]",
        ),
        (
            [link("b", "a", tarfile.LNKTYPE), ("a", b"")],
            "b: it is a hard link to a, which the layer does not hold before it [link-dangling]",
        ),
        ([link("b", "../a", tarfile.LNKTYPE)], "b: it is a hard link to ../a [unsafe-path]"),
    ],
)
def test_paths_that_must_not_be_in_a_layer(maker: LayoutMaker, entries: Any, message: str) -> None:
    (only,) = verdict(maker, maker.image(tar_of(entries)))
    assert only.partition("): ")[2] == message


def test_paths_that_may_be_in_a_layer(maker: LayoutMaker) -> None:
    entries: list[tuple[str, bytes] | tarfile.TarInfo] = [
        ("./", b""),
        ("a/", b""),
        ("a/" + "long" * 60, b"1"),
        ("a/.wh.gone", b""),
        ("a/.wh..wh..opq", b""),
        link("b", "/anywhere/../else"),
        link("c", "a/" + "long" * 60, tarfile.LNKTYPE),
    ]
    assert verdict(maker, maker.image(tar_of(entries))) == []


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_tar_is_read(maker: LayoutMaker, form: int) -> None:
    buffer = io.BytesIO()
    name = "x" * 90 + "/" + "y" * 90 if form == tarfile.USTAR_FORMAT else "ä" * 200
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for number in (1, 2):
            info = tarfile.TarInfo(name)
            info.size = info.uid = number
            archive.addfile(info, io.BytesIO(b"1" * number))
    (only,) = verdict(maker, maker.image(buffer.getvalue()))
    assert only.partition("): ")[2] == f"{name}: the layer holds it twice [duplicate-path]"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda tar: tar[:700], "it ends within an entry"),
        (lambda tar: tar[:156] + b"9" + tar[157:], "the checksum of a header is wrong"),
        (
            lambda tar: tar[:1536] + bytes(512) + tar_of({"b": b""}),
            "a header follows a single block of zeros",
        ),
    ],
)
def test_a_damaged_archive_is_told(maker: LayoutMaker, damage: Any, message: str) -> None:
    (only,) = verdict(maker, maker.image(damage(tar_of({"a": b"1" * 600}))))
    assert only.endswith(f"it cannot be read to its end: {message} [layer-damaged]")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"rootfs": {"type": "layers", "diff_ids": []}},
            "the manifest has 1 layers, the configuration 0 diff_ids [layer-count]",
        ),
        (
            {"history": [{"empty_layer": True}]},
            "the history tells of 0 layers, there are 1 [history-mismatch]",
        ),
        (
            {"architecture": "amd64"},
            "the index says linux/arm64, the configuration linux/amd64 [platform-mismatch]",
        ),
        (
            {"architecture": "aarch64"},
            "aarch64 is no architecture of Go, which names those of images [platform-unknown]",
        ),
        (
            {"rootfs": {"type": "layers", "diff_ids": ["sha256:" + "0" * 64]}},
            f"inflated it has the digest sha256:{{diff_id}}, its diff_id is sha256:{'0' * 64} [diff-id-mismatch]",
        ),
    ],
)
def test_a_configuration_that_fits_no_layers_is_told(
    maker: LayoutMaker, config: Mapping[str, Any], message: str
) -> None:
    tar = tar_of({"a.txt": b"1"})
    found = verdict(maker, maker.image(tar, config=config))
    expected = message.replace("{diff_id}", hashlib.sha256(tar).hexdigest())
    assert [line for line in found if line.endswith(expected)], found


def test_blobs_that_are_not_what_they_should_be(maker: LayoutMaker) -> None:
    image = maker.image(tar_of(FILES))
    whole = json.loads(maker.folder.joinpath("blobs/sha256", image["digest"][7:]).read_text())
    layer = maker.folder / "blobs/sha256" / whole["layers"][0]["digest"][7:]
    data = layer.read_bytes()
    layer.write_bytes(gzip.compress(tar_of(FILES), 1, mtime=0)[: len(data)].ljust(len(data), b"\0"))
    changed = verdict(maker, image)
    assert any("the blob has the digest sha256:" in line for line in changed)
    layer.unlink()
    (missing,) = said(verify_layout(maker.folder))
    assert missing.endswith(f"there is no blob {whole['layers'][0]['digest']} [blob-missing]")
    layer.write_bytes(b"")
    (short,) = said(verify_layout(maker.folder))
    assert short.endswith(
        f"{whole['layers'][0]['digest']} has 0 bytes, its descriptor says {len(data)} [blob-mismatch]"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schemaVersion": None}, "index.json: 'schemaVersion': the key is missing [document-invalid]"),
        (
            {"schemaVersion": 1},
            "index.json: schemaVersion: it is 1, and the only version there is is 2 [document-invalid]",
        ),
        (
            {"mediaType": "application/json"},
            "index.json: mediaType 'application/json': it is not the media type of an image index [document-invalid]",
        ),
        ({"manifests": None}, "index.json: 'manifests': the key is missing, or null [document-invalid]"),
    ],
)
def test_an_index_without_its_head_is_told(
    maker: LayoutMaker, change: Mapping[str, Any], message: str
) -> None:
    image = maker.image(tar_of(FILES))
    maker.index.update(change)
    if maker.index["manifests"] is None:
        (maker.folder / "index.json").write_text(json.dumps(maker.index))
    else:
        maker.write(image)
    assert message in said(verify_layout(maker.folder))


def test_two_images_of_one_name_are_told(maker: LayoutMaker) -> None:
    one, other = maker.image(tar_of({"a": b"1"})), maker.image(tar_of({"a": b"2"}))
    inner = maker.nested(one, other)
    assert verdict(maker, inner) == ["index latest: two images are called linux/arm64 [name-ambiguous]"]


def test_all_faults_are_told_at_once(maker: LayoutMaker) -> None:
    maker.folder.joinpath("oci-layout").unlink()
    image = maker.image(tar_of([("/a", b""), ("b", elf_file("s390x"))]), config={"history": []})
    report = verify_layout(maker.write(image))
    assert [one.code for one in report.findings] == ["layout-invalid", "unsafe-path", "wrong-machine"]


def test_an_artifact_about_an_image_is_no_image(maker: LayoutMaker) -> None:
    image = maker.image(tar_of(FILES))
    artifact = maker.document(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactType": "application/vnd.cyclonedx+json",
            "config": maker.blob(b"{}", "application/vnd.oci.empty.v1+json"),
            "layers": [maker.blob(b"sbom", "application/vnd.cyclonedx+json")],
            "subject": {key: image[key] for key in ("mediaType", "digest", "size")},
        },
        "manifest.v1+json",
    )
    report = verify_layout(maker.write(image, artifact))
    assert (report.findings, report.images) == ((), ("latest linux/arm64",))


def test_what_docker_saves_is_read(tmp_path: Path) -> None:
    layer = tar_of(FILES)
    config = json.dumps(
        {
            "os": "linux",
            "architecture": "arm64",
            "config": {"Env": ["A=1"], "Labels": None, "Entrypoint": None},
            "rootfs": {
                "type": "layers",
                "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()],
            },
        }
    ).encode()
    manifest = json.dumps([{"Config": "c.json", "RepoTags": ["demo:1"], "Layers": ["id/layer.tar"]}]).encode()
    path = tmp_path / "saved.tar"
    path.write_bytes(
        tar_of(
            [
                ("real.tar", layer),
                link("id/layer.tar", "../real.tar"),
                ("c.json", config),
                ("manifest.json", manifest),
            ]
        )
    )
    report = verify_layout(path)
    assert (report.findings, report.images, report.binaries) == ((), ("demo:1 linux/arm64",), 1)


def test_a_layout_in_a_tar_archive_is_read(maker: LayoutMaker, tmp_path: Path) -> None:
    maker.write(maker.image(tar_of(FILES)))
    path = tmp_path / "image.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(maker.folder, ".")
    report = verify_layout(path)
    assert (report.findings, report.images) == ((), ("latest linux/arm64",))


def test_what_is_no_image_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(gzip.compress(b"no"))
    with pytest.raises(InputError) as error:
        verify_layout(tmp_path / "x.tar.gz")
    assert str(error.value) == (
        f"cannot read image '{tmp_path / 'x.tar.gz'}': it is neither a folder nor an uncompressed tar archive; "
        "give an OCI layout, or what docker save wrote, uncompressed"
    )


def test_memory_does_not_grow_with_a_file(maker: LayoutMaker) -> None:
    path = maker.write(maker.image(tar_of({"big.so": elf_file("aarch64") + bytes(96 << 20)})))
    tracemalloc.start()
    try:
        assert verify_layout(path).findings == ()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 << 20, f"{peak / 1e6:.1f} MB at its peak"


def test_the_command_says_what_was_found(maker: LayoutMaker, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(maker.write(maker.image(tar_of(FILES))))
    assert main(["image", "verify", path]) == 0
    assert capsys.readouterr().out == (
        f"{path}: sound: latest linux/arm64; 1 layer, 0.0 MB unpacked, 1 binary\n"
    )


def test_a_refused_image_exits_8(maker: LayoutMaker, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(maker.write(maker.image(tar_of({"a.so": elf_file("x86_64")}))))
    assert main(["image", "verify", path, "--json"]) == 8
    report = json.loads(capsys.readouterr().out)
    assert (report["refused"], report["findings"][0]["file"]) == (True, "a.so")


def test_every_code_is_explained() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "image-findings.md").read_text()
    told = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert told == list(IMAGE_CODES)
    for code, row in IMAGE_CODES.items():
        line = next(line for line in page.splitlines() if line.startswith(f"| `{code}` "))
        assert f"| {row.severity.value} | {'yes' if row.acceptable else 'no'} |" in line
