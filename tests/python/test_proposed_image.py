"""What `crosswheel init` proposes for the image: the application and the settings that a Dockerfile says."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.command_line.proposed_image import (
    application_options,
    image_remarks,
    needs_shell,
    setting_options,
)
from crosswheel.decide.projects.container_commands import container_command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("web/main.py", "data/a.csv", "main.py", "requirements.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "run.sh").touch(mode=0o755)
    return Path()


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("COPY . .\n", " --app ./:/ --exclude dist"),
        ("WORKDIR /app\nCOPY . .\n", " --app ./ --exclude dist"),
        ("WORKDIR /srv\nCOPY . ./\n", " --app ./:/srv --exclude dist"),
        (
            "WORKDIR /code\nCOPY requirements.txt .\nCOPY ./web /code/web\n",
            " --app web/:/code/web --workdir /code",
        ),
        ("COPY data /data\nCOPY --chown=1:1 web /app\n", " --app web/"),
        ('COPY ["web", "/srv"]\n', " --app web/:/srv"),
        (
            "WORKDIR /srv\nCOPY requirements.txt main.py ./\n",
            " --app-file /srv/main.py=main.py --workdir /srv",
        ),
        ("ADD run.sh /usr/bin/\n", " --app-program /usr/bin/run.sh=run.sh"),
        ("COPY main.py /srv/server.py\n", " --app-file /srv/server.py=main.py"),
        ("FROM a AS one\nWORKDIR /srv\nFROM one\nCOPY web .\n", " --app web/:/srv"),
        ("COPY --from=one /x web\nCOPY $X web\nCOPY <<E /web\nE\n", " --app ./ --exclude dist"),
        ("", " --app ./ --exclude dist"),
        ("FROM a AS one\nCOPY . /app\nFROM b\nCOPY --from=one /app /app\n", " --app ./ --exclude dist"),
        ("FROM a AS one\nWORKDIR /b\nCOPY . .\nFROM b\nCOPY --from=0 /b/web /srv\n", " --app web/:/srv"),
        ("FROM a AS one\nCOPY web /b/web\nFROM b\nCOPY --from=ONE b /srv\n", " --app web/:/srv/web"),
        (
            "FROM a AS one\nWORKDIR /b\nCOPY main.py ./\nFROM b\nWORKDIR /srv\nCOPY --from=one /b/main.py .\n",
            " --app-file /srv/main.py=main.py --workdir /srv",
        ),
        (
            "FROM a AS one\nCOPY web /b\nFROM c AS two\nCOPY --from=one /b /c\nFROM d\nCOPY --from=two /c /srv\n",
            " --app web/:/srv",
        ),
        (
            "ENV HOME=/srv PLACE=$HOME\nWORKDIR ${HOME}\nCOPY web $HOME/web\n",
            " --app web/:/srv/web --workdir /srv",
        ),
    ],
)
def test_the_application_is_what_is_copied(text: str, options: str, folder: Path) -> None:
    assert application_options(container_command(text), folder) == options


def test_without_a_word_it_is_src_and_else_the_modules_beside_the_lock(folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / ".env").touch()
    assert application_options(container_command(""), folder) == " --app src/"
    (folder / "src").rmdir()
    assert application_options(container_command(""), folder) == " --app ./ --exclude dist --exclude .env"
    assert application_options(container_command("COPY web /srv"), Path("other")) == ""


def test_settings_are_taken_over_as_far_as_the_image_has_them() -> None:
    said = container_command(
        "ENV A=1 B='x y' PATH=/x:$PATH PIP_NO_CACHE_DIR=1\nENV C it is\nUSER 1000:1000\nEXPOSE 80 53/udp $PORT\nEXPOSE 80\n"
    )
    assert setting_options(said) == (
        " --env A=1 --env 'B=x y' --env 'C=it is' --user 1000:1000 --port 80 --port 53/udp"
    )
    assert setting_options(container_command("USER web\nEXPOSE 80-90\n")) == ""


def test_what_is_not_proposed_is_told(folder: Path) -> None:
    said = container_command("USER web\nCOPY . .\n")
    assert [*image_remarks(said, folder, package=False)] == [
        "the image has no account named web, which the Dockerfile makes: say who runs it with --user, as a number"
    ]
    (folder / ".dockerignore").touch()
    assert "--exclude" in [*image_remarks(container_command(""), folder, package=False)][-1]
    assert "--app DIR" in next(image_remarks(container_command(""), Path("other"), package=False))
    assert not [*image_remarks(container_command("USER root\n"), Path("other"), package=True)]


@pytest.mark.parametrize(
    ("before", "source"),
    [
        ("WORKDIR /app\nCOPY . .\nRUN uv sync --locked", "/app/.venv"),
        ("RUN python -m venv --copies /opt/packages && pip install .", "/opt/packages"),
        ("WORKDIR /b\nRUN virtualenv -q env", "/b/env"),
        ("RUN uv venv made", "/made/lib"),
        ("RUN pip install --prefix=/install -r requirements.txt", "/install"),
        ("RUN pip install -r requirements.txt -t /install", "/install"),
        ("RUN pip wheel . -w /wheels", "/wheels/"),
        ("RUN python -m venv /b/packages", "/b"),
        ("ENV VIRTUAL_ENV=/v\nRUN uv sync --active", "/v"),
        ("ENV UV_PYTHON_INSTALL_DIR=/python\nRUN uv sync", "/python"),
        ("ENV WHERE=/v\nRUN python -m venv $WHERE", "/v"),
        ("RUN pip install --user .", "/root/.local"),
        ("RUN pip install .", "/usr/local/lib/python3.12/site-packages"),
        ("RUN pip install .", "/usr/local"),
        ("RUN poetry export -o /requirements.txt", "/requirements.txt"),
        ("", "/uv"),
    ],
)
def test_packages_of_another_stage_are_layers_here_and_no_gap(before: str, source: str, folder: Path) -> None:
    text = f"FROM a AS one\n{before}\nFROM b\nCOPY --from=one {source} /packages\nCOPY web /srv\n"
    said = container_command(text)
    assert application_options(said, folder) == " --app web/:/srv"
    assert not [*image_remarks(said, folder, package=False)]


@pytest.mark.parametrize(
    ("text", "stage", "source"),
    [
        ("FROM node AS ui\nCOPY web /ui\nRUN npm run build\nFROM a\nCOPY --from=ui /ui/made /srv/ui\n", "ui", "/ui/made"),
        ("FROM gcc\nRUN make\nFROM a\nCOPY --from=0 /usr/bin/made /usr/bin/\n", "0", "/usr/bin/made"),
        ("FROM a\nCOPY --from=nginx:1 /etc/nginx /etc/nginx\n", "nginx:1", "/etc/nginx"),
        ("FROM gcc AS one\nFROM a\nCOPY --from=one $WHERE /srv\n", "one", "$WHERE"),
        ("FROM gcc AS one\nFROM b AS two\nCOPY web /x\nCOPY --from=one /m /x/m\nFROM a\nCOPY --from=two /x /x\n", "one", "/m"),
    ],
)  # fmt: skip
def test_what_another_stage_makes_is_told(text: str, stage: str, source: str, folder: Path) -> None:
    assert [*image_remarks(container_command(text), folder, package=True)] == [
        (
            f"the Dockerfile's `COPY --from={stage} {source}` is not taken over, for the project has no such files: "
            "unless they are packages, give them with --app, --app-file or --layer"
        )
    ]


def test_what_is_taken_to_start_python_is_told(folder: Path) -> None:
    (remark,) = image_remarks(
        container_command("FROM ours\nCMD ['main.py']\n".replace("'", '"')), folder, package=True
    )
    assert remark.startswith(
        "the Dockerfile's CMD, main.py, names no program: its image ours is taken to start Python"
    )
    known = container_command('FROM gcr.io/distroless/python3\nCMD ["main.py"]\n')
    assert not [*image_remarks(known, folder, package=True)]


@pytest.mark.parametrize(
    ("text", "needed"),
    [("CMD a", False), ("CMD a $B", True), ('ENTRYPOINT ["bash", "x"]', True), ("", False)],
)
def test_a_shell_is_known_to_be_needed(text: str, needed: bool) -> None:
    assert needs_shell(container_command(text)) == needed
