"""The same bytes wherever Bazel runs the actions of docs/examples/ten-packages: at another path, in a hermetic sandbox, on a remote executor.

And of whatever it makes them: of files at paths that are the same in all configurations, and of what `bazel vendor` kept.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from e2e.bazel_workspace import Workspace, changed, digests_below, downloaded, on
from e2e.crosswheel_command import run
from e2e.python_of_files import declare_python_of_files
from e2e.remote_execution import remote_executor
from e2e.ten_packages import BUILT

pytestmark = pytest.mark.e2e

_ARM = on("linux_arm64")
_CHECKOUT = Path(__file__).parents[2]
_RELEASE = """\
archive_override(
    module_name = "crosswheel",
    integrity = "{integrity}",
    strip_prefix = "crosswheel-0.1.0",
    urls = ["{address}"],
)
"""
#: Programs and libraries of the machine, and what the kernel shows. No /etc, no home folder, no checkout, no workspace.
_HERMETIC = "".join(
    f"build --sandbox_add_mount_pair=/{name}\n" for name in ("bin", "dev", "lib", "lib64", "proc", "usr")
)


@pytest.fixture(scope="module")
def elsewhere(built: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The workspace at another path, where nothing was built yet, with a sandbox that shows nothing by default.

    It uses the archive of a release in place of this checkout.
    """
    root = tmp_path_factory.mktemp("elsewhere")
    folder = root / "a longer" / "way" / "to go"
    made = shutil.ignore_patterns("bazel-*", "dist", "image*")
    shutil.copytree(built.folder, folder, ignore=made, symlinks=True)
    options = (folder / "test.bazelrc").read_text().splitlines(keepends=True)
    of_checkout = ("--sandbox_add_mount_pair", "--override_module=crosswheel=")
    kept = [line for line in options if not any(one in line for one in of_checkout)]
    _use_release(folder, root / "crosswheel.tar.gz")
    # Bazel takes an archive of its cache for another address, too.
    anywhere = "common --repo_env=BAZEL_HTTP_RULES_URLS_AS_DEFAULT_CANONICAL_ID=0\n"
    hermetic = "build --experimental_use_hermetic_linux_sandbox\n" + _HERMETIC + anywhere
    (folder / "test.bazelrc").write_text("".join(kept) + hermetic)
    workspace = replace(built, folder=folder, state=root / "state")
    try:
        yield workspace
    finally:
        workspace.close()


def _use_release(folder: Path, archive: Path) -> None:
    """Have the workspace use crosswheel as people get it: the archive of a release, by its digest."""
    run([sys.executable, "tools/make_release_archive.py", str(archive)], cwd=_CHECKOUT)
    data = archive.read_bytes()
    place = downloaded(hashlib.sha256(data).hexdigest())
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    integrity = "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode()
    module = folder / "MODULE.bazel"
    before, rest = module.read_text().split("local_path_override(")
    override = _RELEASE.format(address=archive.as_uri(), integrity=integrity)
    module.write_text(before + override + rest.partition(")\n")[2])


def _expected(built: Workspace) -> dict[str, str]:
    return digests_below(built.output("@pypi//:repository", *_ARM))


def test_only_what_is_needed_is_fetched(elsewhere: Workspace) -> None:
    elsewhere.bazel("build", "@pypi//msgpack:whl", *_ARM)
    (external,) = elsewhere.state.glob("*/external")
    fetched = [path.name for path in external.iterdir() if "artifact_" in path.name and path.is_dir()]
    plan = json.loads((elsewhere.folder / "wheels.plan.json").read_text())
    (wheel,) = (
        digest
        for digest, one in plan["artifacts"].items()
        if one["filename"].startswith("msgpack-") and "aarch64" in one["filename"]
    )
    assert [name.rpartition("_")[2] for name in fetched] == [wheel[:16]]


def test_another_place_and_a_hermetic_sandbox_give_the_same_bytes(
    built: Workspace, elsewhere: Workspace
) -> None:
    # Besides the builds: the repository. Plan and lock were compared for the wheel that the test above asked for.
    answer = elsewhere.bazel("build", "@pypi//:repository", *_ARM)
    assert answer.processes["linux-sandbox"] == len(BUILT) + 1
    assert digests_below(elsewhere.output("@pypi//:repository", *_ARM)) == _expected(built)


def test_paths_without_a_configuration_and_a_python_that_bazel_brings_give_the_same_bytes(
    built: Workspace, elsewhere: Workspace, build_python: Callable[[str], Path]
) -> None:
    declared = declare_python_of_files(elsewhere.folder, build_python("3.11"))
    registered = f'{declared}register_toolchains("@python_3_11//:toolchain")\n'
    # All but the runtime libraries, which would be compiled anew for it.
    told = (
        "--experimental_output_paths=strip",
        "--modify_execution_info=Crosswheel(?!Runtime).*=+no-cache,CrosswheelRuntime=-supports-path-mapping",
        "--subcommands",
    )
    with changed(elsewhere.folder / "MODULE.bazel", lambda text: text + registered):
        answer = elsewhere.bazel("build", "@pypi//:repository", *_ARM, *told)
        made = digests_below(elsewhere.output("@pypi//:repository", *_ARM, told[0]))
    # Besides the builds: the repository, and the comparison of plan and lock.
    assert answer.processes["linux-sandbox"] == len(BUILT) + 2
    commands = [
        line for line in answer.said.splitlines() if re.search("/run_core.py (?!.*runtime_step)", line)
    ]
    assert len(commands) == len(BUILT) + 1
    assert {part for line in commands for part in re.findall(r"bazel-out/([^/]+)", line)} == {"cfg"}
    assert made == _expected(built)


def test_a_remote_executor_gives_the_same_bytes(
    built: Workspace, elsewhere: Workspace, tmp_path: Path
) -> None:
    elsewhere.bazel("clean")
    with remote_executor(tmp_path / "storage") as address:
        remote = (
            f"--remote_executor={address}",
            "--spawn_strategy=remote",
            "--remote_local_fallback=false",
            "--remote_download_outputs=all",
        )
        answer = elsewhere.bazel("build", "@pypi//:repository", *_ARM, *remote)
        # Besides the builds: the repository, and the comparison of plan and lock.
        assert answer.processes["remote"] == len(BUILT) + 2
        assert set(answer.processes) <= {"internal", "remote", "disk cache hit"}
        assert digests_below(elsewhere.output("@pypi//:repository", *_ARM)) == _expected(built)


def test_what_bazel_vendor_kept_gives_the_same_bytes(
    built: Workspace, elsewhere: Workspace, tmp_path: Path
) -> None:
    """A copy of the workspace, with an empty cache of downloads: a prebuilt wheel is checked there, and one is built."""
    wanted = ("@pypi//msgpack:whl", "@pypi//markupsafe:whl")
    elsewhere.bazel("vendor", *wanted, *_ARM, "--vendor_dir=vendored")
    kept = elsewhere.folder / "vendored"
    names = {path.name for path in kept.iterdir()}
    assert not [name for name in names if "headers" in name or "cyclonedx" in name or "cffi" in name]
    folder = tmp_path / "copy"
    shutil.copytree(elsewhere.folder, folder, ignore=shutil.ignore_patterns("bazel-*"), symlinks=True)
    links = [path for path in (folder / "vendored").rglob("*") if path.is_symlink()]
    assert [path for path in links if path.readlink().is_absolute()] == []
    copy = replace(elsewhere, folder=folder, state=tmp_path / "state")
    try:
        nothing = f"--repository_cache={tmp_path / 'downloads'}"
        copy.bazel("build", *wanted, *_ARM, "--vendor_dir=vendored", nothing)
        (wheel,) = copy.output("@pypi//markupsafe:whl", *_ARM, "--vendor_dir=vendored", nothing).glob("*.whl")
        (expected,) = built.output("@pypi//:repository", *_ARM).glob("markupsafe-*.whl")
        assert wheel.read_bytes() == expected.read_bytes()
    finally:
        copy.close()
