"""The local executor on builds that need builds; how a single one is run is not asked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from crosswheel.act.building.sandbox import choose_sandbox
from crosswheel.act.executor import ensure_builds, ensure_wheels
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.planned_build import PlannedBuildRun
from crosswheel.act.ready_wheel import CheckOutcome, ReadyWheel
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.services import Services
from crosswheel.act.storage.store import Store, digest_of_file
from crosswheel.decide.plans.plan import (
    Artifact,
    BuildEnvironment,
    Overlay,
    Plan,
    PlannedBuild,
    PlannedTarget,
    PlannedWheel,
)
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest
from crosswheel.values.errors import BuildError, FaultsError
from made_wheels import make_wheel
from plan_values import ARM64, digest

HERE = Target(python=ARM64.python, platform=build_machine_platform())


@dataclass(slots=True)
class Bench:
    """A folder with sdists, and what was built in which order with which wheels at hand."""

    folder: Path
    failing: set[str] = field(default_factory=set)
    started: list[tuple[str, list[str]]] = field(default_factory=list)

    def services(self, jobs: int = 2) -> Services:
        return Services(
            store=Store(self.folder / "store"),
            sandbox=lambda: choose_sandbox("none"),
            settings=FetchSettings(),
            reporter=SilentReporter(),
            jobs=jobs,
        )

    def build(self, run: PlannedBuildRun, _: object, built: Mapping[str, ReadyWheel]) -> ReadyWheel:
        self.started.append((run.build.name, [built[id_].filename for id_ in run.builds_needed()]))
        if run.build.name in self.failing:
            raise BuildError("build", run.build.name, why="it failed", fix="mend it")
        path = make_wheel(self.folder / "built", run.build.name)
        record: JsonValue = {
            "sha256": run.store.add_file(path).hex,
            "filename": path.name,
            **CheckOutcome().to_json(),
        }
        run.store.write_record("builds", run.key(), record)
        done = run.done()
        assert done is not None
        return done


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = Bench(tmp_path)

    def fake(run: PlannedBuildRun, files: object, built: Mapping[str, ReadyWheel]) -> ReadyWheel:
        return bench.build(run, files, built)

    monkeypatch.setattr(PlannedBuildRun, "_build", fake)
    return bench


def sdist(bench: Bench, name: str) -> Artifact:
    path = bench.folder / f"{name}-1.0.tar.gz"
    path.write_bytes(name.encode())
    return Artifact(sha256=digest_of_file(path), filename=path.name, path=path.name)


def planned(
    name: str, source: Digest, target: Target, *, requires: tuple[str, ...] = (), overlay: str | None = None
) -> PlannedBuild:
    return PlannedBuild(
        id=f"{name}-1.0-{target.id}",
        name=name,
        version="1.0",
        target=target,
        sdist=source,
        inputs=digest("inputs"),
        backend="demo",
        environments={
            HERE.id: BuildEnvironment(
                requirements=(), toolchain=None, builds=tuple(f"{one}-1.0-{HERE.id}" for one in requires)
            )
        },
        overlays=() if overlay is None else (Overlay(project=overlay, build=f"{overlay}-1.0-{target.id}"),),
    )


def plan_of(bench: Bench) -> Plan:
    """app needs tool, which needs maker, and is laid over with array; other needs nobody."""
    sources = {name: sdist(bench, name) for name in ("app", "array", "tool", "maker", "other")}
    builds = [
        planned("app", sources["app"].sha256, ARM64, requires=("tool",), overlay="array"),
        planned("array", sources["array"].sha256, ARM64),
        planned("tool", sources["tool"].sha256, HERE, requires=("maker",)),
        planned("maker", sources["maker"].sha256, HERE),
        planned("other", sources["other"].sha256, ARM64),
    ]
    return Plan(
        inputs={},
        source_date_epoch=0,
        artifacts={one.sha256: one for one in sources.values()},
        builds={one.id: one for one in builds},
        targets=(
            PlannedTarget(
                target=ARM64,
                wheels=tuple(
                    PlannedWheel(name=name, version="1.0", build=f"{name}-1.0-{ARM64.id}")
                    for name in ("app", "other")
                ),
            ),
        ),
        build_platforms=(PlannedTarget(target=HERE, description=digest("description")),),
    )


def names(bench: Bench, plan: Plan, jobs: int = 2) -> list[str]:
    ready = ensure_wheels(plan, base=bench.folder, targets=plan.targets, services=bench.services(jobs))
    return [wheel.name for wheel in ready[ARM64.id]]


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_build_starts_when_the_wheels_it_needs_are_there(bench: Bench, jobs: int) -> None:
    assert names(bench, plan_of(bench), jobs) == ["app", "other"]
    started = dict(bench.started)
    assert started["app"] == ["array-1.0-py3-none-any.whl", "tool-1.0-py3-none-any.whl"]
    assert started["tool"] == ["maker-1.0-py3-none-any.whl"]
    order = [name for name, _ in bench.started]
    assert order.index("maker") < order.index("tool") < order.index("app")


def test_what_only_a_finished_build_needs_is_not_even_looked_for(bench: Bench) -> None:
    plan = plan_of(bench)
    names(bench, plan)
    bench.started.clear()
    store = Store(bench.folder / "store")
    for name in ("maker", "tool", "array"):
        path = store.artifact(
            digest_of_file(bench.folder / "built" / f"{name}-1.0-py3-none-any.whl"),
            filename=f"{name}-1.0-py3-none-any.whl",
        )
        assert path is not None
        path.unlink()
        (bench.folder / f"{name}-1.0.tar.gz").unlink()
    assert names(bench, plan) == ["app", "other"]
    assert bench.started == []


def test_what_needs_a_failed_build_is_named_with_it_and_the_rest_is_built(bench: Bench) -> None:
    bench.failing = {"maker"}
    plan = plan_of(bench)
    with pytest.raises(FaultsError) as caught:
        names(bench, plan)
    assert str(caught.value).splitlines() == [
        "cannot build 'maker': it failed; mend it",
        (
            f"cannot build 'tool-1.0-{HERE.id}': it needs the wheel of maker-1.0-{HERE.id}, "
            "which could not be built; mend that one first"
        ),
        (
            f"cannot build 'app-1.0-{ARM64.id}': it needs the wheel of maker-1.0-{HERE.id}, "
            "which could not be built; mend that one first"
        ),
    ]
    assert caught.value.exit_code == BuildError.exit_code
    assert {name for name, _ in bench.started} == {"maker", "array", "other"}


def test_one_build_can_be_asked_for_with_what_it_needs(bench: Bench) -> None:
    tool = f"tool-1.0-{HERE.id}"
    built = ensure_builds(plan_of(bench), [tool], base=bench.folder, services=bench.services())
    assert [wheel.filename for wheel in built.values()] == ["tool-1.0-py3-none-any.whl"]
    assert [name for name, _ in bench.started] == ["maker", "tool"]


def run_of(plan: Plan, name: str, bench: Bench) -> PlannedBuildRun:
    build = plan.builds[f"{name}-1.0-{ARM64.id}"]
    return PlannedBuildRun(build=build, plan=plan, base=bench.folder, services=bench.services())


@pytest.mark.parametrize("changed", [f"maker-1.0-{HERE.id}", f"array-1.0-{ARM64.id}"])
def test_a_change_in_a_needed_build_is_a_change_of_what_needs_it(bench: Bench, changed: str) -> None:
    plan = plan_of(bench)
    other = replace(plan.builds[changed], environment={"A": "1"})
    after = replace(plan, builds={**plan.builds, changed: other})
    assert run_of(plan, "app", bench).key() != run_of(after, "app", bench).key()
    assert run_of(plan, "other", bench).key() == run_of(after, "other", bench).key()


def test_the_headers_of_the_build_platform_are_part_of_it(bench: Bench) -> None:
    plan = plan_of(bench)
    after = replace(plan, build_platforms=(PlannedTarget(target=HERE, description=digest("another")),))
    assert run_of(plan, "app", bench).key() != run_of(after, "app", bench).key()
