"""Builds that download: what they would fetch is pinned by the plan, and there when they look for it."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.build import BuildRequest
from crosswheel.act.building.build_downloads import RequestedDownload
from crosswheel.act.building.sandbox import NoSandbox, Sandbox, choose_sandbox
from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.index_configuration import read_fetch_settings
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.api import read_plan
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import BuildError
from e2e.crosswheel_command import CommandFailedError, crosswheel, repository_of, shared_store
from e2e.native_projects import parts_archive, write_lock
from e2e.sandbox_builds import backend_sdist, run_build
from e2e.target_pythons import TargetPython, run_target_python
from http_fixture import running_server, serves

pytestmark = pytest.mark.e2e

_TELLS = """
import json
folder = os.environ['WHERE']
found = {}
for top, folders, files in os.walk(os.path.dirname(folder)):
    for name in files:
        path = os.path.join(top, name)
        found[os.path.relpath(path, folder)] = open(path, errors='replace').read()[:40]
return json.dumps([folder, os.environ.get('MESON_PACKAGE_CACHE_DIR'), found])
"""


def archive(folder: Path) -> Path:
    path = folder / "anything"
    with tarfile.open(path, "w:gz") as tar:
        info = tarfile.TarInfo("x-1/x.c")
        info.size = 7
        tar.addfile(info, io.BytesIO(b"int x;\n"))
    return path


@pytest.mark.parametrize("kind", ["bubblewrap", "none"])
def test_a_build_finds_the_files_and_what_is_unpacked_for_cmake(kind: str, tmp_path: Path) -> None:
    def change(request: BuildRequest) -> BuildRequest:
        downloads = (
            RequestedDownload(file=archive(tmp_path), name="x.tar.gz", fetch_content="x"),
            RequestedDownload(file=Path(__file__), name="y.py"),
        )
        return replace(request, downloads=downloads, environment={"WHERE": "{downloads}"})

    sandbox: Sandbox = choose_sandbox(kind) if kind != "none" else NoSandbox()
    log = run_build(backend_sdist(tmp_path, _TELLS), tmp_path, sandbox, change=change).log.read_text()
    folder, meson, found = json.loads(log.partition("RESULT ")[2].splitlines()[0])
    assert kind == "none" or folder == "/crosswheel/downloads/files"
    assert meson == folder
    assert set(found) == {"x.tar.gz", "y.py", "../sources/x/x.c", "../fetch-content.cmake"}
    assert found["../sources/x/x.c"] == "int x;\n"
    assert found["y.py"].startswith('"""Builds that download')


def test_without_downloads_there_is_no_folder_of_them(tmp_path: Path) -> None:
    def change(request: BuildRequest) -> BuildRequest:
        return replace(request, environment={"WHERE": "{downloads}"})

    with pytest.raises(BuildError) as caught:
        run_build(backend_sdist(tmp_path, _TELLS), tmp_path, choose_sandbox("bubblewrap"), change=change)
    assert "'{downloads}' asks for the folder of its downloads, and it has none" in str(caught.value)


def test_what_is_no_archive_is_not_unpacked(tmp_path: Path) -> None:
    def change(request: BuildRequest) -> BuildRequest:
        download = RequestedDownload(file=Path(__file__), name="x.tar.gz", fetch_content="x")
        return replace(request, downloads=(download,))

    with pytest.raises(BuildError) as caught:
        run_build(backend_sdist(tmp_path, "return 1"), tmp_path, choose_sandbox("bubblewrap"), change=change)
    assert "cannot unpack download 'x.tar.gz': it is damaged" in str(caught.value)


@pytest.fixture(scope="module")
def parts_url() -> Iterator[str]:
    """Return where a server of this machine has the library that the projects would download."""
    with running_server() as server:
        server.answers["/parts-1.tar"] = serves(parts_archive())
        yield f"{server.base}/parts-1.tar"


@pytest.mark.network
def test_the_step_that_other_build_systems_call_makes_the_same_wheel(parts_url: str, tmp_path: Path) -> None:
    write_lock(tmp_path, "by_wrap")
    (tmp_path / "crosswheel.toml").write_text(
        f'[[packages.by_wrap.downloads]]\nurl = "{parts_url}"\nsha256 = "{digest_of(parts_archive())}"\n'
    )
    options = ("--target", "linux_arm64", "--python", "3.11")
    crosswheel("plan", "pylock.toml", *options, "-o", "plan.json", cwd=tmp_path)
    crosswheel("build", "plan.json", "-o", "dist", cwd=tmp_path)
    (wheel,) = repository_of(tmp_path / "dist").glob("*.whl")
    plan = read_plan(tmp_path / "plan.json")
    (build,) = plan.builds.values()
    found = fetch_artifacts(
        Store(shared_store()),
        plan.artifacts.values(),
        base=tmp_path,
        settings=read_fetch_settings(working_directory=tmp_path),
        reporter=SilentReporter(),
    )
    files = [option for path in found.values() for option in ("--file", path)]
    crosswheel(
        "step",
        "build",
        "plan.json",
        "--build",
        build.id,
        *files,
        "-o",
        "made",
        cwd=tmp_path,
        store=tmp_path / "store",
    )
    assert (tmp_path / "made" / wheel.name).read_bytes() == wheel.read_bytes()
    without = [path for path in files if path != "--file" and Path(path).name != "parts-1.tar"]
    with pytest.raises(CommandFailedError, match=r"cannot find artifact 'parts-1\.tar'"):
        crosswheel(
            *("step", "build", "plan.json", "--build", build.id, "-o", "other"),
            *(option for path in without for option in ("--file", path)),
            cwd=tmp_path,
            store=tmp_path / "third",
        )


@pytest.mark.network
@pytest.mark.parametrize(("name", "more"), [("by_fetch_content", 'fetch-content = "parts"'), ("by_wrap", "")])
def test_cmake_and_meson_take_what_is_pinned(
    name: str, more: str, parts_url: str, tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    write_lock(tmp_path, name)
    command = ("build", "pylock.toml", "--target", "linux_arm64", "--python", "3.11", "-o", "dist")
    with pytest.raises(CommandFailedError, match="pin what it downloads by `downloads`"):
        crosswheel(*command, cwd=tmp_path)
    (tmp_path / "crosswheel.toml").write_text(
        f'[[packages.{name}.downloads]]\nurl = "{parts_url}"\nsha256 = "{digest_of(parts_archive())}"\n{more}\n'
    )
    crosswheel(*command, cwd=tmp_path)
    crosswheel("install", repository_of(tmp_path / "dist"), "--dest", "site", cwd=tmp_path)
    code = f"import {name}\nprint({name}.pointer(), {name}.order())"
    done = run_target_python(target_python("aarch64"), code, tmp_path / "site")
    assert done.stdout.split() == ["64", "little"], done.stderr


@pytest.mark.network
def test_what_a_meson_wrap_pins_is_taken_over(parts_url: str, tmp_path: Path) -> None:
    write_lock(tmp_path, "by_wrap")
    (tmp_path / "crosswheel.toml").write_text("[packages.by_wrap]\nmeson-wraps = true\n")
    options = ("--target", "linux_arm64", "--python", "3.11")
    for _ in range(2):  # the second takes over what the first plan holds
        crosswheel("plan", "pylock.toml", *options, "-o", "plan.json", cwd=tmp_path)
        plan = read_plan(tmp_path / "plan.json")
        (build,) = plan.builds.values()
        (download,) = build.downloads
        assert (download.filename, download.artifact) == ("parts-1.tar", digest_of(parts_archive()))
    nowhere = str(plan.artifacts[download.artifact].url).rpartition("/")[0] + "/"
    mirror = f"{nowhere}={parts_url.rpartition('/')[0]}/"
    crosswheel("build", "plan.json", "--mirror", mirror, "-o", "dist", cwd=tmp_path)
    assert list(repository_of(tmp_path / "dist").glob("by_wrap-1-*.whl"))
