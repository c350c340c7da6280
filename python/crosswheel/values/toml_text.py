"""TOML read whole or refused in one way, whatever the parser stumbles over."""

from __future__ import annotations

import ast
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import Any

import tomli

__all__ = ["TomlError", "parse_toml"]


#: How the parser says that a table or a key is there already.
_TABLE_TWICE = re.compile(r"Cannot (?:declare|redefine namespace) (\(.+\))(?: twice)?")
_KEY_TWICE = "Cannot overwrite a value"
_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: A line that gives a key its value, up to the first `=`.
_KEY = re.compile(r"[ \t]*([A-Za-z0-9_.-]+|\"[^\"]*\")[ \t]*=")


class TomlError(ValueError):
    """A text is not TOML; the error's text is a clause that says why.

    Attributes:
        fix: a clause that says what to do about just that; empty where there is nothing better to say than of any fault.
    """

    def __init__(self, why: str, *, fix: str = "") -> None:
        super().__init__(why)
        self.fix = fix


def parse_toml(data: bytes) -> dict[str, Any]:
    """Return the document that `data` holds (https://toml.io/en/v1.0.0).

    Raises:
        TomlError: it is no TOML, or holds what nobody writes: numbers of thousands of digits, thousands of brackets.
    """
    try:
        return tomli.loads(data.decode("utf-8"))
    except RecursionError:
        raise TomlError("it is not TOML: it is nested too deeply") from None
    except ValueError as error:  # of the parser, of the encoding, of a number
        if data.startswith((BOM_UTF8, BOM_UTF16_LE, BOM_UTF16_BE)):
            raise TomlError(
                "it is not TOML: it begins with a byte order mark, which TOML has not",
                fix="save it as UTF-8 without one",
            ) from None
        raise _twice(error, data) or TomlError(f"it is not TOML: {error}") from None


def _twice(error: ValueError, data: bytes) -> TomlError | None:
    """Return the error for what a document has two of; ``None`` for any other."""
    if not isinstance(error, tomli.TOMLDecodeError):
        return None
    if (table := _TABLE_TWICE.fullmatch(error.msg)) is not None:
        what = f"table '{'.'.join(map(_quoted, ast.literal_eval(table[1])))}'"
    elif error.msg == _KEY_TWICE:
        line = data.decode("utf-8").split("\n")[error.lineno - 1]
        key = _KEY.match(line)
        what = f"key '{key[1]}'" if key is not None else ""
    else:
        return None
    if not what:
        return None
    return TomlError(f"{what} is there twice, the second time at line {error.lineno}", fix="join the two")


def _quoted(key: str) -> str:
    return key if _BARE.fullmatch(key) else f'"{key}"'
