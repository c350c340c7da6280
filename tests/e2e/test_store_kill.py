"""``kill -9`` at any moment, in any process, leaves a store (and outputs) that are whole."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crosswheel.act.storage.store import Store
from crosswheel.act.storage.store_maintenance import prune, store_size, verify
from crosswheel.act.wheels.tree import install_wheels
from crosswheel.target.targets import parse_target_id
from crosswheel.values.digests import digest_of
from http_fixture import Exchange, running_server, serves
from made_wheels import make_wheel

pytestmark = pytest.mark.e2e

# Fills the store for ever with things whose right content can be computed from their key.
WORKER = """
    import itertools, random, sys
    from pathlib import Path
    from crosswheel.act.storage.store import Store
    from crosswheel.values.digests import digest_of

    store = Store(Path(sys.argv[1]))
    numbers = random.Random(int(sys.argv[2]))

    def fill(folder, number):
        for name in range(20):
            (folder / f"{name}").write_bytes(b"%d " % number * 50)

    print("ready", flush=True)
    while True:
        number = numbers.randrange(30)
        key = digest_of(b"key %d" % number)
        store.add_bytes(b"%d " % number * 100_000, f"{number}.whl")
        store.make_tree("test", key, lambda folder: fill(folder, number))
        store.write_record("test", key, {"number": number, "text": "x" * 5000})
        if numbers.random() < 0.2:  # what happens to a disk
            path = store.artifact(digest_of(b"%d " % number * 100_000))
            try:
                path.chmod(0o644)
                path.write_bytes(b"damaged")
            except (AttributeError, FileNotFoundError):
                pass  # another process has just dropped it
"""


@contextmanager
def worker(source: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", textwrap.dedent(source), *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
        yield process
    finally:
        process.kill()
        process.communicate()


def check_whole(store: Store) -> None:
    for number in range(30):
        content = b"%d " % number * 100_000
        path = store.artifact(digest_of(content))
        assert path is None or path.read_bytes() == content
        key = digest_of(b"key %d" % number)
        tree = store.tree("test", key)
        if tree is not None:
            files = {file.name: file.read_bytes() for file in tree.iterdir()}
            assert files == {str(name): b"%d " % number * 50 for name in range(20)}
        record = store.read_record("test", key)
        assert record is None or record == {"number": number, "text": "x" * 5000}
    assert verify(store) == ()


def test_a_store_survives_kills_of_parallel_processes(tmp_path: Path) -> None:
    root = tmp_path / "store"
    moments = random.Random(7)
    for round_ in range(25):
        with worker(WORKER, root, round_ * 2), worker(WORKER, root, round_ * 2 + 1) as survivor:
            time.sleep(moments.random() * 0.15)
            assert survivor.poll() is None, survivor.communicate()[1]
        store = Store(root)
        check_whole(store)
        store.close()
    store = Store(root)
    with store.scratch():
        # Only this one: those of the killed processes were swept.
        assert {size.section: size.entries for size in store_size(store)}["scratch"] == 1
    assert {size.section: size.entries for size in store_size(store)}["artifacts"] > 10
    assert prune(store, older_than_days=None).entries > 30  # no lock of a killed process is left


def test_no_worker_ever_fails_beside_others(tmp_path: Path) -> None:
    root = tmp_path / "store"
    with (
        worker(WORKER, root, 1) as one,
        worker(WORKER, root, 1) as two,
        worker(WORKER, root, 2) as three,
        worker(WORKER, root, 3) as four,
    ):
        time.sleep(4)
        for process in (one, two, three, four):
            assert process.poll() is None, process.communicate()[1]


FETCHER = """
    import sys
    from pathlib import Path
    from crosswheel.act.fetching.fetch import fetch_artifacts
    from crosswheel.act.fetching.fetch_settings import FetchSettings
    from crosswheel.act.reporter import SilentReporter
    from crosswheel.act.storage.store import Store
    from crosswheel.decide.plans.plan import Artifact
    from crosswheel.values.digests import Digest

    print("ready", flush=True)
    artifact = Artifact(sha256=Digest(sys.argv[2]), filename="demo.whl", url=sys.argv[3])
    found = fetch_artifacts(
        Store(Path(sys.argv[1])), [artifact], base=Path(), settings=FetchSettings(), reporter=SilentReporter()
    )
    print(found[artifact.sha256])
"""


def test_a_killed_download_is_resumed(tmp_path: Path) -> None:
    body = random.Random(1).randbytes(3_000_000)
    digest = hashlib.sha256(body).hexdigest()

    def slowly(exchange: Exchange) -> None:
        if "range" in exchange.headers:
            serves(body)(exchange)
            return
        exchange.begin(200, len(body), {"ETag": '"one"'})
        for start in range(0, len(body), 100_000):
            exchange.handler.wfile.write(body[start : start + 100_000])
            time.sleep(0.05)

    with running_server() as server:
        server.answers["/demo.whl"] = slowly
        arguments = (tmp_path / "store", digest, f"{server.base}/demo.whl")
        with worker(FETCHER, *arguments):
            partial = tmp_path / "store/v1/partial" / digest / "data"
            while not (partial.exists() and partial.stat().st_size > 500_000):
                time.sleep(0.01)
        with worker(FETCHER, *arguments) as process:
            out, err = process.communicate(timeout=20)
        assert Path(out.strip()).read_bytes() == body, err
        start = int(server.headers_of("/demo.whl")[-1]["range"].removeprefix("bytes=").rstrip("-"))
        assert start > 500_000


INSTALLER = """
    import signal, sys
    from pathlib import Path
    from crosswheel.act.wheels.tree import install_wheels
    from crosswheel.target.targets import parse_target_id

    # A process started in the background of a shell inherits that interrupts are ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("ready", flush=True)
    target = parse_target_id("cp311-linux_aarch64_glibc_2_28")
    while True:
        for wheel in sys.argv[2:]:
            install_wheels([Path(wheel)], Path(sys.argv[1]), target=target)
"""


def identity_of(folder: Path) -> tuple[int, int] | None:
    """Which folder stands there, None if none: another one has another number or another time."""
    try:
        status = folder.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_ctime_ns


def test_a_killed_installation_leaves_the_old_tree_or_the_new_one(tmp_path: Path) -> None:
    wheels = [
        make_wheel(tmp_path / "in", name, files={f"{name}/{number}.py": b"x" * 100 for number in range(200)})
        for name in ("one", "two")
    ]
    site = tmp_path / "site"
    moments = random.Random(3)
    seen = set()
    for attempt in range(30):
        before = identity_of(site)
        with worker(INSTALLER, site, *(wheels if attempt % 2 else reversed(wheels))) as process:
            # However slow the machine: not before one of this process' own trees is in its place.
            while identity_of(site) == before:
                assert process.poll() is None, process.communicate()[1]
                time.sleep(0.005)
            time.sleep(moments.random() * 0.1)
            assert process.poll() is None, process.communicate()[1]
        marker = json.loads((site / ".crosswheel-tree.json").read_bytes())
        name = marker["wheels"][0]["filename"].partition("-")[0]
        seen.add(name)
        assert len(list((site / name).iterdir())) == 200
        assert sorted(path.name for path in site.iterdir() if path.is_dir()) == [
            name,
            f"{name}-1.0.dist-info",
        ]
    assert seen == {"one", "two"}
    with worker(INSTALLER, site, *wheels):
        time.sleep(0.3)
    # At most what the last one was killed in; the others' were swept.
    assert len([path for path in tmp_path.iterdir() if path.name.startswith(".site.crosswheel-")]) <= 1


def test_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "in", files={f"demo/{number}.py": b"x" for number in range(2000)})
    for _ in range(5):
        with worker(INSTALLER, tmp_path / "site", wheel) as process:
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        # An interrupt of the first installation leaves no tree; one that meets the tidying itself leaves that
        # to the next run.
        assert {path.name for path in tmp_path.iterdir() if path.name[0] != "."} <= {"in", "site"}
        if (tmp_path / "site").exists():
            assert len(list((tmp_path / "site" / "demo").iterdir())) == 2000
    install_wheels([wheel], tmp_path / "site", target=parse_target_id("cp311-linux_aarch64_glibc_2_28"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "site"]
