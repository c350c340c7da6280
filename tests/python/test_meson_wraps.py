"""What a project's Meson wraps download."""

from __future__ import annotations

from crosswheel.decide.configuration.downloads import Download
from crosswheel.decide.planning.meson_wraps import wrap_downloads
from plan_values import digest

WRAP = f"""\
[wrap-file]
directory = parts-1
source_url = https://files.example/get?parts
source_filename = parts-1.tar.xz
source_hash = {digest("source").hex}
patch_url = https://files.example/patch
patch_filename = parts-1-patch.zip
patch_hash = {digest("patch").hex.upper()}

[provide]
parts = parts_dep
"""
SOURCE = Download(url="https://files.example/get?parts", sha256=digest("source"), filename="parts-1.tar.xz")
PATCH = Download(url="https://files.example/patch", sha256=digest("patch"), filename="parts-1-patch.zip")


def test_source_and_patch_are_pinned_by_the_wrap() -> None:
    assert wrap_downloads({"parts": WRAP}, {"parts.wrap", "packagefiles"}) == (PATCH, SOURCE)


def test_what_the_sdist_has_is_not_downloaded() -> None:
    assert wrap_downloads({"parts": WRAP}, {"parts-1"}) == ()
    assert wrap_downloads({"parts": WRAP}, {"packagecache/parts-1.tar.xz"}) == (PATCH,)
    assert wrap_downloads({"parts-1": WRAP.replace("directory = parts-1\n", "")}, {"parts-1"}) == ()


def test_two_wraps_of_one_file_are_one_download() -> None:
    assert wrap_downloads({"parts": WRAP, "again": WRAP}, ()) == (PATCH, SOURCE)


def test_what_no_file_is_named_by_is_left_to_meson() -> None:
    git = "[wrap-git]\nurl = https://files.example/parts.git\nrevision = 1.0\n"
    broken = WRAP.replace("[wrap-file]", "[wrap-file")
    without_hash = f"[wrap-file]\nsource_url = {SOURCE.url}\nsource_filename = parts-1.tar.xz\n"
    outside = WRAP.replace("= parts-1.tar.xz", "= ../parts-1.tar.xz")
    local = WRAP.replace("= https://files.example/get?parts", "= parts.tar.xz")
    wraps = {"git": git, "broken": broken, "without_hash": without_hash}
    assert wrap_downloads(wraps, ()) == ()
    assert wrap_downloads({"outside": outside}, ()) == (PATCH,)
    assert wrap_downloads({"local": local}, ()) == (PATCH,)
