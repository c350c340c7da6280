"""``crosswheel install`` makes trees that the target's Python imports and whose programs run there."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel.act.storage.store import digest_of_file
from crosswheel.act.wheels.repository import RepositoryWheel, write_repository
from crosswheel.target.targets import parse_target_id
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import InputError, OutputError
from e2e.target_pythons import TargetPython, run_target_python
from made_wheels import make_wheel

pytestmark = pytest.mark.e2e

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
APP = {
    "app/__init__.py": (
        b"import platform, sys\n"
        b"def main():\n    print('app on', platform.machine(), sys.argv[1:])\n    return 4\n"
    ),
    "app-1.0.dist-info/entry_points.txt": b"[console_scripts]\napp = app:main\n",
    "app-1.0.data/data/share/app/words": b"hello\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    wheel = make_wheel(tmp_path / "in", "app", files=APP)
    place = tmp_path / "dist" / ARM.id
    place.parent.mkdir()
    write_repository(
        place,
        target=ARM,
        wheels=[RepositoryWheel(path=wheel, sha256=digest_of_file(wheel), origin="built")],
        plan_digest=digest_of(b"plan"),
    )
    return place


def crosswheel(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crosswheel", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def test_the_target_imports_the_tree_and_runs_its_programs(
    repository: Path, tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    done = crosswheel("install", repository, "--target", "linux_arm64", "--dest", "site", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "note: without --interpreter programs start with #!/usr/bin/env python3.11, found on the target's PATH\n"
        "site: 1 wheel for cp311-linux_aarch64_glibc_2_28, 8 files, 0.0 MB\n"
    )
    python = target_python("aarch64")
    run = run_target_python(
        python,
        "import importlib.metadata as m, runpy, sys\n"
        "print(m.version('app'), m.files('app')[0].locate().exists())\n"
        "print(all(f.locate().exists() for f in m.files('app')))\n"
        "sys.argv[:] = ['app', 'x']\n"
        f"runpy.run_path({str(tmp_path / 'site/bin/app')!r}, run_name='__main__')\n",
        tmp_path / "site",
    )
    assert (run.stdout, run.returncode) == ("1.0 True\nTrue\napp on aarch64 ['x']\n", 4), run.stderr


def test_the_prefix_layout_is_one_the_target_finds(
    repository: Path, tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    done = crosswheel("install", repository, "--dest", "prefix", "--layout", "prefix", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    prefix = tmp_path / "prefix"
    run = run_target_python(
        target_python("aarch64"),
        f"import sysconfig\nprint(sysconfig.get_path('purelib', 'posix_prefix', vars={{'base': {str(prefix)!r}}}))",
    )
    assert Path(run.stdout.strip()) == prefix / "lib/python3.11/site-packages"
    assert (Path(run.stdout.strip()) / "app/__init__.py").is_file()


def test_two_installations_are_the_same_bytes_modes_and_times(repository: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert crosswheel("install", repository, "--dest", name, folder=tmp_path).returncode == 0

    def archive(name: str) -> bytes:
        command = ["tar", "--sort=name", "-C", str(tmp_path / name), "-cf", "-", "."]
        return subprocess.run(command, capture_output=True, check=True).stdout

    assert archive("one") == archive("two")


def test_json_says_what_was_installed(repository: Path, tmp_path: Path) -> None:
    done = crosswheel("install", repository, "--dest", "site", "--json", "--quiet", folder=tmp_path)
    assert json.loads(done.stdout) == {
        "bytes": sum(
            path.stat().st_size
            for path in (tmp_path / "site").rglob("*")
            if path.is_file() and path.name != ".crosswheel-tree.json"
        ),
        "destination": "site",
        "files": 8,
        "layout": "target",
        "notes": [],
        "target": ARM.id,
        "wheels": ["app-1.0-py3-none-any.whl"],
    }
    assert done.stderr == ""


def test_a_wheel_changed_after_the_build_is_refused(repository: Path, tmp_path: Path) -> None:
    wheel = repository / "app-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("evil.py", "")
    done = crosswheel("install", repository, "--dest", "site", folder=tmp_path)
    assert (done.stderr, done.returncode) == (
        (
            "error: cannot use wheel 'app-1.0-py3-none-any.whl': it is not the file the repository's manifest "
            "names; build the repository again\n"
        ),
        8,
    )
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        (
            ["--dest", "site", "--target", "linux_amd64"],
            (
                f"cannot choose target 'linux_amd64': what is there is for {ARM.id}; name one of these, or plan again "
                "with this target"
            ),
            InputError.exit_code,
        ),
        (
            ["--dest", "in"],
            (
                "cannot write tree '{folder}/in': the folder holds something else (it has no .crosswheel-tree.json); "
                "remove it or choose another folder"
            ),
            OutputError.exit_code,
        ),
        (
            ["--dest", "missing/site/deep", "--interpreter", "/bin/`x`"],
            (
                "cannot name interpreter '/bin/`x`': a script's first line cannot hold it; give a plain absolute path "
                "of the target"
            ),
            InputError.exit_code,
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    repository: Path, tmp_path: Path, words: list[str], message: str, code: int
) -> None:
    done = crosswheel("install", repository, *words, folder=tmp_path)
    last = done.stderr.splitlines()[-1]
    assert (last, done.returncode) == (f"error: {message}".replace("{folder}", str(tmp_path)), code)


def test_a_source_that_is_none_is_told(tmp_path: Path) -> None:
    done = crosswheel("install", "missing.json", "--dest", "site", folder=tmp_path)
    assert (done.stderr, done.returncode) == (
        (
            "error: cannot read plan 'missing.json': No such file or directory; make one with `crosswheel plan`\n"
        ),
        3,
    )


def test_cache_commands_speak_of_the_chosen_store(tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert crosswheel("cache", "dir", "--cache-dir", store, folder=tmp_path).stdout == f"{store}\n"
    sizes = json.loads(crosswheel("cache", "size", "--json", "--cache-dir", store, folder=tmp_path).stdout)
    assert sizes["bytes"] == 0
    prune = ("cache", "prune", "--older-than", "0.5", "--cache-dir", store)
    done = crosswheel(*prune, folder=tmp_path)
    assert (done.stderr, done.returncode) == (f"there is no cache in {store}\n", 0)
    (store / "v1").mkdir(parents=True)
    done = crosswheel(*prune, folder=tmp_path)
    assert (done.stderr, done.returncode) == ("removed 0 entries, 0.0 MB\n", 0)
    done = crosswheel("cache", "prune", "--older-than", "soon", folder=tmp_path)
    assert done.returncode == 2
    assert "'soon' is not a number of days" in done.stderr
