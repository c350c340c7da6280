"""What ``crosswheel init`` says of a project that is a package, and of the members of a workspace."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crosswheel.act.planning.plan_options import PlanOptions, complete_request
from crosswheel.command_line.main import main
from lock_projects import PACKAGE, SAID, enter_lock_project


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with a lock, as the working directory, and a store of its own."""
    project = enter_lock_project(tmp_path, monkeypatch)
    (project / "pyproject.toml").write_text(PACKAGE)
    return project


def test_a_package_is_planned_with_what_its_lock_names(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text(PACKAGE)
    assert main(["init", *SAID, "--no-plan"]) == 0
    line = "projects .  (pyproject.toml makes this folder a package)\n"
    assert line in capsys.readouterr().out
    assert tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["crosswheel"]["projects"] == ["."]
    (folder / "pyproject.toml").write_text(PACKAGE)
    assert main(["init", *SAID, "--no-project"]) == 0
    assert "projects" not in capsys.readouterr().out
    assert "projects" not in (folder / "pyproject.toml").read_text()


def test_a_package_beside_a_configuration_is_planned_unless_that_chose_what_to_plan_for(folder: Path) -> None:
    table = "[tool.crosswheel.packages.idna]\nbuild = false\n"
    (folder / "pyproject.toml").write_text(PACKAGE + table)
    assert main(["init", *SAID, "--no-plan"]) == 0
    assert tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["crosswheel"]["projects"] == ["."]
    (folder / "pyproject.toml").write_text(PACKAGE + table + "[tool.crosswheel]\ntargets = ['linux_arm64']\n")
    assert main(["init", "--no-plan"]) == 0
    assert "projects" not in (folder / "pyproject.toml").read_text()


def test_a_package_without_a_version_is_not_planned_and_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text(PACKAGE.replace("version = '1'", "dynamic = ['version']"))
    assert main(["init", *SAID]) == 0
    told = capsys.readouterr()
    assert "projects" not in told.out
    assert (
        "the project itself is a package, but is not planned, as pyproject.toml says no name and version"
        in told.err
    )


def test_members_of_a_workspace_are_planned_and_the_configuration_keeps_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text("[project]\nname = 'demo'\nversion = '1'\n")
    member = folder / "packages" / "part"
    member.mkdir(parents=True)
    (member / "pyproject.toml").write_text(PACKAGE.replace("demo", "part"))
    (folder / "pylock.toml").unlink()
    (folder / "uv.lock").write_text(
        "version = 1\nrequires-python = '>=3.11'\n[[package]]\nname = 'demo'\nsource = { virtual = '.' }\n"
        "dependencies = [{ name = 'part' }]\n"
        "[[package]]\nname = 'part'\nversion = '1'\nsource = { editable = 'packages/part' }\n"
    )
    assert main(["init", *SAID, "--no-plan"]) == 0
    assert "projects packages/part  (uv.lock has it as a folder)\n" in capsys.readouterr().out
    request = complete_request(PlanOptions(lock=folder / "uv.lock"))
    assert request.projects == (folder / "packages/part",)
    assert complete_request(PlanOptions(lock=folder / "uv.lock", projects=(Path("x"),))).projects == (
        Path("x"),
    )
    assert main(["init", str(member)]) == 3
    assert (
        "but that of its workspace in .; begin there: `crosswheel init --project packages/part`"
        in capsys.readouterr().err
    )


def test_bazel_gets_no_test_of_a_plan_with_folders(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pyproject.toml").write_text(PACKAGE)
    assert main(["init", *SAID, "--bazel", "--no-plan"]) == 0
    assert "Bazel gets no test of the plan" in capsys.readouterr().err
    assert "plan_test" not in (folder / "BUILD.bazel").read_text()
    assert "plan_update" not in (folder / "MODULE.bazel").read_text()


@pytest.fixture
def workspace(folder: Path) -> Path:
    """A workspace of two services without a project at its root."""
    (folder / "pylock.toml").unlink()
    (folder / "pyproject.toml").write_text("[tool.uv.workspace]\nmembers = ['services/*']\n")
    for name, text in (("web", PACKAGE.replace("demo", "web")), ("job", "[project]\nname = 'job'\n")):
        (folder / "services" / name).mkdir(parents=True)
        (folder / "services" / name / "pyproject.toml").write_text(text)
    (folder / "uv.lock").write_text(
        "version = 1\nrequires-python = '>=3.11'\n[manifest]\nmembers = ['job', 'web']\n"
        "[[package]]\nname = 'job'\nversion = '1'\nsource = { virtual = 'services/job' }\n"
        "[[package]]\nname = 'web'\nversion = '1'\nsource = { editable = 'services/web' }\n"
    )
    return folder


def test_a_member_without_a_lock_says_what_plans_for_it(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(workspace / "services/web")
    assert main(["init"]) == 3
    assert "begin there: `crosswheel init ../.. --project .`" in capsys.readouterr().err
    assert main(["init", "../..", "--project", ".", "--no-plan"]) == 0
    assert "projects services/web  (as you said)\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("context", "application"),
    [("COPY . .\n", "services/job/:/srv"), ("COPY services/job pyproject.toml ./\n", "services/job/:/srv")],
)
def test_of_the_member_that_is_planned_for_the_dockerfile_says_how_it_runs(
    workspace: Path, context: str, application: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "Dockerfile").write_text("FROM --platform=linux/s390x python:3.12\nCMD other\n")
    (workspace / "services/web/Dockerfile").write_text(
        "FROM --platform=linux/arm64 python:3.11\nEXPOSE 80\nCMD ['web']\n".replace("'", '"')
    )
    (workspace / "services/job/Dockerfile").write_text(
        f"FROM python:3.11\nWORKDIR /srv\n{context}CMD python main.py\n"
    )
    assert main(["init", "--no-plan", "--dry-run", "--project", "services/web"]) == 0
    told = capsys.readouterr()
    assert "targets  linux_arm64  (services/web/Dockerfile says so)\n" in told.out
    assert " --changes-often web --port 80 --cmd web -o image/\n" in told.out
    assert main(["init", "--no-plan", "--dry-run", "--project", "services/job"]) == 0
    assert f" --app {application} --cmd 'python main.py' -o image/\n" in capsys.readouterr().out


def test_dockerfiles_of_members_that_are_not_chosen_are_read_where_there_is_one(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "services/web/Dockerfile").write_text("FROM --platform=linux/s390x python:3.11\n")
    assert main(["init", "--no-plan", "--dry-run"]) == 0
    told = capsys.readouterr()
    assert "targets  linux_s390x  (services/web/Dockerfile says so)\n" in told.out
    assert " --changes-often web --entrypoint serve -o image/\n" in told.out
    (workspace / "services/job/Dockerfile").write_text("FROM --platform=linux/arm64 python:3.11\n")
    assert main(["init", "--no-plan", "--dry-run"]) == 0
    told = capsys.readouterr()
    assert "services/job and services/web have Dockerfiles of their own, which are not read" in told.err
    assert "targets  linux_arm64, linux_amd64  (nothing says where it runs" in told.out
    (workspace / "Dockerfile").write_text("FROM --platform=linux/s390x python:3.11\n")
    assert main(["init", "--no-plan", "--dry-run"]) == 0
    told = capsys.readouterr()
    assert "Dockerfiles of their own" not in told.err
    assert "targets  linux_s390x  (Dockerfile says so)\n" in told.out
