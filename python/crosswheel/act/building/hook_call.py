"""One call of a PEP 517 hook: request and result as JSON files, the backend in a process of its own.

The other side is `crosswheel.act.building.injected.drive`, whose header describes the protocol.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.asked_variables import asked_variables, cmake_texts
from crosswheel.act.building.build_log import StepFailedError
from crosswheel.act.building.compiler_failures import failed_calls, given_sources
from crosswheel.act.building.cross_python import MESON_CROSS_FILE
from crosswheel.act.building.native_sources import files_below_top
from crosswheel.act.check.facts import FailedCall
from crosswheel.render.cmake_toolchain import ASKED_TESTS, REFUSED_PROGRAMS
from crosswheel.render.meson_cross_file import meson_config_settings
from crosswheel.values.canonical_json import JsonValue, canonical_json

if TYPE_CHECKING:
    from crosswheel.act.building.build_workspace import Workspace

__all__ = ["call_hook", "compiled_sources", "compiler_failures", "linked_packages"]

_LARGEST_RESULT = 1 << 20
#: Some hundred bytes for each of many thousand calls.
_MOST_NOTES = 1 << 26
#: What the view would not answer, whatever became of the process that asked (injected/_crosswheel_view.py).
_REFUSALS = "crosswheel-refusals"


def call_hook(workspace: Workspace, hook: str, arguments: Sequence[str]) -> JsonValue:
    """Return what the backend's `hook` returned, or ``None`` when it has none.

    Raises:
        StepFailedError: the backend cannot be loaded, or the hook failed.
    """
    request = workspace.request
    settings: dict[str, JsonValue] = {
        name: workspace.with_facts(value)
        if isinstance(value, str)
        else [workspace.with_facts(one) for one in value]
        for name, value in _config_settings(workspace).items()
    }
    document: JsonValue = {
        "backend": request.backend,
        "backend_path": list(request.backend_path),
        "hook": hook,
        "arguments": list(arguments),
        "config_settings": settings,
    }
    (workspace.exchange / "request.json").write_bytes(canonical_json(document))
    seen = workspace.exchange_seen
    command = [
        f"{workspace.paths.environment}/bin/python",
        workspace.drive_seen,
        f"{seen}/request.json",
        f"{seen}/result.json",
    ]
    code = workspace.run(command, working_directory=workspace.paths.source)
    _log_notes(workspace)
    for refusal in _lines_of(workspace.scratch / "temporary" / _REFUSALS):
        why, _, fix = refusal.partition("; ")
        raise StepFailedError(why, fix)
    if code != 0:
        raise StepFailedError(f"its backend '{request.backend}' failed in {hook} ({_exit(code)})")
    result = _read_result(workspace, hook)
    if "error" in result:
        raise StepFailedError(str(result["error"]))
    if result.get("missing") and hook == "build_wheel":
        raise StepFailedError(
            f"its backend '{request.backend}' has no hook build_wheel, which PEP 517 demands"
        )
    return result.get("value")


def _config_settings(workspace: Workspace) -> Mapping[str, str | tuple[str, ...]]:
    """Return the user's settings and, where meson-python builds, the cross file, which it takes no other way.

    Whether it builds is told by the build requirements: the backend may be a module of the project that calls it.
    """
    request = workspace.request
    if not request.builds_with("meson_python"):
        return request.config_settings
    return meson_config_settings(request.config_settings, f"{workspace.paths.target}/{MESON_CROSS_FILE}")


def _log_notes(workspace: Workspace) -> None:
    """Tell the log what CMake kept to itself (programs of the target taken for failed) and no compiler says."""
    folder = workspace.scratch / "temporary"
    notes = _refused_programs(
        workspace, list(dict.fromkeys(filter(None, _lines_of(folder / REFUSED_PROGRAMS))))
    )
    # The name is that of the compiler launcher (injected/launcher.py).
    newer = dict.fromkeys(filter(None, _lines_of(folder / "crosswheel-newer-cpu")))
    notes += [f"compiled for newer processors: {line}" for line in newer]
    with workspace.log.open("ab") as log:
        log.writelines(f"crosswheel: {note}\n".encode() for note in notes)


def _refused_programs(workspace: Workspace, programs: list[str]) -> list[str]:
    if not programs:
        return []
    request = workspace.request
    settings = {name: str(value) for name, value in request.config_settings.items()}
    asked = asked_variables(
        _lines_of(workspace.scratch / "temporary" / ASKED_TESTS),
        programs=len(programs),
        log=workspace.log.read_text("utf-8", "replace"),
        sources=cmake_texts(workspace.source),
        answers={**request.environment, **settings},
    )
    meaning = "not run, and its answer given" if asked.answer(len(programs)) else "not run"
    notes = [f"program of the target {meaning}: {program}" for program in programs]
    if asked.open:
        notes.append(f"CMake asked programs of the target for: {', '.join(asked.open)}")
    return notes


def linked_packages(workspace: Workspace) -> tuple[str, ...]:
    """Return the sysroot's packages whose libraries the compiler launchers put into shared libraries, sorted.

    What a project links to find out whether a library is there is a program, and does not count.
    """
    lines = _lines_of(workspace.scratch / "temporary" / "crosswheel-linked")
    return tuple(sorted({word for line in lines for word in line.split(" ")[1:]}))


def compiler_failures(workspace: Workspace) -> tuple[FailedCall, ...]:
    """Return the compiler calls that failed and were never made up for, and tell the log of them."""
    failed = failed_calls(
        _compiler_calls(workspace),
        source=workspace.paths.source,
        temporary=workspace.paths.temporary,
        sdist_files=files_below_top(workspace.request.sdist),
    )
    with workspace.log.open("ab") as log:
        for call in failed:
            what = "linked" if call.linking else "compiled"
            log.write(f"crosswheel: never {what}: {call.file} ({call.error})\n".encode(errors="replace"))
    return failed


def compiled_sources(workspace: Workspace) -> tuple[str, ...]:
    """Return every source that a compiler was given, sorted."""
    return given_sources(_compiler_calls(workspace), source=workspace.paths.source)


def _compiler_calls(workspace: Workspace) -> list[str]:
    # The name is that of the compiler launcher (injected/launcher.py).
    return _lines_of(workspace.scratch / "temporary" / "crosswheel-compiler-calls", most=_MOST_NOTES)


def _lines_of(path: Path, *, most: int = _LARGEST_RESULT) -> list[str]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return []
    with open(descriptor, "rb") as stream:  # noqa: PTH123 # of a descriptor
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return []
        return stream.read(most).decode(errors="replace").split("\n")


def _read_result(workspace: Workspace, hook: str) -> dict[str, JsonValue]:
    """Read the result as what it is, a file a stranger wrote: no link is followed, nothing big is read."""
    why = f"its backend ended in {hook} without a result"
    try:
        descriptor = os.open(workspace.exchange / "result.json", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise StepFailedError(why) from None
    with open(descriptor, "rb") as stream:  # noqa: PTH123 # of a descriptor
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StepFailedError(why)
        data = stream.read(_LARGEST_RESULT + 1)
    try:
        result = json.loads(data) if len(data) <= _LARGEST_RESULT else None
    except (ValueError, RecursionError):
        result = None
    if not isinstance(result, dict):
        raise StepFailedError(f"its backend wrote a result of {hook} that cannot be read")
    return result


def _exit(code: int) -> str:
    if code < 0 or code > 128:
        return f"killed by signal {abs(code) if code < 0 else code - 128}"
    return f"exit code {code}"
