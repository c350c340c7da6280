"""Putting a plan together from what was decided."""

from __future__ import annotations

from dataclasses import replace

from crosswheel.decide.configuration.policy import parse_policy
from crosswheel.decide.planning.planner import SOURCE_DATE_EPOCH, ResolvedBuild, TargetChoice, assemble_plan
from crosswheel.decide.plans.plan import BuildEnvironment, HeadersPin, PlannedWheel
from crosswheel.decide.plans.plan_json import plan_from_json, plan_to_json
from crosswheel.decide.selection.selection import SelectedPackage, Selection
from lock_texts import locked_file
from plan_values import AMD64, ARM64, artifact, digest

WHEEL = SelectedPackage(name="a", version="1", wheel=locked_file("a-1-py3-none-any.whl"))
SDIST = SelectedPackage(
    name="b",
    version="2",
    sdist=locked_file("b-2.tar.gz"),
    oracle=locked_file("b-2-cp311-cp311-win_amd64.whl"),
)
POLICY = parse_policy(
    b"""
[packages.a]
accept = ["no-record"]
[packages.b]
accept = ["extra-file:x", "bare-suffix"]
accept-build-facts = true
config-settings = { jobs = "2" }
environment = { B = "1" }
build-requires = ["wheel"]
""",
    name="crosswheel.toml",
)
RESOLVED = ResolvedBuild(
    inputs=digest("inputs"),
    backend="flit_core.buildapi",
    requires=("flit-core",),
    environments={
        AMD64.id: BuildEnvironment(
            requirements=(digest("flit_core-4-py3-none-any.whl"),), toolchain=digest("ziglang-1.whl")
        )
    },
    artifacts=(artifact("flit_core-4-py3-none-any.whl", "flit-core"), artifact("ziglang-1.whl", "ziglang")),
)
HEADERS = HeadersPin(source="build-python", python_version="3.11.7", sha256=digest("headers"))


def choice(*packages: SelectedPackage) -> TargetChoice:
    return TargetChoice(
        selection=Selection(target=ARM64, packages=packages),
        builds={"b": RESOLVED},
        description=digest("description"),
        headers=HEADERS,
    )


def test_a_prebuilt_wheel_is_an_artifact_of_its_project() -> None:
    plan = assemble_plan([choice(WHEEL)], policy=POLICY, inputs={})
    (wheel,) = plan.targets[0].wheels
    assert wheel.artifact is not None
    found = plan.artifacts[wheel.artifact]
    assert (found.filename, found.project, found.url) == (
        "a-1-py3-none-any.whl",
        "a",
        "https://index.example/a-1-py3-none-any.whl",
    )


def test_a_build_carries_what_the_policy_says_of_it() -> None:
    plan = assemble_plan([choice(SDIST)], policy=POLICY, inputs={})
    build = plan.builds["b-2-cp311-linux_aarch64_glibc_2_28"]
    assert plan.targets[0].wheels == (PlannedWheel(name="b", version="2", build=build.id),)
    assert (build.config_settings, build.environment) == ({"jobs": "2"}, {"B": "1"})
    assert build.listed == {"build-requires": ("wheel",)}
    assert (build.accept, build.accept_build_facts) == (("bare-suffix", "extra-file:x"), True)
    assert build.oracle == locked_file("b-2-cp311-cp311-win_amd64.whl").sha256


def test_findings_accepted_on_prebuilt_wheels_are_kept_by_project() -> None:
    assert assemble_plan([choice(WHEEL, SDIST)], policy=POLICY, inputs={}).accept == {"a": ("no-record",)}


def test_what_the_plan_itself_was_asked_to_accept_is_no_finding_for_the_check() -> None:
    policy = parse_policy(b'[packages.b]\naccept = ["build-machine-headers"]\n', name="crosswheel.toml")
    (build,) = assemble_plan([choice(SDIST)], policy=policy, inputs={}).builds.values()
    assert build.accept == ()


def test_everything_a_plan_names_is_in_it() -> None:
    plan = assemble_plan([choice(WHEEL, SDIST)], policy=POLICY, inputs={"lock": digest("lock")})
    assert plan_from_json(plan_to_json(plan), name="p") == plan


def test_the_clock_is_fixed() -> None:
    assert assemble_plan([], policy=POLICY, inputs={}).source_date_epoch == SOURCE_DATE_EPOCH == 315532800


def test_one_file_at_two_places_gives_one_artifact_whatever_the_order() -> None:
    wheel = locked_file("a-1-py3-none-any.whl")
    local = SelectedPackage(name="a", version="1", wheel=replace(wheel, url=None, path="a.whl"))
    sized = SelectedPackage(name="a", version="1", wheel=replace(wheel, size=3))
    choices = [choice(WHEEL), choice(local), choice(sized)]
    plans = [assemble_plan(order, policy=POLICY, inputs={}) for order in (choices, choices[::-1])]
    assert plans[0].artifacts == plans[1].artifacts
    assert plans[0].artifacts[wheel.sha256].size == 3
