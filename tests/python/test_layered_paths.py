"""The paths that a stack of layers has in the end."""

from __future__ import annotations

import pytest

from crosswheel.act.images.image_findings import ImageFinding
from crosswheel.act.images.layered_paths import LayeredPaths, PathEntry
from crosswheel.act.images.stacked_layers import stacked_findings


def entries(*texts: str) -> list[PathEntry]:
    """The entries that texts mean: ``folder/``, ``link -> target``, or a file."""
    found = []
    for text in texts:
        path, _, link = text.partition(" -> ")
        found.append(PathEntry(path.rstrip("/"), link or None, path.endswith("/")))
    return found


def layered(*texts: str) -> LayeredPaths:
    """Show entries; ``|`` begins another layer."""
    found = LayeredPaths()
    rest = list(texts)
    while rest:
        end = rest.index("|") if "|" in rest else len(rest)
        found.add_layer(entries(*rest[:end]))
        rest = rest[end + 1 :]
    return found


@pytest.mark.parametrize(
    ("later", "left"),
    [
        ("etc/.wh.a", {"etc/b", "bin", "usr/bin/x"}),
        (".wh.etc", {"bin", "usr/bin/x"}),
        ("etc/.wh..wh..opq", {"bin", "usr/bin/x"}),
        (".wh..wh..opq", set()),
        (".wh.bin", {"etc/a", "etc/b", "usr/bin/x"}),
        (".wh.et", {"etc/a", "etc/b", "bin", "usr/bin/x"}),
        ("etc", {"etc", "bin", "usr/bin/x"}),
        ("etc -> usr", {"etc", "bin", "usr/bin/x"}),
        ("etc/", {"etc/a", "etc/b", "bin", "usr/bin/x"}),
    ],
)
def test_what_a_later_layer_takes_away(later: str, left: set[str]) -> None:
    paths = layered("etc/", "etc/a", "etc/b", "usr/bin/x", "bin -> usr/bin", "|", later)
    assert set(paths.names()) == left
    assert paths.is_folder("etc") is (
        later in {"etc/", "etc/.wh.a", "etc/.wh..wh..opq", ".wh.bin", ".wh.et", "etc -> usr"}
    )


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("whiteout", ["etc/.wh..wh..opq", ".wh.etc", "etc/.wh.a"])
def test_a_whiteout_takes_nothing_of_its_own_layer(whiteout: str, order: int) -> None:
    paths = layered("etc/a", "etc/inner/b", "|", *("etc/inner/c", "etc/a", whiteout)[::order])
    assert set(paths.names()) - {"etc/inner/b"} == {"etc/inner/c", "etc/a"}
    assert paths.is_folder("etc/inner")
    assert paths.is_file("etc/inner/b") is (whiteout == "etc/.wh.a")


def test_a_file_that_files_of_a_later_layer_lie_below_is_a_folder() -> None:
    paths = layered("etc", "|", "etc/a")
    assert (set(paths.names()), paths.is_folder("etc"), paths.is_file("etc")) == ({"etc/a"}, True, False)


def test_paths_by_which_links_lead_there_as_well() -> None:
    paths = layered("usr/bin/python", "usr/bin/sh", "bin -> usr/bin", "sbin -> bin", "lost -> nowhere")
    assert set(paths.other_names(["usr/bin/python"])) == {"bin/python", "sbin/python"}


@pytest.mark.parametrize(
    ("layer", "found"),
    [
        ("lib/x", {"lib": "folder-missing"}),
        ("lib/deep/x", {"lib": "folder-missing"}),
        ("lib/.wh.x", {"lib": "folder-missing"}),
        ("ahead/x", {"ahead": "folder-missing"}),
        ("etc/passwd/x", {"etc/passwd": "folder-missing"}),
        ("lib/", {"lib": "link-replaced"}),
        ("lib/x lib/", {"lib": "link-replaced"}),
        # A file or a link takes a link's place, and a folder a file's, with every reader.
        ("lib", {}),
        ("lib->usr", {}),
        ("etc/passwd/", {}),
        ("usr/lib/x", {}),
        # What a whiteout removes is meant to be gone.
        (".wh.lib lib/x", {}),
        ("lib/x .wh.lib", {}),
        ("lib/ lib/.wh..wh..opq", {}),
        ("lib/.wh..wh..opq", {"lib": "folder-missing"}),
        (".wh.inner inner/lib/x", {}),
        ("inner/.wh..wh..opq inner/lib/x", {}),
        (".wh..wh..opq lib/x", {}),
        ("inner/lib/x", {"inner/lib": "folder-missing"}),
    ],
)
def test_a_folder_in_place_of_a_link_is_told(layer: str, found: dict[str, str]) -> None:
    below = layered(
        "usr/lib/", "lib -> usr/lib", "ahead -> srv", "etc/passwd", "inner/", "|", "inner/lib -> /usr/lib"
    )
    told = stacked_findings(entries(*(text.replace("->", " -> ") for text in layer.split())), below, "here")
    assert {one.file: one.code for one in told} == found


def test_a_folder_that_another_layer_replaced_a_link_by_is_a_folder() -> None:
    below = layered("lib -> usr/lib", "|", "lib/")
    assert list(stacked_findings(entries("lib/x"), below, "here")) == []


def test_a_finding_is_one_line_whatever_the_file_is_called() -> None:
    finding = ImageFinding(
        code="unsafe-path", place="layer 1", file="a\nb\x1b[0m", message="it leaves the layer"
    )
    text = str(finding)
    assert text.endswith(" [unsafe-path]")
    assert text.isprintable()
