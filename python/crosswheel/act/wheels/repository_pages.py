"""The texts of a wheel repository: simple index pages, manifest, lock file and requirements, as pure functions.

Standards: PEP 503 and PEP 691 (pages), PEP 658 and PEP 714 (metadata beside a file), PEP 751 (lock file);
together https://packaging.python.org/en/latest/specifications/simple-repository-api/.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from packaging.utils import parse_wheel_filename

from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.digests import Digest

__all__ = [
    "MANIFEST_SCHEMA",
    "RepositoryFile",
    "manifest",
    "project_page_html",
    "project_page_json",
    "pylock",
    "requirements",
    "root_page_html",
    "root_page_json",
]

#: HTML was frozen at 1.0 plus what later versions added; JSON pages here need 1.1 for sizes and versions.
_API_VERSION = "1.1"
#: Version of what manifest.json says and of where the wheels lie.
MANIFEST_SCHEMA = 2
_HEAD = '<!DOCTYPE html>\n<html>\n<head>\n<meta name="pypi:repository-version" content="1.1">\n'


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositoryFile:
    """One wheel of a repository.

    Attributes:
        filename: of the wheel.
        project: normalized name.
        version: normalized version.
        sha256: digest of the wheel.
        metadata: digest of its METADATA.
        size: bytes of the wheel.
        requires_python: as its METADATA says; empty when it says nothing.
        origin: ``prebuilt`` or ``built``.
    """

    filename: str
    project: str
    version: str
    sha256: Digest
    metadata: Digest
    size: int
    requires_python: str
    origin: str


def root_page_html(projects: Iterable[str]) -> bytes:
    """Return the list of projects (PEP 503)."""
    links = "".join(f'<a href="{name}/">{name}</a><br>\n' for name in projects)
    return f"{_HEAD}<title>Simple index</title>\n</head>\n<body>\n{links}</body>\n</html>\n".encode()


def root_page_json(projects: Iterable[str]) -> bytes:
    """Return the list of projects (PEP 691)."""
    return pretty_json(
        {"meta": {"api-version": _API_VERSION}, "projects": [{"name": name} for name in projects]}
    )


def project_page_html(project: str, files: Sequence[RepositoryFile]) -> bytes:
    """Return the page of one project (PEP 503, PEP 658, PEP 714)."""
    links = "".join(_anchor(file) for file in files)
    title = f"<title>Links for {project}</title>\n</head>\n<body>\n<h1>Links for {project}</h1>\n"
    return f"{_HEAD}{title}{links}</body>\n</html>\n".encode()


def _anchor(file: RepositoryFile) -> str:
    metadata = f"sha256={file.metadata}"
    attributes = {
        "href": f"../../{quote(file.filename)}#sha256={file.sha256}",
        "data-requires-python": file.requires_python,
        "data-core-metadata": metadata,
        "data-dist-info-metadata": metadata,  # the older name, PEP 714
    }
    text = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items() if value)
    return f"<a {text}>{html.escape(file.filename)}</a><br>\n"


def project_page_json(project: str, files: Sequence[RepositoryFile]) -> bytes:
    """Return the page of one project (PEP 691, PEP 700)."""
    listed: list[JsonValue] = [
        {
            "filename": file.filename,
            "url": f"../../{quote(file.filename)}",
            "hashes": {"sha256": file.sha256.hex},
            "size": file.size,
            "core-metadata": {"sha256": file.metadata.hex},
            **({"requires-python": file.requires_python} if file.requires_python else {}),
        }
        for file in files
    ]
    return pretty_json(
        {
            "meta": {"api-version": _API_VERSION},
            "name": project,
            "versions": sorted({file.version for file in files}),
            "files": listed,
        }
    )


def manifest(target: Target, plan_digest: Digest, files: Sequence[RepositoryFile]) -> bytes:
    """Return manifest.json: what the repository holds and which plan it is of."""
    return pretty_json(
        {
            "schema": MANIFEST_SCHEMA,
            "target": target.id,
            "plan": plan_digest.hex,
            "wheels": [_manifest_entry(file) for file in files],
        }
    )


def _manifest_entry(file: RepositoryFile) -> Mapping[str, JsonValue]:
    tags = parse_wheel_filename(file.filename)[3]
    return {
        "filename": file.filename,
        "name": file.project,
        "version": file.version,
        "sha256": file.sha256.hex,
        "size": file.size,
        "origin": file.origin,
        "tags": sorted(str(tag) for tag in tags),
    }


def pylock(target: Target, files: Sequence[RepositoryFile]) -> bytes:
    """Return a lock file (PEP 751) whose wheels are paths into the repository."""
    lines = [
        'lock-version = "1.0"',
        f'requires-python = "=={target.python.version}.*"',
        'created-by = "crosswheel"',
    ]
    for file in files:
        lines += [
            "",
            "[[packages]]",
            f"name = {_toml(file.project)}",
            f"version = {_toml(file.version)}",
        ]
        if file.requires_python:
            lines.append(f"requires-python = {_toml(file.requires_python)}")
        lines += [
            "[[packages.wheels]]",
            f"name = {_toml(file.filename)}",
            f"path = {_toml(file.filename)}",
            f"size = {file.size}",
            f"hashes = {{ sha256 = {_toml(file.sha256.hex)} }}",
        ]
    return ("\n".join(lines) + "\n").encode()


def _toml(text: str) -> str:
    """Return a TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False)


def requirements(files: Sequence[RepositoryFile]) -> bytes:
    """Return pinned requirements with hashes, for ``--require-hashes``."""
    return "".join(
        f"{file.project}=={file.version} \\\n    --hash=sha256:{file.sha256}\n" for file in files
    ).encode()
