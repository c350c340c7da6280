"""What a project's files say of its lock, its Python and its targets."""

from __future__ import annotations

import re

import pytest

from crosswheel.decide.projects.project_proposal import WorkspaceAbove, is_read, propose
from crosswheel.values.errors import InputError
from crosswheel.values.python_abi import PythonAbi

RUNNING = PythonAbi(major=3, minor=13)
LOCK = {"uv.lock": "version = 1\nrequires-python = '>=3.9'\n"}
ARM, INTEL = "linux_arm64", "linux_amd64"
SAM = "Resources:\n  F:\n    Properties:\n      Runtime: python3.12\n      Architectures:\n        - arm64\n"


@pytest.mark.parametrize(
    ("files", "python", "targets"),
    [
        ({}, "3.13", (ARM, INTEL)),
        ({"pyproject.toml": "[project]\nrequires-python = '>=3.10'\n"}, "3.13", (ARM, INTEL)),
        ({"pyproject.toml": "[project]\nrequires-python = '~=3.11.2,<3.12'\n"}, "3.11", (ARM, INTEL)),
        ({"pyproject.toml": "[project]\nrequires-python = '<3.12,>=3.11'\n"}, "3.11", (ARM, INTEL)),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '^3.9'\n"}, "3.13", (ARM, INTEL)),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '^3.14.1'\n"}, "3.14", (ARM, INTEL)),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '~3.11'\n"}, "3.11", (ARM, INTEL)),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '~3'\n"}, "3.13", (ARM, INTEL)),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '>= 3.10 <3.12 || 3.14.*'\n"}, "3.10", (ARM, INTEL)),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '~=3.11.2'\n"}, "3.11", (ARM, INTEL)),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '3.12'\n"}, "3.12", (ARM, INTEL)),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '*'\n"}, "3.13", (ARM, INTEL)),
        ({"pyproject.toml": "[tool.poetry.dependencies]\npython = { version = '<3.12,>=3.11' }\n"}, "3.11", (ARM, INTEL)),
        ({"pyproject.toml": "[project]\nrequires-python = '<3.12,>=3.11'\n[tool.poetry.dependencies]\npython = '^3.14'\n"}, "3.11", (ARM, INTEL)),
        ({"Pipfile": "[requires]\npython_version = '3.12'\n"}, "3.12", (ARM, INTEL)),
        ({"Pipfile": "[requires]\npython_full_version = '3.12.4'\n"}, "3.12", (ARM, INTEL)),
        ({"uv.lock": "version = 1\nrequires-python = '>=3.14'\n"}, "3.14", (ARM, INTEL)),
        ({"pyproject.toml": "[project]\nrequires-python = '>=3.13.2'\n"}, "3.14", (ARM, INTEL)),
        ({"pyproject.toml": "[project]\nrequires-python = '>=3.12.1,<3.14'\n"}, "3.13", (ARM, INTEL)),
        ({"pyproject.toml": "[project]\nrequires-python = '>=3.13.2,<3.14'\n"}, "3.13", (ARM, INTEL)),
        ({".python-version": "3.12.4\n"}, "3.12", (ARM, INTEL)),
        ({".python-version": "# ours\ncpython-3.12.4-linux-x86_64-gnu\n"}, "3.12", (ARM, INTEL)),
        ({".python-version": "3.12 3.11\n"}, "3.12", (ARM, INTEL)),
        ({".python-version": "3.14t\n"}, "3.14t", (ARM, INTEL)),
        ({".python-version": "3.14.0rc1+freethreaded\n"}, "3.14t", (ARM, INTEL)),
        ({".python-version": "pypy3.11\n"}, "3.13", (ARM, INTEL)),
        ({"compose.yaml": "services:\n  a:\n    platform: linux/arm64\n"}, "3.13", (ARM,)),
        ({"compose.yml": "x:\n  platforms:\n    - 'linux/amd64'\n    - linux/arm64/v8\n  y: z\n"}, "3.13", (INTEL, ARM)),
        ({"compose.yml": "build: {context: ., platforms: [linux/arm64]}\n"}, "3.13", (ARM,)),
        ({".github/workflows/image.yml": "with:\n  platforms: linux/arm64,linux/amd64\n"}, "3.13", (ARM, INTEL)),
        ({".gitlab-ci.yml": "script:\n  - docker buildx build --platform linux/arm64 .\n"}, "3.13", (ARM,)),
        ({"docker-bake.hcl": 'target "x" {\n  platforms = ["linux/arm64"]\n}\n'}, "3.13", (ARM,)),
        ({".github/workflows/a.yml": "with:\n  platforms: linux/arm64\n", "Dockerfile": "FROM python:3.12-alpine\n"}, "3.12", ("musllinux_1_2_aarch64",)),
        (
            {"compose.yaml": "platform: linux/arm64\n", "Dockerfile": "FROM python:3.12-alpine\n"},
            "3.12",
            ("musllinux_1_2_aarch64",),
        ),
        ({"Dockerfile": "FROM ghcr.example/astral-sh/uv:python3.12-bookworm-slim\n"}, "3.12", (ARM, INTEL)),
        ({"Dockerfile": "FROM ghcr.example/astral-sh/uv:0.9.9-python3.13-bookworm-slim\n"}, "3.13", (ARM, INTEL)),
        ({"Dockerfile": "FROM python:3.13 AS a\nFROM gcr.example/distroless/python3-debian12\n"}, "3.11", (ARM, INTEL)),
        ({"Dockerfile": "FROM --platform=linux/arm64/v8 python:3.12-slim\n"}, "3.12", (ARM,)),
        ({"Dockerfile": "FROM --platform=linux/s390x python:3.12\n"}, "3.12", ("linux_s390x",)),
        ({"Dockerfile": "FROM --platform=linux/386 python:3.12\n"}, "3.12", ("linux_386",)),
        ({"Dockerfile": "FROM --platform=linux/amd64/v3 python:3.12\n"}, "3.12", (INTEL,)),
        ({"Dockerfile": "FROM --platform=linux/riscv64 python:3.12-alpine\n"}, "3.12", ("musllinux_1_2_riscv64",)),
        ({"Dockerfile": "FROM \\\n  --platform=linux/ppc64le \\\n  'python:3.12'\n"}, "3.12", ("linux_ppc64le",)),
        ({"compose.yaml": "services:\n  a:\n    platform: linux/riscv64\n"}, "3.13", ("linux_riscv64",)),
        ({".github/workflows/image.yml": "with:\n  platforms: linux/amd64,linux/s390x\n"}, "3.13", (INTEL, "linux_s390x")),
        ({".github/workflows/a.yml": "with:\n  platforms: |\n    linux/s390x\n    linux/arm64\n  tags: a\n"}, "3.13", ("linux_s390x", ARM)),
        ({".github/workflows/a.yml": "with:\n  platforms:\n    linux/arm64\n  other: linux/amd64\n"}, "3.13", (ARM,)),
        ({".github/workflows/a.yml": "env:\n  WHERE: linux/arm64\nwith:\n  platforms: ${{ env.WHERE }}\n"}, "3.13", (ARM,)),
        ({".github/workflows/a.yml": "arch:\n- linux/arm64\nwith:\n  platforms: ${{ matrix.arch }}\n"}, "3.13", (ARM,)),
        ({".github/workflows/a.yml": "#  platforms: linux/arm64\n"}, "3.13", (ARM, INTEL)),
        ({"Dockerfile": "FROM arm64v8/python:3.11\n"}, "3.11", (ARM,)),
        ({"Dockerfile": "FROM docker.io/arm32v7/python:3.11-slim\n"}, "3.11", ("linux_arm_v7",)),
        ({"Dockerfile": "FROM acme/python:3.11-s390x\n"}, "3.11", ("linux_s390x",)),
        ({"Dockerfile": "FROM quay.example/pypa/manylinux2014_x86_64\n"}, "3.13", ("manylinux_2_17_x86_64",)),
        ({"Dockerfile": "FROM --platform=linux/arm64 amazonlinux:2\n"}, "3.13", ("manylinux_2_26_aarch64",)),
        ({"Dockerfile": "FROM amazonlinux:2023\n"}, "3.13", (ARM, INTEL)),
        ({"Dockerfile": "FROM ubuntu:18.04\n"}, "3.13", ("manylinux_2_27_aarch64", "manylinux_2_27_x86_64")),
        ({"Dockerfile": "FROM ubuntu:bionic-20230530\n"}, "3.13", ("manylinux_2_27_aarch64", "manylinux_2_27_x86_64")),
        ({"Dockerfile": "FROM arm64v8/centos:7.9.2009\n"}, "3.13", ("manylinux_2_17_aarch64",)),
        ({"Dockerfile": "FROM nvidia/cuda:11.8.0-base-ubuntu18.04\n"}, "3.13", ("manylinux_2_27_aarch64", "manylinux_2_27_x86_64")),
        ({"Dockerfile": "FROM registry.example/ubi7/ubi AS base\nFROM base\n"}, "3.13", ("manylinux_2_17_aarch64", "manylinux_2_17_x86_64")),
        ({"Dockerfile": "FROM --platform=linux/riscv64 ubuntu:18.04\n"}, "3.13", ("linux_riscv64",)),
        ({"Dockerfile": "FROM python:3.12-alpine AS made\nFROM debian:bookworm\n"}, "3.12", (ARM, INTEL)),
        ({"Dockerfile": "FROM python:3.12-alpine AS made\nFROM scratch\n"}, "3.12", ("musllinux_1_2_aarch64", "musllinux_1_2_x86_64")),
        ({"Dockerfile": "FROM alpine:3.20\nRUN apk add python3\n"}, "3.13", ("musllinux_1_2_aarch64", "musllinux_1_2_x86_64")),
        ({"Dockerfile": "FROM alpine:3.12\n"}, "3.13", ("musllinux_1_1_aarch64", "musllinux_1_1_x86_64")),
        ({"Dockerfile": "FROM python:3.9-alpine3.12\n"}, "3.9", ("musllinux_1_1_aarch64", "musllinux_1_1_x86_64")),
        ({"Dockerfile": "FROM python:3.12-alpine3.13\n"}, "3.12", ("musllinux_1_2_aarch64", "musllinux_1_2_x86_64")),
        ({"Dockerfile": "FROM ghcr.example/astral-sh/uv:0.9-python3.13-alpine\n"}, "3.13", ("musllinux_1_2_aarch64", "musllinux_1_2_x86_64")),
        ({"Dockerfile": "FROM python:3.12\n", "Dockerfile.web": "FROM nginx:alpine\n"}, "3.12", (ARM, INTEL)),
        ({"Dockerfile": "FROM node:22 AS web\nFROM docker.io/library/python:3.12\n"}, "3.12", (ARM, INTEL)),
        ({"Dockerfile": "from --platform=$BUILDPLATFORM golang\nFROM --platform=linux/arm/v7 x\n"}, "3.13", ("linux_arm_v7",)),
        ({"Dockerfile": "ARG V=3.12\nFROM --platform=linux/arm64 python:${V}-slim\n"}, "3.12", (ARM,)),
        ({"Dockerfile": "ARG V='3.12'\nARG P=linux/arm64\nFROM --platform=$P python:$V\n"}, "3.12", (ARM,)),
        ({"Dockerfile": "FROM python:${V:-3.12}\n"}, "3.12", (ARM, INTEL)),
        ({"Dockerfile": "FROM public.example/lambda/python:3.13-arm64\n"}, "3.13", (ARM,)),
        ({"Dockerfile": "FROM amazon/aws-lambda-python:3.11-x86_64\n"}, "3.11", ("manylinux_2_26_x86_64",)),
        ({"Dockerfile": "FROM registry.example/rhscl/python-39-rhel7\n"}, "3.9", ("manylinux_2_17_aarch64", "manylinux_2_17_x86_64")),
        ({"Dockerfile": "FROM python:3.12-alpine\n"}, "3.12", ("musllinux_1_2_aarch64", "musllinux_1_2_x86_64")),
        ({"Dockerfile": "FROM registry.example/ubi8/python-39\n"}, "3.9", (ARM, INTEL)),
        ({"Dockerfile": "FROM registry.example/ubi9/python-312-minimal:9.6\n"}, "3.12", (ARM, INTEL)),
        ({"Dockerfile": "FROM mcr.example/devcontainers/python:1-3.12-bookworm\n"}, "3.12", (ARM, INTEL)),
        ({"Dockerfile": "FROM mcr.example/devcontainers/python:2.1-3.12\n"}, "3.12", (ARM, INTEL)),
        ({"Dockerfile": "FROM mcr.example/devcontainers/python:3.12-bookworm\n"}, "3.12", (ARM, INTEL)),
        ({"Dockerfile": "FROM mcr.example/devcontainers/python:3-bookworm\n"}, "3.13", (ARM, INTEL)),
        ({"Dockerfile": "FROM balenalib/raspberrypi4-64-python:3.12-bookworm\n"}, "3.12", (ARM,)),
        ({"Dockerfile": "FROM balenalib/aarch64-alpine-python:3.12\n"}, "3.12", ("musllinux_1_2_aarch64",)),
        ({"Dockerfile": "FROM balenalib/raspberrypi3-debian-python:3.11\n"}, "3.11", ("linux_arm_v7",)),
        ({"Dockerfile": "FROM balenalib/armv7hf-python:3.11\n"}, "3.11", ("linux_arm_v7",)),
        ({"Dockerfile": "FROM balenalib/intel-nuc-python:3.11\n"}, "3.11", (INTEL,)),
        ({"Dockerfile": "FROM acme/python-s390x:3.11\n"}, "3.13", ("linux_s390x",)),
        ({"Dockerfile": "FROM public.example/lambda/provided:al2\n"}, "3.13", ("manylinux_2_26_aarch64", "manylinux_2_26_x86_64")),
        ({"Dockerfile": "FROM amazon/aws-lambda-provided:al2-arm64\n"}, "3.13", ("manylinux_2_26_aarch64",)),
        ({"Dockerfile": "FROM public.example/lambda/provided:al2023\n"}, "3.13", (ARM, INTEL)),
        ({"template.yaml": SAM}, "3.12", (ARM,)),
        ({"template.yaml": SAM.replace("3.12", "3.11")}, "3.11", ("manylinux_2_26_aarch64",)),
        ({"serverless.yml": "provider:\n  runtime: python3.13\n"}, "3.13", (INTEL,)),
        ({"serverless.yml": "provider:\n  runtime: python3.13\n  architecture: arm64\n"}, "3.13", (ARM,)),
        ({"serverless.yml": "provider:\n  runtime: nodejs22.x\n"}, "3.13", (ARM, INTEL)),
    ],
)  # fmt: skip
def test_python_and_targets_are_where_it_runs(
    files: dict[str, str], python: str, targets: tuple[str, ...]
) -> None:
    proposal = propose(LOCK | files, project="demo", running=RUNNING)
    assert (proposal.lock, proposal.python, proposal.targets) == ("uv.lock", python, targets)
    assert set(files) <= {name for name in files if is_read(name)}


@pytest.mark.parametrize(
    ("required", "files", "python"),
    [
        (">=3.15", {}, "3.13"),
        ("<3.8", {}, "3.13"),
        (">=3.12,<3.13", {"serverless.yml": "provider:\n  runtime: python3.13\n"}, "3.13"),
    ],
)
def test_a_python_that_the_project_forbids_is_refused(
    required: str, files: dict[str, str], python: str
) -> None:
    project = {"pyproject.toml": f"[project]\nrequires-python = '{required}'\n"}
    with pytest.raises(InputError, match=f"Python '{python}': .*requires-python of pyproject.toml is"):
        propose(LOCK | project | files, project="demo", running=RUNNING)
    assert propose(LOCK | project | files, project="demo", running=RUNNING, python="3.11").python == "3.11"


def test_what_poetry_says_of_python_is_told() -> None:
    project = {"pyproject.toml": "[tool.poetry.dependencies]\npython = '^3.14'\n"}
    proposal = propose(LOCK | project, project="demo", running=RUNNING)
    assert proposal.reasons["python"] == "python of pyproject.toml is '^3.14'"
    with pytest.raises(InputError, match=r"Dockerfile says so, and python of pyproject.toml is '\^3.14'"):
        propose(LOCK | project | {"Dockerfile": "FROM python:3.12\n"}, project="demo", running=RUNNING)


@pytest.mark.parametrize(
    ("files", "python"),
    [
        ({"Dockerfile": "FROM python:3.7-slim\n"}, "3.7"),
        ({"Dockerfile": "FROM python:2.7\n"}, "2.7"),
        ({"serverless.yml": "provider:\n  runtime: python2.7\n"}, "2.7"),
    ],
)
def test_a_python_that_is_none_is_told_with_who_says_it(files: dict[str, str], python: str) -> None:
    (place,) = files
    said = re.escape(f"Python '{python}': {place} says so, and ")
    with pytest.raises(InputError, match=f"{said}.*; say which with --python"):
        propose(LOCK | files, project="demo", running=RUNNING)
    assert propose(LOCK | files, project="demo", running=RUNNING, python="3.12").python == "3.12"


@pytest.mark.parametrize(
    ("files", "name", "place"),
    [
        ({"Dockerfile": "FROM --platform=linux/arm/v6 python:3.12\n"}, "linux/arm/v6", "Dockerfile"),
        ({"Dockerfile": "FROM arm32v6/python:3.12-alpine\n"}, "linux/arm/v6", "Dockerfile"),
        ({"Dockerfile": "FROM balenalib/raspberry-pi-python:3.11\n"}, "linux/arm/v6", "Dockerfile"),
        ({"Dockerfile": "FROM mips64le/debian\n"}, "linux/mips64le", "Dockerfile"),
        ({"compose.yaml": "platform: linux/mips64le\n"}, "linux/mips64le", "compose.yaml"),
        ({"compose.yaml": "platform: windows/amd64\n"}, "windows/amd64", "compose.yaml"),
        ({"Dockerfile": "FROM --platform=windows/amd64 python:3.12\n"}, "windows/amd64", "Dockerfile"),
        ({"Dockerfile": "FROM python:3.12-nanoserver\n"}, "python:3.12-nanoserver", "Dockerfile"),
    ],
)
def test_a_platform_that_is_no_target_is_refused_where_no_other_is_named(
    files: dict[str, str], name: str, place: str
) -> None:
    with pytest.raises(InputError) as caught:
        propose(LOCK | files, project="demo", running=RUNNING)
    assert str(caught.value).startswith(f"cannot start project for '{name}': {place} names it, and ")
    assert "; name the targets with --target: " in str(caught.value)
    assert propose(LOCK | files, project="demo", running=RUNNING, targets=(ARM,)).notes == ()


def test_a_platform_that_is_no_target_is_told_where_others_are_named() -> None:
    files = {**LOCK, "compose.yaml": "platforms: [linux/arm64, linux/arm/v6]\n"}
    proposal = propose(files, project="demo", running=RUNNING)
    assert proposal.targets == (ARM,)
    (note,) = proposal.notes
    assert note.startswith("linux/arm/v6, which compose.yaml names, is left out: of 32-bit ARM only ARMv7")


def test_what_the_user_says_wins() -> None:
    files = {**LOCK, "Dockerfile": "FROM --platform=linux/arm64 python:3.12\n", "pylock.toml": ""}
    proposal = propose(
        files,
        project="demo",
        running=RUNNING,
        lock="uv.lock",
        python="3.11",
        targets=("win_amd64",),
        projects=("a",),
    )
    assert (proposal.lock, proposal.python, proposal.targets) == ("uv.lock", "3.11", ("win_amd64",))
    assert set(proposal.reasons.values()) == {"as you said"}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "write what it needs, a line each, into requirements.in, and make one: `uv pip compile --universal"),
        ({"requirements-web.in": ""}, "make one: `uv pip compile --universal --format pylock.toml requirements-web.in -o"),
        ({"pyproject.toml": "[project]\nname = 'a'\n"}, "there is no lock in the folder; make one: `uv lock`"),
        ({"requirements-dev.in": "", "requirements.in": ""}, "make one: `uv pip compile --universal --format pylock.toml requirements.in"),
        ({"pyproject.toml": "[tool.black]\n"}, "write what it needs, a line each, into requirements.in, and make one: `uv pip"),
        ({"pyproject.toml": "[tool.black]\n", "setup.py": "", "setup.cfg": ""}, "make one: `uv pip compile --universal --format pylock.toml setup.py -o"),
        ({"pyproject.toml": "[tool.poetry]\n"}, "make one: `poetry lock`, then `poetry export -o requirements.txt`"),
        ({"pyproject.toml": "[project]\nname = 'a'\n[tool.pdm]\ndistribution = false\n"}, "make one: `pdm lock`, then `pdm export -f pylock -o pylock.toml`"),
        ({"pyproject.toml": "[project]\nname = 'a'\n[tool.pdm]\nversion = {}\n"}, "make one: `uv lock`"),
        ({"Pipfile": "[packages]\n"}, "make one: `pipenv lock`, then `pipenv requirements --hash > requirements.txt`"),
        ({"requirements.txt": "flask\n"}, "requirements.txt has no hashes, and there is no lock; lock it: `uv pip"),
        ({"poetry.lock": ""}, "poetry export"),
        ({"poetry.lock": "", "requirements.txt": "flask\n"}, "its format is Poetry's own; export it: `poetry export"),
        (
            {"pylock.web.toml": 'lock-version = "1.0"\n', "pylock.job.toml": 'lock-version = "1.0"\n'},
            "there are several locks: pylock.job.toml, pylock.web.toml; choose one, for example --lock pylock.job.toml",
        ),
    ],
)  # fmt: skip
def test_without_one_lock_it_is_said_how_to_come_by_one(files: dict[str, str], told: str) -> None:
    with pytest.raises(InputError) as caught:
        propose(files, project="demo", running=RUNNING)
    assert told in str(caught.value)


def test_requirements_with_hashes_are_a_lock() -> None:
    text = "idna==3.10 --hash=sha256:" + "0" * 64 + "\n"
    files = {"requirements.lock.txt": text, "requirements-dev.txt": "pytest\n"}
    assert propose(files, project="demo", running=RUNNING).lock == "requirements.lock.txt"


def test_a_target_that_is_none_is_refused_before_anything_is_written() -> None:
    with pytest.raises(InputError, match="linux_arm65"):
        propose(LOCK, project="demo", running=RUNNING, targets=("linux_arm65",))


@pytest.mark.parametrize(
    ("files", "key", "told"),
    [
        ({".python-version": "pypy3.11\n"}, "python", ".python-version says 'pypy3.11', which is no version of CPython"),
        ({"Dockerfile": "FROM pypy:3.10-slim\n"}, "python", "runs in; pypy:3.10-slim, which Dockerfile is on, has no CPython, the only Python that is planned for"),
        ({"Dockerfile": "FROM ghcr.example/graalvm/graalpy:24 AS a\nFROM debian:trixie\n", ".python-version": "3.12"}, "python", "has no CPython, the only Python that is planned for"),
        ({"Dockerfile": "FROM pypy:3.10 AS a\nFROM python:3.12\n"}, "python", "Dockerfile says so"),
        ({"compose.yaml": "services:\n  a:\n    image: pypy:3.10\n"}, "python", "pypy:3.10, which compose.yaml is on, has no CPython, the only Python that is planned for"),
        ({"pylock.toml": ""}, "lock", "it is there, and goes before uv.lock"),
        ({"Dockerfile": "FROM ubuntu:22.04\n"}, "python", "runs in; ubuntu:22.04, which Dockerfile is on, has 3.10 of its own: if the project runs with that, say --python 3.10"),
        ({"Dockerfile": "FROM python:3.12 AS a\nFROM debian:12.5-slim\n"}, "python", "Dockerfile says so"),
        ({"Dockerfile": "FROM registry.example/ubi9/ubi-minimal\n"}, "python", "has 3.9 of its own: if the project runs with that, say --python 3.9"),
        ({"Dockerfile": "FROM debian:trixie\n"}, "python", "it is the Python that crosswheel runs in"),
        ({"Dockerfile": "FROM ubuntu:24.04\n"}, "targets", "no processor is named in Dockerfile: Linux on both usual ones"),
        ({}, "targets", "nothing says where it runs: Linux on both usual processors"),
    ],
)  # fmt: skip
def test_what_is_passed_over_is_told(files: dict[str, str], key: str, told: str) -> None:
    assert propose(LOCK | files, project="demo", running=RUNNING).reasons[key].endswith(told)


_WORKSPACE = """
[[package]]
name = "web"
source = { virtual = "." }
dependencies = [{ name = "b", extra = ["more"] }, { name = "idna" }]
[[package]]
name = "b"
source = { editable = "packages/b" }
[package.optional-dependencies]
more = [{ name = "c" }]
rest = [{ name = "d" }]
[[package]]
name = "c"
source = { directory = "../c" }
[[package]]
name = "d"
source = { editable = "packages/d" }
[[package]]
name = "idna"
source = { registry = "https://pypi.org/simple" }
"""
_PYLOCK = "[[packages]]\nname = 'b'\ndirectory = { path = './packages/b' }\n"
_OWN = "[project]\nname = 'web'\nversion = '1'\n"
_BACKEND = "[build-system]\nrequires = []\n"


@pytest.mark.parametrize(
    ("files", "projects"),
    [
        ({"uv.lock": _WORKSPACE}, ("packages/b", "../c")),
        ({"uv.lock": _WORKSPACE.partition("[[package]]")[2].partition("[[package]]")[2].join(("[[package]]", ""))}, ("packages/b", "../c", "packages/d")),
        ({"pylock.toml": _PYLOCK, "pyproject.toml": _OWN + _BACKEND}, ("packages/b", ".")),
        ({"pyproject.toml": _OWN}, ()),
        ({"pyproject.toml": _OWN + "[tool.uv]\npackage = true\n"}, (".",)),
        ({"pyproject.toml": _OWN + _BACKEND + "[tool.uv]\npackage = false\n"}, ()),
        ({"pyproject.toml": "[project]\nname = 'web'\ndynamic = ['version']\n" + _BACKEND}, ()),
        ({"pyproject.toml": _OWN + _BACKEND + "[tool.poetry]\npackage-mode = false\n"}, ()),
        ({"pyproject.toml": _OWN + _BACKEND + "[tool.pdm]\ndistribution = false\n"}, ()),
        ({"pyproject.toml": "["}, ()),
    ],
)  # fmt: skip
def test_folders_that_the_lock_leads_to_and_a_package_are_projects(
    files: dict[str, str], projects: tuple[str, ...]
) -> None:
    assert propose(LOCK | files, project="demo", running=RUNNING).projects == projects


def test_a_lock_of_the_workspace_above_is_named_with_what_plans_for_the_member() -> None:
    above = WorkspaceAbove(folder="../..", member=".")
    fix = r"that of its workspace in \.\./\.\.; begin there: `crosswheel init \.\./\.\. --project \.`"
    with pytest.raises(InputError, match=fix):
        propose({}, project="demo", running=RUNNING, above=above)
