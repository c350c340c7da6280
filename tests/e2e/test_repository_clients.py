"""pip and uv install from a wheel repository as it is, for a foreign target, with hashes required."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crosswheel.act.storage.store import digest_of_file
from crosswheel.act.wheels.repository import RepositoryWheel, write_repository
from crosswheel.target.targets import parse_target_id
from crosswheel.values.digests import digest_of
from e2e.crosswheel_command import python_with_pip
from made_wheels import make_wheel

pytestmark = pytest.mark.e2e

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
ARM_TAG = "cp311-cp311-manylinux_2_28_aarch64"
Client = Callable[..., "subprocess.CompletedProcess[str]"]


def repository_of(wheels: Sequence[Path], folder: Path) -> Path:
    """Return a repository of the wheels, below `folder` where `build -o dist` writes it."""
    place = folder / "dist" / ARM.id
    place.parent.mkdir()
    write_repository(
        place,
        target=ARM,
        wheels=[RepositoryWheel(path=path, sha256=digest_of_file(path), origin="built") for path in wheels],
        plan_digest=digest_of(b"plan"),
    )
    return place


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    wheels = [
        make_wheel(folder, "app", "1.0", metadata="Requires-Dist: fast_lib>=2\nRequires-Python: >=3.9\n"),
        make_wheel(
            folder, "fast_lib", "2.1", files={"fast.py": b"", "fast_c.so": b"not really"}, tag=ARM_TAG
        ),
        # Another version than asked for, to see that pins and hashes decide.
        make_wheel(folder, "other", "0.1"),
    ]
    return repository_of(wheels, tmp_path)


def clean_environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment without anyone's pip or uv settings, and without a usable network."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "UV_")) and not name.lower().endswith("_proxy")
    }
    return {
        **kept,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(tmp_path / "uv-cache"),
        "PIP_NO_CACHE_DIR": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "NO_PROXY": "127.0.0.1",
    }


def run(
    command: Sequence[str], tmp_path: Path, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(tmp_path),
        cwd=folder or tmp_path,
    )


def pip_client(pip: Sequence[str], tmp_path: Path) -> Client:
    def install(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        platform = ["--platform", "manylinux_2_28_aarch64", "--python-version", "3.11", "--only-binary=:all:"]
        return run([*pip, "install", "--target", "out", *platform, *arguments], tmp_path, folder)

    return install


@pytest.fixture(scope="session")
def newest_pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Python with the newest pip the package index has."""
    place = tmp_path_factory.mktemp("newest-pip") / "venv"
    uv = str(Path(sysconfig.get_path("scripts")) / "uv")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(place)], check=True)
    subprocess.run([uv, "pip", "install", "-q", "--python", str(place / "bin/python"), "pip"], check=True)
    return place / "bin/python"


@pytest.fixture(params=["pip", "newest pip", "uv"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Client:
    if request.param == "pip":
        return pip_client([python_with_pip(), "-m", "pip"], tmp_path)
    if request.param == "newest pip":
        return pip_client([str(request.getfixturevalue("newest_pip")), "-m", "pip"], tmp_path)

    def install(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        uv = str(Path(sysconfig.get_path("scripts")) / "uv")
        platform = ["--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.11"]
        return run([uv, "pip", "install", "--target", "out", *platform, *arguments], tmp_path, folder)

    return install


def installed(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "out").iterdir() if path.suffix in {".dist-info", ".so"})


BOTH = ["app-1.0.dist-info", "fast_c.so", "fast_lib-2.1.dist-info"]


def refuses_and_installs(client: Client, tmp_path: Path, *arguments: str) -> None:
    """Install with required hashes, after seeing that a wrong hash is refused."""
    lines = Path(arguments[-1]).read_text().splitlines()
    wrong = tmp_path / "wrong.txt"
    wrong.write_text(
        "".join(f"{line[:-8]}00000000\n" if "sha256:" in line else f"{line}\n" for line in lines)
    )
    done = client("--require-hashes", *arguments[:-1], str(wrong))
    assert done.returncode != 0
    assert not (tmp_path / "out/app-1.0.dist-info").exists()
    done = client("--require-hashes", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert installed(tmp_path) == sorted([*BOTH, "other-0.1.dist-info"])


def test_find_links_takes_the_folder_itself(client: Client, repository: Path, tmp_path: Path) -> None:
    refuses_and_installs(
        client,
        tmp_path,
        *("--no-index", "--find-links", f"{repository}/", "-r", str(repository / "requirements.txt")),
    )


def test_index_url_takes_the_simple_folder(client: Client, repository: Path, tmp_path: Path) -> None:
    refuses_and_installs(
        client,
        tmp_path,
        *("--index-url", (repository / "simple").as_uri(), "-r", str(repository / "requirements.txt")),
    )


def test_dependencies_are_found_by_name(client: Client, repository: Path, tmp_path: Path) -> None:
    done = client("--no-index", "--find-links", str(repository), "app")
    assert done.returncode == 0, done.stdout + done.stderr
    assert installed(tmp_path) == BOTH


@pytest.mark.parametrize("newest", [False, True])
def test_the_commands_of_the_guide_install_wheels_of_every_tag_that_is_earned(
    newest: bool, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    text = (Path(__file__).parents[2] / "docs/guides/use-the-repository.md").read_text()
    block = text.partition("## For the target, on another machine")[2].partition("```console\n")[2]
    pip, uv = block.partition("\n```")[0].removeprefix("$ ").split("\n$ ")
    tags = [f"manylinux_2_{minor}_aarch64" for minor in range(17, 29)]
    wheels = [make_wheel(tmp_path / "in", f"a{tag}", "1", tag=f"cp311-cp311-{tag}") for tag in tags]
    repository_of(wheels, tmp_path)
    python = request.getfixturevalue("newest_pip") if newest else python_with_pip()
    programs = f"PATH={sysconfig.get_path('scripts')}:$PATH"
    for command in (pip.replace("pip install", f"{python} -m pip install", 1), uv):
        done = run(["bash", "-c", f"export {programs}; {command}"], tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(list((tmp_path / "tree").glob("*.dist-info"))) == len(tags)
        shutil.rmtree(tmp_path / "tree")


def test_a_changed_wheel_is_refused(client: Client, repository: Path, tmp_path: Path) -> None:
    wheel = next(repository.glob("other-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    done = client(
        *("--index-url", (repository / "simple").as_uri(), "--require-hashes"),
        *("-r", str(repository / "requirements.txt")),
    )
    assert done.returncode != 0
    assert "hash" in (done.stdout + done.stderr).lower()


class _Quiet(SimpleHTTPRequestHandler):
    asked: list[str]

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 # the base class's name
        self.asked.append(self.path)


@pytest.fixture
def served(repository: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve the repository by an ordinary web server; give its address and what was asked for."""
    asked: list[str] = []
    handler = type("Handler", (_Quiet,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(repository)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_plain_web_server_makes_it_an_index(
    client: Client, repository: Path, served: tuple[str, list[str]], tmp_path: Path
) -> None:
    base, asked = served
    done = client("--index-url", f"{base}/simple/", "app")
    assert done.returncode == 0, done.stdout + done.stderr
    assert any(path.endswith(".whl.metadata") for path in asked)  # PEP 658
    done = client(
        "--index-url", f"{base}/simple/", "--require-hashes", "-r", str(repository / "requirements.txt")
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert installed(tmp_path) == sorted([*BOTH, "other-0.1.dist-info"])


def test_uv_installs_the_lock_file(repository: Path, tmp_path: Path) -> None:
    uv = str(Path(sysconfig.get_path("scripts")) / "uv")
    lock = repository / f"pylock.{ARM.id}.toml"
    platform = ["--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.11"]
    command = [uv, "pip", "install", "--preview", "--no-index", "--target", "out", *platform, "-r", str(lock)]
    done = run(command, tmp_path)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path) == sorted([*BOTH, "other-0.1.dist-info"])
    lock.write_text(lock.read_text().replace('sha256 = "', 'sha256 = "00')[:-3] + '"}\n')
    assert run(command, tmp_path).returncode != 0


def test_the_newest_pip_reads_the_lock_file(newest_pip: Path, repository: Path, tmp_path: Path) -> None:
    """pip refuses a lock file together with --platform, so only what fits this machine can be asked for."""
    place = tmp_path / "pure"
    wheel = make_wheel(tmp_path / "pure-in", "other", "0.1")
    write_repository(
        place,
        target=ARM,
        wheels=[RepositoryWheel(path=wheel, sha256=digest_of_file(wheel), origin="prebuilt")],
        plan_digest=digest_of(b"plan"),
    )
    lock = place / f"pylock.{ARM.id}.toml"
    done = run(
        [str(newest_pip), "-m", "pip", "install", "--no-index", "--target", "out", "-r", str(lock)], tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert installed(tmp_path) == ["other-0.1.dist-info"]


def test_the_json_pages_are_those_uv_reads_from_a_server(repository: Path, tmp_path: Path) -> None:
    """A server that answers with the JSON twins, by PEP 691's content type."""

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/simple/") and self.path.endswith("/"):
                page = (repository / self.path.strip("/") / "index.json").read_bytes()
                self.send_response(200)
                self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)
            else:
                super().do_GET()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 # the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(repository)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        uv = str(Path(sysconfig.get_path("scripts")) / "uv")
        index = f"http://127.0.0.1:{server.server_address[1]}/simple/"
        platform = ["--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.11"]
        command = [
            uv,
            "pip",
            "install",
            "--target",
            "out",
            *platform,
            "--index-url",
            index,
            "--require-hashes",
        ]
        done = run([*command, "-r", str(repository / "requirements.txt")], tmp_path)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path) == sorted([*BOTH, "other-0.1.dist-info"])


def test_a_tree_is_what_pip_installs(newest_pip: Path, repository: Path, tmp_path: Path) -> None:
    """Files and RECORD of our tree are those of `pip install --target`, but for what installers write themselves."""
    from crosswheel.act.wheels.tree import install_wheels

    install_wheels(sorted(repository.glob("*.whl")), tmp_path / "site", target=ARM)
    client = pip_client([str(newest_pip), "-m", "pip"], tmp_path)
    done = client("--no-index", "--find-links", str(repository), "--no-compile", "app", "other")
    assert done.returncode == 0, done.stderr

    def files(folder: Path) -> dict[str, bytes]:
        own = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", ".crosswheel-tree.json"}
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name not in own
        }

    assert files(tmp_path / "site") == files(tmp_path / "out")


def test_pip_and_uv_list_and_check_a_tree(newest_pip: Path, repository: Path, tmp_path: Path) -> None:
    from crosswheel.act.wheels.tree import install_wheels

    install_wheels(sorted(repository.glob("*.whl")), tmp_path / "site", target=ARM)
    listed = run([str(newest_pip), "-m", "pip", "list", "--path", "site", "--format", "json"], tmp_path)
    names = {(entry["name"], entry["version"]) for entry in json.loads(listed.stdout)}
    assert names == {("app", "1.0"), ("fast_lib", "2.1"), ("other", "0.1")}
