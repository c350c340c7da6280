"""What the user is told while a build is prepared and run, and after an interrupt."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from crosswheel.act.building.build import _reported
from crosswheel.act.building.build_python import BuildPython
from crosswheel.act.building.sandbox import Mounts, NoSandbox
from crosswheel.act.building.zig import _warm_calls, _warm_calls_of_build_machine, warm_cache
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.failures.failure_words import WANTS_NETWORK
from crosswheel.render.build_paths import BuildPaths
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import BuildError

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
TASK = "make zig's runtime libraries for aarch64-linux-gnu.2.28"


class Listener(SilentReporter):
    def __init__(self) -> None:
        self.heard: list[tuple[str, ...]] = []

    def started(self, task: str, total: int | None = None) -> None:
        self.heard.append((task,))

    def found(self, file: str, place: str) -> None:
        pass

    def finished(self, task: str, outcome: str) -> None:
        self.heard.append((task, outcome))


class PretendedCompiler:
    """A sandbox in which each command leaves what zig's cache would hold, and ends as told."""

    kind = "pretended"

    def __init__(self, end: Callable[[], int]) -> None:
        self._end = end
        self.found: list[set[str]] = []

    def stop(self) -> None:
        raise AssertionError

    def check(self) -> None:
        """Nothing stops."""

    def paths(self, scratch: Path, build_python: BuildPython | None) -> BuildPaths:
        return NoSandbox().paths(scratch, build_python)

    def run(
        self,
        command: Sequence[str],
        *,
        mounts: Mounts,
        environment: Mapping[str, str],
        working_directory: str,
        log: BinaryIO,
    ) -> int:
        (cache,) = (folder for folder, place in mounts.writable if place.endswith("cache"))
        for name in ("b", "h", "o"):
            (cache / "global" / name).mkdir(parents=True, exist_ok=True)
        objects = cache / "global" / "o"
        self.found.append({path.name for path in objects.iterdir()})
        (objects / command[1]).write_text("made")
        return self._end()


def warmed(store: Store, listener: Listener, end: Callable[[], int], *, cxx: bool = True) -> Path:
    sandbox = PretendedCompiler(end)
    return warm_cache(store, store.root / "zig", ARM, sandbox=sandbox, cxx=cxx, reporter=listener)


@pytest.mark.parametrize(("cxx", "language"), [(True, "C++"), (False, "C")])
def test_runtime_libraries_are_a_step_of_their_own_and_made_once(
    tmp_path: Path, cxx: bool, language: str
) -> None:
    listener, store = Listener(), Store(tmp_path)
    for _ in range(2):
        warmed(store, listener, lambda: 0, cxx=cxx)
    task = f"{TASK} ({language})"
    assert listener.heard == [(task,), (task, "made")]


@pytest.mark.parametrize(("cxx", "language"), [(True, "C++"), (False, "C")])
def test_runtime_libraries_of_the_build_machine_are_made_beside_the_targets(
    tmp_path: Path, cxx: bool, language: str
) -> None:
    listener, store = Listener(), Store(tmp_path)
    for_target = warmed(store, listener, lambda: 0, cxx=cxx)
    zig, sandbox = store.root / "zig", PretendedCompiler(lambda: 0)
    for_build_machine = warm_cache(
        store, zig, ARM, sandbox=sandbox, cxx=cxx, reporter=listener, for_build_machine=True
    )
    assert for_build_machine != for_target
    task = f"make zig's runtime libraries for {os.uname().machine}-linux-musl ({language})"
    assert listener.heard[2:] == [(task,), (task, "made")]


@pytest.mark.parametrize("for_build_machine", [False, True])
def test_what_was_made_for_fewer_languages_is_not_made_again(tmp_path: Path, for_build_machine: bool) -> None:
    listener = Listener()

    def found(*languages: tuple[bool, bool], store: str) -> set[str]:
        """Return what the first call for the last of these finds, when all of them are made in a new store."""
        for cxx, rust in languages:
            sandbox = PretendedCompiler(lambda: 0)
            zig = tmp_path / store / "zig"
            warm_cache(
                *(Store(tmp_path / store), zig, ARM),
                sandbox=sandbox,
                cxx=cxx,
                rust=rust,
                reporter=listener,
                for_build_machine=for_build_machine,
            )
        return sandbox.found[0]

    c, cxx, rust, both = (False, False), (True, False), (False, True), (True, True)
    assert found(cxx, store="c++") == set()
    assert found(c, cxx, store="c, c++") == {"cc"}
    assert found(cxx, c, store="c++, c") == set()
    assert found(c, rust, store="c, rust") == {"cc"}
    assert found(cxx, both, store="c++, both") == {"cc", "c++"}
    assert found(rust, both, store="rust, both") == {"cc"}
    assert found(cxx, rust, store="c++, rust") == set()


def test_programs_of_the_build_machine_are_warmed_up_by_its_own_compilers() -> None:
    calls = _warm_calls_of_build_machine(cxx=True, rust=False)
    assert [call[0] for call in calls] == ["build-cc", "build-c++"]
    assert {call[0] for call in _warm_calls(cxx=False, rust=False)} == {"cc"}


def interrupt() -> int:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("end", "error", "outcome"),
    [(lambda: 1, BuildError, "failed"), (interrupt, KeyboardInterrupt, "interrupted")],
)
def test_runtime_libraries_that_were_not_made_are_told_so(
    tmp_path: Path, end: Callable[[], int], error: type[BaseException], outcome: str
) -> None:
    listener = Listener()
    with pytest.raises(error):
        warmed(Store(tmp_path), listener, end)
    assert listener.heard[-1] == (f"{TASK} (C++)", outcome)


@pytest.mark.parametrize(
    ("error", "again", "outcome"),
    [
        (BuildError("ask", "fast", why="there is no cc", fix="give one"), "asked again", "asked again"),
        (BuildError("ask", "fast", why="there is no cc", fix="give one"), "", "failed"),
        (BuildError("ask", "fast", why="it failed", fix=WANTS_NETWORK), "asked again", "failed"),
        (ValueError(), "asked again", "failed"),
        (KeyboardInterrupt(), "asked again", "interrupted"),
    ],
)
def test_what_is_asked_again_with_a_compiler_did_not_fail(
    error: BaseException, again: str, outcome: str
) -> None:
    listener = Listener()
    with pytest.raises(type(error)), _reported(listener, "ask demo", "answered", again=again):
        raise error
    assert listener.heard == [("ask demo",), ("ask demo", outcome)]


def test_an_interrupted_task_did_not_fail() -> None:
    listener = Listener()
    with pytest.raises(KeyboardInterrupt), _reported(listener, "build demo", "built"):
        raise KeyboardInterrupt
    assert listener.heard == [("build demo",), ("build demo", "interrupted")]
