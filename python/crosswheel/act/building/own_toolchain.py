"""A toolchain of the user's own for one build: what the plan says of it, and its files in the store."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.building.build_machine_tools import tool_mounts
from crosswheel.act.building.toolchain_tree import (
    COMPILER,
    LIBRARIES,
    SYSROOT,
    keep_toolchain,
    toolchain_files,
)
from crosswheel.act.storage.store import Store
from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.render.build_paths import BuildPaths
from crosswheel.values.errors import InputError

__all__ = ["OwnToolchain", "pinned_toolchain"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnToolchain:
    """A toolchain in the store.

    Attributes:
        pin: what the plan says of it.
        tree: the folder with its files, see `crosswheel.act.building.toolchain_tree`.
    """

    pin: ToolchainPin
    tree: Path

    def mounts(self, paths: BuildPaths, *, sandbox: str) -> tuple[tuple[Path, str], ...]:
        """Return what a build sees of it: path on the build machine and path as the build sees it.

        Libraries that its programs load stand beside the C library, where every loader looks; without a sandbox the
        programs load the machine's own.
        """
        places = [(COMPILER, paths.compiler), (SYSROOT, paths.compiler_sysroot)]
        seen = [(self.tree / name, place) for name, place in places if (self.tree / name).is_dir()]
        libraries = self.tree / LIBRARIES
        if sandbox != "none" and libraries.is_dir():
            folder = _library_folder()
            seen += [(libraries / name, f"{folder}/{name}") for name in sorted(os.listdir(libraries))]  # noqa: PTH208
        return tuple(seen)


def _library_folder() -> str:
    places = (place for _, place in tool_mounts().mounts)
    return next((place.rpartition("/")[0] for place in places if "/libc." in place), "/usr/lib")


def pinned_toolchain(pin: ToolchainPin, store: Store, *, base: Path) -> OwnToolchain:
    """Return the toolchain that a plan pins, copied into the store if it is not there yet.

    Args:
        pin: what the plan says.
        store: keeps the files.
        base: the plan's folder.

    Raises:
        InputError: the toolchain is not where the plan says, or is not the one it was made with.
    """
    tree = store.tree("toolchain-files", pin.content)
    if tree is None:
        folder, sysroot = base / pin.folder, None if pin.sysroot is None else base / pin.sysroot
        for place, text in ((folder, pin.folder), (sysroot, pin.sysroot)):
            if place is not None and not place.is_dir():
                raise InputError(
                    "use toolchain",
                    pin.compiler,
                    why=f"there is no folder {text}, where it was when the plan was made",
                    fix="put it there, or plan again with where it is",
                )
        try:
            tree = keep_toolchain(store, pin.content, toolchain_files(folder, pin.inputs, sysroot))
        except InputError as error:
            raise error.within(pin.compiler) from None
    return OwnToolchain(pin=pin, tree=tree)
