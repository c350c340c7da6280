"""What a failure means of a project of the user's own: its source is mended, not patched, and there is no other wheel of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from .failure_remedies import OTHER_RELEASE, UNDECLARED
from .failure_words import PATCH, WHEEL_INSTEAD

__all__ = ["of_another", "own_advice", "own_hint"]

#: What is said in other words altogether.
_WHOLE: Mapping[str, str] = MappingProxyType(
    {
        OTHER_RELEASE: "no header of the libraries has '{0}': mend the source, if the name is wrong there; else they are older than it "
        "wants, or newer: take them from another release of Debian",
        UNDECLARED.advice: "no header that the source includes has '{0}', and the build was given no library whose header may: mend the "
        "source, or name the library's Debian package by `sysroot`",
    }
)
#: Parts of what is said of others' projects, and what takes their place; in this order.
_PARTS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r" \(\[tool\.crosswheel\] patches\)", ""),
        (r",? or take a prebuilt wheel\b", ""),
        (r"\btake a prebuilt wheel, or (?=look|lock)", ""),
        (r"\btake a prebuilt wheel\b", "leave that out of it"),
        (
            r"\block a(?:nother|n older| newer)? release(?: of (?:the project|it)| for Python 3)?[^,;:]*(?:, whose [^,]*)?",
            "mend the source",
        ),
        (r"\bpatch (?=the |it\b|its |what )", "mend "),
        (r"\bmake a patch of what 2to3 would change", "let 2to3 change it"),
        (r"\bmake a patch that calls\b", "call"),
        (r"\bwith (a setting of the project or )?a patch\b", "yourself"),
        (r"\bor a patch\b", "or a change of it"),
        (r"\bthe sdist lacks it: mend the source", "it is not among its files: put it there"),
        (
            r"\bthe sdist lacks (.+), which (.+?): mend the source",
            r"the project's files lack \1, which \2: put it among them",
        ),
        (r"(mend (?:the source|it to|it))(?:, or mend (?:the source|it))+", r"\1"),
    )
)
#: What compilers say of a place in a source.
_REFUSED = re.compile(r"\s*([^\s:]+:\d+)(?::\d+)?: (?:fatal )?error: (.+)")


def own_advice(advice: str, meant: str, subject: str) -> str:
    """Return what to do of a project of the user's own.

    Args:
        advice: what is said of another's, filled in.
        meant: the same as it stands in the table of signs.
        subject: what it is about.
    """
    if (whole := _WHOLE.get(meant)) is not None:
        return whole.replace("{0}", subject)
    for pattern, words in _PARTS:
        advice = pattern.sub(words, advice)
    return advice


def of_another(setting: str) -> bool:
    """Return whether a line of configuration is for projects of others alone: a patch, or a wheel in place of a build."""
    return setting in (PATCH, WHEEL_INSTEAD)


def own_hint(tail: list[str]) -> str:
    """Return what to do where no sign of a failure is known, from the last lines of the log.

    >>> own_hint(["src/fast.c:9:12: error: expected ';' after expression", "1 error generated."])
    "the compiler refuses the project's own source (src/fast.c:9: expected ';' after expression): mend it there"
    >>> own_hint(["KeyError: 'x'"])
    'read the log, and mend the project; a setting or a variable can be given for it in [tool.crosswheel]'
    """
    for line in tail:
        if (found := _REFUSED.match(line)) is not None:
            return f"the compiler refuses the project's own source ({found[1]}: {found[2].strip()}): mend it there"
    return (
        "read the log, and mend the project; a setting or a variable can be given for it in [tool.crosswheel]"
    )
