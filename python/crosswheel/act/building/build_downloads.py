"""The folder with what a build would download: the files, and those unpacked that CMake is to take."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.building.sdist import unpack_archive
from crosswheel.act.storage.store import digest_of_file
from crosswheel.decide.plans.plan import PlannedDownload
from crosswheel.render.build_paths import BuildPaths
from crosswheel.render.download_settings import FETCH_CONTENT, render_fetch_content
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest

__all__ = ["RequestedDownload", "download_facts", "fill_downloads", "requested_downloads"]


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestedDownload:
    """A file that a build would download.

    Attributes:
        file: where it lies on the build machine, under any name.
        name: its name in the folder.
        fetch_content: name of the content that CMake takes it for; empty for none.
    """

    file: Path
    name: str
    fetch_content: str = ""


def requested_downloads(
    planned: Iterable[PlannedDownload], files: Mapping[Digest, Path]
) -> tuple[RequestedDownload, ...]:
    """Return the downloads of a plan, each with its file.

    Args:
        planned: the downloads.
        files: where their artifacts lie, by digest.
    """
    return tuple(
        RequestedDownload(file=files[one.artifact], name=one.filename, fetch_content=one.fetch_content)
        for one in planned
    )


def download_facts(downloads: Iterable[RequestedDownload]) -> JsonValue:
    """Return what the content of the folder hangs on."""
    return [[one.name, digest_of_file(one.file).hex, one.fetch_content] for one in downloads]


def fill_downloads(
    folder: Path, downloads: Iterable[RequestedDownload], paths: BuildPaths, *, source_date_epoch: int
) -> None:
    """Put the files into ``files/``, and what CMake takes into ``sources/``, with the settings that say so.

    Args:
        folder: an empty folder, which the build will see at `BuildPaths.downloads`.
        downloads: the files.
        paths: where things stand during the build.
        source_date_epoch: time given to everything.

    Raises:
        BuildError: an archive cannot be unpacked, or holds what could leave the folder.
    """
    files, sources = folder / "files", folder / "sources"
    files.mkdir()
    sources.mkdir()
    contents: list[str] = []
    for one in downloads:
        place = files / one.name
        shutil.copyfile(one.file, place)
        os.utime(place, (source_date_epoch, source_date_epoch))
        if one.fetch_content:
            contents.append(one.fetch_content)
            unpack_archive(place, sources / one.fetch_content, source_date_epoch=source_date_epoch)
    (folder / FETCH_CONTENT).write_text(render_fetch_content(contents, paths))
