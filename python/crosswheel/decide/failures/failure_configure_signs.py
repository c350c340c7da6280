"""Signs of what scripts of Autoconf gave up for: a part of `failure_signs.SIGNS`."""

from __future__ import annotations

from .failure_kinds import FailureKind, Sign, sign
from .failure_words import NO_LIBRARY, PATCH

__all__ = ["CONFIGURE_SIGNS", "REFUSED_SIGNS"]

#: What stands for a library in such a sentence and is no name of one.
_NO_NAME = r"(?:a|an|any|no|some|the|this|usable|suitable|required|needed|necessary|following|shared|static|standard|dynamic|python|c|c\+\+)"
_PARTS = r"(?:header files?|headers?|files?|packages?|library|libraries|libs?)"
_ABSENT = (
    r"(?:(?:is|are|was|were) )?(?:not (?:be )?(?:found|installed|available|present)|missing|required)"
    r"|(?:could|can) ?not (?:be )?found"
)

#: A library that such a script does not find.
CONFIGURE_SIGNS: tuple[Sign, ...] = (
    sign(
        FailureKind.LIBRARY,
        rf"\bconfigure: error: [*\s]*(?:the )?['\"`]?(?!(?i:{_NO_NAME})['\"` ])(\w[\w.+-]*)['\"`]? "
        rf"(?:(?:development|devel|dev) )?{_PARTS}(?:(?: (?:and|or) |/){_PARTS})? (?:{_ABSENT})\b"
        # However else it is told, no program has such.
        r"|\berror: (?:the )?['\"`]?(\w[\w.+-]*)['\"`]? development (?:files|headers|libraries|library|package) (?:is |are )?(?:not found|missing)\b",
        NO_LIBRARY.format("the library"),
        of_library=True,
    ),
)

#: In its own words, where none of them is known: the last is what the script ended with.
REFUSED_SIGNS: tuple[Sign, ...] = (
    sign(
        FailureKind.REFUSED,
        r"\bconfigure: error: (?!in [`'\"/])(\S[^\n]{0,200})(?![\s\S]*?\bconfigure: error: (?!in [`'\"/]))",
        "its configure script ended with: {0}; the lines of the log above it say what it asked for: a variable or setting of the package may "
        "answer that, or a library that it lacks (`sysroot`, the guide 'Native libraries'), or a patch",
        PATCH,
    ),
)
