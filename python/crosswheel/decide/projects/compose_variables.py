"""Variables of compose files: what ``.env`` says of them, and the texts that they stand in.

Followed: https://docs.docker.com/reference/compose-file/interpolation/ and
https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["read_variables", "with_variables"]

#: What has no variable within: those are put in from the inside to the outside.
_VARIABLE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)(?:(:?[-?+])([^{}$]*))?\})")
_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?(\w+)[ \t]*[=:][ \t]*(?:'([^']*)'|\"([^\"]*)\"|(.*))")
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
#: Within each other no more variables stand in a text of people, nor is one longer.
_DEEPEST = 5
_LONGEST = 10_000
#: Stands for a dollar that is meant as one until all variables are put in.
_DOLLAR = "\0"


def read_variables(text: str) -> dict[str, str]:
    r"""Return what a file such as ``.env`` says.

    >>> read_variables("A=1 # one\nexport B='a # b'\nC=\"${A}2\"\n")
    {'A': '1', 'B': 'a # b', 'C': '12'}
    """
    found: dict[str, str] = {}
    for line in text.removeprefix("\ufeff").splitlines():
        if (said := _LINE.match(line)) is None:
            continue
        name, literal, quoted, bare = said.groups()
        if literal is None:
            meant = quoted if quoted is not None else _COMMENT.sub("", bare).strip()
            literal = with_variables(meant, found)
        found[name] = literal
    return found


def with_variables(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with the variables in it; those that nothing says are empty.

    >>> with_variables("$A-${B:-${C:-c}}-${A:+d}-$$A-${C}", {"A": "a", "B": ""})
    'a-c-d-$A-'
    """

    def value(found: re.Match[str]) -> str:
        dollar, bare, name, sign, word = found.groups()
        if dollar:
            return _DOLLAR
        said = variables.get(bare or name)
        has = bool(said) if (sign or "").startswith(":") else said is not None
        if (sign or "").endswith("+"):
            return word if has else ""
        return (said or "") if has or not (sign or "").endswith("-") else word

    for _ in range(_DEEPEST):
        before, text = text, _VARIABLE.sub(value, text[:_LONGEST])
        if text == before:
            break
    return text.replace(_DOLLAR, "$")
