"""The stand-in for nixpkgs (tests/nix/standin) with what it is made of: Debian's packages and a first program."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from e2e.nix_program import Nix
from e2e.target_pythons import (
    cache_root,
    download_packages,
    make_once,
    merge_usr,
    recipe_for,
    unpack_package,
)

__all__ = ["standin_flake"]

_FILES = Path(__file__).parents[1] / "nix" / "standin"
_METHOD = 1
_PACKAGES = (
    *(
        "bash",
        "bubblewrap",
        "bzip2",
        "coreutils",
        "debianutils",
        "diffutils",
        "file",
        "findutils",
        "gawk",
        "grep",
    ),
    *(
        "gzip",
        "libc-bin",
        "libexpat1",
        "libgcc-s1",
        "libpython3.11-stdlib",
        "libstdc++6",
        "m4",
        "make",
        "patch",
    ),
    *("patchelf", "perl-base", "python3.11-minimal", "sed", "tar", "xz-utils", "zip", "zlib1g"),
)

#: What the library of the stand-in's cross compiled packages is made of, and what nixpkgs calls its platform.
_LIBRARIES = ("libyaml-dev", "libyaml-0-2")
_LIBRARIES_FOR = "aarch64-multiplatform"


def standin_flake(nix: Nix, folder: Path) -> Path:
    """Write the stand-in to `folder`, put what it is made of into the store, and return the flake's folder."""
    made = _ingredients()
    shutil.copytree(_FILES, folder, copy_function=shutil.copyfile)
    shutil.copytree(made / "seed", folder / "seed")  # its program keeps its mode
    packages, libraries = sorted((made / "packages").iterdir()), sorted((made / "libraries").iterdir())
    pins = {
        "packages": [_pin(archive) for archive in packages],
        "libraries": {_LIBRARIES_FOR: [_pin(archive) for archive in libraries]},
    }
    (folder / "pins.json").write_text(json.dumps(pins))
    nix.add_files({archive.name: archive for archive in (*packages, *libraries)})
    return folder


def _pin(archive: Path) -> dict[str, str]:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return {"name": archive.name, "sha256": digest, "url": f"file:///{archive.name}"}


def _keep(archives: Iterable[Path], folder: Path) -> None:
    folder.mkdir()
    for archive in archives:
        # apt writes the colon of an epoch as %3a; the store takes neither.
        shutil.copyfile(archive, folder / archive.name.replace("%3a", "_").replace("~", "-"))


def _ingredients() -> Path:
    recipe = recipe_for("x86_64", "3.11")
    told = {"packages": _PACKAGES, "libraries": _LIBRARIES, "suite": recipe.suite, "method": _METHOD}
    key = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

    def fill(scratch: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as apt:
            _keep(download_packages(recipe, Path(apt), _PACKAGES), scratch / "packages")
        with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as apt:
            of_target = recipe_for("aarch64", "3.11")
            _keep(download_packages(of_target, Path(apt), (), lone=_LIBRARIES), scratch / "libraries")
        with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as apt:
            (archive,) = download_packages(recipe, Path(apt), (), lone=("busybox-static",))
            root = Path(apt, "root")
            merge_usr(root)
            unpack_package(archive, root)
            (scratch / "seed" / "bin").mkdir(parents=True)
            shutil.copy(root / "usr" / "bin" / "busybox", scratch / "seed" / "bin")

    return make_once(cache_root() / f"nix-standin-{key}", fill)
