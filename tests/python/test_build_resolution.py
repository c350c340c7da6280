"""Locking a build environment: what is asked of whom, in which order, and what is not asked again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.building.build import BuildRequest
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.planning.sysroot_choice import ChosenSysroot
from crosswheel.decide.configuration.policy_model import PackagePolicy
from crosswheel.decide.failures.failure_words import WANTS_NETWORK
from crosswheel.decide.planning.overlays import ACCEPT_CODE
from crosswheel.decide.plans.plan import Artifact, Sysroot
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import BuildError, FaultsError, ResolutionError
from made_wheels import make_wheel
from plan_values import AMD64, ARM64, ARMV7L, MACOS, digest
from resolution_bench import (
    CARGO_LOCK,
    PYPROJECT,
    Bench,
    after,
    earlier_plan,
    file_digest,
    make_bench,
    make_sdist,
    subject_of,
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def test_a_build_environment_holds_what_the_build_system_requires(bench: Bench) -> None:
    resolved = bench.resolve(subject_of(make_sdist(bench.folder)))
    setuptools = file_digest(bench.folder / "setuptools-80.0-py3-none-any.whl")
    assert (resolved.backend, resolved.requires) == ("setuptools.build_meta", ("setuptools",))
    environment = resolved.environments[AMD64.id]
    assert environment.requirements == (setuptools,)
    assert environment.toolchain in {artifact.sha256 for artifact in resolved.artifacts}


def test_the_backend_is_asked_with_its_environment_in_place(bench: Bench) -> None:
    policy = PackagePolicy(config_settings={"jobs": "2"}, environment={"A": "1"})
    bench.resolve(subject_of(make_sdist(bench.folder), policy=policy))
    (request,) = bench.requests
    assert [path.name for path in request.requirements] == ["setuptools-80.0-py3-none-any.whl"]
    assert (request.target, request.config_settings, request.environment) == (
        ARM64,
        {"jobs": "2"},
        {"A": "1"},
    )


def test_what_the_backend_asks_for_is_resolved_together_with_the_rest(bench: Bench) -> None:
    make_wheel(bench.folder, "wheel", "0.45")
    bench.answers[ARM64.id] = ("Wheel",)
    resolved = bench.resolve(subject_of(make_sdist(bench.folder)))
    assert resolved.requires == ("setuptools", "wheel")
    assert len(resolved.environments[AMD64.id].requirements) == 2
    assert [asked[0] for asked in bench.resolver.asked] == [("setuptools",), ("setuptools", "wheel")]


def test_the_policy_adds_requirements_and_constraints(bench: Bench) -> None:
    make_wheel(bench.folder, "ninja", "1.13")
    policy = PackagePolicy(build_requires=("ninja",), build_constraints=("setuptools<81",))
    resolved = bench.resolve(subject_of(make_sdist(bench.folder), policy=policy))
    assert resolved.requires == ("ninja", "setuptools")
    assert bench.resolver.asked[0][2] == ("setuptools<81",)


def test_rust_that_the_backend_asks_for_counts(bench: Bench) -> None:
    bench.answers[ARM64.id] = ("maturin",)
    make_wheel(bench.folder, "maturin", "1.0")
    sdist = make_sdist(bench.folder, more={"Cargo.toml": '[package]\nname = "fast"\n'})
    assert bench.resolve(subject_of(sdist)).environments[AMD64.id].rust


def test_a_backend_is_asked_once_for_the_same_inputs(bench: Bench) -> None:
    sdist = make_sdist(bench.folder)
    bench.resolve(subject_of(sdist))
    bench.resolve(subject_of(sdist))
    assert len(bench.requests) == 1


def test_a_backend_is_asked_again_when_its_settings_change(bench: Bench) -> None:
    sdist = make_sdist(bench.folder)
    bench.resolve(subject_of(sdist))
    bench.resolve(subject_of(sdist, policy=PackagePolicy(environment={"A": "1"})))
    assert len(bench.requests) == 2


def test_a_failing_backend_is_told_with_its_sdist(bench: Bench) -> None:
    def fail(_: BuildRequest) -> tuple[str, ...]:
        raise BuildError("ask", "fast", why="it failed", fix="mend it")

    resolution = replace(bench.resolution, ask=fail)
    with pytest.raises(BuildError) as caught:
        resolution.resolve(subject_of(make_sdist(bench.folder)))
    assert str(caught.value) == "fast-1.0.tar.gz: cannot ask 'fast': it failed; mend it"


class _Libraries:
    """Chooses libraries that nothing gives."""

    def choose(self, *_: object, **__: object) -> ChosenSysroot:
        made = [
            Artifact(
                sha256=digest(name), filename=f"{name}_1_arm64.deb", url=f"http://127.0.0.1:9/{name}", size=1
            )
            for name in ("libssl-dev", "libssl3")
        ]
        return ChosenSysroot(sysroot=Sysroot(packages=()), artifacts=tuple(made))


def test_packages_of_debian_that_nothing_gives_are_told_with_who_wants_them(bench: Bench) -> None:
    libraries: Any = _Libraries()
    settings = FetchSettings(retries=0, backoff=0.001, timeout=5.0)
    resolution = replace(bench.resolution, sysroots=libraries, settings=settings)
    with pytest.raises(FaultsError) as caught:
        resolution.resolve(subject_of(make_sdist(bench.folder)))
    lines = str(caught.value).splitlines()
    assert [line.partition("_1_arm64.deb'")[0] for line in lines] == [
        "fast: cannot fetch artifact 'libssl-dev",
        "fast: cannot fetch artifact 'libssl3",
    ]
    for line in lines:
        assert line.endswith("another release of Debian (suite in [tool.crosswheel.sysroot])")
        assert "make the plan anew" not in line


def test_a_backend_that_needs_a_compiler_to_answer_is_asked_again_with_one(bench: Bench) -> None:
    def ask(request: BuildRequest) -> tuple[str, ...]:
        bench.requests.append(request)
        if request.toolchain is None:
            raise BuildError("ask", "fast", why="there is no cc", fix="give one")
        return ()

    resolution = replace(bench.resolution, ask=ask)
    resolution.resolve(subject_of(make_sdist(bench.folder)))
    assert [request.toolchain and request.toolchain.name for request in bench.requests] == [None, "zig.whl"]


def test_a_backend_that_wants_to_download_is_not_asked_again(bench: Bench) -> None:
    def ask(request: BuildRequest) -> tuple[str, ...]:
        bench.requests.append(request)
        raise BuildError("ask", "fast", why="it failed", fix=WANTS_NETWORK)

    with pytest.raises(
        BuildError, match=r"^fast-1\.0\.tar\.gz: cannot ask 'fast': it failed; the build wants to download"
    ):
        replace(bench.resolution, ask=ask).resolve(subject_of(make_sdist(bench.folder)))
    assert len(bench.requests) == 1


def test_backends_are_asked_with_wheels_of_this_machine_whatever_the_build_platforms_are(
    bench: Bench,
) -> None:
    resolution = replace(bench.resolution, build_platforms=(MACOS.platform,))
    resolved = resolution.resolve(subject_of(make_sdist(bench.folder)))
    assert [asked[1] for asked in bench.resolver.asked] == [AMD64.id, MACOS.id]
    assert sorted(resolved.environments) == [MACOS.id]


def test_further_build_platforms_keep_to_the_first_ones_versions(bench: Bench) -> None:
    resolution = replace(bench.resolution, build_platforms=(AMD64.platform, MACOS.platform))
    resolved = resolution.resolve(subject_of(make_sdist(bench.folder)))
    assert sorted(resolved.environments) == [AMD64.id, MACOS.id]
    assert bench.resolver.asked[-1] == (("setuptools",), MACOS.id, ("setuptools==80.0",))


def test_a_build_platform_without_those_versions_gets_its_own(bench: Bench) -> None:
    bench.resolver.refuse_constraints = True
    resolution = replace(bench.resolution, build_platforms=(AMD64.platform, MACOS.platform))
    resolved = resolution.resolve(subject_of(make_sdist(bench.folder)))
    assert MACOS.id in resolved.environments
    assert bench.resolver.asked[-1] == (("setuptools",), MACOS.id, ())


NUMPY = '[build-system]\nrequires = ["numpy"]\nbuild-backend = "mesonpy"\n'


def with_numpy(bench: Bench) -> Artifact:
    header = {"numpy/_core/include/numpy/_numpyconfig.h": b"#define NPY_SIZEOF_LONG 8\n"}
    for tag in ("cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-manylinux_2_28_aarch64"):
        make_wheel(bench.folder, "numpy", "2.0", header, tag=tag)
    return make_sdist(bench.folder, NUMPY)


def test_headers_of_a_build_requirement_are_overlaid_by_the_targets(bench: Bench) -> None:
    resolved = bench.resolve(subject_of(with_numpy(bench)))
    (overlay,) = resolved.overlays
    wanted = bench.folder / "numpy-2.0-cp311-cp311-manylinux_2_28_aarch64.whl"
    assert (overlay.project, overlay.artifact) == ("numpy", file_digest(wanted))
    assert overlay.artifact in {artifact.sha256 for artifact in resolved.artifacts}


def test_headers_that_do_not_exist_for_the_target_refuse_the_plan(bench: Bench) -> None:
    with pytest.raises(ResolutionError, match=r"numpy 2\.0.*may be silently wrong there"):
        bench.resolve(subject_of(with_numpy(bench), ARMV7L))


def test_headers_of_the_build_machine_can_be_accepted(bench: Bench) -> None:
    policy = PackagePolicy(accept=(ACCEPT_CODE,))
    assert bench.resolve(subject_of(with_numpy(bench), ARMV7L, policy)).overlays == ()


def test_an_unchanged_build_is_taken_over_from_an_earlier_plan(bench: Bench, tmp_path: Path) -> None:
    sdist = with_numpy(bench)
    first = bench.resolve(subject_of(sdist))
    again = after(bench, earlier_plan(first, sdist), tmp_path)
    second = again.resolve(subject_of(sdist))
    assert replace(second, artifacts=()) == replace(first, artifacts=())
    assert {one.sha256 for one in second.artifacts} == {one.sha256 for one in first.artifacts}
    assert (bench.resolver.asked, bench.requests) == ([], [])


@pytest.mark.parametrize(
    "policy",
    [
        PackagePolicy(build_requires=("setuptools",)),
        PackagePolicy(build_constraints=("setuptools<99",)),
        PackagePolicy(environment={"A": "1"}),
        PackagePolicy(config_settings={"a": ("1", "2")}),
    ],
    ids=["build-requires", "build-constraints", "environment", "config-settings"],
)
def test_a_changed_policy_resolves_anew(bench: Bench, tmp_path: Path, policy: PackagePolicy) -> None:
    sdist = make_sdist(bench.folder)
    again = after(bench, earlier_plan(bench.resolve(subject_of(sdist)), sdist), tmp_path)
    again.resolve(subject_of(sdist, policy=policy))
    assert bench.resolver.asked


def test_a_changed_sdist_resolves_anew(bench: Bench, tmp_path: Path) -> None:
    sdist = make_sdist(bench.folder)
    again = after(bench, earlier_plan(bench.resolve(subject_of(sdist)), sdist), tmp_path)
    again.resolve(subject_of(make_sdist(bench.folder, PYPROJECT + "\n# new\n")))
    assert bench.resolver.asked


def test_a_new_build_platform_resolves_anew(bench: Bench, tmp_path: Path) -> None:
    sdist = make_sdist(bench.folder)
    again = after(bench, earlier_plan(bench.resolve(subject_of(sdist)), sdist), tmp_path)
    both = replace(again, build_platforms=(AMD64.platform, MACOS.platform))
    assert MACOS.id in both.resolve(subject_of(sdist)).environments


def test_the_toolchain_of_a_platform_without_one_is_refused_with_what_exists(bench: Bench) -> None:
    riscv = parse_target_id("cp311-linux_riscv64_glibc_2_39")
    with pytest.raises(ResolutionError) as caught:
        bench.resolution.toolchain.wheel_for(riscv)
    text = str(caught.value)
    assert text.startswith(
        "cannot choose C toolchain for 'cp311-linux_riscv64_glibc_2_39': ziglang==0.17.0 has wheels only for "
        "macosx_13_0_arm64, "
    )


def test_a_build_that_compiles_rust_has_its_toolchain_and_the_crates_of_its_lock(bench: Bench) -> None:
    cargo = {"Cargo.toml": '[package]\nname = "fast"\n', "Cargo.lock": CARGO_LOCK}
    resolved = bench.resolve(subject_of(make_sdist(bench.folder, more=cargo)))
    rust = resolved.environments[AMD64.id].rust
    by_digest = {artifact.sha256: artifact for artifact in resolved.artifacts}
    assert resolved.crates == (digest("libc"),)
    assert by_digest[digest("libc")].url == "https://static.crates.io/crates/libc/libc-0.2.177.crate"
    assert [by_digest[one].filename.partition("-1.")[0] for one in rust] == [
        "cargo",
        "rust-std",
        "rust-std",
        "rustc",
    ]


def test_a_build_without_rust_has_neither(bench: Bench) -> None:
    resolved = bench.resolve(subject_of(make_sdist(bench.folder)))
    assert (resolved.crates, resolved.environments[AMD64.id].rust) == ((), ())


def test_rust_without_a_lock_gets_one_that_the_plan_keeps(bench: Bench) -> None:
    make_wheel(bench.folder, "maturin", "1.0")
    pyproject = (
        '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
        '[tool.maturin]\nmanifest-path = "rust/Cargo.toml"\n'
    )
    sdist = make_sdist(bench.folder, pyproject, more={"rust/Cargo.toml": '[package]\nname = "fast"\n'})
    resolved = bench.resolve(subject_of(sdist))
    (lock,) = resolved.cargo_locks
    (path,) = bench.resolution.rust.files
    by_digest = {artifact.sha256: artifact for artifact in resolved.artifacts}
    assert (lock.path, by_digest[lock.artifact].path) == ("rust/Cargo.lock", path)
    assert bench.resolution.rust.files[path] == CARGO_LOCK.encode()
    assert resolved.crates == (digest("libc"),)


def test_a_lock_that_was_made_is_remembered(bench: Bench) -> None:
    make_wheel(bench.folder, "maturin", "1.0")
    pyproject = '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'
    sdist = make_sdist(bench.folder, pyproject, more={"Cargo.toml": '[package]\nname = "fast"\n'})
    first = bench.resolve(subject_of(sdist))
    bench.resolution.resolved.clear()
    assert bench.resolve(subject_of(sdist)) == first
    assert bench.locked == ["Cargo.toml"]
