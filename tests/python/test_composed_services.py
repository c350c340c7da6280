"""Which of a compose file's services say where the project runs."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.act.planning.project_start import StartOptions, prepare_project
from crosswheel.decide.documents.yaml_outline import OutlineError, read_outline
from crosswheel.decide.projects.composed_services import (
    ComposedService,
    built_files,
    compositions,
    named_files,
)
from crosswheel.decide.projects.project_proposal import propose
from crosswheel.values.python_abi import PythonAbi

RUNNING = PythonAbi(major=3, minor=13)
LOCK = {"uv.lock": "version = 1\nrequires-python = '>=3.9'\n"}
ARM, INTEL = "linux_arm64", "linux_amd64"
MUSL_ARM, MUSL_INTEL = "musllinux_1_2_aarch64", "musllinux_1_2_x86_64"
SLIM = "FROM python:3.12-slim\n"
DATABASE = "  db:\n    image: postgres:16-alpine\n    platform: linux/amd64\n"
ALPINE = "services:\n  web:\n    image: python:3.12-alpine\n    command: python app.py\n"
BUILT = "services:\n  web:\n    build: .\n    platform: linux/arm64\n"
BELOW = "services:\n  web:\n    build: {context: svc}\n"
NODE = "FROM node:22\n"


@pytest.mark.parametrize(
    ("files", "python", "targets"),
    [
        ({"compose.yaml": ALPINE}, "3.12", (MUSL_ARM, MUSL_INTEL)),
        ({"compose.yaml": ALPINE + DATABASE}, "3.12", (MUSL_ARM, MUSL_INTEL)),
        ({"compose.yaml": ALPINE, "Dockerfile": NODE}, "3.12", (MUSL_ARM, MUSL_INTEL)),
        ({"compose.yaml": ALPINE, "Dockerfile": "FROM python:3.11\n"}, "3.11", (ARM, INTEL)),
        ({"compose.yaml": ALPINE.replace("3.12", "${V:-3.11}")}, "3.11", (MUSL_ARM, MUSL_INTEL)),
        ({"compose.yaml": "services:\n" + DATABASE}, "3.13", (INTEL,)),
        ({"compose.yaml": BUILT + DATABASE, "Dockerfile": SLIM}, "3.12", (ARM,)),
        ({"compose.yaml": BUILT + DATABASE}, "3.13", (ARM,)),
        (
            {"compose.yaml": BUILT + "  ui:\n    build: ui\n    platform: linux/s390x\n", "Dockerfile": SLIM, "ui/Dockerfile": NODE},
            "3.12",
            (ARM,),
        ),
        ({"compose.yaml": BELOW, "svc/Dockerfile": "FROM --platform=linux/arm64 python:3.12-alpine\n"}, "3.12", (MUSL_ARM,)),
        ({"compose.yaml": BELOW.replace("svc", "svc, dockerfile: ../web.docker"), "web.docker": SLIM}, "3.12", (ARM, INTEL)),
        ({"compose.yaml": BELOW, "other/Dockerfile": SLIM}, "3.13", (ARM, INTEL)),
        (
            {"compose.yaml": BELOW.replace("svc", "svc, args: {V: '3.11'}"), "svc/Dockerfile": "ARG V=3.12\nFROM python:$V\n"},
            "3.11",
            (ARM, INTEL),
        ),
        (
            {"compose.yaml": BELOW.replace("svc", "svc, target: web"), "svc/Dockerfile": f"{SLIM[:-1]} AS web\nFROM python:3.11-alpine\n"},
            "3.12",
            (ARM, INTEL),
        ),
    ],
)  # fmt: skip
def test_the_service_with_python_says_where_it_runs(
    files: dict[str, str], python: str, targets: tuple[str, ...]
) -> None:
    proposal = propose(LOCK | files, project="demo", running=RUNNING)
    assert (proposal.python, proposal.targets) == (python, targets)


INLINE = "services:\n  web:\n    build:\n      dockerfile_inline: |\n        FROM python:3.12-alpine\n        RUN true\n"
PLATFORM = "services:\n  web:\n    platform: linux/s390x\n"


@pytest.mark.parametrize(
    ("files", "python", "targets", "told"),
    [
        ({"compose.yaml": INLINE, "Dockerfile": NODE}, "3.12", (MUSL_ARM, MUSL_INTEL), "compose.yaml says so"),
        (
            {"compose.yaml": INLINE.replace("      dock", "      args: {V: '3.11'}\n      dock").replace("3.12", "$$V")},
            "3.11",
            (MUSL_ARM, MUSL_INTEL),
            "compose.yaml says so",
        ),
        (
            {"compose.yaml": ALPINE + "    platform: linux/arm64\n", "compose.override.yaml": PLATFORM},
            "3.12",
            ("musllinux_1_2_s390x",),
            "compose.yaml with compose.override.yaml says so",
        ),
        (
            {"docker-compose.yml": BUILT, "docker-compose.override.yml": PLATFORM, "Dockerfile": SLIM},
            "3.12",
            ("linux_s390x",),
            "Dockerfile says so",
        ),
        ({"compose.yaml": ALPINE, ".dev.env": "V=3.11\n", ".env": "P=x\n"}, "3.12", (MUSL_ARM, MUSL_INTEL), "compose.yaml says so"),
        (
            {
                "compose.yaml": ALPINE.replace("3.12", "${V:?}") + "    platform: ${P-linux/amd64}\n",
                ".env": "export V='3.11' # ours\nP=linux/${A:-arm64}\n",
            },
            "3.11",
            (MUSL_ARM,),
            "compose.yaml says so",
        ),
        (
            {
                "compose.yaml": "include: [svc/compose.yaml]\nservices:\n" + DATABASE,
                "svc/compose.yaml": "services: {web: {build: {dockerfile: $F}, platform: linux/arm64}}\n",
                "svc/.env": "F=web.docker\n",
                "svc/web.docker": SLIM,
            },
            "3.12",
            (ARM,),
            "svc/web.docker says so",
        ),
        (
            {
                "compose.yaml": "include:\n- path: [a/b.yaml, a/c.yaml]\n  env_file: a/v\n",
                "a/b.yaml": "services: {web: {image: 'python:$V'}}\n",
                "a/c.yaml": PLATFORM,
                "a/v": "V=3.11\n",
            },
            "3.11",
            ("linux_s390x",),
            "compose.yaml with a/b.yaml and a/c.yaml says so",
        ),
        (
            {
                "compose.yaml": "services: {web: {extends: {file: svc/common.yml, service: base}, platform: linux/arm64}}\n",
                "svc/common.yml": "services: {base: {extends: deep}, deep: {build: .}}\n",
                "svc/Dockerfile": SLIM,
                "Dockerfile": NODE,
            },
            "3.12",
            (ARM,),
            "svc/Dockerfile says so",
        ),
        ({"compose.yaml": "include: [compose.yaml, ../x.yaml, /x.yaml, 'oci://x/y']\n" + ALPINE}, "3.12", (MUSL_ARM, MUSL_INTEL), "compose.yaml says so"),
        ({"compose.yaml": "services: {a: {extends: b}, b: {extends: a, image: 'python:3.12', platform: null}}\n"}, "3.12", (ARM, INTEL), "compose.yaml says so"),
    ],
)  # fmt: skip
def test_files_that_compose_puts_together_are_read_together(
    files: dict[str, str], python: str, targets: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    for name, text in {**LOCK, **files}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    proposal = prepare_project(StartOptions(folder=tmp_path, plan=False), version="0").proposal
    assert (proposal.python, proposal.targets, proposal.reasons["python"]) == (python, targets, told)
    assert not proposal.notes


WEB = "services: {web: {build: {context: ., platforms: [linux/amd64, linux/arm64], args: {A: a, B: b}}, platform: linux/arm64}}\n"
TWO = ("linux/amd64", "linux/arm64")
DOCKERFILE = ComposedService(
    file="Dockerfile", arguments={"A": "a", "B": "b"}, platforms=("linux/arm64", "linux/amd64")
)
PYTHON = ComposedService(image="python:3.13-slim")


@pytest.mark.parametrize(
    ("override", "services"),
    [
        ("web: {build: {platforms: [linux/s390x]}}", [replace(DOCKERFILE, platforms=("linux/arm64", "linux/amd64", "linux/s390x"))]),
        ("web: {build: {platforms: !override [linux/s390x]}}", [replace(DOCKERFILE, platforms=("linux/arm64", "linux/s390x"))]),
        ("web: {build: {platforms: !reset []}}", [replace(DOCKERFILE, platforms=("linux/arm64",))]),
        ("web: {build: {platforms: !reset [linux/s390x]}}", [replace(DOCKERFILE, platforms=("linux/arm64",))]),
        ("web: {platform: !reset null}", [replace(DOCKERFILE, platforms=TWO)]),
        ("web: {platform: !override linux/s390x}", [replace(DOCKERFILE, platforms=("linux/s390x", *TWO))]),
        ("web: {build: !reset null, platform: !reset null, image: 'python:3.13-slim'}", [PYTHON]),
        ("web: {build: !override {dockerfile: x}}", [ComposedService(file="x", platforms=("linux/arm64",))]),
        ("web: {build: !override x}", [ComposedService(file="x/Dockerfile", platforms=("linux/arm64",))]),
        ("web: !override {image: 'python:3.13-slim'}", [PYTHON]),
        ("web: !override {extends: db}, db: {image: 'python:3.13-slim'}", [PYTHON, PYTHON]),
        ("web: !reset null", []),
        ("web: !reset {image: x}, db: {image: 'python:3.13-slim'}", [PYTHON]),
        ("web: {build: {args: !override {C: c}}}", [replace(DOCKERFILE, arguments={"C": "c"})]),
        ("web: {build: {args: !reset {}}}", [replace(DOCKERFILE, arguments={})]),
        ("web: {build: {args: {A: !reset null, B: !override c}}}", [replace(DOCKERFILE, arguments={"B": "c"})]),
        ("web: {<<: {platform: !reset null}}", [replace(DOCKERFILE, platforms=TWO)]),
        ("web: {<<: {platform: !reset null}, platform: linux/s390x}", [replace(DOCKERFILE, platforms=("linux/s390x", *TWO))]),
        ("web: {extends: below, platform: !reset null}, below: {platform: linux/s390x}", [replace(DOCKERFILE, platforms=TWO), ComposedService(platforms=("linux/s390x",))]),
        ("web: {command: !reset null}", [DOCKERFILE]),
    ],
)  # fmt: skip
def test_what_a_file_resets_or_overrides_is_not_merged(
    override: str, services: list[ComposedService]
) -> None:
    files = {"compose.yaml": WEB, "compose.override.yaml": f"services: {{{override}}}\n"}
    assert list(compositions(files)["compose.yaml"].services) == services


@pytest.mark.parametrize(
    ("override", "services"),
    [
        ("services: !override {db: {image: 'python:3.13-slim'}}", [PYTHON]),
        ("services: !reset {}", []),
        ("services: {web: {build: !reset null, platform: !reset null}, db: {image: 'python:3.13-slim'}}", [ComposedService(), PYTHON]),
        ("include: !reset [a.yaml]", [DOCKERFILE]),
    ],
)  # fmt: skip
def test_services_and_what_is_included_are_reset_and_overridden(
    override: str, services: list[ComposedService]
) -> None:
    files = {"compose.yaml": "include: [b.yaml]\n", "b.yaml": WEB, "a.yaml": ALPINE}
    assert (
        list(compositions(files | {"compose.override.yaml": override})["compose.yaml"].services) == services
    )


def test_all_that_says_a_target_is_listed() -> None:
    files = {
        **LOCK,
        "compose.yaml": BUILT + "include: [a.yaml]\n",
        "compose.override.yaml": PLATFORM,
        "a.yaml": "{}",
    }
    reasons = propose(
        files | {"Dockerfile": "FROM python:3.12-alpine\n"}, project="demo", running=RUNNING
    ).reasons
    told = "Dockerfile, with compose.yaml, a.yaml and compose.override.yaml, is on Alpine"
    assert reasons["targets"] == told


def test_files_of_compose_are_looked_for_in_the_project_alone() -> None:
    text = "include: [../x.yaml, a/../../y.yaml, 'https://server.example/x.git', b/c.yaml]\n"
    assert set(named_files({"compose.yaml": text})) == {
        *(f"{name}compose.override.{ending}" for name in ("", "docker-") for ending in ("yml", "yaml")),
        *(".env", "b/.env", "b/c.yaml", "compose.yaml"),
    }


def test_a_compose_file_that_is_no_yaml_is_told() -> None:
    files = {**LOCK, "compose.yaml": "services:\n  a: [\n", "Dockerfile": SLIM}
    (note,) = propose(files, project="demo", running=RUNNING).notes
    assert note.startswith("compose.yaml is not read as a compose file: it is no YAML (line 3: ")
    assert not propose(files, project="demo", running=RUNNING, python="3.12", targets=(ARM,)).notes


def test_compose_files_that_lead_far_take_no_time() -> None:
    chain = "".join(f"  a{at}: {{extends: a{at + 1}}}\n" for at in range(3000))
    ring = {f"{at}.yaml": f"include: [{', '.join(f'{to}.yaml' for to in range(9))}]\n" for at in range(9)}
    for files in (
        {"compose.yaml": "services:\n" + chain},
        {"compose.yaml": "include: [0.yaml]\n", **ring},
        {"compose.yaml": "services: {a: {image: '" + "${A:-" * 9000 + "'}}\n"},
    ):
        begin = time.process_time()
        built_files(files)
        assert time.process_time() - begin < 10


def test_what_a_compose_file_builds_below_the_folder_is_read_and_told(tmp_path: Path) -> None:
    for name, text in {**LOCK, "compose.yaml": BELOW, "svc/Dockerfile": SLIM.replace("12", "11")}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/Dockerfile").write_text(SLIM)
    reasons = prepare_project(StartOptions(folder=tmp_path, plan=False), version="0").proposal.reasons
    assert reasons["python"] == "svc/Dockerfile says so"
    assert "no processor is named in svc/Dockerfile, compose.yaml:" in reasons["targets"]


def test_services_are_read_as_people_write_them() -> None:
    text = """
x-common: &common  # shared
  build:
    context: ./api
    args:
    - "A=1"
    - B
    - C=${C}
    platforms: ["linux/arm64", 'linux/amd64']
services:
  api:
    <<: *common
    image: ours/api:${TAG:-1}
    command: |
      build: nothing
        platform: linux/s390x
  worker: {extends: {service: api}, platform: "linux/arm64"}
  remote:
    build: https://server.example/x.git#main
  above:
    build: ../x
  db: {image: 'postgres:16', environment: [A=b, "C: d"]}
"""
    api, worker, remote, above, db = compositions({"compose.yml": text})["compose.yml"].services
    assert api == ComposedService(
        file="api/Dockerfile", arguments={"A": "1"}, platforms=("linux/arm64", "linux/amd64")
    )
    assert (worker.file, worker.platforms) == ("api/Dockerfile", ("linux/arm64", "linux/amd64"))
    assert remote == above == ComposedService()
    assert db == ComposedService(image="postgres:16")
    assert list(built_files({"compose.yml": text, "other.yml": text})) == ["api/Dockerfile"]


@pytest.mark.parametrize(
    ("text", "outline"),
    [
        ("", ""),
        ("a", "a"),
        ("# x\n---\na: b # c\n---\nd: e\n", {"a": "b"}),
        ("a: it's # b\nc: 'd # e'\n", {"a": "it's", "c": "d # e"}),
        ("a:\n- b: c\n  d: e\n-\n  f\n- - g\n", {"a": [{"b": "c", "d": "e"}, "f", ["g"]]}),
        ('"a b": {c: [d,\n  "e, f"], g: }\nh: i\n', {"a b": {"c": ["d", "e, f"], "g": ""}, "h": "i"}),
        ("a: >-\n  b: c\n\n  d\ne: !t &f [g]\nh: *f\n", {"a": "b: c\nd", "e": ["g"], "h": ["g"]}),
        ("a: 1.10\nb: yes\nc: ~\na: 2\n", {"a": "2", "b": "yes", "c": "~"}),
        ("a: &x {b: c}\nd: {<<: *x}\ne:\n  <<: [*x]\n  b: f\n", {"a": {"b": "c"}, "d": {"b": "c"}, "e": {"b": "f"}}),
        ("a: &x {b: c, d: e}\nf: {<<: [{b: g}, *x]}\n", {"a": {"b": "c", "d": "e"}, "f": {"b": "g", "d": "e"}}),
        ("a: https://b:1/c\nf: g:h\n", {"a": "https://b:1/c", "f": "g:h"}),
        ("a: &b [*b]\n", {"a": [""]}),
        ("[a]: b\nc: d\n", {"c": "d"}),
        ("\ufeffa: b\n", {"a": "b"}),
    ],
)  # fmt: skip
def test_an_outline_is_what_yaml_means(text: str, outline: object) -> None:
    assert read_outline(text) == outline


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: b\n    c: d\n", "it is no YAML (line 2: mapping values are not allowed here)"),
        ("a: [b, {c: d\n", "it is no YAML (line 2: "),
        ("a: ]\n", "it is no YAML (line 1: "),
        ("a: *b\n", "it is no YAML (line 1: "),
        ("a:\tb: c\n", "it is no YAML (line 1: "),
        ("a: \0\n", "it is no YAML ("),
        ("a" * 100_001, "it has more than 100000 characters"),
    ],
)
def test_what_is_no_yaml_is_told(text: str, why: str) -> None:
    with pytest.raises(OutlineError, match=re.escape(why)):
        read_outline(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "- " * 50_000 + "a",
        "".join(f"{' ' * depth}a:\n" for depth in range(2000)),
        "a0: &a0 {}\n" + "".join(f"a{at}: &a{at} [{', '.join(['*a' + str(at - 1)] * 9)}]\n" for at in range(1, 2000)),
        "a0: &a0 {b: c}\n" + "".join(f"a{at}: &a{at} {{<<: [*a{at - 1}, *a{at - 1}]}}\n" for at in range(1, 2000)),
        "a: b\n" * 400_000,
        "a: [\n" * 20_000,
        (" '" * 1999 + '"\n') * 20,
        '"\\' * 100_000,
        "# '\n" * 50_000,
        "'" + "#'" * 50_000,
        " #" * 50_000,
    ],
)  # fmt: skip
def test_a_hostile_file_takes_no_time(text: str) -> None:
    begin = time.process_time()
    with suppress(OutlineError):
        read_outline(text)
    assert time.process_time() - begin < 10
