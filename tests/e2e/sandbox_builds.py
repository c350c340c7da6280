"""Building small sdists written by a test, with nothing fetched: backends of their own, in-tree."""

from __future__ import annotations

import io
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from crosswheel.act.building.build import BuildRequest, RawWheel, build_wheel
from crosswheel.act.building.build_python import read_build_python
from crosswheel.act.building.sandbox import Sandbox
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.act.target_python.headers import build_python_headers
from crosswheel.act.target_python.load_description import load_description
from crosswheel.target.targets import parse_target_id

__all__ = ["EPOCH", "backend_sdist", "build_request", "run_build", "write_sdist"]

EPOCH = 1_577_836_800

#: A backend that runs `attempt` (whose result goes to the log) and leaves an empty wheel.
_BACKEND = """
import os, sys, zipfile
NAME = "hostile-1-py3-none-any.whl"
def leave(path):
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("hostile-1.dist-info/WHEEL", "Wheel-Version: 1.0")
def attempt(output):
{attempt}
def build_wheel(output, config_settings=None, metadata_directory=None):
    try:
        result = attempt(output)
    except BaseException as error:
        result = "REFUSED %s: %s" % (type(error).__name__, error)
    print("RESULT", result, flush=True)
    if result != "LEFT":
        leave(os.path.join(output, NAME))
    return NAME
"""


def write_sdist(path: Path, members: Mapping[str, str]) -> Path:
    """Write a ``.tar.gz`` with one folder."""
    with tarfile.open(path, "w:gz") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(f"{path.name.removesuffix('.tar.gz')}/{name}")
            data = text.encode()
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def backend_sdist(folder: Path, attempt: str, *, files: Mapping[str, str] | None = None) -> Path:
    """Write an sdist whose in-tree backend runs the body `attempt`, a function of ``output`` that returns a text."""
    body = "\n".join(f"    {line}" for line in attempt.strip().splitlines())
    return write_sdist(
        folder / "hostile-1.tar.gz",
        {"pyproject.toml": "", "tree/mine.py": _BACKEND.replace("{attempt}", body), **(files or {})},
    )


def run_build(
    sdist: Path,
    folder: Path,
    sandbox: Sandbox,
    *,
    target: str | None = None,
    backend: str = "mine",
    change: Callable[[BuildRequest], BuildRequest] = lambda request: request,
    root: Path | None = None,
) -> RawWheel:
    """Build `sdist` with the interpreter of the tests, for aarch64 unless `target` says otherwise.

    The store is one of `folder`, or the one in `root`: that of all tests has a compiler at hand, and need not unpack it.
    """
    store = Store(root or folder / "store")
    request = change(build_request(sdist, store, target=target, backend=backend))
    return build_wheel(request, store=store, sandbox=sandbox, reporter=SilentReporter())


def build_request(
    sdist: Path, store: Store, *, target: str | None = None, backend: str = "mine"
) -> BuildRequest:
    """Return what is asked for of an sdist with an in-tree backend, for aarch64 unless `target` says otherwise."""
    python = read_build_python(Path(sys.executable))
    wanted = parse_target_id(target or f"{python.abi}-linux_aarch64_glibc_2_28")
    description = load_description(wanted)
    headers = store.artifact(
        store.add_bytes(build_python_headers(python.include, description).data, "headers.tar")
    )
    assert headers is not None
    return BuildRequest(
        name="hostile",
        version="1",
        sdist=sdist,
        target=wanted,
        description=description,
        headers=headers,
        build_python=python,
        source_date_epoch=EPOCH,
        backend=backend,
        backend_path=("tree",),
    )
