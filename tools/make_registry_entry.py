"""Writes the entry of a release into a Bazel registry: `tools/make_registry_entry.py ARCHIVE URL FOLDER`.

ARCHIVE is what `make_release_archive.py` wrote, URL where it can be fetched from, FOLDER a registry, such as a checkout of the
Bazel Central Registry. The entry names the archive by its digest, so that only these bytes are ever used.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import tarfile
from io import BytesIO
from pathlib import Path

_RULES = Path(__file__).parents[1] / ".bcr"


def registry_entry(archive: bytes, url: str) -> dict[str, str]:
    """Return the texts of an entry by their paths in the registry, but for the list of versions."""
    with tarfile.open(fileobj=BytesIO(archive)) as held:
        (name,) = (one for one in held.getnames() if re.fullmatch(r"[^/]+/MODULE\.bazel", one))
        file = held.extractfile(name)
        assert file is not None
        module = file.read().decode()
    (version,) = re.findall(r'^    version = "(.*)",$', module, re.MULTILINE)
    integrity = base64.b64encode(hashlib.sha256(archive).digest()).decode()
    source = {"integrity": f"sha256-{integrity}", "strip_prefix": name.partition("/")[0], "url": url}
    folder = f"modules/crosswheel/{version}"
    return {
        f"{folder}/MODULE.bazel": module,
        f"{folder}/source.json": _text(source),
        f"{folder}/presubmit.yml": (_RULES / "presubmit.yml").read_text(encoding="utf-8"),
    }


def with_version(metadata: str, version: str) -> str:
    """Return what a registry knows of the module, with one more version; the same version is no other."""
    known = json.loads(metadata)
    known["versions"] = [*(one for one in known["versions"] if one != version), version]
    return _text(known)


def main(archive: str, url: str, registry: str) -> None:
    """Write an entry."""
    entry = registry_entry(Path(archive).read_bytes(), url)
    for path, text in entry.items():
        place = Path(registry, path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    metadata = Path(registry, "modules/crosswheel/metadata.json")
    template = metadata if metadata.is_file() else _RULES / "metadata.template.json"
    version = next(iter(entry)).split("/")[2]
    metadata.write_text(with_version(template.read_text(encoding="utf-8"), version), encoding="utf-8")


def _text(document: object) -> str:
    return json.dumps(document, indent=4) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: make_registry_entry.py ARCHIVE URL FOLDER")
    if not Path(sys.argv[1]).is_file():
        sys.exit(
            f"error: cannot read archive '{sys.argv[1]}': it is no file; make it with tools/make_release_archive.py"
        )
    main(*sys.argv[1:])
