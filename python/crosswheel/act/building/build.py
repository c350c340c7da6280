"""Building one wheel: source tree, build environment and toolchain put together, PEP 517 hooks called in the sandbox.

What it yields is raw: whether the wheel fits its target is for `crosswheel.act.check` to say.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.build_log import (
    StepFailedError,
    causes_of,
    hint_for,
    mending_lines,
    place_of,
    tail_of,
)
from crosswheel.act.building.build_request import BuildRequest
from crosswheel.act.building.build_workspace import Workspace, open_workspace
from crosswheel.act.building.failed_builds import failure_of, forget_failure, remember_failure
from crosswheel.act.building.hook_call import call_hook, compiled_sources, compiler_failures, linked_packages
from crosswheel.act.building.newer_functions import compile_newer_functions
from crosswheel.act.building.sandbox import Sandbox
from crosswheel.act.check.facts import FailedCall
from crosswheel.decide.failures.failure_words import may_lack_compiler
from crosswheel.values.errors import BuildError

if TYPE_CHECKING:
    from crosswheel.act.reporter import Reporter
    from crosswheel.act.storage.store import Store

__all__ = ["BuildRequest", "RawWheel", "build_task", "build_wheel", "requires_for_build_wheel"]


#: How a question ended that is asked again.
_AGAIN = "no answer without a compiler, asked again with one"


@dataclass(frozen=True, kw_only=True, slots=True)
class RawWheel:
    """What a backend left, unchecked.

    Attributes:
        path: the wheel, in the store.
        log: all that the backend and its compilers said, in the store.
        sysroot: the folder with the libraries of the target it was linked against, in the store; ``None`` without.
        newer_functions: a library of functions that the target's glibc does not have, in the store; ``None`` where the
            sysroot's own libraries do without.
        linked: names of the sysroot's packages whose libraries were linked into shared libraries, sorted.
        failed: compiler calls that failed for good.
        compiled: the sources that compilers were given, sorted.
    """

    path: Path
    log: Path
    sysroot: Path | None = None
    newer_functions: Path | None = None
    linked: tuple[str, ...] = ()
    failed: tuple[FailedCall, ...] = ()
    compiled: tuple[str, ...] = ()


def build_task(request: BuildRequest) -> str:
    """Return what reporters hear a build called."""
    return f"build {request.name} {request.version} for {request.target.id}"


def build_wheel(request: BuildRequest, *, store: Store, sandbox: Sandbox, reporter: Reporter) -> RawWheel:
    """Build the wheel of `request` with the backend's hook ``build_wheel`` (PEP 517).

    Args:
        request: what to build.
        store: keeps environments, toolchains, the wheel and its log.
        sandbox: what the build runs in.
        reporter: hears of the progress.

    Raises:
        BuildError: the sdist, a patch or the backend failed; the end of the log is in the error's details.
        CheckError: a build requirement's wheel is damaged.
        InputError: the toolchain cannot compile for the target.
    """
    with (
        _workspace(request, store, sandbox, reporter, compiles=True) as workspace,
        _reported(reporter, build_task(request), "built"),
    ):
        name = call_hook(workspace, "build_wheel", [workspace.paths.output])
        wheel = _left_wheel(workspace.output, name)
        digest = store.add_file(wheel)
        found = store.artifact(digest, filename=wheel.name)
        if found is None:
            raise StepFailedError("its wheel vanished from the store")
        failed, compiled = compiler_failures(workspace), compiled_sources(workspace)
        linked = linked_packages(workspace)
        newer = compile_newer_functions(workspace)
        return RawWheel(
            path=found,
            failed=failed,
            compiled=compiled,
            log=_keep_log(request, workspace, store),
            sysroot=workspace.kept_sysroot(),
            newer_functions=None if newer is None else _kept(newer, store),
            linked=linked,
        )


def _kept(file: Path, store: Store) -> Path | None:
    return store.artifact(store.add_file(file), filename=file.name)


def requires_for_build_wheel(
    request: BuildRequest, *, store: Store, sandbox: Sandbox, reporter: Reporter
) -> tuple[str, ...]:
    """Return what the backend asks for beyond ``requires`` (PEP 517 ``get_requires_for_build_wheel``).

    Without a toolchain in the request it is the first of two questions: where a compiler may be what lacked, it is told as one that
    is asked again, not as a failure.

    Raises:
        BuildError: as `build_wheel`.
    """
    ask = f"ask {request.name} {request.version} for its build requirements"
    if request.toolchain is not None:
        ask += " with a compiler at hand"
    with (
        _reported(reporter, ask, "answered", again="" if request.toolchain else _AGAIN),
        _workspace(request, store, sandbox, reporter, compiles=False) as workspace,
    ):
        answer = call_hook(workspace, "get_requires_for_build_wheel", [])
        forget_failure(store, request.name, request.version, request.target.id)
        if answer is None:
            return ()
        if not isinstance(answer, list) or not all(isinstance(line, str) for line in answer):
            raise StepFailedError(
                f"its hook get_requires_for_build_wheel returned {answer!r}, not a list of requirements"
            )
        return tuple(str(line) for line in answer)


@contextmanager
def _reported(reporter: Reporter, task: str, outcome: str, *, again: str = "") -> Iterator[None]:
    """Report a task; `again` is its outcome where it failed and is done again with a compiler."""
    reporter.started(task)
    try:
        yield
    except BaseException as error:
        reporter.finished(task, _outcome_of(error, again))
        raise
    reporter.finished(task, outcome)


def _outcome_of(error: BaseException, again: str) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return again if again and isinstance(error, BuildError) and may_lack_compiler(error) else "failed"


@contextmanager
def _workspace(
    request: BuildRequest, store: Store, sandbox: Sandbox, reporter: Reporter, *, compiles: bool
) -> Iterator[Workspace]:
    """Yield a workspace with everything in place; a step that fails in it becomes an error that shows the log."""
    prepare = f"prepare to build {request.name} {request.version} for {request.target.id}"
    with open_workspace(request, store=store, sandbox=sandbox) as workspace:
        try:
            with _reported(reporter, prepare, "ready"):
                _prepare(workspace, reporter, compiles=compiles)
            yield workspace
        except StepFailedError as failure:
            raise _told(failure, workspace, store) from None


def _told(failure: StepFailedError, workspace: Workspace, store: Store) -> BuildError:
    """Return the error for a failure, with the end of the log and the configuration that mends it, and remember it."""
    request = workspace.request
    log, target = _keep_log(request, workspace, store), request.target.id
    failed = remember_failure(store, failure_of(request, why=failure.why, log=log))
    causes = causes_of(failed)
    return BuildError(
        "build",
        f"{request.name} {request.version}",
        why=failure.why,
        fix=failure.fix or hint_for(workspace.log, causes, own=request.own),
        context=(target,),
        details=[
            *tail_of(workspace.log),
            *(() if failure.fix else mending_lines(causes, request.name, target)),
            place_of(log),
        ],
    )


def _prepare(workspace: Workspace, reporter: Reporter, *, compiles: bool) -> None:
    workspace.unpack()
    workspace.prepare(compiles=compiles, reporter=reporter)


def _left_wheel(output: Path, name: object) -> Path:
    """Return the one wheel the backend left; it must be a plain file and the one it named."""
    left = sorted(entry for entry in os.listdir(output) if entry.endswith(".whl"))  # noqa: PTH208 # names only
    if not left:
        raise StepFailedError("its backend left no wheel, although it reported success")
    if len(left) > 1:
        raise StepFailedError(f"its backend left more than one wheel: {', '.join(left)}")
    if name != left[0]:
        raise StepFailedError(f"its backend named {name!r} and left '{left[0]}'")
    wheel = output / left[0]
    if not stat.S_ISREG(wheel.lstat().st_mode):
        raise StepFailedError(f"its backend left '{left[0]}', which is a link or no file at all")
    return wheel


def _keep_log(request: BuildRequest, workspace: Workspace, store: Store) -> Path:
    filename = f"{request.name}-{request.version}-{request.target.id}.log"
    digest = store.add_file(workspace.log, filename=filename)
    return store.artifact(digest, filename=filename) or workspace.log
