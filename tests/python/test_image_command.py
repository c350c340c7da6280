"""``crosswheel image``: what is written, that it is sound, and that it is the same every time."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.images.verify_layout import verify_layout
from crosswheel.command_line.main import main
from crosswheel.target.targets import parse_target_id
from elf_files import extension_module
from image_projects import enter_image_project
from made_wheels import make_wheel

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a wheel repository, a base and an application, which is the working directory."""
    enter_image_project(tmp_path, monkeypatch)
    return tmp_path


def image(*words: str, base: str = "base") -> int:
    usual = {"-o": "image", "--max-layers": "1", "--base": base}
    given = [part for pair in usual.items() if pair[0] not in words for part in pair]
    return main(["image", "dist", "--quiet", *given, *words])


def blob(digest: str, *, layout: str = "image") -> bytes:
    return Path(layout, "blobs/sha256", digest.partition(":")[2]).read_bytes()


def documents(layout: str = "image") -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return index.json, the manifest and the configuration of a layout with one image."""
    index = json.loads(Path(layout, "index.json").read_text())
    manifest = json.loads(blob(index["manifests"][0]["digest"], layout=layout))
    return index, manifest, json.loads(blob(manifest["config"]["digest"], layout=layout))


def listing(layer: Mapping[str, Any]) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(blob(layer["digest"]))) as archive:
        return {info.name: info for info in archive}


def test_the_image_is_sound(folder: Path) -> None:
    assert image("--app", "src", "--entrypoint", "python -m app") == 0
    report = verify_layout(Path("image"))
    assert ([str(one) for one in report.findings], report.images) == ([], ("latest linux/arm64",))


def test_the_base_is_taken_over_as_it_is_and_the_layers_follow(folder: Path) -> None:
    image("--app", "src")
    index, manifest, config = documents()
    inner = json.loads(
        blob(json.loads(Path("base/index.json").read_text())["manifests"][0]["digest"], layout="base")
    )
    of_base = json.loads(blob(inner["manifests"][0]["digest"], layout="base"))
    assert manifest["layers"][0] == of_base["layers"][0]
    names = [layer["annotations"]["org.opencontainers.image.title"] for layer in manifest["layers"][1:]]
    assert names == ["environment", "shared_0", "application"]
    assert len(config["history"]) == len(config["rootfs"]["diff_ids"]) == len(manifest["layers"])
    assert manifest["annotations"] == {
        "org.opencontainers.image.base.digest": inner["manifests"][0]["digest"],
        "org.opencontainers.image.base.name": "example.org/base:1",
        "org.opencontainers.image.created": "1980-01-01T00:00:00Z",
    }
    assert index["manifests"][0]["platform"] == {"os": "linux", "architecture": "arm64"}
    assert (index["schemaVersion"], index["mediaType"]) == (2, "application/vnd.oci.image.index.v1+json")


def test_the_wheels_are_in_a_virtual_environment_of_the_bases_python(folder: Path) -> None:
    image()
    _, manifest, _ = documents()
    environment, wheels = map(listing, manifest["layers"][1:])
    assert environment["opt/venv/bin/python3.11"].linkname == "/usr/bin/python3.11"
    assert environment["opt/venv/bin/python"].linkname == "python3.11"
    assert "opt/venv/pyvenv.cfg" in environment
    assert "opt/venv/lib/python3.11/site-packages/demo/__init__.py" in wheels
    with tarfile.open(fileobj=io.BytesIO(blob(manifest["layers"][2]["digest"]))) as archive:
        script = archive.extractfile("opt/venv/bin/demo")
        assert script is not None
        assert script.readline() == b"#!/opt/venv/bin/python3.11\n"


def test_modules_are_compiled_where_asked(folder: Path) -> None:
    assert image() == 0
    plain = set(listing(documents()[1]["layers"][2]))
    assert image("--bytecode") == 0
    more = set(listing(documents()[1]["layers"][2])) - plain
    site = "opt/venv/lib/python3.11/site-packages"
    assert f"{site}/demo/__pycache__/__init__.cpython-311.pyc" in more
    assert all(path.endswith(("__pycache__", ".pyc")) for path in more)


def test_modules_without_bytecode_are_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = make_wheel(folder / "own", "own", files={"own/template.py": b"{{ name }} = \n"})
    words = ["--bytecode", "--wheel", str(broken)]
    assert main(["image", "dist", "--base", "base", "-o", "image", *words]) == 0
    told = "note: 1 module could not be compiled, no bytecode of it is there"
    assert told in capsys.readouterr().err.splitlines()


def test_ports_are_numbers_and_variables_have_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert image("--port", "080", "--port", "0053/udp") == 0
    assert list(documents()[2]["config"]["ExposedPorts"]) == ["53/udp", "80/tcp"]
    assert image("--port", "000") == 3
    assert image("--env", "A B=1") == 3
    told = "cannot give an image the variable 'A B': the name of a variable is a word without blanks and without '='"
    assert told in capsys.readouterr().err


def test_a_path_without_the_environment_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path, told in (("/opt/venv/bin:/bin", False), ("/bin", True)):
        assert main(["image", "dist", "--base", "base", "-o", "image", "--env", f"PATH={path}"]) == 0
        assert ("the PATH that is given lacks /opt/venv/bin" in capsys.readouterr().err) is told


def test_an_empty_path_is_not_the_working_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["image", "dist", "--base", "base", "-o", ""]) == 2
    assert "argument -o/--output: the value is empty" in capsys.readouterr().err


def test_settings_are_inherited_and_laid_over(folder: Path) -> None:
    image(
        "--app",
        "src:/srv",
        "--entrypoint",
        "python -m 'a b'",
        "--env",
        "X=1",
        "--label",
        "c=d",
        "--port",
        "8000",
    )
    assert documents()[2]["config"] == {
        "Env": ["PATH=/opt/venv/bin:/usr/bin", "LANG=C", "X=1"],
        "Entrypoint": ["python", "-m", "a b"],
        "WorkingDir": "/srv",
        "User": "app",
        "Labels": {"a": "b", "c": "d"},
        "ExposedPorts": {"8000/tcp": {}},
    }


def digest_of_tree(layout: Path) -> str:
    hashed = hashlib.sha256()
    for path in sorted(layout.rglob("*")):
        if path.is_file():
            hashed.update(
                f"{path.relative_to(layout)} {path.stat().st_mode:o}\n".encode() + path.read_bytes()
            )
    return hashed.hexdigest()


def test_the_same_is_the_same_in_every_byte(folder: Path) -> None:
    image("--app", "src")
    first = digest_of_tree(Path("image"))
    os.utime("src/app.py", (1, 1))
    image("--app", "src")
    assert digest_of_tree(Path("image")) == first
    image("--app", "src", "-o", "elsewhere/deep")
    assert digest_of_tree(Path("elsewhere/deep")) == first


def test_the_time_is_the_users_and_changes_no_layer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image("--app", "src", "--bytecode")
    layers = documents()[1]["layers"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    image("--app", "src", "--bytecode")
    _, manifest, config = documents()
    assert config["created"] == config["history"][-1]["created"] == "1970-01-02T00:00:00Z"
    assert {info.mtime for info in listing(manifest["layers"][-1]).values()} == {315_532_800}
    assert manifest["layers"] == layers


def test_a_wrong_binary_in_the_application_leaves_no_image(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("src/_y.so").write_bytes(extension_module("_y", "x86_64"))
    assert image("--app", "src") == 8
    assert "cannot put into an image 'app/_y.so': it is a binary for x86_64" in capsys.readouterr().err
    assert not Path("image").exists()


def test_what_is_no_image_of_ours_is_not_replaced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert image("-o", "src") == 12
    assert capsys.readouterr().err == (
        f"error: cannot write image '{folder}/src': the folder holds something else (it has no .crosswheel-image.json); remove "
        "it or choose another folder\n"
    )


def test_the_bill_of_materials_stands_beside_the_blobs(folder: Path) -> None:
    image()
    sbom = json.loads(Path("image/sbom/linux-arm64.cdx.json").read_text())
    purls = [one["purl"] for one in sbom["components"] if "purl" in one]
    assert purls == ["pkg:pypi/demo@1.0", "pkg:pypi/pure@1.0"]
    index, manifest, _ = documents()
    assert sbom["metadata"]["component"]["version"] == index["manifests"][0]["digest"]
    (base,) = (one for one in sbom["components"] if one["type"] == "container")
    digest = manifest["annotations"]["org.opencontainers.image.base.digest"]
    assert (base["name"], base["version"]) == ("example.org/base:1", digest)
    image("--sbom", "none")
    assert not Path("image/sbom").exists()


def test_the_bill_of_materials_can_be_an_artifact_about_the_image(folder: Path) -> None:
    image("--sbom", "referrer")
    index, *_ = documents()
    named, referrer = index["manifests"]
    artifact = json.loads(blob(referrer["digest"]))
    assert artifact["subject"]["digest"] == named["digest"]
    assert artifact["artifactType"] == referrer["artifactType"] == "application/vnd.cyclonedx+json"
    report = verify_layout(Path("image"))
    assert (report.findings, report.images) == ((), ("latest linux/arm64",))


def test_scratch_holds_nothing_but_our_layers(folder: Path) -> None:
    assert image("--interpreter", "/usr/local/bin/python3.11", "--user", "1000", base="scratch") == 0
    _, manifest, config = documents()
    assert len(manifest["layers"]) == 2
    assert config["config"]["User"] == "1000"
    assert "org.opencontainers.image.base.digest" not in manifest["annotations"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--env", "X"], "cannot read variable 'X': it is not of the form NAME=VALUE; write it so"),
        (
            ["--entrypoint", "a 'b"],
            "cannot read command 'a 'b': no closing quotation; quote it as for a shell",
        ),
        (
            ["--base", "linux/s390x=base"],
            f"cannot choose target 'linux/s390x': what is there is for {ARM.id}; name one of these, or plan again with this target",
        ),
        (
            ["--base", "gone"],
            "cannot find base 'gone': there is no such file or folder; give a base lock, an OCI layout, what docker save wrote, or scratch",
        ),
        (
            ["--base", "python:3.12-slim"],
            (
                "cannot find base 'python:3.12-slim': there is no such file or folder, and images are not fetched from a registry; copy it, "
                "e.g. `skopeo copy --all docker://docker.io/library/python:3.12-slim oci:base`, and give that: --base base"
            ),
        ),
        (
            ["--prefix", "venv"],
            "cannot put wheels at prefix 'venv': it is not an absolute path of a folder below the root; give for example /usr/local or /app",
        ),
    ],
)
def test_wrong_words_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert image(*words) == 3
    assert capsys.readouterr().err == f"error: {message}\n"


def test_json_says_what_was_made(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image("--json")
    said = json.loads(capsys.readouterr().out)
    (platform,) = said["platforms"]
    assert (said["digest"], platform["platform"], platform["target"]) == (
        documents()[0]["manifests"][0]["digest"],
        "linux/arm64",
        ARM.id,
    )


def test_a_wheel_of_the_users_own_is_in_a_layer_of_its_own_on_top(folder: Path) -> None:
    own = make_wheel(folder / "own", "My.App", "2.0", files={"my_app/__init__.py": b""})
    assert image("--wheel", str(own), "--max-layers", "9", "--app", "src") == 0
    _, manifest, _ = documents()
    names = [layer["annotations"]["org.opencontainers.image.title"] for layer in manifest["layers"][1:]]
    assert names[-2:] == ["my-app", "application"]
    assert "opt/venv/lib/python3.11/site-packages/my_app/__init__.py" in listing(manifest["layers"][-2])


def test_a_wheel_of_the_users_own_is_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"x/_x.cpython-311-x86_64-linux-gnu.so": extension_module("_x", "x86_64")}
    wrong = make_wheel(folder / "own", "x", files=files, tag="cp311-cp311-linux_x86_64")
    again = make_wheel(folder / "own", "pure", "2.0")
    assert image("--wheel", str(wrong), "--wheel", str(again)) == 8
    first, last = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert first.startswith("error: cannot use wheel 'x-1.0-cp311-cp311-linux_x86_64.whl': ")
    assert last == (
        "error: cannot put into an image wheel 'pure-2.0-py3-none-any.whl': pure-1.0-py3-none-any.whl is in it already; leave one of "
        "them out"
    )


@pytest.mark.parametrize("compression", ["none", "zstd"])
def test_layers_of_other_forms_are_sound(folder: Path, compression: str) -> None:
    assert image("--app", "src", "--compression", compression) == 0
    report = verify_layout(Path("image"))
    assert ([str(one) for one in report.findings], report.refused) == ([], False)
    _, manifest, _ = documents()
    ending = {"none": ".layer.v1.tar", "zstd": ".layer.v1.tar+zstd"}[compression]
    assert all(layer["mediaType"].endswith(ending) for layer in manifest["layers"][1:])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--tag", "bad tag!"],
            (
                "cannot give an image the tag 'bad tag!': it is no name of an image: letters and digits with single ._-:@+ between them, in "
                "parts with /; use for example 1.0 or latest"
            ),
        ),
        (
            ["--port", "99999"],
            (
                "cannot expose port '99999/tcp': it is no number from 1 to 65535, with /tcp, /udp or /sctp behind it or without; write for "
                "example 8000 or 53/udp"
            ),
        ),
        (
            ["--workdir", "app"],
            "cannot start containers in 'app': it is no absolute path; write for example /app",
        ),
        (
            ["--interpreter", "python"],
            (
                "cannot run the base's Python 'python': it is no absolute path; write for example /usr/bin/python3.11, or leave it "
                "out"
            ),
        ),
        (
            ["--workdir", "/a/../b"],
            "cannot start containers in '/a/../b': it has '..' in it; write for example /app",
        ),
        *(
            (
                [f"--user={user}"],
                (
                    f"cannot run containers as '{user}': it is neither a user's name nor a number, with a group's after a colon or "
                    "without; write for example 65532:65532"
                ),
            )
            for user in ("a b", "-1", "99999999999", "1000:")
        ),
        (
            ["--label", "a=\udcff"],
            "cannot give an image the label 'a=\\udcff': it is no UTF-8; write it in UTF-8, in a locale of UTF-8",
        ),
        (
            ["--annotation", "org.opencontainers.image.base.digest=foo"],
            (
                "cannot give an image the annotation 'org.opencontainers.image.base.digest=foo': it is no digest; write sha256: and 64 "
                "hexadecimal digits, or leave it out: an image says so of its base by itself"
            ),
        ),
        (
            ["--annotation", "org.opencontainers.image.created=foo"],
            (
                "cannot give an image the annotation 'org.opencontainers.image.created=foo': it is no time as RFC 3339 has it; write for "
                "example 2026-01-31T12:00:00Z"
            ),
        ),
        (
            ["--env", "A=1", "--env", "A=2"],
            "cannot read variable 'A=2': 'A' was given before, as '1'; give it once",
        ),
        (
            ["--entrypoint", " "],
            "cannot start containers by '': it names no program; name one, or leave the entry point out",
        ),
        (
            ["--stop-signal", "SIGSTOPP"],
            "cannot stop containers by 'SIGSTOPP': it is neither the name of a signal of Linux nor its number; write for example SIGINT",
        ),
        (
            ["--app", "src:/a/../b"],
            (
                "cannot put the application at '/a/../b': it is not the absolute path of a folder below the root; give for example /app or "
                "/srv/web"
            ),
        ),
        (
            ["--app", "src:/"],
            (
                "cannot put the application at '/': it is not the absolute path of a folder below the root; give for example /app or "
                "/srv/web"
            ),
        ),
        (
            ["-o", "base"],
            "cannot write image 'base': it is the base, which would be lost; give another place with -o",
        ),
        (
            ["--exclude", "*.pyc"],
            "cannot exclude '*.pyc': it is of an application, and none is given; give --app",
        ),
        (
            ["--base", "src"],
            "cannot use base image 'src': it is no OCI layout: it has no index.json; see `crosswheel image verify`, and copy the base again",
        ),
    ],
)
def test_words_that_a_runtime_would_refuse_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    assert image(*words) == 3
    assert capsys.readouterr().err == f"error: {message}\n"


@pytest.mark.parametrize("tag", ["1.0", "example.org/team/app:1.0_a", "a--b"])
def test_tags_are_what_readers_take(folder: Path, tag: str) -> None:
    assert image("--tag", tag) == 0
    assert documents()[0]["manifests"][0]["annotations"] == {"org.opencontainers.image.ref.name": tag}


def test_a_tag_of_the_base_may_hold_colons(folder: Path) -> None:
    assert image(base="base:example.org/base:1") == 0
    first = documents()[0]
    assert image() == 0
    assert documents()[0] == first


def test_a_damaged_base_cannot_be_accepted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in Path("base/blobs/sha256").iterdir():
        if path.read_bytes()[:2] == b"\x1f\x8b":
            path.write_bytes(path.read_bytes() + b"x")
    assert image() == 8
    message = capsys.readouterr().err
    assert "[blob-mismatch]; get it again, or have it made anew\n" in message
    assert "--accept" not in message


def test_an_image_nowhere_is_refused_and_not_tried_for_ever(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert image("-o", "/proc/image") == 12
    assert "cannot write image '/proc/image': " in capsys.readouterr().err
