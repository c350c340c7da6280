"""What a project's own files say of where it runs: the lock, the Python and the targets to begin with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from crosswheel.decide.lambda_runtimes import lambda_runtime
from crosswheel.decide.lock_formats import lock_format
from crosswheel.decide.own_folders import locked_folders, own_package
from crosswheel.target.spellings import parse_target
from crosswheel.values.errors import CrosswheelError, InputError
from crosswheel.values.python_abi import PythonAbi, parse_python_version
from crosswheel.values.toml_text import TomlError, parse_toml

__all__ = ["Proposal", "is_lock", "is_read", "propose"]

#: Spellings by architecture as container tools and Lambda write it: what it means with glibc and with musl.
_SPELLINGS = {
    "arm64": ("linux_arm64", "musllinux_1_2_aarch64", "aarch64"),
    "aarch64": ("linux_arm64", "musllinux_1_2_aarch64", "aarch64"),
    "amd64": ("linux_amd64", "musllinux_1_2_x86_64", "x86_64"),
    "x86_64": ("linux_amd64", "musllinux_1_2_x86_64", "x86_64"),
    "arm/v7": ("linux_arm_v7", "musllinux_1_2_armv7l", "armv7l"),
}
_BOTH = ("arm64", "amd64")
_CONTAINER_FILE = re.compile(r"(?:Dockerfile|Containerfile)(?:\.\w+)?|\w+\.Dockerfile")
_TEMPLATES = frozenset({"template.yaml", "template.yml", "serverless.yaml", "serverless.yml"})
_FROM = re.compile(r"^[ \t]*FROM[ \t]+(?:--platform=(\S+)[ \t]+)?(\S+)", re.MULTILINE | re.IGNORECASE)
_PYTHON_IMAGE = re.compile(r"(?:(?:^|/)python:|:python)(3\.\d+)")
#: What says for which platforms images are made: compose files, and pipelines by the options and inputs of Docker's buildx.
_COMPOSITION = re.compile(
    r"(?:docker-)?compose\.ya?ml|\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.ya?ml|docker-bake\.(?:hcl|json)"
)
#: What locks are made of.
_REQUIREMENTS = re.compile(r"requirements[\w.-]*\.in")
_COMPOSED = re.compile(
    r"(?:^|[{,\s]|--)[\"']?platforms?[\"']?[ \t]*[:= ][ \t]*((?:\n[ \t]*-[^\n]*)+|[^\n]*)", re.MULTILINE
)
_CONTAINER_PLATFORM = re.compile(r"\blinux/([\w/]+)")
_RUNTIME = re.compile(r"\bruntime:[ \t]*[\"']?python(3\.\d+)", re.IGNORECASE)
_ARCHITECTURE = re.compile(
    r"\barchitectures?:[ \t]*(?:\n[ \t]*-[ \t]*|\[[ \t]*)?[\"']?(arm64|x86_64)", re.IGNORECASE
)
#: A line of .python-version, as pyenv and uv write it.
_PINNED_PYTHON = re.compile(
    r"^(?:cpython[-@])?(3\.\d+)(?:\.\d+)?(?:(?:a|b|rc)\d+|-dev)?(t|\+freethreaded)?(?=-\w|\s*$)", re.MULTILINE
)
#: Pythons that a range may mean, where this interpreter's is not in it.
_PYTHONS = tuple(f"3.{minor}" for minor in range(10, 15))
#: No X.Y of CPython has had as many releases.
_MOST_PATCHES = 40
_ARGUMENT = re.compile(r"^[ \t]*ARG[ \t]+(\w+)=[\"']?([^\s\"']*)", re.MULTILINE | re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")
_TAG_ARCHITECTURE = re.compile(r":\S*-(arm64|amd64|x86_64)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What to begin with.

    Attributes:
        lock: name of the lock.
        python: ``X.Y`` of the targets.
        targets: spellings.
        projects: folders that are planned besides, relative to the project's.
        on_lambda: whether it runs as a function of AWS Lambda that is packed as a zip archive.
        reasons: why it is these, by ``lock``, ``python``, ``targets`` and ``projects``.
    """

    lock: str
    python: str
    targets: tuple[str, ...]
    projects: tuple[str, ...]
    on_lambda: bool
    reasons: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Hints:
    """What one file says; empty where it says nothing."""

    place: str = ""
    python: str = ""
    architectures: tuple[str, ...] = ()
    musl: bool = False
    on_lambda: bool = False


def is_read(name: str) -> bool:
    """Tell whether a file of a project's folder, by its path in it, says something to `propose`."""
    return (
        name in {"pyproject.toml", "uv.lock", ".python-version"}
        or name in _TEMPLATES
        or _COMPOSITION.fullmatch(name) is not None
        or _REQUIREMENTS.fullmatch(name) is not None
        or is_lock(name)
        or _CONTAINER_FILE.fullmatch(name) is not None
    )


def is_lock(name: str) -> bool:
    """Tell whether a file has the name of a lock, of a tool of which there may be none that we read."""
    return (
        re.fullmatch(
            r"pylock(\.[^.]+)?\.toml|uv\.lock|requirements[\w.-]*\.txt|poetry\.lock|pdm\.lock|Pipfile\.lock",
            name,
        )
        is not None
    )


def propose(
    files: Mapping[str, str],
    *,
    project: str,
    running: PythonAbi,
    below: Sequence[str] = (),
    above: str = "",
    lock: str = "",
    python: str = "",
    targets: tuple[str, ...] = (),
    projects: tuple[str, ...] | None = None,
) -> Proposal:
    """Return what to begin with.

    Args:
        files: text of each file of the folder that `is_read`, by name.
        project: the folder's name, for messages.
        below: locks in folders of the project, which are only named where it has none itself.
        running: the Python that runs, for where nothing says another.
        above: the folder of the workspace whose lock has the project, likewise; empty where there is none.
        lock: the lock that the user chose; empty to find one.
        python: the Python that the user chose, likewise.
        targets: those that the user chose, likewise.
        projects: folders of their own that the user chose to be planned; ``None`` to find them.

    Raises:
        InputError: there is no lock, or several that may be meant.
    """
    hints = _hints(files)
    chosen_lock, why_lock = (lock, "as you said") if lock else _lock(files, project, below, above)
    chosen_python, why_python = (python, "as you said") if python else _python(files, hints, running)
    parse_python_version(chosen_python)
    if not python:
        _refuse_forbidden(files, chosen_python, why_python)
    chosen, why = (targets, "as you said") if targets else _targets(hints, chosen_python, files)
    ours, why_ours = (projects, "as you said") if projects is not None else _projects(files, chosen_lock)
    for target in chosen:
        parse_target(target, python=parse_python_version(chosen_python))
    return Proposal(
        lock=chosen_lock,
        python=chosen_python,
        targets=chosen,
        projects=ours,
        on_lambda=any(hint.place in _TEMPLATES for hint in hints),
        reasons={"lock": why_lock, "python": why_python, "targets": why, "projects": why_ours},
    )


def _projects(files: Mapping[str, str], lock: str) -> tuple[tuple[str, ...], str]:
    """Return the folders that a plan of the lock takes besides: those it names, and the project's if it is a package."""
    members = locked_folders(files[lock], lock_format(lock, files[lock])) if lock in files else ()
    package = own_package(files.get("pyproject.toml", ""))
    own = package is not None and package.is_static
    why = (
        [f"{lock} has them as folders" if len(members) > 1 else f"{lock} has it as a folder"]
        if members
        else []
    )
    why += ["pyproject.toml makes this folder a package"] if own else []
    return (*members, *((".",) if own else ())), "; ".join(why)


def _lock(files: Mapping[str, str], project: str, below: Sequence[str], above: str) -> tuple[str, str]:
    for name in ("pylock.toml", "uv.lock"):
        if name in files:
            other = "uv.lock" if name != "uv.lock" and "uv.lock" in files else ""
            return name, f"it is there, and goes before {other}" if other else "it is there"
    others: list[str] = []
    fault: CrosswheelError | None = None
    for name in sorted(filter(is_lock, files)):
        try:
            lock_format(name, files[name])
            if "--hash" in files[name] or name.endswith(".toml"):
                others.append(name)
        except CrosswheelError as error:
            fault = error
    if len(others) == 1:
        return others[0], "it is the only one that is there"
    if others:
        raise InputError(
            "start project",
            project,
            why=f"there are several locks: {', '.join(others)}",
            fix=f"choose one, for example --lock {shlex.quote(others[0])}",
        )
    if "requirements.txt" in files:
        fix = "lock it: `uv pip compile --universal --format pylock.toml requirements.txt -o pylock.toml`"
        raise InputError(
            "start project", project, why="requirements.txt has no hashes, and there is no lock", fix=fix
        )
    if fault is not None:
        raise fault
    if above:
        why = f"there is no lock in the folder itself, but that of its workspace in {above}"
        raise InputError(
            "start project", project, why=why, fix=f"begin there: `crosswheel init {shlex.quote(above)}`"
        )
    if below:
        raise InputError(
            "start project",
            project,
            why=f"there is no lock in the folder itself, but {', '.join(below)}",
            fix=f"choose one, for example --lock {shlex.quote(below[0])}",
        )
    raise InputError("start project", project, why="there is no lock in the folder", fix=_how_to_lock(files))


def _how_to_lock(files: Mapping[str, str]) -> str:
    """Return what makes a lock of what there is."""
    if "pyproject.toml" in files:
        return "make one: `uv lock`"
    wanted = sorted(filter(_REQUIREMENTS.fullmatch, files))
    begin = (
        "make one: " if wanted else "write what it needs, a line each, into requirements.in, and make one: "
    )
    name = shlex.quote(wanted[0] if wanted else "requirements.in")
    return f"{begin}`uv pip compile --universal --format pylock.toml {name} -o pylock.toml`"


def _hints(files: Mapping[str, str]) -> list[_Hints]:
    found = []
    # What says for what images are made completes what says of what they are made.
    for name, text in sorted(files.items(), key=lambda one: (bool(_COMPOSITION.fullmatch(one[0])), one[0])):
        if _CONTAINER_FILE.fullmatch(name):
            found.append(_of_container_file(name, text))
        elif name in _TEMPLATES:
            found.append(_of_template(name, text))
        elif _COMPOSITION.fullmatch(name):
            found.append(_Hints(place=name, architectures=_of_composition(text)))
    return [one for one in found if one.python or one.architectures]


def _of_container_file(name: str, text: str) -> _Hints:
    """Read the stages of a Dockerfile: the last one is what runs."""
    hints = _Hints(place=name)
    arguments = dict(_ARGUMENT.findall(text))

    def value(variable: re.Match[str]) -> str:
        return str(arguments.get(variable[1] or variable[3], variable[2] or variable[0]))

    found = [(_VARIABLE.sub(value, one), _VARIABLE.sub(value, other)) for one, other in _FROM.findall(text)]
    for platform, image in found:
        system, _, architecture = platform.partition("/")
        if system == "linux" and _architecture(architecture) in _SPELLINGS:
            hints = replace(hints, architectures=(_architecture(architecture),))
        elif (tagged := _TAG_ARCHITECTURE.search(image)) is not None:
            hints = replace(hints, architectures=(tagged[1],))
        if (python := _PYTHON_IMAGE.search(image)) is not None:
            hints = replace(hints, python=python[1], musl="alpine" in image, on_lambda="/lambda/" in image)
    return hints


def _of_composition(text: str) -> tuple[str, ...]:
    """Return the architectures of the platforms that a compose file names."""
    named = [one for words in _COMPOSED.findall(text) for one in _CONTAINER_PLATFORM.findall(words)]
    return tuple(dict.fromkeys(one for one in map(_architecture, named) if one in _SPELLINGS))


def _architecture(text: str) -> str:
    """Return an architecture without the variant that says nothing: every arm64 is v8."""
    return text.removesuffix("/v8")


def _of_template(name: str, text: str) -> _Hints:
    architectures = tuple(dict.fromkeys(one.lower() for one in _ARCHITECTURE.findall(text)))
    runtime = _RUNTIME.search(text)
    # https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
    return _Hints(
        place=name,
        python=runtime[1] if runtime else "",
        architectures=architectures or (("x86_64",) if runtime else ()),
        on_lambda=True,
    )


def _python(files: Mapping[str, str], hints: list[_Hints], running: PythonAbi) -> tuple[str, str]:
    for hint in hints:
        if hint.python:
            return hint.python, f"{hint.place} says so"
    said = files.get(".python-version", "")
    if (pinned := _PINNED_PYTHON.search(said)) is not None:
        return f"{pinned[1]}{'t' * bool(pinned[2])}", ".python-version says so"
    required = _requires_python(files)
    if required is not None and not _allows(required, running.version):
        allowed = [version for version in _PYTHONS if _allows(required, version)]
        if allowed:
            return allowed[0], f"requires-python is '{required}'"
    other = (
        f"; .python-version says '{said.split()[0]}', which is no version of CPython" if said.strip() else ""
    )
    return running.version, f"it is the Python that crosswheel runs in{other}"


def _allows(required: SpecifierSet, python: str) -> bool:
    """Tell whether some release of X.Y is allowed: ``~=3.11.2`` has no 3.11.0."""
    version = parse_python_version(python).version
    return any(f"{version}.{patch}" in required for patch in range(_MOST_PATCHES))


def _refuse_forbidden(files: Mapping[str, str], python: str, why: str) -> None:
    required = _requires_python(files)
    if required is not None and not _allows(required, python):
        raise InputError(
            "start project with Python",
            python,
            why=f"{why}, and requires-python of pyproject.toml is '{required}'",
            fix="say which with --python, or change what says so",
        )


def _requires_python(files: Mapping[str, str]) -> SpecifierSet | None:
    try:
        project = parse_toml(files.get("pyproject.toml", "").encode()).get("project", {})
        return SpecifierSet(project["requires-python"])
    except (TomlError, InvalidSpecifier, KeyError, TypeError, AttributeError):
        return None  # planning says what is wrong with it, where it matters


def _targets(hints: list[_Hints], python: str, files: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    composed = next((one for one in hints if _COMPOSITION.fullmatch(one.place)), None)
    for hint in hints:
        elsewhere = composed.architectures if composed is not None and not hint.on_lambda else ()
        architectures = hint.architectures or elsewhere or _BOTH
        where = (
            hint.place
            if hint.architectures or not elsewhere or composed is None
            else f"{hint.place}, with {composed.place},"
        )
        if hint.musl:
            return tuple(_SPELLINGS[one][1] for one in architectures), f"{where} is on Alpine"
        if hint.on_lambda:
            return tuple(_on_lambda(one, python) for one in architectures), f"{where} is for Lambda"
        if hint.architectures:
            return tuple(_SPELLINGS[one][0] for one in architectures), f"{hint.place} says so"
    usual = tuple(_SPELLINGS[one][0] for one in _BOTH)
    read = [name for name in sorted(files) if _CONTAINER_FILE.fullmatch(name) or "compose" in name]
    if read:
        return usual, f"no processor is named in {', '.join(read)}: Linux on both usual ones"
    return usual, "nothing says where it runs: Linux on both usual processors"


def _on_lambda(architecture: str, python: str) -> str:
    """Return the target of a Lambda runtime, whose glibc may be older than a target's usual one."""
    name, _, machine = _SPELLINGS[architecture]
    target = parse_target(name, python=parse_python_version(python)).target
    glibc = lambda_runtime(target).glibc
    return (
        f"manylinux_{glibc.major}_{glibc.minor}_{machine}" if (glibc.major, glibc.minor) < (2, 28) else name
    )
