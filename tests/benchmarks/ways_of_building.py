"""Three ways to a wheel for another machine, from the same sdist, in one run: `make compare`.

crosswheel; crossenv with Debian's cross gcc and everything done by hand that it turned out to need; and emulation: the
target's own Python and gcc under qemu. What each left is judged by ``crosswheel check``. Written to ways.json, which
docs/reference/benchmarks.md reports.

Emulated programs start each other, for which the kernel must know the emulator. It is told in a user namespace that
ends with the build, so that nothing else on the machine starts running programs of another architecture.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_ROOT / "tests")]

from benchmarks.cross_build import _prepare  # noqa: E402
from benchmarks.measure import Cost, run_measured  # noqa: E402
from e2e.crosswheel_command import shared_store  # noqa: E402
from e2e.target_pythons import (  # noqa: E402
    Recipe,
    cache_root,
    make_once,
    qemu_program,
    recipe_for,
    target_python,
    unpack_packages,
)

RESULTS = _ROOT / "tests" / "benchmarks" / "ways.json"
PACKAGES = ("markupsafe", "msgpack", "pycosat", "frozenlist", "kiwisolver")
_TARGET = "linux_arm64"
_TRIPLE = "aarch64-linux-gnu"


class _WithCompiler(Recipe):
    """A target Python with the target's own compiler beside it."""

    @property
    def packages(self) -> tuple[str, ...]:
        base = (f"python{self.version}-minimal", f"libpython{self.version}-stdlib", f"python{self.version}")
        shell = ("bash", "dash", "coreutils", "findutils", "sed", "grep", "mawk", "make")
        return (
            *base,
            *shell,
            "gcc",
            "g++",
            "libc6-dev",
            f"python{self.version}-distutils",
            "python3-distutils",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One package, its sdist and its build requirements in local files.

    Attributes:
        name: the project.
        folder: holds ``sdist/``, ``wheels/`` (requirements for the build machine) and what the ways leave.
        foreign: requirements as wheels for the target.
    """

    name: str
    folder: Path
    foreign: Path

    @property
    def sdist(self) -> Path:
        """The sdist."""
        (found,) = (self.folder / "sdist").iterdir()
        return found

    def output(self, way: str) -> Path:
        """Return the empty folder that `way` writes its wheel to."""
        folder = self.folder / way
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder


def main() -> None:
    """Build every package in every way and write what it took."""
    parser = argparse.ArgumentParser(description="Compare three ways of building for another machine.")
    parser.add_argument(
        "--comparison", type=Path, required=True, help="a Python with requirements/comparison.txt"
    )
    parser.add_argument("names", nargs="*", default=PACKAGES)
    options = parser.parse_args()
    comparison = options.comparison.absolute()
    known = json.loads(RESULTS.read_text())["packages"] if RESULTS.is_file() else {}
    results: dict[str, object] = {name: known[name] for name in PACKAGES if name in known}
    with tempfile.TemporaryDirectory(prefix="ways-", dir=cache_root()) as scratch:
        for name in options.names:
            job = _job(Path(scratch) / name, name, comparison)
            ways: Mapping[str, Callable[[Job, Path], Cost]] = {
                "crosswheel": _by_crosswheel,
                "crossenv": _by_crossenv,
                "emulation": _by_emulation,
            }
            results[name] = {way: _outcome(build, job, way, comparison) for way, build in ways.items()}
            print(name, json.dumps(results[name]), flush=True)
    document = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "gcc": _output([f"{_TRIPLE}-gcc", "-dumpfullversion"]).strip(),
        "packages": results,
    }
    RESULTS.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


def _job(folder: Path, name: str, comparison: Path) -> Job:
    """Fetch the sdist and its build requirements, for the build machine and for the target."""
    bench = _prepare(folder, name, shared_store())
    wanted = [_requirement(wheel) for wheel in (bench.folder / "wheels").iterdir()]
    foreign = folder / "foreign"
    fits = (
        "--platform",
        "manylinux2014_aarch64",
        "--platform",
        "manylinux_2_28_aarch64",
        "--python-version",
        "3.11",
    )
    _output(
        [
            *(comparison, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", *fits),
            *("--dest", foreign, *wanted, "pip"),
        ]
    )
    return Job(name=name, folder=folder, foreign=foreign)


def _requirement(wheel: Path) -> str:
    name, version = wheel.name.split("-")[:2]
    return f"{name}=={version}"


def _outcome(build: Callable[[Job, Path], Cost], job: Job, way: str, comparison: Path) -> dict[str, object]:
    """Return cost and verdict of one way; a way that fails is a result, not an error."""
    try:
        cost = build(job, comparison)
    except RuntimeError as error:
        return {"result": "failed", "said": str(error).strip().splitlines()[-1][:200]}
    wheel = next(path for path in sorted((job.folder / way).rglob("*.whl")) if path.is_file())
    verdict = _verdict(wheel)
    return {"result": verdict, "cpu": round(cost.cpu, 1), "wall": round(cost.wall, 1), "wheel": wheel.name}


def _verdict(wheel: Path) -> str:
    """Return ``right``, or what is wrong with a wheel."""
    if not any(name.endswith(".so") for name in zipfile.ZipFile(wheel).namelist()):
        return "pure: the extension is missing"
    command = [
        Path(sys.executable).with_name("crosswheel"),
        "check",
        wheel,
        "--target",
        _TARGET,
        "--python",
        "3.11",
        "--json",
    ]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    codes = sorted(
        {word.strip("[]") for word in done.stderr.split() if word.startswith("[") and word.endswith("]")}
    )
    return "right" if done.returncode == 0 else f"refused: {', '.join(codes) or done.returncode}"


def _by_crosswheel(job: Job, comparison: Path) -> Cost:
    del comparison
    output = job.output("crosswheel")
    (job.folder / "crosswheel.toml").write_text(
        f'[packages.{job.name}]\nprefer = "sdist"\nenvironment = {{ BENCHMARK_RUN = "{job.folder.parent.name}" }}\n'
    )
    program = Path(sys.executable).with_name("crosswheel")
    store = {"CROSSWHEEL_CACHE_DIR": str(shared_store())}
    options = ("--target", _TARGET, "--python", "3.11", "-o", "way.json")
    run_measured([program, "plan", "pylock.toml", *options], cwd=job.folder, environment=store)
    cost = run_measured([program, "build", "way.json", "-o", output], cwd=job.folder, environment=store)
    stem = f"{job.name.replace('-', '_')}-"
    for wheel in output.rglob("*.whl"):
        if not wheel.name.lower().startswith(stem):
            wheel.unlink()
    return cost


def _by_crossenv(job: Job, comparison: Path) -> Cost:
    """Make an environment and build in it; with header, isolation and requirements seen to by hand."""
    output, base = job.output("crossenv"), job.folder
    environment, target = base / "environment", _flattened(target_python("aarch64").root)
    tools = [
        word
        for tool, name in (("cc", "gcc"), ("cxx", "g++"), ("ar", "ar"))
        for word in (f"--{tool}", f"{_TRIPLE}-{name}")
    ]
    make = [comparison, "-m", "crossenv", *tools, target / "usr/bin/python3.11", environment]
    made = run_measured(make, cwd=base)
    installed = Cost(wall=0, cpu=0)
    local = ("--no-index", "--find-links", base / "wheels", "--no-deps")
    wheels = sorted((base / "wheels").iterdir())
    for python in ("build", "cross"):
        pure = [wheel for wheel in wheels if python == "build" or wheel.name.endswith("-any.whl")]
        pip = [
            environment / python / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--upgrade",
            *local,
            *pure,
        ]
        cost = run_measured(pip, cwd=base)
        installed = Cost(wall=installed.wall + cost.wall, cpu=installed.cpu + cost.cpu)
    pip = [
        environment / "cross/bin/python",
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-build-isolation",
        "--no-cache-dir",
    ]
    path = f"{environment}/cross/bin:{environment}/build/bin:{os.environ['PATH']}"
    built = run_measured([*pip, *local, "-w", output, job.sdist], cwd=base, environment={"PATH": path})
    return Cost(wall=made.wall + installed.wall + built.wall, cpu=made.cpu + installed.cpu + built.cpu)


def _flattened(root: Path) -> Path:
    """Return a copy of Debian's tree whose pyconfig.h is the real one: crossenv gives no multiarch include folder."""

    def fill(scratch: Path) -> None:
        _output(["cp", "-al", f"{root}/.", scratch])
        place = scratch / "usr/include/python3.11/pyconfig.h"
        text = (scratch / f"usr/include/{_TRIPLE}/python3.11/pyconfig.h").read_bytes()
        place.unlink()
        place.write_bytes(text)

    return make_once(cache_root() / "ways" / f"flattened-{root.parent.name}", fill)


def _by_emulation(job: Job, comparison: Path) -> Cost:
    """Run the target's pip and gcc on the sdist, as on a machine of the target."""
    del comparison
    output, root = job.output("emulation"), _emulated_root()
    pip = next(path.name for path in job.foreign.glob("pip-*.whl"))
    build = (
        f"cd /tmp && CC=gcc CXX=g++ HOME=/tmp PATH=/usr/bin:/bin /usr/bin/python3.11 /job/foreign/{pip}/pip wheel --quiet "
        f"--no-index --find-links /job/foreign --no-deps --no-cache-dir -w /job/emulation /job/sdist/{job.sdist.name}"
    )
    script = f"""
set -e
mount -t tmpfs none {root}/tmp
mount --rbind /dev {root}/dev
mount --rbind /proc {root}/proc
mount --bind {job.folder} {root}/job
mkdir {root}/tmp/binfmt
mount -t binfmt_misc none {root}/tmp/binfmt
printf '%s' '{_registration()}' > {root}/tmp/binfmt/register
chroot {root} /bin/bash -c '{build}'
"""
    spaces = ["unshare", "--user", "--map-root-user", "--mount"]
    cost = run_measured([*spaces, "/bin/bash", "-c", script], cwd=job.folder)
    assert list(output.iterdir())
    return cost


def _registration() -> str:
    """Return the line that has the kernel start aarch64 programs in the emulator.

    https://docs.kernel.org/admin-guide/binfmt-misc.html; magic and mask as in qemu's scripts/qemu-binfmt-conf.sh.
    """
    magic = "\\\\x7fELF\\\\x02\\\\x01\\\\x01" + "\\\\x00" * 9 + "\\\\x02\\\\x00\\\\xb7\\\\x00"
    mask = "\\\\xff" * 7 + "\\\\x00" + "\\\\xff" * 8 + "\\\\xfe" + "\\\\xff" * 3
    return f":qemu-aarch64:M::{magic}:{mask}:{qemu_program(recipe_for('aarch64', '3.11'))}:FO".replace(
        "\\\\", "\\"
    )


def _emulated_root() -> Path:
    plain = recipe_for("aarch64", "3.11")
    recipe = _WithCompiler(
        arch=plain.arch,
        version=plain.version,
        suite=plain.suite,
        debian=plain.debian,
        qemu=plain.qemu,
        multiarch=plain.multiarch,
    )

    def fill(scratch: Path) -> None:
        unpack_packages(recipe, scratch)
        for name in ("tmp", "dev", "proc", "job"):
            (scratch / "root" / name).mkdir(exist_ok=True)
        shell = scratch / "root" / "usr/bin/sh"
        if not shell.exists():
            shell.symlink_to("dash")

    return make_once(cache_root() / "ways" / f"emulated-{recipe.key}", fill) / "root"


def _output(command: Sequence[object]) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
