"""What a package's variables and settings may ask of its sysroot, answered in a real build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.build import BuildRequest
from crosswheel.act.building.sandbox import Sandbox, choose_sandbox
from crosswheel.act.sysroot.assembly import SysrootRequest
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.values.errors import BuildError
from e2e.crosswheel_command import shared_store
from e2e.sandbox_builds import backend_sdist, run_build
from e2e.zig import zig_wheel
from sysroot_packages import package_file

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_CONFIG = b"prefix=/usr\nName: x\nDescription: x\nVersion: 1.2.3\nLibs: -lx\n"
_TELLS = "return ' '.join([os.environ['WHERE'], os.environ['VERSION'], os.environ['AS_IS']])"


@pytest.fixture(scope="module")
def bubblewrap() -> Sandbox:
    return choose_sandbox("bubblewrap")


def built(folder: Path, sandbox: Sandbox, environment: Mapping[str, str], *, sysroot: bool = True) -> str:
    package = package_file(folder, "libx-dev", {"usr/lib/aarch64-linux-gnu/pkgconfig/x.pc": _CONFIG})
    libraries = SysrootRequest(packages=(package,), link=LinkKind.STATIC)

    def change(request: BuildRequest) -> BuildRequest:
        return replace(
            request,
            toolchain=zig_wheel(),
            sysroot=libraries if sysroot else None,
            environment=environment,
        )

    sdist = backend_sdist(folder, _TELLS)
    log = run_build(sdist, folder, sandbox, change=change, root=shared_store()).log.read_text()
    return next(line for line in log.splitlines() if line.startswith("RESULT ")).removeprefix("RESULT ")


def test_variables_are_told_where_the_libraries_are_and_of_which_version(
    tmp_path: Path, bubblewrap: Sandbox
) -> None:
    asked = {"WHERE": "{sysroot}/include", "VERSION": "v{version:x}", "AS_IS": "{version}{x}"}
    assert built(tmp_path, bubblewrap, asked) == "/crosswheel/sysroot/usr/include v1.2.3 {version}{x}"


def test_a_version_that_the_libraries_do_not_tell_is_refused(tmp_path: Path, bubblewrap: Sandbox) -> None:
    with pytest.raises(BuildError) as caught:
        built(tmp_path, bubblewrap, {"VERSION": "{version:y}"})
    assert "asks for the version of y, and its sysroot has no y.pc; name one of: x" in str(caught.value)


def test_without_libraries_there_are_no_facts_of_them(tmp_path: Path, bubblewrap: Sandbox) -> None:
    with pytest.raises(BuildError) as caught:
        built(tmp_path, bubblewrap, {"WHERE": "{sysroot}"}, sysroot=False)
    assert "'{sysroot}' asks for a fact of its sysroot, and it has none" in str(caught.value)
