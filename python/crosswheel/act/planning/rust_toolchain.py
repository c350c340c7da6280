"""Which files the Rust toolchain of a build is made of: the pinned release's, another's, or an archive of the user's."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from crosswheel.act.fetching.fetch_settings import FetchSettings, rewritten
from crosswheel.act.reporter import Reporter
from crosswheel.act.storage.store import Store, digest_of_file
from crosswheel.decide.planning.rust_releases import (
    RustRelease,
    components_for,
    manifest_url,
    release_of_manifest,
    release_of_table,
)
from crosswheel.decide.plans.plan import Artifact
from crosswheel.target.triples import linked_rust_triple
from crosswheel.values.canonical_json import digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import FetchError, InputError, ResolutionError
from crosswheel.values.platforms import Platform
from crosswheel.values.toml_text import TomlError, parse_toml
from crosswheel.values.urls import is_web_url, split_url

__all__ = ["RustToolchains", "shipped_release"]

_VERSION = re.compile(r"\d+\.\d+\.\d+")
_LARGEST_MANIFEST = 8 << 20


@cache
def shipped_release() -> RustRelease:
    """Return the release whose hashes crosswheel ships."""
    text = (files("crosswheel") / "toolchains" / "rust.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return release_of_table(table)


@dataclass(frozen=True, kw_only=True, slots=True)
class RustToolchains:
    """Finds the files of the Rust toolchain.

    Attributes:
        source: ``rust`` of the configuration: a release, or path or URL with ``#sha256=`` of an archive that
            holds a toolchain; ``None`` for the release whose hashes crosswheel ships.
        base: folder that a path in `source` is relative to.
        folder: the plan's folder.
        store: keeps manifests, and what an archive holds.
        settings: how files are fetched.
        reporter: hears of the progress.
    """

    source: str | None
    base: Path
    folder: Path
    store: Store
    settings: FetchSettings
    reporter: Reporter

    def files_for(self, build: Platform, target: Platform) -> tuple[Artifact, ...]:
        """Return the archives of the toolchain that runs on `build` and compiles for `target`.

        Raises:
            ResolutionError: the release, or the archive, lacks a compiler or a standard library.
            InputError: the source cannot be read.
            FetchError: a manifest or an archive cannot be had.
        """
        here, wanted = linked_rust_triple(build), linked_rust_triple(target)
        if self.source is None:
            return components_for(shipped_release(), build=here, target=wanted)
        if _VERSION.fullmatch(self.source):
            return components_for(self._release(self.source), build=here, target=wanted)
        artifact, path = self._archive(self.source)
        self._refuse_lacking(artifact, path, here, wanted)
        return (artifact,)

    def _release(self, version: str) -> RustRelease:
        if version == shipped_release().version:
            return shipped_release()
        key = digest_of_json({"rust-release": version})
        text = self.store.read_record("rust-manifest", key)
        if not isinstance(text, str):
            text = self._manifest(version)
            release_of_manifest(_parsed_manifest(text, version), version=version)
            self.store.write_record("rust-manifest", key, text)
        return release_of_manifest(_parsed_manifest(text, version), version=version)

    def _manifest(self, version: str) -> str:
        from crosswheel.act.fetching.http_client import HttpClient, TransferError

        url = manifest_url(version)
        client = HttpClient(self.settings)
        try:
            with client.get(rewritten(url, self.settings.mirrors) or url, {}) as response:
                return response.read(_LARGEST_MANIFEST).decode("utf-8", "replace")
        except TransferError as error:
            raise FetchError(
                "fetch the manifest of Rust",
                version,
                why=f"{url}: {error}",
                fix="name a release there is, for example "
                f"{shipped_release().version}, or give a mirror of it ([tool.crosswheel] mirrors)",
            ) from None
        finally:
            client.close()

    def _archive(self, source: str) -> tuple[Artifact, Path]:
        if is_web_url(source):
            return self._fetched_archive(source)
        path = self.base / source
        if not path.is_file():
            raise InputError(
                "read Rust toolchain",
                source,
                why="there is no such file",
                fix="give a release, for example 1.95.0, or path or URL of an archive of a toolchain "
                "(tar -C FOLDER -cf rust.tar bin lib)",
            )
        digest = digest_of_file(path)
        artifact = Artifact(
            sha256=digest,
            filename=path.name,
            path=os.path.relpath(path.resolve(), self.folder.resolve()).replace(os.sep, "/"),
            size=path.stat().st_size,
        )
        return artifact, path

    def _fetched_archive(self, source: str) -> tuple[Artifact, Path]:
        from crosswheel.act.fetching.fetch import fetch_artifacts

        url, _, fragment = source.partition("#")
        key, _, value = fragment.partition("=")
        if key != "sha256":
            raise InputError(
                "fetch Rust toolchain",
                url,
                why="its SHA-256 is not given, so nothing says which file is meant",
                fix="write URL#sha256=DIGEST",
            )
        artifact = Artifact(sha256=Digest(value), filename=Path(split_url(url).path).name, url=url)
        found = fetch_artifacts(
            self.store, [artifact], base=self.folder, settings=self.settings, reporter=self.reporter
        )
        return artifact, found[artifact.sha256]

    def _refuse_lacking(self, artifact: Artifact, path: Path, here: str, target: str) -> None:
        """Refuse an archive without compiler or standard libraries, naming what it has."""
        libraries, programs = self._contents(artifact, path)
        lacking = [f"bin/{name}" for name in ("cargo", "rustc") if name not in programs]
        lacking += [
            f"the standard library of {triple}"
            for triple in dict.fromkeys((here, target))
            if triple not in libraries
        ]
        if lacking:
            raise ResolutionError(
                "use Rust toolchain",
                artifact.filename,
                why=f"it lacks {' and '.join(lacking)}"
                + (f"; it has standard libraries of {', '.join(libraries)}" if libraries else ""),
                fix="add to the archive what is missing (lib/rustlib/<target>/lib), "
                "or name a release of Rust with 'rust' in [tool.crosswheel]",
            )

    def _contents(self, artifact: Artifact, path: Path) -> tuple[list[str], list[str]]:
        from crosswheel.act.building.rust_archives import toolchain_members

        kept = self.store.read_record("rust-archive", artifact.sha256)
        if not isinstance(kept, list):
            members = toolchain_members(path)
            libraries = {member.split("/")[2] for member in members if _STANDARD_LIBRARY.fullmatch(member)}
            programs = {member[4:] for member in members if member in {"bin/cargo", "bin/rustc"}}
            kept = [sorted(libraries), sorted(programs)]
            self.store.write_record("rust-archive", artifact.sha256, kept)
        libraries_, programs_ = ([str(name) for name in names] for names in kept if isinstance(names, list))
        return libraries_, programs_


#: The file every standard library has: what is in it is in no other.
_STANDARD_LIBRARY = re.compile(r"lib/rustlib/[^/]+/lib/libcore-[0-9a-f]+\.rlib")


def _parsed_manifest(text: str, version: str) -> dict[str, Any]:
    try:
        return parse_toml(text.encode())
    except TomlError as error:
        raise InputError(
            "read the manifest of Rust",
            version,
            why=str(error),
            fix="make the mirror serve the original file",
        ) from None
