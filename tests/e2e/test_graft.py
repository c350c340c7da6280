"""Grafted libraries of Debian: loaded from the wheel by every target Python, and no others in their place."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from checked_wheels import built, wheel
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.wheels.finish_wheel import finish_wheel
from crosswheel.act.wheels.graft import graft_wheel
from crosswheel.target.targets import parse_target_id
from e2e.target_pythons import TargetPython, run_target_python

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
