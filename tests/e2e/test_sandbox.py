"""Hostile sdists: each tries one forbidden thing, fails in the sandbox, and succeeds where there is none."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.build import BuildRequest
from crosswheel.act.building.build_python import read_build_python
from crosswheel.act.building.sandbox import BubblewrapSandbox, Mounts, NoSandbox, Sandbox, choose_sandbox
from crosswheel.render.processor_text import processor_text
from crosswheel.values.errors import BuildError, InputError, SandboxError
from crosswheel.values.platforms import Arch
from e2e.sandbox_builds import backend_sdist, run_build

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def bubblewrap() -> Sandbox:
    return choose_sandbox("bubblewrap")


def said(folder: Path, attempt: str, sandbox: Sandbox) -> str:
    """Return what `attempt` came to."""
    folder.mkdir(exist_ok=True)
    log = run_build(backend_sdist(folder, attempt), folder, sandbox).log.read_text()
    return next(line for line in log.splitlines() if line.startswith("RESULT ")).removeprefix("RESULT ")


def both(tmp_path: Path, attempt: str, bubblewrap: Sandbox) -> tuple[str, str]:
    """Return what `attempt` comes to in the sandbox and without one."""
    return said(tmp_path / "in", attempt, bubblewrap), said(tmp_path / "out", attempt, NoSandbox())


def test_a_secret_in_the_home_folder_cannot_be_read(tmp_path: Path, bubblewrap: Sandbox) -> None:
    secret = tmp_path / "id_ed25519"
    secret.write_text("SECRET")
    inside, outside = both(tmp_path, f"return open({str(secret)!r}).read()", bubblewrap)
    assert (inside.split(":")[0], outside) == ("REFUSED FileNotFoundError", "SECRET")


def test_no_home_of_any_user_is_there(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "return [name for name in ('/root', '/home', '/etc/shadow', '/etc/ssh', '/var', '/usr/local', '/opt', '/sys', '/run') if os.path.exists(name)]"
    inside, outside = both(tmp_path, attempt, bubblewrap)
    assert inside == "[]"
    assert "/root" in outside


def test_home_is_empty_and_not_the_users(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "home = os.path.expanduser('~'); return home, os.listdir(home)"
    assert said(tmp_path / "in", attempt, bubblewrap) == "('/build/home', [])"


@pytest.fixture
def listener() -> Iterator[int]:
    """Return the port of a server of this machine that greets whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)

        def greet() -> None:
            try:
                while True:
                    connection, _ = server.accept()
                    connection.sendall(b"HELLO")
                    connection.close()
            except OSError:
                return

        threading.Thread(target=greet, daemon=True).start()
        yield server.getsockname()[1]


def test_no_socket_reaches_the_build_machine(tmp_path: Path, bubblewrap: Sandbox, listener: int) -> None:
    attempt = f"import socket; return socket.create_connection(('127.0.0.1', {listener}), 5).recv(9)"
    inside, outside = both(tmp_path, attempt, bubblewrap)
    assert (inside.split(":")[0], outside) == ("REFUSED ConnectionRefusedError", "b'HELLO'")


def test_no_address_outside_is_reachable(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "import socket; s = socket.socket(); s.settimeout(5); return s.connect(('192.0.2.1', 80))"
    assert said(tmp_path / "in", attempt, bubblewrap) == "REFUSED OSError: [Errno 101] Network is unreachable"


def test_no_name_resolves(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "import socket; return socket.getaddrinfo('index.example', 443)"
    assert said(tmp_path / "in", attempt, bubblewrap).startswith("REFUSED gaierror")


def test_no_abstract_unix_socket_is_reachable(tmp_path: Path, bubblewrap: Sandbox) -> None:
    name = f"\0crosswheel-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        attempt = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({name!r}); return 'CONNECTED'"
        inside, outside = both(tmp_path, attempt, bubblewrap)
    assert (inside.split(":")[0], outside) == ("REFUSED ConnectionRefusedError", "CONNECTED")


def test_only_the_network_interface_of_the_sandbox_itself_is_there(
    tmp_path: Path, bubblewrap: Sandbox
) -> None:
    attempt = "import socket; return [name for _, name in socket.if_nameindex()]"
    assert said(tmp_path / "in", attempt, bubblewrap) == "['lo']"


@pytest.mark.parametrize(
    "place",
    [
        *("/planted", "/usr/bin/planted", "/etc/planted", "/crosswheel/planted", "/build/planted"),
        *("/crosswheel/environment/bin/planted", "/crosswheel/target/view.json"),
        *(
            "/crosswheel/environment/lib/python{v}/site-packages/planted.pth",
            "/crosswheel/python/lib/python{v}/os.py",
        ),
    ],
)
def test_nothing_can_be_planted_outside_the_writable_folders(
    tmp_path: Path, bubblewrap: Sandbox, place: str
) -> None:
    path = place.replace("{v}", f"{sys.version_info[0]}.{sys.version_info[1]}")
    result = said(tmp_path / "in", f"open({path!r}, 'w').write('import os'); return 'PLANTED'", bubblewrap)
    assert result.startswith("REFUSED OSError: [Errno 30] Read-only file system")


@pytest.mark.parametrize("place", ["/proc/sys/kernel/core_pattern", "/proc/mtrr", "/proc/self/oom_score_adj"])
def test_no_setting_of_the_kernel_can_be_changed(tmp_path: Path, bubblewrap: Sandbox, place: str) -> None:
    if not Path(place).exists():
        place = "/proc/self/coredump_filter"
    result = said(tmp_path / "in", f"os.close(os.open({place!r}, os.O_WRONLY)); return 'OPENED'", bubblewrap)
    assert result.startswith("REFUSED OSError: [Errno 30] Read-only file system")


def test_a_pth_can_be_planted_where_there_is_no_sandbox(tmp_path: Path) -> None:
    attempt = "import sysconfig; open(sysconfig.get_path('purelib') + '/planted.pth', 'w').write(''); return 'PLANTED'"
    assert said(tmp_path / "out", attempt, NoSandbox()) == "PLANTED"


def test_the_next_build_sees_nothing_of_the_last_one(tmp_path: Path, bubblewrap: Sandbox) -> None:
    leave = "[open(d + '/left', 'w') for d in ('/tmp', '/build/cache', '/build/temporary', '/build/home')]; return 'OK'"
    look = "return [d for d in ('/tmp', '/build/cache', '/build/temporary', '/build/home') if os.path.exists(d + '/left')]"
    assert said(tmp_path / "in", leave, bubblewrap) == "OK"
    assert said(tmp_path / "in", look, bubblewrap) == "[]"


def test_no_compiler_of_the_build_machine_is_there(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "import shutil; return [n for n in ('gcc', 'cc', 'clang', 'as', 'git', 'curl', 'ssh', 'sudo') if shutil.which(n, path='/usr/bin:/bin:/usr/local/bin:/usr/sbin')]"
    inside, outside = both(tmp_path, attempt, bubblewrap)
    assert inside == "[]"
    assert outside != "[]"


def test_no_header_of_the_build_machine_is_there(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "return os.path.exists('/usr/include/stdio.h')"
    assert both(tmp_path, attempt, bubblewrap) == ("False", "True")


def test_another_process_can_be_neither_seen_nor_killed(tmp_path: Path, bubblewrap: Sandbox) -> None:
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        attempt = f"os.kill({victim.pid}, 9); return 'KILLED'"
        inside = said(tmp_path / "in", attempt, bubblewrap)
        assert inside.startswith("REFUSED ProcessLookupError")
        assert victim.poll() is None
        assert said(tmp_path / "out", attempt, NoSandbox()) == "KILLED"
        assert victim.wait(10) == -9
    finally:
        victim.kill()
        victim.wait()


def test_only_its_own_processes_are_listed(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "return len([name for name in os.listdir('/proc') if name.isdigit()]) < 5"
    assert said(tmp_path / "in", attempt, bubblewrap) == "True"


def test_it_is_nobody_with_no_capability(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "return os.getuid(), [l.split()[1] for l in open('/proc/self/status') if l.startswith(('CapEff', 'CapBnd'))]"
    assert said(tmp_path / "in", attempt, bubblewrap) == "(1000, ['0000000000000000', '0000000000000000'])"


def test_no_further_namespace_can_be_made(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "import ctypes; c = ctypes.CDLL(None, use_errno=True); return c.unshare(0x10000000), ctypes.get_errno()"
    assert said(tmp_path / "in", attempt, bubblewrap) == "(-1, 28)"


def test_nothing_of_the_callers_environment_is_there(
    tmp_path: Path, bubblewrap: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    attempt = "return 'hunter2' in str(os.environ) or b'hunter2' in open('/proc/self/environ', 'rb').read()"
    assert both(tmp_path, attempt, bubblewrap) == ("False", "False")


def test_the_machine_has_always_the_same_name(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "import socket; return socket.gethostname()"
    inside, outside = both(tmp_path, attempt, bubblewrap)
    assert (inside, outside) == ("build", socket.gethostname())


def test_the_processor_is_the_plainest_of_the_target(tmp_path: Path, bubblewrap: Sandbox) -> None:
    inside, outside = both(tmp_path, "return repr(open('/proc/cpuinfo').read())", bubblewrap)
    assert inside == repr(processor_text(Arch.AARCH64))
    assert outside != inside


def test_a_child_with_an_environment_of_its_own_sees_the_target(tmp_path: Path, bubblewrap: Sandbox) -> None:
    asked = "[sys.executable, '-c', 'import sysconfig; print(sysconfig.get_platform())']"
    attempt = f"import subprocess; return subprocess.check_output({asked}, env={{}}, text=True)"
    assert both(tmp_path, attempt, bubblewrap) == ("linux-aarch64", "linux-aarch64")


def test_a_background_process_ends_with_the_build(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "import subprocess; subprocess.Popen(['sleep', '98765']); return 'STARTED'"
    for folder, sandbox in (("in", bubblewrap), ("out", NoSandbox())):
        assert said(tmp_path / folder, attempt, sandbox) == "STARTED"
        running = _command_lines()
        assert not any(b"98765" in line for line in running)


def _command_lines() -> list[bytes]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes())
        except OSError:  # it ended meanwhile
            continue
    return lines


def test_temporary_files_cannot_fill_the_memory(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "s = os.statvfs('/tmp'); return s.f_blocks * s.f_frsize <= 2 * 1024 ** 3"
    assert said(tmp_path / "in", attempt, bubblewrap) == "True"


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (
            "os.symlink('/etc/passwd', output + '/' + NAME); return 'LEFT'",
            "its backend left 'hostile-1-py3-none-any.whl', which is a link or no file at all",
        ),
        (
            "os.mkdir(output + '/' + NAME); return 'LEFT'",
            "its backend left 'hostile-1-py3-none-any.whl', which is a link or no file at all",
        ),
        (
            "os.mkfifo(output + '/' + NAME); return 'LEFT'",
            "its backend left 'hostile-1-py3-none-any.whl', which is a link or no file at all",
        ),
        (
            "leave(output + '/' + NAME); leave(output + '/other-1-py3-none-any.whl'); return 'LEFT'",
            "its backend left more than one wheel: hostile-1-py3-none-any.whl, other-1-py3-none-any.whl",
        ),
        ("return 'LEFT'", "its backend left no wheel, although it reported success"),
        (
            "leave(output + '/../source/' + NAME); return 'LEFT'",
            "its backend left no wheel, although it reported success",
        ),
        (
            "leave(output + '/other-1-py3-none-any.whl'); return 'LEFT'",
            "its backend named 'hostile-1-py3-none-any.whl' and left 'other-1-py3-none-any.whl'",
        ),
        ("os._exit(0)", "its backend ended in build_wheel without a result"),
        ("os._exit(7)", "its backend 'mine' failed in build_wheel (exit code 7)"),
        (
            "os.symlink('/etc/passwd', '/build/exchange/result.json'); os._exit(0)",
            "its backend ended in build_wheel without a result",
        ),
        (
            "open('/build/exchange/result.json', 'w').write('[' * 99999); os._exit(0)",
            "its backend wrote a result of build_wheel that cannot be read",
        ),
    ],
)
def test_what_is_left_must_be_one_plain_wheel(
    tmp_path: Path, bubblewrap: Sandbox, attempt: str, why: str
) -> None:
    with pytest.raises(BuildError) as caught:
        run_build(backend_sdist(tmp_path, attempt), tmp_path, bubblewrap)
    assert caught.value.why == why
    last = "its log is empty" if "os._exit" in attempt else "whole log: "
    assert caught.value.details[-1].startswith(last)


def test_the_output_folder_cannot_be_swapped_for_a_link(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "import shutil; os.rename(output, output + '2'); os.symlink('/etc', output); return 'SWAPPED'"
    assert said(tmp_path / "in", attempt, bubblewrap).startswith("REFUSED OSError")


def test_folders_left_without_permissions_do_not_stay(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = "os.makedirs('/build/home/a/b'); os.chmod('/build/home/a', 0); return 'OK'"
    assert said(tmp_path / "in", attempt, bubblewrap) == "OK"
    assert list((tmp_path / "in" / "store").glob("*/scratch/*/home")) == []


def test_the_end_of_the_log_is_shown_without_terminal_control(tmp_path: Path, bubblewrap: Sandbox) -> None:
    attempt = r"print('\x1b[31mred\x1b[0m\x07'); sys.stdout.flush(); os._exit(3)"
    with pytest.raises(BuildError) as caught:
        run_build(backend_sdist(tmp_path, attempt), tmp_path, bubblewrap)
    assert caught.value.details[0] == "red"
    assert str(caught.value).startswith(
        f"cp{sys.version_info[0]}{sys.version_info[1]}-linux_aarch64_glibc_2_28: "
    )


def test_a_patch_is_applied_before_the_build(tmp_path: Path, bubblewrap: Sandbox) -> None:
    patch = tmp_path / "fix.patch"
    patch.write_text(
        "--- a/tree/mine.py\n+++ b/tree/mine.py\n@@ -6,4 +6,4 @@\n"
        '         wheel.writestr("hostile-1.dist-info/WHEEL", "Wheel-Version: 1.0")\n'
        " def attempt(output):\n-    return 'UNPATCHED'\n+    return 'PATCHED'\n"
        " def build_wheel(output, config_settings=None, metadata_directory=None):\n"
    )

    def patched(request: BuildRequest) -> BuildRequest:
        return replace(request, patches=(patch,))

    built = run_build(backend_sdist(tmp_path, "return 'UNPATCHED'"), tmp_path, bubblewrap, change=patched)
    assert "RESULT PATCHED" in built.log.read_text()


def test_a_patch_that_does_not_apply_stops_the_build(tmp_path: Path, bubblewrap: Sandbox) -> None:
    patch = tmp_path / "fix.patch"
    patch.write_text("--- a/none.py\n+++ b/none.py\n@@ -1 +1 @@\n-a\n+b\n")
    with pytest.raises(BuildError) as caught:
        run_build(
            backend_sdist(tmp_path, "return ''"),
            tmp_path,
            bubblewrap,
            change=lambda request: replace(request, patches=(patch,)),
        )
    assert caught.value.why == "the patch 'fix.patch' does not apply to it"


def test_a_patch_cannot_write_outside_the_source(tmp_path: Path, bubblewrap: Sandbox) -> None:
    patch = tmp_path / "evil.patch"
    patch.write_text("--- /dev/null\n+++ b/../../home/planted\n@@ -0,0 +1 @@\n+x\n")
    with pytest.raises(BuildError):
        run_build(
            backend_sdist(tmp_path, "return ''"),
            tmp_path,
            bubblewrap,
            change=lambda request: replace(request, patches=(patch,)),
        )


@pytest.mark.parametrize(
    "body",
    [
        "import sys as system; return system.byteorder",
        "import subprocess as s, sys; return s.run([sys.executable, '-c', 'import sys; print(sys.byteorder)']).returncode",
    ],
)
def test_a_byte_order_read_by_the_backend_is_refused_for_another(
    tmp_path: Path, bubblewrap: Sandbox, body: str
) -> None:
    version = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    target = f"{version}-linux_s390x_glibc_2_28"
    sdist = backend_sdist(tmp_path, body)
    with pytest.raises(BuildError) as caught:
        run_build(sdist, tmp_path, bubblewrap, target=target)
    assert f"cannot tell the byte order of '{target}': " in caught.value.why
    assert caught.value.fix == (
        "patch it, or, if it does not decide what is compiled, set accept-build-facts for the package"
    )
    accepted = run_build(
        sdist,
        tmp_path,
        bubblewrap,
        target=target,
        change=lambda request: replace(request, accept_build_facts=True),
    )
    assert "RESULT" in accepted.log.read_text()


def test_a_width_read_by_the_backend_is_the_targets(tmp_path: Path, bubblewrap: Sandbox) -> None:
    target = f"cp{sys.version_info[0]}{sys.version_info[1]}-linux_armv7l_glibc_2_28"
    sdist = backend_sdist(tmp_path, "import struct; return struct.calcsize('P')")
    assert "RESULT 4" in run_build(sdist, tmp_path, bubblewrap, target=target).log.read_text()


def test_without_bubblewrap_the_sandbox_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxError) as caught:
        choose_sandbox("bubblewrap")
    assert str(caught.value) == (
        "cannot set up the sandbox: bubblewrap (the program 'bwrap') is not installed; install your distribution's "
        "package 'bubblewrap', or build without a sandbox (--sandbox=none)"
    )


def test_where_namespaces_are_blocked_the_sandbox_says_what_to_allow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError) as caught:
        choose_sandbox("bubblewrap")
    assert caught.value.why == (
        "bubblewrap does not work on this machine (bwrap: No permissions to create new namespace)"
    )
    assert "user.max_user_namespaces" in caught.value.fix


def test_another_sandbox_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        choose_sandbox("docker")
    assert str(caught.value) == (
        "cannot choose sandbox 'docker': there is no such sandbox; choose one of bubblewrap, none"
    )


@pytest.mark.parametrize("program", ["/usr/bin/python3", "/usr/bin/python3.11"])
def test_a_python_of_the_distribution_starts_in_the_sandbox(
    tmp_path: Path, bubblewrap: Sandbox, program: str
) -> None:
    if not Path(program).exists():
        pytest.skip(f"no {program} on this machine")
    python = read_build_python(Path(program))
    with (tmp_path / "log").open("w+b") as log:
        code = bubblewrap.run(
            [
                f"/crosswheel/python/bin/python{python.abi.version}",
                "-c",
                "import ssl, ctypes, sys; print(sys.prefix)",
            ],
            mounts=Mounts(build_python=python),
            environment={},
            working_directory="/",
            log=log,
        )
    assert (code, (tmp_path / "log").read_text()) == (0, "/crosswheel/python\n")


def test_the_program_of_the_sandbox_is_the_one_found() -> None:
    assert isinstance(choose_sandbox(), BubblewrapSandbox)
    assert shutil.which("bwrap") is not None
