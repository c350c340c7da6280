"""Facts of a build's sysroot in the variables and settings of a package: ``{sysroot}``, ``{version:hdf5}``.

Build code that asks a program or a loaded library for its version cannot ask one of the target; most of it takes the
answer from a variable, too, and which answer is right hangs on the libraries of the plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["names_sysroot_facts", "with_sysroot_facts"]

_FACT = re.compile(r"\{(?:sysroot|version:(?P<package>[\w.+-]+))\}")


def names_sysroot_facts(text: str) -> bool:
    """Tell whether a value asks for a fact of the sysroot.

    >>> names_sysroot_facts("{version:hdf5}"), names_sysroot_facts("{x}")
    (True, False)
    """
    return _FACT.search(text) is not None


def with_sysroot_facts(text: str, *, sysroot: str, version: Callable[[str], str]) -> str:
    """Return `text` with the facts it asks for.

    Args:
        text: a variable's or a setting's value; braces with anything else in them stay as they are.
        sysroot: the prefix of the libraries, as the build sees it.
        version: returns the version that a ``.pc`` file tells, by its name without the ending.

    >>> with_sysroot_facts("{sysroot}/lib {x}", sysroot="/s/usr", version=str.upper)
    '/s/usr/lib {x}'
    """

    def fact(found: re.Match[str]) -> str:
        package = found["package"]
        return sysroot if package is None else version(package)

    return _FACT.sub(fact, text)
