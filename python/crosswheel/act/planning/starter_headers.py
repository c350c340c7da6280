"""The headers that a project begins with, for Bazel and Nix, whose builds have no Python of the machine to take them from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.building.build_python import find_build_python
from crosswheel.act.target_python.headers import build_python_headers
from crosswheel.act.target_python.load_description import load_description
from crosswheel.decide.configuration.headers_sources import headers_source_for
from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.decide.plans.plan import BUILD_PYTHON_HEADERS
from crosswheel.render.starter_files import NamedTarget, headers_file
from crosswheel.values.errors import BuildPythonError

__all__ = ["StarterHeaders", "starter_headers"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StarterHeaders:
    """Packs of headers.

    Attributes:
        files: the packs, by their names in the project's folder.
        entries: what `headers` of a configuration says of them, ``TARGET=NAME``.
        notes: what the user should know.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    entries: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def starter_headers(
    named: Sequence[NamedTarget], said: Policy, *, build_python: Path | None
) -> StarterHeaders:
    """Return the headers of the targets for which the configuration says nothing else.

    Args:
        named: the targets.
        said: the configuration that is there.
        build_python: the interpreter whose headers they are; ``None`` to look for one.
    """
    ours = [one for one in named if not said.headers or _entry(one) in said.headers]
    others = tuple(_remarks([one for one in named if one not in ours], said))
    if not ours:
        return StarterHeaders(notes=others)
    try:
        python = find_build_python(named[0].target.python, explicit=build_python)
    except BuildPythonError as error:
        note = f"the plan has no headers for builds by Bazel or Nix: {error.why}; {error.fix}"
        return StarterHeaders(notes=(note, *others))
    return StarterHeaders(
        files={
            headers_file(one): build_python_headers(python.include, load_description(one.target)).data
            for one in ours
        },
        entries=tuple(map(_entry, ours)),
        notes=others,
    )


def _entry(one: NamedTarget) -> str:
    return f"{one.spelling}={headers_file(one)}"


def _remarks(others: Sequence[NamedTarget], said: Policy) -> Iterator[str]:
    for one in others:
        if headers_source_for(one.target, said.headers) == BUILD_PYTHON_HEADERS:
            pack = f"crosswheel target pack {one.spelling} --python {one.target.python.version} -o {headers_file(one)}"
            yield (
                f"the plan has no headers of {one.spelling} for builds by Bazel or Nix, as `headers` of {said.name} names none: "
                f'make them with `{pack}`, and write "{_entry(one)}" there'
            )
