"""One package of the corpus: locked, planned, cross built, installed, imported and used; what came of it as a record."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processor_time import meter
from corpus.corpus_list import Package
from corpus.reasons import reason_of
from crosswheel.act.check.elf import Elf, parse_elf
from e2e.target_pythons import TargetPython, debian_mirror, run_target_python

__all__ = ["Attempt", "FailedStage", "run_package"]

_PYTHON = "3.11"

#: What is told of a build, by build requirements that say more than the backend's name; first match wins.
_KINDS = (
    ("maturin", "maturin"),
    ("setuptools_rust", "setuptools-rust"),
    ("meson_python", "meson-python"),
    ("scikit_build_core", "scikit-build-core"),
    ("scikit_build", "scikit-build"),
    ("hatch_mypyc", "hatchling + mypyc"),
    ("hatchling", "hatchling"),
    ("poetry_core", "poetry-core"),
    ("pdm_backend", "pdm-backend"),
    ("flit_core", "flit-core"),
    ("sip", "sip"),
    ("setuptools", "setuptools"),
)
#: What a compiler says of a place in a file.
_OF_A_COMPILER = re.compile(r"^\S+:\d+(?::\d+)?: (?:fatal )?error: ")
#: Modules of a project's own tests, which want what the tests require.
_OF_TESTS = re.compile(r"\.tests?\.")
_HELPERS = ("cffi", "cppy", "cython", "mypy", "nanobind", "pybind11", "cmake", "numpy")


class FailedStage(Exception):  # noqa: N818  # no fault of ours, but what came of it
    """A stage failed; the text is what was said, its first word the stage or the class of the error."""

    def __init__(self, stage: str, said: str) -> None:
        super().__init__(said)
        self.stage = stage
        self.said = said


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """What a package is tried with.

    Attributes:
        package: the package.
        target: the target as it is given on the command line.
        python: its Python, which imports the result.
        folder: where lock, plan, repository and tree are written.
        store: the store.
        again: another folder and another store to build in once more, or ``None``.
        seconds: time limit of a command.
    """

    package: Package
    target: str
    python: TargetPython
    folder: Path
    store: Path
    again: tuple[Path, Path] | None
    seconds: float


def run_package(attempt: Attempt, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a package.

    Args:
        attempt: what to do.
        before: its record of an earlier run, from which the cost is taken of a wheel that the store still has.
    """
    record: dict[str, Any] = {"version": attempt.package.version, "when": time.strftime("%Y-%m-%d")}
    record |= {"configured": True} if attempt.package.configuration else {}
    try:
        _try(attempt, record)
    except FailedStage as failure:
        said = _without_places(failure.said, attempt)
        record |= {
            "result": "fail",
            "stage": failure.stage,
            "reason": reason_of(said),
            "said": _shortened(said),
        }
    if record.get("cpu") is None and before.get("sha256") == record.get("sha256"):
        record |= {key: before[key] for key in ("cpu", "wall") if key in before}
    return record


def _try(attempt: Attempt, record: dict[str, Any]) -> None:
    shutil.rmtree(attempt.folder, ignore_errors=True)
    attempt.folder.mkdir(parents=True)
    _lock(attempt)
    _plan(attempt)
    record["backend"] = _backend(attempt)
    started = time.perf_counter()
    with meter() as metered:
        wheel = _build(attempt, attempt.folder, attempt.store, metered.join)
        cost = {"cpu": round(metered.seconds(), 1), "wall": round(time.perf_counter() - started, 1)}
    if "built in" in (attempt.folder / "build.log").read_text():
        record |= cost
    record |= {"wheel": wheel["filename"], "tag": _tag(wheel["filename"]), "sha256": wheel["sha256"]}
    warnings = wheel.get("warnings", [])
    record |= {"warnings": sorted({_code(line) for line in warnings})} if warnings else {}
    modules = _extension_modules(attempt.package, attempt.folder / "dist", wheel["filename"], record)
    _install(attempt)
    _use(attempt, modules)
    record["result"] = "pass"
    if attempt.again is not None:
        record["again"] = _again(attempt, wheel["sha256"])


def _lock(attempt: Attempt) -> None:
    folder = attempt.folder
    requirements = (attempt.package.requirement, *attempt.package.needs)
    if attempt.package.configuration:
        (folder / "crosswheel.toml").write_text(attempt.package.configuration)
    (folder / "requirements.in").write_text("".join(f"{line}\n" for line in requirements))
    done = subprocess.run(
        [
            *(_program("uv"), "pip", "compile", "--quiet", "--universal", "--python-version", _PYTHON),
            *("--format", "pylock.toml", "requirements.in", "-o", "pylock.toml"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise FailedStage("lock", f"uv: {done.stderr.strip()}")


def _plan(attempt: Attempt) -> None:
    options = ("--target", attempt.target, "--python", _PYTHON, "--no-binary", attempt.package.name)
    command = ("plan", "pylock.toml", *options, *_mirrors(), "-o", "wheels.plan.json")
    _crosswheel("plan", command, attempt, attempt.folder, attempt.store)


def _mirrors() -> tuple[str, str]:
    """Return the option that has Debian's packages come from this machine's own mirror."""
    return ("--mirror", f"https://deb.debian.org/debian/={debian_mirror()[0]}")


def _build(attempt: Attempt, folder: Path, store: Path, join: Any = None) -> Mapping[str, Any]:
    """Build and return what the command says of the package's wheel."""
    document = _crosswheel(
        "build", ("build", "wheels.plan.json", *_mirrors(), "-o", "dist"), attempt, folder, store, join
    )
    (repository,) = document["repositories"]
    name = re.sub(r"[-_.]+", "-", attempt.package.name).lower()
    (wheel,) = (wheel for wheel in repository["wheels"] if wheel["name"] == name)
    if wheel["origin"] != "built":
        raise FailedStage("build", f"CheckError: {wheel['filename']} was not built, but {wheel['origin']}")
    found: Mapping[str, Any] = wheel
    return found


def _again(attempt: Attempt, digest: str) -> str:
    """Build the same plan in another folder with another store; return how the wheel compares."""
    assert attempt.again is not None
    folder, store = attempt.again
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(attempt.folder / "wheels.plan.json", folder)
    for beside in ("cargo", "sysroots"):  # files that the plan names by path
        if (attempt.folder / beside).is_dir():
            shutil.copytree(attempt.folder / beside, folder / beside)
    try:
        wheel = _build(attempt, folder, store)
    except FailedStage as failure:
        return f"failed: {_shortened(_without_places(failure.said, attempt))}"
    if wheel["sha256"] == digest:
        shutil.rmtree(folder, ignore_errors=True)
        return "equal"
    return f"different: {_differences(attempt.folder / 'dist', folder / 'dist', wheel['filename'])}"


def _differences(here: Path, there: Path, filename: str) -> str:
    first, second = (_members(next(dist.glob(f"*/{filename}"), None)) for dist in (here, there))
    names = sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))
    return ", ".join(name for name in names if not name.endswith("/RECORD")) or "the archive"


def _members(wheel: Path | None) -> dict[str, int]:
    if wheel is None:
        return {}
    return {info.filename: info.CRC for info in zipfile.ZipFile(wheel).infolist()}


def _install(attempt: Attempt) -> None:
    (manifest,) = attempt.folder.glob("dist/*/manifest.json")
    command = ("install", str(manifest.parent), "--dest", "site")
    _crosswheel("install", command, attempt, attempt.folder, attempt.store)


def _use(attempt: Attempt, modules: Sequence[str]) -> None:
    """Import every extension module in the target Python and run the exercise."""
    site = attempt.folder / "site"
    imports = "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)\n"
    for stage, code in (("import", imports), ("exercise", attempt.package.exercise)):
        if not code:
            continue
        try:
            done = run_target_python(
                attempt.python, f"{code}\nprint('works')", site, timeout=attempt.seconds, arguments=modules
            )
        except subprocess.TimeoutExpired:
            raise FailedStage(stage, f"{stage}: it did not end in {attempt.seconds:.0f} s") from None
        if done.stdout.splitlines()[-1:] != ["works"]:
            raise FailedStage(
                stage, f"{stage}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}".strip()
            )


def _extension_modules(package: Package, dist: Path, filename: str, record: dict[str, Any]) -> list[str]:
    """Return the dotted names of the wheel's extension modules; a wheel without native code is a failure."""
    (wheel,) = dist.glob(f"*/{filename}")
    with zipfile.ZipFile(wheel) as archive:
        data = {info.filename: archive.read(info) for info in archive.infolist() if _is_elf(archive, info)}
    record["natives"] = len(data)
    if not data:
        raise FailedStage("build", f"pure wheel: {filename} holds no native code")
    # A library for ctypes or cffi may be named like a module, but initializes none.
    files = (name for name, binary in data.items() if _initializes(parse_elf(binary)))
    names = {name.rpartition("/")[0] + "/" + name.rpartition("/")[2].partition(".")[0] for name in files}
    # A package compiled as a whole has an `__init__` of its own, which is imported under the package's name.
    dotted = {name.strip("/").replace("/", ".").removesuffix(".__init__") for name in names}
    modules = dotted - set(package.not_imported)
    return sorted(name for name in modules if not _OF_TESTS.search(name))


def _initializes(elf: Elf) -> bool:
    return any(symbol.startswith(("PyInit_", "PyInitU_")) for symbol in elf.defined)


def _is_elf(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    with archive.open(info) as stream:
        return stream.read(4) == b"\x7fELF"


def _backend(attempt: Attempt) -> str:
    """Return what builds the package, in words people know."""
    plan = json.loads((attempt.folder / "wheels.plan.json").read_text("utf-8"))
    wanted = re.sub(r"[-_.]+", "-", attempt.package.name).lower()
    build = next(build for build in plan["builds"].values() if build["name"] == wanted)
    (environment,) = build["environments"].values()
    files = (plan["artifacts"][digest]["filename"] for digest in environment["requirements"])
    projects = {name.partition("-")[0].lower() for name in files}
    kind = next((text for project, text in _KINDS if project in projects), build["backend"])
    helpers = [helper for helper in _HELPERS if helper in projects]
    own = " (in-tree)" if build.get("backend_path") else ""
    return " + ".join([kind, *helpers]) + own


def _tag(filename: str) -> str:
    return filename.removesuffix(".whl").rpartition("-")[2].split(".")[-1]


def _code(warning: object) -> str:
    found = re.search(r"\[([a-z0-9-]+)\]", str(warning))
    return found[1] if found else str(warning)[:80]


def _crosswheel(
    stage: str, arguments: Sequence[str], attempt: Attempt, folder: Path, store: Path, join: Any = None
) -> dict[str, Any]:
    """Run the real command with ``--json`` and return its document."""
    command = [_program("crosswheel"), *arguments, "--json"]
    environment = {**os.environ, "CROSSWHEEL_CACHE_DIR": str(store)}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=join,  # noqa: PLW1509  # no threads here
    ) as process:
        try:
            out, err = process.communicate(timeout=attempt.seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
            raise FailedStage(stage, f"time limit: {stage} took more than {attempt.seconds:.0f} s") from None
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise
    (folder / f"{stage}.log").write_text(err)
    if process.returncode == 0:
        document: dict[str, Any] = json.loads(out) if out.strip().startswith("{") else {}
        return document
    raise FailedStage(stage, _error_text(out, err, process.returncode))


def _error_text(out: str, err: str, code: int) -> str:
    try:
        error = json.loads(out)["error"]
    except (ValueError, KeyError):
        return f"exit code {code}\n{err[-2000:]}"
    fault = error["faults"][0]
    return "\n".join([f"{error['class']}: {fault['message']}", *fault["details"]])


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _without_places(said: str, attempt: Attempt) -> str:
    """Leave out what is this machine's own."""
    places = [attempt.folder, attempt.store, attempt.python.root, Path(sys.prefix), Path.home()]
    for place in sorted(map(str, places), key=len, reverse=True):
        said = said.replace(place, "...")
    return re.sub(r"(?m)^whole log: .*$", "", said).strip()


def _shortened(said: str) -> str:
    """Return the first line and the most telling later one: a compiler's first error, else the last that tells one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    first = re.sub(r"; (read the log|a patch, a setting)[^\n]*", "", lines[0])
    telling = [
        line for line in lines[1:] if re.search(r"(?i)\berror\b|\[[a-z-]+\]|not found|cannot|Please", line)
    ]
    compilers = [line for line in lines[1:] if _OF_A_COMPILER.search(line)]
    last = compilers[:1] or (telling or lines[1:])[-1:]
    return " | ".join([first[:300], *(line[:300] for line in last)])
