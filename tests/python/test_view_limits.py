"""What the view tells the code of the project of the target's limits, and of modules that only the target loads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cross_environments import CrossEnvironment, make_cross_environment

PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
FOREIGN = f"{PYTHON}-linux_armv7l_glibc_2_28"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> CrossEnvironment:
    return make_cross_environment(tmp_path_factory.mktemp("cross"))


_LIMITS = (
    "import mmap, os, resource; "
    "print(os.sysconf('SC_PAGESIZE'), os.sysconf(os.sysconf_names['SC_PAGE_SIZE']), mmap.PAGESIZE, resource.getpagesize())"
)


def test_what_sys_tells_of_hashes_threads_and_integers_is_the_targets(environment: CrossEnvironment) -> None:
    asked = "import sys; print(tuple(sys.hash_info)[:3], tuple(sys.thread_info), sys.int_info.bits_per_digit)"
    digits = 15 if sys.version_info < (3, 11) else 30
    done = environment.run(["-c", asked], target=FOREIGN)
    told = f"(32, {2**31 - 1}, 314159) ('pthread', 'semaphore', 'NPTL 2.28') {digits}\n"
    assert (done.stdout, done.stderr) == (told, "")
    windows = environment.run(["-c", asked], target=f"{PYTHON}-windows_x86_64").stdout
    assert windows == f"(64, {2**61 - 1}, 314159) ('nt', None, None) 30\n"
    # What computes by it is told the truth.
    whole = "from fractions import Fraction; print(hash(Fraction(1, 3)) == hash(Fraction(1, 3)) > 2**31, hash(Fraction(2**40)) == hash(2**40))"
    assert environment.run(["-c", whole], target=FOREIGN).stdout == "True True\n"


def test_modules_are_of_the_class_that_they_were(environment: CrossEnvironment) -> None:
    asked = """
import sys, _json, types, json
of_sys = type(sys)
for kind in (types.ModuleType, of_sys):
    print(isinstance(sys, kind), isinstance(_json, kind), isinstance(json, kind), isinstance(3, kind), end=" ")
print(type(_json) is types.ModuleType, type(json) is types.ModuleType, of_sys("x"), issubclass(of_sys, types.ModuleType))
class Own(of_sys):
    pass
print(type(Own("y")).__name__, isinstance(Own("y"), Own), isinstance(json, Own), hasattr(json, "hash_info"))
"""
    done = environment.run(["-c", asked], target=FOREIGN)
    plain = "True True True False "
    assert done.stdout == f"{2 * plain}True True <module 'x'> True\nOwn True False False\n", done.stderr


def test_mappings_begin_where_the_targets_may(environment: CrossEnvironment) -> None:
    asked = "import mmap; print(mmap.ALLOCATIONGRANULARITY, mmap.PAGESIZE)"
    for target, told in (("windows_x86_64", "65536 4096\n"), ("macos_aarch64_13_0", "16384 16384\n")):
        assert environment.run(["-c", asked], target=f"{PYTHON}-{target}").stdout == told


@pytest.mark.parametrize(
    ("target", "page"),
    [("linux_ppc64le_glibc_2_28", 65536), ("linux_aarch64_glibc_2_28", 4096), ("macos_aarch64_13_0", 16384)],
)
def test_the_code_of_the_project_is_told_the_targets_page(
    environment: CrossEnvironment, target: str, page: int
) -> None:
    (environment.site_packages / "installed_limits.py").write_text(_LIMITS)
    done = environment.run(["-c", _LIMITS], target=f"{PYTHON}-{target}")
    assert (done.stdout, done.stderr) == (" ".join([str(page)] * 4) + "\n", "")
    told = environment.run(["-c", "import installed_limits"], target=f"{PYTHON}-{target}").stdout
    assert told == environment.run(["-c", _LIMITS], target=None).stdout


def test_a_limit_of_another_system_is_known_or_ends_the_build(environment: CrossEnvironment) -> None:
    target = f"{PYTHON}-macos_aarch64_13_0"
    asked = "import os; print(os.sysconf('SC_SEM_VALUE_MAX'), os.sysconf('SC_NPROCESSORS_ONLN') > 0)"
    assert environment.run(["-c", asked], target=target).stdout == "32767 True\n"
    done = environment.run(["-c", "import os; os.sysconf('SC_TIMER_MAX')"], target=target)
    assert done.returncode == 11
    assert f"cannot tell os.sysconf('SC_TIMER_MAX') of '{target}': " in done.stderr
    assert environment.run(["-c", "import os; os.sysconf('SC_TIMER_MAX')"], target=FOREIGN).returncode == 0


def test_a_refusal_names_the_file_that_asks_though_it_is_executed_as_a_text(
    environment: CrossEnvironment, tmp_path: Path
) -> None:
    setup = tmp_path / "setup.py"
    setup.write_text("import os\n\nos.sysconf('SC_TIMER_MAX')\n")
    run = f"names = {{'__file__': {str(setup)!r}, '__name__': '__main__'}}; exec(open({str(setup)!r}).read(), names)"
    done = environment.run(["-c", run], target=f"{PYTHON}-macos_aarch64_13_0")
    assert (done.returncode, "setup.py, line 3, asks for it" in done.stderr) == (11, True), done.stderr


def test_a_module_of_the_target_that_is_asked_for_is_told(
    environment: CrossEnvironment, tmp_path: Path
) -> None:
    suffix = environment.ask("of('importlib.machinery').EXTENSION_SUFFIXES[0]", target=FOREIGN)
    for name in (f"fast{suffix}", "slow.py"):
        (tmp_path / name).write_text("")
    asked = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfor name in ('fast', 'slow', 'none'):\n try: __import__(name)\n except ImportError: pass"
    done = environment.run(["-c", asked], target=FOREIGN)
    assert (done.returncode, done.stderr) == (0, "crosswheel: module of the target not loaded: fast\n")


def test_temporary_files_have_the_same_names_in_every_build(
    environment: CrossEnvironment, tmp_path: Path
) -> None:
    asked = (
        f"import tempfile; [print(tempfile.mkdtemp(prefix='.mesonpy-', dir={str(tmp_path)!r})) for _ in 'ab']"
    )
    told = [environment.run(["-c", asked], target=FOREIGN).stdout.split() for _ in range(2)]
    names = [[Path(path).name for path in paths] for paths in told]
    # What is there is passed over.
    assert names == [[".mesonpy-00000000", ".mesonpy-00000001"], [".mesonpy-00000002", ".mesonpy-00000003"]]
    plain = environment.run(["-c", asked], target=None).stdout
    assert ".mesonpy-0000" not in plain


def test_code_that_is_executed_with_names_of_its_own_is_the_projects(environment: CrossEnvironment) -> None:
    asked = "exec('import struct; size = struct.calcsize(\"P\")', names := {}); print(names['size'])"
    assert environment.run(["-c", asked], target=FOREIGN).stdout == "4\n"


def test_a_run_that_distutils_is_asked_for_is_told(environment: CrossEnvironment) -> None:
    package = environment.site_packages / "setuptools" / "_distutils" / "command"
    package.mkdir(parents=True, exist_ok=True)
    (package / "config.py").write_text(
        "class config:\n def try_run(self, body, headers=None): return False\n"
    )
    asked = "from setuptools._distutils.command.config import config; print(config().try_run('int main(void) {\\n}'))"
    done = environment.run(["-c", asked], target=FOREIGN)
    assert (done.stdout, done.stderr) == (
        "False\n",
        "crosswheel: program of the target not run: int main(void) { }\n",
    )


def test_the_view_needs_its_folder_no_more_once_it_is_active(environment: CrossEnvironment) -> None:
    gone = f"import sys; sys.path.remove({str(environment.site_packages)!r})"
    asked = f"{gone}; import tempfile, struct, mmap, resource, distutils.command.config; print(struct.calcsize('P'))"
    done = environment.run(["-c", asked], target=FOREIGN)
    assert (done.returncode, done.stdout) == (0, "4\n"), done.stderr


def test_the_byte_order_does_not_stand_among_the_names_of_sys(environment: CrossEnvironment) -> None:
    done = environment.run(
        ["-c", "import sys; print(vars(sys).get('byteorder'))"],
        target=f"{PYTHON}-linux_s390x_glibc_2_28",
        variables={"CROSSWHEEL_GUARD": "byteorder"},
    )
    assert done.stdout == "None\n", done.stderr
