"""A shared library of the functions that glibc got after the target's, for libraries that come into the wheel.

Compiled by the build's own compiler from the source that static libraries get them from, see
injected/glibc_compat.c.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.toolchain_settings import GLIBC_COMPAT
from crosswheel.act.sysroot.assembly import needs_newer_glibc

if TYPE_CHECKING:
    from crosswheel.act.building.build_workspace import Workspace

__all__ = ["NEWER_FUNCTIONS", "compile_newer_functions"]

#: The library's name, in the wheel with a digest of it.
NEWER_FUNCTIONS = "libcrosswheel-glibc.so"


def compile_newer_functions(workspace: Workspace) -> Path | None:
    """Return the library, on the build machine; ``None`` where nothing in the sysroot could need it.

    A compiler that fails leaves none either and says why in the log: whether one was needed is for the check to say.
    """
    if workspace.sysroot is None or not needs_newer_glibc(workspace.sysroot):
        return None
    paths = workspace.paths
    source, output = f"{paths.toolchain}/lib/{GLIBC_COMPAT}", f"{paths.temporary}/{NEWER_FUNCTIONS}"
    options = ("-O2", "-fPIC", "-shared", "-DCROSSWHEEL_SHARED", f"-Wl,-soname,{NEWER_FUNCTIONS}")
    command = [f"{paths.toolchain}/bin/cc", *options, source, "-o", output, "-lpthread"]
    done = workspace.run(command, working_directory=paths.temporary)
    library = workspace.scratch / "temporary" / NEWER_FUNCTIONS
    return library if done == 0 and library.is_file() and not library.is_symlink() else None
