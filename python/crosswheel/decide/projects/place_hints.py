"""What one file of a project says of where it runs: container files, compositions and pipelines, templates of functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from crosswheel.target.spellings import parse_platform
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Arch, Glibc, Linux, Musl, Platform
from crosswheel.values.python_abi import PythonAbi
from crosswheel.values.wording import listed

from .composed_services import ComposedService, Composition
from .dockerfile_text import plain_instructions
from .image_systems import device_platform, has_other_python, libc_of_image, python_of_debian, python_of_image

__all__ = [
    "PlaceHints",
    "container_hints",
    "hints_of",
    "is_composition",
    "is_container_file",
    "is_template",
]

_CONTAINER_FILE = re.compile(r"(?:Dockerfile|Containerfile)(?:\.\w+)?|\w+\.Dockerfile")
_TEMPLATES = frozenset({"template.yaml", "template.yml", "serverless.yaml", "serverless.yml"})
_FROM = re.compile(
    r"^[ \t]*FROM[ \t]+(?:--platform=[\"']?([^\s\"']+)[\"']?[ \t]+)?[\"']?([^\s\"']+)[\"']?(?:[ \t]+AS[ \t]+(\S+))?",
    re.MULTILINE | re.IGNORECASE,
)
_PYTHON_IMAGE = re.compile(r"(?:(?:^|[/-])python:|[:-]python)([23]\.\d+)")
#: Those for development have a version of their own before that of Python: ``devcontainers/python:1-3.12-bookworm``.
_DEVELOPMENT_IMAGE = re.compile(r"(?:^|/)devcontainers/python:(?:(?:dev|\d[\d.]*)-)?([23]\.\d+)")
_LAMBDA_IMAGE = re.compile(r"/lambda/|(?:^|/)amazon/aws-lambda-")
#: Folders of Docker's official images for processors that are no target, as platforms of containers.
_OTHER_PROCESSORS: Mapping[str, str] = MappingProxyType(
    {"arm32v5": "linux/arm/v5", "arm32v6": "linux/arm/v6", "mips64le": "linux/mips64le"}
)
#: Images for applications of Red Hat: ``ubi9/python-312``.
_RED_HAT_PYTHON_IMAGE = re.compile(r"(?:^|/)python-(3)(\d{1,2})(?![.\d])")
#: Images that have the Python of a release of Debian, by its number.
_DEBIAN_PYTHON_IMAGE = re.compile(r"(?:^|/)distroless/python3-debian(\d+)")
_ARGUMENT = re.compile(r"^[ \t]*ARG[ \t]+(\w+)=[\"']?([^\s\"']*)", re.MULTILINE | re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")
#: What says for which platforms images are made: compose files, and pipelines by the options and inputs of Docker's buildx.
_COMPOSITION = re.compile(
    r"(?:docker-)?compose\.ya?ml|\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.ya?ml|docker-bake\.(?:hcl|json)"
)
#: A key of YAML, an option or an attribute, and its value: on its line, or below it as a list or as a block.
_KEYED = (
    r"^(?P<indent>[ \t]*)(?:[^\n#]*?(?:[{{,\s]|--))?[\"']?{key}[\"']?[ \t]*[:= ][ \t]*"
    r"(?P<value>(?:[|>][-+\d]*)?[ \t]*(?:\n(?:[ \t]*-|(?P=indent)[ \t]+)[^\n]*)+|[^\n]*)"
)
#: How a pipeline names a value that stands elsewhere in it.
_PIPELINE_VARIABLE = re.compile(r"\$\{\{[ \t]*(?:env|inputs|matrix|vars)\.(\w+)[ \t]*\}\}|\$\{?(\w+)\}?")
_CONTAINER_PLATFORM = re.compile(r"\b(?:linux|windows)/[\w/]+")
_WINDOWS_IMAGE = re.compile(r"(?:^|/)windows/|nanoserver|windowsservercore")
#: Levels of a processor's instructions, without which a wheel runs there, too; what is behind ``arm`` is another processor.
_LEVEL = re.compile(r"(?<!/arm)/v\d+$")
_RUNTIME = re.compile(r"\bruntime:[ \t]*[\"']?python([23]\.\d+)", re.IGNORECASE)
_ARCHITECTURE = re.compile(
    r"\barchitectures?:[ \t]*(?:\n[ \t]*-[ \t]*|\[[ \t]*)?[\"']?(arm64|x86_64)", re.IGNORECASE
)
#: The words of an image's name that may say its processor: folders before its own name, it, and the ends of its tag.
_WORD = re.compile(r"[a-z0-9_]+", re.IGNORECASE)
#: Only to read names: which Python they would be given does not matter here.
_ANY_PYTHON = PythonAbi(major=3, minor=13)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceHints:
    """What one file says; empty where it says nothing.

    Attributes:
        place: the file.
        python: ``X.Y``.
        architectures: those that are named.
        libc: the C library, where it is another than a target's usual one or older.
        on_lambda: whether it is about functions of AWS Lambda.
        refused: platforms that are named and are no targets, and why.
        base: the image of a distribution that it is on, and that says no Python.
        base_python: ``X.Y`` of the distribution's own, with which the project need not run.
        parts: other files that the file is read with.
        other_python: the image whose Python is another than CPython; empty where none is.
    """

    place: str = ""
    python: str = ""
    architectures: tuple[Arch, ...] = ()
    libc: Glibc | Musl | None = None
    on_lambda: bool = False
    refused: Mapping[str, InputError] | None = None
    base: str = ""
    base_python: str = ""
    other_python: str = ""
    parts: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The file, with those that it is read with."""
        return f"{self.place} with {listed(self.parts)}" if self.parts else self.place

    @property
    def says_something(self) -> bool:
        """Whether anything is said."""
        return bool(
            self.python
            or self.architectures
            or self.libc
            or self.refused
            or self.base_python
            or self.other_python
        )

    @property
    def has_python(self) -> bool:
        """Whether a Python is named, be it another than CPython."""
        return bool(self.python or self.other_python)


def is_container_file(name: str) -> bool:
    """Tell whether a file says of what an image is made."""
    return _CONTAINER_FILE.fullmatch(name) is not None


def is_composition(name: str) -> bool:
    """Tell whether a file says for which platforms images are made."""
    return _COMPOSITION.fullmatch(name) is not None


def is_template(name: str) -> bool:
    """Tell whether a file is about functions of AWS Lambda."""
    return name in _TEMPLATES


def hints_of(
    name: str, text: str, containers: Mapping[str, PlaceHints], composed: Composition | None
) -> PlaceHints:
    """Return what a file says, by its path in the project.

    Args:
        name: the path.
        text: what it holds.
        containers: what the container files say, by path.
        composed: what it is read as, if it is a compose file.
    """
    if name in containers:
        return containers[name]
    if is_template(name):
        return _of_template(name, text)
    if composed is not None and composed.services:
        return _of_services(PlaceHints(place=name, parts=composed.parts), composed.services, containers)
    if is_composition(name):
        named = [one for words in _composed(text) for one in _CONTAINER_PLATFORM.findall(words)]
        return _with_platforms(PlaceHints(place=name), named)
    return PlaceHints(place=name)


def _composed(text: str) -> Iterator[str]:
    """Yield the words that say platforms, and what stands elsewhere of the variables in them."""
    for words in _values("platforms?", text):
        yield words
        for variable in _PIPELINE_VARIABLE.finditer(words):
            yield from _values(variable[1] or variable[2], text)


def _values(key: str, text: str) -> Iterator[str]:
    for found in re.finditer(_KEYED.format(key=key), text, re.MULTILINE):
        yield found["value"]


def _of_services(
    bare: PlaceHints, services: Sequence[ComposedService], containers: Mapping[str, PlaceHints]
) -> PlaceHints:
    """Return what a compose file says of the services with Python: where some are built, of those."""
    said = [(one, _of_service(bare, one, containers)) for one in services]
    built = [one for one in said if one[0].file or one[0].inline]
    chosen = (
        [one for one in built if one[1].has_python]
        or [one for one in said if one[1].has_python]
        or built
        or said
    )
    own = [hints for one, hints in chosen if hints.has_python and not one.file]
    # Of an image without Python it is not known whether the project runs in it.
    hints = own[0] if own else bare
    return _with_platforms(hints, dict.fromkeys(word for one, _ in chosen for word in one.platforms))


def _of_service(
    bare: PlaceHints, service: ComposedService, containers: Mapping[str, PlaceHints]
) -> PlaceHints:
    if service.file:
        return containers.get(service.file, bare)
    if service.inline:
        return replace(container_hints(bare.place, service.inline, service), parts=bare.parts)
    return _of_image(bare, service.image) if service.image else bare


def container_hints(name: str, text: str, service: ComposedService | None = None) -> PlaceHints:
    """Read the stages of a Dockerfile: the last one is what runs, or the one that a service is built from."""
    service = service or ComposedService()
    text = plain_instructions(text)
    arguments = {**dict(_ARGUMENT.findall(text)), **service.arguments}

    def value(variable: re.Match[str]) -> str:
        return str(arguments.get(variable[1] or variable[3], variable[2] or variable[0]))

    hints = PlaceHints(place=name)
    stages: dict[str, PlaceHints] = {}
    for found in _FROM.findall(text):
        platform, image, stage = (_VARIABLE.sub(value, one) for one in found)
        hints = stages.get(image.lower()) or _of_image(hints, image)
        if platform.startswith(("linux/", "windows/")):
            hints = _with_platforms(hints, [platform])
        stages[stage.lower()] = hints
    return stages.get(service.stage.lower(), hints) if service.stage else hints


def _of_image(hints: PlaceHints, image: str) -> PlaceHints:
    """Return what is known when a stage begins with an image that no stage made."""
    if image == "scratch":  # gets the files of an earlier stage
        return hints
    image = image.partition("@")[0]
    if _WINDOWS_IMAGE.search(image) is not None:
        python = _PYTHON_IMAGE.search(image)
        return replace(hints, python=python[1] if python else hints.python, refused={image: _no_linux()})
    folders, _, name = image.rpartition("/")
    name, _, tag = name.partition(":")
    said = _read_platform(name)
    if said is None:
        words = [*folders.split("/"), *name.split("-"), tag, tag.rpartition("-")[2]]
        named = [f"linux/{word}" for word in words if _WORD.fullmatch(word)]
        said = next(filter(None, map(_read_platform, named)), None)
        libc = libc_of_image(image)
    else:
        libc = said.os.libc if isinstance(said.os, Linux) else None
    if device := device_platform(image):
        hints = _with_platforms(hints, [device])
    elif said is not None:
        hints = replace(hints, architectures=(said.arch,), refused=None)
    elif other := [_OTHER_PROCESSORS[word] for word in folders.split("/") if word in _OTHER_PROCESSORS]:
        hints = _with_platforms(hints, other)
    return replace(_with_python(hints, image), libc=libc, base=image, base_python=python_of_image(image))


def _with_python(hints: PlaceHints, image: str) -> PlaceHints:
    """Return what is known when the Python is an image's, if that has one."""
    if has_other_python(image):
        return replace(hints, python="", other_python=image)
    if (python := _DEVELOPMENT_IMAGE.search(image) or _PYTHON_IMAGE.search(image)) is not None:
        on_lambda = _LAMBDA_IMAGE.search(image) is not None
        return replace(hints, python=python[1], other_python="", on_lambda=on_lambda)
    if (red_hat := _RED_HAT_PYTHON_IMAGE.search(image)) is not None:
        return replace(hints, python=f"{red_hat[1]}.{red_hat[2]}", other_python="")
    if (debian := _DEBIAN_PYTHON_IMAGE.search(image)) is not None:
        # Where the release's Python is not known, that of an earlier stage is not it either.
        return replace(hints, python=python_of_debian(debian[1]), other_python="")
    return hints


def _read_platform(name: str) -> Platform | None:
    try:
        return parse_platform(name, python=_ANY_PYTHON).platform
    except InputError:
        return None


def _with_platforms(hints: PlaceHints, names: Iterable[str]) -> PlaceHints:
    """Return what is known when platforms are named in the words of containers, each in any spelling."""
    architectures: list[Arch] = []
    refused: dict[str, InputError] = {}
    for name in names:
        try:
            platform = parse_platform(_LEVEL.sub("", name), python=_ANY_PYTHON).platform
        except InputError as error:
            refused[name] = error
        else:
            if isinstance(platform.os, Linux):
                architectures.append(platform.arch)
            else:
                refused[name] = _no_linux()
    if not architectures and not refused:
        return hints
    return replace(hints, architectures=tuple(dict.fromkeys(architectures)), refused=refused)


def _no_linux() -> InputError:
    return InputError(
        "start project for",
        "windows",
        why="its images are of Windows, for which crosswheel makes wheels and no images",
        fix="for example --target windows_amd64",
    )


def _of_template(name: str, text: str) -> PlaceHints:
    architectures = tuple(dict.fromkeys(one.lower() for one in _ARCHITECTURE.findall(text)))
    runtime = _RUNTIME.search(text)
    # https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
    named = architectures or (("x86_64",) if runtime else ())
    hints = PlaceHints(place=name, python=runtime[1] if runtime else "", on_lambda=True)
    return _with_platforms(hints, [f"linux/{one}" for one in named])
