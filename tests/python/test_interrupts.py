"""Ctrl-C ends what runs in worker threads at once, and lets nothing begin any more."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from crosswheel.act.building.running_commands import RunningCommands
from crosswheel.act.building.sandbox import Mounts, NoSandbox
from crosswheel.act.building.zig import prepare_zig
from crosswheel.act.ordered_work import work_in_order
from crosswheel.act.storage.store import Store
from crosswheel.act.worker_pool import worker_pool

#: Longer than any test waits.
LONG = ("/bin/sleep", "600")


def run(sandbox: NoSandbox, command: tuple[str, ...], folder: Path) -> int:
    with (folder / "log").open("ab") as log:
        return sandbox.run(command, mounts=Mounts(), environment={}, working_directory=str(folder), log=log)


def test_a_command_that_runs_in_another_thread_is_ended(tmp_path: Path) -> None:
    sandbox = NoSandbox()
    began = threading.Event()

    def work(_: str, __: Mapping[str, int]) -> int:
        began.set()
        return run(sandbox, LONG, tmp_path)

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt), worker_pool(1, stop=sandbox.stop) as pool:  # noqa: PT012
        pool.submit(work, "one", {})
        assert began.wait(30)
        time.sleep(0.2)
        raise KeyboardInterrupt
    assert time.monotonic() - started < 60


def test_no_command_begins_after_the_stop(tmp_path: Path) -> None:
    sandbox = NoSandbox()
    sandbox.stop()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(sandbox, LONG, tmp_path)
    assert time.monotonic() - started < 60


def test_a_worker_between_two_commands_does_not_go_on(tmp_path: Path) -> None:
    """The interrupt comes while no command runs: the next one is the last."""
    sandbox = NoSandbox()
    between, stopped = threading.Event(), threading.Event()
    ended: list[BaseException] = []

    def work(_: str, __: Mapping[str, int]) -> int:
        run(sandbox, ("/bin/true",), tmp_path)
        between.set()
        assert stopped.wait(30)
        try:
            return run(sandbox, LONG, tmp_path)
        except BaseException as error:
            ended.append(error)
            raise

    def stop() -> None:
        sandbox.stop()
        stopped.set()

    with pytest.raises(KeyboardInterrupt), worker_pool(1, stop=stop) as pool:  # noqa: PT012
        pool.submit(work, "one", {})
        assert between.wait(30)
        raise KeyboardInterrupt
    assert [type(error) for error in ended] == [KeyboardInterrupt]


def test_work_in_order_stops_what_has_begun() -> None:
    calls: list[str] = []

    def work(name: str, _: Mapping[str, int]) -> int:
        if name == "second":
            raise KeyboardInterrupt
        return 1

    with pytest.raises(KeyboardInterrupt):
        work_in_order({"first": (), "second": ("first",)}, work, jobs=1, stop=lambda: calls.append("stopped"))
    assert calls == ["stopped"]


def test_what_has_ended_is_not_ended_again() -> None:
    running = RunningCommands()
    calls: list[str] = []
    with running.known(lambda: calls.append("ended")):
        pass
    running.stop()
    assert calls == []


def test_unpacking_the_compiler_ends_with_the_builds(tmp_path: Path) -> None:
    wheel = tmp_path / "ziglang-0.17.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as archive:
        archive.writestr("ziglang/zig", "#!/bin/sh\n")
    store, sandbox = Store(tmp_path / "store"), NoSandbox()
    sandbox.stop()
    with pytest.raises(KeyboardInterrupt):
        prepare_zig(store, wheel, sandbox.check)
    assert (prepare_zig(store, wheel, NoSandbox().check) / "zig").is_file()


#: Sends Ctrl-C to its own process when a module is asked for that the command needs, and then does what a shell does.
_INTERRUPTED_WHILE_LOADING = """
import os, runpy, signal, sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "crosswheel.command_line.command_parser":
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting())
"""
_BEGINNINGS = {
    "python -m crosswheel": "runpy.run_module('crosswheel', run_name='__main__', alter_sys=True)",
    "the command": "from crosswheel.command_line.main import main; sys.exit(main())",
}


@pytest.mark.parametrize("begin", _BEGINNINGS.values(), ids=_BEGINNINGS)
def test_an_interrupt_while_the_command_is_loaded_is_as_quiet_as_any(begin: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED_WHILE_LOADING + begin, "target", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_an_interrupt_that_is_ignored_stays_so_while_the_command_is_loaded() -> None:
    ignoring = _INTERRUPTED_WHILE_LOADING.replace("signal.default_int_handler", "signal.SIG_IGN")
    command = [sys.executable, "-c", ignoring + _BEGINNINGS["the command"], "target", "list", "-q"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_is_loaded_before_interrupts_are_taken() -> None:
    """What is loaded before that is a moment in which Ctrl-C is a traceback."""
    code = (
        "import sys; before = set(sys.modules); sys.path[:0] = sys.argv[1:]; import crosswheel.command_line.main; "
        "print(sorted(set(sys.modules) - before))"
    )
    folder = Path(__file__).parents[2] / "python"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "['__future__', 'crosswheel', 'crosswheel.command_line', 'crosswheel.command_line.main']\n"
    )


def test_interrupts_are_taken_as_before_once_the_command_is_loaded() -> None:
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from crosswheel.command_line.main import main; main(['target', 'list', '-q']); "
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
