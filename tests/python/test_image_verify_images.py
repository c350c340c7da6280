"""``crosswheel image verify`` on what is an image and what is none, and on layers on top of others."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.images.image_findings import ImageReport
from crosswheel.act.images.verify_layout import verify_layout
from crosswheel.command_line.main import main
from crosswheel.values.errors import InputError
from elf_files import elf_file
from layout_files import LayoutMaker, link, tar_of
from pe_files import pe_file

FILES = {"usr/": b"", "usr/a.txt": b"text", "usr/lib/_x.so": elf_file("aarch64")}


@pytest.fixture
def maker(tmp_path: Path) -> LayoutMaker:
    return LayoutMaker(tmp_path / "image")


def said(report: ImageReport) -> list[str]:
    return [str(finding) for finding in report.findings if finding.code != "blob-unused"]


def verdict(maker: LayoutMaker, *entries: dict[str, Any]) -> list[str]:
    return said(verify_layout(maker.write(*entries)))


@pytest.mark.parametrize(
    ("layer", "code", "message"),
    [
        (
            {"lib/own": b""},
            "folder-missing",
            "the layer has paths below it and no such folder: readers put them in different places",
        ),
        (
            {"lib/": b"", "lib/own": b""},
            "link-replaced",
            "a folder here: what that led to is not found by this name any more",
        ),
    ],
)
def test_a_layer_is_judged_on_top_of_those_below_it(
    maker: LayoutMaker, layer: dict[str, bytes], code: str, message: str
) -> None:
    lower = tar_of([("usr/lib/", b""), link("lib", "usr/lib")])
    # Two images of the same layers in another order: each layer is read once, and judged where it lies.
    images = maker.image(lower, tar_of(layer)), maker.image(tar_of(layer), lower, platform="linux/arm64/v9")
    report = verify_layout(maker.write(maker.nested(*images)))
    (only,) = said(report)
    assert only.startswith("latest linux/arm64, layer 2 of 2 (")
    assert only.partition("): ")[2] == (
        f"lib: it is a symbolic link to usr/lib in the layers below, and {message} [{code}]"
    )
    assert report.layers == 2
    assert report.refused is (code == "folder-missing")


def test_a_layout_without_an_image_is_refused(maker: LayoutMaker, capsys: pytest.CaptureFixture[str]) -> None:
    path = maker.write()
    assert main(["image", "verify", str(path)]) == 8
    assert capsys.readouterr().out == (
        f"{path}: refused: no image; 0 layers, 0.0 MB unpacked, 0 binaries\n"
        "  error: index.json: no image is in it: nothing is named there [image-missing]\n"
    )
    assert not verify_layout(path, accept=["image-missing"]).refused


def test_a_layout_of_artifacts_only_is_told_as_such(maker: LayoutMaker) -> None:
    chart = maker.document(
        {
            "schemaVersion": 2,
            "config": maker.blob(b"{}", "application/vnd.cncf.helm.config.v1+json"),
            "artifactType": "application/vnd.cncf.helm.chart",
            "layers": [maker.blob(b"chart", "application/vnd.cncf.helm.chart.content.v1.tar+gzip")],
        },
        "manifest.v1+json",
    )
    other = maker.blob(b"text", "text/plain")
    found = verdict(maker, chart, other)
    assert found[0] == (
        "index.json: no image is in it, only application/vnd.cncf.helm.chart, text/plain [image-missing]"
    )
    assert len(found) == 2  # and that text is no media type of an image


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"digest": "sha256:zz"}, "'sha256:zz': cannot read digest: "),
        ({"size": None}, "'size': the key is missing"),
        ({"mediaType": None}, "'mediaType': the key is missing"),
    ],
)
def test_a_wrong_descriptor_is_told_once(maker: LayoutMaker, change: dict[str, object], message: str) -> None:
    image = maker.image(tar_of(FILES))
    wrong = {**maker.image(tar_of({"a": b""}), platform="linux/amd64"), **change}
    report = verify_layout(maker.write(image, wrong))
    (only,) = said(report)
    assert message in only
    assert only.endswith("[document-invalid]")
    assert report.images == ("latest linux/arm64",)


def test_what_a_runtime_would_run_is_judged_whatever_it_is_called(maker: LayoutMaker) -> None:
    image = maker.image(tar_of({"a.so": elf_file("x86_64")}), manifest={"artifactType": "text/harmless"})
    annotations = {"vnd.docker.reference.type": "attestation-manifest"}
    maker.index["manifests"] = [{**image, "artifactType": "text/harmless", "annotations": annotations}]
    assert [one.code for one in verify_layout(maker.write()).findings] == ["wrong-machine"]


@pytest.mark.parametrize(
    ("config", "layer"),
    [
        ("application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip"),
        ("application/vnd.oci.image.config.v1+json", "application/vnd.dev.cosign.simplesigning.v1+json"),
    ],
)
def test_an_artifact_without_a_type_of_its_own_is_no_image(
    maker: LayoutMaker, config: str, layer: str
) -> None:
    artifact = maker.document(
        {
            "schemaVersion": 2,
            "config": maker.blob(b"{}", config),
            "layers": [maker.blob(b"signature", layer)],
        },
        "manifest.v1+json",
    )
    report = verify_layout(maker.write(maker.image(tar_of(FILES)), artifact))
    assert (report.findings, report.images) == ((), ("latest linux/arm64",))


def test_an_attestation_is_one_that_no_reader_would_run(maker: LayoutMaker) -> None:
    statement = maker.blob(b"{}", "application/vnd.in-toto+json")
    attested = maker.image(tar_of({}), platform="unknown/unknown", manifest={"layers": [statement]})
    attested["annotations"] = {"vnd.docker.reference.type": "attestation-manifest"}
    maker.write(maker.nested(maker.image(tar_of(FILES)), attested))
    report = verify_layout(maker.folder)
    assert ([one.code for one in report.findings if one.code != "blob-unused"], report.images) == (
        [],
        ("latest linux/arm64",),
    )


def test_a_blob_is_read_as_each_of_its_media_types_says(maker: LayoutMaker) -> None:
    image = maker.image(tar_of(FILES))
    whole = json.loads(maker.folder.joinpath("blobs/sha256", image["digest"][7:]).read_text())
    whole["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar"
    other = {**maker.document(whole, "manifest.v1+json"), "platform": image["platform"]}
    (only,) = verdict(maker, image, other)
    assert only.startswith("linux/arm64, layer 1 of 1 (")
    assert only.endswith("[layer-damaged]")


def test_the_name_of_an_image_is_one_line(maker: LayoutMaker, capsys: pytest.CaptureFixture[str]) -> None:
    path = maker.write(maker.image(tar_of(FILES)), name="a\nother: sound: \x1b[32mb")
    assert main(["image", "verify", str(path)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{path}: sound: a\\nother: sound: \\x1b[32mb linux/arm64; 1 layer, ")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"created": "yesterday"}, "created 'yesterday': it is no time as RFC 3339 has it, "),
        ({"created": "2026-02-30T00:00:00Z"}, "created '2026-02-30T00:00:00Z': it is no time as RFC 3339 "),
        ({"history": [{"created": "x"}]}, "history[0]/created 'x': it is no time as RFC 3339 has it, "),
        ({"config": {"ExposedPorts": {"80/tcp": "x"}}}, "80/tcp: an object is wanted, not a string "),
        ({"config": {"Cmd": ["a", 1]}}, "config/Cmd: a list of strings is wanted, not one with a number "),
    ],
)
def test_a_configuration_that_no_reader_takes_is_told(
    maker: LayoutMaker, config: dict[str, Any], message: str
) -> None:
    (only,) = verdict(maker, maker.image(tar_of(FILES), config=config))
    assert message in only
    assert only.endswith("[document-invalid]")


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00Z", "2026-01-31T12:00:00.123456789+01:00"])
def test_times_as_engines_write_them_are_right(maker: LayoutMaker, created: str) -> None:
    assert verdict(maker, maker.image(tar_of(FILES), config={"created": created})) == []


def test_a_number_that_json_does_not_have_is_refused(maker: LayoutMaker) -> None:
    (only,) = verdict(maker, maker.image(tar_of(FILES), config={"x": float("nan")}))
    assert "NaN is no number of JSON" in only
    assert only.endswith("[document-invalid]")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"WorkingDir": "app"}, "'app': it is no absolute path"),
        ({"ExposedPorts": {"99999999/xyz": {}}}, "'99999999/xyz': it is no number from 1 to 65535"),
        ({"StopSignal": "SIGFOO"}, "'SIGFOO': it is neither the name of a signal of Linux nor its number"),
        ({"Env": ["A=1", "A=2"]}, "'A': the variable is there twice"),
        ({"Env": ["A=1\0"]}, "'A=1\\0': it holds a NUL character, which no program can be given"),
        ({"WorkingDir": "/a\0b"}, "'/a\\0b': it holds a NUL character, which no program can be given"),
        ({"Cmd": ["a", "b\0"]}, "'b\\0': it holds a NUL character, which no program can be given"),
    ],
)
def test_a_setting_that_runtimes_refuse_is_a_warning(
    maker: LayoutMaker, settings: dict[str, Any], message: str
) -> None:
    report = verify_layout(maker.write(maker.image(tar_of(FILES), settings=settings)))
    (only,) = report.findings
    assert only.message.startswith(message)
    assert (only.code, report.refused) == ("setting-doubtful", False)


def test_a_name_with_nul_is_a_warning(maker: LayoutMaker) -> None:
    maker.write(maker.nested(maker.image(tar_of(FILES))), name="lat\0est")
    report = verify_layout(maker.folder)
    assert said(report) == [
        "index.json: the name 'lat\\0est': it holds a NUL character, which no program can be given [setting-doubtful]"
    ]
    assert not report.refused


@pytest.mark.parametrize("glob", ["/b/*", "//b/*", "b/*", ""])
def test_an_accept_may_begin_with_the_slash_of_the_path(maker: LayoutMaker, glob: str) -> None:
    path = maker.write(maker.image(tar_of({"b/_x.so": elf_file("s390x")})))
    assert not verify_layout(path, accept=[f"wrong-machine:{glob}"]).refused
    with pytest.raises(InputError, match="the image has no such finding"):
        verify_layout(path, accept=["wrong-machine:/"])


def test_code_of_another_system_is_judged_by_each_of_its_names(maker: LayoutMaker) -> None:
    links = [link(name, "d/x.dll", tarfile.LNKTYPE) for name in ("d/x.so", "d/y.dll")]
    layer = tar_of([("d/x.dll", pe_file()), *links, link("bin/x", "d/x.so", tarfile.LNKTYPE)])
    report = verify_layout(maker.write(maker.image(layer)))
    assert {one.file: one.code for one in report.findings} == {
        "d/x.dll": "foreign-format",
        "d/x.so": "wrong-format",
        "d/y.dll": "foreign-format",
        "bin/x": "wrong-format",
    }


def test_a_manifest_that_calls_itself_something_else_is_told(maker: LayoutMaker) -> None:
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    (only,) = verdict(maker, maker.image(tar_of(FILES), manifest={"mediaType": kind}))
    assert only == (
        f"latest linux/arm64: it calls itself {kind}, the index application/vnd.oci.image.manifest.v1+json "
        "[media-type-mismatch]"
    )


def test_a_base_that_is_no_digest_is_told(maker: LayoutMaker) -> None:
    annotations = {"org.opencontainers.image.base.digest": "nope"}
    (only,) = verdict(maker, maker.image(tar_of(FILES), manifest={"annotations": annotations}))
    assert "base.digest is no digest: 'nope' [setting-doubtful]" in only


@pytest.mark.parametrize(
    ("data", "message"),
    [("bm8=", "it holds other bytes than the digest says"), ("?", "it is not in base 64")],
)
def test_a_descriptor_whose_data_are_others_is_told(maker: LayoutMaker, data: str, message: str) -> None:
    (only,) = verdict(maker, {**maker.image(tar_of(FILES)), "data": data})
    assert only == f"index.json: manifests[0]/data: {message} [document-invalid]"


def test_an_index_longer_than_a_document_is_told(maker: LayoutMaker) -> None:
    path = maker.write(maker.image(tar_of(FILES)))
    with (path / "index.json").open("a") as stream:
        stream.write(" " * (4 << 20))
    assert said(verify_layout(path)) == ["index.json: it is longer than 4194304 bytes [document-invalid]"]


def test_a_marker_without_end_is_told(maker: LayoutMaker) -> None:
    path = maker.write(maker.image(tar_of(FILES)))
    (path / "oci-layout").write_text("[" * 200_000)
    assert said(verify_layout(path)) == [
        "oci-layout: the file is missing or names no imageLayoutVersion [layout-invalid]"
    ]


@pytest.mark.parametrize(
    ("manifest", "config", "settings", "place", "key", "known"),
    [
        ({"Layers": []}, {}, {}, "latest linux/arm64: ", "Layers", "layers"),
        ({"subject": None}, {}, {}, None, "", ""),
        ({"CONFIG": None}, {}, {}, "latest linux/arm64: ", "CONFIG", "config"),
        ({}, {"Architecture": "amd64"}, {}, "linux/arm64, configuration: ", "Architecture", "architecture"),
        ({}, {"hi\u017ftory": []}, {}, "linux/arm64, configuration: ", "hi\u017ftory", "history"),
        ({}, {}, {"ENTRYPOINT": ["x"]}, "configuration: config ", "ENTRYPOINT", "Entrypoint"),
        ({}, {}, {"Labels": {"a": "1", "A": "2"}}, None, "", ""),
        ({"annotations": {"mediatype": "x", "mediaType": "y"}}, {}, {}, None, "", ""),
    ],
)
def test_a_key_that_some_readers_take_for_another_is_told(
    maker: LayoutMaker,
    manifest: dict[str, Any],
    config: dict[str, Any],
    settings: dict[str, Any],
    place: str | None,
    key: str,
    known: str,
) -> None:
    found = verdict(maker, maker.image(tar_of(FILES), manifest=manifest, config=config, settings=settings))
    if place is None:
        assert found == []
        return
    (only,) = found
    assert only.endswith(
        f"{place}'{key}': some readers take the key for '{known}', others pass it over [document-invalid]"
    )


@pytest.mark.parametrize("value", [[], None])
def test_a_second_list_of_images_in_another_case_is_told(maker: LayoutMaker, value: object) -> None:
    image = maker.image(tar_of(FILES))
    maker.index["Manifests"] = value
    assert "index.json: 'Manifests': some readers take the key for 'manifests', " in verdict(maker, image)[0]


def test_a_document_that_could_be_either_is_told(maker: LayoutMaker) -> None:
    image = maker.image(tar_of(FILES), manifest={"manifests": []})
    maker.index["layers"] = []
    why = "has the key, so readers may take it for another document [document-invalid]"
    assert verdict(maker, image) == [
        f"index.json: 'layers': no image index {why}",
        f"latest linux/arm64: 'manifests': no image manifest {why}",
    ]


def test_what_is_wrong_alike_in_many_files_is_said_once(
    maker: LayoutMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"a.so": elf_file("x86_64"), "b.so": elf_file("x86_64"), "c.so": elf_file("s390x")}
    path = str(maker.write(maker.image(tar_of(files))))
    assert main(["image", "verify", path]) == 8
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == f"{path}: refused: latest linux/arm64; 1 layer, 0.0 MB unpacked, 3 binaries"
    heads = [line for line in lines if line.startswith("  error: ")]
    assert len(heads) == 2
    assert heads[0].startswith("  error: in 2 places: ")
    assert "x86_64" in heads[0]
    place = heads[1].removeprefix("  error: ").partition(": c.so: ")[0]
    assert place.startswith("latest linux/arm64, layer 1 of 1 (sha256:")
    assert lines[1:3] == [f"    {place}: a.so", f"    {place}: b.so"]
    assert ": c.so: " in heads[1]
    main(["image", "verify", path, "--json"])
    assert len(json.loads(capsys.readouterr().out)["findings"]) == 3
