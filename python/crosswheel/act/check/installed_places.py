"""Where a wheel's members end up, and which of those places Python or the system would run unasked."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["installed_path", "start_up_place", "system_place"]

# A flat layout (pip's --target) puts the schemes purelib, platlib and data all at the top, which is on sys.path.
_SCHEME = re.compile(r"[^/]+\.data/(?P<scheme>purelib|platlib|data|scripts)/(?P<rest>.+)")
_SITE = re.compile(r"(?:.+/)?(?:site|dist)-packages/(?P<rest>.+)")
_DATA = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")
# site imports these by name at every start: as a module, an extension module or a package.
_CUSTOMIZE = re.compile(r"(?:site|user)customize(?:\.[^/]+|/__init__\.[^/]+)")
_INTERPRETER = re.compile(r"(?:bin/|Scripts/)?pythonw?[\d.]*t?(?:\.exe)?")
_STANDARD_LIBRARY = re.compile(r"lib(?:64)?/(?:python[\d.]+t?/(?!(?:site|dist)-packages/)|libpython)")


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


def system_place(path: str) -> str | None:
    """Return a word for the part of Python or of the system that a member would overwrite or configure.

    >>> system_place("a-1.data/scripts/python3"), system_place("a-1.data/data/etc/cron.d/a")
    ('the interpreter', 'the configuration of the system')
    >>> system_place("a-1.data/data/share/a.txt") is None
    True
    """
    found = _SCHEME.fullmatch(path)
    if found is None or found["scheme"] not in ("data", "scripts"):
        return None
    in_bin = found["scheme"] == "scripts" or "/" in found["rest"]
    if in_bin and _INTERPRETER.fullmatch(found["rest"]):
        return "the interpreter"
    if found["scheme"] == "data" and _STANDARD_LIBRARY.match(found["rest"]):
        return "the standard library"
    if found["scheme"] == "data" and found["rest"].startswith("etc/"):
        return "the configuration of the system"
    return None
