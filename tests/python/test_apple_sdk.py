"""Apple's SDK: what counts as one, the canonical file it becomes, and what ``--sdk`` refuses."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from crosswheel.act.planning.plan_options import PlanOptions, complete_request
from crosswheel.act.sysroot.apple_sdk import is_sdk, is_sdk_pack, pack_sdk, unpack_sdk
from crosswheel.act.sysroot.assembly import PackageFile, SysrootRequest, assemble_sysroot, read_link_table
from crosswheel.act.sysroot.folder_pack import pack_folder
from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError, InputError

MACOS = parse_target_id("cp311-macos_aarch64_11_0")
_FOO = "System/Library/Frameworks/Foo.framework"


def sdk(folder: Path) -> Path:
    """Write a tiny SDK with one framework and one library."""
    texts = {
        "SDKSettings.json": '{"Version": "14.0"}',
        "usr/include/foz.h": "int foz(void);\n",
        "usr/lib/libfoz.tbd": "--- !tapi-tbd\n...\n",
        "usr/lib/libfoz.dylib": "no stub\n",
        "usr/bin/clang": "a program\n",
        f"{_FOO}/Versions/A/Foo.tbd": "--- !tapi-tbd\n...\n",
        f"{_FOO}/Versions/A/Headers/Foo.h": "int foo(void);\n",
        f"{_FOO}/Versions/A/Resources/Info.plist": "<plist/>\n",
        "System/Library/PrivateFrameworks/Bar.framework/Bar.tbd": "",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / _FOO / "Versions" / "Current").symlink_to("A")
    (folder / _FOO / "Foo.tbd").symlink_to("Versions/Current/Foo.tbd")
    (folder / _FOO / "Headers").symlink_to("Versions/Current/Headers")
    return folder


def test_headers_and_stubs_are_packed_the_same_wherever_they_lie(tmp_path: Path) -> None:
    one, other = sdk(tmp_path / "a" / "MacOSX.sdk"), sdk(tmp_path / "b" / "MacOSX14.sdk")
    data = pack_sdk(one, shown="a")
    assert data == pack_sdk(other, shown="b")
    assert data == pack_folder(one, MACOS, shown="a")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = archive.getnames()
    assert names[0] == "SDKSettings.json"
    assert names[1:] == [
        f"{_FOO}/Foo.tbd",
        f"{_FOO}/Headers",
        f"{_FOO}/Versions/A/Foo.tbd",
        f"{_FOO}/Versions/A/Headers/Foo.h",
        f"{_FOO}/Versions/Current",
        "usr/include/foz.h",
        "usr/lib/libfoz.tbd",
    ]


def test_a_build_sees_it_as_it_was(tmp_path: Path) -> None:
    pack = tmp_path / "sdk.tar"
    pack.write_bytes(pack_sdk(sdk(tmp_path / "MacOSX.sdk"), shown="sdk"))
    request = SysrootRequest(
        packages=(PackageFile(name="MacOSX.sdk", version="", path=pack, sha256=""),), link=LinkKind.STATIC
    )
    folder = tmp_path / "sysroot"
    folder.mkdir()
    assemble_sysroot(folder, request, target=MACOS, zig=tmp_path, place="/sysroot", tools="/tools")
    assert (folder / _FOO / "Headers" / "Foo.h").read_text() == "int foo(void);\n"
    assert read_link_table(folder) == {}


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    folder = sdk(tmp_path / "MacOSX.sdk")
    (folder / "usr" / "include" / "out").symlink_to("/usr/include")
    with pytest.raises(InputError, match="'usr/include/out' is a link to '/usr/include', outside of it"):
        pack_sdk(folder, shown="sdk")


@pytest.mark.parametrize(
    "members",
    [
        {"../x": None},
        {"usr/lib": "../..", "usr/lib/x.tbd": None},
        {"usr/lib": "/etc"},
    ],
)
def test_a_hostile_pack_is_refused(tmp_path: Path, members: Mapping[str, str | None]) -> None:
    pack = tmp_path / "sdk.tar"
    with tarfile.open(pack, "w") as archive:
        archive.addfile(tarfile.TarInfo("SDKSettings.json"))
        for name, link in members.items():
            member = tarfile.TarInfo(name)
            if link is not None:
                member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member)
    assert is_sdk_pack(pack)
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="leads out of it"):
        unpack_sdk(pack, tmp_path / "out")


def test_what_is_no_sdk_is_told_apart(tmp_path: Path) -> None:
    assert not is_sdk(tmp_path)
    (tmp_path / "x.tar").write_bytes(b"no tar")
    assert not is_sdk_pack(tmp_path / "x.tar")
    with pytest.raises(InputError, match=r"it has no SDKSettings\.json beside usr"):
        pack_sdk(tmp_path, shown="folder")


def test_the_sdk_is_for_macos_and_before_what_is_known_of_linux() -> None:
    policy = Policy(sdk="/Applications/MacOSX.sdk")
    chosen = policy.for_package("pyyaml", MACOS)
    assert (chosen.sysroot, chosen.sysroot_folder) == (("/Applications/MacOSX.sdk",), True)
    linux = policy.for_package("pyyaml", parse_target_id("cp311-linux_aarch64_glibc_2_28"))
    assert linux.sysroot is None


def _request(folder: Path, sdk_folder: Path, target: str) -> None:
    lock = folder / "pylock.toml"
    lock.write_text('lock-version = "1.0"\ncreated-by = "tests"\npackages = []\n')
    complete_request(PlanOptions(lock=lock, targets=(target,), python="3.11", sdk=sdk_folder))


def test_an_sdk_is_refused_before_anything_is_planned(tmp_path: Path) -> None:
    with pytest.raises(
        CrosswheelError, match=r"it is no SDK of macOS: it has no SDKSettings\.json beside usr"
    ):
        _request(tmp_path, tmp_path, "macos_arm64")
    folder = sdk(tmp_path / "MacOSX.sdk")
    with pytest.raises(CrosswheelError, match="no target that is planned is macOS"):
        _request(tmp_path, folder, "linux_arm64")
    _request(tmp_path, folder, "macos_arm64")
