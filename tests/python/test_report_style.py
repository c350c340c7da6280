"""The style of a report's page: what is read has enough contrast, in light and in dark."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

_STYLE = (files("crosswheel") / "render" / "page" / "report.css").read_text()
#: Text and what it stands on, by the names of their variables.
_PAIRS = [
    (text, ground)
    for ground in ("ground", "sheet")
    for text in ("text", "soft", "accent", "pure", "prebuilt", "built", "refused", "absent")
] + [
    (text, f"{state}-ground")
    for state in ("pure", "prebuilt", "built", "refused")
    for text in (state, "soft")
]
# A button that is pressed: the sheet's colour on the state's.
_PAIRS += [("sheet", state) for state in ("text", "pure", "prebuilt", "built", "refused", "absent")]
#: Of text that is not large, https://www.w3.org/TR/WCAG22/#contrast-minimum
_LEAST = 4.5


def _variables(*, dark: bool) -> dict[str, str]:
    light, darker = re.findall(r":root \{(.*?)\}", _STYLE, re.DOTALL)
    found = dict(re.findall(r"--([\w-]+): (#\w+)", light))
    return found | dict(re.findall(r"--([\w-]+): (#\w+)", darker)) if dark else found


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), _PAIRS)
def test_what_is_read_has_contrast(text: str, ground: str, *, dark: bool) -> None:
    colours = _variables(dark=dark)
    high, low = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= _LEAST
