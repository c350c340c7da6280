"""What compose files say of their services: the image each runs, or what it is built from, and the platforms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from posixpath import join, normpath

from .yaml_outline import Outline, read_outline

__all__ = ["ComposedService", "built_files", "composed_services", "is_compose_file"]

_COMPOSE = re.compile(r"(?:docker-)?compose\.ya?ml")
#: A variable with what it is where nothing says it.
_VARIABLE = re.compile(r"\$(?:\{\w+(?::?-([^}]*))?\}|\w+)")
#: What Git and servers have is no folder of the project.
_REMOTE = re.compile(r"\w+://|[^/]+@|github\.com/|[\w-]+:")


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposedService:
    """One service of a compose file.

    Attributes:
        image: what it runs; empty where it is built.
        file: path in the project of what it is built from; empty where it is not built, or from what lies elsewhere.
        stage: the stage of `file` that is built; empty for the last one.
        arguments: what is said of the arguments of `file`; those that the environment says have what that file says.
        platforms: as they are named.
    """

    image: str = ""
    file: str = ""
    stage: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()


def is_compose_file(name: str) -> bool:
    """Tell whether a file of the project's folder is one."""
    return _COMPOSE.fullmatch(name) is not None


def built_files(files: Mapping[str, str]) -> dict[str, ComposedService]:
    """Return what the compose files among the files build, by path in the project: each with the first service that has it."""
    found: dict[str, ComposedService] = {}
    for name in sorted(filter(is_compose_file, files)):
        for service in composed_services(files[name]):
            if service.file:
                found.setdefault(service.file, service)
    return found


# Several questions about a project are answered from one file.
@lru_cache(maxsize=16)
def composed_services(text: str) -> tuple[ComposedService, ...]:
    """Return the services of a compose file, in its order."""
    services = _mapping(_mapping(read_outline(text)).get("services", ""))
    return tuple(_service(_extended(_mapping(one), services)) for one in services.values())


def _extended(service: Mapping[str, Outline], services: Mapping[str, Outline]) -> Mapping[str, Outline]:
    """Return a service with what it has from another one of the same file."""
    extended = _mapping(service.get("extends", ""))
    base = services.get(_text(extended.get("service", "")), "") if "file" not in extended else ""
    return {**_mapping(base), **service}


def _service(said: Mapping[str, Outline]) -> ComposedService:
    build = said.get("build", "")
    options = _mapping(build) if isinstance(build, Mapping) else {"context": build} if build else {}
    platforms = (said.get("platform", ""), options.get("platforms", ""))
    named = tuple(dict.fromkeys(one for words in platforms for one in _texts(words) if one))
    if not options:
        return ComposedService(image=_text(said.get("image", "")), platforms=named)
    return ComposedService(
        file=_place(_text(options.get("context", ".")), _text(options.get("dockerfile", "Dockerfile"))),
        stage=_text(options.get("target", "")),
        arguments={name: value for name, value in _arguments(options.get("args", "")) if value},
        platforms=named,
    )


def _place(context: str, file: str) -> str:
    path = normpath(join(context, file))
    if _REMOTE.match(context) or path.startswith(("/", "../")):
        return ""
    return path


def _arguments(said: Outline) -> Iterator[tuple[str, str]]:
    if isinstance(said, Mapping):
        yield from ((name, _text(value)) for name, value in said.items())
    else:
        for one in _texts(said):
            name, _, value = one.partition("=")
            yield name, value


def _mapping(said: Outline) -> Mapping[str, Outline]:
    return said if isinstance(said, Mapping) else {}


def _texts(said: Outline) -> tuple[str, ...]:
    if isinstance(said, Sequence) and not isinstance(said, str):
        return tuple(map(_text, said))
    return (_text(said),)


def _text(said: Outline) -> str:
    return _VARIABLE.sub(lambda found: found[1] or "", said) if isinstance(said, str) else ""
