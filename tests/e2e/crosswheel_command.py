"""Drives the real ``crosswheel`` and ``uv`` commands, as a user would."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from e2e.target_pythons import cache_root

__all__ = [
    "CommandFailedError",
    "build_and_install",
    "built_wheel",
    "crosswheel",
    "lock",
    "locked_digests",
    "python_with_pip",
    "repository_of",
    "shared_store",
]

_PINS = Path(__file__).with_name("forced_sdists.txt")


class CommandFailedError(AssertionError):
    """A command failed; the text is everything it said."""


def shared_store() -> Path:
    """Return the store the tests share: downloads, the toolchain and its warm-up, and what was built before.

    What was built is found again only under the same recipe, which crosswheel's own code is a part of.
    """
    return cache_root() / "store"


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def run(command: Sequence[str], *, cwd: Path, environment: dict[str, str] | None = None) -> str:
    """Run a command that has to succeed and return its standard output."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandFailedError(
            f"{' '.join(command)}\nexited {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
    return done.stdout


def crosswheel(*arguments: str | Path, cwd: Path, store: Path | None = None) -> str:
    """Run ``crosswheel`` with the shared store, or another."""
    return run(
        [_program("crosswheel"), *map(str, arguments)],
        cwd=cwd,
        environment={"CROSSWHEEL_CACHE_DIR": str(store or shared_store())},
    )


def python_with_pip() -> str:
    """Return this interpreter or the one its virtual environment was made from, whichever has pip."""
    candidates = (sys.executable, str(Path(sys.base_exec_prefix, "bin", "python3")))
    for candidate in candidates:
        done = subprocess.run([candidate, "-c", "import pip"], capture_output=True, check=False)
        if done.returncode == 0:
            return candidate
    raise LookupError(
        f"cannot find pip: none of {', '.join(candidates)} has it; make the environment by `make setup`"
    )


def lock(folder: Path, *names: str, python: str = "3.11") -> Path:
    """Write a pylock.toml of `names` and what they need, at the versions of ``forced_sdists.txt``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "requirements.in").write_text("".join(f"{name}\n" for name in names))
    run(
        [
            *(_program("uv"), "pip", "compile", "--quiet", "--universal", "--python-version", python),
            *("--constraint", str(_PINS), "--format", "pylock.toml"),
            *("requirements.in", "-o", "pylock.toml"),
        ],
        cwd=folder,
    )
    return folder / "pylock.toml"


def repository_of(dist: Path) -> Path:
    """Return the one wheel repository below `dist`."""
    (manifest,) = dist.glob("*/manifest.json")
    return manifest.parent


def build_and_install(
    folder: Path,
    *forced: str,
    target: str,
    python: str = "3.11",
    lock_python: str | None = None,
    store: Path | None = None,
    build_python: Path | None = None,
) -> Path:
    """Lock, build with `forced` from their sdists, and install; return the installed tree."""
    lock(folder, *forced, python=lock_python or python)
    options = [word for name in forced for word in ("--no-binary", name)]
    options += ["--python", python]
    if build_python is not None:
        options += ["--build-python", str(build_python)]
    crosswheel("build", "pylock.toml", "--target", target, *options, "-o", "dist", cwd=folder, store=store)
    crosswheel("install", repository_of(folder / "dist"), "--dest", "site", cwd=folder, store=store)
    return folder / "site"


def built_wheel(folder: Path, name: str) -> Path:
    """Return the wheel of `name` in the repository below `folder`; fails if it was not built but locked."""
    stem = name.replace("-", "_")
    (wheel,) = (
        path
        for path in repository_of(folder / "dist").glob("*.whl")
        if path.name.lower().startswith(f"{stem}-")
    )
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if digest in locked_digests(folder / "pylock.toml"):
        raise AssertionError(f"{wheel.name} is the lock's own wheel, not one built from the sdist")
    return wheel


def locked_digests(pylock: Path) -> set[str]:
    """Return the digests of all wheels a lock names."""
    document = tomllib.loads(pylock.read_text())
    return {
        wheel["hashes"]["sha256"] for package in document["packages"] for wheel in package.get("wheels", ())
    }
