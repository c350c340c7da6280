"""Builds that need builds: which are planned, for what, what is done at once, and what is taken over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from crosswheel.decide.configuration.policy_model import PackagePolicy
from crosswheel.decide.planning.build_requirements import ReleaseMetadata
from crosswheel.decide.planning.overlays import ACCEPT_CODE
from crosswheel.decide.planning.planner import ResolvedBuild
from crosswheel.decide.plans.plan import Artifact, BuildEnvironment, Overlay, Plan
from crosswheel.values.errors import BuildError, FaultsError, InputError, ResolutionError
from made_wheels import make_wheel
from plan_values import AMD64, ARM64, ARMV7L, MACOS
from resolution_bench import (
    Bench,
    after,
    earlier_plan,
    file_digest,
    make_bench,
    make_sdist,
    requiring,
    subject_of,
)

TOOL_HERE = f"tool-3.0-{AMD64.id}"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def ids(resolved: ResolvedBuild) -> list[str]:
    return [one.id for one in resolved.required]


# Headers that must be the target's


def with_numpy(bench: Bench, *, sdist: bool = True) -> Artifact:
    header = {"numpy/_core/include/numpy/_numpyconfig.h": b"#define NPY_SIZEOF_LONG 8\n"}
    make_wheel(bench.folder, "numpy", "2.0", header, tag="cp311-cp311-manylinux_2_28_x86_64")
    if sdist:
        make_sdist(bench.folder, name="numpy", version="2.0", native=True)
    return make_sdist(bench.folder, requiring("setuptools", "numpy"))


def test_headers_that_no_wheel_has_for_the_target_are_those_of_a_build_for_it(bench: Bench) -> None:
    resolved = bench.resolve(subject_of(with_numpy(bench), ARMV7L))
    wanted = f"numpy-2.0-{ARMV7L.id}"
    assert resolved.overlays == (Overlay(project="numpy", build=wanted),)
    assert ids(resolved) == [wanted]
    (numpy,) = resolved.required
    assert (numpy.target, numpy.package.version) == (ARMV7L, "2.0")
    assert list(numpy.resolved.environments) == [AMD64.id]
    assert numpy.package.sdist is not None
    assert numpy.package.sdist.filename == "numpy-2.0.tar.gz"
    assert bench.built == []  # the headers are wanted by compilers, not by backends that are asked


def test_the_build_machine_still_uses_the_wheel_it_has(bench: Bench) -> None:
    environment = bench.resolve(subject_of(with_numpy(bench), ARMV7L)).environments[AMD64.id]
    assert environment.builds == ()
    assert file_digest(bench.folder / "numpy-2.0-cp311-cp311-manylinux_2_28_x86_64.whl") in (
        environment.requirements
    )


def test_a_build_for_every_build_platform_lays_over_the_same_target_build(bench: Bench) -> None:
    sdist = with_numpy(bench)
    make_wheel(bench.folder, "numpy", "2.0", {"numpy/a.h": b""}, tag="cp311-cp311-macosx_11_0_arm64")
    resolution = replace(bench.resolution, build_platforms=(AMD64.platform, MACOS.platform))
    resolved = resolution.resolve(subject_of(sdist, ARMV7L))
    assert ids(resolved) == [f"numpy-2.0-{ARMV7L.id}"]
    assert list(resolved.required[0].resolved.environments) == [AMD64.id, MACOS.id]


def test_accepted_headers_of_the_build_machine_are_not_built(bench: Bench) -> None:
    resolved = bench.resolve(subject_of(with_numpy(bench), ARMV7L, PackagePolicy(accept=(ACCEPT_CODE,))))
    assert (resolved.overlays, resolved.required) == ((), ())


def test_headers_without_wheel_or_sdist_refuse_the_plan(bench: Bench) -> None:
    with pytest.raises(ResolutionError, match=r"no wheel for .* and no sdist"):
        bench.resolve(subject_of(with_numpy(bench, sdist=False), ARMV7L))


def test_a_fault_of_a_build_for_headers_names_who_needs_it(bench: Bench) -> None:
    sdist = with_numpy(bench)
    make_sdist(bench.folder, "[build-system]\n", name="numpy", version="2.0", native=True)
    with pytest.raises(InputError) as caught:
        bench.resolve(subject_of(sdist, ARMV7L))
    assert str(caught.value).startswith(
        "fast-1.0.tar.gz: numpy-2.0.tar.gz: pyproject.toml: cannot read build system: "
    )


# Build requirements that exist only as sdists


def with_tool(bench: Bench, *, native: bool = False) -> Artifact:
    make_sdist(bench.folder, name="tool", version="3.0", native=native)
    return make_sdist(bench.folder, requiring("setuptools", "tool"))


def test_a_build_requirement_without_a_wheel_is_built_for_the_build_platform(bench: Bench) -> None:
    resolved = bench.resolve(subject_of(with_tool(bench)))
    setuptools = file_digest(bench.folder / "setuptools-80.0-py3-none-any.whl")
    environment = resolved.environments[AMD64.id]
    assert (environment.requirements, environment.builds) == ((setuptools,), (TOOL_HERE,))
    (tool,) = resolved.required
    assert (tool.id, tool.target, list(tool.resolved.environments)) == (TOOL_HERE, AMD64, [AMD64.id])
    assert resolved.overlays == ()


def test_the_backend_is_asked_with_what_was_built_for_it(bench: Bench) -> None:
    bench.resolve(subject_of(with_tool(bench)))
    assert bench.built == [(TOOL_HERE, (TOOL_HERE,))]
    asked_for_tool, asked_for_fast = bench.requests
    assert [path.name for path in asked_for_tool.requirements] == ["setuptools-80.0-py3-none-any.whl"]
    assert [path.name for path in asked_for_fast.requirements] == [
        "setuptools-80.0-py3-none-any.whl",
        "tool-3.0-py3-none-any.whl",
    ]


def test_on_each_build_platform_it_is_built_for_that_one_and_by_that_one(bench: Bench) -> None:
    resolution = replace(bench.resolution, build_platforms=(AMD64.platform, MACOS.platform))
    resolved = resolution.resolve(subject_of(with_tool(bench)))
    assert ids(resolved) == [TOOL_HERE, f"tool-3.0-{MACOS.id}"]
    assert [list(one.resolved.environments) for one in resolved.required] == [[AMD64.id], [MACOS.id]]
    assert resolved.environments[MACOS.id].builds == (f"tool-3.0-{MACOS.id}",)
    assert [id_ for id_, _ in bench.built] == [TOOL_HERE]  # nothing is asked on a Mac here


def test_what_an_sdist_requires_is_read_from_it_where_it_says_so_for_good(bench: Bench) -> None:
    info = "Metadata-Version: 2.2\nName: tool\nVersion: 3.0\nRequires-Dist: idna\n"
    sdist = with_tool(bench)
    make_sdist(bench.folder, name="tool", version="3.0", more={"PKG-INFO": info})
    make_wheel(bench.folder, "idna", "3.10")
    bench.resolver.wanted = ("tool", "setuptools")
    bench.resolve(subject_of(sdist))
    first = dict(bench.resolver.metadata)
    assert first == {"tool": ReleaseMetadata(requires=("idna",)), "setuptools": ReleaseMetadata()}


def test_what_an_sdist_requires_is_read_from_what_is_built_of_it_otherwise(bench: Bench) -> None:
    bench.resolver.wanted = ("tool",)
    bench.resolve(subject_of(with_tool(bench)))
    assert bench.resolver.metadata[0] == ("tool", ReleaseMetadata())
    assert bench.built[0][0] == TOOL_HERE


def test_builds_are_found_all_the_way_down(bench: Bench) -> None:
    sdist = with_tool(bench)
    make_sdist(bench.folder, requiring("setuptools", "maker"), name="tool", version="3.0")
    make_sdist(bench.folder, name="maker", version="4.0")
    (tool,) = bench.resolve(subject_of(sdist)).required
    assert ids(tool.resolved) == [f"maker-4.0-{AMD64.id}"]
    assert bench.built[-1] == (TOOL_HERE, (TOOL_HERE, f"maker-4.0-{AMD64.id}"))


def test_build_requirements_that_need_each_other_are_named_in_a_circle(bench: Bench) -> None:
    sdist = with_tool(bench)
    make_sdist(bench.folder, requiring("maker"), name="tool", version="3.0")
    make_sdist(bench.folder, requiring("tool"), name="maker", version="4.0")
    with pytest.raises(ResolutionError) as caught:
        bench.resolve(subject_of(sdist))
    assert str(caught.value) == (
        "fast-1.0.tar.gz: tool-3.0.tar.gz: maker-4.0.tar.gz: cannot build 'tool 3.0': it is needed to build "
        "itself: tool 3.0 needs maker 4.0 needs tool 3.0; serve a wheel of one of them from an index of yours, "
        "or ask for another release in build-constraints of [tool.crosswheel]"
    )


def test_a_build_requirement_that_may_not_be_built_is_refused(bench: Bench) -> None:
    bench.policies["tool"] = PackagePolicy(build=False)
    with pytest.raises(ResolutionError) as caught:
        bench.resolve(subject_of(with_tool(bench)))
    assert str(caught.value) == (
        f"fast-1.0.tar.gz: cannot build 'tool 3.0': it has no wheel for {AMD64.id}, and the configuration says "
        "`build = false` of it; serve a wheel of it from an index of yours, or let it be built"
    )


def test_the_policy_of_a_build_requirement_is_its_own(bench: Bench) -> None:
    make_wheel(bench.folder, "ninja", "1.13")
    bench.policies["tool"] = PackagePolicy(build_requires=("ninja",), environment={"A": "1"})
    (tool,) = bench.resolve(subject_of(with_tool(bench))).required
    assert tool.resolved.requires == ("ninja", "setuptools")
    assert tool.policy.environment == {"A": "1"}
    assert bench.requests[0].environment == {"A": "1"}
    assert bench.requests[1].environment == {}


def test_every_fault_of_a_build_done_while_planning_names_who_needs_it(bench: Bench) -> None:
    def fail(plan: Plan, id_: str) -> NoReturn:
        raise FaultsError([BuildError("build", one, why="no", fix="mend it") for one in ("a", "b")])

    seams = replace(bench.resolution.required, build=fail)
    with pytest.raises(FaultsError) as caught:
        replace(bench.resolution, required=seams).resolve(subject_of(with_tool(bench)))
    assert str(caught.value).splitlines() == [
        "fast-1.0.tar.gz: cannot build 'a': no; mend it",
        "fast-1.0.tar.gz: cannot build 'b': no; mend it",
    ]


def test_headers_of_a_built_requirement_are_built_for_the_target_too(bench: Bench) -> None:
    resolved = bench.resolve(subject_of(with_tool(bench, native=True)))
    on_target = f"tool-3.0-{ARM64.id}"
    assert resolved.overlays == (Overlay(project="tool", build=on_target),)
    assert ids(resolved) == [TOOL_HERE, on_target]
    assert [one.package.oracle for one in resolved.required] == [None, None]


def test_for_the_build_platform_itself_one_build_is_enough(bench: Bench) -> None:
    resolved = bench.resolve(subject_of(with_tool(bench, native=True), AMD64))
    assert (resolved.overlays, ids(resolved)) == ((), [TOOL_HERE])


# An earlier plan


def test_builds_for_builds_are_taken_over_without_asking_anybody(bench: Bench, tmp_path: Path) -> None:
    sdist = with_tool(bench, native=True)
    first = bench.resolve(subject_of(sdist))
    again = after(bench, earlier_plan(first, sdist), tmp_path)
    second = again.resolve(subject_of(sdist))
    assert earlier_plan(second, sdist) == earlier_plan(first, sdist)
    assert (bench.resolver.asked, bench.requests, bench.built) == ([], [], [])


@pytest.mark.parametrize("policy", [PackagePolicy(environment={"A": "1"}), PackagePolicy(build=False)])
def test_what_needs_a_build_that_changed_is_resolved_anew(
    bench: Bench, tmp_path: Path, policy: PackagePolicy
) -> None:
    sdist = with_tool(bench)
    again = after(bench, earlier_plan(bench.resolve(subject_of(sdist)), sdist), tmp_path)
    bench.policies["tool"] = policy
    if policy.build is False:
        with pytest.raises(ResolutionError, match="build = false"):
            again.resolve(subject_of(sdist))
    else:
        again.resolve(subject_of(sdist))
    assert bench.resolver.asked


def test_the_plan_holds_all_of_it_and_no_more(bench: Bench) -> None:
    sdist = with_tool(bench, native=True)
    plan = earlier_plan(bench.resolve(subject_of(sdist)), sdist)
    assert sorted(plan.builds) == sorted([f"fast-1.0-{ARM64.id}", TOOL_HERE, f"tool-3.0-{ARM64.id}"])
    assert [one.target for one in plan.build_platforms] == [ARM64, AMD64]
    assert all(isinstance(one, BuildEnvironment) for one in plan.builds[TOOL_HERE].environments.values())
    assert plan.artifacts[plan.builds[TOOL_HERE].sdist].filename == "tool-3.0.tar.gz"
