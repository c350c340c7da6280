"""What Bazel's action for the runtime libraries is given of the core is what that step reads, and no more.

They take minutes, and a change of any other module makes them not anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import deflate
import packaging
import pytest
import tomli

from crosswheel.values.digests import digest_of
from plan_values import digest

_ROOT = Path(__file__).parents[2]
_PYTHON = _ROOT / "python"
_TARGETS = ("cp311-linux_aarch64_glibc_2_28", "cp311-linux_aarch64_musl_1_2")
_MACHINE = f"cp311-linux_{os.uname().machine}_glibc_2_28"
#: What the core is found by, and what is imported when the system refuses something.
_NOT_IMPORTED = {
    "crosswheel/__main__.py",
    "crosswheel/command_line/system_errors.py",
    "crosswheel/command_line/told_faults.py",
    "crosswheel/values/wording.py",
}
#: In place of zig: leaves what its cache would hold, or fails.
_ZIG = "#!/bin/sh\ncd /build/cache && mkdir -p global/b global/h global/o musl\nexit {code}\n"
#: As rules/private/run_core.py is run; at the end, all that was imported of the core is written to a file.
_RUN = """\
import atexit, runpy, sys
from pathlib import Path
program, told, *sys.argv = sys.argv[1:]
of_core = lambda: [module.__file__ for name, module in sys.modules.items() if name.split(".")[0] == "crosswheel"]
atexit.register(lambda: Path(told).write_text("\\n".join(of_core())))
runpy.run_path(program, run_name="__main__")
"""


def _listed() -> set[str]:
    """Return the files of the core that python/BUILD.bazel names for the step, relative to its folder."""
    text = (_PYTHON / "BUILD.bazel").read_text()
    (named,) = re.findall(r'name = "runtime_core",\n    srcs = \[\n(.*?)\n    \]', text, re.DOTALL)
    return set(re.findall(r'"(.+)",', named))


def _entry() -> str:
    """Return the module that the action runs."""
    (module,) = re.findall(r'_RUNTIME_ENTRY = "(.+)"', (_ROOT / "rules/private/steps.bzl").read_text())
    return str(module)


def _toolchain(folder: Path, code: int) -> Path:
    wheel = folder / "ziglang-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("ziglang/zig", _ZIG.format(code=code))
        archive.writestr("ziglang/lib/libc/musl/libc.S", "")
    return wheel


def _plan(folder: Path, target: str, toolchain: Path) -> Path:
    """Write what the hub hands to the action: a plan with one build that stands for all."""
    pin = digest_of(toolchain.read_bytes()).hex
    headers = {"source": "build-python", "python_version": "3.11.7", "sha256": digest("headers").hex}
    build = {
        "name": "runtime",
        "version": "0",
        "target": target,
        "sdist": pin,
        "inputs": pin,
        "backend": "none",
    }
    environment = {"requirements": [], "toolchain": pin}
    plan = {
        "schema": 1,
        "source_date_epoch": 315532800,
        "inputs": {},
        "artifacts": {pin: {"filename": toolchain.name, "url": f"https://index.example/{toolchain.name}"}},
        "builds": {f"runtime-0-{target}": build | {"environments": {_MACHINE: environment}}},
        "targets": [
            {"id": target, "description": digest("description").hex, "headers": headers, "wheels": []}
        ],
    }
    path = folder / "runtime.plan.json"
    path.write_text(json.dumps(plan))
    return path


def _run(
    core: Path, folder: Path, target: str, *, code: int
) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Run the step with a core; return how it ended and the files that it imported."""
    toolchain = _toolchain(folder, code)
    libraries = [str(core / "crosswheel/__main__.py")]
    libraries += [str(one.__file__) for one in (packaging, tomli, deflate)]
    words = ["step", "runtime", "--quiet", str(_plan(folder, target, toolchain)), "--target", target]
    words += ["--file", str(toolchain), "-o", str(folder / "runtime.tar")]
    program = str(_ROOT / "rules/private/run_core.py")
    launch = [program, str(folder / "told"), program, _entry(), *libraries, "--", *words]
    done = subprocess.run(
        [sys.executable, "-I", "-c", _RUN, *launch],
        capture_output=True,
        text=True,
        check=False,
    )
    told = (folder / "told").read_text().splitlines()
    return done, {Path(path).relative_to(core).as_posix() for path in told}


@pytest.fixture
def core(tmp_path: Path) -> Path:
    """The listed files, alone."""
    for name in _listed():
        place = tmp_path / "core" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_PYTHON / name, place)
    return tmp_path / "core"


def test_the_step_reads_what_it_is_given_and_no_more(core: Path, tmp_path: Path) -> None:
    imported: set[str] = set()
    for target in _TARGETS:
        done, files = _run(_PYTHON, tmp_path, target, code=0)
        assert (done.returncode, done.stderr) == (0, "")
        imported |= files
    # What differs is to be added to, or left out of, `runtime_core` in python/BUILD.bazel.
    assert imported - _listed() == set()
    assert _listed() - imported == _NOT_IMPORTED
    for target in _TARGETS:
        done, _ = _run(core, tmp_path, target, code=0)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_compiler_that_fails_is_told_in_the_same_words(core: Path, tmp_path: Path) -> None:
    for target in _TARGETS:
        done, _ = _run(core, tmp_path, target, code=1)
        assert done.returncode == 7
        assert f"cannot make zig's runtime libraries for '{target}': zig failed" in done.stderr
