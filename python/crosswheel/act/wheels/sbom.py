"""Which libraries went into a wheel, as a software bill of materials in it (PEP 770, CycloneDX 1.6).

Nothing in it says when or where it was made: one wheel has one text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crosswheel.values.canonical_json import JsonValue, pretty_json

__all__ = ["LIBRARIES_SBOM", "libraries_sbom"]

#: Where it stands below the wheel's ``.dist-info``.
LIBRARIES_SBOM = "sboms/crosswheel-libraries.cdx.json"


def libraries_sbom(
    name: str, version: str, packages: Iterable[Mapping[str, str]], *, architecture: str, suite: str = ""
) -> bytes:
    """Return the text.

    Args:
        name: the wheel's project.
        version: its version.
        packages: name, version (empty for a folder of the user's), sha256 and copyright of each package.
        architecture: Debian's name of the target's architecture.
        suite: the release of Debian that they are of; empty where it is not known.
    """
    qualifiers = f"arch={architecture}" + (f"&distro={_quoted(suite)}" if suite else "")
    components: list[JsonValue] = []
    for package in sorted(packages, key=lambda one: one["name"]):
        component: dict[str, JsonValue] = {
            "type": "library",
            "name": package["name"],
            "hashes": [{"alg": "SHA-256", "content": package["sha256"]}],
        }
        if package["version"]:
            version_ = _quoted(package["version"])
            component["version"] = package["version"]
            component["purl"] = f"pkg:deb/debian/{_quoted(package['name'])}@{version_}?{qualifiers}"
        if package["copyright"]:
            text: JsonValue = {"contentType": "text/plain", "content": package["copyright"]}
            component["licenses"] = [{"license": {"name": "as its copyright file says", "text": text}}]
        components.append(component)
    about = {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
    return pretty_json(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": about},
            "components": components,
        }
    )


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe=".-_~")
