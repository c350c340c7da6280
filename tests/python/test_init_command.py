"""``crosswheel init`` on projects that need neither network nor builds."""

from __future__ import annotations

import ast
import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from crosswheel.act.storage.output_files import files_together
from crosswheel.command_line.main import main
from crosswheel.render.starter_files import BAZEL_CPUS
from crosswheel.values.errors import OutputError
from lock_projects import LOCK, PACKAGE, SAID, enter_lock_project
from lock_texts import package
from starlark_files import ROOT

PYPROJECT = '# mine\n[project]\nname = "demo"   # kept\nversion = "1"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a lock, as the working directory, and a store of its own."""
    project = enter_lock_project(tmp_path, monkeypatch)
    (project / "pyproject.toml").write_text(PYPROJECT)
    return project


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_project_gets_a_configuration_and_a_plan_that_is_current(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "Dockerfile").write_text("FROM --platform=linux/arm64 python:3.11-slim\n")
    assert main(["init"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "lock     pylock.toml  (it is there)",
        "python   3.11  (Dockerfile says so)",
        "targets  linux_arm64  (Dockerfile says so)",
        "wrote    pyproject.toml",
        "wrote    wheels.plan.json: 1 target, 1 wheel, 0 of them built here",
        "next     crosswheel build wheels.plan.json -o dist/",
        "next     crosswheel image lock -o base.lock.json",
        "next     crosswheel image wheels.plan.json --base base.lock.json -o image/",
    ]
    text = (folder / "pyproject.toml").read_text()
    assert text == PYPROJECT + '\n[tool.crosswheel]\ntargets = ["linux_arm64"]\npython = "3.11"\n'
    assert main(["plan", "pylock.toml", "--check"]) == 0


@pytest.mark.parametrize(
    ("files", "following"),
    [
        ({"src/app.py": ""}, ["image wheels.plan.json --base base.lock.json --app src/ -o image/"]),
        (
            {"pyproject.toml": PACKAGE},
            [
                "image wheels.plan.json --base base.lock.json --changes-often demo --entrypoint serve -o image/"
            ],
        ),
        (
            {
                "pyproject.toml": PACKAGE,
                "Dockerfile": 'ENTRYPOINT ["serve", "--all"]\nCMD ["--port", "80"]\n',
            },
            [
                "image wheels.plan.json --base base.lock.json --changes-often demo --entrypoint 'serve --all' --cmd='--port 80' -o image/"
            ],
        ),
        (
            {"src/app.py": "", "Dockerfile": "FROM python:3.11\nCMD python app.py > $LOG\n"},
            [
                """image wheels.plan.json --base base.lock.json --app src/ --cmd '["/bin/sh", "-c", "python app.py > $LOG"]' -o image/"""
            ],
        ),
        ({"Dockerfile": "FROM python:3.11-alpine\n"}, ["build wheels.plan.json -o dist/"]),
        ({"Dockerfile": "FROM python:3.12\n"}, ["build wheels.plan.json -o dist/"]),
        (
            {"template.yaml": "Runtime: python3.13\nArchitectures: [arm64]\n"},
            ["lambda wheels.plan.json --target linux_arm64 -o dist/layer.zip"],
        ),
    ],
)
def test_what_comes_next_ends_with_what_runs(
    folder: Path, files: dict[str, str], following: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    assert main(["init", "--no-plan"]) == 0
    told = capsys.readouterr()
    lines = re.findall("next +crosswheel (.*)", told.out)
    assert lines[-1:] == following
    assert ("image lock` makes no base of images" in told.err) is (following[0].startswith("build"))


def test_a_pipeline_that_makes_images_says_where_they_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".github" / "workflows").mkdir(parents=True)
    (folder / ".github" / "workflows" / "image.yml").write_text("with:\n  platforms: linux/arm64\n")
    assert main(["init", "--no-plan", "--python", "3.11"]) == 0
    assert "targets  linux_arm64  (.github/workflows/image.yml says so)\n" in capsys.readouterr().out


def test_what_is_left_out_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "compose.yaml").write_text("platforms: [linux/s390x, linux/arm/v6]\n")
    assert main(["init", "--no-plan"]) == 0
    told = capsys.readouterr()
    assert "targets  linux_s390x  (compose.yaml says so)\n" in told.out
    assert "linux/arm/v6, which compose.yaml names, is left out: " in told.err


def test_a_table_that_a_file_of_its_own_goes_before_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "crosswheel.toml").write_text('targets = ["linux_arm64"]\npython = "3.11"\n')
    assert main(["plan", "pylock.toml"]) == 0
    assert "is not read" not in capsys.readouterr().err
    (folder / "pyproject.toml").write_text(PYPROJECT + "[tool.crosswheel]\npython = '3.12'\n")
    assert main(["plan", "pylock.toml"]) == 0
    assert (
        "[tool.crosswheel] of pyproject.toml is not read, for crosswheel.toml is there"
        in capsys.readouterr().err
    )


def test_quiet_says_nothing_and_what_comes_next_can_be_pasted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spaced = folder.rename(folder.with_name("my shop"))
    assert main(["init", str(spaced), *SAID, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["init", str(spaced), "--force"]) == 0
    assert f"next     crosswheel build '{spaced}/wheels.plan.json' -o dist/" in capsys.readouterr().out


@pytest.mark.parametrize("before", ["", "[project]\r\nname = 'x'\r\n", "[project]\nname = 'x'"])
def test_a_pyproject_keeps_its_text_and_its_ends_of_lines(folder: Path, before: str) -> None:
    path = folder / "pyproject.toml"
    path.write_bytes(before.encode())
    assert main(["init", *SAID, "--no-plan"]) == 0
    after = path.read_bytes().decode()
    assert after.startswith(before)
    assert tomllib.loads(after)["tool"]["crosswheel"] == {"targets": ["linux_arm64"], "python": "3.11"}
    assert after.count("\r\n") in {0, after.count("\n")}


HEADERS = 'headers = ["linux_arm64=headers.linux_arm64.tar"]'


def test_without_a_pyproject_there_is_a_file_of_its_own(folder: Path) -> None:
    (folder / "pyproject.toml").unlink()
    assert main(["init", str(folder), *SAID]) == 0
    assert (folder / "crosswheel.toml").read_text() == 'targets = ["linux_arm64"]\npython = "3.11"\n'
    assert names(folder) == ["crosswheel.toml", "pylock.toml", "wheels.plan.json"]


def test_a_dry_run_writes_nothing_and_says_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", *SAID, "--bazel", "--nix", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["would_write"] == [
        *("pyproject.toml", "MODULE.bazel", "BUILD.bazel", "flake.nix", "headers.linux_arm64.tar"),
        "wheels.plan.json",
    ]
    assert told["written"] == []
    assert names(folder) == ["pylock.toml", "pyproject.toml"]


def test_what_is_there_is_replaced_only_when_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "BUILD.bazel").write_text("# mine\n")
    assert main(["init", *SAID, "--bazel"]) == 12
    assert (
        "cannot write file 'BUILD.bazel': it is there already; --force replaces it" in capsys.readouterr().err
    )
    assert names(folder) == ["BUILD.bazel", "pylock.toml", "pyproject.toml"]
    assert (folder / "pyproject.toml").read_text() == PYPROJECT
    assert main(["init", *SAID, "--bazel", "--force"]) == 0
    assert "plan_test" in (folder / "BUILD.bazel").read_text()


def test_the_flake_of_the_template_is_the_one_that_is_wanted(folder: Path) -> None:
    template = (ROOT / "rules" / "nix" / "template" / "flake.nix").read_bytes()
    (folder / "flake.nix").write_bytes(template)
    assert main(["init", *SAID, "--nix", "--no-plan"]) == 0
    assert (folder / "flake.nix").read_bytes() == template
    (folder / "flake.nix").write_bytes(template + b"# mine\n")
    assert main(["init", *SAID, "--nix", "--no-plan"]) == 12


def test_a_plan_that_cannot_be_made_leaves_nothing(folder: Path) -> None:
    refused = package("own", "1", "own-1-cp311-cp311-win_amd64.whl")
    (folder / "pylock.toml").write_text(LOCK + refused)
    assert main(["init", *SAID, "--bazel"]) == 4
    assert names(folder) == ["pylock.toml", "pyproject.toml"]
    assert (folder / "pyproject.toml").read_text() == PYPROJECT


def test_a_configuration_that_is_there_stays_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = PYPROJECT + '[tool.crosswheel]\ntargets = ["win_amd64"]  # ours\npython = "3.12"\n'
    (folder / "pyproject.toml").write_text(own)
    assert main(["init"]) == 0
    out = capsys.readouterr().out
    assert "targets  win_amd64  (pyproject.toml says so)\nkept     pyproject.toml\n" in out
    assert (folder / "pyproject.toml").read_text() == own
    assert main(["init", "--force", "--target", "linux_arm64"]) == 3
    assert (
        "its configuration says other targets, and init changes nothing that is there"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (
            "pyproject.toml",
            "[tool.crosswheel]  # ours\nbuild-constraints = ['cython<4']\n\n[tool.x]\n",
            '[tool.crosswheel]  # ours\n+build-constraints = [\'cython<4\']\n\n[tool.x]\n',
        ),
        ("pyproject.toml", "[tool.crosswheel]\r\nrust = '1.90.0'\r\n", "[tool.crosswheel]\r\n+rust = '1.90.0'\r\n"),
        ("pyproject.toml", "[tool.crosswheel]", "[tool.crosswheel]\n+"),
        (
            "pyproject.toml",
            "[tool.crosswheel.packages.idna]\nbuild = false\n",
            "[tool.crosswheel.packages.idna]\nbuild = false\n\n[tool.crosswheel]\n+",
        ),
        (
            "pyproject.toml",
            '[tool.x]\ntext = """\n[tool.crosswheel]\n"""\n[tool.crosswheel]\n',
            '[tool.x]\ntext = """\n[tool.crosswheel]\n"""\n[tool.crosswheel]\n+',
        ),
        ("crosswheel.toml", "", "+"),
        ("crosswheel.toml", "# a\n[packages.idna]\nbuild = false\n", "+\n# a\n[packages.idna]\nbuild = false\n"),
        (
            "crosswheel.toml",
            "# of the shop\n\nrust = '1.90.0'\n[packages.idna]\n",
            "# of the shop\n\n+rust = '1.90.0'\n[packages.idna]\n",
        ),
    ],
)  # fmt: skip
def test_a_configuration_without_targets_gets_them_and_keeps_its_text(
    folder: Path, name: str, before: str, after: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_bytes(before.encode())
    assert main(["init", *SAID]) == 0
    assert f"wrote    {name}\n" in capsys.readouterr().out
    added = 'targets = ["linux_arm64"]\npython = "3.11"\n'
    added = added.replace("\n", "\r\n") if "\r\n" in before else added
    assert (folder / name).read_bytes().decode() == after.replace("+", added)
    assert main(["plan", "pylock.toml", "--check"]) == 0


def test_a_configuration_with_targets_gets_the_python_that_it_lacks(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "crosswheel.toml").write_text('targets = ["win_amd64"]\n')
    assert main(["init", "--python", "3.12"]) == 0
    out = capsys.readouterr().out
    assert "python   3.12  (as you said)\ntargets  win_amd64  (crosswheel.toml says so)\n" in out
    assert (folder / "crosswheel.toml").read_text() == 'python = "3.12"\ntargets = ["win_amd64"]\n'


@pytest.mark.parametrize(
    "before", ["tool.crosswheel.rust = '1.90.0'\n", "[tool]\ncrosswheel = { rust = '1.90.0' }\n"]
)
def test_a_table_that_no_line_can_be_added_to_is_refused_with_the_lines(
    folder: Path, before: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text(before)
    assert main(["init", *SAID]) == 3
    assert capsys.readouterr().err.endswith(
        "lines cannot be added to its table, which is written in another way or has them already, empty; "
        'write there `targets = ["linux_arm64"]` and `python = "3.11"`\n'
    )
    assert (folder / "pyproject.toml").read_text() == before


def test_a_dry_run_says_what_the_run_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["init", *SAID, "--bazel"]
    assert main([*words, "--dry-run"]) == 0
    tried = capsys.readouterr()
    assert names(folder) == ["pylock.toml", "pyproject.toml"]
    assert main(words) == 0
    done = capsys.readouterr()
    added = f'         + targets = ["linux_arm64"]\n         + python = "3.11"\n         + {HEADERS}\n'
    assert tried.out.replace(added, "").replace("write ", "wrote ") == done.out
    assert added in tried.out
    assert "wheels.plan.json: 1 target, 1 wheel, 0 of them built here" in tried.out
    assert tried.err == done.err


def test_a_dry_run_refuses_what_the_run_refuses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = package("own", "1", "own-1-cp311-cp311-win_amd64.whl")
    (folder / "pylock.toml").write_text(LOCK + refused)
    for words in (["--dry-run"], []):
        assert main(["init", *SAID, *words]) == 4
        assert "cannot select a wheel for 'own 1'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("locks", "why"),
    [
        ((), "there is no lock in the folder; make one: "),
        (("pylock.a.toml", "pylock.b.toml"), "there are several locks: pylock.a.toml, pylock.b.toml; choose one, for example --lock pylock.a.toml"),
    ],
)  # fmt: skip
def test_what_init_refuses_names_the_project(
    folder: Path, locks: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pylock.toml").unlink()
    for name in locks:
        (folder / name).write_text(LOCK)
    assert main(["init"]) == 3
    assert f"error: cannot start project 'demo': {why}" in capsys.readouterr().err


def test_a_lock_in_a_folder_of_the_project_is_named_and_taken(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "requirements").mkdir()
    (folder / "requirements" / "notes.txt").write_text("nothing\n")
    (folder / "pylock.toml").rename(folder / "requirements" / "pylock.prod.toml")
    assert main(["init", *SAID]) == 3
    assert capsys.readouterr().err == (
        "error: cannot start project 'demo': there is no lock in the folder itself, but requirements/pylock.prod.toml; "
        "choose one, for example --lock requirements/pylock.prod.toml\n"
    )
    assert main(["init", *SAID, "--lock", "requirements/pylock.prod.toml", "--no-plan"]) == 0
    (command,) = re.findall("next +crosswheel (plan .*)", capsys.readouterr().out)
    assert main(command.split()) == 0


def test_a_lock_that_is_not_there_is_refused_before_anything_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", *SAID, "--lock", "no.toml", "--no-plan"]) == 3
    assert "there is no lock 'no.toml' in it" in capsys.readouterr().err
    assert (folder / "pyproject.toml").read_text() == PYPROJECT


def test_bazel_is_told_of_each_platform(folder: Path) -> None:
    targets = ("linux_arm64", "musllinux_1_2_x86_64", "manylinux2014_aarch64", "macos_arm64", "win_amd64")
    words = [word for target in targets for word in ("--target", target)]
    assert main(["init", *words, "--python", "3.11", "--bazel", "--no-plan"]) == 0
    text = (folder / "BUILD.bazel").read_text()
    assert 'load("@crosswheel//rules/platforms:defs.bzl", "glibc", "macos", "musl")' in text
    for said in ('+ glibc("2.17"),', '+ musl("1.2"),', '+ macos("11.0"),', '"@platforms//os:windows"'):
        assert said in text
    assert 'module(name = "demo")' in (folder / "MODULE.bazel").read_text()


@pytest.mark.parametrize("name", ["BUILD.bazel", "MODULE.bazel", "flake.nix"])
def test_the_files_of_build_systems_are_the_golden_ones(folder: Path, name: str) -> None:
    words = ("--target", "linux_arm64", "--target", "musllinux_1_2_x86_64")
    assert main(["init", *words, "--python", "3.11", "--bazel", "--nix", "--no-plan"]) == 0
    text, golden = (folder / name).read_text(), ROOT / "tests" / "golden" / "starter" / f"{name}.txt"
    if os.environ.get("CROSSWHEEL_UPDATE_GOLDEN"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


def test_what_comes_next_for_a_folder_is_run_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.chdir("..")
    assert main(["init", folder.name, *SAID, "--bazel", "--nix", "--no-plan", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["next"][-2:] == [
        f"cd {folder.name} && bazel build //:repositories",
        f"cd {folder.name} && nix build .#wheels",
    ]


def test_a_flake_in_a_repository_is_built_after_its_files_are_added(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".git").mkdir()
    assert main(["init", *SAID, "--nix", "--no-plan"]) == 0
    told = capsys.readouterr()
    headers = " ".join(sorted(path.name for path in folder.glob("headers.*")))
    assert (
        f"next     git add pyproject.toml flake.nix{f' {headers}' if headers else ''} wheels.plan.json && nix build .#wheels\n"
        in told.out
    )
    assert (
        "note: flake.nix names crosswheel as `flake:crosswheel`: write where you have it from, e.g."
        in told.err
    )


def test_bazels_names_of_architectures_are_those_of_its_rules() -> None:
    text = (ROOT / "rules/private/target_ids.bzl").read_text()
    (table,) = re.findall(r"^CPUS = (\{.*?^\})", text, re.MULTILINE | re.DOTALL)
    assert {arch.value: cpu for arch, cpu in BAZEL_CPUS.items()} == ast.literal_eval(table)


def test_files_written_together_are_taken_back_together(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("before")
    (tmp_path / "folder").mkdir()

    def write_all() -> None:
        with files_together() as together:
            for name in ("old", "new", "folder"):
                together.write(tmp_path / name, b"after")

    with pytest.raises(OutputError):
        write_all()
    assert (tmp_path / "old").read_text() == "before"
    assert names(tmp_path) == ["folder", "old"]
