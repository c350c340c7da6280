"""Paths of images: what skopeo writes before them is told, with what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.images.base_sources import find_base_source
from crosswheel.command_line.main import main
from crosswheel.values.errors import InputError
from image_bases import base_layout


@pytest.mark.parametrize("transport", ["docker-archive", "oci", "oci-archive"])
def test_what_skopeo_writes_before_a_path_is_told(transport: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        find_base_source(f"{transport}:{tmp_path}:v1")
    assert str(error.value) == (
        f"cannot find base '{transport}:{tmp_path}:v1': nothing of that name is there, and what kind of image a path is of goes without "
        f"saying; give it alone, --base {tmp_path}:v1"
    )


COPY = "copy it, e.g. `skopeo copy --all {} oci:base`, and give that: --base base"
MISSING = (
    "there is no file or folder {}; give the path of an OCI layout, or of what docker save wrote, without {}:"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("docker://python:3.11-slim", COPY.format("docker://docker.io/library/python:3.11-slim")),
        ("docker-daemon:app:1", COPY.format("docker-daemon:app:1")),
        ("dir:there", f"a folder of skopeo's `dir:` is no OCI layout; {COPY.format('dir:there')}"),
        ("dir:none", MISSING.format("none", "dir")),
        ("docker-archive:none.tar", MISSING.format("none.tar", "docker-archive")),
        ("oci-archive:none.tar:v1", MISSING.format("none.tar:v1", "oci-archive")),
        ("python:3.11-slim", COPY.format("docker://docker.io/library/python:3.11-slim")),
    ],
)
def test_what_skopeo_names_is_copied_or_looked_for(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there").mkdir()
    with pytest.raises(InputError) as error:
        find_base_source(text)
    assert str(error.value).startswith(f"cannot find base '{text}': ")
    assert str(error.value).endswith(said)


@pytest.mark.parametrize("command", [["image", "verify"], ["diff", "there"]])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("oci:there", "goes without saying; give it alone, there"),
        (
            "docker://app",
            "`skopeo copy --all docker://docker.io/library/app:latest oci:base`, and give that: base",
        ),
    ],
)
def test_other_commands_tell_what_skopeo_writes_before_a_path(
    command: list[str],
    name: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    base_layout(Path("there"))
    assert main([*command, name]) == 3
    assert said in capsys.readouterr().err
