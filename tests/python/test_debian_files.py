"""The files of Debian packages in a layer, and what maintainer scripts would have made."""

from __future__ import annotations

import errno
import io
import tarfile
from pathlib import Path

import pytest

from crosswheel.act.images.debian_files import PackageFiles, unpack_packages
from crosswheel.act.images.standalone_python import standalone_entries
from crosswheel.act.images.system_files import add_system_files, base_settings
from crosswheel.act.layers.layer_entries import BytesContent, FileContent, Folder, LayerEntry, Symlink
from crosswheel.values.errors import CheckError, InputError
from crosswheel.values.platforms import Arch
from elf_files import elf_file
from layout_files import link
from python_trees import tar_of
from sysroot_packages import debian_package

ARM = elf_file("aarch64")


def unpacked(
    tmp_path: Path, files: dict[str, bytes | str], extra: tuple[tarfile.TarInfo, ...] = ()
) -> dict[str, LayerEntry]:
    package = debian_package(tmp_path / "demo_1.0_arm64.deb", files, extra=extra)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    entries = unpack_packages({"demo": package}, scratch, Arch.AARCH64).finished(links=True)
    return {entry.path: entry for entry in entries}


def data(entry: LayerEntry) -> bytes:
    match entry.content:
        case FileContent(path):
            return path.read_bytes()
        case BytesContent(content):
            return content
        case other:
            raise AssertionError(other)


def test_the_merged_usr_is_linked(tmp_path: Path) -> None:
    found = unpacked(tmp_path, {"lib/x.so": ARM, "usr/bin/a": ARM, "lib64/ld.so": "../lib/x.so"})
    assert data(found["usr/lib/x.so"]) == ARM
    links = {path: entry.content for path, entry in found.items() if isinstance(entry.content, Symlink)}
    assert links == {
        "bin": Symlink("usr/bin"),
        "lib": Symlink("usr/lib"),
        "lib64": Symlink("usr/lib64"),
        "sbin": Symlink("usr/sbin"),
        "usr/lib64/ld.so": Symlink("../lib/x.so"),
    }
    assert isinstance(found["usr/sbin"].content, Folder)


def test_alternatives_are_links_to_what_is_there(tmp_path: Path) -> None:
    packages = {
        name: debian_package(
            tmp_path / f"{name}_1.0_arm64.deb",
            dict.fromkeys(paths, ARM),
            postinst="".join(f"update-alternatives --install {line}\n" for line in lines),
        )
        for name, paths, lines in (
            (
                "mawk",
                ["usr/bin/mawk", "usr/bin/taken"],
                ["/usr/bin/awk awk /usr/bin/mawk 5", "/bin/taken t /usr/bin/mawk 5"],
            ),
            (
                "gawk",
                ["bin/gawk"],
                ["/usr/bin/awk awk /bin/gawk 10", "/usr/bin/gone gone /usr/bin/nothing 10"],
            ),
        )
    }
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = unpack_packages(packages, scratch, Arch.AARCH64).finished(links=True)
    entries = {entry.path: entry.content for entry in found if entry.path.startswith("usr/bin/")}
    assert entries.pop("usr/bin/awk") == Symlink("/bin/gawk")
    assert sorted(entries) == ["usr/bin/gawk", "usr/bin/mawk", "usr/bin/taken"]
    assert isinstance(entries["usr/bin/taken"], FileContent)
    assert not [entry.path for entry in found if "postinst" in entry.path]


def test_names_are_the_same_bytes_in_every_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("python/\u00fc"))
    (tmp_path / "python.tar").write_bytes(packed.getvalue())
    package = debian_package(tmp_path / "demo_1.0_arm64.deb", {"usr/lib/\u00fc": b""})
    monkeypatch.setattr(tarfile.TarFile, "encoding", "latin-1")
    entries = unpack_packages({"demo": package}, tmp_path, Arch.AARCH64).finished(links=False)
    entries += standalone_entries(tmp_path / "python.tar", tmp_path, Arch.AARCH64)
    assert {"usr/lib/\u00fc", "usr/local/\u00fc"} <= {entry.path for entry in entries}


def test_modes_and_owners_are_the_packages(tmp_path: Path) -> None:
    folder = tarfile.TarInfo("./var/mail")
    folder.type, folder.mode, folder.gid = tarfile.DIRTYPE, 0o2775, 8
    found = unpacked(tmp_path, {"usr/bin/a": b"#!/bin/sh", "etc/a.conf": b""}, extra=(folder,))
    assert {path: found[path].mode for path in ("usr/bin/a", "etc/a.conf", "var/mail")} == {
        "usr/bin/a": 0o755,
        "etc/a.conf": 0o644,
        "var/mail": 0o2775,
    }
    assert found["var/mail"].gid == 8


def test_documentation_is_left_out_but_for_licences(tmp_path: Path) -> None:
    found = unpacked(
        tmp_path,
        {
            "usr/share/doc/demo/copyright": b"GPL",
            "usr/share/doc/demo/changelog.gz": b"",
            "usr/share/doc/other": "demo",
            "usr/share/man/man1/a.1.gz": b"",
            "usr/share/locale/de/a.mo": b"",
        },
    )
    files = {path for path, entry in found.items() if not isinstance(entry.content, Folder)}
    assert files - {"bin", "lib", "sbin"} == {
        "usr/share/doc/demo/copyright",
        "usr/share/doc/other",
        "var/lib/dpkg/status.d/demo",
    }


def test_scanners_find_the_package(tmp_path: Path) -> None:
    found = unpacked(tmp_path, {"usr/bin/a": b""})
    assert data(found["var/lib/dpkg/status.d/demo"]) == b"Package: demo\nVersion: 1.0\n"


def test_certificates_become_one_file_in_the_order_of_their_names(tmp_path: Path) -> None:
    folder = "usr/share/ca-certificates/mozilla"
    found = unpacked(tmp_path, {f"{folder}/B.crt": b"two\n", f"{folder}/A.crt": b"one"})
    assert data(found["etc/ssl/certs/ca-certificates.crt"]) == b"one\ntwo\n"


def test_a_hard_link_is_the_same_file(tmp_path: Path) -> None:
    found = unpacked(
        tmp_path, {"usr/bin/a": b"1"}, extra=(link("./usr/bin/b", "./usr/bin/a", tarfile.LNKTYPE),)
    )
    assert found["usr/bin/b"].content == found["usr/bin/a"].content


def _two_packages(tmp_path: Path, files: dict[str, bytes | str], control: str = "") -> PackageFiles:
    one: dict[str, bytes | str] = {"usr/bin/tool": b"1", "usr/lib/own": b"x", "usr/lib/same": b"same"}
    packages = {
        "a": debian_package(tmp_path / "a_1.0_arm64.deb", one),
        "b": debian_package(tmp_path / "b_1.0_arm64.deb", files, control=control),
    }
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return unpack_packages(packages, scratch, Arch.AARCH64)


def test_two_packages_may_bring_the_same_file_once(tmp_path: Path) -> None:
    files = _two_packages(
        tmp_path, {"usr/lib/same": b"same", "usr/lib/next": b"next", "usr/lib/last": b"last"}
    )
    assert files.faults == []
    found = {path: data(entry) for path, entry in files.entries.items() if path.startswith("usr/")}
    assert found == {
        "usr/bin/tool": b"1",
        **{f"usr/lib/{name}": name.encode() for name in ("same", "next", "last")},
        "usr/lib/own": b"x",
    }


def test_two_packages_with_another_file_of_one_name_are_refused(tmp_path: Path) -> None:
    files = _two_packages(tmp_path, {"usr/bin/tool": b"2", "usr/lib/own": "same"})
    assert [str(fault) for fault in files.faults] == [
        (
            "cannot put into an image 'usr/bin/tool': a and b bring it with different content, as 1 more; "
            "lock the base again without one of these packages"
        )
    ]


def test_a_package_takes_over_the_files_of_one_that_it_replaces(tmp_path: Path) -> None:
    files = _two_packages(tmp_path, {"usr/bin/tool": b"2"}, "Replaces: other, a (<< 2)\n")
    assert (files.faults, data(files.entries["usr/bin/tool"])) == ([], b"2")


def test_a_binary_for_another_machine_is_kept_as_a_fault(tmp_path: Path) -> None:
    package = debian_package(tmp_path / "demo_1.0_arm64.deb", {"usr/lib/x.so": elf_file("x86_64")})
    files = unpack_packages({"demo": package}, tmp_path, Arch.AARCH64)
    assert [str(fault) for fault in files.faults] == [
        (
            "cannot put into an image 'usr/lib/x.so': it is a binary for x86_64 (64-bit, little-endian), the target is aarch64; "
            "it was compiled for another machine [wrong-machine]; use a file of demo_1.0_arm64.deb that is made for aarch64, or leave it out"
        )
    ]


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        (link("./../x", "y"), "its member './../x' leads out of the image"),
        (
            link("./dev/x", "", tarfile.CHRTYPE),
            "its member './dev/x' is a device, a pipe or another special file",
        ),
    ],
)
def test_what_no_image_may_hold_is_refused(tmp_path: Path, extra: tarfile.TarInfo, why: str) -> None:
    with pytest.raises(InputError) as error:
        unpacked(tmp_path, {}, extra=(extra,))
    assert str(error.value) == (
        f"cannot unpack Debian package 'demo_1.0_arm64.deb': {why}; lock the base again with a sound file"
    )


def test_a_damaged_package_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.deb").write_bytes(b"!<arch>\n")
    with pytest.raises(InputError, match=r"it is damaged \(it holds no control.tar\)"):
        unpack_packages({"x": tmp_path / "x.deb"}, tmp_path, Arch.AARCH64)


def test_a_full_disk_is_blamed_on_no_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    package = debian_package(tmp_path / "demo_1.0_arm64.deb", {})
    monkeypatch.setattr("tarfile.open", refuse)
    with pytest.raises(OSError, match="No space left"):
        unpack_packages({"demo": package}, tmp_path, Arch.AARCH64)
    with pytest.raises(OSError, match="No space left"):
        standalone_entries(package, tmp_path, Arch.AARCH64)


def test_a_system_has_users_and_scratch_folders(tmp_path: Path) -> None:
    files = unpack_packages({}, tmp_path, Arch.AARCH64)
    files.certificates["x"] = b""
    add_system_files(files)
    assert b"nonroot:x:65532:65532:" in data(files.entries["etc/passwd"])
    assert b"hosts: files dns\n" in data(files.entries["etc/nsswitch.conf"])
    assert (files.entries["tmp"].mode, files.entries["home/nonroot"].uid) == (0o1777, 65532)
    settings = base_settings(files)
    assert settings.user == "65532:65532"
    assert settings.env["SSL_CERT_FILE"] == "/etc/ssl/certs/ca-certificates.crt"


def standalone(tmp_path: Path, arch: str = "aarch64") -> Path:
    tree = tmp_path / "tree"
    (tree / "bin").mkdir(parents=True)
    (tree / "bin/python3.12").write_bytes(elf_file(arch))
    (tree / "bin/python3.12").chmod(0o755)
    (tree / "bin/python").symlink_to("python3.12")
    (tmp_path / "python.tar.gz").write_bytes(tar_of(tree, "python"))
    return tmp_path / "python.tar.gz"


def test_an_interpreter_archive_lies_below_usr_local(tmp_path: Path) -> None:
    entries = {
        entry.path: entry for entry in standalone_entries(standalone(tmp_path), tmp_path, Arch.AARCH64)
    }
    assert set(entries) == {
        "usr",
        "usr/local",
        "usr/local/bin",
        "usr/local/bin/python",
        "usr/local/bin/python3.12",
    }
    assert entries["usr/local/bin/python"].content == Symlink("python3.12")
    assert entries["usr/local/bin/python3.12"].mode == 0o755


def test_an_interpreter_for_another_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckError, match="it is a binary for x86_64"):
        standalone_entries(standalone(tmp_path, "x86_64"), tmp_path, Arch.AARCH64)


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "x.tar.gz").write_bytes(tar_of(tmp_path / "other", "other"))
    with pytest.raises(InputError, match="it has no folder python/"):
        standalone_entries(tmp_path / "x.tar.gz", tmp_path, Arch.AARCH64)


def test_of_folders_that_several_bring_the_first_is_kept_and_the_systems_comes_first(tmp_path: Path) -> None:
    packages = {}
    for name, mode in (("a", 0o700), ("base-files", 0o1777), ("c", 0o755)):
        folder = tarfile.TarInfo("./tmp")
        folder.type, folder.mode = tarfile.DIRTYPE, mode
        packages[name] = debian_package(tmp_path / f"{name}_1.0_arm64.deb", {}, extra=(folder,))
    files = unpack_packages(packages, tmp_path, Arch.AARCH64)
    assert files.entries["tmp"].mode == 0o1777
