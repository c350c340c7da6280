"""What is built, with what the configuration says of it: the lock's packages, and build requirements."""

from __future__ import annotations

from pathlib import Path

from crosswheel.act.planning.build_subjects import BuildSubjects
from crosswheel.act.planning.plan_inputs import PlanRequest
from crosswheel.decide.configuration.policy import parse_policy
from crosswheel.decide.selection.selection import SelectedPackage, Selection
from lock_texts import locked_file
from plan_values import AMD64, ARM64

LOCKED = SelectedPackage(name="numpy", version="2.0", sdist=locked_file("numpy-2.0.tar.gz"))
ELSEWHERE = SelectedPackage(name="numpy", version="2.0", sdist=locked_file("numpy-2.0.zip"))
PREBUILT = SelectedPackage(name="idna", version="3.10", wheel=locked_file("idna-3.10-py3-none-any.whl"))
POLICY = b"""
[packages.numpy]
environment = { A = "1" }
[packages.numpy.targets.linux_amd64]
environment = { B = "2" }
"""


def subjects() -> BuildSubjects:
    return BuildSubjects(
        request=PlanRequest(
            lock=Path("pylock.toml"), targets=(ARM64,), folder=Path(), build_platforms=(AMD64.platform,)
        ),
        policy=parse_policy(POLICY, name="crosswheel.toml"),
        selections=(Selection(target=ARM64, packages=(PREBUILT, LOCKED)),),
    )


def test_what_has_an_sdist_is_built() -> None:
    (numpy,) = subjects().of_selection(subjects().selections[0])
    assert (numpy.package, numpy.target, numpy.policy.environment) == (LOCKED, ARM64, {"A": "1"})


def test_a_build_requirement_that_the_lock_has_built_for_the_same_target_is_the_locks() -> None:
    numpy = subjects().required(ELSEWHERE, ARM64, False)
    assert (numpy.package, numpy.sdist.filename, numpy.native) == (LOCKED, "numpy-2.0.tar.gz", False)


def test_another_target_or_release_is_a_build_of_its_own() -> None:
    here = subjects().required(ELSEWHERE, AMD64, True)
    assert (here.package, here.native, here.policy.environment) == (ELSEWHERE, True, {"A": "1", "B": "2"})
    newer = SelectedPackage(name="numpy", version="2.1", sdist=locked_file("numpy-2.1.tar.gz"))
    assert subjects().required(newer, ARM64, False).package == newer
