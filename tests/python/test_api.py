"""The Python API on wheels that need no network: the same pieces as the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import crosswheel
from checked_wheels import wheel
from crosswheel.act.storage.store import digest_of_file
from lock_texts import HEAD


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    made = wheel(tmp_path / "wheels", {"demo/__init__.py": b"answer = 42\n"}, tag="py3-none-any")
    path = tmp_path / "pylock.toml"
    path.write_text(
        HEAD + '[[packages]]\nname = "demo"\nversion = "1.0"\n'
        f'wheels = [{{ path = "wheels/{made.name}", hashes = {{ sha256 = "{digest_of_file(made)}" }} }}]\n'
    )
    return path


@pytest.fixture
def session(tmp_path: Path) -> crosswheel.Session:
    return crosswheel.Session(cache_dir=tmp_path / "store", working_directory=tmp_path)


def test_a_lock_becomes_a_plan_a_repository_and_a_tree(lock: Path, session: crosswheel.Session) -> None:
    folder = lock.parent
    result = crosswheel.plan(lock, targets=["linux_arm64"], python="3.12", session=session)
    crosswheel.write_plan(result, folder / "wheels.plan.json")
    plan = crosswheel.read_plan(folder / "wheels.plan.json")
    assert plan == result.plan
    (repository,) = crosswheel.build(plan, output=folder / "dist", base=folder, session=session)
    assert repository.path.name == "cp312-linux_aarch64_glibc_2_28"
    crosswheel.install(plan, target="linux_arm64", destination=folder / "site", base=folder, session=session)
    assert (folder / "site/demo/__init__.py").read_text() == "answer = 42\n"


def test_writing_the_same_plan_again_changes_nothing(lock: Path, session: crosswheel.Session) -> None:
    place = lock.parent / "wheels.plan.json"
    written = [
        crosswheel.write_plan(
            crosswheel.plan(lock, targets=["linux_arm64"], session=session, plan_path=place), place
        )
        for _ in range(2)
    ]
    assert written == [True, False]


def test_explain_answers_by_target(lock: Path, session: crosswheel.Session) -> None:
    told = crosswheel.explain(lock, "Demo", targets=["linux_arm64"], python="3.12", session=session)
    assert list(told) == ["cp312-linux_aarch64_glibc_2_28"]
    assert "demo-1.0-py3-none-any.whl" in told["cp312-linux_aarch64_glibc_2_28"]


def test_check_reports_one_wheel_each(lock: Path) -> None:
    (report,) = crosswheel.check(list((lock.parent / "wheels").iterdir()), target="linux_arm64")
    assert not report.refused


def test_a_target_the_plan_does_not_hold_is_refused(lock: Path, session: crosswheel.Session) -> None:
    result = crosswheel.plan(lock, targets=["linux_arm64"], python="3.12", session=session)
    with pytest.raises(
        crosswheel.CrosswheelError, match="what is there is for cp312-linux_aarch64_glibc_2_28"
    ):
        crosswheel.build(result.plan, output=lock.parent / "dist", targets=["linux_amd64"], session=session)
