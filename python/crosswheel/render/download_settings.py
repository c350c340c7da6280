"""What build systems are told of the pinned downloads, so that they take what is there.

CMake's FetchContent takes a folder in place of a download
(https://cmake.org/cmake/help/latest/module/FetchContent.html#variable:FETCHCONTENT_SOURCE_DIR_%3CuppercaseName%3E),
Meson a file of the right name and hash (https://mesonbuild.com/Wrap-dependency-system-manual.html, since 1.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crosswheel.render.build_paths import BuildPaths

__all__ = ["DOWNLOADS", "FETCH_CONTENT", "download_folder", "download_variables", "render_fetch_content"]

#: What stands for the folder of the files in a package's variables and settings.
DOWNLOADS = "{downloads}"
#: Name of the file below `BuildPaths.downloads`, which the toolchain file reads if it is there.
FETCH_CONTENT = "fetch-content.cmake"


def download_folder(paths: BuildPaths) -> str:
    """Return the folder of the files."""
    return f"{paths.downloads}/files"


def download_variables(paths: BuildPaths) -> Mapping[str, str]:
    """Return the variables of a build that has downloads."""
    return {"MESON_PACKAGE_CACHE_DIR": download_folder(paths)}


def render_fetch_content(contents: Iterable[str], paths: BuildPaths) -> str:
    """Return the text of the file.

    Args:
        contents: names as ``FetchContent_Declare`` has them; each lies unpacked in a folder of its name.
        paths: where things stand during the build.
    """
    lines = [
        f'set(FETCHCONTENT_SOURCE_DIR_{name.upper()} "{paths.downloads}/sources/{name}" CACHE PATH "")\n'
        for name in sorted(contents)
    ]
    return "# What FetchContent takes in place of a download. Rendered by crosswheel.\n" + "".join(lines)
