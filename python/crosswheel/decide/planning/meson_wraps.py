"""What a project's Meson wraps download, with the digests that they pin: ``subprojects/*.wrap`` of an sdist.

https://mesonbuild.com/Wrap-dependency-system-manual.html
"""

from __future__ import annotations

import configparser
from collections.abc import Collection, Iterator, Mapping

from crosswheel.decide.configuration.downloads import Download, is_plain_name
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError
from crosswheel.values.urls import is_web_url

__all__ = ["wrap_downloads"]


def wrap_downloads(wraps: Mapping[str, str], present: Collection[str]) -> tuple[Download, ...]:
    r"""Return the files that wraps download, sorted by name; those of a wrap for Git are no files.

    Args:
        wraps: the texts of the wrap files, by name without ``.wrap``.
        present: what lies in ``subprojects``, and in ``subprojects/packagecache`` with that folder before it.

    >>> text = "[wrap-file]\nsource_url = https://x.example/p-1.tar\nsource_filename = p-1.tar\nsource_hash = " + "0" * 64
    >>> [one.filename for one in wrap_downloads({"p": text}, ())], wrap_downloads({"p": text}, {"p"})
    (['p-1.tar'], ())
    """
    found: dict[str, Download] = {}
    for name in sorted(wraps):
        for one in _downloads(name, wraps[name], present):
            found.setdefault(one.filename, one)
    return tuple(found[filename] for filename in sorted(found))


def _downloads(name: str, text: str, present: Collection[str]) -> Iterator[Download]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return  # Meson says what is wrong with it
    if "wrap-file" not in parser or parser["wrap-file"].get("directory", name) in present:
        return
    for kind in ("source", "patch"):
        values = [parser["wrap-file"].get(f"{kind}_{key}", "") for key in ("url", "filename", "hash")]
        one = _download(*values)
        if one is not None and f"packagecache/{one.filename}" not in present:
            yield one


def _download(url: str, filename: str, digest: str) -> Download | None:
    if not is_web_url(url) or not is_plain_name(filename):
        return None
    try:
        return Download(url=url, sha256=Digest(digest.lower()), filename=filename)
    except InputError:
        return None
