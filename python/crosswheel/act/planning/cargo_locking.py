"""A Cargo.lock for a source tree that has none, made once while planning.

The pinned cargo resolves, in the sandbox and hence without a network. What it asks for is fetched for it: the index's
files of the crates it names, as crates.io has them on that day. The plan keeps the lock.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.build_python import BuildPython
from crosswheel.act.building.rust_archives import prepare_rust
from crosswheel.act.building.sandbox import Mounts, Sandbox
from crosswheel.act.fetching.fetch_settings import FetchSettings, rewritten
from crosswheel.act.fetching.http_client import HttpClient, TransferError
from crosswheel.decide.planning.crate_index import INDEX, index_place, likely_dependencies, missing_crates
from crosswheel.render.cargo import render_registry_config
from crosswheel.values.errors import FetchError, ResolutionError

if TYPE_CHECKING:
    from crosswheel.act.storage.store import Store

__all__ = ["LockRequest", "generate_lock"]

_LARGEST_FILE = 64 << 20
_MOST_CRATES = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class LockRequest:
    """What a Cargo.lock is wanted for.

    Attributes:
        tree: the unpacked source tree; cargo may write to it.
        manifest: path of the ``Cargo.toml`` in it.
        rust: archives of the Rust toolchain, for this machine.
        wanted_by: the sdist, for messages.
        build_python: mounted beside it, for the system's libraries that both need.
    """

    tree: Path
    manifest: str
    rust: tuple[Path, ...]
    wanted_by: str
    build_python: BuildPython


def generate_lock(
    request: LockRequest, *, store: Store, sandbox: Sandbox, settings: FetchSettings
) -> dict[str, str]:
    """Return path and text of the Cargo.lock that cargo makes for the manifest.

    Raises:
        ResolutionError: cargo finds no crates that fit.
        FetchError: crates.io cannot be asked.
    """
    before = set(request.tree.rglob("Cargo.lock"))
    rust = prepare_rust(store, request.rust, sandbox.check)
    client = HttpClient(settings)
    try:
        with store.scratch() as scratch:
            index = _LocalIndex(scratch / "registry" / "index", client, settings)
            while (said := _cargo(request, rust, scratch, sandbox)) is not None:
                missing = [name for name in missing_crates(said) if name not in index.known]
                if not missing or len(index.known) > _MOST_CRATES:
                    raise _unresolved(request, said)
                index.add(missing)
    except TransferError as error:
        raise FetchError(
            "read the index of crates.io for",
            request.wanted_by,
            why=str(error),
            fix=f"try again, or give a mirror of {INDEX} ([tool.crosswheel] mirrors)",
        ) from None
    finally:
        client.close()
    made = sorted(set(request.tree.rglob("Cargo.lock")) - before)
    return {path.relative_to(request.tree).as_posix(): path.read_text("utf-8") for path in made}


class _LocalIndex:
    """Files of the index in a folder, for cargo to read."""

    def __init__(self, folder: Path, client: HttpClient, settings: FetchSettings) -> None:
        folder.mkdir(parents=True)
        self.known: set[str] = set()
        self._folder = folder
        self._client = client
        self._settings = settings

    def add(self, names: Iterable[str]) -> None:
        """Fetch what is said of `names` and of what they surely lead to."""
        wanted = set(names) - self.known
        with ThreadPoolExecutor(max_workers=max(1, self._settings.parallel)) as pool:
            while wanted:
                self.known |= wanted
                found = [name for names in pool.map(self._fetch, sorted(wanted)) for name in names]
                wanted = set(found) - self.known

    def _fetch(self, name: str) -> tuple[str, ...]:
        url = f"{INDEX}/{index_place(name)}"
        with self._client.get(rewritten(url, self._settings.mirrors) or url, {}) as response:
            data = response.read(_LARGEST_FILE)
        place = self._folder / index_place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return likely_dependencies(data)


def _cargo(request: LockRequest, rust: Path, scratch: Path, sandbox: Sandbox) -> str | None:
    """Let cargo make the lock; return what it says when it cannot."""
    paths = sandbox.paths(scratch, request.build_python)
    home = scratch / "cargo"
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(render_registry_config(paths))
    (scratch / "empty").mkdir(exist_ok=True)
    mounts = Mounts(
        read_only=((rust, paths.rust), (scratch / "registry", f"{paths.crates}-index")),
        writable=(
            (request.tree, paths.source),
            (home, paths.crates),
            (scratch / "empty", paths.home),
        ),
        build_python=request.build_python,
    )
    command = [f"{paths.rust}/bin/cargo", "generate-lockfile"]
    command += ["--manifest-path", f"{paths.source}/{request.manifest}"]
    with tempfile.TemporaryFile() as log:
        code = sandbox.run(
            command,
            mounts=mounts,
            environment=_environment(paths.rust, paths.crates, paths.home),
            working_directory=paths.source,
            log=log,
        )
        log.seek(0)
        return log.read().decode("utf-8", "replace") if code else None


def _environment(rust: str, cargo_home: str, home: str) -> Mapping[str, str]:
    return {
        "CARGO_HOME": cargo_home,
        # Take releases that this compiler can compile, where a crate says which it needs.
        "CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS": "fallback",
        "CARGO_TERM_COLOR": "never",
        "HOME": home,
        "PATH": f"{rust}/bin:/usr/bin:/bin",
        "RUSTC": f"{rust}/bin/rustc",
    }


def _unresolved(request: LockRequest, said: str) -> ResolutionError:
    return ResolutionError(
        "lock the crates of",
        request.manifest,
        why="it comes without a Cargo.lock, and cargo finds no crates that fit",
        fix="add a Cargo.lock with a patch ([tool.crosswheel] patches), lock another release, "
        "or take a prebuilt wheel",
        context=(request.wanted_by,),
        details=said.strip().splitlines()[-20:],
    )
