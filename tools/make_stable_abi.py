"""Rewrites toolchains/stable_abi.json from the PyPI project abi3info, which reads CPython's Misc/stable_abi.toml.

uv run --no-project --with abi3info==2026.9.25 tools/make_stable_abi.py
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import abi3info  # type: ignore[import-not-found]

_DESTINATION = Path(__file__).parents[1] / "toolchains" / "stable_abi.json"


def main() -> None:
    """Write the table: symbols by the version of CPython whose stable ABI first has them."""
    added: dict[int, list[str]] = {}
    for table in (abi3info.FUNCTIONS, abi3info.DATAS):
        for symbol, item in table.items():
            added.setdefault(item.added.minor, []).append(symbol.name)
    document = {
        "about": "CPython's stable ABI: its symbols by the version that first has them; tools/make_stable_abi.py writes it",
        "source": f"abi3info {version('abi3info')} (PyPI), from CPython's Misc/stable_abi.toml",
        "symbols": {f"3.{minor}": sorted(added[minor]) for minor in sorted(added)},
    }
    _DESTINATION.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
