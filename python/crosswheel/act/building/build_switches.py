"""Which environment variables an sdist's build code reads: one of them may be what turns its extensions on.

Some sdists build a pure wheel unless a variable says otherwise, and say so nowhere. The code is read, not run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from crosswheel.act.building.build_code import build_code
from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["build_switches"]

_READS = re.compile(
    r"(?:environ(?:b)?(?:\.get|\.pop|\.setdefault)?\s*[\[(]|getenv\s*\()\s*b?[\"']([A-Z][A-Z0-9_]{2,})[\"']"
    r"|[\"']([A-Z][A-Z0-9_]{2,})[\"']\s+(?:not\s+)?in\s+(?:os\.)?environ\b"
)
#: What every build may read, and what crosswheel itself sets: none of it switches an extension on.
_COMMON = re.compile(
    r"(?:CC|CXX|CPP|LD|AR|RANLIB|STRIP|[A-Z]*FLAGS|LDSHARED|LDCXXSHARED|PATH|HOME|TMPDIR|TEMP|TMP|USER|SHELL|LANG|TZ|CI|"
    r"PYTHON[A-Z]*|PKG_CONFIG[A-Z_]*|SOURCE_DATE_EPOCH|ARCHFLAGS|VIRTUAL_ENV|CONDA_[A-Z_]*|MACOSX_DEPLOYMENT_TARGET|SDKROOT|"
    r"VSCMD_[A-Z_]*|DISTUTILS_[A-Z_]*|GITHUB_[A-Z_]*|READTHEDOCS|LD_LIBRARY_PATH|PROCESSOR_[A-Z]*|PROGRAMFILES|WINDIR)"
)


def build_switches(sdist: Path) -> tuple[str, ...]:
    """Return the names, sorted, of the variables that an sdist's build code reads.

    Args:
        sdist: an archive that was unpacked already, so that it is known to be one.
    """
    found: set[str] = set()
    for name, text in build_code(sdist).items():
        if name == "pyproject.toml":
            found |= _hatch_hooks(text)
        else:
            found |= {first or second for first, second in _READS.findall(text)}
    return tuple(sorted(name for name in found if not _COMMON.fullmatch(name)))


def _hatch_hooks(text: str) -> set[str]:
    """Return the variables that turn on hatchling's build hooks which are off by default.

    https://hatch.pypa.io/latest/config/build/#environment-variables
    """
    try:
        build: dict[str, Any] = parse_toml(text.encode())["tool"]["hatch"]["build"]
        tables = [build, *build.get("targets", {}).values()]
        hooks = [item for table in tables for item in table.get("hooks", {}).items()]
        names = [name for name, hook in hooks if hook.get("enable-by-default") is False]
    except (TomlError, KeyError, TypeError, AttributeError):  # of a table that is none
        return set()
    return {f"HATCH_BUILD_HOOK_ENABLE_{name.upper().replace('-', '_')}" for name in names}
