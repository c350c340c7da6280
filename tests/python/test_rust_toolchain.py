"""Which files a Rust toolchain is made of, and how they are put together."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from crosswheel.act.building.rust_archives import place_in_toolchain, prepare_rust, toolchain_members
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.planning.rust_toolchain import RustToolchains, shipped_release
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store, digest_of_file
from crosswheel.decide.planning.rust_releases import components_for, release_of_manifest
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError, InputError, ResolutionError
from plan_values import digest

HERE = parse_target_id("cp311-linux_x86_64_glibc_2_28").platform
ARM64 = parse_target_id("cp311-linux_aarch64_glibc_2_28").platform
HOST, TARGET = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"


def archive(path: Path, files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> Path:
    with tarfile.open(path, "w:xz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o755 if "/bin/" in f"/{name}" else 0o644
            tar.addfile(member, io.BytesIO(data))
        for name, text in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, text
            tar.addfile(member)
    return path


def toolchains(tmp_path: Path, source: str | None) -> RustToolchains:
    return RustToolchains(
        source=source,
        base=tmp_path,
        folder=tmp_path / "plan",
        store=Store(tmp_path / "store"),
        settings=FetchSettings(),
        reporter=SilentReporter(),
    )


def own_toolchain(tmp_path: Path, *targets: str) -> Path:
    files = {"bin/cargo": b"cargo", "bin/rustc": b"rustc"}
    files |= {f"lib/rustlib/{target}/lib/libcore-0123abc.rlib": b"core" for target in targets}
    return archive(tmp_path / "rust.tar.xz", {f"./{name}": data for name, data in files.items()})


def test_the_shipped_release_has_what_a_build_needs_at_pinned_addresses(tmp_path: Path) -> None:
    found = toolchains(tmp_path, None).files_for(HERE, ARM64)
    version = shipped_release().version
    assert [one.filename for one in found] == [
        f"cargo-{version}-{HOST}.tar.xz",
        f"rust-std-{version}-{TARGET}.tar.xz",
        f"rust-std-{version}-{HOST}.tar.xz",
        f"rustc-{version}-{HOST}.tar.xz",
    ]
    assert all(one.url and one.url.startswith("https://static.rust-lang.org/dist/") for one in found)
    assert toolchains(tmp_path, version).files_for(HERE, ARM64) == found


def test_building_for_the_same_rust_target_takes_one_standard_library(tmp_path: Path) -> None:
    assert len(toolchains(tmp_path, None).files_for(HERE, HERE)) == 3


def test_a_target_without_a_standard_library_is_refused_naming_those_there_are() -> None:
    with pytest.raises(ResolutionError) as caught:
        components_for(shipped_release(), build=HOST, target="armv7-unknown-linux-musleabihf")
    said = str(caught.value)
    assert said.startswith("cannot choose Rust standard library for 'armv7-unknown-linux-musleabihf': Rust ")
    assert "aarch64-unknown-linux-gnu, " in said


def test_a_build_platform_without_a_compiler_is_refused() -> None:
    with pytest.raises(ResolutionError, match="cannot choose Rust compiler for 'x86_64-pc-windows-msvc'"):
        components_for(shipped_release(), build="x86_64-pc-windows-msvc", target=TARGET)


def test_a_release_is_read_from_its_manifest() -> None:
    entry = {"available": True, "xz_url": "https://dist.example/rustc.tar.xz", "xz_hash": digest("r").hex}
    gone = {"available": False}
    manifest = {
        "manifest-version": "2",
        "pkg": {"rustc": {"target": {HOST: entry, TARGET: gone}}, "cargo": {"target": {}}},
    }
    release = release_of_manifest(manifest, version="1.90.0")
    assert release.files == {("rustc", HOST): ("https://dist.example/rustc.tar.xz", digest("r"))}
    with pytest.raises(InputError, match="it is no channel manifest"):
        release_of_manifest({"manifest-version": "1"}, version="1.90.0")


def test_an_archive_of_the_users_is_an_artifact_beside_the_plan(tmp_path: Path) -> None:
    path = own_toolchain(tmp_path, HOST, TARGET)
    (found,) = toolchains(tmp_path, "rust.tar.xz").files_for(HERE, ARM64)
    assert (found.path, found.filename, found.sha256) == (
        "../rust.tar.xz",
        "rust.tar.xz",
        digest_of_file(path),
    )


def test_an_archive_that_lacks_the_targets_standard_library_is_refused(tmp_path: Path) -> None:
    own_toolchain(tmp_path, HOST)
    with pytest.raises(CrosswheelError) as caught:
        toolchains(tmp_path, "rust.tar.xz").files_for(HERE, ARM64)
    assert str(caught.value).startswith(
        f"cannot use Rust toolchain 'rust.tar.xz': it lacks the standard library of {TARGET}; it has standard "
        f"libraries of {HOST}; add to the archive"
    )


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("gone.tar", "cannot read Rust toolchain 'gone.tar': there is no such file"),
        ("https://dist.example/rust.tar", "its SHA-256 is not given"),
        ("note.txt", "it cannot be read as a tar archive"),
    ],
)
def test_a_source_that_is_no_toolchain_is_refused(tmp_path: Path, source: str, why: str) -> None:
    (tmp_path / "note.txt").write_text("no archive")
    with pytest.raises(InputError, match=why):
        toolchains(tmp_path, source).files_for(HERE, ARM64)


@pytest.mark.parametrize(
    ("member", "place"),
    [
        ("rustc-1.95.0-x/rustc/bin/rustc", "bin/rustc"),
        ("rustc-1.95.0-x/rustc/share/man/man1/rustc.1", None),
        ("rustc-1.95.0-x/components", None),
        ("./usr/lib/rustlib/x/lib/libcore-1.rlib", "lib/rustlib/x/lib/libcore-1.rlib"),
        ("/lib/x", None),
        ("lib/../../x", None),
    ],
)
def test_a_members_place_in_the_toolchain(member: str, place: str | None) -> None:
    assert place_in_toolchain(member) == place


def test_archives_are_laid_over_each_other_and_keep_modes_and_links(tmp_path: Path) -> None:
    compiler = archive(
        tmp_path / "rustc.tar.xz",
        {
            "rustc-1/rustc/bin/rustc": b"rustc",
            "rustc-1/rustc/lib/librustc.so.1": b"lib",
            "rustc-1/version": b"1",
        },
        {"rustc-1/rustc/lib/librustc.so": "librustc.so.1"},
    )
    library = archive(
        tmp_path / "std.tar.xz", {f"std-1/std/lib/rustlib/{TARGET}/lib/libcore-1.rlib": b"core"}
    )
    store = Store(tmp_path / "store")
    tree = prepare_rust(store, [compiler, library])
    assert sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*") if not path.is_dir()) == [
        "bin/rustc",
        "lib/librustc.so",
        "lib/librustc.so.1",
        f"lib/rustlib/{TARGET}/lib/libcore-1.rlib",
    ]
    assert (tree / "bin/rustc").stat().st_mode & 0o111
    assert (tree / "lib/librustc.so").read_bytes() == b"lib"
    assert prepare_rust(store, [compiler, library]) == tree
    assert (prepare_rust(store, [compiler]) / "bin/rustc").samefile(tree / "bin/rustc")


def test_a_link_that_leaves_the_toolchain_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "rust.tar.xz", {"bin/rustc": b""}, {"lib/passwd": "../../etc/passwd"})
    assert toolchain_members(path) == ("bin/rustc", "lib/passwd")
    with pytest.raises(InputError, match="its member 'lib/passwd' is a link to"):
        prepare_rust(Store(tmp_path / "store"), [path])
