"""The target Python's build-details.json (PEP 739)."""

from __future__ import annotations

from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.triples import sysconfig_platform
from crosswheel.values.canonical_json import JsonValue, pretty_json

__all__ = ["render_build_details"]


def render_build_details(description: TargetDescription) -> str:
    """Return build-details.json of schema 1.0 for ``<root>/lib/pythonX.Y/``.

    It states what is known of the target without an interpreter: no patch version, no libpython.
    """
    python = description.python
    abi: dict[str, JsonValue] = {
        "flags": list(python.flags),
        "extension_suffix": description.ext_suffix,
    }
    if description.stable_abi_suffix:
        abi["stable_abi_suffix"] = description.stable_abi_suffix
    document: dict[str, JsonValue] = {
        "schema_version": "1.0",
        "base_prefix": "../..",
        "platform": sysconfig_platform(description.platform),
        "language": {"version": python.version},
        "implementation": {
            "name": "cpython",
            "version": {
                "major": python.major,
                "minor": python.minor,
                "micro": 0,
                "releaselevel": "final",
                "serial": 0,
            },
            "hexversion": (python.major << 24) | (python.minor << 16) | 0xF0,
            "cache_tag": description.cache_tag,
            "_multiarch": description.multiarch,
        },
        "abi": abi,
        "suffixes": {
            "source": [".py"],
            "bytecode": [".pyc"],
            "extensions": list(description.extension_suffixes),
        },
        "c_api": {"headers": f"include/{description.python_directory}"},
    }
    return pretty_json(document).decode()
