"""What a project's pyproject.toml declares that a plan of the project is made from, and what of it is another by now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from packaging.requirements import InvalidRequirement, Requirement

__all__ = ["changed_declarations", "project_declarations"]

_BUILD_SYSTEM = ("requires", "build-backend", "backend-path")


def project_declarations(document: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return what is declared, by key; what is not, is left out but for the dependencies, so that there is always a key.

    What a backend finds out itself (``dynamic``) is not told: only the wheel has it.

    Args:
        document: the pyproject.toml.

    >>> project_declarations({"project": {"name": "app", "version": "1", "dependencies": ["idna"]}})
    {'project.dependencies': ('idna',)}
    """
    build_system, project = _table(document, "build-system"), _table(document, "project")
    declared = {f"build-system.{key}": _texts(build_system.get(key)) for key in _BUILD_SYSTEM}
    extras = _table(project, "optional-dependencies")
    declared |= {f"project.optional-dependencies.{extra}": _texts(extras[extra]) for extra in sorted(extras)}
    declared = {key: items for key, items in declared.items() if items}
    return {**declared, "project.dependencies": _texts(project.get("dependencies"))}


def changed_declarations(
    planned: Mapping[str, tuple[str, ...]], now: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return a few words for each key that is another: order, and how a requirement is written, make no difference.

    Args:
        planned: what `project_declarations` returned for the plan.
        now: what it returns now.

    >>> changed_declarations({"project.dependencies": ("idna >=3",)}, {"project.dependencies": ("idna>=3", "six")})
    ('project.dependencies has six now',)
    >>> changed_declarations({"project.dependencies": ("six",)}, {"project.dependencies": ()})
    ('project.dependencies has no six any more',)
    """
    told = []
    for key in sorted({*planned, *now}):
        then, today = (dict.fromkeys(map(_plain, side.get(key, ()))) for side in (planned, now))
        added = ", ".join(one for one in today if one not in then)
        gone = ", ".join(one for one in then if one not in today)
        words = [f"has {added} now"] if added else []
        words += [f"has no {gone} any more"] if gone else []
        told += [f"{key} {' and '.join(words)}"] if words else []
    return tuple(told)


def _table(document: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = document.get(key)
    return {str(name): one for name, one in value.items()} if isinstance(value, Mapping) else {}


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, Iterable) else ()


def _plain(text: str) -> str:
    try:
        return str(Requirement(text))
    except InvalidRequirement:
        return text
