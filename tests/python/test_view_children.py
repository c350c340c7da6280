"""Children that are started without `site`, which starts the view, see the target as well."""

from __future__ import annotations

import platform
import runpy
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from cross_environments import CrossEnvironment, make_cross_environment

TARGET = f"cp{sys.version_info.major}{sys.version_info.minor}-linux_armv7l_glibc_2_28"
SEEN = "import platform, sys; print(platform.machine(), any('site-packages' in one for one in sys.path))"
MODULE = runpy.run_path(
    str(files("crosswheel") / "act" / "building" / "injected" / "_crosswheel_commands.py")
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> CrossEnvironment:
    made = make_cross_environment(tmp_path_factory.mktemp("cross"))
    (made.site_packages / "zz_after.pth").write_text("import sys; sys.after = True\n")
    return made


def seen(environment: CrossEnvironment, program: str, variables: dict[str, str] | None = None) -> str:
    done = environment.run(
        ["-c", f"import os, subprocess, sys\nSEEN = {SEEN!r}\n{program}"], target=TARGET, variables=variables
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize(
    "options",
    ["'-S'", "'-I', '-S'", "'-E', '-S'", "'-IS'", "'-SI'", "'-X', 'utf8', '-S'", "'-W', 'error', '-BSs'"],
)
def test_a_child_without_site_sees_the_target(environment: CrossEnvironment, options: str) -> None:
    program = f"subprocess.run([sys.executable, {options}, '-c', SEEN])"
    assert seen(environment, program) == "armv7l False"
    assert seen(environment, program.replace("'-c', SEEN", "'-Sc', SEEN")) == "armv7l False"


@pytest.mark.parametrize(
    "program",
    [
        "os.execv(sys.executable, [sys.executable, '-S', '-c', SEEN])",
        "os.execve(sys.executable, [sys.executable, '-S', '-c', SEEN], os.environ)",
        "os.execvp(sys.executable, [sys.executable, '-S', '-c', SEEN])",
        "os.spawnv(os.P_WAIT, sys.executable, [sys.executable, '-S', '-c', SEEN])",
        "os.waitpid(os.posix_spawn(sys.executable, [sys.executable, '-S', '-c', SEEN], os.environ), 0)",
        "subprocess.run((os.fsencode(sys.executable), b'-S', '-c', SEEN), env=os.environ)",
        "subprocess.run([sys.executable, '-S', '-c', SEEN], executable=sys.executable)",
        "subprocess.run([sys.executable, '-S'], input=SEEN, text=True)",
    ],
)
def test_whoever_starts_it(environment: CrossEnvironment, program: str) -> None:
    assert seen(environment, program) == "armv7l False"


def test_a_child_that_is_named_only_is_looked_for(environment: CrossEnvironment) -> None:
    variables = {"PATH": f"{environment.python.parent}:/usr/bin:/bin"}
    program = "subprocess.run(['python3', '-S', '-c', SEEN])"
    assert seen(environment, program, variables) == "armv7l False"


def test_what_stands_after_the_view_in_site_is_left_out(environment: CrossEnvironment) -> None:
    asked = "print(subprocess.check_output([sys.executable, {}'-c', 'import sys; print(hasattr(sys, \"after\"))'], text=True))"
    assert seen(environment, asked.format("'-S', ")) == "False"
    assert seen(environment, asked.format("")) == "True"


def test_build_tools_are_started_as_they_are(environment: CrossEnvironment, tmp_path: Path) -> None:
    (tmp_path / "pip.py").write_text(SEEN)
    program = "subprocess.run([sys.executable, '-S', '-m', 'pip'])"
    assert seen(environment, program, {"PYTHONPATH": str(tmp_path)}) == f"{platform.machine()} False"


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        (["python", "-S"], ["python", "-X", "crosswheel-no-site"]),
        (["p", "-IS", "a.py", "-S"], ["p", "-X", "crosswheel-no-site", "-I", "a.py", "-S"]),
        (["p", "-Sc", "-S", "-S"], ["p", "-X", "crosswheel-no-site", "-c", "-S", "-S"]),
        (["p", "-c", "-S"], None),
        (["p", "-mS", "-S"], None),
        (["p", "-X", "-S", "a.py"], None),
        (["p", "-WS", "a.py"], None),
        (["p", "--check-hash-based-pycs", "-S", "a.py"], None),
        (["p", "-", "-S"], None),
        (["p", "a.py", "-S"], None),
        (["p"], None),
        ([], None),
    ],
)
def test_the_option_is_pythons_own(words: list[str], changed: list[str] | None) -> None:
    assert MODULE["without_option"](words, "crosswheel-no-site") == changed
