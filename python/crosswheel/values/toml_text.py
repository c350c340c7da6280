"""TOML read whole or refused in one way, whatever the parser stumbles over."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import Any

import tomli

__all__ = ["TomlError", "parse_toml"]


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
        raise TomlError(f"it is not TOML: {error}") from None
