"""Which headers a plan pins, and how another machine gets them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.building.build_python import find_build_python
from crosswheel.act.fetching.fetch_settings import FetchSettings
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.planned_build import PlannedBuildRun
from crosswheel.act.planning.headers_choice import ChosenHeaders, HeadersChooser, configured_headers
from crosswheel.act.reporter import SilentReporter
from crosswheel.act.services import services_with
from crosswheel.act.storage.store import Store
from crosswheel.act.target_python.load_description import load_description
from crosswheel.decide.configuration.headers_sources import headers_source_for
from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.decide.plans.plan import BuildEnvironment, HeadersPin, Plan, PlannedTarget
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import BuildPythonError, InputError
from crosswheel.values.python_abi import PythonAbi
from plan_values import AMD64, ARM64, whole_build
from python_trees import write_debian_tree


def choose(tmp_path: Path, source: str, folder: Path | None = None) -> ChosenHeaders:
    chooser = HeadersChooser(
        store=Store(tmp_path / "store"),
        settings=FetchSettings(),
        reporter=SilentReporter(),
        folder=folder or tmp_path,
    )
    build_python = find_build_python(PythonAbi(major=3, minor=11))
    return chooser.choose(ARM64, source, description=load_description(ARM64), build_python=build_python)


def test_the_build_pythons_headers_are_made_again_where_they_are_needed(tmp_path: Path) -> None:
    chosen = choose(tmp_path, "build-python")
    assert (chosen.pin.source, chosen.artifact, chosen.files) == ("build-python", None, {})
    assert chosen.pin.python_version.startswith("3.11.")
    assert digest_of(chosen.pack.read_bytes()) == chosen.pin.sha256


def test_headers_of_a_real_target_python_are_packed_beside_the_plan(tmp_path: Path) -> None:
    write_debian_tree(tmp_path / "debian", ARM64.id)
    chosen = choose(tmp_path, str(tmp_path / "debian"))
    assert chosen.artifact is not None
    ((path, data),) = chosen.files.items()
    assert path == f"headers/{ARM64.id}-{chosen.pin.sha256.hex[:12]}.tar"
    assert (chosen.pin.source, chosen.artifact.path, chosen.artifact.sha256) == (
        "artifact",
        path,
        digest_of(data),
    )


def test_a_pack_is_used_as_it_is(tmp_path: Path) -> None:
    write_debian_tree(tmp_path / "debian", ARM64.id)
    ((_, data),) = choose(tmp_path, str(tmp_path / "debian")).files.items()
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "arm64.tar").write_bytes(data)
    chosen = choose(tmp_path, str(tmp_path / "packs" / "arm64.tar"), tmp_path / "plans")
    assert chosen.files == {}
    assert chosen.artifact is not None
    assert (chosen.artifact.path, chosen.artifact.sha256) == ("../packs/arm64.tar", digest_of(data))


def test_a_source_on_the_web_needs_a_hash(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        choose(tmp_path, "https://files.example/python.tar.gz")
    assert str(caught.value) == (
        "cannot fetch headers 'https://files.example/python.tar.gz': its SHA-256 is not given, "
        "so nothing says which file is meant; write URL#sha256=DIGEST"
    )


@pytest.mark.parametrize("source", ["", "no/such/place"])
def test_a_place_that_is_not_there_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(InputError) as caught:
        choose(tmp_path, source)
    assert str(caught.value) == (
        f"cannot read headers '{source}': there is no such file or folder; "
        "give build-python, or a path or URL of headers"
    )


@pytest.mark.parametrize(
    ("sources", "chosen"),
    [
        ((), "build-python"),
        (("packs/a.tar",), "packs/a.tar"),
        (("a.tar", "linux_arm64=b.tar"), "b.tar"),
        (("linux_arm64=b.tar", "a.tar"), "b.tar"),
        (("linux_amd64=b.tar",), "build-python"),
        (("a.tar", "b.tar"), "b.tar"),
        (("https://files.example/a.tar#sha256=00",), "https://files.example/a.tar#sha256=00"),
    ],
)
def test_a_source_for_one_target_goes_before_one_for_all(sources: tuple[str, ...], chosen: str) -> None:
    assert headers_source_for(ARM64, sources) == chosen


@pytest.mark.parametrize(
    ("options", "configured", "chosen"),
    [
        ((), ("linux_arm64=b.tar",), "b.tar"),
        (("a.tar",), ("linux_arm64=b.tar",), "a.tar"),
        (("linux_amd64=a.tar",), ("b.tar",), "b.tar"),
        (("linux_arm64=build-python",), ("linux_arm64=b.tar",), "build-python"),
    ],
)
def test_what_the_command_says_goes_before_the_configuration(
    options: tuple[str, ...], configured: tuple[str, ...], chosen: str
) -> None:
    assert headers_source_for(ARM64, options, configured) == chosen


def test_paths_of_the_configuration_are_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "arm64.tar").touch()
    said = ("linux_arm64=arm64.tar", "build-python", "linux_amd64=https://files.example/a.tar#sha256=00")
    assert configured_headers(Policy(headers=said), tmp_path) == (
        f"linux_arm64={tmp_path}/arm64.tar",
        *said[1:],
    )


def test_a_target_of_another_c_library_is_another_target() -> None:
    old = parse_target_id("cp311-linux_aarch64_glibc_2_17")
    assert headers_source_for(old, ("linux_arm64=a.tar",)) == "build-python"
    assert headers_source_for(AMD64, ("linux_arm64=a.tar",)) == "build-python"


def test_other_headers_than_the_plans_are_refused_with_what_each_executor_is_told(tmp_path: Path) -> None:
    python = find_build_python(PythonAbi(major=3, minor=11))
    pin = HeadersPin(source="build-python", python_version="3.11.99", sha256=digest_of(b"other"))
    here = Target(python=ARM64.python, platform=build_machine_platform())
    build = replace(
        whole_build(),
        environments={here.id: BuildEnvironment(requirements=(), toolchain=None)},
        overlays=(),
    )
    plan = Plan(
        inputs={},
        source_date_epoch=0,
        artifacts={},
        builds={build.id: build},
        targets=(PlannedTarget(target=ARM64, headers=pin),),
    )
    services = services_with(
        cache_dir=tmp_path / "store",
        sandbox="none",
        settings=FetchSettings(),
        reporter=SilentReporter(),
        build_python=None,
        jobs=1,
    )
    files = {build.sdist: tmp_path / "sdist"}
    with pytest.raises(BuildPythonError) as caught:
        PlannedBuildRun(build=build, plan=plan, base=tmp_path, services=services).ready(files)
    assert caught.value.fix == (
        "build with Python 3.11.99 (--build-python; a registered `build_pythons` in Bazel, `buildPython` in Nix), "
        f"or plan again with --build-python {python.executable}"
    )
