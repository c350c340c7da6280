"""Grafted libraries of Debian: loaded from the wheel by every target Python, and no others in their place."""

from __future__ import annotations

import base64
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from checked_wheels import built, wheel
from crosswheel.act.building.build import RawWheel
from crosswheel.act.building.sandbox import choose_sandbox
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.elf import parse_elf
from crosswheel.act.storage.store import digest_of_file
from crosswheel.act.sysroot.assembly import PackageFile, SysrootRequest
from crosswheel.act.sysroot.folder_pack import pack_folder
from crosswheel.act.wheels.finish_wheel import finish_wheel
from crosswheel.act.wheels.graft import graft_wheel
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.target.targets import parse_target_id
from e2e.crosswheel_command import shared_store
from e2e.sandbox_builds import backend_sdist, run_build
from e2e.target_pythons import TargetPython, run_target_python
from e2e.zig import zig_wheel

pytestmark = pytest.mark.e2e

#: Architecture, Python and glibc of Debian's release that has it.
_TARGETS = (
    ("x86_64", "3.11", "2_36"),
    ("aarch64", "3.11", "2_36"),
    ("armv7l", "3.11", "2_36"),
    ("i686", "3.11", "2_36"),
    ("ppc64le", "3.11", "2_36"),
    ("s390x", "3.11", "2_36"),
    ("riscv64", "3.13", "2_41"),
)
#: liblzma needs libc alone, libncursesw needs libtinfo beside it; both modules are of the standard library.
_MODULES = {"_lzma": {"liblzma.so.5"}, "_curses": {"libncursesw.so.6", "libtinfo.so.6"}}
_CODE = """
import demo._lzma, demo.deep.down._curses
packed = demo._lzma.LZMACompressor().compress(b"x" * 1000)
assert demo.deep.down._curses.tigetstr
try:
    demo.deep.down._curses.setupterm("no such terminal")
except demo.deep.down._curses.error:
    pass
with open("/proc/self/maps") as maps:
    print(*sorted({line.split()[-1].rpartition("/")[2] for line in maps if ".so" in line}))
"""


@pytest.mark.parametrize(("arch", "version", "glibc"), _TARGETS)
def test_grafted_libraries_are_loaded_from_the_wheel(
    arch: str, version: str, glibc: str, tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    python = target_python(arch, version)
    target = parse_target_id(f"cp{version.replace('.', '')}-linux_{arch}_glibc_{glibc}")
    found = {name: next(python.root.glob(f"usr/lib/python*/lib-dynload/{name}.*.so")) for name in _MODULES}
    suffix = found["_lzma"].name.removeprefix("_lzma")
    members = {
        f"demo/_lzma{suffix}": found["_lzma"].read_bytes(),
        f"demo/deep/down/_curses{suffix}": found["_curses"].read_bytes(),
    }
    tag = f"{target.python}-{target.python}-linux_{arch}"
    raw = wheel(tmp_path / "raw", members, tag=tag)
    (tmp_path / "grafted").mkdir()
    grafted = graft_wheel(raw, target, python.root, tmp_path / "grafted")
    assert {one.name for one in grafted.libraries} == set().union(*_MODULES.values())
    report = check_wheel(grafted.path, target, built=built(extension_suffix=suffix))
    assert not report.findings, [str(finding) for finding in report.findings]
    assert {tag.platform.partition("_2_")[0] for tag in report.earned_tags} == {"manylinux"}
    final = finish_wheel(grafted.path, report, tmp_path)
    with zipfile.ZipFile(final) as archive:
        archive.extractall(tmp_path / "site")
    done = run_target_python(python, _CODE, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    # The target's own libraries lie where its loader looks; only the names in the wheel can lead to these.
    assert {one.path.rpartition("/")[2] for one in grafted.libraries} <= loaded
    assert not [name for name in loaded if name.startswith(("liblzma.so", "libncursesw.so", "libtinfo.so"))]


_COMPILE = """
import base64, subprocess
open('a.c', 'w').write({source!r})
done = subprocess.run([os.environ['CC'], '-shared', '-fPIC', 'a.c', '-o', 'a.so', *{options!r}], capture_output=True, text=True)
assert done.returncode == 0, done.stderr[-300:]
return base64.b64encode(open('a.so', 'rb').read()).decode()
"""
#: Debian 12 has glibc 2.36, this function is of 2.38.
_NEWER = """
#include <stdlib.h>
long __isoc23_strtol(const char *, char **, int);
void *taken(void) { return malloc(1); }
long parsed(const char *text) { return __isoc23_strtol(text, NULL, 0); }
"""
_USES = "long parsed(const char *);\nlong twice(const char *text) { return 2 * parsed(text); }\n"


def _compiled(
    folder: Path, source: str, platform: str, *options: str, sysroot: SysrootRequest | None = None
) -> tuple[bytes, RawWheel]:
    folder.mkdir(exist_ok=True)
    sdist = backend_sdist(
        folder,
        _COMPILE.replace("{source!r}", repr(source)).replace("{options!r}", repr(options)),
        files={"x.c": ""},
    )
    raw = run_build(
        sdist,
        folder,
        choose_sandbox("bubblewrap"),
        target=f"cp{sys.version_info[0]}{sys.version_info[1]}-{platform}",
        change=lambda request: replace(request, toolchain=zig_wheel(), sysroot=sysroot),
        root=shared_store(),
    )
    (line,) = (line for line in raw.log.read_text().splitlines() if line.startswith("RESULT "))
    return base64.b64decode(line.removeprefix("RESULT "), validate=True), raw


@pytest.mark.network
def test_a_function_of_a_newer_glibc_is_had_from_the_wheel(
    tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    library, alone = _compiled(
        tmp_path / "builds", _NEWER, "linux_aarch64_glibc_2_38", "-Wl,-soname,libnewer.so.1"
    )
    assert alone.newer_functions is None
    (tmp_path / "sysroot/lib").mkdir(parents=True)
    (tmp_path / "sysroot/lib/libnewer.so.1").write_bytes(library)
    (tmp_path / "sysroot/lib/libnewer.so").symlink_to("libnewer.so.1")
    target = parse_target_id("cp311-linux_aarch64_glibc_2_36")
    pack = tmp_path / "sysroot.tar"
    pack.write_bytes(pack_folder(tmp_path / "sysroot", target, shown="sysroot"))
    package = PackageFile(name="newer", version="", path=pack, sha256=digest_of_file(pack).hex)
    module, raw = _compiled(
        tmp_path / "builds",
        _USES,
        "linux_aarch64_glibc_2_36",
        "-lnewer",
        sysroot=SysrootRequest(packages=(package,), link=LinkKind.SHARED),
    )
    assert raw.sysroot is not None
    assert raw.newer_functions is not None
    whole = wheel(tmp_path / "raw", {"demo/uses.so": module}, tag="cp311-cp311-linux_aarch64")
    (tmp_path / "grafted").mkdir()
    grafted = graft_wheel(
        whole, target, raw.sysroot, tmp_path / "grafted", newer_functions=raw.newer_functions
    )
    assert [one.name for one in grafted.libraries] == ["libcrosswheel-glibc.so", "libnewer.so.1"]
    with zipfile.ZipFile(grafted.path) as archive:
        archive.extractall(tmp_path / "site")
    assert "GLIBC_2.38" in {need.version for need in parse_elf(library).version_needs}
    needs = parse_elf((tmp_path / "site" / grafted.libraries[1].path).read_bytes()).version_needs
    assert "GLIBC_2.38" not in {need.version for need in needs}
    code = f"import ctypes; print(ctypes.CDLL('{tmp_path}/site/demo/uses.so').twice(b'0x15'))"
    done = run_target_python(target_python("aarch64"), code, tmp_path / "site")
    assert (done.stdout, done.stderr) == ("42\n", "")
