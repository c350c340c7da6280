"""The main job, from the lock to a request served: `make demo`.

Locks the example, plans it for three targets, builds what has no wheel, installs the tree of the aarch64 target,
imports every package of it and serves requests, under qemu-aarch64 with Debian's own arm64 CPython. crosswheel has
run no program of the target by then; only the last two steps do, to see that it all works.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parents[2] / "tests"))

from e2e.target_pythons import (  # noqa: E402
    TargetPython,
    run_target_python,
    target_environment,
    target_python,
)

TARGETS = ("linux_arm64", "linux_amd64", "manylinux2014_aarch64")

#: Runs in the target Python: imports whatever each installed distribution puts on the path.
IMPORT_EVERYTHING = """
import importlib, importlib.metadata, json, pathlib, re, sys
site = pathlib.Path(sys.argv[1])
imported, failed = {}, {}
for distribution in importlib.metadata.distributions(path=[str(site)]):
    names = set()
    for file in distribution.files or ():
        top = file.parts[0]
        if len(file.parts) > 1 and file.suffix in {".py", ".so"} and re.fullmatch(r"[A-Za-z_]\\w*", top):
            names.add(top)
        elif len(file.parts) == 1 and file.suffix in {".py", ".so"}:
            names.add(top.partition(".")[0])
    for name in sorted(names):
        try:
            importlib.import_module(name)
        except BaseException as error:
            failed[name] = f"{distribution.name}: {type(error).__name__}: {error}"
    imported[distribution.name] = sorted(names)
print(json.dumps({"imported": imported, "failed": failed}))
"""


def say(text: str) -> None:
    """Tell what is being done."""
    print(f"\n==> {text}", flush=True)


def run(*command: str | Path) -> None:
    """Run a command in this folder, showing it as a user would type it."""
    words = [str(word) for word in command]
    print("$ " + " ".join([Path(words[0]).name, *words[1:]]), flush=True)
    subprocess.run(words, cwd=_HERE, check=True)


def program(name: str) -> Path:
    """Return a program installed beside this interpreter."""
    return Path(sys.executable).with_name(name)


def lock() -> None:
    """Write pylock.toml from the pinned, hashed requirements; no resolving is left to do."""
    say("Lock: pylock.toml from requirements.txt")
    uv: list[str | Path] = [
        program("uv"),
        "pip",
        "compile",
        "--quiet",
        "--no-deps",
        "--universal",
        "--python-version",
        "3.11",
    ]
    run(*uv, "--format", "pylock.toml", "requirements.txt", "-o", "pylock.toml")


def plan_and_build(dist: str) -> None:
    """Plan for three targets and build a wheel repository for each."""
    say("Plan: decide everything once, for three targets")
    wanted = [word for target in TARGETS for word in ("--target", target)]
    crosswheel = program("crosswheel")
    run(crosswheel, "plan", "pylock.toml", *wanted, "--python", "3.11", "-o", "wheels.plan.json")
    say("Build: fetch, cross build, check, write the wheel repositories")
    run(crosswheel, "build", "wheels.plan.json", "-o", dist)


def install(site: str) -> Path:
    """Install the aarch64 tree and return its folder of packages."""
    say("Install: the tree of linux_arm64")
    run(program("crosswheel"), "install", "wheels.plan.json", "--target", "linux_arm64", "--dest", site)
    return next((_HERE / site).rglob("uvicorn-*.dist-info")).parent


def import_everything(target: TargetPython, packages: Path) -> None:
    """Import what every distribution installed brings, in the target Python."""
    say("Import: every package, under qemu-aarch64")
    done = run_target_python(target, IMPORT_EVERYTHING, packages, arguments=[str(packages)], timeout=900)
    if done.returncode:
        raise SystemExit(f"the target Python failed:\n{done.stderr}")
    result = json.loads(done.stdout)
    if result["failed"]:
        raise SystemExit("cannot import " + "; ".join(result["failed"].values()))
    names = sum(len(names) for names in result["imported"].values())
    print(f"{len(result['imported'])} distributions, {names} top-level modules imported")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(port: int, path: str, body: object = None) -> str:
    """Ask the service."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        text: str = answer.read().decode("utf-8", "replace")
        return text


def wait_until_up(
    port: int, server: subprocess.Popen[bytes], *, path: str = "/platform", patience: float = 300
) -> None:
    """Wait until the service answers."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fetch(port, path)
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the service did not start") from None
            time.sleep(0.5)
        else:
            return


def serve(target: TargetPython, site: Path, packages: Path) -> None:
    """Start the service by its installed script and ask it for something that every built package works on."""
    say("Serve: the installed uvicorn script, under qemu-aarch64")
    port = free_port()
    script = next(site.rglob("bin/uvicorn"))
    command: Sequence[str | Path] = [*target.command(), "-B", script, "app:app", "--port", str(port)]
    with subprocess.Popen(command, env=target_environment([packages, _HERE])) as server:
        try:
            wait_until_up(port, server)
            ask(port)
        finally:
            server.terminate()


def ask(port: int, machine: str = "aarch64") -> None:
    """Compare the answers with what they must be on `machine`."""
    questions: tuple[tuple[str, object, object], ...] = (
        ("/platform", None, {"machine": machine, "loop": "uvloop"}),
        ("/orders", None, {"north": 42.5, "south": 7.0, "west": 4.5}),
        ("/solve", {"clauses": [[1, -5, 4], [-1, 5, 3, 4], [-3, -4]]}, [1, -2, -3, -4, 5]),
        ("/layout?width=100", None, {"side": 25.0, "text": 75.0}),
        ("/password/swordfish", None, {"verified": True}),
        ("/checksum/123456789", None, {"crc32c": "e3069283"}),
    )
    for path, body, expected in questions:
        answer = json.loads(fetch(port, path, body))
        print(f"{'POST' if body else 'GET':4} {path}: {json.dumps(answer)}", flush=True)
        if answer != expected:
            raise SystemExit(f"{path} should have answered {expected}")
    greeting = fetch(port, "/hello/%3Cscript%3E")
    print(f"GET  /hello/<script>: {greeting}", flush=True)
    if greeting != "<h1>Hello, &lt;script&gt;</h1>":
        raise SystemExit("the name was not escaped")


def main() -> None:
    """Do the main job."""
    say("Set up: Debian's arm64 CPython, unpacked, not installed")
    target = target_python("aarch64")
    print(f"CPython {target.recipe.version}, Debian {target.packages['libpython3.11-minimal']}")
    lock()
    plan_and_build(".demo/dist")
    site = ".demo/site"
    shutil.rmtree(_HERE / site, ignore_errors=True)
    packages = install(site)
    import_everything(target, packages)
    serve(target, _HERE / site, packages)
    say(f"Done. The wheel repositories are in {_HERE.relative_to(_HERE.parents[2])}/.demo/dist/")


if __name__ == "__main__":
    main()
