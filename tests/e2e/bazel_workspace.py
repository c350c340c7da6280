"""Bazel workspaces for the tests: copies of docs/examples/ten-packages, and the calls of Bazel in them.

Bazel downloads nothing here: what it would download is put into its own cache of downloads beforehand, by digest, and
downloading is forbidden. Actions run in Bazel's Linux sandbox or not at all, without a network. One result is kept from one run
to the next: the compiler's runtime libraries, which take minutes, and which no byte of a wheel depends on.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.fetching.index_configuration import read_fetch_settings
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.services import services_with
from crosswheel.act.steps.runtime_libraries import take_runtime
from crosswheel.act.storage.store import Store
from crosswheel.api import read_plan
from crosswheel.decide.images.base_lock import BaseLock, base_lock_from_json
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.digests import Digest
from e2e.bazel_bundle import Bundle, bazel_bundle
from e2e.crosswheel_command import shared_store
from e2e.made_by_command import MadeByCommand
from e2e.target_pythons import cache_root
from e2e.ten_packages import EXAMPLE, TARGETS

__all__ = [
    "Answer",
    "Workspace",
    "changed",
    "core_libraries",
    "digests_below",
    "downloaded",
    "have_downloaded",
    "make_workspace",
    "on",
    "open_workspace",
    "share_runtime",
]

_CHECKOUT = Path(__file__).parents[2]
_OPTIONS = """\
startup --max_idle_secs=120
common --override_module=crosswheel={checkout}
common --repository_cache={downloads}
common --experimental_repository_disable_download
common --noshow_progress --color=no
build --spawn_strategy=linux-sandbox --strategy=TestRunner=linux-sandbox
build --jobs=2
build --sandbox_add_mount_pair={checkout}
build --disk_cache={actions} --modify_execution_info=Crosswheel(?!Runtime).*=+no-cache
test --test_output=errors
"""
_DOWNLOADS = cache_root() / "bazel-downloads"
_PROCESSES = re.compile(r"^INFO: \d+ process(?:es)?: (.*)\.$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a call of Bazel came to.

    Attributes:
        code: the exit code.
        printed: standard output.
        said: standard error.
    """

    code: int
    printed: str
    said: str

    @property
    def processes(self) -> dict[str, int]:
        """How many actions ran, by how they were run; Bazel's own are ``internal``."""
        (told,) = _PROCESSES.findall(self.said)
        return {how: int(number) for number, how in re.findall(r"(\d+) ([^,]+)", told)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """A workspace.

    Attributes:
        folder: where it is.
        state: where Bazel keeps all it makes.
        bundle: Bazel.
    """

    folder: Path
    state: Path
    bundle: Bundle

    def bazel(
        self, *words: str, succeeds: bool = True, environment: Mapping[str, str] | None = None
    ) -> Answer:
        """Call Bazel, which succeeds, or else does not.

        Args:
            words: the command and all that follows it.
            succeeds: whether it has to.
            environment: variables besides those it always has.

        Raises:
            AssertionError: it came out the other way; the text is all it said.
        """
        startup = [f"--bazelrc={self.folder}/test.bazelrc", f"--output_user_root={self.state}"]
        done = subprocess.run(
            [self.bundle.program, *startup, *words],
            cwd=self.folder,
            env={"HOME": os.environ["HOME"], "PATH": "/usr/bin:/bin", **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        answer = Answer(code=done.returncode, printed=done.stdout, said=done.stderr)
        if (done.returncode == 0) is not succeeds:
            raise AssertionError(
                f"bazel {' '.join(words)}\nexited {answer.code}\n{answer.printed}{answer.said}"
            )
        return answer

    def outputs(self, label: str, *options: str) -> list[Path]:
        """Return the files of a target that is built."""
        answer = self.bazel("cquery", f"config({label}, target)", "--output=files", *options)
        return [_execution_root(self) / line for line in answer.printed.splitlines()]

    def output(self, label: str, *options: str) -> Path:
        """Return the one file of a target that is built."""
        (path,) = self.outputs(label, *options)
        return path

    def close(self) -> None:
        """End Bazel's server and remove what it made, which is write-protected."""
        self.bazel("shutdown")
        subprocess.run(["chmod", "-R", "u+w", self.state], check=True)
        shutil.rmtree(self.state)


@cache
def _execution_root(workspace: Workspace) -> Path:
    """Return the folder that paths of outputs are relative to: always the same one in a workspace."""
    return Path(workspace.bazel("info", "execution_root").printed.strip())


def make_workspace(folder: Path, state: Path, by_command: MadeByCommand) -> Workspace:
    """Copy the example and the plan that the command line made of it, and have all downloads at hand."""
    shutil.copytree(EXAMPLE, folder)
    for path in by_command.plan_files():
        shutil.copy(path, folder)
    plan, base = read_plan(folder / "wheels.plan.json"), _base_lock(folder / "base.lock.json")
    return open_workspace(folder, state, [*plan.artifacts.values(), *base.artifacts.values()])


def open_workspace(folder: Path, state: Path, downloads: Iterable[Artifact]) -> Workspace:
    """Return the workspace in a folder, with all that it would download at hand."""
    have_downloaded([*downloads, *core_libraries()], folder)
    (folder / "test.bazelrc").write_text(
        _OPTIONS.format(actions=cache_root() / "bazel-actions", checkout=_CHECKOUT, downloads=_DOWNLOADS)
    )
    return Workspace(folder=folder, state=state, bundle=bazel_bundle())


def share_runtime(workspace: Workspace, platform: str) -> None:
    """Give the store of all tests the runtime libraries that were compiled for a platform, as a build is given them.

    They take more than a minute, and most tests build for these platforms.
    """
    archive = workspace.output(f"@pypi//{TARGETS[platform]}:runtime", *on(platform))
    services = services_with(
        cache_dir=shared_store(),
        sandbox="bubblewrap",
        settings=FetchSettings(),
        reporter=SilentReporter(),
        build_python=None,
        jobs=1,
    )
    take_runtime(archive, services)


def have_downloaded(wanted: Iterable[Artifact], folder: Path) -> None:
    """Put files where Bazel looks before it downloads; what they name by its path is relative to `folder`."""
    found = fetch_artifacts(
        Store(shared_store()),
        list(wanted),
        base=folder,
        settings=read_fetch_settings(working_directory=folder),
        reporter=SilentReporter(),
    )
    for digest, path in found.items():
        place = downloaded(digest.hex)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            scratch = place.with_name(f"{os.getpid()}")
            shutil.copyfile(path, scratch)
            scratch.rename(place)


def downloaded(digest: str) -> Path:
    """Return where Bazel looks for a file before it downloads it."""
    return _DOWNLOADS / "content_addressable" / "sha256" / digest / "file"


def _base_lock(path: Path) -> BaseLock:
    return base_lock_from_json(path.read_bytes(), name=path.name)


def core_libraries() -> Iterable[Artifact]:
    """Yield the wheels that Bazel is told to run the core with on this machine."""
    pins = json.loads((_CHECKOUT / "rules" / "toolchains" / "core_wheels.json").read_text())
    wheels = [
        *pins["any"].values(),
        *pins["image"].values(),
        pins["deflate"][f"linux_{os.uname().machine}_glibc"],
    ]
    for wheel in wheels:
        yield Artifact(sha256=Digest(wheel["sha256"]), filename=wheel["filename"], url=wheel["url"])


@contextmanager
def changed(path: Path, change: Callable[[str], str]) -> Iterator[None]:
    """Have a file changed for a while."""
    before = path.read_text()
    path.write_text(change(before))
    try:
        yield
    finally:
        path.write_text(before)


def on(platform: str) -> tuple[str, ...]:
    """Return the options that build for a platform of the example."""
    return (f"--platforms=//:{platform}",)


def digests_below(folder: Path) -> dict[str, str]:
    """Return the digest of each file below a folder, links followed: Bazel makes some of what it copies."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
