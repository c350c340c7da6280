"""Base locks: which packages are chosen, and that they are pinned."""

from __future__ import annotations

import hashlib
import lzma
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.images.base_locking import BaseLockRequest, make_base_lock, write_base_lock
from crosswheel.act.images.standalone_python import refuse_other_archive
from crosswheel.act.planning.plan_files import write_plan
from crosswheel.api import Session
from crosswheel.command_line.main import main
from crosswheel.decide.images.base_lock import BaseLock, base_lock_from_json, base_lock_to_json
from crosswheel.decide.plans.plan import Plan
from crosswheel.decide.plans.plan_json import plan_from_json
from crosswheel.image_api import lock_base
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError, InputError, OutputError, ResolutionError
from crosswheel.values.platforms import Glibc
from http_fixture import Server, running_server, serves
from python_trees import tar_of, write_plain_prefix

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
_PARAGRAPH = """\
Package: {name}
Source: {source}
Version: {version}
Section: libs
Depends: {depends}
Filename: pool/{name}_arm64.deb
Size: 7
SHA256: {sha256}
"""
_PACKAGES = {
    "base-files": "awk",
    "ca-certificates": "debconf (>= 0.5) | debconf-2.0, openssl",
    "libc6": "libgcc-s1",
    "libgcc-s1": "gcc-12-base",
    "gcc-12-base": "",
    "libstdc++6": "libc6, gcc-12-base",
    "media-types": "",
    "netbase": "",
    "tzdata": "debconf",
    "libpython3.11-stdlib": "libffi8, media-types",
    "python3.11-minimal": "libc6, zlib1g (>= 1.1)",
    "libffi8": "libc6",
    "zlib1g": "libc6",
    "libpq5": "libc6",
    "debconf": "perl-base",
    "perl-base": "dpkg",
    "openssl": "libc6, perl",
    "perl": "perl-base, debconf | debconf-2.0",
    "python3-yaml": "libpython3.11-stdlib, zlib1g",
    "libbroken": "libgone",
    "python3-certifi": "ca-certificates, zlib1g",
    "mawk": "libc6\nProvides: awk, fast-awk",
    "original-awk": "libc6\nProvides: awk",
}


_SOURCES = {"libc6": "glibc", "libpython3.11-stdlib": "python3.11", "python3.11-minimal": "python3.11"}


def index(**changes: str) -> str:
    packages = {**_PACKAGES, **changes}
    return "\n".join(
        _PARAGRAPH.format(
            name=name,
            source=_SOURCES.get(name, name),
            version="2.36-9+deb12u1" if name == "libc6" else "1.0",
            depends=depends,
            sha256=hashlib.sha256(name.encode()).hexdigest(),
        )
        for name, depends in packages.items()
    )


@pytest.fixture
def server() -> Iterator[Server]:
    data = lzma.compress(index().encode())
    digest = hashlib.sha256(data).hexdigest()
    with running_server() as server:
        for place in ("debian/dists/bookworm", "debian/dists/trixie", "past/20260101T000000Z/dists/bookworm"):
            path = "main/binary-arm64/Packages.xz"
            release = (
                f"Suite: x\nDate: Sat, 12 Sep 2026 07:55:41 UTC\nSHA256:\n {digest} {len(data)} {path}\n"
            )
            server.answers[f"/{place}/InRelease"] = serves(release.encode())
            server.answers[f"/{place}/{path}"] = serves(data)
        yield server


def made(server: Server, tmp_path: Path, *targets: str, **options: Any) -> BaseLock:
    session = Session(
        cache_dir=tmp_path / "store",
        mirrors=(
            f"https://deb.debian.org/debian/={server.base}/debian/",
            f"https://snapshot.debian.org/archive/debian/={server.base}/past/",
        ),
        working_directory=tmp_path,
    )
    request = BaseLockRequest(
        targets=tuple(parse_target_id(one) for one in targets or (ARM.id,)), folder=tmp_path, **options
    )
    return make_base_lock(request, session.services())


def names(packages: Any) -> list[str]:
    return [package.name for package in packages]


def test_the_packages_and_all_they_run_with_are_pinned(server: Server, tmp_path: Path) -> None:
    (base,) = made(server, tmp_path).bases
    assert names(base.system) == [
        "base-files",
        "ca-certificates",
        "gcc-12-base",
        "libc6",
        "libgcc-s1",
        "libstdc++6",
        "media-types",
        "netbase",
        "tzdata",
    ]
    assert names(base.interpreter) == ["libffi8", "libpython3.11-stdlib", "python3.11-minimal", "zlib1g"]
    assert (base.platform, str(base.python), base.glibc) == (
        "linux/arm64",
        "cp311",
        Glibc(major=2, minor=36),
    )


def test_every_package_is_an_artifact_with_where_it_is_and_will_be(server: Server, tmp_path: Path) -> None:
    lock = made(server, tmp_path)
    (base,) = lock.bases
    artifact = lock.artifacts[base.interpreter[0].artifact]
    assert (artifact.filename, artifact.size, artifact.url) == (
        "libffi8_arm64.deb",
        7,
        "https://deb.debian.org/debian/pool/libffi8_arm64.deb",
    )
    assert artifact.also == (
        "https://snapshot.debian.org/archive/debian/20260913T075541Z/pool/libffi8_arm64.deb",
    )
    assert len(lock.artifacts) == len(base.system) + len(base.interpreter)


def test_the_lock_is_read_back(server: Server, tmp_path: Path) -> None:
    lock = made(server, tmp_path)
    assert base_lock_from_json(base_lock_to_json(lock), name="base.lock.json") == lock


def test_a_snapshot_is_taken_from_the_archive_of_the_past(server: Server, tmp_path: Path) -> None:
    lock = made(server, tmp_path, snapshot="20260101T000000Z")
    artifact = next(iter(lock.artifacts.values()))
    assert str(artifact.url).startswith("https://snapshot.debian.org/archive/debian/20260101T000000Z/pool/")
    assert lock.bases[0].origin == "Debian bookworm arm64 20260101T000000Z"


@pytest.mark.parametrize("moment", ["yesterday", "", "20261301T000000Z", "2026-11-01"])
def test_what_is_no_moment_is_refused_before_anything_is_fetched(moment: str, tmp_path: Path) -> None:
    request = BaseLockRequest(targets=(ARM,), folder=tmp_path, snapshot=moment, interpreters=("http://[",))
    with pytest.raises(InputError, match=f"cannot use snapshot '{moment}': it is no point of time"):
        make_base_lock(request, Session(cache_dir=tmp_path / "store").services())


def test_packages_can_be_added_and_left_out(server: Server, tmp_path: Path) -> None:
    (base,) = made(server, tmp_path, packages=("libpq5",), without=("tzdata", "netbase")).bases
    assert {"libpq5"} < set(names(base.system))
    assert not {"tzdata", "netbase"} & set(names(base.system))


def test_what_is_not_there_to_be_left_out_of_any_base_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot leave out Debian package 'libpq5': no package of the base"):
        made(server, tmp_path, without=("tzdata", "libpq5"))


def test_what_maintainer_scripts_alone_need_is_there_where_it_is_named(
    server: Server, tmp_path: Path
) -> None:
    """openssl and Perl are no tools of such scripts to a package that a user wants; debconf is, unless it is wanted itself."""
    (base,) = made(server, tmp_path, packages=("openssl",)).bases
    assert {"openssl", "perl", "perl-base"} < set(names(base.system))
    assert "debconf" not in names(base.system)
    (base,) = made(server, tmp_path, packages=("debconf",), without=("perl-base",)).bases
    assert "debconf" in names(base.system)
    assert "perl-base" not in names(base.system)


def test_the_interpreter_stays_one_where_packages_need_it(server: Server, tmp_path: Path) -> None:
    plain, added = (made(server, tmp_path, packages=more).bases[0] for more in ((), ("python3-yaml",)))
    assert added.interpreter == plain.interpreter
    assert {*names(added.system)} - {*names(plain.system)} == {"python3-yaml"}


def test_a_package_cannot_be_added_and_left_out(server: Server, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        made(server, tmp_path, packages=("libpq5",), without=("libpq5",))
    assert str(error.value) == (
        "cannot lock base image with Debian package 'libpq5': it is to be added and to be left out; "
        "name it in one of --package and --without"
    )


def test_what_is_there_gets_no_tools_of_its_scripts_because_a_named_package_needs_it(
    server: Server, tmp_path: Path
) -> None:
    (plain,) = made(server, tmp_path).bases
    for package, added in (
        ("python3-certifi", ["python3-certifi"]),
        ("base-files", []),
        ("fast-awk", ["mawk"]),
    ):
        (base,) = made(server, tmp_path, packages=(package,)).bases
        assert [name for name in names(base.system) if name not in names(plain.system)] == added
        assert base.interpreter == plain.interpreter


def test_of_several_that_provide_a_virtual_package_one_has_to_be_named(
    server: Server, tmp_path: Path
) -> None:
    with pytest.raises(ResolutionError) as error:
        made(server, tmp_path, packages=("awk",))
    assert str(error.value) == (
        f"{ARM.id}: cannot choose Debian package 'awk': it is provided by mawk, original-awk; name one of these"
    )


def test_a_package_that_is_not_there_is_told(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ResolutionError) as error:
        made(server, tmp_path, packages=("libffi9",))
    assert str(error.value) == (
        f"{ARM.id}: cannot find Debian package 'libffi9': the index of Debian bookworm arm64 has none of that name; "
        "did you mean 'libffi8'?"
    )
    with pytest.raises(ResolutionError, match=r"cannot find Debian package 'tzdta'.*did you mean 'tzdata'"):
        made(server, tmp_path, without=("tzdta",))
    with pytest.raises(ResolutionError, match="it depends on libgone, which the index"):
        made(server, tmp_path, packages=("libbroken",))


def standalone(tmp_path: Path, target: str, top: str = "python") -> TargetDescription:
    description = write_plain_prefix(tmp_path / "tree", target)
    (tmp_path / "tree/bin").mkdir()
    (tmp_path / "tree/bin" / f"python{description.python.version}").write_bytes(b"")
    (tmp_path / "python.tar.gz").write_bytes(tar_of(tmp_path / "tree", top))
    return description


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (Path.mkdir, "it is a folder, and only a file can be pinned by its digest"),
        (lambda path: path.write_bytes(b"\x28\xb5\x2f\xfd"), "it is no tar archive that Python can read"),
        (
            lambda path: standalone(path.parent, "cp311-linux_aarch64_glibc_2_28", "python/install"),
            "it has no python/bin/python3",
        ),
    ],
)
def test_what_is_no_archive_of_an_interpreter_is_refused_before_it_is_pinned(
    server: Server, tmp_path: Path, make: Callable[[Path], object], why: str
) -> None:
    make(tmp_path / "python.tar.gz")
    with pytest.raises(InputError) as error:
        made(server, tmp_path, interpreters=(str(tmp_path / "python.tar.gz"),))
    assert str(error.value) == (
        f"cannot use interpreter 'python.tar.gz': {why}; give an archive of python-build-standalone (install_only)"
    )


def test_a_folder_without_a_name_is_told_as_it_was_written() -> None:
    with pytest.raises(InputError, match=r"cannot use interpreter '\.': it is a folder"):
        refuse_other_archive(Path())


def test_an_interpreter_for_musl_is_none_for_glibc(server: Server, tmp_path: Path) -> None:
    standalone(tmp_path, "cp311-linux_aarch64_musl_1_2")
    with pytest.raises(InputError, match="the archives given are cp311 for aarch64 with musl; give one more"):
        made(server, tmp_path, interpreters=(str(tmp_path / "python.tar.gz"),))


def test_of_two_archives_that_fit_one_has_to_be_given(server: Server, tmp_path: Path) -> None:
    standalone(tmp_path, ARM.id)
    shutil.copytree(tmp_path, tmp_path / "newer", ignore=lambda *_: ("tree", "newer"))
    archives = (str(tmp_path / "python.tar.gz"), str(tmp_path / "newer/python.tar.gz"))
    assert made(server, tmp_path, interpreters=(*archives, archives[0]))
    (tmp_path / "tree/bin/python3.11").write_bytes(b"newer")
    (tmp_path / "newer/python.tar.gz").write_bytes(tar_of(tmp_path / "tree", "python"))
    with pytest.raises(InputError) as error:
        made(server, tmp_path, interpreters=archives)
    assert str(error.value) == (
        f"cannot choose interpreter for '{ARM.id}': python.tar.gz and newer/python.tar.gz are both cp311 for aarch64; give one of them "
        "with --interpreter"
    )


def test_an_archive_that_fits_no_target_is_refused_by_its_name(server: Server, tmp_path: Path) -> None:
    standalone(tmp_path / "other", "cp312-linux_aarch64_glibc_2_28")
    standalone(tmp_path, ARM.id)
    with pytest.raises(InputError) as error:
        made(
            server,
            tmp_path,
            interpreters=(str(tmp_path / "python.tar.gz"), str(tmp_path / "other/python.tar.gz")),
        )
    assert str(error.value) == (
        "cannot use interpreter 'other/python.tar.gz': it is cp312 for aarch64, and the targets take cp311 for aarch64; leave it out, or "
        "name a target that it is for"
    )


def test_a_lock_of_no_base_serves_nothing() -> None:
    with pytest.raises(
        InputError, match="it has no base for cp311 on linux/arm64, nor for anything else; lock one"
    ):
        BaseLock(artifacts={}, bases=()).base_for(ARM, name="base.lock.json")


def test_an_archive_takes_the_place_of_debians_python(server: Server, tmp_path: Path) -> None:
    description = standalone(tmp_path, "cp312-linux_aarch64_glibc_2_28")
    lock = made(server, tmp_path, description.target.id, interpreters=(str(tmp_path / "python.tar.gz"),))
    (base,) = lock.bases
    assert (base.interpreter, str(base.python)) == ((), "cp312")
    assert base.standalone is not None
    assert lock.artifacts[base.standalone].path == "python.tar.gz"
    with pytest.raises(InputError) as error:
        made(server, tmp_path, interpreters=(str(tmp_path / "python.tar.gz"),))
    assert str(error.value) == (
        f"cannot choose interpreter for '{ARM.id}': the archives given are cp312 for aarch64; give one more with --interpreter, "
        "cp311 for aarch64"
    )


def test_a_lock_without_the_target_says_what_it_has(server: Server, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        made(server, tmp_path).base_for(parse_target_id("cp311-linux_x86_64_glibc_2_28"), name="b.json")
    assert str(error.value) == (
        "cannot use base lock 'b.json': it has no base for cp311 on linux/amd64, only for cp311 on linux/arm64; lock one more "
        "with `crosswheel image lock`"
    )


def test_a_plan_and_a_base_lock_do_not_take_each_others_place(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    lock = BaseLock(artifacts={}, bases=())
    plan = Plan(inputs={}, source_date_epoch=0, targets=(), artifacts={}, builds={})
    write_base_lock(place, lock)
    write_base_lock(place, lock)
    with pytest.raises(OutputError, match="a file that is no plan stands there"):
        write_plan(plan, place, files={})
    with pytest.raises(InputError, match="it is a base lock; give it with --base"):
        plan_from_json(place.read_bytes(), name="a.json")
    place.unlink()
    write_plan(plan, place, files={})
    with pytest.raises(OutputError, match="a file that is no base lock stands there"):
        write_base_lock(place, lock)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "x",
            "cannot read base lock 'b.json': it is not JSON: Expecting value: line 1 column 1 (char 0); make it with `crosswheel image lock`",
        ),
        (
            '{"schema": 2}',
            "cannot read base lock 'b.json': it has schema 2, and this crosswheel reads schema 1; make it anew with `crosswheel image lock`",
        ),
        (
            '{"schema": 1, "targets": {}, "builds": {}}',
            "cannot read base lock 'b.json': it is a plan; give what `crosswheel image lock` made, or a layout",
        ),
        (
            '{"schema": 1, "base": []}',
            "b.json: cannot read base lock 'base': no such key is known here; the nearest known key is 'bases'; make the file anew, or undo the edit",
        ),
    ],
)
def test_what_is_no_lock_is_told(text: str, message: str) -> None:
    with pytest.raises(CrosswheelError) as error:
        base_lock_from_json(text.encode(), name="b.json")
    assert str(error.value) == message


def test_targets_and_python_are_the_configurations_where_none_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # No release of Debian fits these, which is told before anything is fetched.
    monkeypatch.chdir(tmp_path)
    assert main(["image", "lock"]) == 3
    assert "no target is named; give --target" in capsys.readouterr().err
    (tmp_path / "pyproject.toml").write_text(
        "[tool.crosswheel]\ntargets = ['musllinux_1_2_aarch64']\npython = '3.12'\n"
    )
    assert main(["image", "lock"]) == 3
    assert "'cp312-linux_aarch64_musl_1_2'" in capsys.readouterr().err
    assert main(["image", "lock", "-t", "musllinux_1_2_x86_64", "--python", "3.13"]) == 3
    assert "'cp313-linux_x86_64_musl_1_2'" in capsys.readouterr().err
    (tmp_path / "other.toml").write_text("targets = ['musllinux_1_2_x86_64']\n")
    assert main(["image", "lock", "--config", "other.toml", "--python", "3.11"]) == 3
    assert "'cp311-linux_x86_64_musl_1_2'" in capsys.readouterr().err


def test_a_lock_for_no_target_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "base.lock.json"
    with pytest.raises(InputError, match="no target is named; name one"):
        lock_base([], python="3.11", output=place)
    assert not place.exists()
