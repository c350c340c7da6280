"""Part of the view: the texts that say which Python there is are those of the one that is built for.

A build may run with another patch release than that of the headers it compiles against, and Pythons of one release say in
`sys.version` when and by which compiler they were made. What writes it into a wheel would make other bytes with each.

`sys.version_info` and `sys.hexversion` stay true: by them code asks what the interpreter that runs it can do, to the patch
release. packaging would use regular expressions that CPython 3.11.4 gets wrong:
https://github.com/pypa/packaging/blob/main/src/packaging/version.py
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: When, and by what, in the form that `platform` takes apart.
_MADE = "(main, Jan  1 1980, 00:00:00) [GCC 12.2.0]"


def show_release(release: str) -> None:
    """Have `sys.version`, which `platform` and `sysconfig` read, tell of `release`, such as ``3.11.7``."""
    facts: Any = sys
    own = sys.version.split()[0]
    # What stands between the release and the bracket says what kind of Python it is: without the GIL.
    facts.version = f"{sys.version.partition(' (')[0].replace(own, release, 1)} {_MADE}"
    facts._git = ("CPython", "", "")  # noqa: SLF001
