"""The local executor on prebuilt wheels: what it fetches, checks, remembers and writes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from checked_wheels import AARCH64, SUFFIX, wheel
from crosswheel.act.building.sandbox import Sandbox
from crosswheel.act.executor import ensure_wheels
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.planned_build import PlannedBuildRun
from crosswheel.act.ready_wheel import CheckOutcome
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.repositories import BuiltRepository, build_repositories
from crosswheel.act.services import Services
from crosswheel.act.storage.store import Store, digest_of_file
from crosswheel.act.wheels.repository import RepositoryWheel, write_repository
from crosswheel.decide.plans.plan import (
    Artifact,
    BuildEnvironment,
    Plan,
    PlannedBuild,
    PlannedTarget,
    PlannedWheel,
)
from crosswheel.decide.plans.plan_json import plan_digest
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import CheckError, CrosswheelError, FetchError, InputError, OutputError
from elf_files import extension_module


class _Listener(SilentReporter):
    def __init__(self) -> None:
        self.finished_tasks: list[tuple[str, str]] = []
        self.warnings: list[str] = []

    def found(self, file: str, place: str) -> None:
        pass

    def finished(self, task: str, outcome: str) -> None:
        self.finished_tasks.append((task, outcome))

    def warned(self, message: str) -> None:
        self.warnings.append(message)


def _no_sandbox() -> Sandbox:
    raise AssertionError("nothing is built here")


def _services(folder: Path, reporter: SilentReporter | None = None) -> Services:
    return Services(
        store=Store(folder / "store"),
        sandbox=_no_sandbox,
        settings=FetchSettings(),
        reporter=reporter or SilentReporter(),
    )


def _plan(
    folder: Path, wheels: Mapping[str, Path], accept: Mapping[str, tuple[str, ...]] | None = None
) -> Plan:
    artifacts = {
        digest_of_file(path): Artifact(
            sha256=digest_of_file(path), filename=path.name, path=path.relative_to(folder).as_posix()
        )
        for path in wheels.values()
    }
    planned = tuple(
        PlannedWheel(name=name, version="1.0", artifact=digest_of_file(path)) for name, path in wheels.items()
    )
    return Plan(
        inputs={},
        source_date_epoch=315532800,
        artifacts=artifacts,
        builds={},
        targets=(PlannedTarget(target=AARCH64, wheels=planned),),
        accept=accept or {},
    )


def _pure(folder: Path, name: str = "demo") -> Path:
    return wheel(folder, {f"{name}/__init__.py": b""}, name=name, tag="py3-none-any")


def _wrong(folder: Path, name: str) -> Path:
    return wheel(folder, {f"{name}/x.so": b"\x7fELF" + bytes(60)}, name=name, tag="py3-none-any")


def _build(plan: Plan, folder: Path, services: Services) -> tuple[BuiltRepository, ...]:
    return build_repositories(
        plan, base=folder, targets=plan.targets, output=folder / "dist", services=services
    )


def test_a_repository_stands_under_its_targets_id(tmp_path: Path) -> None:
    plan = _plan(tmp_path, {"demo": _pure(tmp_path)})
    _build(plan, tmp_path, _services(tmp_path))
    assert (tmp_path / "dist" / AARCH64.id / "demo-1.0-py3-none-any.whl").is_file()


def test_a_second_run_does_no_work(tmp_path: Path) -> None:
    plan = _plan(tmp_path, {"demo": _pure(tmp_path)})
    _build(plan, tmp_path, _services(tmp_path))
    listener = _Listener()
    found = build_repositories(
        plan,
        base=tmp_path,
        targets=plan.targets,
        output=tmp_path / "dist",
        services=_services(tmp_path, listener),
    )
    assert [repository.current for repository in found] == [True]
    assert [(wheel.name, wheel.path, wheel.build) for wheel in found[0].wheels] == [
        ("demo", tmp_path / "dist" / AARCH64.id / "demo-1.0-py3-none-any.whl", None)
    ]
    assert listener.finished_tasks == []


def _outcome(plan: Plan, folder: Path) -> list[bool]:
    found = build_repositories(
        plan, base=folder, targets=plan.targets, output=folder / "dist", services=_services(folder)
    )
    return [repository.current for repository in found]


@pytest.mark.parametrize("name", ["demo-1.0-py3-none-any.whl", "simple/index.html"])
def test_one_flipped_byte_is_seen_though_size_and_time_stay(tmp_path: Path, name: str) -> None:
    plan = _plan(tmp_path, {"demo": _pure(tmp_path)})
    _build(plan, tmp_path, _services(tmp_path))
    file = tmp_path / "dist" / AARCH64.id / name
    right, times = file.read_bytes(), file.stat()
    file.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert _outcome(plan, tmp_path) == [False]
    assert file.read_bytes() == right
    assert _outcome(plan, tmp_path) == [True]


def test_files_that_did_not_change_are_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _plan(tmp_path, {"demo": _pure(tmp_path)})
    _build(plan, tmp_path, _services(tmp_path))
    with monkeypatch.context() as patched:
        patched.setattr("crosswheel.act.repositories.is_current", lambda *_: pytest.fail("it was read"))
        assert _outcome(plan, tmp_path) == [True]
    (tmp_path / "dist" / AARCH64.id / "demo-1.0-py3-none-any.whl").touch()
    assert _outcome(plan, tmp_path) == [True]


def test_what_a_version_with_another_manifest_wrote_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _plan(tmp_path, {"demo": _pure(tmp_path)})
    _build(plan, tmp_path, _services(tmp_path))
    monkeypatch.setattr("crosswheel.act.repositories.MANIFEST_SCHEMA", 0)
    monkeypatch.setattr("crosswheel.act.repositories.is_current", lambda *_: False)
    assert _outcome(plan, tmp_path) == [False]


def test_a_manifest_that_lists_other_wheels_than_the_plan_is_not_believed(tmp_path: Path) -> None:
    plan = _plan(tmp_path, {"demo": _pure(tmp_path)})
    _build(plan, tmp_path, _services(tmp_path))
    other = _pure(tmp_path / "other", "other")
    write_repository(
        tmp_path / "dist" / AARCH64.id,
        target=AARCH64,
        wheels=[RepositoryWheel(path=other, sha256=digest_of_file(other), origin="prebuilt")],
        plan_digest=plan_digest(plan),
    )
    assert _outcome(plan, tmp_path) == [False]


def test_a_wheel_that_passed_is_not_checked_again_for_another_output(tmp_path: Path) -> None:
    plan = _plan(tmp_path, {"demo": _pure(tmp_path)})
    _build(plan, tmp_path, _services(tmp_path))
    listener = _Listener()
    build_repositories(
        plan,
        base=tmp_path,
        targets=plan.targets,
        output=tmp_path / "other",
        services=_services(tmp_path, listener),
    )
    assert listener.finished_tasks == []


def test_every_wheel_that_does_not_fit_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    wheels = {"demo": _pure(tmp_path), "bad": _wrong(tmp_path, "bad"), "worse": _wrong(tmp_path, "worse")}
    with pytest.raises(CrosswheelError) as caught:
        _build(_plan(tmp_path, wheels), tmp_path, _services(tmp_path))
    assert "bad-1.0-py3-none-any.whl" in str(caught.value)
    assert "worse-1.0-py3-none-any.whl" in str(caught.value)
    assert caught.value.exit_code == CheckError.exit_code
    assert not (tmp_path / "dist").exists()


def test_a_finding_is_accepted_for_the_package_that_names_it(tmp_path: Path) -> None:
    elf = wheel(tmp_path, {"demo/x.so": b"\x7fELF" + bytes(60)}, tag="py3-none-any")
    accept = {"demo": ("elf-in-pure-wheel", "damaged-binary")}
    with pytest.raises(CheckError, match=r"demo-1\.0"):
        _build(_plan(tmp_path, {"demo": elf}), tmp_path, _services(tmp_path))
    _build(_plan(tmp_path, {"demo": elf}, accept), tmp_path, _services(tmp_path))


def test_a_prebuilt_wheel_that_needs_a_newer_glibc_is_refused_with_the_ways_out(tmp_path: Path) -> None:
    files = {
        f"_{name}{SUFFIX}": extension_module(f"_{name}", glibc=f"2.{n}") for name, n in (("a", 34), ("b", 38))
    }
    wheel_ = wheel(tmp_path, files, tag="cp311-cp311-linux_aarch64")
    with pytest.raises(CheckError) as caught:
        _build(_plan(tmp_path, {"demo": wheel_}), tmp_path, _services(tmp_path))
    assert (
        "use another file of this release (--no-binary demo builds its sdist, where the lock has one), "
        "plan for a target with glibc 2.38, or accept symbol-too-new for this package"
    ) in str(caught.value)


def test_a_warning_that_is_accepted_is_told_no_more(tmp_path: Path) -> None:
    plants = wheel(tmp_path, {"sitecustomize.py": b""}, tag="py3-none-any")
    for accept, count in (({}, 1), ({"demo": ("start-up-file",)}, 0)):
        (repository,) = _build(_plan(tmp_path, {"demo": plants}, accept), tmp_path, _services(tmp_path))
        assert len(repository.wheels[0].outcome.warnings) == count


def test_what_the_wheels_of_a_target_lack_is_told(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"demo.py": b""}, tag="py3-none-any", metadata="Requires-Dist: idna\n")
    plan = _plan(tmp_path, {"demo": path})
    for _ in range(2):  # the second time from what the store remembers
        listener = _Listener()
        ensure_wheels(plan, base=tmp_path, targets=plan.targets, services=_services(tmp_path, listener))
        told = "demo 1.0 requires idna, and no wheel of idna is there; was the lock made for this platform?"
        assert listener.warnings == [f"{plan.targets[0].target.id}: {told}"]


def test_an_accept_that_covers_nothing_is_an_error(tmp_path: Path) -> None:
    plan = _plan(tmp_path, {"demo": _pure(tmp_path)}, {"demo": ("bare-suffix",)})
    for _ in range(2):  # the second time from what the store remembers
        with pytest.raises(InputError) as caught:
            _build(plan, tmp_path, _services(tmp_path))
        assert str(caught.value) == (
            "cannot accept finding 'bare-suffix' for 'demo': none of its wheels has such a finding; "
            "remove it from the configuration, or if wheels for other targets have it, say it of these: packages.demo.targets"
        )


def test_a_file_that_differs_from_the_plan_is_refused(tmp_path: Path) -> None:
    path = _pure(tmp_path)
    plan = _plan(tmp_path, {"demo": path})
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(FetchError):
        _build(plan, tmp_path, _services(tmp_path))
    assert not (tmp_path / "dist").exists()


def test_a_folder_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "dist" / AARCH64.id / "precious.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("mine")
    with pytest.raises(OutputError):
        _build(_plan(tmp_path, {"demo": _pure(tmp_path)}), tmp_path, _services(tmp_path))
    assert precious.read_text() == "mine"


def _damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[10:30] = bytes(20)
    path.chmod(0o644)
    path.write_bytes(data)


def test_a_wheel_damaged_in_the_store_is_fetched_again_and_never_published(tmp_path: Path) -> None:
    source = _pure(tmp_path)
    plan = _plan(tmp_path, {"demo": source})
    _build(plan, tmp_path, _services(tmp_path))
    kept = Store(tmp_path / "store").artifact(digest_of_file(source))
    assert kept is not None
    _damage(kept)
    listener = _Listener()
    build_repositories(
        plan,
        base=tmp_path,
        targets=plan.targets,
        output=tmp_path / "other",
        services=_services(tmp_path, listener),
    )
    assert listener.warnings == [f"{source.name} was damaged in the store; it is dropped and fetched again"]
    published = tmp_path / "other" / AARCH64.id / source.name
    assert published.read_bytes() == source.read_bytes() == kept.read_bytes()


def _finished_build(folder: Path, built: Path, reporter: SilentReporter) -> PlannedBuildRun:
    """Return the run of a build that a store remembers as done."""
    here = Target(python=AARCH64.python, platform=build_machine_platform())
    build = PlannedBuild(
        id=f"demo-1.0-{AARCH64.id}",
        name="demo",
        version="1.0",
        target=AARCH64,
        sdist=digest_of(b"sdist"),
        inputs=digest_of(b"inputs"),
        backend="demo",
        requires=(),
        environments={here.id: BuildEnvironment(requirements=(), toolchain=None)},
    )
    run = PlannedBuildRun(
        build=build,
        plan=Plan(inputs={}, source_date_epoch=0, artifacts={}, builds={build.id: build}, targets=()),
        base=folder,
        services=_services(folder, reporter),
    )
    record: JsonValue = {"sha256": run.store.add_file(built).hex, "filename": built.name, **_PASSED}
    run.store.write_record("builds", run.key(), record)  # what a whole build would write
    return run


_PASSED = CheckOutcome().to_json()


def test_a_build_is_done_while_its_wheel_is_sound_and_to_do_again_when_it_is_damaged(tmp_path: Path) -> None:
    listener = _Listener()
    run = _finished_build(tmp_path, _pure(tmp_path), listener)
    done = run.done()
    assert done is not None
    _damage(done.path)
    assert replace(run, services=_services(tmp_path, listener)).done() is None
    assert listener.warnings == [f"{done.filename} was damaged in the store; it is dropped and built again"]
    assert not done.path.exists()


def test_a_file_that_two_wheels_bring_with_different_bytes_is_told_and_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = {
        name: wheel(tmp_path, {"tests/test_it.py": name.encode()}, name=name, tag="py3-none-any")
        for name in ("one", "two")
    }
    plan = _plan(tmp_path, wheels)
    told = (
        f"{AARCH64.id}: cannot install file 'tests/test_it.py': one-1.0-py3-none-any.whl and two-1.0-py3-none-any.whl both "
        "bring it, with different content; leave one of them out"
    )
    for _ in range(2):
        listener = _Listener()
        services = _services(tmp_path, listener)
        ensure_wheels(plan, base=tmp_path, targets=plan.targets, services=services)
        assert [sentence for sentence in listener.warnings if "bring" in sentence] == [told]
        monkeypatch.setattr(
            "crosswheel.act.files_at_odds.opened_wheels", None
        )  # the second time none is opened
    monkeypatch.undo()
    plan = _plan(tmp_path, {"one": wheels["one"], "demo": _pure(tmp_path)})
    listener = _Listener()
    ensure_wheels(plan, base=tmp_path, targets=plan.targets, services=_services(tmp_path, listener))
    assert [sentence for sentence in listener.warnings if "bring" in sentence] == []
