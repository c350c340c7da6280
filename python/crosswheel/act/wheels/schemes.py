"""Where the parts of a wheel go: installation schemes as paths below one root.

Follows the ``posix_prefix`` and ``nt`` schemes of https://docs.python.org/3/library/sysconfig.html, for the
target, whatever system this runs on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from crosswheel.target.targets import Target
from crosswheel.values.platforms import Windows
from crosswheel.values.python_abi import PythonAbi

__all__ = ["Scheme", "TreeLayout", "flat_scheme", "prefix_scheme", "scheme_for"]


class TreeLayout(Enum):
    """The shape of an installed tree."""

    #: Modules at the top and programs in ``bin``, as ``pip install --target`` lays them out.
    TARGET = "target"
    #: ``lib/pythonX.Y/site-packages``, ``bin``, ``include``, as ``pip install --prefix`` does.
    PREFIX = "prefix"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scheme:
    """Paths below the root, ``/``-separated; empty for the root itself.

    Attributes:
        site: where modules go, pure and platform-specific ones alike.
        scripts: where programs go.
        headers: where each distribution gets a folder of its own for C headers.
        data: what ``data`` paths are relative to.
        windows: whether programs are for Windows.
    """

    site: str
    scripts: str
    headers: str
    data: str = ""
    windows: bool = False

    def below(self, prefix: str) -> Scheme:
        """Return the same paths below the folder `prefix`, which has no slash at either end.

        >>> flat_scheme().below("opt/venv").scripts
        'opt/venv/bin'
        """
        return replace(
            self,
            site=f"{prefix}/{self.site}".rstrip("/"),
            scripts=f"{prefix}/{self.scripts}",
            headers=f"{prefix}/{self.headers}",
            data=f"{prefix}/{self.data}".rstrip("/"),
        )


def flat_scheme(*, windows: bool = False) -> Scheme:
    """Return the scheme of `TreeLayout.TARGET`."""
    return Scheme(site="", scripts="bin", headers="include", windows=windows)


def prefix_scheme(python: PythonAbi, *, windows: bool = False) -> Scheme:
    """Return the scheme of `TreeLayout.PREFIX`.

    >>> prefix_scheme(PythonAbi(major=3, minor=13, free_threaded=True)).site
    'lib/python3.13t/site-packages'
    """
    if windows:
        return Scheme(site="Lib/site-packages", scripts="Scripts", headers="Include", windows=True)
    name = f"python{python.version}{'t' if python.free_threaded else ''}"
    return Scheme(site=f"lib/{name}/site-packages", scripts="bin", headers=f"include/{name}")


def scheme_for(layout: TreeLayout, target: Target) -> Scheme:
    """Return the scheme of `layout` on `target`."""
    windows = isinstance(target.platform.os, Windows)
    match layout:
        case TreeLayout.TARGET:
            return flat_scheme(windows=windows)
        case TreeLayout.PREFIX:
            return prefix_scheme(target.python, windows=windows)
