"""The options of ``crosswheel image`` that say what a project's Dockerfile says: what is copied, and what containers start with."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crosswheel.decide.projects.container_commands import ContainerCommand

__all__ = ["application_options", "image_remarks", "needs_shell", "option", "quoted", "setting_options"]

_HERE = "."
#: What installs, and is no part of what runs.
_INSTALLING = (
    "requirements",
    "constraints",
    "pylock",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "setup.",
    "Pipfile",
)
#: Variables of programs that install, and those that an image has of its own.
_NOT_OF_THE_APPLICATION = ("PIP_", "POETRY_", "UV_", "DEBIAN_FRONTEND", "PATH", "VIRTUAL_ENV")
_SHELLS = frozenset({"sh", "bash", "dash"})


def application_options(said: ContainerCommand, folder: Path) -> str:
    """Return the options that put the application in place, each with a blank before it; nothing where no folder is known to be it.

    Args:
        said: what the Dockerfile says.
        folder: the project's.
    """
    folder = _context(said, folder)
    copies = [(path or _HERE, place) for path, place in said.copies]
    folders = [(path, place) for path, place in copies if (folder / path).is_dir()]
    if folders:
        path, place = next((one for one in folders if Path(one[0]) == Path(_HERE)), folders[-1])
        where = "" if place == "/app" else f":{place}"
        workdir = f" --workdir {quoted(said.workdir)}" if said.workdir and said.workdir != place else ""
        return f" --app {_folder(folder / path, where)}{_left_out(folder, path)}{workdir}"
    files = [(path, place) for path, place in copies if (folder / path).is_file() and not _installs(path)]
    if files:
        return "".join(_file_options(files, folder)) + (
            f" --workdir {quoted(said.workdir)}" if said.workdir else ""
        )
    if (folder / "src").is_dir():
        return f" --app {_folder(folder / 'src', '')}"
    if any(folder.glob("*.py")):
        return f" --app {_folder(folder, '')}{_left_out(folder, _HERE)}"
    return ""


def _context(said: ContainerCommand, folder: Path) -> Path:
    """Return the folder that a Dockerfile's copies are from: that with more of them, for the command that builds says which."""
    own = folder / said.folder
    named = [path for path, _ in said.copies if path not in {"", _HERE}]
    return max(own, folder, key=lambda one: sum((one / path).exists() for path in named))


def _installs(path: str) -> bool:
    return Path(path).name.startswith(_INSTALLING)


def _folder(path: Path, where: str) -> str:
    return quoted(f"{path}/{where}") if str(path) != _HERE else quoted(f"./{where}")


def _left_out(folder: Path, path: str) -> str:
    """Leave out what the commands before have written into the folder, and what is secret as a rule."""
    if Path(path) != Path(_HERE):
        return ""
    written = ["dist"] if folder.resolve() == Path.cwd() else []
    secret = [".env"] if (folder / ".env").is_file() else []
    return "".join(f" --exclude {name}" for name in (*written, *secret))


def _file_options(files: Sequence[tuple[str, str]], folder: Path) -> Iterator[str]:
    for path, place in files:
        name, file = Path(path).name, folder / path
        inside = (
            place
            if Path(place).suffix and Path(place).suffix == Path(name).suffix
            else f"{place.rstrip('/')}/{name}"
        )
        kind = "program" if file.stat().st_mode & 0o111 else "file"
        yield f" --app-{kind} {quoted(f'{inside}={file}')}"


def setting_options(said: ContainerCommand) -> str:
    """Return the options for variables, user and ports, each with a blank before it."""
    variables = [
        f" --env {quoted(f'{name}={value}')}"
        for name, value in said.environment
        if not name.startswith(_NOT_OF_THE_APPLICATION)
    ]
    user = [f" --user {quoted(said.user)}"] if _is_number(said.user) else []
    ports = [f" --port {quoted(one)}" for one in said.ports if one.partition("/")[0].isdigit()]
    return "".join([*variables, *user, *ports])


def _is_number(user: str) -> bool:
    return bool(user) and all(part.isdigit() for part in user.split(":"))


def image_remarks(said: ContainerCommand, folder: Path, *, package: bool) -> Iterator[str]:
    """Yield what of the application is not in the proposed command, and how it comes to be.

    Args:
        said: what the Dockerfile says.
        folder: the project's.
        package: whether the project itself is planned, and so among the wheels.
    """
    if not package and not application_options(said, folder):
        yield "no folder of the project is known to be the application: give it to `crosswheel image` with --app DIR"
    yield from _of_stages(said, folder)
    if said.user not in {"", "root"} and not _is_number(said.user):
        yield f"the image has no account named {said.user}, which the Dockerfile makes: say who runs it with --user, as a number"
    if not package and (_context(said, folder) / ".dockerignore").is_file():
        yield ".dockerignore is not read: leave files of the application out with --exclude"


def _of_stages(said: ContainerCommand, folder: Path) -> Iterator[str]:
    """Yield what other stages make, and what of the base image is assumed."""
    context = _context(said, folder)
    for one in said.staged:
        if not any((context / path).exists() for path in one.paths):
            yield (
                f"the Dockerfile's `COPY --from={one.stage} {one.source}` is not taken over, for the project has no such files: "
                "unless they are packages, give them with --app, --app-file or --layer"
            )
    if said.assumed:
        yield (
            f"the Dockerfile's CMD, {' '.join(said.cmd or ())}, names no program: its image {said.assumed} is taken to start Python with it, so "
            "that --entrypoint is python"
        )


def needs_shell(said: ContainerCommand) -> bool:
    """Tell whether a shell starts what runs: Debian's packages of a base lock bring none by themselves."""
    first = next(iter((*(said.entrypoint or ()), *(said.cmd or ()))), "")
    return first.rpartition("/")[2] in _SHELLS


def option(name: str, words: tuple[str, ...] | None) -> str:
    """Return an option of a command that containers start, with a blank before it; nothing where there is none."""
    from crosswheel.decide.projects.container_commands import option_text

    text = option_text(words or ())
    between = "=" if text.startswith("-") else " "
    return f" --{name}{between}{quoted(text)}" if text else ""


def quoted(word: str | Path) -> str:
    """Return a word as a shell reads it."""
    return shlex.quote(str(word))
