"""Packages that need a library of the target, cross built with no configuration, and used under qemu."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from crosswheel.act.check.elf import parse_elf
from e2e.crosswheel_command import CommandFailedError, crosswheel, lock, repository_of
from e2e.target_pythons import TargetPython, debian_mirror, run_target_python

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_NAMES = ("cffi", "pyyaml")
_USE = """
import yaml
assert yaml.__with_libyaml__
assert yaml.load("a: [1, 2.5, {b: null}]", Loader=yaml.CSafeLoader) == {"a": [1, 2.5, {"b": None}]}
assert yaml.dump({"a": [1]}, Dumper=yaml.CSafeDumper) == "a:\\n- 1\\n"

import cffi
ffi = cffi.FFI()
ffi.cdef("void qsort(void *, size_t, size_t, int (*)(const void *, const void *));")

@ffi.callback("int(const void *, const void *)")
def compare(one, other):
    one, other = ffi.cast("int *", one)[0], ffi.cast("int *", other)[0]
    return (one > other) - (one < other)

numbers = ffi.new("int[]", [3, 1, 2, -5])
ffi.dlopen(None).qsort(numbers, 4, ffi.sizeof("int"), compare)
assert list(numbers) == [-5, 1, 2, 3]
print("works")
"""


def _archive() -> str:
    """Return the Debian archive this machine uses; the product's default is the public one."""
    return debian_mirror()[0].rstrip("/") + "/"


def build(folder: Path, target: str, *names: str) -> list[Path]:
    """Lock `names` and build them from their sdists; return the wheels."""
    lock(folder, *names)
    options = [word for name in names for word in ("--no-binary", name)]
    mirror = f"https://deb.debian.org/debian/={_archive()}"
    told = crosswheel(
        *("build", "pylock.toml", "--target", target, "--python", "3.11", *options),
        *("--mirror", mirror, "-o", "dist", "--json"),
        cwd=folder,
    )
    # Published wheels export what these hide, or have it in libraries beside the module.
    assert "oracle-module-degraded" not in told
    return sorted(repository_of(folder / "dist").glob("*.whl"))


@pytest.mark.parametrize(("target", "arch"), [("linux_arm64", "aarch64"), ("linux_arm_v7", "armv7l")])
def test_libraries_are_in_the_modules_and_not_exported(
    target: str, arch: str, tmp_path: Path, target_python: Callable[..., TargetPython]
) -> None:
    for wheel in build(tmp_path, target, *_NAMES):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(tmp_path / "site")
    done = run_target_python(target_python(arch), _USE, tmp_path / "site")
    assert done.stdout.splitlines() == ["works"], done.stdout + done.stderr
    (module,) = (tmp_path / "site" / "yaml").glob("_yaml*.so")
    elf = parse_elf(module.read_bytes())
    names = {*elf.defined, *(symbol.name for symbol in elf.undefined)}
    assert "PyInit__yaml" in elf.defined
    assert not [name for name in names if name.startswith("yaml_")]
    (bill,) = (tmp_path / "site").glob("pyyaml-*.dist-info/sboms/*.json")
    (component,) = json.loads(bill.read_text())["components"]
    assert component["purl"].startswith("pkg:deb/debian/libyaml-dev@")
    assert component["purl"].endswith(("&distro=bookworm", "&distro=trixie"))
    assert "Kirill Simonov" in component["licenses"][0]["license"]["text"]["content"]


def test_the_plan_pins_every_package_and_stays_the_same(tmp_path: Path) -> None:
    lock(tmp_path, "pyyaml")
    mirror = f"https://deb.debian.org/debian/={_archive()}"
    options = ("--target", "linux_arm64", "--python", "3.11", "--no-binary", "pyyaml", "--mirror", mirror)
    for name in ("first", "second"):
        crosswheel("plan", "pylock.toml", *options, "-o", f"{name}.json", cwd=tmp_path)
    text = (tmp_path / "first.json").read_text()
    assert text == (tmp_path / "second.json").read_text()
    plan = json.loads(text)
    (sysroot,) = (build["sysroot"] for build in plan["builds"].values())
    assert (sysroot["wanted"], sysroot["link"]) == (["libyaml-dev"], "static")
    for package in sysroot["packages"]:
        artifact = plan["artifacts"][package["artifact"]]
        assert artifact["url"].startswith("https://deb.debian.org/debian/pool/")
        assert re.fullmatch(r"libyaml-(dev|0-2)_[^_]+_arm64\.deb", artifact["filename"])
    crosswheel("plan", "pylock.toml", *options, "-o", "first.json", "--check", cwd=tmp_path)


def test_a_package_nobody_has_is_refused_while_planning(tmp_path: Path) -> None:
    lock(tmp_path, "pyyaml")
    (tmp_path / "crosswheel.toml").write_text('[packages.pyyaml]\nsysroot = ["libyml-dev"]\n')
    with pytest.raises(CommandFailedError, match="did you mean 'libyaml-dev'"):
        build_again(tmp_path)


def test_a_folder_of_another_architecture_is_refused(tmp_path: Path) -> None:
    lock(tmp_path, "pyyaml")
    (tmp_path / "libs" / "include").mkdir(parents=True)
    (tmp_path / "libs" / "include" / "yaml.h").write_text("/* of this machine */\n")
    library = tmp_path / "libs" / "lib" / "libyaml-0.so.2"
    library.parent.mkdir()
    loaded = subprocess.run(
        ["sh", "-c", "readlink -f /proc/$$/exe"], capture_output=True, text=True, check=True
    )
    library.write_bytes(Path(loaded.stdout.strip()).read_bytes())
    (tmp_path / "crosswheel.toml").write_text('[packages.pyyaml]\nsysroot = "libs"\n')
    with pytest.raises(CommandFailedError, match="give libraries of the target's own architecture"):
        build_again(tmp_path)


def build_again(folder: Path) -> None:
    mirror = f"https://deb.debian.org/debian/={_archive()}"
    options = ("--target", "linux_s390x", "--python", "3.11", "--no-binary", "pyyaml", "--mirror", mirror)
    crosswheel("build", "pylock.toml", *options, "-o", "dist", cwd=folder)
