"""What compose files say of their services: the image each runs, or what it is built from, and the platforms.

Followed: https://docs.docker.com/reference/compose-file/ with its pages on merging, ``include`` and ``extends``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from posixpath import dirname, join, normpath

from crosswheel.decide.documents.yaml_outline import Outline, OutlineError, read_outline

from .compose_variables import read_variables, with_variables

__all__ = [
    "ComposedService",
    "Composition",
    "built_files",
    "compositions",
    "is_compose_file",
    "named_files",
]

_COMPOSE = re.compile(r"(?:docker-)?compose\.ya?ml")
#: What is merged over a compose file beside it.
_OVERRIDES = tuple(
    f"{name}compose.override.{ending}" for name in ("", "docker-") for ending in ("yml", "yaml")
)
#: Where a compose file's variables stand.
_VARIABLES = ".env"
#: What Git and servers have is no folder of the project.
_REMOTE = re.compile(r"\w+://|[^/]+@|github\.com/|[\w-]+:")
#: No people's files include or extend each other further.
_DEEPEST = 10
#: How YAML writes that there is nothing.
_NOTHING = frozenset({"~", "null"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposedService:
    """One service of a compose file.

    Attributes:
        image: what it runs; empty where it is built.
        file: path in the project of what it is built from; empty where it is not built, or from what lies elsewhere.
        inline: text of what it is built from, where the compose file itself has that.
        stage: the stage of `file` that is built; empty for the last one.
        arguments: what is said of the arguments of `file`; those that the environment says have what that file says.
        platforms: as they are named.
    """

    image: str = ""
    file: str = ""
    inline: str = ""
    stage: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Composition:
    """A compose file with those that it is merged with, includes and extends, as far as these lie in the project.

    Attributes:
        services: its own, in its order, and those that it includes.
        parts: paths of the other files of services that it is read with.
        named: paths of all other files that it may be read with, and of what it builds from, there or not.
        faults: what is wrong with a file that is no YAML, by its path.
    """

    services: tuple[ComposedService, ...]
    parts: tuple[str, ...]
    named: tuple[str, ...]
    faults: Mapping[str, str]


def is_compose_file(name: str) -> bool:
    """Tell whether a file of the project's folder is one."""
    return _COMPOSE.fullmatch(name) is not None


def compositions(files: Mapping[str, str]) -> dict[str, Composition]:
    """Return what the compose files among the files say, by name.

    Args:
        files: text of the project's files, by path in it.
    """
    return {name: _composition(files, name) for name in sorted(filter(is_compose_file, files))}


def built_files(files: Mapping[str, str]) -> dict[str, ComposedService]:
    """Return what the compose files among the files build, by path in the project: each with the first service that has it."""
    found: dict[str, ComposedService] = {}
    for one in compositions(files).values():
        for service in one.services:
            if service.file:
                found.setdefault(service.file, service)
    return found


def named_files(files: Mapping[str, str]) -> tuple[str, ...]:
    """Return the paths that tell more of the compose files among the files, there or not; more of them, when these are read."""
    return tuple(dict.fromkeys(path for one in compositions(files).values() for path in one.named))


def _composition(files: Mapping[str, str], name: str) -> Composition:
    reader = _Reader(files)
    variables = reader.variables([_VARIABLES])
    said = reader.project([name, *_OVERRIDES], "", variables)
    services = tuple(_service(one) for one in said.values())
    parts = tuple(path for path in reader.outlines if path != name)
    named = dict.fromkeys((*reader.named, *(one.file for one in services if one.file)))
    return Composition(services=services, parts=parts, named=tuple(named), faults=reader.faults)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Said:
    """What files say of a service, each of them some; empty where none does.

    Attributes:
        home: the folder that its build is said in; ``None`` where it is not built.
    """

    image: str = ""
    platform: str = ""
    home: str | None = None
    context: str = ""
    dockerfile: str = ""
    inline: str = ""
    target: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()

    def over(self, base: _Said) -> _Said:
        """Return it merged over what another file says of the service."""
        return _Said(
            image=self.image or base.image,
            platform=self.platform or base.platform,
            home=self.home if base.home is None else base.home,
            context=self.context or base.context,
            dockerfile=self.dockerfile or base.dockerfile,
            inline=self.inline or base.inline,
            target=self.target or base.target,
            arguments={**base.arguments, **self.arguments},
            platforms=(*base.platforms, *self.platforms),
        )


class _Reader:
    """Reads the files of a composition, and tells afterwards which these were, and which it would have read."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._read: set[str] = set()
        self.named: dict[str, None] = {}
        self.outlines: dict[str, Mapping[str, Outline]] = {}
        self.faults: dict[str, str] = {}

    def project(
        self, paths: Sequence[str], folder: str, variables: Mapping[str, str], depth: int = 0
    ) -> dict[str, _Said]:
        """Return the services of files that are merged, each over those before it, by name."""
        own: dict[str, _Said] = {}
        included: dict[str, _Said] = {}
        self._read.update(paths)
        for path in paths:
            said = self._outline(path)
            for one in _items(said.get("include", "")):
                included |= self._included(one, dirname(path), variables, depth + 1)
            for name in _mapping(said.get("services", "")):
                service = self._service(name, path, folder, variables, ())
                own[name] = service.over(own.get(name, included.get(name, _Said())))
        return own | {name: one for name, one in included.items() if name not in own}

    def variables(self, paths: Sequence[str]) -> dict[str, str]:
        """Return what files say of variables."""
        self.named |= dict.fromkeys(paths)
        return {
            name: value for path in paths for name, value in read_variables(self._files.get(path, "")).items()
        }

    def _outline(self, path: str) -> Mapping[str, Outline]:
        self.named[path] = None
        if path in self._files and path not in self.outlines:
            outline, fault = _outline_of(self._files[path])
            self.outlines[path] = _mapping(outline)
            self.faults |= {path: fault} if fault else {}
        return self.outlines.get(path, {})

    def _included(
        self, said: Outline, folder: str, variables: Mapping[str, str], depth: int
    ) -> dict[str, _Said]:
        options = said if isinstance(said, Mapping) else {"path": said}
        texts = filter(None, _texts(options.get("path", ""), variables))
        paths = [path for text in texts if (path := _inside(folder, text)) and path not in self._read]
        if not paths or depth > _DEEPEST:
            return {}
        home = _text(options.get("project_directory", ""), variables)
        home = _inside(folder, home) if home else dirname(paths[0])
        said_variables = _texts(options.get("env_file", ""), variables)
        places = [path for text in said_variables if text and (path := _inside(folder, text))]
        inner = {**self.variables(places or [join(home, _VARIABLES)]), **variables}
        return self.project(paths, home, inner, depth)

    def _service(
        self,
        name: str,
        path: str,
        folder: str,
        variables: Mapping[str, str],
        above: tuple[tuple[str, str], ...],
    ) -> _Said:
        """Return what a file says of a service, over what it extends."""
        said = _mapping(_mapping(self._outline(path).get("services", "")).get(name, ""))
        service = _said(said, folder, variables)
        extended = said.get("extends", "")
        options = extended if isinstance(extended, Mapping) else {"service": extended}
        other, file = (_text(options.get(key, ""), variables) for key in ("service", "file"))
        place = _inside(folder, file) if file else path
        above = (*above, (path, name))
        if not other or not place or (place, other) in above or len(above) > _DEEPEST:
            return service
        return service.over(self._service(other, place, dirname(place) if file else folder, variables, above))


# Several questions about a project are answered from one file.
@lru_cache(maxsize=64)
def _outline_of(text: str) -> tuple[Outline, str]:
    """Return what a file holds, or what is wrong with it."""
    try:
        return read_outline(text), ""
    except OutlineError as error:
        return "", str(error)


def _said(said: Mapping[str, Outline], folder: str, variables: Mapping[str, str]) -> _Said:
    plain = _Said(
        image=_text(said.get("image", ""), variables), platform=_text(said.get("platform", ""), variables)
    )
    build = said.get("build", "")
    options = build if isinstance(build, Mapping) else {"context": build} if _text(build, {}) else {}
    if not options:
        return plain
    context = _text(options.get("context", ""), variables)
    return replace(
        plain,
        home=folder,
        context=context if not context or _REMOTE.match(context) else normpath(join(folder, context)),
        dockerfile=_text(options.get("dockerfile", ""), variables),
        inline=_text(options.get("dockerfile_inline", ""), variables),
        target=_text(options.get("target", ""), variables),
        arguments={name: value for name, value in _arguments(options.get("args", ""), variables) if value},
        platforms=tuple(filter(None, _texts(options.get("platforms", ""), variables))),
    )


def _service(said: _Said) -> ComposedService:
    named = tuple(dict.fromkeys(filter(None, (said.platform, *said.platforms))))
    if said.home is None:
        return ComposedService(image=said.image, platforms=named)
    context = said.context or said.home
    return ComposedService(
        file="" if said.inline else _inside(context, said.dockerfile or "Dockerfile"),
        inline=said.inline,
        stage=said.target,
        arguments=said.arguments,
        platforms=named,
    )


def _inside(folder: str, text: str) -> str:
    """Return the path in the project of what a file there names; empty for what lies elsewhere."""
    path = normpath(join(folder, text))
    elsewhere = _REMOTE.match(folder) or _REMOTE.match(text) or path == ".." or path.startswith(("/", "../"))
    return "" if elsewhere else path


def _arguments(said: Outline, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if isinstance(said, Mapping):
        yield from ((name, _text(value, variables)) for name, value in said.items())
    else:
        for one in _texts(said, variables):
            name, _, value = one.partition("=")
            yield name, value


def _mapping(said: Outline) -> Mapping[str, Outline]:
    return said if isinstance(said, Mapping) else {}


def _items(said: Outline) -> Sequence[Outline]:
    return said if isinstance(said, Sequence) and not isinstance(said, str) else (said,)


def _texts(said: Outline, variables: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_text(one, variables) for one in _items(said))


def _text(said: Outline, variables: Mapping[str, str]) -> str:
    return with_variables(said, variables) if isinstance(said, str) and said not in _NOTHING else ""
