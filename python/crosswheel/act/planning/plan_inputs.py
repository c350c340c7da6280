"""What a plan is made from, and the digests that tell when one of these has changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from crosswheel.act.planning.lock_reading import locked_releases, read_lock_file
from crosswheel.act.planning.named_files import configured_files, content_digest, contents
from crosswheel.act.planning.own_projects import project_digests
from crosswheel.act.planning.project_folders import FolderSdist
from crosswheel.act.planning.shipped_quirks import shipped_quirks
from crosswheel.decide.configuration.headers_sources import headers_place, headers_target_name
from crosswheel.decide.configuration.policy import Policy, parse_policy, with_flags
from crosswheel.decide.configuration.preferences import Handling
from crosswheel.decide.configuration.quirks import applied_quirks_digest
from crosswheel.decide.configuration.toolchain_source import option_entry
from crosswheel.decide.plans.plan import BUILD_PYTHON_HEADERS, Plan
from crosswheel.target.spellings import parse_target
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import CrosswheelError, InputError, StalePlanError, raise_faults
from crosswheel.values.platforms import Platform
from crosswheel.values.toml_text import parse_toml
from crosswheel.values.urls import is_web_url

__all__ = [
    "PlanRequest",
    "changed_inputs",
    "configuration_folder",
    "input_digests",
    "quirks_digest",
    "read_patch",
    "read_policy",
    "refuse_stale",
]

#: Input -> how a person calls it.
_INPUT_NAMES = {
    "lock": "the lock file",
    "configuration": "the configuration ([tool.crosswheel], crosswheel.toml or a file it names)",
    "targets": "the targets (--target, --python)",
    "quirks": "what this crosswheel knows of packages in the plan (the reference 'Known quirks')",
}
#: What the name of an input that is an option begins with.
_OPTION = "option "
#: The same of options that the configuration may say in their place.
_OPTION_NAMES = {f"{_OPTION}project": "a project of your own (--project, or `projects` of the configuration)"}
#: The name of the input that no user gives.
_QUIRKS = "quirks"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRequest:
    """What to plan.

    Attributes:
        lock: the lock file.
        targets: the targets, in the order asked for; at least one.
        folder: the plan's folder, which its paths are relative to.
        build_platforms: platforms to lock build requirements for; the first one leads.
        no_binary: values of ``--no-binary``.
        only_binary: values of ``--only-binary``.
        extras: extras to install.
        all_extras: every extra.
        groups: dependency groups to install.
        projects: folders, sdists and wheels of the user's own, planned as if the lock named them.
        configuration: pyproject.toml or crosswheel.toml; ``None`` if there is none.
        headers: sources of headers, ``SOURCE`` or ``TARGET=SOURCE``; empty for the build Python's.
        descriptions: target descriptions of the user's own.
        build_python: the interpreter to build with; ``None`` to look for one.
        previous: an earlier plan whose unchanged builds are taken over; ``None`` to resolve anew.
        upgrade: resolve build requirements anew.
        exclude_newer: consider only files uploaded before this date.
        sdk: folder of Apple's SDK for builds for macOS; ``None`` without one.
        toolchains: toolchains of the user's own, ``PATH`` or ``TARGET=PATH``.
        notes: how names that leave something open were completed, sentences; no input of the plan.
        pending: what files are going to hold before the plan is used, by path; for a plan that is only shown.
    """

    lock: Path
    targets: tuple[Target, ...]
    folder: Path
    build_platforms: tuple[Platform, ...]
    no_binary: tuple[str, ...] = ()
    only_binary: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    all_extras: bool = False
    groups: tuple[str, ...] = ()
    projects: tuple[Path, ...] = ()
    configuration: Path | None = None
    headers: tuple[str, ...] = ()
    descriptions: tuple[Path, ...] = ()
    build_python: Path | None = None
    previous: Plan | None = field(default=None, repr=False)
    upgrade: bool = False
    exclude_newer: str | None = None
    sdk: Path | None = None
    toolchains: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pending: Mapping[Path, bytes] = field(default_factory=dict, repr=False)


def configuration_folder(request: PlanRequest) -> Path:
    """Return the folder that paths of the configuration are relative to."""
    return request.configuration.parent if request.configuration is not None else request.folder


def read_policy(request: PlanRequest) -> Policy:
    """Return the configuration with the command line's flags on top.

    Raises:
        CrosswheelError: it cannot be read, or is wrong; with that, entries which the lock has nothing for.
    """
    faults: list[CrosswheelError] = []
    configuration = request.configuration
    policy = Policy() if configuration is None else _read_policy(configuration, faults)
    sdk = None if request.sdk is None else str(request.sdk.absolute())
    toolchains = (*policy.toolchains, *(option_entry(text) for text in request.toolchains))
    quirks = tuple(quirk.entry for quirk in shipped_quirks())
    policy = replace(policy, quirks=quirks, sdk=sdk, toolchains=toolchains)
    policy = with_flags(policy, no_binary=request.no_binary, only_binary=request.only_binary)
    if faults:
        releases = locked_releases(request.lock)
        if releases is not None:
            faults += policy.unmatched(releases, request.targets, required=None)
        raise_faults(faults)
    return policy


def read_configuration(path: Path) -> Policy:
    """Return what a pyproject.toml or crosswheel.toml says.

    Raises:
        CrosswheelError: it cannot be read, or is wrong.
    """
    faults: list[CrosswheelError] = []
    policy = _read_policy(path, faults)
    raise_faults(faults)
    return policy


def _read_policy(path: Path, faults: list[CrosswheelError]) -> Policy:
    return parse_policy(_read(path), name=path.name, faults=faults)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "read configuration",
            str(path),
            why=error.strerror or str(error),
            fix="give the path of a pyproject.toml or crosswheel.toml",
        ) from None


def input_digests(
    request: PlanRequest, policy: Policy, packed: Mapping[Path, FolderSdist]
) -> Mapping[str, Digest]:
    """Return the digest of each input of a plan; none needs the network.

    Args:
        request: what is planned.
        policy: its configuration.
        packed: the sdists of its projects' folders, see `packed_projects`.
    """
    return {
        "lock": digest_of(read_lock_file(request.lock)),
        "configuration": _configuration_digest(request, policy),
        "targets": digest_of_json(sorted(target.id for target in request.targets)),
        **{
            f"{_OPTION}{name}": digest_of_json(value)
            for name, value in _given_options(request, policy, packed).items()
        },
    }


def quirks_digest(plan: Plan) -> Mapping[str, Digest]:
    """Return the digest of the shipped quirks that apply to the builds of a plan; nothing if none do."""
    releases = {(build.name, build.version) for build in plan.builds.values()}
    digest = applied_quirks_digest(shipped_quirks(), releases)
    return {} if digest is None else {_QUIRKS: digest}


def _given_options(
    request: PlanRequest, policy: Policy, packed: Mapping[Path, FolderSdist]
) -> Mapping[str, JsonValue]:
    """Return what the options say that say something, equal for options that mean the same.

    No option says again what the targets do.
    """
    headers = sorted({_portable(source, request) for source in request.headers})
    descriptions = contents(map(str, request.descriptions), Path())
    said: dict[str, JsonValue] = {
        "no-binary": list(policy.flags.asking_for(Handling.ONLY_SDIST)),
        "only-binary": list(policy.flags.asking_for(Handling.ONLY_WHEEL)),
        "extra": [] if request.all_extras else sorted({*request.extras}),
        "all-extras": request.all_extras,
        "group": sorted({*request.groups}),
        "project": list(project_digests(request.projects, packed)),
        "headers": [] if headers == [BUILD_PYTHON_HEADERS] else list(headers),
        "build-platform": [platform.id for platform in request.build_platforms],
        "exclude-newer": request.exclude_newer,
        "sdk": None if request.sdk is None else request.sdk.name,
        "description": sorted(descriptions.values()),
        "toolchain": list(request.toolchains),
    }
    return {name: value for name, value in said.items() if value}


#: What to write where a source of headers is not there.
WHAT_HEADERS_ARE = "give build-python, or a path or URL of headers"


def _portable(source: str, request: PlanRequest) -> str:
    """Return a source of headers: the ids of its targets, its path relative to the plan, and what lies there.

    That is the same in every checkout.
    """
    name = headers_target_name(source)
    place = headers_place(source)
    if place != BUILD_PYTHON_HEADERS and not is_web_url(place):
        content = content_digest(Path(place))
        # Where the file lies and not what it is a link to: build systems lay links beside a link to the plan.
        lies = Path(place).absolute()
        lies = lies.parent.resolve() / lies.name
        place = os.path.relpath(lies, request.folder.resolve()).replace(os.sep, "/")
        place += "" if content is None else f" {content}"
    if name is None:
        return place
    meant = sorted({parse_target(name, python=target.python).target.id for target in request.targets})
    return f"{','.join(meant)}={place}"


def _configuration_digest(request: PlanRequest, policy: Policy) -> Digest:
    """Return a digest that a comment, or another tool's table in pyproject.toml, does not change."""
    patches = {
        path: digest_of(
            read_patch(
                request.configuration.parent, path, place=(request.configuration.name, entry.place, "patches")
            )
        ).hex
        for entry in policy.packages
        for one in (entry.policy, *entry.targets.values())
        for path in one.patches
        if request.configuration is not None
    }
    named = contents(configured_files(policy), configuration_folder(request))
    files: dict[str, JsonValue] = {"files": dict(named)} if named else {}
    return digest_of_json({"table": _table_text(request), "patches": patches, **files})


def read_patch(folder: Path, text: str, *, place: tuple[str, ...]) -> bytes:
    """Return the patch that the configuration in `folder` calls `text`.

    Args:
        folder: what `text` is relative to.
        text: the patch's path, as the configuration has it.
        place: where the configuration names it, for messages.

    Raises:
        InputError: it cannot be read, or changes nothing.
    """
    try:
        data = (folder / text).read_bytes()
        why = None if data.strip() else "it is empty"
    except OSError as error:
        why = error.strerror or str(error)
    if why is not None:
        raise InputError(
            "read patch",
            text,
            why=why,
            fix="give the path of a patch, relative to the configuration's folder",
            context=place,
        )
    return data


def _table_text(request: PlanRequest) -> str:
    if request.configuration is None:
        return "{}"
    import json

    document = parse_toml(_read(request.configuration))
    if request.configuration.name == "pyproject.toml":
        document = document.get("tool", {}).get("crosswheel", {})
    return json.dumps(document, sort_keys=True, default=str)


def changed_inputs(plan: Plan, digests: Mapping[str, Digest]) -> tuple[str, ...]:
    """Return the names of the inputs that are not what `plan` was made from."""
    names = [*_INPUT_NAMES, *sorted({*plan.inputs, *digests} - set(_INPUT_NAMES))]
    return tuple(dict.fromkeys(name for name in names if plan.inputs.get(name) != digests.get(name)))


def refuse_stale(plan: Plan, digests: Mapping[str, Digest], *, name: str) -> None:
    """Raise unless `plan` was made from inputs with these digests.

    Raises:
        StalePlanError: names each input that changed.
    """
    changed = changed_inputs(plan, digests)
    if changed:
        words = {one: _called(one) for one in changed}
        lacking = [words.pop(one) for one in changed if one.startswith(_OPTION) and one not in digests]
        further = [
            words.pop(one) for one in list(words) if one.startswith(_OPTION) and one not in plan.inputs
        ]
        reasons = [
            f"it was made with {' and '.join(lacking)}, which this command does not say" if lacking else "",
            f"it was made without {' and '.join(further)}" if further else "",
            f"{' and '.join(words.values())} changed since it was made" if words else "",
        ]
        again = "make it anew with the same command without --check"
        raise StalePlanError(
            "use plan",
            name,
            why="; ".join(filter(None, reasons)),
            fix=f"say what it was made with here, too; or {again}" if lacking else again,
        )


def _called(name: str) -> str:
    """Return how a person calls an input."""
    return _INPUT_NAMES.get(name) or _OPTION_NAMES.get(name) or name.replace(_OPTION, "--")
