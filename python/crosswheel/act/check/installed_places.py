"""Where a wheel's members end up, and which of those places Python would run unasked."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["installed_path", "start_up_place"]

# A flat layout (pip's --target) puts the schemes purelib, platlib and data all at the top, which is on sys.path.
_SCHEME = re.compile(r"[^/]+\.data/(?P<scheme>purelib|platlib|data|scripts)/(?P<rest>.+)")
_SITE = re.compile(r"(?:.+/)?(?:site|dist)-packages/(?P<rest>.+)")
_DATA = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")
# site imports these by name at every start: as a module, an extension module or a package.
_CUSTOMIZE = re.compile(r"(?:site|user)customize(?:\.[^/]+|/__init__\.[^/]+)")


def installed_path(path: str) -> str:
    """Return where a member ends up in site-packages.

    >>> installed_path("a-1.data/platlib/a/b.py")
    'a/b.py'
    """
    return _DATA.sub("", path, count=1)


def _site_paths(path: str) -> Iterator[str]:
    found = _SCHEME.fullmatch(path)
    if found is None:
        yield path
        return
    if found["scheme"] == "scripts":
        return
    yield found["rest"]
    below = _SITE.fullmatch(found["rest"])
    if below and found["scheme"] == "data":
        yield below["rest"]


def start_up_place(path: str) -> str | None:
    """Return the name under which Python would run a member at every start, ``None`` if it would not.

    >>> start_up_place("a-1.data/data/lib/python3.11/site-packages/x.pth")
    'x.pth'
    >>> start_up_place("a/template.pth") is None
    True
    """
    for place in _site_paths(path):
        if _CUSTOMIZE.fullmatch(place) or ("/" not in place and place.endswith((".pth", ".start"))):
            return place
    return None
