"""The paths that a stack of layers has in the end."""

from __future__ import annotations

import pytest

from crosswheel.act.images.image_findings import ImageFinding
from crosswheel.act.images.layered_paths import LayeredPaths
from crosswheel.act.images.tar_stream import EntryKind, TarEntry


def layered(*paths: str) -> LayeredPaths:
    """Show entries: ``folder/``, ``link -> target``, or a file; ``|`` begins another layer."""
    found = LayeredPaths()
    for text in paths:
        if text == "|":
            found.next_layer()
            continue
        path, _, link = text.partition(" -> ")
        kind = EntryKind.SYMLINK if link else EntryKind.FOLDER if path.endswith("/") else EntryKind.FILE
        found.show(TarEntry(path=path, kind=kind, mode=0o755, uid=0, gid=0, size=0, link=link))
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


def test_a_finding_is_one_line_whatever_the_file_is_called() -> None:
    finding = ImageFinding(
        code="unsafe-path", place="layer 1", file="a\nb\x1b[0m", message="it leaves the layer"
    )
    text = str(finding)
    assert text.endswith(" [unsafe-path]")
    assert text.isprintable()
