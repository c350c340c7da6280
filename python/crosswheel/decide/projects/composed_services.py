"""What compose files say of their services: the image each runs, or what it is built from, and the platforms.

Followed: https://docs.docker.com/reference/compose-file/ with its pages on merging (and its tags ``!reset`` and ``!override``), ``include``
and ``extends``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from posixpath import dirname, join, normpath
from typing import Any

from crosswheel.decide.documents.yaml_outline import Outline, OutlineError, own_tags, read_outline

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
#: The tag of what is not there, whatever files before say, and that of what stands in place of what they say.
_RESET, _OVERRIDE = "!reset", "!override"
#: Which attribute of `_Said` each one of a service says, and of its build.
_OF_SERVICE = {"image": "image", "platform": "platform"}
_OF_BUILD = {
    "context": "context",
    "dockerfile": "dockerfile",
    "dockerfile_inline": "inline",
    "target": "target",
    "args": "arguments",
    "platforms": "platforms",
}


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
        instead: names of the attributes of which does not count what files before say.
        instead_arguments: names of the arguments that are the same.
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
    instead: frozenset[str] = frozenset()
    instead_arguments: frozenset[str] = frozenset()

    def over(self, base: _Said) -> _Said:
        """Return it merged over what another file says of the service."""
        nothing = _Said()
        gone: dict[str, Any] = {name: getattr(nothing, name) for name in self.instead}
        base = replace(base, **gone)
        kept = {name: base.arguments[name] for name in base.arguments if name not in self.instead_arguments}
        return _Said(
            image=self.image or base.image,
            platform=self.platform or base.platform,
            home=self.home if base.home is None else base.home,
            context=self.context or base.context,
            dockerfile=self.dockerfile or base.dockerfile,
            inline=self.inline or base.inline,
            target=self.target or base.target,
            arguments={**kept, **self.arguments},
            platforms=(*base.platforms, *self.platforms),
            # What it extends is below it, then what other files say.
            instead=self.instead,
            instead_arguments=self.instead_arguments,
        )


class _Reader:
    """Reads the files of a composition, and tells afterwards which these were, and which it would have read."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._read: set[str] = set()
        self.named: dict[str, None] = {}
        self.outlines: dict[str, Outline] = {}
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
            services = _entry(said, "services")
            for name in (*own, *included) if "services" in _instead(said) else _instead(services):
                own.pop(name, None)
                included.pop(name, None)
            for one in _items(_entry(said, "include")):
                included |= self._included(one, dirname(path), variables, depth + 1)
            for name in _mapping(services):
                service = self._service(name, path, folder, variables, ())
                own[name] = service.over(own.get(name, included.get(name, _Said())))
        return own | {name: one for name, one in included.items() if name not in own}

    def variables(self, paths: Sequence[str]) -> dict[str, str]:
        """Return what files say of variables."""
        self.named |= dict.fromkeys(paths)
        return {
            name: value for path in paths for name, value in read_variables(self._files.get(path, "")).items()
        }

    def _outline(self, path: str) -> Outline:
        self.named[path] = None
        if path in self._files and path not in self.outlines:
            outline, fault = _outline_of(self._files[path])
            self.outlines[path] = outline
            self.faults |= {path: fault} if fault else {}
        return self.outlines.get(path, "")

    def _included(
        self, said: Outline, folder: str, variables: Mapping[str, str], depth: int
    ) -> dict[str, _Said]:
        options = said if isinstance(said, Mapping) else {"path": said}
        texts = filter(None, _texts(_entry(options, "path"), variables))
        paths = [path for text in texts if (path := _inside(folder, text)) and path not in self._read]
        if not paths or depth > _DEEPEST:
            return {}
        home = _text(_entry(options, "project_directory"), variables)
        home = _inside(folder, home) if home else dirname(paths[0])
        said_variables = _texts(_entry(options, "env_file"), variables)
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
        said = _entry(_entry(self._outline(path), "services"), name)
        service = _said(said, folder, variables)
        extended = _entry(said, "extends")
        options = extended if isinstance(extended, Mapping) else {"service": extended}
        other, file = (_text(_entry(options, key), variables) for key in ("service", "file"))
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


def _said(said: Outline, folder: str, variables: Mapping[str, str]) -> _Said:
    build = _entry(said, "build")
    plain = _Said(
        image=_text(_entry(said, "image"), variables),
        platform=_text(_entry(said, "platform"), variables),
        instead=_instead_attributes(said, build),
        instead_arguments=_instead(_entry(build, "args")),
    )
    options = build if isinstance(build, Mapping) else {"context": build} if _text(build, {}) else {}
    if not options:
        return plain
    context = _text(_entry(options, "context"), variables)
    return replace(
        plain,
        home=folder,
        context=context if not context or _REMOTE.match(context) else normpath(join(folder, context)),
        dockerfile=_text(_entry(options, "dockerfile"), variables),
        inline=_text(_entry(options, "dockerfile_inline"), variables),
        target=_text(_entry(options, "target"), variables),
        arguments={name: value for name, value in _arguments(_entry(options, "args"), variables) if value},
        platforms=tuple(filter(None, _texts(_entry(options, "platforms"), variables))),
    )


def _instead_attributes(service: Outline, build: Outline) -> frozenset[str]:
    instead, of_build = _instead(service), _instead(build)
    if "build" in instead:
        of_build = frozenset(_OF_BUILD)
    found = {_OF_SERVICE[name] for name in instead & _OF_SERVICE.keys()}
    found |= {_OF_BUILD[name] for name in of_build & _OF_BUILD.keys()}
    return frozenset(found | ({"home"} if "build" in instead else set()))


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
        yield from ((name, _text(value, variables)) for name, value in _mapping(said).items())
    else:
        for one in _texts(said, variables):
            name, _, value = one.partition("=")
            yield name, value


def _mapping(said: Outline) -> Mapping[str, Outline]:
    """Return what a mapping has, and what is reset it has not."""
    if not isinstance(said, Mapping):
        return {}
    tags = own_tags(said)
    return {name: value for name, value in said.items() if tags.get(name) != _RESET}


def _entry(said: Outline, name: str) -> Outline:
    """Return what a mapping has by a name; nothing where it has not."""
    if not isinstance(said, Mapping) or own_tags(said).get(name) == _RESET:
        return ""
    return said.get(name, "")


def _instead(said: Outline) -> frozenset[str]:
    """Return the names in a mapping of which does not count what files before say."""
    return frozenset(name for name, tag in own_tags(said).items() if tag in {_RESET, _OVERRIDE})


def _items(said: Outline) -> Sequence[Outline]:
    return said if isinstance(said, Sequence) and not isinstance(said, str) else (said,)


def _texts(said: Outline, variables: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_text(one, variables) for one in _items(said))


def _text(said: Outline, variables: Mapping[str, str]) -> str:
    return with_variables(said, variables) if isinstance(said, str) and said not in _NOTHING else ""
