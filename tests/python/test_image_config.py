"""What an image inherits from its base, and how its documents are read and printed."""

from __future__ import annotations

import json

import pytest

from crosswheel.decide.documents.json_fields import Faults
from crosswheel.decide.images.image_config import (
    ContainerSettings,
    HistoryEntry,
    ImageConfig,
    config_to_json,
    inherited,
    read_config,
)
from crosswheel.decide.images.oci_documents import oci_layer_type
from crosswheel.decide.images.oci_json import document_fields
from crosswheel.values.digests import digest_of
from crosswheel.values.oci_descriptors import OciPlatform

BASE = ContainerSettings(
    env={"PATH": "/usr/bin", "LANG": "C"},
    entrypoint=("/bin/start",),
    cmd=("--base",),
    working_dir="/srv",
    user="www",
    labels={"a": "base", "b": "base"},
    exposed_ports=("80/tcp",),
    volumes=("/data",),
    stop_signal="SIGQUIT",
)


def test_nothing_said_is_the_bases() -> None:
    assert inherited(BASE, ContainerSettings()) == BASE


def test_variables_labels_and_ports_add_up() -> None:
    own = ContainerSettings(
        env={"LANG": "C.UTF-8", "X": "1"}, labels={"b": "own"}, exposed_ports=("443/tcp",), volumes=("/more",)
    )
    found = inherited(BASE, own)
    assert list(found.env.items()) == [("PATH", "/usr/bin"), ("LANG", "C.UTF-8"), ("X", "1")]
    assert found.labels == {"a": "base", "b": "own"}
    assert (found.exposed_ports, found.volumes) == (("443/tcp", "80/tcp"), ("/data", "/more"))


def test_an_entry_point_of_its_own_drops_the_bases_arguments() -> None:
    found = inherited(BASE, ContainerSettings(entrypoint=("python",)))
    assert (found.entrypoint, found.cmd) == (("python",), None)
    found = inherited(BASE, ContainerSettings(cmd=("--own",)))
    assert (found.entrypoint, found.cmd) == (("/bin/start",), ("--own",))


def test_user_folder_and_signal_are_replaced() -> None:
    found = inherited(BASE, ContainerSettings(user="0", working_dir="/app", stop_signal="SIGINT"))
    assert (found.user, found.working_dir, found.stop_signal) == ("0", "/app", "SIGINT")


def test_a_configuration_is_read_back() -> None:
    config = ImageConfig(
        platform=OciPlatform(os="linux", architecture="arm", variant="v7"),
        settings=BASE,
        diff_ids=(digest_of(b""),),
        history=(HistoryEntry(created_by="x", empty_layer=True), HistoryEntry(comment="y")),
        created="1980-01-01T00:00:00Z",
        author="me",
    )
    faults = Faults("read", "config")
    fields = document_fields(config_to_json(config), faults)
    assert fields is not None
    assert (read_config(fields), faults.found) == (config, [])


def test_the_text_is_canonical() -> None:
    text = config_to_json(ImageConfig(platform=OciPlatform(os="linux", architecture="amd64")))
    assert text == (
        b'{"architecture":"amd64","config":{},"history":[],"os":"linux","rootfs":{"diff_ids":[],"type":"layers"}}'
    )


def test_null_is_nothing_and_all_faults_are_told() -> None:
    document = {
        "os": "linux",
        "architecture": None,
        "config": {"Env": ["A"], "Cmd": None, "Labels": {"x": 1}},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:0"]},
    }
    faults = Faults("read image", "config")
    fields = document_fields(json.dumps(document).encode(), faults)
    assert fields is not None
    assert read_config(fields).settings.cmd is None
    assert [str(fault) for fault in faults.found] == [
        (
            "config: rootfs: diff_ids[0]: cannot read image 'sha256:0': cannot read digest: it is not 64 hexadecimal digits; "
            "give the SHA-256 in lower-case hex"
        ),
        (
            "config: cannot read image 'architecture': the key is missing; make the file anew, or undo the edit"
        ),
        (
            "config: config: Env: cannot read image 'A': a variable is written NAME=value; make the file anew, or undo the edit"
        ),
        (
            "config: config: Labels: x: cannot read image: a string is wanted, not a number; make the file anew, or undo the edit"
        ),
    ]


def test_a_missing_history_is_filled_so_that_one_can_follow() -> None:
    config = ImageConfig(platform=OciPlatform(os="linux", architecture="amd64"))
    assert len(config.with_history(3).history) == 3
    told = ImageConfig(platform=config.platform, history=(HistoryEntry(empty_layer=True), HistoryEntry()))
    assert told.with_history(1) is told


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "application/vnd.oci.image.layer.v1.tar+gzip",
        ),
        ("application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar"),
        ("application/x", "application/x"),
    ],
)
def test_dockers_layers_are_called_as_oci_does(theirs: str, ours: str) -> None:
    assert oci_layer_type(theirs) == ours


@pytest.mark.parametrize(
    ("variant", "normalized"), [("v8", "linux/arm64"), ("v9", "linux/arm64/v9"), ("", "linux/arm64")]
)
def test_platforms_are_compared_as_containerd_does(variant: str, normalized: str) -> None:
    platform = OciPlatform(os="linux", architecture="arm64", variant=variant)
    assert str(platform.normalized) == normalized
