"""Make rules/nix/targets.json, what Nix knows of targets, from the core: a maintainer's program.

Run it as ::

    python tools/make_nix_targets.py

A test compares the file with what this would write.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crosswheel.target.spellings import spellings_of
from crosswheel.target.support import FAMILIES, support_of
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.platforms import Ios, Linux, Platform
from crosswheel.values.python_abi import PythonAbi

TABLE = Path(__file__).parents[1] / "rules" / "nix" / "targets.json"


def nix_targets() -> bytes:
    """Return the text of the table: platforms, by their id without the version; `system` is null where Nix has none."""
    rows: dict[str, JsonValue] = {}
    for platform in FAMILIES:
        row = _row(platform, spellings_of(Target(python=PythonAbi(major=3, minor=13), platform=platform)))
        sdk = platform.os.sdk if isinstance(platform.os, Ios) else ""
        rows["_".join(str(part) for part in (row["os"], row["arch"], row["libc"], sdk) if part)] = row
    return pretty_json(rows)


def _row(platform: Platform, spelled: Mapping[str, str]) -> dict[str, JsonValue]:
    return {
        "arch": platform.arch.value,
        "gnu": spelled.get("GNU"),
        "libc": type(platform.os.libc).__name__.lower() if isinstance(platform.os, Linux) else "",
        "name": spelled["short"],
        "ociPlatform": spelled.get("OCI"),
        "os": type(platform.os).__name__.lower(),
        "platform": platform.id,
        "support": support_of(platform).value,
        "system": spelled.get("Nix"),
    }


if __name__ == "__main__":
    TABLE.write_bytes(nix_targets())
