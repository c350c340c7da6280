"""The bill of materials of an image on top of another one: what the base's package managers say is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.wheels.sbom import libraries_sbom
from crosswheel.command_line.main import main
from crosswheel.decide.images.base_lock import BaseLock, BasePackage, LockedBase, base_lock_to_json
from crosswheel.decide.images.package_databases import InstalledPackage, installed_packages
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.platforms import Glibc
from elf_files import elf_file
from image_bases import base_files
from image_projects import ARM, enter_image_project
from layout_files import LayoutMaker, tar_of
from sysroot_packages import debian_package

STATUS = b"""\
Package: libc6
Status: install ok installed
Architecture: arm64
Version: 2.36-9+deb12u10
Description: GNU C Library
 Version: 1

Package: gone
Status: deinstall ok config-files
Architecture: arm64
Version: 1

Package: no-version
Status: install ok installed

Package: libstdc++6
Status: hold ok installed
Architecture: arm64
Version: 12.2.0-14
"""
PART = b"Package: tzdata\nArchitecture: all\nVersion: 2025b-0+deb12u1\n"
APK = b"C:Q1x=\nP:musl\nV:1.2.5-r0\nA:aarch64\nF:lib\nR:libc.musl-aarch64.so.1\n\nP:zlib\nV:1.3.1-r1\nA:aarch64\n\n"
DEBIAN = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project as the working directory, and a store of its own."""
    enter_image_project(tmp_path, monkeypatch)


def bill(*layers: dict[str, bytes], name: str = "own") -> dict[str, Any]:
    """Return the bill of an image on a base of these layers."""
    maker = LayoutMaker(Path(name))
    maker.write(maker.image(tar_of(base_files()), *map(tar_of, layers)))
    assert main(["image", "dist", "--base", name, "-o", f"{name}-image", "--quiet"]) == 0
    text = Path(f"{name}-image/sbom/linux-arm64.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found: dict[str, Any] = json.loads(text)
    return found


def of_base(found: dict[str, Any]) -> list[str]:
    purls = (one.get("purl", "") for one in found["components"])
    return [purl for purl in purls if purl and not purl.startswith("pkg:pypi")]


def test_what_dpkg_says_is_listed_below_the_base() -> None:
    found = bill({"etc/os-release": DEBIAN, "var/lib/dpkg/status": STATUS})
    packages = [
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=arm64&distro=debian-12",
        "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=arm64&distro=debian-12",
    ]
    assert of_base(found) == packages
    (base,) = (one for one in found["components"] if one["type"] == "container")
    by_place = {one["ref"]: one.get("dependsOn", []) for one in found["dependencies"]}
    assert sorted(by_place[base["bom-ref"]]) == sorted(packages)
    image = found["metadata"]["component"]["bom-ref"]
    assert base["bom-ref"] in by_place[image]
    assert not {*packages} & {*by_place[image]}


def test_the_topmost_database_counts_and_files_of_single_packages() -> None:
    upper = {"var/lib/dpkg/.wh.status": b"", "var/lib/dpkg/status.d/tzdata": PART}
    upper["var/lib/dpkg/status.d/tzdata.md5sums"] = PART.replace(b"tzdata", b"wrong")
    found = bill({"var/lib/dpkg/status": STATUS}, upper)
    assert of_base(found) == ["pkg:deb/debian/tzdata@2025b-0%2Bdeb12u1?arch=all"]


def test_a_base_without_a_database_is_named() -> None:
    found = bill({"etc/passwd": b""})
    assert of_base(found) == []
    assert sorted(one["type"] for one in found["components"]) == ["container", "library", "library"]


def test_the_same_base_makes_the_same_bill_wherever_it_lies() -> None:
    files = {"etc/os-release": DEBIAN, "var/lib/dpkg/status": STATUS}
    assert bill(files, name="one") == bill(files, name="two")


def test_apk_and_whatever_cannot_be_read_are_taken_as_they_are() -> None:
    files = {
        "lib/apk/db/installed": APK,
        "usr/lib/os-release": b"ID=alpine\nVERSION_ID=3.20.1\n",
        "var/lib/dpkg/status": b"\xff\xfe\0 no database",
    }
    about = {"kind": "apk", "architecture": "aarch64", "distribution": "alpine", "release": "3.20.1"}
    assert installed_packages(files) == (
        InstalledPackage(name="musl", version="1.2.5-r0", **about),
        InstalledPackage(name="zlib", version="1.3.1-r1", **about),
    )


@pytest.mark.parametrize(
    ("files", "distribution"),
    [
        ({"etc/os-release": "../usr/lib/os-release", "usr/lib/os-release": DEBIAN}, "debian-12"),
        ({"usr/lib/os-release": b"ID=debian\n"}, "bookworm"),  # testing has no number
        ({"etc/debian_version": b"12.1\n"}, "bookworm"),
    ],
)
def test_packages_of_a_base_lock_name_their_release(
    files: dict[str, bytes | str], distribution: str, tmp_path: Path
) -> None:
    archive = tmp_path / "python.tar"
    archive.write_bytes(
        tar_of(
            {"python/bin/python3.11": elf_file(interpreter="/usr/local/ld.so"), "python/ld.so": elf_file()}
        )
    )
    package = debian_package(tmp_path / "base-files_12_arm64.deb", files)
    artifacts = {
        (digest := digest_of_file(path)): Artifact(sha256=digest, filename=path.name, path=path.name)
        for path in (archive, package)
    }
    python, system = artifacts
    base = LockedBase(
        platform="linux/arm64",
        python=ARM.python,
        glibc=Glibc(major=2, minor=36),
        origin="Debian bookworm arm64 20261101T000000Z",
        index=python,
        system=(BasePackage(name="base-files", version="12.4+deb12u9", artifact=system),),
        standalone=python,
    )
    Path("base.lock.json").write_bytes(base_lock_to_json(BaseLock(artifacts=artifacts, bases=(base,))))
    assert main(["image", "dist", "--base", "base.lock.json", "-o", "image", "--quiet"]) == 0
    found = json.loads(Path("image/sbom/linux-arm64.cdx.json").read_text())
    assert f"pkg:deb/debian/base-files@12.4%2Bdeb12u9?arch=arm64&distro={distribution}" in of_base(found)


def test_libraries_in_a_wheel_name_their_release() -> None:
    package = {"name": "libyaml-dev", "version": "0.2.5-1", "sha256": "0" * 64, "copyright": ""}
    for suite, ending in (("trixie", "&distro=trixie"), ("", "")):
        text = libraries_sbom("pyyaml", "6.0", [package], architecture="arm64", suite=suite)
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text.decode()) is None
        (component,) = json.loads(text)["components"]
        assert component["purl"] == f"pkg:deb/debian/libyaml-dev@0.2.5-1?arch=arm64{ending}"
