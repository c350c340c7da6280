"""Libraries chosen at plan time: from an archive that a real web server serves, and from a folder."""

from __future__ import annotations

import hashlib
import io
import lzma
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.planning.debian_archive import DebianArchive
from crosswheel.act.planning.sysroot_choice import SysrootChooser, sysroot_inputs
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.configuration.policy_model import PackagePolicy, SysrootSource
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.decide.plans.plan import Plan
from crosswheel.decide.plans.plan_json import plan_from_json, plan_to_json
from crosswheel.target.targets import parse_target_id
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import CrosswheelError, FetchError, InputError, ResolutionError
from fetching import settings
from http_fixture import Server, running_server, serves, status
from plan_values import whole_plan
from sysroot_packages import archive, object_file

ARM64 = parse_target_id("cp311-linux_aarch64_glibc_2_28")
MUSL = parse_target_id("cp311-linux_aarch64_musl_1_2")
YAML = PackagePolicy(sysroot=("libyaml-dev",))
_PACKAGES = """\
Package: libyaml-dev
Source: libyaml
Version: 0.2.5-2
Section: libdevel
Filename: pool/main/liby/libyaml/libyaml-dev_0.2.5-2_arm64.deb
Size: 1234
SHA256: {sha256}
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as server:
        offer(server, "trixie")
        yield server


def offer(server: Server, suite: str, packages: str = _PACKAGES) -> str:
    data = lzma.compress(packages.format(sha256="b" * 64).encode())
    digest = hashlib.sha256(data).hexdigest()
    path = "main/binary-arm64/Packages.xz"
    release = f"Suite: {suite}\nDate: Sat, 12 Sep 2026 07:55:41 UTC\nSHA256:\n {digest} {len(data)} {path}\n"
    server.answers[f"/debian/dists/{suite}/InRelease"] = serves(release.encode())
    server.answers[f"/debian/dists/{suite}/{path}"] = serves(data)
    return digest


def chooser(tmp_path: Path, server: Server | None = None, /, **source: str) -> SysrootChooser:
    mirrors = () if server is None else (f"https://deb.debian.org/debian/={server.base}/debian/",)
    from crosswheel.act.fetching.fetch_settings import parse_mirror

    return SysrootChooser(
        archive=DebianArchive(
            source=SysrootSource(**source),
            settings=settings(mirrors=tuple(parse_mirror(one) for one in mirrors)),
            reporter=SilentReporter(),
        ),
        store=Store(tmp_path / "store"),
        folder=tmp_path,
        configuration_folder=tmp_path,
    )


def message(
    choose: SysrootChooser, policy: PackagePolicy, kind: type[CrosswheelError], target: str = ARM64.id
) -> str:
    with pytest.raises(kind) as caught:
        choose.choose(policy, parse_target_id(target), wanted_by="pyyaml")
    return str(caught.value)


def test_packages_are_pinned_with_where_they_are_and_will_be(server: Server, tmp_path: Path) -> None:
    chosen = chooser(tmp_path, server).choose(YAML, ARM64, wanted_by="pyyaml")
    assert chosen is not None
    (artifact,) = chosen.artifacts
    path = "pool/main/liby/libyaml/libyaml-dev_0.2.5-2_arm64.deb"
    assert artifact.url == f"https://deb.debian.org/debian/{path}"
    assert artifact.also == (f"https://snapshot.debian.org/archive/debian/20260913T075541Z/{path}",)
    assert (artifact.sha256.hex, artifact.size) == ("b" * 64, 1234)
    assert (chosen.sysroot.origin, chosen.sysroot.link) == ("Debian trixie arm64", "static")
    assert [(one.name, one.version) for one in chosen.sysroot.packages] == [("libyaml-dev", "0.2.5-2")]


def test_an_index_is_read_once(server: Server, tmp_path: Path) -> None:
    choose = chooser(tmp_path, server)
    for _ in range(3):
        choose.choose(YAML, ARM64, wanted_by="pyyaml")
    assert len(server.paths()) == 2


def test_an_index_other_than_the_release_says_is_refused(server: Server, tmp_path: Path) -> None:
    server.answers["/debian/dists/trixie/main/binary-arm64/Packages.xz"] = serves(b"another")
    said = message(chooser(tmp_path, server), YAML, FetchError)
    assert f"its SHA-256 is {hashlib.sha256(b'another').hexdigest()}, the release says" in said


def test_a_release_that_is_not_there_is_named(server: Server, tmp_path: Path) -> None:
    server.answers["/debian/dists/buster/InRelease"] = status(404)
    said = message(chooser(tmp_path, server, suite="buster"), YAML, FetchError)
    assert said.startswith("cannot fetch the index of Debian 'buster arm64': ")
    assert "correct suite, snapshot or mirror in [tool.crosswheel.sysroot], or say with" in said


def test_a_release_without_the_architecture_is_named(server: Server, tmp_path: Path) -> None:
    offer(server, "sid")
    said = message(
        chooser(tmp_path, server, suite="sid"), YAML, ResolutionError, "cp313-linux_riscv64_glibc_2_39"
    )
    assert said == (
        "cannot use Debian release 'sid': its archive has no index for riscv64; "
        "use another release (suite in [tool.crosswheel.sysroot])"
    )


def test_a_snapshot_that_says_another_thing_than_before_is_refused(server: Server, tmp_path: Path) -> None:
    source = {
        "mirror": f"{server.base}/debian/{{snapshot}}",
        "snapshot": "20261101T000000Z",
        "suite": "trixie",
    }
    for path in list(server.answers):
        server.answers[path.replace("/debian/", "/debian/20261101T000000Z/")] = server.answers[path]
    first = chooser(tmp_path, None, **source).choose(YAML, ARM64, wanted_by="pyyaml")
    assert first is not None
    assert first.artifacts[0].also == ()
    before = replace(first.sysroot, index=digest_of(b"another index"))
    again = replace(chooser(tmp_path, None, **source), known=lambda: (before,))
    said = message(again, YAML, ResolutionError)
    assert "cannot use Debian index 'Debian trixie arm64 20261101T000000Z'" in said
    assert "use --upgrade if that is right" in said


def test_debian_has_nothing_for_musl(tmp_path: Path) -> None:
    said = message(chooser(tmp_path), YAML, InputError, MUSL.id)
    assert said == (
        "cannot take libraries from Debian for 'pyyaml': the libraries that the configuration, or the table of known quirks, "
        "asks for are for Linux with glibc, the target is "
        'linux_aarch64_musl_1_2; give libraries of the target: sysroot = "directory" in its table of '
        "[tool.crosswheel.packages], or sysroot = [] to build without"
    )


def test_a_folder_is_packed_the_same_wherever_it_lies(tmp_path: Path) -> None:
    packs = []
    for place in ("one", "two"):
        folder = tmp_path / place / "libs"
        (folder / "include").mkdir(parents=True)
        (folder / "lib").mkdir()
        (folder / "include" / "demo.h").write_text("int demo(void);")
        (folder / "lib" / "libdemo.a").write_bytes(archive({"d.o": object_file(["demo"])}))
        (folder / "lib" / "libother.a").symlink_to("libdemo.a")
        (folder / "README").touch()
        choose = replace(chooser(tmp_path / place), configuration_folder=tmp_path / place)
        chosen = choose.choose(PackagePolicy(sysroot=("libs",), sysroot_folder=True), MUSL, wanted_by="demo")
        assert chosen is not None
        (artifact,) = chosen.artifacts
        packs.append(choose.files[artifact.path or ""])
        assert artifact.sha256 == digest_of(packs[-1])
    assert packs[0] == packs[1]
    with tarfile.open(fileobj=io.BytesIO(packs[0])) as tar:
        assert tar.getnames() == ["usr/include/demo.h", "usr/lib/libdemo.a", "usr/lib/libother.a"]
        assert tar.getmember("usr/lib/libother.a").linkname == "/usr/lib/libdemo.a"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda folder: None, "there is no such folder"),
        (lambda folder: folder.mkdir(), "it has neither headers (include) nor libraries (lib)"),
        (
            lambda folder: (
                (folder / "include").mkdir(parents=True),
                (folder / "include" / "x.h").symlink_to("../../../x"),
            ),
            "is a link to '../../../x', outside of it",
        ),
    ],
)
def test_a_folder_that_is_none_is_refused(make, why: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path / "libs")
    policy = PackagePolicy(sysroot=("libs",), sysroot_folder=True)
    assert why in message(chooser(tmp_path), policy, InputError)


def test_what_a_sysroot_is_chosen_from_is_an_input(tmp_path: Path) -> None:
    source = SysrootSource()
    assert sysroot_inputs(PackagePolicy(), source, tmp_path, ARM64) == {}
    one = sysroot_inputs(YAML, source, tmp_path, ARM64)
    assert one != sysroot_inputs(replace(YAML, link=LinkKind.SHARED), source, tmp_path, ARM64)
    assert one != sysroot_inputs(YAML, SysrootSource(suite="bookworm"), tmp_path, ARM64)


def test_a_plan_keeps_a_sysroot(server: Server, tmp_path: Path) -> None:
    chosen = chooser(tmp_path, server).choose(YAML, ARM64, wanted_by="pyyaml")
    assert chosen is not None
    plan: Plan = whole_plan()
    (id_, build), *_ = plan.builds.items()
    changed = replace(
        plan,
        builds={**plan.builds, id_: replace(build, sysroot=chosen.sysroot)},
        artifacts={**plan.artifacts, **{one.sha256: one for one in chosen.artifacts}},
    )
    assert plan_from_json(plan_to_json(changed), name="plan") == changed
    dangling = replace(changed, artifacts=plan.artifacts)
    with pytest.raises(InputError, match="no artifact of the plan has this digest"):
        plan_from_json(plan_to_json(dangling), name="plan")
