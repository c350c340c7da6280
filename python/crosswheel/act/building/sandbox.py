"""What a build runs in: a bubblewrap sandbox that holds declared inputs only, or (if asked for) none.

The promise and its limits: docs/concepts/sandbox.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from crosswheel.act.building.bubblewrap_process import kill_group, run_bubblewrap
from crosswheel.act.building.build_machine_tools import FileMounts, python_mounts, tool_mounts
from crosswheel.act.building.build_python import BuildPython
from crosswheel.act.building.fixed_addresses import fixed_addresses
from crosswheel.act.building.running_commands import RunningCommands
from crosswheel.act.building.sandbox_kinds import refuse_unknown_kind
from crosswheel.render.build_paths import SANDBOX_PATHS, BuildPaths, build_paths_under
from crosswheel.values.errors import SandboxError

__all__ = [
    "BubblewrapSandbox",
    "Mounts",
    "NoSandbox",
    "Sandbox",
    "choose_sandbox",
]

_ETC = {
    "/etc/passwd": "root:x:0:0:root:/:/bin/false\nbuild:x:1000:1000:build:/build/home:/bin/sh\n",
    "/etc/group": "root:x:0:\nbuild:x:1000:\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "/etc/hosts": "127.0.0.1 localhost build\n",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mounts:
    """What a command in the sandbox can see, besides the build machine's tools.

    Attributes:
        read_only: path on the build machine and path in the sandbox.
        writable: the same for folders the command may write to.
        build_python: the interpreter to be there, at `BuildPaths.python`.
        processor: what ``/proc/cpuinfo`` says; empty leaves the build machine's.
    """

    read_only: tuple[tuple[Path, str], ...] = ()
    writable: tuple[tuple[Path, str], ...] = ()
    build_python: BuildPython | None = None
    processor: str = ""


class Sandbox(Protocol):
    """Runs the commands of a build."""

    @property
    def kind(self) -> str:
        """Its name, one of `SANDBOX_KINDS`."""

    def paths(self, scratch: Path, build_python: BuildPython | None) -> BuildPaths:
        """Return where things stand for commands run with `scratch` as their folder on the build machine."""

    def run(
        self,
        command: Sequence[str],
        *,
        mounts: Mounts,
        environment: Mapping[str, str],
        working_directory: str,
        log: BinaryIO,
    ) -> int:
        """Run `command` to its end and return its exit code.

        Args:
            command: program and arguments, paths as in the sandbox.
            mounts: what it can see.
            environment: the whole environment.
            working_directory: path in the sandbox.
            log: receives standard output and standard error.

        Raises:
            KeyboardInterrupt: `stop` was called.
        """

    def stop(self) -> None:
        """End every command that runs, in whichever thread, and let none begin any more."""

    def check(self) -> None:
        """Raise KeyboardInterrupt if `stop` was called: asked now and then by what takes long and is no command."""


class BubblewrapSandbox:
    """Namespaces of the kernel, set up by the ``bwrap`` program without any privilege.

    Args:
        program: the ``bwrap`` executable.
    """

    kind = "bubblewrap"

    def __init__(self, program: Path) -> None:
        self.program = program
        self._running = RunningCommands()

    def stop(self) -> None:
        """End all commands; see `Sandbox.stop`."""
        self._running.stop()

    def check(self) -> None:
        """See `Sandbox.check`."""
        self._running.check()

    def paths(self, scratch: Path, build_python: BuildPython | None) -> BuildPaths:  # noqa: ARG002
        """Return the fixed paths: they are the same on every machine."""
        return SANDBOX_PATHS

    def run(
        self,
        command: Sequence[str],
        *,
        mounts: Mounts,
        environment: Mapping[str, str],
        working_directory: str,
        log: BinaryIO,
    ) -> int:
        """Run `command` in fresh namespaces; see `Sandbox.run`."""
        descriptors: list[int] = []
        try:
            arguments = [*_ISOLATION, *_root(mounts, descriptors), "--chdir", working_directory]
            return run_bubblewrap(
                [str(self.program), *arguments],
                command,
                environment={**environment, "PWD": working_directory},
                descriptors=descriptors,
                log=log,
                running=self._running,
            )
        finally:
            for descriptor in descriptors:
                os.close(descriptor)


#: No namespace is shared, no capability kept, no terminal, and nothing outlives crosswheel.
_ISOLATION = (
    *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"),
    *("--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "build", "--clearenv"),
)

_TEMPORARY_SIZE = 2 * 1024**3


def _root(mounts: Mounts, descriptors: list[int]) -> list[str]:
    """Return the arguments that build the root folder; it is made read-only when all is in place."""
    arguments = ["--proc", "/proc", "--dev", "/dev", "--size", str(_TEMPORARY_SIZE), "--tmpfs", "/tmp"]  # noqa: S108
    texts = {**_ETC, "/proc/cpuinfo": mounts.processor} if mounts.processor else _ETC
    for place, text in texts.items():
        arguments += ["--ro-bind-data", str(_descriptor_of(text, descriptors)), place]
    arguments += _file_mounts(tool_mounts())
    if mounts.build_python is not None:
        arguments += _file_mounts(python_mounts(mounts.build_python, SANDBOX_PATHS.python))
    for source, place in sorted(mounts.read_only, key=lambda pair: pair[1]):
        arguments += ["--ro-bind", str(source), place]
    for source, place in sorted(mounts.writable, key=lambda pair: pair[1]):
        arguments += ["--bind", str(source), place]
    # The kernel's settings (/proc/sys, /proc/mtrr) ask for the user outside, whom root's build is there.
    return [*arguments, "--remount-ro", "/proc", "--remount-ro", "/"]


def _file_mounts(files: FileMounts) -> list[str]:
    arguments: list[str] = []
    for text, place in files.links:
        arguments += ["--symlink", text, place]
    for source, place in files.mounts:
        arguments += ["--ro-bind", str(source), place]
    for place in files.hidden:
        arguments += ["--tmpfs", place, "--remount-ro", place]
    return arguments


def _descriptor_of(text: str, descriptors: list[int]) -> int:
    """Return a descriptor `text` can be read from; it is far below the capacity of a pipe."""
    reading, writing = os.pipe()
    descriptors.append(reading)
    os.write(writing, text.encode())
    os.close(writing)
    return reading


class NoSandbox:
    """Nothing but a clean environment: the command can read and write all that its user can."""

    kind = "none"

    def __init__(self) -> None:
        self._running = RunningCommands()

    def stop(self) -> None:
        """End all commands; see `Sandbox.stop`."""
        self._running.stop()

    def check(self) -> None:
        """See `Sandbox.check`."""
        self._running.check()

    def paths(self, scratch: Path, build_python: BuildPython | None) -> BuildPaths:
        """Return paths below `scratch`, where a link to the build Python is made."""
        paths = build_paths_under(f"{scratch}/fixed", str(scratch))
        if build_python is not None:
            name = f"python{build_python.abi.version}"
            _link(build_python.executable, Path(paths.python, "bin", name))
        return paths

    def run(
        self,
        command: Sequence[str],
        *,
        mounts: Mounts,
        environment: Mapping[str, str],
        working_directory: str,
        log: BinaryIO,
    ) -> int:
        """Run `command` with links in place of mounts; see `Sandbox.run`."""
        for source, place in (*mounts.read_only, *mounts.writable):
            _link(source, Path(place))
        with fixed_addresses():
            started = subprocess.Popen(
                list(command),
                cwd=working_directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        with started as process:
            try:
                with self._running.known(lambda: kill_group(process.pid)):
                    return process.wait()
            finally:
                kill_group(process.pid)


def _link(source: Path, place: Path) -> None:
    if place == source or place.is_symlink():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(source)


def choose_sandbox(kind: str = "bubblewrap") -> Sandbox:
    """Return the sandbox `kind`, having seen that it works here.

    Raises:
        InputError: no such kind.
        SandboxError: it cannot work on this machine; says what to install or to allow.
    """
    refuse_unknown_kind(kind)
    if kind == "none":
        return NoSandbox()
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxError(
            "set up the sandbox",
            why="bubblewrap (the program 'bwrap') is not installed",
            fix="install your distribution's package 'bubblewrap', or build without a sandbox (--sandbox=none)",
        )
    sandbox = BubblewrapSandbox(Path(program))
    _try_out(sandbox)
    return sandbox


def _try_out(sandbox: BubblewrapSandbox) -> None:
    import tempfile

    with tempfile.TemporaryFile() as log:
        code = sandbox.run(["/usr/bin/true"], mounts=Mounts(), environment={}, working_directory="/", log=log)
        if code == 0:
            return
        log.seek(0)
        said = log.read().decode(errors="replace").strip().splitlines()
    raise SandboxError(
        "set up the sandbox",
        why=f"bubblewrap does not work on this machine ({said[-1] if said else f'exit code {code}'})",
        fix="allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces, "
        "or an AppArmor profile for bwrap), or build without a sandbox (--sandbox=none)",
        details=said,
    )
